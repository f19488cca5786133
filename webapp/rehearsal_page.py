"""What the page of a rehearsal shows: the findings in words, and the weeks as a picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from webapp.context import roles_said
from webapp.workload_page import PITCH, Bar, drawn
from workflows.language import Language, capital
from workflows.queries.workload import WEEK
from workflows.rehearsal.report import MEND
from workflows.rehearsal.telling import named, title, told


@dataclass(frozen=True, slots=True)
class Row:
    """One finding in words."""

    title: str
    process: str
    what: str


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
    pitch: int
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
        pitch=PITCH,
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
    first = date(report["year"], 1, 4)  # always in week 1
    monday, last = first - timedelta(days=first.weekday()), date(report["year"], 12, 28)
    due = {monday + n * WEEK: {"open": 0} for n in range((last - monday).days // 7 + 1)}
    for week in report["weeks"]:
        if (known := due.get(date.fromisoformat(week["monday"]))) is not None:
            known["open"] += week["due"]
    return drawn(due)


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
