"""Taking away what a case, a row of a register or a person held, and leaving that it was there.

Called by the verbs of disposal alone: nothing else changes an event or removes what was closed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.database import Base
from workflows.documents import rows as documents
from workflows.documents.models import Document, File
from workflows.history.models import TEXT_INDEX, Event
from workflows.language import sort_key
from workflows.organisation.handing_over import RoleHandover
from workflows.organisation.models import Person
from workflows.registers.models import Entry
from workflows.search.models import SearchRow

# What goes with a case, each before what it points at; files go by themselves, for their bytes.
GOES_WITH_CASE = (
    "notice", "task_call", "promise", "extension", "draft", "task_role", "approval",
    "replanning_move", "message", "wait", "timer", "comment", "document", "file", "migration_case",
    "task",
)  # fmt: skip
# What points at a case and stays: it is of something else, or holds nothing but the key.
STAYS = frozenset(
    {"case", "entry", "planned_start", "legal_hold", "sample_item", "sealed_report",
     "year_switch_item"}
)  # fmt: skip
# What goes with a person, each before what it points at.
GOES_WITH_PERSON = (
    "notice", "letter", "mail_choice", "feed", "saved_filter", "passkey", "recovery_code",
    "invitation", "sign_in", "account", "workshop_sitting",
)  # fmt: skip
TOLD_OF_PERSON = ("person_added", "person_changed")
TOLD_BY_PERSON = ("profile_changed", "role_handed_over")  # what they said of themselves
Numbers = list[tuple[int, int]]  # of events: the first and the last of each unbroken run


def purge_case(session: Session, case: Case, *, now: datetime) -> dict[str, int]:
    """Remove all that a case held but its key, its dates and that it was; says how much of what."""
    _remove_files(session, session.scalars(_files(case.id)).all(), now=now)
    _unfind(session, "document", session.scalars(_documents(case.id)).all())
    tasks = sa.select(Base.metadata.tables["task"].c.id).filter_by(case_id=case.id)
    removed = {}
    for name in GOES_WITH_CASE:
        table = Base.metadata.tables[name]
        points: dict[str, Any] = {"case": [case.id], "task": tasks}
        of_case = [
            column.in_(points[key.column.table.name])
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name in points
        ]
        removed[name] = _delete(session, table, sa.or_(*of_case))
    case.data, case.engine_state, case.incidents, case.command = {}, b"", None, None
    case.purged_at = now
    session.flush()
    return {name: count for name, count in removed.items() if count}


def purge_papers(session: Session, case: Case, *, now: datetime) -> dict[str, int]:
    """Remove the working papers of a case: what people said of it, and what something newer took
    the place of. An earlier document keeps its hash, which decisions are sealed to."""
    files = session.scalars(superseded(case.id)).all()
    _remove_files(session, files, now=now)
    removed = {"file": len(files), "comment": 0, "document": 0}
    comment = Base.metadata.tables["comment"]
    removed["comment"] = _delete(session, comment, comment.c.case_id == case.id)
    for document in session.scalars(earlier(case.id)):
        made = [document.docx_id, document.pdf_id]
        document.says, document.docx_id, document.pdf_id = {}, None, None
        session.flush()
        own = session.scalars(sa.select(File).where(File.id.in_([one for one in made if one])))
        _remove_files(session, own.all(), now=now)
        removed["document"] += 1
    return {name: count for name, count in removed.items() if count}


def superseded(case_id: int | sa.SQLColumnExpression[int]) -> sa.Select[File]:
    """Choose the attached files that a newer one of their name has taken the place of."""
    newer = sa.orm.aliased(File)
    return sa.select(File).where(
        File.case_id == case_id,
        File.removed_at.is_(None),
        sa.exists().where(
            newer.case_id == File.case_id,
            newer.name == File.name,
            newer.id > File.id,
            newer.removed_at.is_(None),
        ),
        ~sa.exists().where(sa.or_(Document.docx_id == File.id, Document.pdf_id == File.id)),
    )


def earlier(case_id: int | sa.SQLColumnExpression[int]) -> sa.Select[Document]:
    """Choose the documents of a case that have a later version, and still say something."""
    later = sa.orm.aliased(Document)
    return sa.select(Document).where(
        Document.case_id == case_id,
        sa.cast(Document.says, sa.Text) != "{}",
        sa.exists().where(
            later.case_id == Document.case_id,
            later.kind == Document.kind,
            later.version > Document.version,
        ),
    )


def purge_entry(session: Session, identity: str) -> set[int]:
    """Remove every version of a row of a register; returns the cases whose events tell of it."""
    versions = session.execute(
        sa.select(Entry.id, Entry.case_id).where(Entry.identity == identity)
    ).all()
    ids = [one.id for one in versions]
    for kind in ("entry", "unassessed"):
        _unfind(session, kind, ids)
    session.execute(sa.update(Entry).where(Entry.base_id.in_(ids)).values(base_id=None))
    session.execute(sa.delete(Entry).where(Entry.id.in_(ids)))
    return {one.case_id for one in versions if one.case_id is not None}


def pseudonymise(session: Session, person: Person, *, now: datetime) -> dict[str, int]:
    """Let a person be nobody: the row says a pseudonym, and what they signed in with goes. Events
    hold their id, so that all they did is still done by one and the same."""
    removed = {}
    for name in GOES_WITH_PERSON:
        table = Base.metadata.tables[name]
        removed[name] = _delete(session, table, table.c.person_id == person.id)
    left = sa.update(RoleHandover).where(RoleHandover.from_id == person.id, RoleHandover.note != "")
    removed["role_handover"] = session.connection().execute(left.values(note="")).rowcount
    person.name, person.email = f"Pseudonym {person.id}", f"pseudonym-{person.id}@invalid"
    person.sort_key, person.title, person.phone = sort_key(person.name), "", ""
    person.external_id, person.purged_at = None, now
    session.flush()
    return {name: count for name, count in removed.items() if count}


def events_of_case(case_id: int, *, but: str) -> sa.ColumnElement[bool]:
    """Choose all that the events of a case tell, but what tells of purging."""
    return sa.and_(Event.case_id == case_id, Event.kind != but)


def events_of_entry(
    session: Session, identity: str, case_ids: Iterable[int]
) -> sa.ColumnElement[bool]:
    """Choose the events that tell of one row of a register."""
    in_cases = Event.case_id.in_(sorted(case_ids))
    return sa.and_(
        sa.or_(in_cases, sa.and_(Event.case_id.is_(None), _with_words(session, [identity]))),
        Event.kind.startswith("entry_"),
        Event.what.contains(f'"identity":"{identity}"', autoescape=True),
    )


def events_of_person(session: Session, person_id: int) -> sa.ColumnElement[bool]:
    """Choose the events that tell what somebody is called, and how to reach them."""
    of_them = sa.or_(
        Event.what.contains(f'"person":{person_id},', autoescape=True),
        Event.what.contains(f'"person":{person_id}}}', autoescape=True),
    )
    theirs = sa.and_(Event.kind.in_(TOLD_BY_PERSON), Event.actor_id == person_id)
    told = sa.and_(Event.kind.in_(TOLD_OF_PERSON), of_them)
    marks = [f"aaa{person_id}"]
    return sa.and_(Event.case_id.is_(None), _with_words(session, marks), sa.or_(told, theirs))


def _with_words(session: Session, words: Iterable[str]) -> sa.ColumnElement[bool]:
    """Let SQLite look in its index of words, not through all that happened in the city, which no
    index of its own leads to; PostgreSQL has one of the kinds."""
    if session.get_bind().dialect.name != "sqlite":
        return sa.true()
    index: sa.Select[int] = sa.select(sa.column("rowid")).select_from(sa.table(TEXT_INDEX))
    match = sa.literal_column(TEXT_INDEX).op("MATCH")(" AND ".join(words))
    return Event.id.in_(index.where(match))


def telling(session: Session, which: sa.ColumnElement[bool]) -> dict[int | None, Numbers]:
    """Say which numbers of which cases' chains, or the city's, still tell something."""
    found = session.execute(
        sa.select(Event.case_id, Event.n)
        .where(which, Event.salt.is_not(None))
        .order_by(Event.case_id, Event.n)
    ).all()
    gone: dict[int | None, Numbers] = {}
    for case_id, n in found:
        runs = gone.setdefault(case_id, [])
        if runs and runs[-1][1] == n - 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return gone


def forget(session: Session, which: sa.ColumnElement[bool]) -> None:
    """Take what events tell out of the record. Their headers and hashes stay, so that the chain
    holds. The database lets it happen only when the last event of the chain says that it does."""
    told = sa.update(Base.metadata.tables["event"]).where(which, Event.salt.is_not(None))
    session.connection().execute(told, {"what": None, "why": None, "salt": None})


def _files(case_id: int) -> sa.Select[File]:
    return sa.select(File).where(File.case_id == case_id)


def _documents(case_id: int) -> sa.Select[int]:
    return sa.select(Document.id).where(Document.case_id == case_id)


def _remove_files(session: Session, files: Sequence[File], *, now: datetime) -> None:
    for file in files:
        if file.removed_at is None:
            documents.drop(session, file, now=now)
    session.flush()


def _unfind(session: Session, kind: str, ids: Sequence[int]) -> None:
    """Take something out of what can be searched for."""
    session.execute(sa.delete(SearchRow).where(SearchRow.kind == kind, SearchRow.thing_id.in_(ids)))


def _delete(session: Session, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    return session.connection().execute(sa.delete(table).where(which)).rowcount
