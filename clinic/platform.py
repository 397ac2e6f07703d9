"""The operators' pages: how the mail of all clinics goes, without a word of whom it is to or about.

They read through the dispatcher's role, which the database lets see no more than that.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts import signed_in_with_password
from clinic.actions.retrying import retry
from clinic.dispatch import read
from clinic.models import Canary, Clinic, Message, Operator
from clinic.wall.scope import clinic_scope

State = Message.State
PAGE = 50
FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2099, 12, 31)
COLUMNS = ["pk", "clinic", "kind", "state", "due_at", "sent_at", "attempts", "code"]
SHOWN = [State.QUEUED, State.SENDING, State.SENT, State.UNCERTAIN, State.FAILED, State.SUPPRESSED, State.SKIPPED]


@dataclass
class Line:
    """How many messages of one clinic and kind are in which state."""

    clinic: str
    kind: str
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def numbers(self) -> list[int]:
        return [self.counts.get(state, 0) for state in SHOWN]


@dataclass
class Row:
    """One message."""

    id: UUID
    clinic_id: UUID
    kind: str
    state: State
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    code: str
    clinic: str = ""

    @property
    def may_be_retried(self) -> bool:
        return self.state in Message.GIVEN_UP


def for_operators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """With a password of the last hours. For everybody else there is nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_active or not Operator.objects.filter(user=request.user).exists():
            raise Http404
        if not signed_in_with_password(request):
            return redirect_to_login(request.get_full_path(), "account_reauthenticate")
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@for_operators
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """One week: counts by clinic and kind, and below them the messages in one state, oldest first."""
    now, canary = timezone.now(), Canary.objects.first()
    week = _week(request.GET.get("week", ""), now)
    state = State(request.GET["state"]) if request.GET.get("state") in State.values else State.FAILED
    of_week = Message.objects.filter(week=week)
    with psycopg.connect(settings.DISPATCHER_DATABASE_URL, connect_timeout=5) as connection:
        counted = read(connection, _counts(of_week))
        page = Paginator(range(sum(n for *_, each, n in counted if each == state)), PAGE).get_page(
            request.GET.get("page")
        )
        first = max(page.start_index() - 1, 0)
        in_state = of_week.filter(state=state).order_by("due_at", "pk").values_list(*COLUMNS)
        found = read(connection, in_state[first : first + PAGE])
    names = {each.pk: each.name for each in Clinic.objects.filter(pk__in={clinic for clinic, *_ in counted})}
    rows = [Row(*values) for values in found]
    for row in rows:
        row.clinic, row.state = names.get(row.clinic_id, ""), State(row.state)
    context = {
        "week": week,
        "before": week - timedelta(weeks=1),
        "after": week + timedelta(weeks=1),
        "state": state,
        "states": SHOWN,
        "lines": _lines(counted, names),
        "rows": rows,
        "page": page,
        "canary": canary,
        "works": canary is not None and canary.sings(now),
    }
    return render(request, "clinic/platform/outbox.html", context)


@for_operators
@require_POST
def retry_message(request: HttpRequest, clinic: UUID, message: UUID) -> HttpResponse:
    with clinic_scope(clinic):
        queued = retry(message=message, now=timezone.now())
    messages.success(request, "It is tried again." if queued else "It does not wait for another try any more.")
    back = request.GET.urlencode()
    return redirect(f"/platform/?{back}" if back else "/platform/")


def _week(text: str, now: datetime) -> date:
    """The Monday of a date of our time that was asked for, or of today in UTC."""
    try:
        day = min(max(date.fromisoformat(text), FIRST_DATE), LAST_DATE)
    except ValueError:
        day = now.date()
    return day - timedelta(days=day.weekday())


def _counts(of_week: QuerySet[Message]) -> QuerySet[Message, tuple[Any, ...]]:
    return of_week.order_by().values_list("clinic", "kind", "state").annotate(Count("pk"))


def _lines(counted: list[tuple[Any, ...]], names: dict[UUID, str]) -> list[Line]:
    lines: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for clinic, kind, state, number in counted:
        lines[names.get(clinic, str(clinic)), kind][state] = number
    return [Line(clinic, kind, counts) for (clinic, kind), counts in sorted(lines.items())]
