"""Servers that make trouble on purpose."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

from clinic.celery import app

NO_REDIS = "redis://127.0.0.1:1/0"


@contextmanager
def redis_at(url: str) -> Iterator[None]:
    """This process finds Redis at another address."""
    before = app.conf.broker_url
    app.conf.update(broker_url=url)
    try:
        yield
    finally:
        app.conf.update(broker_url=before)


class Takes:
    """A handler of aiosmtpd's that keeps the Message-IDs of what it was given."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.ids.append(message_from_bytes(bytes(envelope.original_content or b""))["Message-ID"])
        return "250 taken"


class HangsUp(Takes):
    """Takes a message and hangs up instead of answering."""

    hangs_up = True

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.hangs_up and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return answer


class HoldsTheFirst(Takes):
    """Takes the first message and is slow to say so; later ones it takes at once."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if not self.taken.is_set():
            self.taken.set()
            await asyncio.sleep(30)
        return answer


class Refuses(Takes):
    """Answers every recipient with the same words."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return self.answer


@contextmanager
def mail_server(handler: Takes) -> Iterator[None]:
    """A mail server with a will of its own on the port of EMAIL_URL, and the real backend."""
    before, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    controller = Controller(handler, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
        settings.EMAIL_BACKEND = before
