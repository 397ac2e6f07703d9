"""The one way into a clinic."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, transaction

_open_clinic: ContextVar[UUID | None] = ContextVar("open_clinic", default=None)


class AnotherClinicIsOpen(Exception):
    """Work in one clinic tried to enter another before it left the first."""


def open_clinic_id() -> UUID | None:
    """The clinic that is open here and now, or None."""
    return _open_clinic.get()


def _set_local(name: str, value: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, str(value)])


@contextmanager
def _setting(name: str, value: object) -> Iterator[None]:
    """A transaction with a setting of its own. Where an outer transaction goes on, the setting is taken back:
    the release of a savepoint would keep it."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        _set_local(name, value)
        yield
        if nested and not connection.needs_rollback:
            _set_local(name, "")


@contextmanager
def clinic_scope(clinic_id: UUID) -> Iterator[None]:
    """Open a clinic for the length of a transaction: all it wrote is committed on leaving, or none of it.

    The same clinic again inside does nothing; another clinic inside raises AnotherClinicIsOpen.
    """
    if (already := _open_clinic.get()) is not None:
        if already != clinic_id:
            raise AnotherClinicIsOpen(f"{already} is open; leave it before you enter {clinic_id}")
        yield
        return
    with _setting("app.clinic_id", clinic_id):
        token = _open_clinic.set(clinic_id)
        try:
            yield
        finally:
            _open_clinic.reset(token)


@contextmanager
def user_scope(user_id: UUID) -> Iterator[None]:
    """A transaction in which a user's own memberships can be read, before a clinic is open."""
    with _setting("app.user_id", user_id):
        yield
