"""Calls of the API, for the tests of it."""

from typing import Any
from uuid import uuid4

from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from tests.clinic.world import ClinicWorld
from tests.factories import THRUST, TODAY, WALK

READS = ["prescriptions/", "logs/", "adherence/"]
SETS = [{"exercise": WALK, "left": 10, "right": 10}] * 2 + [{"exercise": THRUST, "amount": 12}] * 2


def address(of: ClinicWorld, what: str, patient: object = None) -> str:
    return f"/api/v1/clinic/{of.clinic.slug}/patients/{patient or of.patient.pk}/{what}"


def validate(answer: Any, schema: str) -> dict[str, Any]:
    """The body, once it is what the published schema says."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    Draft202012Validator(document | {"$ref": f"#/components/schemas/{schema}"}).validate(answer.json())
    return answer.json()


def session(**more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "date": str(TODAY), "sets": SETS} | more


def post(client: Client, of: ClinicWorld, body: Any, what: str = "logs/") -> Any:
    return client.post(address(of, what), body, content_type="application/json")
