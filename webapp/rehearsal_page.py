"""What the page of a rehearsal shows: the findings in words, and the weeks as a picture."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from webapp.context import roles_said
from workflows.language import Language, capital
from workflows.rehearsal.report import MEND
from workflows.rehearsal.telling import named, title, told

WEEK = timedelta(weeks=1)
WIDE, HIGH, PITCH = 10, 160, 13  # of a bar, of the picture, from one bar to the next


@dataclass(frozen=True, slots=True)
class Row:
    """One finding in words."""

    title: str
    process: str
    what: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A week in the picture and in the table beside it."""

    monday: date
    due: int
    x: int
    y: int
    height: int

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week


@dataclass(frozen=True, slots=True)
class Role:
    """What a role has to do in the year, and in its fullest week."""

    name: str
    unit: str
    due: int
    most: int
    monday: date
    people: int


@dataclass(frozen=True, slots=True)
class Shown:
    mend: list[Row]
    notes: list[Row]
    bars: list[Bar]
    most: int
    roles: list[Role]
    counts: list[tuple[str, int, int, int]]


def shown(report: Mapping[str, Any], language: Language) -> Shown:
    """Put a report into words and measures."""
    found = [(one["severity"], _row(report, one, language)) for one in report["findings"]]
    bars = _bars(report)
    return Shown(
        mend=[row for severity, row in found if severity == MEND],
        notes=[row for severity, row in found if severity != MEND],
        bars=bars,
        most=max((bar.due for bar in bars), default=0),
        roles=_roles(report, language),
        counts=[
            (named(report, one["process"], language), one["cases"], one["tasks"], one["stuck"])
            for one in report["counts"]
            if one["cases"]
        ],
    )


def _row(report: Mapping[str, Any], one: Mapping[str, Any], language: Language) -> Row:
    process = named(report, one["process"], language) if one["process"] else ""
    return Row(title(one["code"], language), process, told(report, one, language))


def _bars(report: Mapping[str, Any]) -> list[Bar]:
    """Draw every week of the year, also those in which nothing is due."""
    due: Counter[date] = Counter()
    for week in report["weeks"]:
        due[date.fromisoformat(week["monday"])] += week["due"]
    first = date(report["year"], 1, 4)  # always in week 1
    monday = first - timedelta(days=first.weekday())
    bars: list[Bar] = []
    last = date(report["year"], 12, 28)  # always in the last week
    most = max((due[monday + n * WEEK] for n in range(53)), default=0) or 1
    while monday <= last:
        height = round(HIGH * due[monday] / most)
        bars.append(Bar(monday, due[monday], len(bars) * PITCH, HIGH - height, height))
        monday += WEEK
    return bars


def _roles(report: Mapping[str, Any], language: Language) -> list[Role]:
    by_place: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in report["loads"]:
        if one["monday"].startswith(str(report["year"])):
            by_place.setdefault((one["role"], one["unit"]), []).append(one)
    roles = []
    for (role, unit), weeks in by_place.items():
        fullest = max(weeks, key=lambda week: week["due"])
        roles.append(
            Role(
                capital(roles_said([role])),
                named(report, unit, language),
                sum(week["due"] for week in weeks),
                fullest["due"],
                date.fromisoformat(fullest["monday"]),
                fullest["people"],
            )
        )
    return sorted(roles, key=lambda one: (-one.due, one.name, one.unit))
