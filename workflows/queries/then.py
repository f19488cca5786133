"""How a case and the overview of a process stood at a moment, from events of cases alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case, CaseState
from workflows.history.as_it_stood import CaseThen
from workflows.history.contents import content
from workflows.history.folding import HANDED, folded
from workflows.history.models import Event
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.permissions import Deed, may
from workflows.processes.models import Process, Secrecy, Version
from workflows.processes.rows import compiled
from workflows.queries.history import SUGGESTED
from workflows.queries.overview import ORDER, Cell, Column, Overview, Row, State, followed, row_of
from workflows.queries.words_given import Words, words_of
from workflows.tasks.models import Outcome

SMALL_TALK = ("draft_saved", "reminded", "secret_read", "exported")  # nothing stands otherwise then


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as it stood, the moments something happened in it, and what happened last by then."""

    then: CaseThen | None
    version: Version | None
    moments: tuple[datetime, ...]
    last: tuple[Event, ...]
    people: Mapping[int, str]  # as they are called today


class CaseRow(NamedTuple):
    """A case as the permission table and the overview ask of it."""

    id: int
    unit_id: int
    process_id: int
    year: int
    occasion: str
    state: CaseState
    secrecy: Secrecy


class TaskRow(NamedTuple):
    """A task as a cell is made of it."""

    id: str
    due_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    element: str


def case(session: Session, found: Case, *, at: datetime) -> Seen:
    """Say how a case stood at a moment; it must be seen already."""
    events = session.scalars(_events([found.id])).all()
    moments = tuple(dict.fromkeys(one.at for one in events))
    before = [one for one in events if one.at <= at]
    then = folded(before)
    ids = {
        one
        for task in (then.tasks.values() if then else ())
        for one in (task.assignee_id, task.done_by_id, task.done_for_id)
    }
    named = sa.select(Person.id, Person.name).where(Person.id.in_(ids - {None}))
    return Seen(
        then,
        _version(session, found.process_id, then.version) if then else None,
        moments,
        tuple(one for one in before if one.at == before[-1].at),
        dict(session.execute(named).all()),
    )


def overview(
    session: Session,
    process: Process,
    year: int,
    *,
    occasion: str | None,
    by: Actor,
    at: datetime,
) -> tuple[Overview, int]:
    """Say how far each body had come at a moment; and of how many cases that cannot be told."""
    units = followed(session, process, by)
    wanted = sa.select(Case.id, Case.unit_id, Case.process_id, Case.secrecy, Case.year).where(
        Case.process_id == process.id,
        Case.year == year,
        Case.unit_id.in_(units),
        Case.opened_at <= at,
    )
    seen = {row.id: row for row in session.execute(wanted) if may(by, Deed.SEE_CASE, row)}
    then: dict[int, CaseThen] = {}
    said: dict[Any, Words] = {}
    for case_id, events in groupby(session.scalars(_events(seen, at)), attrgetter("case_id")):
        happened = list(events)
        if (one := folded(happened)) is not None:
            then[case_id] = one
            said |= _said(happened, one, at=at)
    occasions = tuple(dict.fromkeys(one.occasion for one in then.values()))
    if occasion not in occasions:
        occasion = occasions[-1] if occasions else None
    told = {
        key: one
        for key, one in then.items()
        if one.occasion == occasion and one.unknown_since is None
    }
    columns = _columns(session, process, told.values())
    rows = []
    for case_id, one in told.items():
        tasks = [_task(row) for row in one.tasks.values()]
        as_row = CaseRow(
            case_id,
            seen[case_id].unit_id,
            process.id,
            year,
            one.occasion,
            CaseState(one.state),
            seen[case_id].secrecy,
        )
        row = row_of(as_row, units[as_row.unit_id], columns, tasks, said, {}, by, at)
        rows.append(replace(row, may_nudge=False))
    have = {row.unit.id for row in rows}
    none = (Cell(State.PLANNED),) * len(columns)
    stands = date(year, 12, 31)
    rows += [
        Row(one, none) for one in units.values() if one.id not in have and one.stands_on(stands)
    ]
    rows.sort(key=lambda row: (ORDER.index(row.unit.kind), row.unit.sort_key, -(row.case_id or 0)))
    untold = sum(one.unknown_since is not None for one in then.values())
    return Overview(process, year, occasions, occasion, columns, tuple(rows)), untold


def _events(case_ids: Iterable[int], until: datetime | None = None) -> sa.Select[Event]:
    wanted = sa.select(Event).where(
        Event.case_id.in_(list(case_ids)), Event.kind.not_in(SMALL_TALK)
    )
    if until is not None:
        wanted = wanted.where(Event.at <= until)
    return wanted.order_by(Event.case_id, Event.n)


def _version(session: Session, process_id: int, number: int) -> Version | None:
    wanted = sa.select(Version).where(Version.process_id == process_id, Version.number == number)
    return session.scalars(wanted).one_or_none()


def _columns(session: Session, process: Process, told: Iterable[CaseThen]) -> tuple[Column, ...]:
    """Give the steps of the versions that cases ran, those of the latest first."""
    numbers = {one.version for one in told}
    wanted = sa.select(Version).where(Version.process_id == process.id, Version.number.in_(numbers))
    found: dict[str, Column] = {}
    for version in session.scalars(wanted.order_by(Version.number.desc())):
        for element, info in compiled(version).description.steps.items():
            found.setdefault(element, Column(element, info.names))
    return tuple(found.values())


def _task(one: Any) -> TaskRow:
    outcome = Outcome(one.outcome) if one.outcome else None
    return TaskRow(one.step_id, one.due_at, one.closed_at, outcome, one.element)


def _said(events: Sequence[Event], case: CaseThen, *, at: datetime) -> Iterator[tuple[Any, Words]]:
    """Say what had been said of each open task of a case, as `words_given` says it of today."""
    rows: dict[str, SimpleNamespace] = {}
    for event in events:
        what = content(event.what)
        row = rows.setdefault(str(what.get("step_id")), _nothing(case))
        match event.kind:
            case "promise_given":
                row.until, row.needs_help = (
                    date.fromisoformat(what["until"][:10]),
                    what["needs_help"],
                )
                row.why = event.why or ""
            case "time_asked_for":
                row.new_due_at, row.plea = datetime.fromisoformat(what["new"]), event.why
            case "time_given" | "time_refused":
                row.new_due_at = None
            case "nudged":
                row.asked_at = event.at
            case kind if kind in (*SUGGESTED, *HANDED):
                row.handed, row.reason = kind, event.why
    for step_id, task in case.tasks.items():
        if task.closed_at is None and step_id in rows:
            yield step_id, words_of(rows[step_id], at)


def _nothing(case: CaseThen) -> SimpleNamespace:
    return SimpleNamespace(
        needs_help=False, handed=None, reason=None, new_due_at=None, plea="", until=None, why="",
        asked_at=None, state=CaseState(case.state or "running"),
    )  # fmt: skip


__all__ = ["Seen", "case", "overview"]
