"""What a change of the calendar moves: every open task and waiting timer, before it is made."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import instant_text
from workflows.cases.left_out import is_on_the_way
from workflows.cases.models import OPEN, Case, Timer
from workflows.engine import is_exact
from workflows.processes.models import Version
from workflows.processes.rows import compiled
from workflows.queries.redating import Redating, opened_in
from workflows.queries.starts import redated
from workflows.steering.book import Book, Lineage
from workflows.steering.changes import must_stand
from workflows.steering.rows import current, lineages
from workflows.steering.values import Change
from workflows.tasks.models import Task

AT_ONCE = 2000


class Moved(NamedTuple):
    """One date and what becomes of it, by the names of the columns of `Move`."""

    fate: str
    task_id: int | None
    timer_id: int | None
    case_id: int
    unit_id: int
    person_id: int | None
    element: str
    step_id: str
    seen: int
    old_due_at: datetime | None
    new_due_at: datetime | None
    because: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A change, what it moves, and what was seen: the calendar's word and every case's revision."""

    change: Change
    word: str
    cases: Mapping[int, int]
    moves: tuple[Moved, ...]
    starts: tuple[dict[str, Any], ...]  # cases to come: process, unit, year, occasion, old and new


def preview(
    session: Session,
    change: Change,
    *,
    cases: Collection[int] | None = None,
    now: datetime | None = None,
) -> Preview:
    """Work out what `change` moves, in all cases it concerns or in some of them; the starts of
    cases after `now` too, where it is given.

    :raises Conflict: if the rows it changes have become others
    """
    word, book = current(session)
    must_stand(book, change)
    lines = lineages(session)
    below = {unit_id: line for unit_id, line in lines.items() if change.unit_id in dict(line)}
    changed = book.changed(change.edits)
    redating = Redating(changed, below)
    moves: list[Moved] = []
    for some in _slices(cases):
        moves += _tasks(session, redating, some)
        moves += _timers(session, redating, some)
    seen = revisions(session, change.unit_id, lines)
    starts = _starts(session, changed, below, now) if now else ()
    return Preview(change, word, seen, tuple(moves), tuple(starts))


def revisions(
    session: Session, unit_id: int, lines: Mapping[int, Lineage] | None = None
) -> dict[int, int]:
    """Give the revision of every live case whose dates hang on the unit's calendar."""
    below = [one for one, line in (lines or lineages(session)).items() if unit_id in dict(line)]
    found = session.execute(
        sa.select(Case.id, Case.revision, Case.unit_id).where(Case.state.in_(OPEN))
    )
    units = frozenset(below)
    return {row.id: row.revision for row in found if row.unit_id in units}


def _starts(
    session: Session, book: Book, below: Collection[int], now: datetime
) -> Iterator[dict[str, Any]]:
    for start, due_at, because in redated(session, book, units=below, now=now):
        if due_at != start.due_at:
            yield {
                "process_id": start.process_id,
                "unit_id": start.unit_id,
                "year": start.year,
                "occasion": start.occasion,
                "old": instant_text(start.due_at) if start.due_at else None,
                "new": instant_text(due_at) if due_at else None,
                "unresolved": because.get("unresolved"),
            }


def _tasks(session: Session, redating: Redating, cases: Collection[int] | None) -> Iterator[Moved]:
    wanted = (
        sa.select(
            Task.id, Task.case_id, Task.unit_id, Task.assignee_id, Task.element, Task.step_id,
            Task.revision, Task.opened_at, Task.due_at, Task.because, Task.is_legal, Task.item,
            sa.true().label("can_leave"), Case.year, Case.key, Case.occasion,
        )
        .join(Case, Case.id == Task.case_id)
        .where(Task.closed_at.is_(None), Task.because.is_not(None))
        .order_by(Task.id)
    )  # fmt: skip
    if cases is not None:
        wanted = wanted.where(Task.case_id.in_(cases))
    rows = [row for row in session.execute(wanted) if row.unit_id in redating.lines]
    for row, fields in _with_fields(session, redating, rows):
        new = redating.dated(row, fields)
        if fate := redating.fate(row, new):
            yield Moved(
                fate, row.id, None, row.case_id, row.unit_id, row.assignee_id, row.element,
                row.step_id, row.revision, row.due_at, new.due_at, new.text,
            )  # fmt: skip


class _Waiting(NamedTuple):
    """A timer with the names a task has."""

    id: int
    case_id: int
    unit_id: int
    element: str
    step_id: str
    opened_at: datetime | None
    due_at: datetime | None
    because: dict[str, Any]
    year: int
    key: str
    occasion: str
    item: dict[str, Any] | None
    can_leave: bool
    is_legal: bool = False


def _timers(session: Session, redating: Redating, cases: Collection[int] | None) -> Iterator[Moved]:
    wanted = (
        sa.select(
            Timer.id, Timer.case_id, Case.unit_id, Timer.element, Timer.wait_id, Timer.due_at,
            Timer.because, Timer.opened_at, Timer.item, Case.year, Case.key, Case.occasion,
            Case.version_id,
        )
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.fired_at.is_(None), Timer.closed_at.is_(None), Timer.because.is_not(None))
        .order_by(Timer.id)
    )  # fmt: skip
    if cases is not None:
        wanted = wanted.where(Timer.case_id.in_(cases))
    rows = [
        _Waiting(
            row.id, row.case_id, row.unit_id, row.element, row.wait_id,
            row.opened_at or opened_in(row.because), row.due_at, row.because, row.year, row.key,
            row.occasion, row.item, _is_on_the_way(session, row),
        )
        for row in session.execute(wanted)
        if row.unit_id in redating.lines and not is_exact(row.because["rule"])
    ]  # fmt: skip
    known = [row for row in rows if redating.knows_enough(row)]
    for row, fields in _with_fields(session, redating, known):
        new = redating.dated(row, fields)
        if fate := redating.fate(row, new):
            yield Moved(
                fate, None, row.id, row.case_id, row.unit_id, None, row.element, row.step_id,
                0, row.due_at, new.due_at, new.text,
            )  # fmt: skip


def _is_on_the_way(session: Session, row: Any) -> bool:
    runs = compiled(session.get_one(Version, row.version_id))
    return row.element in runs.plan.nodes and is_on_the_way(runs, row.element)


def _with_fields(
    session: Session, redating: Redating, rows: Iterable[Any]
) -> Iterator[tuple[Any, Mapping[str, Mapping[str, Any]]]]:
    """Give each row with the fields its rule may ask for; case data is read only where one does."""
    listed = list(rows)
    asking = sorted({row.case_id for row in listed if redating.asked(row).of_case})
    data: dict[int, dict[str, Any]] = {}
    for some in _slices(asking):
        found = session.execute(sa.select(Case.id, Case.data).where(Case.id.in_(some or ())))
        data |= {row.id: row.data for row in found}
    for row in listed:
        case = data.get(row.case_id, {}) | {
            "key": row.key, "year": row.year, "occasion": row.occasion,
        }  # fmt: skip
        yield row, {"case": case, "item": row.item or {}}


def _slices(ids: Collection[int] | None) -> Iterator[list[int] | None]:
    if ids is None:
        yield None
        return
    listed = sorted(ids)
    for begin in range(0, len(listed), AT_ONCE):
        yield listed[begin : begin + AT_ONCE]
