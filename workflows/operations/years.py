"""Opening a year beside the one before it, and closing that body by body: frozen, then sealed."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.clock import PlannedStart, StartState
from workflows.errors import Conflict, Invalid
from workflows.follow_up import year_rows
from workflows.follow_up.year_models import BodyYear
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, require
from workflows.queries import year_board as questions
from workflows.queries.wheel import city_of


def open_year(session: Session, year: int, *, by: Actor, now: datetime) -> BodyYear:
    """Say that a year is open beside the one before it: all its dates are known.

    :raises Forbidden: if `by` does not close and open years
    :raises Conflict: if it is open already, or a date of it is not known
    """
    require(by, Deed.CLOSE_YEAR, None)
    city = city_of(session)
    found = questions.board(session, year - 1, by=by)
    if found.opened is not None and found.opened.opened_at:
        raise Conflict("year_open_already", year=year)
    if city is None or not found.is_ready:
        raise Conflict("year_not_ready", year=year)
    state = _state(session, city, year)
    state.opened_at = now
    what = {
        "year": str(year),
        "starts": found.starts,
        "undated": found.starts_undated,
        "unconfirmed": found.unconfirmed,
    }
    record(session, "year_opened", by=by, now=now, unit_id=city.id, what=what)
    return state


def take_back_opening(session: Session, year: int, why: str, *, by: Actor, now: datetime) -> None:
    """Say that a year was opened by mistake; nothing that happened in it is lost.

    :raises Forbidden: if `by` does not close and open years
    :raises Conflict: if it is not open
    :raises Invalid: without a reason
    """
    require(by, Deed.CLOSE_YEAR, None)
    city = city_of(session)
    state = _state(session, city, year) if city is not None else None
    if state is None or state.opened_at is None:
        raise Conflict("year_not_open", year=year)
    if not why.strip():
        raise Invalid("reason_missing")
    state.opened_at = None
    _tell(session, "year_opening_undone", state, by=by, now=now, why=why.strip())


def freeze(
    session: Session, unit: Unit, year: int, why: str, *, by: Actor, now: datetime
) -> BodyYear:
    """Let nothing of a body's year change any more: it has no open case, and what lives on has gone
    on. What would still start in it never does.

    :raises Forbidden: if `by` does not close years
    :raises Conflict: if it is frozen already, or something of it is still open
    """
    require(by, Deed.CLOSE_YEAR, unit)
    state = _state(session, unit, year)
    if state.frozen_at is not None:
        raise Conflict("year_frozen", year=year)
    if late := len(year_rows.open_cases(session, unit.id, year)):
        raise Conflict("year_work_open", year=year, count=late)
    left = [one for one in year_rows.living(session, [unit.id], year) if one.year <= year]
    if left:
        raise Conflict("year_not_carried", year=year, count=len(left))
    state.frozen_at = now
    session.execute(
        sa.update(PlannedStart)
        .where(
            PlannedStart.unit_id == unit.id,
            PlannedStart.year == year,
            PlannedStart.state.in_((StartState.WAITING, StartState.PASSED, StartState.ASKING)),
        )
        .values(state=StartState.DROPPED)
    )
    _tell(session, "year_frozen", state, by=by, now=now, why=why.strip() or None)
    return state


def thaw(session: Session, state: BodyYear, why: str, *, by: Actor, now: datetime) -> None:
    """Open a frozen year again, to put something right in it.

    :raises Forbidden: if `by` does not close years
    :raises Conflict: if it is not frozen, or sealed already
    :raises Invalid: without a reason
    """
    require(by, Deed.CLOSE_YEAR, state.unit)
    if state.sealed_at is not None:
        raise Conflict("year_sealed", year=state.year)
    if state.frozen_at is None:
        raise Conflict("year_not_frozen", year=state.year)
    if not why.strip():
        raise Invalid("reason_missing")
    state.frozen_at = None
    _tell(session, "year_thawed", state, by=by, now=now, why=why.strip())


def seal(session: Session, state: BodyYear, *, by: Actor, now: datetime) -> None:
    """Seal a frozen year with a hash of all it holds; the record keeps it.

    :raises Forbidden: if `by` does not close years
    :raises Conflict: if it is not frozen, or sealed already
    """
    require(by, Deed.CLOSE_YEAR, state.unit)
    if state.sealed_at is not None:
        raise Conflict("year_sealed", year=state.year)
    if state.frozen_at is None:
        raise Conflict("year_not_frozen", year=state.year)
    state.content_hash, state.counts = year_rows.content(
        session, state.unit_id, state.year, until=state.frozen_at
    )
    state.sealed_at = now
    what = {"hash": state.content_hash, "counts": state.counts, "until": state.frozen_at}
    _tell(session, "year_sealed", state, by=by, now=now, what=what)


def _state(session: Session, unit: Unit, year: int) -> BodyYear:
    session.execute(sa.select(Unit.id).where(Unit.id == unit.id).with_for_update())
    state = year_rows.body_year(session, unit.id, year)
    if state is None:
        state = BodyYear(unit=unit, year=year)
        session.add(state)
    return state


def _tell(
    session: Session,
    kind: str,
    state: BodyYear,
    *,
    by: Actor,
    now: datetime,
    what: Mapping[str, object] | None = None,
    why: str | None = None,
) -> None:
    session.flush()
    told = {"year": str(state.year)} | dict(what or {})
    record(session, kind, by=by, now=now, unit_id=state.unit_id, what=told, why=why)
