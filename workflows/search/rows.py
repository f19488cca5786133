"""Keeping what can be found in step with what there is: after every flush, by one definition."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.documents.models import Document
from workflows.language import fold
from workflows.processes.models import Secrecy
from workflows.registers.models import Entry, EntryState, Marking
from workflows.search.models import SearchRow

_entries = sa.select(Entry.id, Entry.unit_id, Entry.process_id, Entry.level, Entry.words).where(
    Entry.state == EntryState.APPROVED, Entry.level != Secrecy.SECRET
)
# What may be found of each kind: its id, unit, process, secrecy and text. A row of a register that
# nobody has assessed is told of, but not shown; one that is marked secret never comes here.
MAY_BE_FOUND: dict[str, tuple[type[Case | Entry | Document], Any]] = {
    "case": (
        Case,
        sa.select(
            Case.id, Case.unit_id, Case.process_id, Case.secrecy, Case.key + " " + Case.occasion
        ).where(Case.secrecy != Secrecy.SECRET),
    ),
    "entry": (Entry, _entries.where(Entry.secrecy == Marking.OPEN)),
    "unassessed": (Entry, _entries.where(Entry.secrecy == Marking.UNASSESSED)),
    "document": (
        Document,
        sa.select(Document.id, Case.unit_id, Case.process_id, Case.secrecy, Document.title)
        .join(Document.case)
        .where(Case.secrecy != Secrecy.SECRET),
    ),
}
AT_ONCE = 500
MOST_ID = 2**63 - 1
COLUMNS = ("thing_id", "unit_id", "process_id", "secrecy", "words")


def split(text: str) -> list[str]:
    """Take a text apart into its folded words, as both databases would."""
    return [word for word in re.split(r"[\W_]+", fold(text)) if word]


@lru_cache(20_000)
def begins(name: str) -> str:
    """The folded words of a name, each after a space. Names are few, and every search asks all."""
    return f" {' '.join(split(name))}"


def of_unit(unit_id: int) -> str:
    """The word that stands for a unit, whatever it comes to be called."""
    return f"uuu{unit_id}"


def of_process(process_id: int) -> str:
    """The word that stands for a process, likewise."""
    return f"ppp{process_id}"


def of_kind(kind: str) -> str:
    return f"kkk{kind}"


OPEN = "lllopen"


@event.listens_for(Session, "after_flush")
def _follow(session: Session, _context: object) -> None:
    """Let what was just written be found, or be found no more; only entries ever change that, and
    of them what a case proposes is not found yet.
    """
    new = [one for one in session.new if isinstance(one, (Case, Entry, Document))]
    changed = [one for one in session.dirty if isinstance(one, Entry)]
    if not new and not changed:
        return
    for kind, (model, _) in MAY_BE_FOUND.items():
        gone = [one.id for one in changed if model is Entry and not _is_proposed(one)]
        come = [one.id for one in (*new, *changed) if isinstance(one, model) and _stands(one)]
        _forget(session, kind, gone)
        _add_some(session, kind, come)


def _is_proposed(one: Entry) -> bool:
    return one.state is EntryState.PROPOSED


def _stands(one: Case | Entry | Document) -> bool:
    return not isinstance(one, Entry) or one.state is EntryState.APPROVED


def follow_case(session: Session, case_id: int) -> None:
    """Let a case and its documents be found where they belong now."""
    documents = session.scalars(sa.select(Document.id).where(Document.case_id == case_id))
    for kind, ids in (("case", [case_id]), ("document", list(documents))):
        _forget(session, kind, ids)
        _add_some(session, kind, ids)


def rebuild(session: Session) -> int:
    """Find out anew what may be found; returns how many things."""
    session.execute(sa.delete(SearchRow))
    return sum(_add(session, kind, wanted) for kind, (_, wanted) in MAY_BE_FOUND.items())


def is_empty(session: Session) -> bool:
    return session.scalar(sa.select(SearchRow.id).limit(1)) is None


def strays(session: Session) -> Iterator[tuple[str, int]]:
    """Name what is found wrongly, or not found though it should be."""
    columns = [getattr(SearchRow, name) for name in COLUMNS]
    for kind, (model, wanted) in MAY_BE_FOUND.items():
        after, last = 0, False
        while not last:
            some = wanted.where(model.id > after).order_by(model.id).limit(AT_ONCE)
            due = {
                tuple(_made(kind, row)[name] for name in COLUMNS) for row in session.execute(some)
            }
            last = len(due) < AT_ONCE
            upto = MOST_ID if last else max(thing_id for thing_id, *_ in due)
            here = (SearchRow.kind == kind, SearchRow.thing_id > after, SearchRow.thing_id <= upto)
            there = {tuple(row) for row in session.execute(sa.select(*columns).where(*here))}
            yield from sorted({(kind, thing_id) for thing_id, *_ in there ^ due})
            after = upto


def _forget(session: Session, kind: str, ids: Sequence[int]) -> None:
    for some in _parts(ids):
        session.connection().execute(_FORGET, {"of_kind": kind, "ids": some})


def _add_some(session: Session, kind: str, ids: Sequence[int]) -> None:
    for some in _parts(ids):
        _add(session, kind, _SOME[kind], {"ids": some})


def _add(session: Session, kind: str, wanted: Any, which: Mapping[str, Any] | None = None) -> int:
    connection, count = session.connection(), 0
    found = connection.execute(wanted, which, execution_options={"yield_per": AT_ONCE})
    for some in found.partitions(AT_ONCE):
        made = [_made(kind, row) for row in some]
        connection.execute(_ADD, made)
        count += len(made)
    return count


# Built once: most flushes ask for some of these.
_ids: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)
_SOME = {kind: found.where(model.id.in_(_ids)) for kind, (model, found) in MAY_BE_FOUND.items()}
_ADD = sa.insert(SearchRow)
_FORGET = sa.delete(SearchRow).where(
    SearchRow.kind == sa.bindparam("of_kind"), SearchRow.thing_id.in_(_ids)
)


def _made(kind: str, row: Sequence[Any]) -> dict[str, Any]:
    thing_id, unit_id, process_id, secrecy, text = row
    words = {*split(text), of_kind(kind), of_unit(unit_id)}
    words |= {of_process(process_id)} if process_id is not None else set()
    words |= {OPEN} if secrecy is Secrecy.OPEN else set()
    return {
        "kind": kind,
        "thing_id": thing_id,
        "unit_id": unit_id,
        "process_id": process_id,
        "secrecy": secrecy,
        "words": " ".join(sorted(words)),
    }


def _parts(things: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (things[at : at + AT_ONCE] for at in range(0, len(things), AT_ONCE))
