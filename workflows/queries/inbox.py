"""What waits for a person: their own tasks, those of their roles, what others owe, what is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.language import fold
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may
from workflows.processes.models import Process, Secrecy
from workflows.queries.sight import sees_case
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Draft, Task, TaskRole

PAGE = 50
MOST_EXPORTED = 20_000
MOST_COUNTED = 1000  # nobody needs to know whether it is 1 213 or 1 214
MOST_WORDS = 8
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks of a list are asked for; nothing said is all of them, by day."""

    unit_id: int | None = None
    process_id: int | None = None
    year: int | None = None
    due_before: datetime | None = None
    begun: bool | None = None  # somebody has typed in it
    text: str = ""
    order: str = "due"


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of tasks, how many there are in all (no further than MOST_COUNTED), and the task
    after which the next page begins."""

    tasks: list[Task]
    total: int
    more: int | None = None


EVERYTHING = Wanted()
DAY = sa.func.coalesce(Task.due_at, sa.literal(NEVER, Task.due_at.type))
ORDERS: dict[str, tuple[sa.ColumnElement[Any], ...]] = {
    "due": (DAY,),
    "unit": (Unit.sort_key.expression, DAY),
    "process": (Process.key.expression, DAY),
    "opened": (Task.opened_at.expression,),
    "closed": (Task.closed_at.expression,),
}
LATEST_FIRST = ("opened", "closed")
OPEN = Task.closed_at.is_(None)


def mine(session: Session, by: Actor) -> Inbox:
    """The open tasks somebody has taken or been given, the most urgent first."""
    return listed(session, "mine", by=by)


def for_my_roles(session: Session, by: Actor) -> Inbox:
    """The free tasks that anybody with one of the actor's roles may take, likewise."""
    return listed(session, "role", by=by)


def listed(
    session: Session,
    name: str,
    wanted: Wanted = EVERYTHING,
    *,
    by: Actor,
    after: int | None = None,
    most: int = PAGE,
) -> Inbox:
    """Find a page of one of the lists, from the task after `after` on.

    :raises NotFound: if there is no such list, or no task `after`
    """
    conditions = [*_within(name, by), *_asked(wanted)]
    conditions += _with_words(session, conditions, wanted.text)
    key = "closed" if name == "done" else wanted.order
    order = (*ORDERS.get(key, ORDERS["due"]), Task.id.expression)
    is_backwards = key in LATEST_FIRST
    tasks = _joined(sa.select(Task)).where(*conditions)
    if after is not None:
        place = session.execute(_joined(sa.select(*order)).where(Task.id == after)).first()
        if place is None:
            raise NotFound
        here = sa.tuple_(*order)
        there = sa.tuple_(*(sa.literal(v, o.type) for v, o in zip(place, order, strict=True)))
        tasks = tasks.where(here < there if is_backwards else here > there)
    found = session.scalars(
        tasks.order_by(*(each.desc() if is_backwards else each for each in order))
        .limit(most + 1)
        .options(
            contains_eager(Task.case).contains_eager(Case.process),
            contains_eager(Task.process),
            contains_eager(Task.unit),
            joinedload(Task.assignee),
        )
    ).all()
    more = found[most - 1].id if len(found) > most else None
    is_whole = after is None and more is None
    total = len(found) if is_whole else session.scalar(sa.select(_count(conditions))) or 0
    return Inbox(list(found[:most]), total, more)


def counts(session: Session, *, by: Actor) -> dict[str, int]:
    """Count what lies in each list that is not over, no further than MOST_COUNTED."""
    names = ("mine", "role", "waiting")
    row = session.execute(sa.select(*(_count([*_within(name, by)]) for name in names))).one()
    return dict(zip(names, row, strict=True))


def begun(session: Session, tasks: list[Task]) -> set[int]:
    """Tell in which of the tasks somebody has typed something."""
    wanted = sa.select(Draft.task_id).where(Draft.task_id.in_([task.id for task in tasks]))
    return set(session.scalars(wanted))


def to_answer(session: Session, by: Actor) -> list[Extension]:
    """The requests for longer time that wait for the actor's decision, the oldest first."""
    places = sorted({(held.role, held.unit_id) for held in by.held})
    place = sa.tuple_(Extension.decider, sa.func.coalesce(Extension.decider_unit_id, Task.unit_id))
    asked = session.scalars(
        sa.select(Extension)
        .join(Extension.task)
        .where(Extension.decided_at.is_(None), Task.closed_at.is_(None), place.in_(places))
        .options(
            contains_eager(Extension.task).options(
                joinedload(Task.unit), joinedload(Task.case).joinedload(Case.process)
            )
        )
        .order_by(Extension.id)
    )
    return [one for one in asked if may(by, Deed.GIVE_TIME, one)]


def for_places(
    places: set[tuple[str, int, int | None]], *, only_open: bool = False
) -> sa.ColumnElement[bool]:
    """Of tasks: those for any of the roles in their units, perhaps in one process only; with
    `only_open` the open ones, of which there is an index."""
    by_process: dict[int | None, list[tuple[str, int]]] = {}
    for role, unit_id, process_id in places:
        by_process.setdefault(process_id, []).append((role, unit_id))
    place = sa.tuple_(TaskRole.role, TaskRole.unit_id)
    theirs = sa.select(TaskRole.task_id)
    theirs = theirs.where(TaskRole.is_open if only_open else TaskRole.task_id == Task.id)
    is_for = []
    for process_id, pairs in by_process.items():
        of_these = theirs.where(place.in_(sorted(pairs)))
        is_given = Task.id.in_(of_these) if only_open else of_these.exists()
        in_process = sa.true() if process_id is None else Task.process_id == process_id
        is_for.append(sa.and_(is_given, in_process))
    return sa.or_(sa.false(), *is_for)


def _within(name: str, by: Actor) -> Iterator[sa.ColumnElement[bool]]:
    """Say which tasks lie in a list; each is one that SEE_TASK lets the actor see."""
    if name == "mine":
        yield from (OPEN, Task.assignee_id == by.id)
    elif name == "role":
        yield from (OPEN, Task.assignee_id.is_(None), for_places(_places(by), only_open=True))
    elif name == "waiting":
        yield from (OPEN, _is_another_s(by), _has_a_hand_in(by), _seen(by))
    elif name == "done":
        yield from (Task.done_by_id == by.id, _seen(by))
    elif name == "open":  # what a search may find: nothing secret, not even one's own
        not_secret = Task.secrecy != Secrecy.SECRET
        yield from (OPEN, not_secret, sa.or_(_seen(by), Task.assignee_id == by.id))
    else:
        raise NotFound


def _is_another_s(by: Actor) -> sa.ColumnElement[bool]:
    given = sa.and_(Task.assignee_id.is_not(None), Task.assignee_id != by.id)
    return sa.or_(given, sa.and_(Task.assignee_id.is_(None), ~_for_roles(by)))


def _has_a_hand_in(by: Actor) -> sa.ColumnElement[bool]:
    """Of tasks: those in cases where the actor has done or has one, and those handed on by them."""
    theirs = sa.select(Task.case_id).where(Task.done_by_id == by.id)
    given = sa.cast(Task.given_from, sa.Text)  # canonical JSON: [3,5]
    handed_on = sa.or_(*(given.contains(f"{a}{by.id}{b}") for a in "[," for b in ",]"))
    return sa.or_(
        Task.case_id.in_(theirs.union(sa.select(Task.case_id).where(*_within("mine", by)))),
        sa.and_(Task.given_from.is_not(None), handed_on),
    )


def _seen(by: Actor) -> sa.ColumnElement[bool]:
    return sa.or_(sees_case(by, Task.secrecy, Task.unit_id, Task.process_id), _for_roles(by))


def _for_roles(by: Actor) -> sa.ColumnElement[bool]:
    return for_places(_places(by))


def _places(by: Actor) -> set[tuple[str, int, int | None]]:
    return {(held.role, held.unit_id, held.process_id) for held in by.held}


def _asked(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.unit_id is not None:
        yield Task.unit_id == wanted.unit_id
    if wanted.process_id is not None:
        yield Task.process_id == wanted.process_id
    if wanted.year is not None:
        yield Case.year == wanted.year
    if wanted.due_before is not None:
        yield Task.due_at < wanted.due_before
    if wanted.begun is not None:
        has_draft = sa.exists().where(Draft.task_id == Task.id)
        yield has_draft if wanted.begun else ~has_draft


def _with_words(
    session: Session, conditions: list[sa.ColumnElement[bool]], text: str
) -> list[sa.ColumnElement[bool]]:
    """Ask that each word begins one in the name of the task, its process or unit, or stands in the
    name of its case.

    What things are called is looked up first: few names are given to very many tasks, and the one
    way to fold them is not the database's.
    """
    words = fold(text).split()[:MOST_WORDS]
    if not words:
        return []
    names = (Task.name_sv, Task.name_en)
    called = {row: " ".join(row) for row in session.execute(_of(conditions, *names).distinct())}
    units = dict(session.execute(sa.select(Unit.id, Unit.name + " " + Unit.code)).all())
    of = Process.name_sv + " " + Process.name_en
    processes = dict(session.execute(sa.select(Process.id, of)).all())
    return [
        sa.or_(
            sa.tuple_(*names).in_(_called(called, word)),
            Task.unit_id.in_(_called(units, word)),
            Task.process_id.in_(_called(processes, word)),
            Case.key.icontains(word, autoescape=True),
            Case.occasion.icontains(word, autoescape=True),
        )
        for word in words
    ]


def _called(known: Mapping[Any, str], word: str) -> list[Any]:
    return [key for key, name in known.items() if f" {word}" in f" {fold(name)}"]


def _joined(wanted: Any) -> Any:
    """Read tasks with their case, process and unit, which the lists show, ask and sort by."""
    return wanted.select_from(Task).join(Task.case).join(Task.process).join(Task.unit)


def _of(conditions: list[sa.ColumnElement[bool]], *columns: Any) -> Any:
    return sa.select(*columns).select_from(Task).join(Task.case).where(*conditions)


def _count(conditions: list[sa.ColumnElement[bool]]) -> sa.ScalarSelect[int]:
    some = _of(conditions, Task.id).limit(MOST_COUNTED + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()
