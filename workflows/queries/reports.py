"""Reports on bodies: counted from the run itself, and as they were sealed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from workflows.errors import NotFound
from workflows.follow_up.report import (
    Report,
    Row,
    before,
    corrected,
    corrections_in,
    from_data,
    period_of,
)
from workflows.follow_up.report_models import Correction, SealedReport
from workflows.language import ZONE, on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, may, require
from workflows.queries.report_counting import figures, said
from workflows.queries.report_facts import Facts, facts
from workflows.queries.report_tables import indicators, tables
from workflows.steering.rows import current, lineages

BODIES = (UnitKind.BOARD, UnitKind.DISTRICT_BOARD, UnitKind.COMPANY)
ORDER = list(UnitKind)


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
    numbers = _corrections(session, list(known), milestone, year)
    return {id_: _counted(one, numbers[id_], successors, at) for id_, one in known.items()}


def _counted(
    of: Facts, numbers: Mapping[str, Correction], successors: Mapping[int, str], at: datetime
) -> Report:
    found = {
        one.key: corrected(one, given.value, given.why)
        if (given := numbers.get(one.key)) is not None and given.value is not None
        else one
        for one in figures(of)
    }
    return Report(
        unit=of.unit.code,
        name=of.unit.name,
        period=of.period,
        at=at,
        figures=found,
        tables=tables(of) | {"corrections": corrections_in(found.values())},
        text=str(said(of).get("security_paragraph") or ""),
        indicators=tuple(indicators(of)),
        ended=_ended(of, successors),
    )


def _corrections(
    session: Session, unit_ids: Sequence[int], milestone: str, year: int
) -> Mapping[int, Mapping[str, Correction]]:
    wanted = sa.select(Correction).where(
        Correction.unit_id.in_(unit_ids), Correction.milestone == milestone, Correction.year == year
    )
    found: dict[int, dict[str, Correction]] = defaultdict(dict)
    for one in session.scalars(wanted.order_by(Correction.id)):
        found[one.unit_id][one.key] = one
    return found


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
    asked = (before(milestone, year), (milestone, year - 1))
    which = sa.tuple_(SealedReport.milestone, SealedReport.year).in_(asked)
    wanted = sa.select(SealedReport).where(SealedReport.unit_id == unit.id, which)
    wanted = wanted.order_by(SealedReport.number).options(undefer(SealedReport.content))
    kept = {(one.milestone, one.year): one for one in session.scalars(wanted)}
    return [
        (code, of, from_data(kept[code, of].content)) for code, of in asked if (code, of) in kept
    ]
