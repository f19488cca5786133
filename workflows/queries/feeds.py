"""What a calendar program reads under a secret address, with the rights of whoever made it.

The rights are those of today: who loses a role loses what its feed told. Of something secret only
the key of its case goes out, and only to the person who has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.calendar.milestones import Kind, Milestone, moved
from workflows.calendar.names import MILESTONES
from workflows.canonical import content_hash
from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.language import Language, Sentence, on, translator
from workflows.notices import ical
from workflows.notices.ical import Entry
from workflows.notices.models import Feed, FeedKind
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, may
from workflows.processes.models import Secrecy
from workflows.queries.holdings import held_by
from workflows.queries.inbox import IS_FREE, OPEN, Places, for_places, open_to, places_held
from workflows.queries.notices import name_of, when_of
from workflows.steering.models import Replanning
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task, TaskRole

CLOSED_FOR = timedelta(days=90)  # how long a calendar program is told to strike out what is done
MOST = 1000


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose rights a feed has just now, in which language, and where its links lead."""

    feed: Feed
    by: Actor
    language: Language
    url: str

    def uid(self, name: str) -> str:
        return f"{name}@{urlsplit(self.url).hostname}"


def of_person(session: Session, by: Actor) -> list[Feed]:
    """List the addresses somebody has made and not ended."""
    wanted = sa.select(Feed).where(Feed.person_id == by.id, Feed.ended_at.is_(None))
    return list(session.scalars(wanted.options(joinedload(Feed.unit)).order_by(Feed.id)))


def feed(session: Session, feed_id: int, *, by: Actor) -> Feed:
    """Find one's own address.

    :raises NotFound: if there is none, or it is somebody else's
    """
    found = session.get(Feed, feed_id)
    if found is None or not may(by, Deed.END_FEED, found):
        raise NotFound
    return found


def read(session: Session, token: str, *, url: str, now: datetime) -> bytes:
    """Write the calendar under a secret address.

    :raises NotFound: if it leads nowhere, or its maker has lost the right to it
    """
    wanted = sa.select(Feed).where(Feed.token_hash == content_hash(token), Feed.ended_at.is_(None))
    found = session.scalars(
        wanted.options(joinedload(Feed.person), joinedload(Feed.unit))
    ).one_or_none()
    if found is None or found.person.closed_at is not None:
        raise NotFound
    person = found.person
    held = held_by(session, person.id, on(now))
    reader = Reader(found, Actor(person.id, person.name, held), Language(person.language), url)
    if not may(reader.by, Deed.READ_FEED, found):
        raise NotFound
    entries = [*_deadlines(session, reader, now), *_milestones(session, reader, now)]
    return ical.written(_name(reader), entries, reader.language, now=now)


def _deadlines(session: Session, reader: Reader, now: datetime) -> Iterator[Entry]:
    wanted = (
        sa.select(Task)
        .where(Task.id.in_(sa.union(*_which(reader, now))), Task.due_at.is_not(None))
        .options(
            joinedload(Task.unit),
            joinedload(Task.case).joinedload(Case.process),
            selectinload(Task.roles),
        )
        .order_by(Task.closed_at.is_not(None), Task.due_at, Task.id)
        .limit(MOST)
    )
    for task in session.scalars(wanted):
        if task.due_at is not None and may(reader.by, Deed.SEE_TASK, task):
            yield Entry(
                uid=reader.uid(f"task-{task.id}"),
                sequence=task.revision,
                on=task.due_at,
                summary=name_of(task, reader.language),
                description=when_of(task, reader.language),
                url=f"{reader.url}/tasks/{task.id}",
                is_cancelled=task.closed_at is not None,
            )


def _which(reader: Reader, now: datetime) -> Iterator[sa.Select[int]]:
    """Choose what is open and what was closed lately, each by an index of its own: programs ask
    every hour, and there are millions of tasks."""
    feed, by = reader.feed, reader.by
    tasks, lately = sa.select(Task.id), Task.closed_at >= now - CLOSED_FOR
    open_to_more = tasks.where(Task.secrecy != Secrecy.SECRET)
    free = open_to_more.where(IS_FREE)
    match feed.kind:
        case FeedKind.UNIT:
            cases = sa.select(Case.id).where(
                Case.unit_id == feed.unit_id, Case.year >= on(now).year - 1
            )
            yield open_to_more.where(OPEN, Task.unit_id == feed.unit_id)
            yield open_to_more.where(lately, Task.case_id.in_(cases))
        case FeedKind.ROLE:
            place: Places = {(feed.role or "", feed.unit_id or 0, None)}
            yield open_to_more.where(OPEN, for_places(place, only_open=True))
            yield open_to_more.where(lately, _lately_for(place))
        case FeedKind.PERSON:
            yield tasks.where(OPEN, Task.assignee_id == by.id)
            yield tasks.where(lately, Task.done_by_id == by.id)
            yield free.where(OPEN, open_to(by))
            yield free.where(lately, _lately_for(places_held(by)))


def _lately_for(places: Places) -> sa.ColumnElement[bool]:
    """Of tasks: the latest that are over, of each role in its unit."""
    found = []
    for role, unit_id, process_id in places:
        of_role = sa.select(TaskRole.task_id).where(
            TaskRole.role == role, TaskRole.unit_id == unit_id, ~TaskRole.is_open
        )
        latest = of_role.order_by(TaskRole.task_id.desc()).limit(MOST).subquery()
        in_process = sa.true() if process_id is None else Task.process_id == process_id
        found.append(sa.and_(Task.id.in_(sa.select(latest.c.task_id)), in_process))
    return sa.or_(sa.false(), *found)


def _milestones(session: Session, reader: Reader, now: datetime) -> Iterator[Entry]:
    unit_id = reader.feed.unit_id or reader.feed.person.unit_id
    unit = session.get(Unit, unit_id) if unit_id else None
    if unit is None:
        return
    applied = sa.select(sa.func.count(Replanning.id)).where(Replanning.applied_at.is_not(None))
    changes = session.scalar(applied) or 0
    year = on(now).year
    for each in (year, year + 1):
        calendar = calendar_of(session, unit.id, each)
        for one in calendar.milestones:
            if one.year == each and one.exists and one.on is not None:
                yield Entry(
                    uid=reader.uid(f"milestone-{one.code}-{one.year}-{unit.code}"),
                    sequence=changes,
                    on=moved(one.on, one.kind, calendar.closed, legal=False),
                    summary=_called(one, unit, reader.language),
                    description=_firm(one, reader.language),
                    url=f"{reader.url}/calendar/{one.year}",
                )


def _called(one: Milestone, unit: Unit, language: Language) -> str:
    words = translator(language)
    name = words.gettext(MILESTONES[one.code]) if one.code in MILESTONES else ""
    return f"{one.code} {one.year} {name}".strip() + f", {unit.name}"


def _firm(one: Milestone, language: Language) -> str:
    text = {Kind.LEGAL: "set by law", Kind.FIXED: "fixed"}.get(one.kind)
    text = text or ("confirmed" if one.confirmed else "preliminary")
    said = translator(language).gettext(text)
    basis = one.basis.partition(": ")[2]
    return f"{said}. {basis}" if basis else said


def _name(reader: Reader) -> str:
    feed = reader.feed
    unit = feed.unit.name if feed.unit else ""
    if feed.kind is FeedKind.ROLE and feed.role in ROLES:
        role = Sentence(ROLES[feed.role].name).said(reader.language)
        return f"Årshjul: {role}, {unit}"
    return f"Årshjul: {unit or feed.person.name}"
