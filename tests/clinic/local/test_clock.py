"""Another time for `make run`."""

from datetime import UTC, datetime

import pytest

from clinic.local.clock import ahead
from clinic.local.trouble import Trouble

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        ("2026-11-24 12:01", 60),
        ("2026-11-24T11:00", -3600),
        ("2026-11-30 07:00+00:00", 5 * 86400 + 19 * 3600),
        ("2026-11-24 13:00+01:00", 0),
        ("", 0),
    ],
)
def test_the_clock_is_moved_by_what_lies_between(at: str, seconds: float) -> None:
    assert ahead({"AT": at}, now=NOW) == seconds


def test_without_a_time_it_is_now() -> None:
    assert ahead({}, now=NOW) == 0


@pytest.mark.parametrize("at", ["Monday", "07:00", "2026-13-01 07:00"])
def test_what_is_no_time_is_said_to_be_none(at: str) -> None:
    with pytest.raises(Trouble, match=f"AT is '{at}': give a date and time in UTC"):
        ahead({"AT": at}, now=NOW)
