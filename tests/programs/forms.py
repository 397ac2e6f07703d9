"""The builder's form as a browser sends it, and what it answers."""

import re
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from programs.models import Band, BandLadder, Program
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


def doses_of(program: Program) -> list[list[tuple[str, int]]]:
    return [[(dose.exercise_id, dose.sets_min) for dose in phase.doses.all()] for phase in program.phases.all()]


def sentences(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def text_of(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def make_ladder(length: str, *labels: str, maker: str = "Strandline") -> list[Band]:
    ladder = BandLadder.objects.create(maker=maker, length=length)
    return [Band.objects.create(ladder=ladder, label=each, position=place) for place, each in enumerate(labels, 1)]
