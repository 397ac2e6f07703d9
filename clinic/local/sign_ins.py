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
    rows = [
        (person["clinic"], person["role"], person.get("email") or "no email", person.get("password") or person["sign_in_url"])
        for person in shown
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    return ["  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows]
