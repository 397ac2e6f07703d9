"""What the dispatcher asks each minute stays quick at 100,000 rows, by the database's own plans."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db.models import QuerySet

from clinic.models import Clinic, Message
from patients.models import Reminder
from tests.clinic.conftest import dispatcher_url
from tests.factories import make_clinic

__all__ = ["dispatcher_url"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ROWS = 100_000
MEMBERS = """
INSERT INTO clinic_user (id, password, is_active, created_at)
    SELECT uuidv7(), '!', true, now() FROM generate_series(1, %(rows)s);
INSERT INTO clinic_membership (id, clinic_id, user_id, role, name, record, summaries, is_active, created_at, own_week,
        clinic_week)
    SELECT uuidv7(), %(clinic)s, id, 'patient', '', id, 'off', true, now(), false, false FROM clinic_user;
"""
# All but a hundred were sent; all but a hundred of those whose hour has come were seen to today.
MESSAGES = """
INSERT INTO clinic_message (id, clinic_id, recipient_id, kind, week, key, state, due_at, attempts, sent_to, subject,
        error, code, reported, created_at)
    SELECT uuidv7(), clinic_id, id, 'reminder_email', '2026-11-16', '',
        CASE WHEN row_number() OVER () <= 100 THEN 'queued' ELSE 'sent' END,
        timestamptz '2026-11-16' + row_number() OVER () * interval '1 second', 0, '', '', '', '', '{}', now()
    FROM clinic_membership;
"""
REMINDERS = """
INSERT INTO patients_reminder (id, clinic_id, recipient_id, weekdays, hour, by_email, queued_through)
    SELECT uuidv7(), clinic_id, id, '{0,1,2,3,4,5,6}', n %% 24, true,
        CASE WHEN n > 100 AND n %% 24 <= 9 THEN date '2026-11-23' ELSE date '2026-11-22' END
    FROM (SELECT *, row_number() OVER () AS n FROM clinic_membership) AS numbered;
"""


@pytest.fixture
def clinic(migrator: psycopg.Connection) -> Clinic:
    clinic = make_clinic()
    for sql in [MEMBERS, MESSAGES, REMINDERS]:
        for statement in filter(str.strip, sql.split(";")):
            migrator.execute(statement, {"rows": ROWS, "clinic": clinic.pk})
    migrator.execute("ANALYZE clinic_message, patients_reminder")
    migrator.commit()
    return clinic


def plan_of(url: str, rows: QuerySet[Any, Any]) -> str:
    query, params = rows.query.sql_with_params()
    with psycopg.connect(url) as dispatcher:
        lines = dispatcher.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query}".encode(), params).fetchall()
    return "\n".join(line for (line,) in lines)


def test_messages_that_wait(dispatcher_url: str, clinic: Clinic) -> None:
    plan = plan_of(dispatcher_url, Message.objects.claimable(NOW).order_by("due_at").values_list("clinic", "pk")[:5000])
    assert "clinic_message_waiting" in plan, plan
    assert "Seq Scan" not in plan, plan


def test_reminders_that_are_due(dispatcher_url: str, clinic: Clinic) -> None:
    due = Reminder.objects.filter(clinic__in=[clinic.pk]).due(NOW).values_list("clinic").distinct()
    plan = plan_of(dispatcher_url, due)
    assert "patients_reminder_to_come" in plan, plan
    assert "Seq Scan" not in plan, plan
