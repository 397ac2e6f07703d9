"""What beat and the workers do, at any moment: the dispatcher, and then its tasks out of Redis, in this process."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.module_loading import import_string

from clinic.celery import app
from clinic.dispatch import dispatch_due

Task = tuple[str, list[Any]]


def asked_for() -> list[Task]:
    """The tasks that wait in Redis, taken out of it, as (name, arguments)."""
    tasks = []
    with (
        app.connection_for_read() as broker,
        broker.SimpleQueue("celery", no_ack=True) as queue,
        suppress(queue.Empty),
    ):
        while message := queue.get_nowait():
            tasks.append((message.headers["task"], message.payload[0]))
    return tasks


class Beat:
    """Ticks when it is told to. The server's clock then says `now`, to whoever asks it."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock

    def tick(self, now: datetime, *, beats: int = 1) -> None:
        """Everything that becomes due; with several beats, each asks, and what they ask for is done side by side."""
        self.clock.move_to(now, tick=False)
        for _beat in range(beats):
            dispatch_due(now=now)
        with ThreadPoolExecutor(beats) as workers:
            while tasks := asked_for():
                list(workers.map(_work, tasks))


def _work(task: Task) -> None:
    name, arguments = task
    try:
        import_string(name)(*arguments)
    finally:
        connection.close()
