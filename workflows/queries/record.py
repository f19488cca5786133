"""The record searched: by who, where, what, when and in which words; the latest first.

What is found by goes to one index (`history.models`), so that a page deep in ten million events is
as quick as the first: each page begins below the id that the one before ended with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.history.models import TEXT_INDEX, TOLD, WORD_LIST, Event
from workflows.language import ZONE, sort_key
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.permissions import Deed, may, require
from workflows.processes.models import Secrecy
from workflows.queries.history import PAGE, Told, tell
from workflows.queries.sight import visible_cases

Condition = sa.ColumnElement[bool]
MOST_PEOPLE, MOST_CASES, MOST_WORDS = 50, 2000, 300
NEAR = 20_000  # what is written down late lies at most so many events away


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of the record is asked for; nothing said is everything."""

    first: date | None = None
    last: date | None = None
    person: str = ""  # a part of the name or the address: who did it, for whom, or to whom
    unit_id: int | None = None
    process_id: int | None = None
    kind: str = ""
    case: str = ""  # the beginning of its name
    text: str = ""  # words, each perhaps only begun


def search(
    session: Session,
    wanted: Wanted,
    *,
    by: Actor,
    before: int | None = None,
    most: int = PAGE,
) -> list[Told]:
    """Tell what happened in the city, the latest first.

    :raises Forbidden: if the actor may not read the record
    """
    require(by, Deed.SEE_HISTORY, None)
    place: Any = Event.id
    found = sa.select(Event)
    people = _people(session, wanted.person)
    if people == []:
        return []
    if session.get_bind().dialect.name == "sqlite":
        marks = [f"({' OR '.join(words)})" for words in _marks(session, wanted, people)]
        if marks and not wanted.case.strip():  # the cases are few, and have an index of their own
            index = sa.table(TEXT_INDEX, sa.column("rowid", sa.Integer))
            place = index.c.rowid
            found = found.select_from(index).join(Event, Event.id == place).where(_match(marks))
        elif marks:
            rowids: Any = sa.select(sa.column("rowid")).select_from(sa.table(TEXT_INDEX))
            found = found.where(Event.id.in_(rowids.where(_match(marks))))
    else:
        found = found.where(*_columns(wanted, people))
    found = found.outerjoin(Case, Case.id == Event.case_id).where(
        seen_by(by), *_times(session, wanted, place), *_of_cases(session, wanted.case)
    )
    if before is not None:
        found = found.where(place < before)
    return tell(session, session.scalars(found.order_by(place.desc()).limit(most)))


def one(session: Session, event_id: int, *, by: Actor) -> Event:
    """Find one event.

    :raises Forbidden: if the actor may not read the record
    :raises NotFound: if there is none, or not for them
    """
    require(by, Deed.SEE_HISTORY, None)
    wanted = sa.select(Event).outerjoin(Case, Case.id == Event.case_id)
    found = session.scalars(wanted.where(Event.id == event_id, seen_by(by))).one_or_none()
    if found is None:
        raise NotFound
    return found


def seen_by(by: Actor) -> Condition:
    """Say of events, beside their case: those the actor may read.

    Whose role opens the record reads all but what is secret; by a mandate alone, what it covers.
    """
    of_case = visible_cases(by)
    of_city: Condition = Event.case_id.is_(None)
    if may(replace(by, scopes=()), Deed.SEE_HISTORY, None):
        of_case |= Case.secrecy != Secrecy.SECRET
    elif all(scope.unit_ids for scope in by.scopes):
        units = frozenset[int]().union(*(scope.unit_ids for scope in by.scopes))
        of_city &= Event.unit_id.in_(sorted(units))
    return sa.or_(of_city, of_case)


def _marks(session: Session, wanted: Wanted, people: list[int] | None) -> Iterator[list[str]]:
    """Say what the index of words knows it by: all of these, of each any."""
    if wanted.unit_id is not None:
        yield [f"uuu{wanted.unit_id}"]
    if wanted.process_id is not None:
        yield [f"ppp{wanted.process_id}"]
    if wanted.kind:
        yield ["kkk" + wanted.kind.replace("_", "")]
    if people is not None:
        yield [f"aaa{person_id}" for person_id in people]
    for word in _words(wanted.text):
        yield _beginning(session, word)


# Each step looks up where the next word begins, however often the one before it stands there.
_BEGINNING = sa.text(
    f"WITH RECURSIVE found(term) AS ("
    f"SELECT (SELECT term FROM {WORD_LIST} WHERE term >= :word LIMIT 1) UNION ALL "
    f"SELECT (SELECT term FROM {WORD_LIST} WHERE term >= found.term || char(1) LIMIT 1)"
    f" FROM found WHERE found.term < :end) SELECT term FROM found WHERE term < :end LIMIT :most"
)


def _beginning(session: Session, word: str) -> list[str]:
    """Give the words that begin so: of whole words SQLite reads no more hits than are shown, of a
    beginning it gathers all there are in the record. Of very many words it must do so."""
    asked = {"word": word, "end": word + "\U0010ffff", "most": MOST_WORDS + 1}
    found = [f'"{term}"' for term in session.scalars(_BEGINNING, asked)]
    return found if 0 < len(found) <= MOST_WORDS else [f"{word}*"]


def _columns(wanted: Wanted, people: list[int] | None) -> Iterator[Condition]:
    """Say the same of the columns and of what PostgreSQL has its indexes of."""
    simple: sa.ColumnElement[str] = sa.literal_column("'simple'")
    told = sa.func.to_tsvector(simple, sa.literal_column(TOLD))
    if wanted.unit_id is not None:
        yield Event.unit_id == wanted.unit_id
    if wanted.process_id is not None:
        yield Case.process_id == wanted.process_id
    if wanted.kind:
        yield Event.kind == wanted.kind
    if people is not None:
        about = " | ".join(f"(person <-> {person_id})" for person_id in people)
        yield sa.or_(
            Event.actor_id.in_(people),
            Event.acting_for_id.in_(people),
            told.op("@@")(sa.func.to_tsquery(simple, about)),
        )
    if words := _words(wanted.text):
        query = " & ".join(f"{word}:*" for word in words)
        yield told.op("@@")(sa.func.to_tsquery(simple, query))
        yield sa.or_(Case.id.is_(None), Case.secrecy != Secrecy.SECRET)


def _match(marks: list[str]) -> Condition:
    return sa.literal_column(TEXT_INDEX).op("MATCH")(" AND ".join(marks))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", text.lower()) if word]


def _people(session: Session, text: str) -> list[int] | None:
    """Find those whose name or address is meant; None is everybody."""
    if not text.strip():
        return None
    found = session.scalars(
        sa.select(Person.id)
        .where(
            sa.or_(
                Person.sort_key.contains(sort_key(text.strip()), autoescape=True),
                Person.email.contains(text.strip().lower(), autoescape=True),
            )
        )
        .limit(MOST_PEOPLE)
    )
    return list(found)


def _times(session: Session, wanted: Wanted, place: Any) -> Iterator[Condition]:
    """Bound by day; and by id, so that nothing far from those days is looked at."""
    if wanted.first:
        first = datetime.combine(wanted.first, time(), ZONE)
        yield Event.at >= first
        yield place > _place_at(session, first) - NEAR
    if wanted.last:
        end = datetime.combine(wanted.last + timedelta(days=1), time(), ZONE)
        yield Event.at < end
        yield place < _place_at(session, end) + NEAR


def _place_at(session: Session, moment: datetime) -> int:
    """Find about where the events of a moment are: ids are given as time goes, but for a while when
    a clock went wrong, so of several neighbours the one in the middle is asked."""
    low = session.scalar(sa.select(sa.func.min(Event.id))) or 0
    high = session.scalar(sa.select(sa.func.max(Event.id))) or 0
    while high - low > NEAR:
        middle = (low + high) // 2
        beside = sa.select(Event.at).where(Event.id >= middle).order_by(Event.id).limit(5)
        neighbours = sorted(session.scalars(beside))
        if neighbours[len(neighbours) // 2] < moment:
            low = middle
        else:
            high = middle
    return int(low)


def _of_cases(session: Session, text: str) -> Iterator[Condition]:
    if key := text.strip().upper():
        begun = sa.select(Case.id).where(Case.key.startswith(key, autoescape=True))
        if session.get_bind().dialect.name == "sqlite":  # which has an index for this alone
            begun = begun.where(Case.key >= key, Case.key < key + "\U0010ffff")
        yield Event.case_id.in_(begun.order_by(Case.id.desc()).limit(MOST_CASES))
