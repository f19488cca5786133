"""Changing the calendar: prepared with everything it moves, then applied in one go, with a reason.

`steering.changes` works a change out and `queries.replanning` what it moves; both only read.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import parse
from workflows.cases.models import Case
from workflows.database import Base
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record, record_each
from workflows.notices.rows import tell
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, require
from workflows.queries.prepared import about_to_move, dates, shown_dates, touched_cases
from workflows.queries.redating import LEAVES, MOVES, STAYS
from workflows.queries.replanning import Preview, preview
from workflows.steering import rows
from workflows.steering.changes import must_stand, undone
from workflows.steering.models import Move, Replanning
from workflows.steering.values import Change, plain, read

KEPT_UNAPPLIED = timedelta(days=1)
MANY_TOUCHED = 300  # cases touched since the preview; more than that is looked at anew

_move, _task, _timer, _call = (
    Base.metadata.tables[one] for one in ("replanning_move", "task", "timer", "task_call")
)


def prepare(
    session: Session, found: Preview, *, by: Actor, now: datetime, undoes_id: int | None = None
) -> Replanning:
    """Keep a change with everything it moves, to be looked at and applied.

    :raises Forbidden: if `by` may not change that calendar
    """
    unit = session.get_one(Unit, found.change.unit_id)
    require(by, Deed.CHANGE_CALENDAR, unit)
    _forget_old(session, now=now)
    prepared = Replanning(
        unit=unit,
        year=found.change.year,
        change=plain(found.change),
        seen={
            "calendar": found.word,
            "cases": {str(key): n for key, n in found.cases.items()},
            "starts": list(found.starts),
        },
        made_at=now,
        made_by_id=by.id,
        undoes_id=undoes_id,
    )
    session.add(prepared)
    session.flush()
    if found.moves:
        belongs = {"replanning_id": prepared.id}
        session.connection().execute(
            sa.insert(_move), [move._asdict() | belongs for move in found.moves]
        )
    return prepared


def apply(session: Session, prepared: Replanning, *, why: str, by: Actor, now: datetime) -> None:
    """Make the change and move what hangs on it, all at once, as it was shown.

    :raises Conflict: if it is applied already, or something it showed has changed since
    :raises Forbidden: if `by` may not change that calendar
    :raises Invalid: if dates move and no reason is given
    """
    require(by, Deed.CHANGE_CALENDAR, prepared.unit)
    if prepared.applied_at is not None:
        raise Conflict("replanning_applied")
    if not why.strip() and (prepared.seen.get("starts") or _moves_any(session, prepared)):
        raise Invalid("reason_missing")
    _hold_cases(session, prepared)
    if rows.lock(session) != prepared.seen["calendar"]:
        raise Conflict("preview_outdated")
    change = read(prepared.change)
    _must_still_move_the_same(session, prepared, change)
    rows.write(session, change.edits)
    moved = about_to_move(session, prepared.id)
    _set_dates(session, prepared)
    _call_anew(session, prepared)
    prepared.why = why.strip() or None
    prepared.applied_at, prepared.applied_by_id = now, by.id
    _tell(session, prepared, moved, by=by, now=now)
    _tell_people(session, moved, now=now)
    session.expire_all()


def carry_out(
    session: Session, change: Change, *, why: str, by: Actor, now: datetime
) -> Replanning:
    """Prepare and apply in one transaction, for commands and what nobody needs to look at first."""
    prepared = prepare(session, preview(session, change, now=now), by=by, now=now)
    apply(session, prepared, why=why, by=by, now=now)
    return prepared


def turned_round(prepared: Replanning) -> Change:
    """Give the change that undoes an applied one; it is previewed and applied like any other.

    :raises Conflict: if it was never applied
    """
    if prepared.applied_at is None:
        raise Conflict("replanning_not_applied")
    return undone(read(prepared.change))


def forget(session: Session, prepared: Replanning, *, by: Actor) -> None:
    """Throw away a change that was looked at and not applied.

    :raises Conflict: if it was applied: it can only be undone
    """
    require(by, Deed.CHANGE_CALENDAR, prepared.unit)
    if prepared.applied_at is not None:
        raise Conflict("replanning_applied")
    _forget(session, [prepared.id])


def _moves_any(session: Session, prepared: Replanning) -> bool:
    moving = (Move.replanning_id == prepared.id, Move.fate.in_((MOVES, LEAVES)))
    wanted = sa.select(Move.id).where(*moving)
    return session.scalars(wanted.limit(1)).first() is not None


def _hold_cases(session: Session, prepared: Replanning) -> None:
    """Lock the cases, always before their tasks, the calendar and their chains."""
    concerned = sa.select(Move.case_id).where(Move.replanning_id == prepared.id)
    session.execute(
        sa.select(Case.id).where(Case.id.in_(concerned)).order_by(Case.id).with_for_update()
    ).all()


def _must_still_move_the_same(session: Session, prepared: Replanning, change: Change) -> None:
    """Refuse if cases touched since the preview would now move otherwise than it showed.

    Somebody is always working in a city of cases; only what they did to these dates matters.
    """
    must_stand(rows.current(session)[1], change)
    touched = touched_cases(session, prepared)
    if not touched:
        return
    if len(touched) > MANY_TOUCHED:
        raise Conflict("preview_outdated")
    found = preview(session, change, cases=touched)
    if shown_dates(session, prepared.id, touched) != dates(found.moves):
        raise Conflict("preview_outdated")


def _set_dates(session: Session, prepared: Replanning) -> None:
    """Write the new dates and reasons with one statement for tasks and one for timers."""
    connection = session.connection()
    text: sa.ColumnElement[Any] = _move.c.because
    if connection.dialect.name == "postgresql":
        text = sa.cast(text, sa.JSON)
    new = {"due_at": _move.c.new_due_at, "because": text}
    mine = (_move.c.replanning_id == prepared.id, _move.c.fate != STAYS)
    connection.execute(
        sa.update(_task)
        .where(_task.c.id == _move.c.task_id, _task.c.closed_at.is_(None), *mine)
        .values(new | {"revision": _task.c.revision + 1})
    )
    waiting = (_timer.c.closed_at.is_(None), _timer.c.fired_at.is_(None))
    connection.execute(
        sa.update(_timer).where(_timer.c.id == _move.c.timer_id, *waiting, *mine).values(new)
    )


def _call_anew(session: Session, prepared: Replanning) -> None:
    """Take away what was to remind of the old dates; the clock plans it anew bit by bit, and lets
    the cases go on past steps whose milestone is gone.
    """
    connection = session.connection()
    moving = (
        _move.c.replanning_id == prepared.id,
        sa.or_(
            _move.c.fate == LEAVES,
            sa.and_(_move.c.fate == MOVES, _move.c.task_id.is_not(None)),
        ),
    )
    connection.execute(
        sa.delete(_call).where(
            _call.c.task_id.in_(sa.select(_move.c.task_id).where(*moving)),
            _call.c.fired_at.is_(None),
            _call.c.occasion != "opened",
        )
    )
    connection.execute(sa.update(_move).where(*moving).values(calls_due=True))


def _tell_people(session: Session, moved: list[Any], *, now: datetime) -> None:
    """Tell each person how many of their dates moved, in one notice."""
    counts = Counter(one.person_id for one in moved if one.person_id is not None)
    people: dict[int, list[int]] = {}
    for person_id, count in counts.items():
        people.setdefault(count, []).append(person_id)
    for count, some in people.items():
        tell(session, some, "deadlines_moved", what={"count": count}, now=now)


def _tell(
    session: Session, prepared: Replanning, moved: list[Any], *, by: Actor, now: datetime
) -> None:
    """Write one event for the change and one for each case it moved something in."""
    by_case: dict[int, tuple[int, dict[str, list[object]]]] = {}
    for one in moved:
        _, told = by_case.setdefault(one.case_id, (one.unit_id, {}))
        told.setdefault("tasks" if one.task_id else "timers", []).append(
            {
                "element": one.element,
                "step_id": one.step_id,
                "old": one.old_due_at,
                "new": one.new_due_at,
                "because": parse(one.because),
            }
        )
    what = {
        "year": str(prepared.year),
        "replanning": prepared.id,
        "change": prepared.change,
        "tasks": sum(one.task_id is not None for one in moved),
        "timers": sum(one.task_id is None for one in moved),
        "cases": len(by_case),
        "starts": len(prepared.seen.get("starts", ())),
    } | ({"undoes": prepared.undoes_id} if prepared.undoes_id else {})
    record(
        session,
        "calendar_changed",
        by=by,
        now=now,
        unit_id=prepared.unit_id,
        what=what,
        why=prepared.why,
    )
    each = {
        case_id: (unit_id, told | {"replanning": prepared.id})
        for case_id, (unit_id, told) in by_case.items()
    }
    record_each(session, "dates_moved", each, by=by, now=now, why=prepared.why)


def _forget_old(session: Session, *, now: datetime) -> None:
    old = sa.select(Replanning.id).where(
        Replanning.applied_at.is_(None), Replanning.made_at < now - KEPT_UNAPPLIED
    )
    _forget(session, list(session.scalars(old)))


def _forget(session: Session, ids: list[int]) -> None:
    if ids:
        session.execute(sa.delete(Move).where(Move.replanning_id.in_(ids)))
        session.execute(sa.delete(Replanning).where(Replanning.id.in_(ids)))
