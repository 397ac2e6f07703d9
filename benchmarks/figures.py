"""What a benchmark gives: figures, each beside what it is compared with in the same run."""

import importlib
from dataclasses import asdict, dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. `floor` is the same unit, measured in the same run; `aim` is what we want it to be."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "ratio": self.ratio}


def measured_by(benchmark: str) -> list[Figure]:
    found: list[Figure] = importlib.import_module(f"benchmarks.{benchmark}").measure()
    return found


def percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def table(figures: list[Figure]) -> str:
    """The figures as a table in Markdown."""
    rows = ["| figure | value | floor in the same run | ratio | aim |", "|---|---|---|---|---|"]
    for each in figures:
        floor = f"{each.floor:.3g} {each.unit}" if each.floor else ""
        ratio = f"{each.ratio:.1f}" if each.ratio else ""
        rows.append(f"| {each.name} | {each.value:.3g} {each.unit} | {floor} | {ratio} | {each.aim} |")
    return "\n".join(rows)
