"""The builder's form as a browser sends it."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.factories import THRUST, WALK

ROOT = "/clinic/north/programs/program"
NEW = "0190a0de-0000-7000-8000-000000000001"
Fields = dict[str, Any]


def walk(**fields: Any) -> tuple[str, Fields]:
    return WALK, {"sets": "2", "amount": "10"} | fields


def thrust(**fields: Any) -> tuple[str, Fields]:
    return THRUST, {"sets": "2", "amount": "10-30"} | fields


def phase(*doses: tuple[str, Fields], **fields: Any) -> tuple[tuple[tuple[str, Fields], ...], Fields]:
    return doses, {"rhythm": "3"} | fields


def sent(*phases: tuple[tuple[tuple[str, Fields], ...], Fields], **fields: Any) -> Fields:
    """`title` and the like, and each phase with its doses, in this order."""
    data: Fields = {"title": "Settle", "new": NEW, "version": "0"} | fields
    data["phase"] = [f"p{number}" for number, _ in enumerate(phases, start=1)]
    for key, (doses, of_phase) in zip(data["phase"], phases, strict=True):
        data |= {f"{key}-{name}": value for name, value in of_phase.items()}
        data[f"{key}-dose"] = [exercise for exercise, _ in doses]
        for exercise, of_dose in doses:
            data |= {f"{key}-{exercise}-{name}": value for name, value in of_dose.items()}
    return data


def post(client: Client, *phases: Any, page: str = "add", **fields: Any) -> HttpResponse:
    return client.post(f"{ROOT}/{page}/", sent(*phases, **fields))
