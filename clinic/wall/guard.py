"""A role that passes through the wall can't serve clinics: the web and the workers refuse to start on one."""

from django.db import OperationalError, connection

ROLE = "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


class NoWall(RuntimeError):
    """What this process would serve is not behind the wall; the message is for whoever started it."""


def refuse_to_bypass() -> None:
    """Raises NoWall where the role of DATABASE_URL is not held by row level security, or can't be asked about it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(ROLE)
            role, bypasses = cursor.fetchone()
    except OperationalError as error:
        raise NoWall(f"The database of DATABASE_URL can't be reached: {error}") from error
    finally:
        # What is forked from here must open its own.
        connection.close()
    if bypasses:
        raise NoWall(
            f"The database role {role} bypasses row level security, and clinics would see each other:"
            " set DATABASE_URL to the application's role, steady_app."
        )
