"""Reports: counted from the run itself, as they were sealed, and over all bodies of the city."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from workflows.errors import NotFound
from workflows.follow_up.report import (
    FIGURES,
    Figure,
    Listed,
    Report,
    Row,
    before,
    from_data,
    period_of,
    summed,
)
from workflows.follow_up.report_models import SealedReport
from workflows.language import ZONE, on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, may, require
from workflows.queries.report_counting import MOST_ROWS, figures, said, tables
from workflows.queries.report_facts import Facts, facts
from workflows.steering.rows import calendar_of, current, lineages

BODIES = (UnitKind.BOARD, UnitKind.DISTRICT_BOARD, UnitKind.COMPANY)
ORDER = list(UnitKind)
YEARS = 3


def unit_of(session: Session, code: str, *, by: Actor) -> Unit:
    """Find a body by its code, or the city by its own or by `city`.

    :raises NotFound: if there is none, or its reports are not for the actor
    """
    is_city = Unit.kind == UnitKind.CITY
    wanted = sa.select(Unit).where(is_city if code == "city" else Unit.code == code)
    unit = session.scalars(wanted.order_by(Unit.id)).first()
    if unit is None or unit.kind not in (*BODIES, UnitKind.CITY):
        raise NotFound
    require(by, Deed.SEE_REPORT, unit)
    return unit


def the_city(session: Session) -> Unit | None:
    return session.scalars(sa.select(Unit).where(Unit.kind == UnitKind.CITY)).first()


def bodies(session: Session, year: int) -> list[Unit]:
    """List the bodies that stood on any day of a year, in the organisation's own order."""
    found = session.scalars(sa.select(Unit).where(Unit.kind.in_(BODIES)))
    first, last = date(year, 1, 1), date(year, 12, 31)
    stood = [
        one
        for one in found
        if (one.valid_from is None or one.valid_from <= last)
        and (one.valid_to is None or one.valid_to >= first)
    ]
    return sorted(stood, key=lambda one: (ORDER.index(one.kind), one.sort_key, one.id))


def seen_by(units: Iterable[Unit], by: Actor) -> list[Unit]:
    """Those whose reports somebody may see."""
    return [one for one in units if may(by, Deed.SEE_REPORT, one)]


def live(
    session: Session, units: Sequence[Unit], milestone: str, year: int, *, now: datetime
) -> dict[int, Report]:
    """Count reports from the run itself; one whose time has passed as it stood when it was due."""
    if not units:
        return {}
    (_, book), lines = current(session), lineages(session)
    periods = {
        one.id: period_of(book.calendar(lines[one.id], year), milestone, year) for one in units
    }
    due = max((one.decided_on or one.last for one in periods.values()), default=on(now))
    at = min(now, datetime.combine(due + timedelta(days=1), time(), ZONE))
    successors = _named(session, [one.successor_id for one in units])
    known = facts(session, {one.id: one for one in units}, periods, at=at)
    return {
        id_: Report(
            unit=one.unit.code,
            name=one.unit.name,
            period=one.period,
            at=at,
            figures={figure.key: figure for figure in figures(one)},
            tables=tables(one),
            text=str(said(one).get("security_paragraph") or ""),
            indicators=tuple(said(one).get("indicators") or ()),
            ended=_ended(one, successors),
        )
        for id_, one in known.items()
    }


def _named(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = [one for one in ids if one is not None]
    if not wanted:
        return {}
    return dict(session.execute(sa.select(Unit.id, Unit.name).where(Unit.id.in_(wanted))).all())


def _ended(of: Facts, successors: Mapping[int, str]) -> Row:
    if of.unit.valid_to is None or of.unit.valid_to > of.period.last:
        return {}
    after = successors.get(of.unit.successor_id or 0, "")
    return {"on": of.unit.valid_to.isoformat(), "successor": after}


# what has been sealed


def sealed(
    session: Session, unit_ids: Iterable[int], milestone: str, year: int
) -> dict[int, SealedReport]:
    """Find the last sealed report of each of some bodies, with what it says."""
    wanted = (
        sa.select(SealedReport)
        .where(
            SealedReport.unit_id.in_(list(unit_ids)),
            SealedReport.milestone == milestone,
            SealedReport.year == year,
        )
        .order_by(SealedReport.number)
        .options(undefer(SealedReport.content))
    )
    return {one.unit_id: one for one in session.scalars(wanted)}


def at_compare(
    session: Session, unit: Unit, milestone: str, year: int
) -> list[tuple[str, int, Report]]:
    """Give what a report is compared with: the one before, and that of the year before."""
    found = []
    for code, of in (before(milestone, year), (milestone, year - 1)):
        kept = sealed(session, [unit.id], code, of).get(unit.id)
        if kept is not None:
            found.append((code, of, from_data(kept.content)))
    return found


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


def city_report(
    session: Session, city: Unit, milestone: str, year: int, *, now: datetime
) -> CityReport:
    """Add up the bodies: what they have sealed, and of the others what stands now."""
    period = period_of(calendar_of(session, city.id, year), milestone, year)
    units = bodies(session, period.about)
    kept = sealed(session, [one.id for one in units], milestone, year)
    others = live(session, [one for one in units if one.id not in kept], milestone, year, now=now)
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
    tables = {
        name: _gathered(name, standing) for name in ("deviations", "risks", "goals", "budget")
    }
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


def latest(session: Session, unit: Unit, milestone: str, year: int, *, now: datetime) -> Latest:
    """Find the report of a body or of the city."""
    city = None
    if unit.kind is UnitKind.CITY:
        city = city_report(session, unit, milestone, year, now=now)
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
    order = sorted(last, key=lambda one: (one[0], ("VB", "T1", "T2", "VP").index(one[1])))
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
