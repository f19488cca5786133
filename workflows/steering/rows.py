"""Reading and writing the calendar, without permission or history.

A process remembers the book of the last few words; a word stands for one content and no other.
"""

import secrets
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from workflows.calendar.years import Calendar
from workflows.organisation.models import Unit, UnitKind
from workflows.steering.book import Book, Lineage
from workflows.steering.models import CalendarToken
from workflows.steering.values import (
    ROWS,
    Edit,
    Key,
    Value,
    columns,
    from_row,
    identity,
    key_of,
)

NOTHING_SET = ""
HELD = "calendar"  # in `Session.info`
REMEMBERED = 4
OF = "of_"  # the parameters that say which row
DEEPEST = 20  # a ring of parents, should one ever come about, ends here

_books: OrderedDict[str, Book] = OrderedDict()
_guard = Lock()


@dataclass(frozen=True, slots=True)
class _Held:
    """What a transaction holds of the calendar: it stands as it is until that ends."""

    transaction: SessionTransaction | None
    book: Book
    lines: dict[int, Lineage]


def calendar_of(session: Session, unit_id: int, year: int, *, to_write: bool = False) -> Calendar:
    """Give the calendar of a unit for cases of `year`.

    `to_write`: what is dated by it is to be stored, so that no change may come in between; so it is
    read once in a transaction, however many dates it gives.
    """
    held: _Held | None = session.info.get(HELD)
    if held is None or held.transaction is not session.get_transaction():
        rows = session.connection().execute(
            _TO_WRITE if to_write else _TO_READ, {"unit_id": unit_id}
        )
        found = rows.all()
        word = found[0].word if found else None
        book = _known(word) or current(session, to_write=to_write)[1]
        held = _Held(session.get_transaction(), book, {unit_id: _placed(session, found)})
        if to_write:
            session.info[HELD] = held
    elif unit_id not in held.lines:
        held.lines[unit_id] = lineage(session, unit_id)
    return held.book.calendar(held.lines[unit_id], year)


def hold(session: Session) -> None:
    """Let all dates of a transaction that only reads rest on the calendar as it stands now: each
    line of units is then read once, however many cases are asked.
    """
    book = current(session)[1]
    session.info[HELD] = _Held(session.get_transaction(), book, {})


def _known(word: str | None) -> Book | None:
    with _guard:
        known = _books.get(word) if word is not None else None
        if known is not None:
            _books.move_to_end(word or NOTHING_SET)
        return known


def current(session: Session, *, to_write: bool = False) -> tuple[str, Book]:
    """Give the book and the word it stands under."""
    wanted = _WORD_TO_WRITE if to_write else _WORD
    word = session.scalars(wanted).first()
    if word is None and to_write:
        _hold_the_city(session, read=True)
        word = session.scalars(wanted).first()
    word = word or NOTHING_SET
    if (known := _known(word)) is not None:
        return word, known
    return word, _remembered(word, _load(session) if word else Book({}))


def _remembered(word: str, book: Book) -> Book:
    with _guard:
        _books[word] = book
        while len(_books) > REMEMBERED:
            _books.popitem(last=False)
    return book


def forget_all() -> None:
    """Remember nothing, as a process that has just begun."""
    with _guard:
        _books.clear()


def _load(session: Session) -> Book:
    found: dict[Key, Value] = {}
    for model in ROWS.values():
        loaded: Iterable[Any] = session.scalars(sa.select(model))
        for row in loaded:
            value = from_row(row)
            found[key_of(row.unit_id, value)] = value
    return Book(found)


_WORD = sa.select(CalendarToken.word)
_WORD_TO_WRITE = _WORD.with_for_update(read=True)


def _line_of_unit() -> sa.CTE:
    line = (
        sa.select(Unit.id, Unit.parent_id, Unit.kind, sa.literal(0).label("depth"))
        .where(Unit.id == sa.bindparam("unit_id"))
        .cte("line", recursive=True)
    )
    above = sa.select(Unit.id, Unit.parent_id, Unit.kind, line.c.depth + 1).where(
        Unit.id == line.c.parent_id, line.c.depth < DEEPEST
    )
    return line.union_all(above)


# Every date asks for these: written once. The word is read, and held, with the line.
_line = _line_of_unit()
_LINE = sa.select(_line.c.id, _line.c.kind).order_by(_line.c.depth)


def _with_word(word: sa.Select[str]) -> sa.Select[int, UnitKind, str]:
    token = word.cte("token")
    beside = _line.outerjoin(token, sa.true())
    return _LINE.add_columns(token.c.word).select_from(beside)


_TO_READ, _TO_WRITE = _with_word(_WORD), _with_word(_WORD_TO_WRITE)


def lineage(session: Session, unit_id: int) -> Lineage:
    """Give the unit, those it lies under, and the city."""
    return _placed(session, session.connection().execute(_LINE, {"unit_id": unit_id}).all())


def _placed(session: Session, found: Sequence[Any]) -> Lineage:
    return _to_the_city(tuple((row.id, row.kind) for row in found), city_id(session, found))


def lineages(session: Session) -> dict[int, Lineage]:
    """Give the lineage of every unit."""
    units = {row.id: row for row in session.execute(sa.select(Unit.id, Unit.parent_id, Unit.kind))}
    cities = sorted(row.id for row in units.values() if row.kind is UnitKind.CITY)
    found: dict[int, Lineage] = {}
    for unit_id in units:
        line: list[tuple[int, UnitKind]] = []
        here = units.get(unit_id)
        while here is not None and len(line) <= DEEPEST:
            line.append((here.id, here.kind))
            here = units.get(here.parent_id)
        found[unit_id] = _to_the_city(tuple(line), cities[0] if cities else None)
    return found


def city_id(session: Session, line: Iterable[Any] = ()) -> int | None:
    """Give the unit that is the city, if there is one."""
    if known := next((row.id for row in line if row.kind is UnitKind.CITY), None):
        return int(known)
    wanted = sa.select(Unit.id).where(Unit.kind == UnitKind.CITY).order_by(Unit.id).limit(1)
    return session.scalars(wanted).first()


def _to_the_city(line: Lineage, city: int | None) -> Lineage:
    if city is None or not line or line[-1][1] is UnitKind.CITY:
        return line
    return (*line, (city, UnitKind.CITY))


def lock(session: Session) -> str:
    """Hold the calendar alone until the end of the transaction; gives its word."""
    wanted = sa.select(CalendarToken).with_for_update()
    wanted = wanted.execution_options(populate_existing=True)
    token = session.scalars(wanted).first()
    if token is None:
        _hold_the_city(session)
        token = session.scalars(wanted).first()
    return token.word if token else NOTHING_SET


def _hold_the_city(session: Session, *, read: bool = False) -> None:
    """Hold the city's own row: while nobody has set anything there is no token to hold."""
    city = sa.select(Unit.id).where(Unit.kind == UnitKind.CITY).order_by(Unit.id)
    session.execute(city.with_for_update(read=read))


def write(session: Session, edits: Iterable[Edit]) -> str:
    """Write the edits to the calendar that is locked; gives the new word."""
    some = list(edits)
    gone: dict[str, list[dict[str, Any]]] = {}
    come: dict[str, list[dict[str, Any]]] = {}
    for edit in some:
        table, unit_id, _ = edit.key
        if (value := edit.new or edit.old) is not None:
            named = {"unit_id": unit_id, **identity(value)}
            gone.setdefault(table, []).append({OF + name: one for name, one in named.items()})
        if edit.new is not None:
            come.setdefault(table, []).append({"unit_id": unit_id, **columns(edit.new)})
    book = current(session)[1]
    for table, which in gone.items():
        model = ROWS[table]
        mine = (getattr(model, name[len(OF) :]) == sa.bindparam(name) for name in which[0])
        session.connection().execute(sa.delete(model).where(*mine), which)
    for table, values in come.items():
        session.execute(sa.insert(ROWS[table]), values)
    word = touch(session)
    _remembered(word, book.changed(some))
    return word


def touch(session: Session) -> str:
    """Give the calendar a new word."""
    session.info.pop(HELD, None)
    word = secrets.token_hex(16)
    token = session.scalars(sa.select(CalendarToken)).first()
    if token is None:
        session.add(CalendarToken(word=word))
    else:
        token.word = word
    session.flush()
    return word
