"""Redis only wakes workers. What there is to do is in the database, where the dispatcher finds it within a minute."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

from clinic.celery import app

logger = logging.getLogger(__name__)

EXPIRES = 55  # seconds: the dispatcher then sends another, so that a stopped worker finds no pile
IMPATIENT = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}


def wake(task: str, *args: object) -> None:
    """Ask a worker for a task once what was written is committed. A Redis that refuses or hangs costs a second."""
    wake_all([(task, *args)])


def wake_all(tasks: Sequence[tuple[Any, ...]]) -> None:
    """The same for many, each given by its name and arguments."""
    transaction.on_commit(partial(wake_now, tasks))


def wake_now(tasks: Sequence[tuple[Any, ...]]) -> None:
    """Ask at once, over one connection."""
    name = ""
    try:
        with (
            app.connection_for_write(transport_options=IMPATIENT) as connection,
            app.amqp.Producer(connection, auto_declare=False) as producer,
        ):
            for name, *args in tasks:
                app.send_task(name, args=args, expires=EXPIRES, retry=False, producer=producer)
    except OperationalError as error:
        logger.warning("%s is left to the dispatcher: %s", name, error)
