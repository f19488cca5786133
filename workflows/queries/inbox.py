"""What waits for a person: their own tasks, those of their roles, what others owe, what is done."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager, defer, joinedload

from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import LEADING, Deed, may
from workflows.processes.models import Process, Secrecy
from workflows.queries.sight import visible_tasks
from workflows.search.rows import begins, split
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Draft, Task, TaskRole

PAGE = 50
MOST_EXPORTED = 20_000
MOST_COUNTED = 1000  # nobody needs to know whether it is 1 213 or 1 214
MOST_FOLLOWED = 300  # of what one has done, the latest: where one may wait for others
MOST_WORDS = 8
NOT_LISTED = (Case.data, Case.incidents)  # long, and read by no list
Places = set[tuple[str, int, int | None]]  # a role, its unit, and its process if not all
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


def _beside(column: Any, where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    return sa.select(column).where(where).scalar_subquery()


EVERYTHING = Wanted()
DAY = sa.func.coalesce(Task.due_at, sa.literal(NEVER, Task.due_at.type))
ORDERS: dict[str, tuple[sa.ColumnElement[Any], ...]] = {
    "due": (DAY,),
    "unit": (_beside(Unit.sort_key, Unit.id == Task.unit_id), DAY),
    "process": (_beside(Process.key, Process.id == Task.process_id), DAY),
    "opened": (Task.opened_at.expression,),
    "closed": (Task.closed_at.expression, Task.case_id.expression),
}
LATEST_FIRST = ("opened", "closed")
OPEN = Task.closed_at.is_(None)
OTHER = aliased(Task)
# Said so that no database looks for it in the index of assignees, where nobody has most of them.
IS_FREE = sa.func.coalesce(Task.assignee_id, 0) == 0


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
    places = conditions
    if after is not None:
        place = session.execute(sa.select(*order).where(Task.id == after)).first()
        if place is None:
            raise NotFound
        here = sa.tuple_(*order)
        there = sa.tuple_(*(sa.literal(v, o.type) for v, o in zip(place, order, strict=True)))
        places = [*conditions, here < there if is_backwards else here > there]
    sorts = (each.desc() if is_backwards else each for each in order)
    ids = list(session.scalars(sa.select(Task.id).where(*places).order_by(*sorts).limit(most + 1)))
    more = ids[most - 1] if len(ids) > most else None
    is_whole = after is None and more is None
    total = len(ids) if is_whole else session.scalar(sa.select(_count(conditions))) or 0
    return Inbox(_load(session, ids[:most]), total, more)


def _load(session: Session, ids: list[int]) -> list[Task]:
    """Load the tasks of a page with what the lists show of them, in this order."""
    wanted = sa.select(Task).where(Task.id.in_(ids))
    beside = (
        joinedload(Task.case, innerjoin=True).options(
            joinedload(Case.process, innerjoin=True), *map(defer, NOT_LISTED)
        ),
        joinedload(Task.process, innerjoin=True),
        joinedload(Task.unit, innerjoin=True),
        joinedload(Task.assignee),
    )
    found = {task.id: task for task in session.scalars(wanted.options(*beside))}
    return [found[id_] for id_ in ids]


def counts(session: Session, *, by: Actor) -> dict[str, int]:
    """Count what lies in each list that is not over, no further than MOST_COUNTED; that of a unit
    is only there for those who lead one."""
    names = ("mine", "role", "waiting", *(("unit",) if _led(by) else ()))
    row = session.execute(sa.select(*(_count(_within(name, by)) for name in names))).one()
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
        .where(Extension.decided_at.is_(None), place.in_(places))
        .options(
            contains_eager(Extension.task).options(
                joinedload(Task.unit), joinedload(Task.case).joinedload(Case.process)
            )
        )
        .order_by(Extension.id)
    )
    return [one for one in asked if one.task.closed_at is None and may(by, Deed.GIVE_TIME, one)]


def for_places(places: Places, *, only_open: bool = False) -> sa.ColumnElement[bool]:
    """Of tasks: those for any of the roles in their units, perhaps in one process only; with
    `only_open` the open ones, of which there is an index."""
    theirs = sa.select(TaskRole.task_id)
    theirs = theirs.where(TaskRole.is_open if only_open else TaskRole.task_id == Task.id)
    held: dict[int | None, dict[str, set[int]]] = {}
    for role, unit_id, process_id in places:
        held.setdefault(process_id, {}).setdefault(role, set()).add(unit_id)
    is_for = []
    for process_id, units in held.items():
        place = (
            sa.and_(TaskRole.role == role, TaskRole.unit_id.in_(sorted(there)))
            for role, there in sorted(units.items())
        )
        of_these = theirs.where(sa.or_(*place))
        is_given = Task.id.in_(of_these) if only_open else of_these.exists()
        in_process = sa.true() if process_id is None else Task.process_id == process_id
        is_for.append(sa.and_(is_given, in_process))
    return sa.or_(sa.false(), *is_for)


def places_held(by: Actor) -> Places:
    return {(held.role, held.unit_id, held.process_id) for held in by.held}


def open_to(by: Actor) -> sa.ColumnElement[bool]:
    """Of tasks: the open ones for any role of the actor."""
    return for_places(places_held(by), only_open=True)


@lru_cache(200)  # a page asks several times, and to make them costs more than to answer them
def _within(name: str, by: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """Say which tasks lie in a list; each is one that SEE_TASK lets the actor see."""
    match name:
        case "mine":
            return OPEN, Task.assignee_id == by.id
        case "role":
            return OPEN, open_to(by), IS_FREE
        case "waiting":
            theirs = open_to(by)
            is_another_s = sa.case((IS_FREE, ~theirs), else_=Task.assignee_id != by.id)
            followed = Task.id.in_(_with_a_hand_in(by))
            return OPEN, followed, is_another_s, sa.or_(visible_tasks(by), theirs)
        case "unit":  # what whoever leads it may give to another
            return OPEN, Task.unit_id.in_(_led(by)), sa.or_(visible_tasks(by), open_to(by))
        case "done":
            theirs = for_places(places_held(by))
            return Task.done_by_id == by.id, sa.or_(visible_tasks(by), theirs)
        case "open":  # what a search may find: nothing secret, not even one's own
            not_secret, is_mine = Task.secrecy != Secrecy.SECRET, Task.assignee_id == by.id
            return OPEN, not_secret, sa.or_(visible_tasks(by), open_to(by), is_mine)
    raise NotFound


def _with_a_hand_in(by: Actor) -> sa.CompoundSelect[int]:
    """Find what is open in cases where the actor has done or has something, and what they have
    handed on."""
    done = sa.select(OTHER.case_id).where(OTHER.done_by_id == by.id)
    latest = done.order_by(OTHER.closed_at.desc()).limit(MOST_FOLLOWED).subquery()
    theirs = sa.select(latest.c.case_id)
    now = sa.select(OTHER.case_id).where(OTHER.closed_at.is_(None), OTHER.assignee_id == by.id)
    given = sa.cast(OTHER.given_from, sa.Text)  # canonical JSON: [3,5]
    handed_on = sa.select(OTHER.id).where(
        sa.case((OTHER.closed_at.is_(None), OTHER.given_from)).is_not(None),  # HANDED_ON
        # In words of which PostgreSQL knows how few rows have both.
        OTHER.closed_at.is_(None) == sa.true(),
        OTHER.given_from.is_not(None),
        sa.or_(*(given.contains(f"{a}{by.id}{b}") for a in "[," for b in ",]")),
    )
    there = sa.select(OTHER.id).where(
        OTHER.closed_at.is_(None), OTHER.case_id.in_(theirs.union(now))
    )
    return there.union(handed_on)


def _led(by: Actor) -> list[int]:
    """The units that the actor leads."""
    return sorted({held.unit_id for held in by.held if held.role in LEADING and held.reaches(None)})


def _asked(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.unit_id is not None:
        yield Task.unit_id == wanted.unit_id
    if wanted.process_id is not None:
        yield Task.process_id == wanted.process_id
    if wanted.year is not None:
        yield sa.exists().where(Case.id == Task.case_id, Case.year == wanted.year)
    if wanted.due_before is not None:
        yield Task.due_at < wanted.due_before
    if wanted.begun is not None:
        has_draft = sa.exists().where(Draft.task_id == Task.id)
        yield has_draft if wanted.begun else ~has_draft


def _with_words(
    session: Session, conditions: list[sa.ColumnElement[bool]], text: str
) -> Iterator[sa.ColumnElement[bool]]:
    """Ask that each word begins one in the name of the task, its process or unit; with a figure in
    it, that its case is of that year, occasion or number.

    What things are called is looked up first: few names are given to very many tasks, and the one
    way to fold them is not the database's.
    """
    words = split(text)[:MOST_WORDS]
    if not words:
        return
    names = (Task.name_sv, Task.name_en)
    where = [OPEN] if any(one is OPEN for one in conditions) else conditions
    called = {
        row: " ".join(row) for row in session.execute(sa.select(*names).where(*where).distinct())
    }
    units = dict(session.execute(sa.select(Unit.id, Unit.name + " " + Unit.code)).all())
    of = Process.name_sv + " " + Process.name_en + " " + Process.prefix
    processes = dict(session.execute(sa.select(Process.id, of)).all())
    for word in words:
        means: list[sa.ColumnElement[bool]] = [
            sa.tuple_(*names).in_(_called(called, word)),
            Task.unit_id.in_(_called(units, word)),
            Task.process_id.in_(_called(processes, word)),
        ]
        if not word.isalpha():
            said = (Case.key.iendswith(f"-{word}"), Case.occasion.icontains(word))
            year = Case.year == int(word) if word.isdecimal() and len(word) == 4 else sa.false()
            means.append(sa.exists().where(Case.id == Task.case_id, sa.or_(year, *said)))
        yield sa.or_(*means)


def _called(known: Mapping[Any, str], word: str) -> list[Any]:
    return [key for key, name in known.items() if f" {word}" in begins(name)]


def _count(conditions: Iterable[sa.ColumnElement[bool]]) -> sa.ScalarSelect[int]:
    some = sa.select(Task.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()
