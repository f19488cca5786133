"""How a process runs in truth: the ways cases took, how long each step stood, what was done twice.

Told from the tasks of cases alone, read once in the order of their cases and never kept whole; a
case whose content was weeded out has none and is not counted.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from workflows.cases.models import Case, CaseState
from workflows.errors import NotFound
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.processes.rows import find as find_process
from workflows.queries.sight import visible_cases
from workflows.tasks.models import Outcome, Task

AT_ONCE = 2000
MOST_VARIANTS = 12  # the rest are counted together

Way = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """A number of durations in seconds: how many, the middle one, and nine tenths."""

    count: int
    median: int
    p90: int


@dataclass(frozen=True, slots=True)
class StepFlow:
    """How one step went: how long it stood, until somebody took it, and what was done anew."""

    element: str
    names: dict[str, str]
    stood: Spread
    waited: Spread | None  # until somebody took it, where somebody did before it was done
    again: int  # how often it was done more than once in the same case


@dataclass(frozen=True, slots=True)
class YearFlow:
    """The cases of one year: how many, how many are finished, and how long those took."""

    year: int
    cases: int
    finished: int
    took: Spread | None
    steps: dict[str, int]  # element -> the median of how long it stood


@dataclass(frozen=True, slots=True)
class Flow:
    """All of it."""

    process: Process
    cases: int
    variants: tuple[tuple[Way, int], ...]  # elements in the order they were done, and how often
    other_variants: int  # cases that went in ways of their own beside those
    steps: tuple[StepFlow, ...]  # in the order of the process, roughly: by when they are opened
    years: tuple[YearFlow, ...]


@dataclass(slots=True)
class _Step:
    names: dict[str, str]
    stood: list[int] = field(default_factory=list)
    waited: list[int] = field(default_factory=list)
    again: int = 0
    place: int = 0  # the sum of its places among the steps of cases


def processes(session: Session, *, by: Actor) -> list[tuple[Process, int]]:
    """List the processes with how many cases of each one may see.

    :raises Forbidden: if the actor does not read the record
    """
    require(by, Deed.SEE_FLOWS, None)
    wanted = (
        sa.select(Process, sa.func.count(Case.id))
        .join(Case, Case.process_id == Process.id)
        .where(visible_cases(by))
        .group_by(Process.id)
        .order_by(Process.name_sv)
    )
    return [(one, count) for one, count in session.execute(wanted)]


def of_process(
    session: Session, key: str, *, by: Actor, first: int | None = None, last: int | None = None
) -> Flow:
    """Tell how the cases of a process went, perhaps of some years only.

    :raises Forbidden: if the actor does not read the record
    :raises NotFound: if there is no such process
    """
    process = _process(session, key, by=by)
    which = (Case.process_id == process.id, visible_cases(by), *_within(first, last))
    ways: Counter[Way] = Counter()
    steps: dict[str, _Step] = {}
    by_year: dict[tuple[int, str], list[int]] = {}
    for rows in _done(session, which):
        ways[_way(rows)] += 1
        _count(rows, steps, by_year)
    common = ways.most_common(MOST_VARIANTS)
    ordered = sorted(steps.items(), key=lambda one: (one[1].place / len(one[1].stood), one[0]))
    return Flow(
        process=process,
        cases=sum(ways.values()),
        variants=tuple(common),
        other_variants=sum(ways.values()) - sum(count for _, count in common),
        steps=tuple(_told(element, step) for element, step in ordered),
        years=tuple(_years(session, which, by_year)),
    )


def _told(element: str, step: _Step) -> StepFlow:
    waited = spread(step.waited) if step.waited else None
    return StepFlow(element, step.names, spread(step.stood), waited, step.again)


def _way(rows: Sequence[Any]) -> Way:
    """The steps of one case in the order they were done; the same one after itself, as when many
    do it, is told once."""
    return tuple(element for element, _ in groupby(row.element for row in rows))


def _count(
    rows: Sequence[Any], steps: dict[str, _Step], by_year: dict[tuple[int, str], list[int]]
) -> None:
    seen: set[tuple[str, str]] = set()
    for place, row in enumerate(rows):
        step = steps.get(row.element)
        if step is None:
            step = steps[row.element] = _Step({"sv": row.name_sv, "en": row.name_en})
        stood = _seconds(row.opened_at, row.closed_at)
        step.stood.append(stood)
        step.place += place
        by_year.setdefault((row.year, row.element), []).append(stood)
        if row.claimed_at is not None and row.claimed_at < row.closed_at:
            step.waited.append(_seconds(row.opened_at, row.claimed_at))
        if (row.element, row.item) in seen:
            step.again += 1
        seen.add((row.element, row.item))


def _years(
    session: Session,
    which: Sequence[sa.ColumnElement[bool]],
    by_year: dict[tuple[int, str], list[int]],
) -> Iterator[YearFlow]:
    wanted = sa.select(Case.year, Case.state, Case.opened_at, Case.closed_at).where(*which)
    rows = sorted(session.execute(wanted.where(Case.purged_at.is_(None))), key=itemgetter(0))
    for year, some in groupby(rows, key=itemgetter(0)):
        cases = list(some)
        done = [one for one in cases if one.state is CaseState.FINISHED and one.closed_at]
        took = [_seconds(one.opened_at, one.closed_at) for one in done]
        medians = {of: spread(all_).median for (on, of), all_ in by_year.items() if on == year}
        yield YearFlow(year, len(cases), len(done), spread(took) if took else None, medians)


def _done(session: Session, which: Sequence[sa.ColumnElement[bool]]) -> Iterator[list[Any]]:
    """Give the tasks that were completed, case after case, each in the order they were."""
    wanted = (
        sa.select(
            Task.case_id, Task.element, Task.name_sv, Task.name_en, Task.opened_at,
            Task.claimed_at, Task.closed_at, sa.cast(Task.item, sa.Text).label("item"), Case.year,
        )
        .join(Case, Case.id == Task.case_id)
        .where(Task.outcome == Outcome.COMPLETED, *which)
        .order_by(Task.case_id, Task.closed_at, Task.id)
    )  # fmt: skip
    found = session.execute(wanted, execution_options={"yield_per": AT_ONCE})
    for _, rows in groupby(found, key=itemgetter(0)):
        yield list(rows)


@dataclass(frozen=True, slots=True)
class Trace:
    """One case as a log of events tells it, and each of its events."""

    key: str
    unit: str
    year: int
    state: str
    events: tuple["Logged", ...]


@dataclass(frozen=True, slots=True)
class Logged:
    """One moment of a task: opened, taken, completed or withdrawn."""

    at: datetime
    moment: str  # as the lifecycle extension of XES calls it
    element: str
    name: str
    step_id: str
    unit: str
    who: str


def traces(
    session: Session,
    key: str,
    *,
    by: Actor,
    first: int | None = None,
    last: int | None = None,
    language: str = "sv",
) -> Iterator[Trace]:
    """Give every case of a process that may be seen, as the log of it, one after the other.

    :raises Forbidden: if the actor does not read the record
    :raises NotFound: if there is no such process
    """
    process = _process(session, key, by=by)
    taker, doer, home = aliased(Person), aliased(Person), aliased(Unit)
    name = Task.name_en if language == "en" else Task.name_sv
    wanted = (
        sa.select(
            Case.id, Case.key, home.code, Case.year, Case.state,
            Task.opened_at, Task.claimed_at, Task.closed_at, Task.outcome, Task.element, name,
            Task.step_id, Unit.code, taker.name, doer.name,
        )
        .join(Task, Task.case_id == Case.id)
        .join(home, home.id == Case.unit_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(taker, taker.id == Task.assignee_id)
        .outerjoin(doer, doer.id == Task.done_by_id)
        .where(Case.process_id == process.id, visible_cases(by), *_within(first, last))
        .order_by(Case.id, Task.id)
    )  # fmt: skip
    found = session.execute(wanted, execution_options={"yield_per": AT_ONCE})
    for _, rows in groupby(found, key=itemgetter(0)):
        tasks = list(rows)
        events = [event for row in tasks for event in _logged(*row[5:])]
        _, key_, unit, year, state = tasks[0][:5]
        yield Trace(key_, unit, year, state, tuple(sorted(events, key=lambda one: one.at)))


def _logged(
    opened_at: datetime,
    claimed_at: datetime | None,
    closed_at: datetime | None,
    outcome: Outcome | None,
    *what: Any,
) -> Iterator[Logged]:
    element, name, step_id, unit, taker, doer = what
    yield Logged(opened_at, "schedule", element, name, step_id, unit, "")
    if claimed_at is not None:
        yield Logged(claimed_at, "start", element, name, step_id, unit, taker or doer or "")
    if closed_at is not None:
        moment = "complete" if outcome is Outcome.COMPLETED else "withdraw"
        yield Logged(closed_at, moment, element, name, step_id, unit, doer or "")


def _process(session: Session, key: str, *, by: Actor) -> Process:
    require(by, Deed.SEE_FLOWS, None)
    process = find_process(session, key)
    if process is None:
        raise NotFound
    return process


def _within(first: int | None, last: int | None) -> Iterator[sa.ColumnElement[bool]]:
    if first is not None:
        yield Case.year >= first
    if last is not None:
        yield Case.year <= last


def spread(durations: Sequence[int]) -> Spread:
    """Sum durations up: the middle one is the lower of two, so that each is one that happened."""
    ordered = sorted(durations)
    last = len(ordered) - 1
    return Spread(len(ordered), ordered[last // 2], ordered[last * 9 // 10])


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))
