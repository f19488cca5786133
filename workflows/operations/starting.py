"""Starting the cases of the year: the plan of what starts when, and each start in its time."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.clock import PlannedStart, StartPlan, StartState
from workflows.cases.lateness import lateness
from workflows.cases.models import Case
from workflows.database import Base, add_unless_there
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.language import on
from workflows.operations import cases
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.processes.rows import compiled
from workflows.queries.starts import Key, Wanted, word

OPEN = (StartState.WAITING, StartState.PASSED, StartState.ASKING)
THE_PLAN = 1

_start = Base.metadata.tables["planned_start"]


def plan(session: Session, found: Iterable[Wanted], seen: str, *, now: datetime) -> bool:
    """Let the planned starts be what was found, unless what it rests on has changed since (`seen`).

    What has started stays, and what somebody decided against.
    """
    known = _locked_plan(session)
    if word(session, now=now) != seen or known.word == seen:
        return False
    known.word = seen
    this = on(now).year
    there = _there(session, this - 1)
    started = _started(session, this - 1)
    wanted = list(found)
    latest = _latest(wanted, now)
    new, changed = [], []
    for one in wanted:
        row = there.pop(one.key, None)
        if row is None:
            state = _first_state(one, this, now, is_latest=one.key in latest)
            if state is not None and one.key not in started:
                new.append(_columns(one, state) | one.key._asdict() | {"attempts": 0})
        elif row.state in OPEN:
            state = _next_state(one, row, started, now)
            if state is StartState.PASSED and one.key.year < this:
                there[one.key] = row
            elif (columns := _columns(one, state)) != _kept(row) and not _is_coming(row, one, now):
                case_id = started.get(one.key)
                changed.append({"this_id": row.id, **columns, "case_id": case_id})
    _write(session, new, changed, [row.id for row in there.values() if row.state in OPEN])
    return True


def _locked_plan(session: Session) -> StartPlan:
    """Hold the plan, making the first one."""
    add_unless_there(session, StartPlan, id=THE_PLAN, word="")
    return session.get_one(StartPlan, THE_PLAN, with_for_update=True, populate_existing=True)


def start(session: Session, planned: PlannedStart, *, by: Actor, now: datetime) -> Case | None:
    """Start a case whose time has come, once; when its time passed while no clock ran, as its
    process says: now and once, not at all, or when somebody has said so."""
    if planned.state is not StartState.WAITING or planned.due_at is None or planned.due_at > now:
        return None
    version = planned.process.active_version
    ended = planned.unit.valid_to is not None and planned.unit.valid_to < on(now)
    late = lateness(session, planned.due_at, now=now)
    missed = compiled(version).description.missed if version and late and late.was_down else "once"
    if version is None or ended or missed == "skip":
        planned.state = StartState.PASSED
        _record(session, planned, "start_skipped", by=by, now=now)
        return None
    if missed == "ask":
        planned.state = StartState.ASKING
        _record(session, planned, "start_held", by=by, now=now)
        return None
    case = cases.start(
        session,
        planned.process,
        planned.unit,
        planned.year,
        occasion=planned.occasion,
        told={"due_at": planned.due_at, "rule": planned.rule} | (late.told if late else {}),
        by=by,
        now=now,
    )
    planned.state, planned.case_id = StartState.STARTED, case.id
    return case


def start_late(
    session: Session, process: Process, year: int, occasion: str, *, by: Actor, now: datetime
) -> int:
    """Have the cases started whose time had passed; the clock does it, one after the other.

    :raises Forbidden: if `by` does not look after due work
    :raises Conflict: if there are none
    """
    require(by, Deed.KEEP_DUE_WORK, None)
    return _decide(session, process, year, occasion, StartState.WAITING, None, by=by, now=now)


def start_never(
    session: Session,
    process: Process,
    year: int,
    occasion: str,
    *,
    why: str,
    by: Actor,
    now: datetime,
) -> int:
    """Leave the cases whose time had passed for good.

    :raises Forbidden: if `by` does not look after due work
    :raises Conflict: if there are none
    :raises Invalid: if no reason is given
    """
    require(by, Deed.KEEP_DUE_WORK, None)
    if not why.strip():
        raise Invalid("reason_missing")
    return _decide(session, process, year, occasion, StartState.DROPPED, why, by=by, now=now)


def _decide(
    session: Session,
    process: Process,
    year: int,
    occasion: str,
    state: StartState,
    why: str | None,
    *,
    by: Actor,
    now: datetime,
) -> int:
    new: dict[str, Any] = {"state": state, "retry_at": None}
    if state is StartState.WAITING:
        new["due_at"] = now  # somebody has said now: that is not late
    decided = session.execute(
        sa.update(_start)
        .where(
            _start.c.process_id == process.id,
            _start.c.year == year,
            _start.c.occasion == occasion,
            _start.c.state.in_((StartState.PASSED, StartState.ASKING)),
        )
        .values(new)
    )
    count: int = decided.rowcount  # type: ignore[attr-defined]  # an update has one
    if not count:
        raise Conflict("nothing_to_decide")
    kind = "starts_dropped" if state is StartState.DROPPED else "late_starts_asked_for"
    what = {"process": process.key, "year": str(year), "occasion": occasion, "count": count}
    record(session, kind, by=by, now=now, what=what, why=why and why.strip())
    session.expire_all()
    return count


def _record(
    session: Session, planned: PlannedStart, kind: str, *, by: Actor, now: datetime
) -> None:
    what = {
        "process": planned.process.key,
        "year": str(planned.year),
        "occasion": planned.occasion,
        "due_at": planned.due_at,
    }
    record(session, kind, by=by, now=now, unit_id=planned.unit_id, what=what)


# the plan


def _there(session: Session, first: int) -> dict[Key, sa.Row[Any]]:
    """Read the rows there are, but for what started long ago."""
    wanted = sa.select(_start).where(
        sa.or_(_start.c.year >= first, _start.c.state != StartState.STARTED)
    )
    rows = session.execute(wanted.order_by(_start.c.id).with_for_update())
    return {Key(row.process_id, row.unit_id, row.year, row.occasion): row for row in rows}


def _started(session: Session, first: int) -> dict[Key, int]:
    """Read which cases there are, whoever started them."""
    wanted = sa.select(Case.process_id, Case.unit_id, Case.year, Case.occasion, Case.id)
    rows = session.execute(wanted.where(Case.year >= first))
    return {Key(*row[:4]): row.id for row in rows}


def _latest(wanted: Iterable[Wanted], now: datetime) -> set[Key]:
    """Find the last start of each process, unit and year whose time has passed."""
    found: dict[tuple[int, int, int], tuple[datetime, Key]] = {}
    for one in wanted:
        if one.due_at is not None and one.due_at <= now:
            mine, of = (one.due_at, one.key), one.key[:3]
            found[of] = max(found.get(of, mine), mine)
    return {key for _, key in found.values()}


def _first_state(one: Wanted, this: int, now: datetime, *, is_latest: bool) -> StartState | None:
    """Say how a start begins that was not planned before; None: it is not kept at all.

    One whose time has passed already starts by itself only for a unit that came late to what its
    process has said for long, and then only the last one of the year: nobody is flooded.
    """
    if one.due_at is not None and one.due_at > now:
        return StartState.WAITING
    if one.key.year < this:
        return None
    if one.due_at is None or one.begins or (one.due_at >= one.since and is_latest):
        return StartState.WAITING
    return StartState.PASSED


def _next_state(
    one: Wanted, row: sa.Row[Any], started: Mapping[Key, int], now: datetime
) -> StartState:
    if one.key in started:
        return StartState.STARTED
    if one.due_at is None or one.due_at > now:
        return StartState.WAITING
    return StartState(row.state)


def _is_coming(row: sa.Row[Any], one: Wanted, now: datetime) -> bool:
    """Tell whether a start is about to happen, and would by the new date as well."""
    due = [at for at in (row.due_at, one.due_at) if at is not None and at <= now]
    return row.state is StartState.WAITING and len(due) == 2


def _columns(one: Wanted, state: StartState) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "due_at": one.due_at,
        "because": dict(one.because),
        "state": state,
    }


def _kept(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "rule": row.rule,
        "due_at": row.due_at,
        "because": row.because,
        "state": StartState(row.state),
    }


def _write(
    session: Session, new: list[dict[str, Any]], changed: list[dict[str, Any]], gone: list[int]
) -> None:
    connection = session.connection()
    mine = _start.c.id == sa.bindparam("this_id")
    if gone:
        connection.execute(sa.delete(_start).where(mine), [{"this_id": one} for one in gone])
    if changed:
        names = ("rule", "due_at", "because", "state", "case_id")
        values: dict[str, Any] = {name: sa.bindparam(name) for name in names}
        connection.execute(sa.update(_start).where(mine).values(values), changed)
    if new:
        connection.execute(sa.insert(_start), new)
    session.expire_all()
