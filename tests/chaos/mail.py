"""A mail server in a process of its own, moody by plan. What it took stands in a file, one line each."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.chaos.plan import moods

GONE = "gone-"
HANGS = 4  # seconds; longer than anybody waits


class Taken(NamedTuple):
    """A copy of a message. `told`: whether the server said that it has it."""

    at: float
    message_id: str
    told: bool


class Moody:
    """Takes `pace` seconds before it has a message, and as long until it says so."""

    def __init__(self, seed: int, only: str, log: Path, pace: float) -> None:
        self.moods, self.log, self.pace = moods(seed, only), log.open("a", buffering=1), pace

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith(GONE):
            return "550 5.1.1 no such mailbox"
        session.mood = next(self.moods)  # type: ignore[attr-defined]
        if session.mood in {"421", "452"}:  # type: ignore[attr-defined]
            return f"{session.mood} not now"  # type: ignore[attr-defined]
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mood = session.mood  # type: ignore[attr-defined]
        if mood == "hangs":
            await asyncio.sleep(HANGS)
            return "451 not now"
        await asyncio.sleep(self.pace)
        headers = BytesHeaderParser().parsebytes(bytes(envelope.original_content or b""))
        self.log.write(json.dumps([time.time(), headers["Message-ID"].strip(), mood != "drops"]) + "\n")
        if mood == "drops" and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        await asyncio.sleep(self.pace)
        return "250 taken"


def serve(seed: int, only: str, port: int, log: Path, pace: float) -> int:
    """Start it; gives the id of its process."""
    if pid := os.fork():
        return pid
    controller = Controller(Moody(seed, only, log, pace), hostname="127.0.0.1", port=port)
    controller.start()
    while True:
        signal.pause()


def taken(log: Path) -> Iterator[Taken]:
    if log.exists():
        for line in log.read_text().splitlines():
            yield Taken(*json.loads(line))
