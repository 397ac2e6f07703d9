"""One run, and what came of it."""

import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psutil
import psycopg
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks.database import migrate
from clinic import dispatch
from clinic.celery import app
from clinic.local import postgres, processes
from clinic.local.valkey import program
from clinic.models import Clinic, Membership, Message, Role, User
from clinic.wall.scope import clinic_scope
from patients.summaries import preview
from tests.chaos import mail
from tests.chaos.crew import Crew
from tests.chaos.plan import Trouble, troubles
from tests.servers import Servers

# A minute passes in a second: what waits ten minutes for a worker that is gone, waits ten seconds here.
FASTER = 60
MONDAY = date(2026, 11, 16)
STARTS = datetime(2026, 11, 25, 6, tzinfo=UTC)  # Wednesday: the weeks are due since Monday, as if beat had been down
PER_CLINIC = 50
GONE_EACH = 100  # one address in as many is wrong
PATIENCE = 240  # seconds without a new state until a message counts as lost
LATE = 1  # seconds without enough emails, after the first, until the next trouble comes all the same
OF_CHILDREN = {"child", "dispatch"}
# Where one kind is alone there are few emails: they take their time, in few hands, so that it comes in between.
PACE_ALONE, CHILDREN_ALONE, CHILDREN = 0.1, 2, 8
DONE = {"sent", "uncertain", "suppressed"}


@dataclass
class Outcome:
    seed: int
    emails: int
    seconds: float = 0
    processes_killed: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    most_copies: int = 1
    wrong: list[str] = field(default_factory=list)


class Run:
    def __init__(self, *, seed: int, emails: int, kills: int, only: str, servers: Servers) -> None:
        self.outcome = Outcome(seed, emails)
        self.plan, self.only, self.servers = troubles(seed, kills, only), only, servers
        self.taken_log = servers.folder / "taken"
        self.crew = Crew(
            servers.folder / "crew.log",
            beats=2 if only == "two beats" else 1,
            children=CHILDREN_ALONE if only else CHILDREN,
        )
        self.moments: list[tuple[float, str]] = []

    def go(self) -> Outcome:
        pace = PACE_ALONE if self.only else 0
        pid = mail.serve(self.outcome.seed, self.only, settings.EMAIL_PORT, self.taken_log, pace)
        try:
            migrate()
            make_people(self.outcome.emails)
            warm_up()
            # What is forked from here must open its own.
            connection.close()
            hurry()
            started = time.monotonic()
            self._play()
            self.outcome.seconds = time.monotonic() - started
        finally:
            self.crew.end()
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._judge()
        return self.outcome

    def _play(self) -> None:
        plan, last_trouble = iter(self.plan), time.monotonic()
        following = next(plan, None)
        taken = 0
        self.taken_log.touch()
        log = self.taken_log.open()
        known, changed_at = Counter[str](), time.monotonic()
        while time.monotonic() < changed_at + PATIENCE:
            self.crew.keep()
            taken += sum(1 for _ in log)
            late = taken > 0 and time.monotonic() > last_trouble + LATE
            if following and following.kind in OF_CHILDREN and not self.crew.children():
                time.sleep(0.02)
                continue
            if following and (taken >= following.at * self.outcome.emails or late):
                time.sleep(following.wait)
                self.outcome.processes_killed += self._make(following)
                self.outcome.happened[following.kind] += 1
                self.moments.append((time.time(), following.kind))
                changed_at = last_trouble = time.monotonic()
                following = next(plan, None)
                continue
            if following:
                time.sleep(0.02)
                continue
            time.sleep(0.5)
            states = count_states()
            if states != known:
                known, changed_at = states, time.monotonic()
            if sum(states[each] for each in DONE) == self.outcome.emails == states.total():
                return

    def _make(self, trouble: Trouble) -> int:
        """Gives how many processes it ended."""
        match trouble.kind:
            case "child":
                return self.crew.kill_child(trouble.choice)
            case "dispatch":
                app.send_task("clinic.tasks.dispatch", retry=False)
                time.sleep(trouble.wait)
                return self.crew.kill_children()
            case "worker":
                return self.crew.kill("worker 1" if trouble.choice < 0.5 else "worker 2")
            case "beat":
                return self.crew.kill("beat")
            case "redis emptied":
                redis.Redis.from_url(self.servers.valkey.url).flushall()
            case "redis killed":
                self._restart_redis()
            case "redis hangs":
                self._stop_redis_for(1.5)
            case "database session killed":
                self._crash_database()
            case "database restarted":
                self._restart_database()
        return 0

    def _restart_redis(self) -> None:
        valkey = self.servers.valkey
        assert valkey.process
        processes.stop(valkey.process, by=signal.SIGKILL)
        command = [program(), valkey.folder / "valkey.conf"]
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        valkey.process = processes.start(command, log=valkey.log, env=env, cwd=valkey.folder)

    def _stop_redis_for(self, seconds: float) -> None:
        assert self.servers.valkey.process
        self.servers.valkey.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.servers.valkey.process.send_signal(signal.SIGCONT)

    def _crash_database(self) -> None:
        """The server ends all sessions where one of them dies, and recovers."""
        with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as session:
            os.kill(session.info.backend_pid, signal.SIGKILL)
        wait_for_database()

    def _restart_database(self) -> None:
        server = self.servers.postgres
        assert server.process
        command = psutil.Process(server.process.pid).cmdline()
        server.stop()
        server.process = processes.start(
            command,
            log=server.log,
            env=postgres.ENVIRONMENT,
            cwd=server.folder,
            account=postgres.account(),
            dies_by=signal.SIGINT,
        )
        wait_for_database()

    def _judge(self) -> None:
        outcome = self.outcome
        outcome.states = count_states()
        copies: defaultdict[str, list[mail.Taken]] = defaultdict(list)
        for each in mail.taken(self.taken_log):
            copies[each.message_id].append(each)
        if outcome.states.total() != outcome.emails:
            outcome.wrong.append(f"{outcome.states.total()} messages instead of {outcome.emails}")
        for message, gone in messages():
            outcome.wrong += list(wrong_with(message, gone, copies[message.message_id]))
            for earlier in copies[message.message_id][:-1]:
                outcome.duplicates[self._why(earlier)] += 1
        outcome.most_copies = max(map(len, copies.values()), default=0)

    def _why(self, earlier: mail.Taken) -> str:
        """Why a copy was not recorded, so that another followed."""
        if not earlier.told:
            return "the mail server hung up without a word when it had it"
        after = [kind for at, kind in self.moments if earlier.at - 0.05 <= at <= earlier.at + 5]
        kinds = {"child": "a pool's child", "dispatch": "a pool's child", "worker": "a worker"}
        for kind in after:
            if kind in kinds:
                return f"{kinds[kind]} was killed when the mail server had it"
            if kind in {"database session killed", "database restarted"}:
                return "the database went when the mail server had it"
        return "unexplained"


def wait_for_database() -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            psycopg.connect(os.environ["ADMIN_DATABASE_URL"]).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)


def wrong_with(message: Message, gone: bool, copies: list[mail.Taken]) -> Iterator[str]:
    name = f"{message.recipient_id}: {message.state} after {message.attempts} attempts, {len(copies)} copies"
    if message.state != "suppressed" if gone else message.state not in {"sent", "uncertain"}:
        yield f"{name}, {message.error}"
    if (len(copies) == 0) != gone:
        yield f"{name}: lost, or sent to nobody"
    if len(copies) > 1 and message.state != "uncertain":
        yield f"{name}: a duplicate that nobody is told of"


def make_people(emails: int) -> None:
    """Clinics whose week is due, with clinicians, one in GONE_EACH of whom has an address that is wrong."""
    for first in range(0, emails, PER_CLINIC):
        clinic = Clinic.objects.create(
            slug=f"clinic-{first}",
            name=f"Clinic {first}",
            phone="1",
            summary_hour=0,
            summarised_through=MONDAY - timedelta(weeks=1),
            alerted_through=date(2099, 1, 1),
        )
        numbers = range(first, min(first + PER_CLINIC, emails))
        users = [User(email=f"{'' if n % GONE_EACH else mail.GONE}{n}@chaos.example", password="!") for n in numbers]
        User.objects.bulk_create(users)
        with clinic_scope(clinic.pk):
            members = [Membership(clinic=clinic, user=user, role=Role.CLINICIAN, name="One") for user in users]
            Membership.objects.bulk_create(members)


def warm_up() -> None:
    """Templates are read once, before anybody is forked."""
    with clinic_scope(Clinic.objects.values_list("pk", flat=True)[0]):
        preview(Membership.objects.select_related("clinic", "user")[0], now=STARTS)


def hurry() -> None:
    """In this process, and in those forked from it. Beat's tick and how long a task waits follow suit."""
    began = time.time()
    timezone.now = lambda: STARTS + timedelta(seconds=FASTER * (time.time() - began))  # type: ignore[assignment]
    settings.EMAIL_TIMEOUT = 2
    dispatch.MOST_AT_ONCE = 200
    app.conf.beat_schedule["dispatch"] |= {"schedule": 2.0, "options": {"expires": 2}}


def count_states() -> Counter[str]:
    try:
        with psycopg.connect(os.environ["MIGRATOR_DATABASE_URL"]) as connection:
            return Counter(dict(connection.execute("SELECT state, count(*) FROM clinic_message GROUP BY 1").fetchall()))
    except psycopg.OperationalError:
        return Counter()


def messages() -> Iterator[tuple[Message, bool]]:
    """All, each with whether its address is wrong."""
    for clinic in Clinic.objects.all():
        with clinic_scope(clinic.pk):
            for message in Message.objects.select_related("recipient__user"):
                yield message, (message.recipient.user.email or "").startswith(mail.GONE)


def told(outcome: Outcome) -> str:
    def rows(counted: Any) -> str:
        return "".join(f"\n  {number:6,}  {what}" for what, number in counted.most_common())

    return (
        f"Seed {outcome.seed}: {outcome.emails:,} emails in {outcome.seconds:.0f} s, "
        f"{outcome.processes_killed:,} processes killed.\n"
        f"What happened:{rows(outcome.happened)}\n"
        f"What became of the messages:{rows(outcome.states)}\n"
        f"Copies too many: {outcome.duplicates.total():,}, of one message at most {outcome.most_copies - 1}"
        f"{rows(outcome.duplicates)}\n"
        + (f"WRONG ({len(outcome.wrong)}):\n" + "\n".join(outcome.wrong[:20]) if outcome.wrong else "Nothing is lost.")
    )
