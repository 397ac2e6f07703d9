import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_before_create_process, worker_init
from django.conf import settings

from clinic.wall.guard import NoWall, refuse_to_bypass

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

app = Celery("clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_to_start(**kwargs: Any) -> None:
    """Of all exceptions only SystemExit gets out of a signal of Celery's."""
    if not settings.DISPATCHER_DATABASE_URL:
        raise SystemExit(
            "DISPATCHER_DATABASE_URL is not set: the workers find what is due by the role steady_dispatcher."
        )
    try:
        refuse_to_bypass()
    except NoWall as error:
        raise SystemExit(str(error)) from error


@worker_before_create_process.connect
def keep_what_is_loaded(**kwargs: Any) -> None:
    """It stays for good: the collector of a child need not look at it again and again, a third of a reading's time."""
    gc.freeze()
