"""What `make run` prints when all is ready: where to go, and as whom."""

from collections.abc import Mapping, Sequence

Person = Mapping[str, str]


def show(url: str, people: Sequence[Person]) -> None:
    print(f"\n  Steady Knee is at {url}    emails: {url}/mail/    stop: Ctrl-C\n")
    print("\n".join(table(people)))
    print("\n  Everybody is in .local/demo.json. Logs are in .local/log.\n", flush=True)


def table(people: Sequence[Person]) -> list[str]:
    """Aligned lines: staff with their passwords, then of each clinic's patients the first two who have a link."""
    staff = [person for person in people if person.get("password")]
    by_clinic: dict[str, list[Person]] = {}
    for person in people:
        if person.get("sign_in_url"):
            by_clinic.setdefault(person["clinic"], []).append(person)
    shown = staff + [person for patients in by_clinic.values() for person in patients[:2]]
    rows = [(person["clinic"], person["role"], person.get("email") or "no email", _key(person)) for person in shown]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _key(person: Person) -> str:
    return person.get("password") or person["sign_in_url"]
