"""Searching everything at once: cases, open tasks, rows of registers and documents by their words.

The index is asked first; then what it names is loaded and asked of the permission table like on any
other page. Units and processes stand in it by their ids, so that a new name is found at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Case
from workflows.documents.models import Document
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may
from workflows.processes.models import Process
from workflows.queries import inbox
from workflows.queries.registers import visible_to
from workflows.queries.sight import sees_case, year_of
from workflows.registers import Definition, definition
from workflows.registers.models import Entry
from workflows.search import rows
from workflows.search.models import INDEX, SearchRow
from workflows.tasks.models import Task

MOST = 10  # of each kind
MOST_UNASSESSED = 200
MOST_WORDS = 8
MOST_MEANT = 60  # units and processes that one word may mean
SEES_ALL = ("protective_security_chief", "central_security", "auditor")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of each kind, the latest first, which kinds have more, and in which registers
    there are rows that nobody has assessed yet."""

    cases: list[Case]
    tasks: list[Task]
    entries: list[Entry]
    documents: list[Document]
    more: frozenset[str]
    unassessed: list[Definition]

    @property
    def is_nothing(self) -> bool:
        return not (self.cases or self.tasks or self.entries or self.documents)


def search(session: Session, text: str, *, by: Actor) -> Found:
    """Find what the actor may see and what has all the words, each perhaps only begun."""
    words = rows.split(text)[:MOST_WORDS]
    if not words:
        return Found([], [], [], [], frozenset(), [])
    said = list(_meanings(session, words))
    ids = {kind: _ids(session, kind, said, by) for kind in ("case", "entry", "document")}
    beside = joinedload(Case.process), joinedload(Case.unit)
    cases = _load(session, Case, ids["case"], *beside)
    entries = _load(session, Entry, ids["entry"], joinedload(Entry.unit))
    its_unit = joinedload(Document.case).joinedload(Case.unit)
    documents = _load(session, Document, ids["document"], its_unit)
    tasks = inbox.listed(session, "open", inbox.Wanted(text=" ".join(words)), by=by, most=MOST)
    every = {"cases": cases, "entries": entries, "documents": documents}
    more = {name for name, found in every.items() if len(found) > MOST}
    return Found(
        [one for one in cases[:MOST] if may(by, Deed.SEE_CASE, one)],
        tasks.tasks,
        [one for one in entries[:MOST] if may(by, Deed.SEE_ENTRY, one)],
        [one for one in documents[:MOST] if may(by, Deed.SEE_CASE, one.case)],
        frozenset(more | ({"tasks"} if tasks.more else set())),
        _registers(session, _ids(session, "unassessed", said, by, most=MOST_UNASSESSED), by),
    )


def _registers(session: Session, ids: list[int], by: Actor) -> list[Definition]:
    wanted = sa.select(Entry.register).where(Entry.id.in_(ids), visible_to(by)).distinct()
    return [definition(name) for name in sorted(session.scalars(wanted))]


def _meanings(session: Session, words: list[str]) -> Iterator[list[str]]:
    """Say for each word what it may stand for in the index: itself begun, units and processes."""
    units = session.execute(sa.select(Unit.id, Unit.name + " " + Unit.code))
    of = Process.name_sv + " " + Process.name_en + " " + Process.key
    processes = session.execute(sa.select(Process.id, of))
    known = [(rows.of_unit(id_), name) for id_, name in units]
    known += [(rows.of_process(id_), name) for id_, name in processes]
    names = {mark: rows.begins(name) for mark, name in known}
    for word in words:
        meant = [mark for mark, name in names.items() if f" {word}" in name]
        is_whole = len(word) == 1 or word.isdecimal()  # nobody begins a year
        yield [word if is_whole else f"{word}*", *meant[:MOST_MEANT]]


def _ids(
    session: Session, kind: str, said: list[list[str]], by: Actor, *, most: int = MOST
) -> list[int]:
    """Ask the index for the latest things of a kind, one more than are shown."""
    asked = [*said, [rows.of_kind(kind)], *_scope(by)]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    wanted = (_in_sqlite if is_sqlite else _in_postgresql)(asked)
    seen = sees_case(by, SearchRow.secrecy, SearchRow.unit_id, SearchRow.process_id, _year(kind))
    return list(session.scalars(wanted.where(seen).limit(most + 1)))


def _year(kind: str) -> Any:
    """The year of what a row of the index is of, for mandates that are for some years."""
    thing = SearchRow.thing_id
    if kind == "case":
        return year_of(thing)
    if kind == "document":
        of = sa.select(Document.case_id).where(Document.id == thing).scalar_subquery()
        return year_of(of)
    return sa.select(Entry.year).where(Entry.id == thing).scalar_subquery()


def _load(session: Session, model: Any, ids: list[int], *beside: Any) -> list[Any]:
    wanted = sa.select(model).where(model.id.in_(ids)).order_by(model.id.desc())
    return list(session.scalars(wanted.options(*beside)))


def _scope(by: Actor) -> list[list[str]]:
    """Say by words what somebody sees at most: the index need not go through the rest."""
    if by.is_system or by.scopes or by.holds_anywhere(*SEES_ALL):
        return []
    units = sorted({held.unit_id for held in by.held})
    return [[rows.OPEN, *(rows.of_unit(unit_id) for unit_id in units)]]


def _in_sqlite(asked: list[list[str]]) -> sa.Select[int]:
    index = sa.table(INDEX, sa.column("rowid", sa.Integer))
    query = " AND ".join(f"({' OR '.join(words)})" for words in asked)
    return (
        sa.select(SearchRow.thing_id)
        .select_from(index)
        .join(SearchRow, SearchRow.id == index.c.rowid)
        .where(sa.literal_column(INDEX).op("MATCH")(query))
        .order_by(index.c.rowid.desc())
    )


def _in_postgresql(asked: list[list[str]]) -> sa.Select[int]:
    query = " & ".join(f"({' | '.join(words)})" for words in asked).replace("*", ":*")
    simple: sa.ColumnElement[str] = sa.literal_column("'simple'")
    words = sa.func.to_tsvector(simple, SearchRow.words)
    return (
        sa.select(SearchRow.thing_id)
        .where(words.op("@@")(sa.func.to_tsquery(simple, query)))
        .order_by(SearchRow.id.desc())
    )
