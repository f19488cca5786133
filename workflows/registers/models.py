"""An entry of a register, in versions; and files of entries that wait to be read in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id
from workflows.organisation.models import SORT_KEY, Unit
from workflows.processes.models import Secrecy


class EntryState(StrEnum):
    PROPOSED = "proposed"  # its case has not decided yet
    APPROVED = "approved"  # stands, and never changes: what is new is a version of its own
    SUPERSEDED = "superseded"  # a later version stands
    WITHDRAWN = "withdrawn"  # it never came to stand
    ENDED = "ended"  # it stood until a case left it out


class Marking(StrEnum):
    """What is known of the secrecy of one row; only what is open goes out of the house."""

    OPEN = "open"
    UNASSESSED = "unassessed"
    CRISIS = "18:13"
    DEFENCE = "15:2"
    OTHER = "other"


SECRET = (Marking.CRISIS, Marking.DEFENCE, Marking.OTHER)


class Source(StrEnum):
    CASE = "case"
    IMPORT = "import"
    HAND = "hand"


class Verdict(StrEnum):
    """What a running case says of an entry that stands; it counts when the case decides."""

    KEPT = "kept"
    DROPPED = "dropped"


_APPROVED = text("state = 'approved'")
_NUMBERED = text("number IS NOT NULL")
# What stands and is open is a small part of all there ever was, and what most lists ask for.
_OPEN_SQLITE = text("state = 'approved' AND is_open = 1")
_OPEN = text("state = 'approved' AND is_open")


class Entry(Base):
    """One version of a row of a register; versions of the same row share their identity."""

    __tablename__ = "entry"
    __table_args__ = (
        # One version of each row stands, and one row of each key: whatever two cases do at once.
        Index(
            "uq_entry_identity_approved",
            "identity",
            unique=True,
            sqlite_where=_APPROVED,
            postgresql_where=_APPROVED,
        ),
        Index(
            "uq_entry_register_approved",
            "register",
            "unit_id",
            "key",
            "is_secret",
            unique=True,
            sqlite_where=_APPROVED,
            postgresql_where=_APPROVED,
        ),
        Index(
            "uq_entry_identity_number",
            "identity",
            "number",
            unique=True,
            sqlite_where=_NUMBERED,
            postgresql_where=_NUMBERED,
        ),
        Index("ix_entry_register_unit_id", "register", "unit_id", "state"),
        Index("ix_entry_register_sort_key", "register", "state", "sort_key", "id"),
        Index("ix_entry_register_due_on", "register", "state", "due_on", "id"),
        Index(
            "ix_entry_open_sort_key",
            "register",
            "state",
            "sort_key",
            "id",
            sqlite_where=_OPEN_SQLITE,
            postgresql_where=_OPEN,
        ),
        Index(  # with all that says who may see it, so that counting reads no rows
            "ix_entry_open_due_on",
            *("register", "state", "is_open", "due_on", "id"),
            *("unit_id", "level", "secrecy", "owner_id"),
            sqlite_where=_OPEN_SQLITE,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[Id]
    register: Mapped[str]
    identity: Mapped[str] = mapped_column(index=True)
    number: Mapped[int | None]  # of the version; a proposal has none yet
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    key: Mapped[str]  # folded: case and spaces make no other row
    state: Mapped[EntryState]
    level: Mapped[Secrecy]  # of its case: who sees it
    is_secret: Mapped[bool]  # so by level: rows of secret cases are rows of their own
    secrecy: Mapped[Marking]
    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(SORT_KEY)
    words: Mapped[str]  # folded, for searching
    status: Mapped[str]
    is_open: Mapped[bool]
    owner: Mapped[str]  # a person or a function, in words
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    owner_key: Mapped[str]  # folded, for searching
    due_on: Mapped[date | None]
    data: Mapped[dict[str, Any]]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))  # what it was made from
    source: Mapped[Source]
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    element: Mapped[str]
    place: Mapped[str]  # the list it came in: the element, and the row a step was about
    import_id: Mapped[int | None] = mapped_column(ForeignKey("register_import.id"), index=True)
    made_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # superseded, withdrawn or ended
    confirmed_year: Mapped[int | None]  # the last year a case decided that it stands as it is
    confirmed_case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    told_at: Mapped[datetime | None]  # when somebody last said how it goes, changed or not
    verdict: Mapped[Verdict | None]
    verdict_case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    lowering: Mapped[dict[str, Any] | None]  # a lower secrecy that waits for a second person
    revision: Mapped[int] = mapped_column()

    unit: Mapped[Unit] = relationship()
    case: Mapped[Case | None] = relationship(foreign_keys=[case_id])
    verdict_case: Mapped[Case | None] = relationship(foreign_keys=[verdict_case_id])

    __mapper_args__ = {"version_id_col": revision}


class RegisterImport(Base):
    """Rows read from a file for one register and unit; what was read in can be taken out again."""

    __tablename__ = "register_import"

    id: Mapped[Id]
    register: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    file: Mapped[str]
    header: Mapped[list[Any]]
    rows: Mapped[list[Any]]  # as they were read; emptied when they have been read in
    mapping: Mapped[dict[str, Any]]
    count: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    unit: Mapped[Unit] = relationship()

    __mapper_args__ = {"version_id_col": revision}


class RegisterMapping(Base):
    """Which column of a file means which of a register, as somebody last said."""

    __tablename__ = "register_mapping"

    register: Mapped[str] = mapped_column(primary_key=True)
    mapping: Mapped[dict[str, Any]]
