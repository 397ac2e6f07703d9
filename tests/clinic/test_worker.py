"""How the processes of a worker start."""

import gc

from celery.signals import worker_before_create_process

from clinic.celery import app


def test_a_child_does_not_collect_what_was_loaded_before_it() -> None:
    assert gc.get_freeze_count() == 0
    try:
        worker_before_create_process.send(sender=app)
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
