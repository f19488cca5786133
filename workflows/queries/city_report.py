"""The report of the city: what its bodies have sealed, and what stands of the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.follow_up.report import (
    FIGURES,
    MILESTONES,
    Figure,
    Listed,
    Report,
    Row,
    from_data,
    period_of,
)
from workflows.follow_up.report_comparing import summed
from workflows.follow_up.report_models import SealedReport
from workflows.organisation.models import Unit, UnitKind
from workflows.queries.report_tables import MOST_ROWS
from workflows.queries.reports import bodies, live, sealed
from workflows.steering.rows import calendar_of

YEARS = 3
GATHERED = ("deviations", "risks", "goals", "budget", "corrections")


@dataclass(frozen=True, slots=True)
class Standing:
    """One body in the report of the city."""

    unit: Unit
    report: Report
    sealed_at: datetime | None
    is_expected: bool  # it has not ended before the report was to be decided


@dataclass(frozen=True, slots=True)
class Summed:
    """One figure over all bodies, and from how many it is missing."""

    figure: Figure
    gaps: int


@dataclass(frozen=True, slots=True)
class CityReport:
    """The report of the city: every body, and the figures over them all."""

    report: Report
    bodies: tuple[Standing, ...]
    sums: Mapping[str, Summed]

    @property
    def delivered(self) -> int:
        return sum(one.sealed_at is not None for one in self.bodies if one.is_expected)

    @property
    def expected(self) -> int:
        return sum(one.is_expected for one in self.bodies)

    @property
    def gaps(self) -> list[Standing]:
        return [one for one in self.bodies if one.is_expected and one.sealed_at is None]


class StillCounting(Exception):
    """Some bodies are counted; the others come when it is asked for again."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__(f"{done} of {of}")
        self.done, self.of = done, of


def city_report(
    session: Session,
    city: Unit,
    milestone: str,
    year: int,
    *,
    known: dict[int, Report] | None = None,
    most: int | None = None,
    now: datetime,
) -> CityReport:
    """Add up the bodies: what they have sealed, and of the others what stands now.

    `known` are bodies that were counted a moment ago. With `most` no more than so many are counted
    at once: they become known, and whoever asks again goes on from there.

    :raises StillCounting: if there were more
    """
    known = {} if known is None else known
    period = period_of(calendar_of(session, city.id, year), milestone, year)
    units = bodies(session, period.about)
    kept = sealed(session, [one.id for one in units], milestone, year)
    left = [one for one in units if one.id not in kept and one.id not in known]
    others = known | live(session, left[:most], milestone, year, now=now)
    if most is not None and len(left) > most:
        known |= others
        raise StillCounting(len(units) - len(left) + most, len(units))
    standing = tuple(
        Standing(
            one,
            from_data(kept[one.id].content) if one.id in kept else others[one.id],
            kept[one.id].at if one.id in kept else None,
            one.stands_on(period.decided_on or period.last) or one.id in kept,
        )
        for one in units
    )
    reports = [one.report for one in standing]
    sums = {key: Summed(*summed(key, reports)) for key in FIGURES}
    tables = {name: _gathered(name, standing) for name in GATHERED}
    report = Report(
        unit=city.code,
        name=city.name,
        period=period,
        at=max((one.at for one in reports), default=now),
        figures={key: one.figure for key, one in sums.items()},
        tables=tables,
        bodies=tuple(_as_body(one) for one in standing),
    )
    return CityReport(report, standing, sums)


@dataclass(frozen=True, slots=True)
class Latest:
    """A report as it was sealed last, and as it stands now."""

    sealed: SealedReport | None
    live: Report
    city: CityReport | None

    @property
    def report(self) -> Report:
        return from_data(self.sealed.content) if self.sealed is not None else self.live


def latest(
    session: Session,
    unit: Unit,
    milestone: str,
    year: int,
    *,
    known: dict[int, Report] | None = None,
    most: int | None = None,
    now: datetime,
) -> Latest:
    """Find the report of a body or of the city; `known` and `most` are those of `city_report`."""
    city = None
    if unit.kind is UnitKind.CITY:
        city = city_report(session, unit, milestone, year, known=known, most=most, now=now)
    now_stands = city.report if city else live(session, [unit], milestone, year, now=now)[unit.id]
    return Latest(sealed(session, [unit.id], milestone, year).get(unit.id), now_stands, city)


def _as_body(one: Standing) -> Row:
    return {
        "code": one.unit.code,
        "name": one.unit.name,
        "sealed_at": one.sealed_at,
        "is_expected": one.is_expected,
        "figures": {
            key: {"value": figure.value, "of": figure.of, "state": figure.state}
            for key, figure in one.report.figures.items()
            if not FIGURES[key].guarded
        },
    }


def _gathered(name: str, standing: Iterable[Standing]) -> Listed:
    rows: list[Row] = []
    withheld, has_few = 0, False
    for one in standing:
        table = one.report.tables.get(name, Listed())
        rows += [{"unit": one.unit.name} | row for row in table.rows]
        withheld, has_few = withheld + (table.withheld or 0), has_few or table.withheld is None
    if name in ("risks", "deviations"):
        rows.sort(key=lambda row: (-(row.get("value") or 0), str(row.get("due") or "9")))
    return Listed(tuple(rows[:MOST_ROWS]), None if has_few and not withheld else withheld)


def trends(
    session: Session, unit_ids: Iterable[int], year: int
) -> list[tuple[str, int, int, dict[str, int]]]:
    """Add up what bodies have sealed at each milestone of the last years: the milestone, its year,
    how many bodies, and the sums by figure."""
    wanted = (
        sa.select(
            SealedReport.milestone, SealedReport.year, SealedReport.unit_id, SealedReport.totals
        )
        .where(SealedReport.unit_id.in_(list(unit_ids)), SealedReport.year > year - YEARS - 1)
        .order_by(SealedReport.year, SealedReport.number)
    )
    last: dict[tuple[int, str], dict[int, dict[str, int]]] = {}
    for milestone, of, unit_id, totals in session.execute(wanted):
        last.setdefault((of, milestone), {})[unit_id] = totals
    order = sorted(last, key=lambda one: (one[0], MILESTONES.index(one[1])))
    return [
        (
            milestone,
            of,
            len(last[of, milestone]),
            {
                key: sum(totals.get(key) or 0 for totals in last[of, milestone].values())
                for key in FIGURES
            },
        )
        for of, milestone in order
    ]
