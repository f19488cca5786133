"""The rules for how long things are kept, what stops them, and the lists of what is to go."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id, Retried
from workflows.organisation.models import Person, Unit


class Kind(StrEnum):
    """What kind of handling a rule is for."""

    CASES = "cases"  # all that the cases of a process held
    PAPERS = (
        "papers"  # their working papers: comments, and files that a newer one took the place of
    )
    REGISTER = "register"  # rows of a register that stand no more
    PEOPLE = "people"  # who has left, and is nobody's any more


class Fate(StrEnum):
    KEEP = "keep"
    PURGE = "purge"
    ARCHIVE = "archive"  # handed over to the e-archive first, then purged here


class RetentionRule(Base):
    """How long one kind of thing is kept after it was closed; without a rule it is kept."""

    __tablename__ = "retention_rule"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: Mapped[Id]
    kind: Mapped[Kind]
    key: Mapped[str]  # of the process or the register
    fate: Mapped[Fate]
    years: Mapped[int]
    basis: Mapped[str]  # the decision it rests on, in words


class LegalHold(Base):
    """A stop: nothing of a case, or of a unit and those below it, goes while it stands."""

    __tablename__ = "legal_hold"
    __table_args__ = (CheckConstraint("(case_id IS NULL) <> (unit_id IS NULL)", name="one_thing"),)

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    why: Mapped[str]
    set_at: Mapped[datetime]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]

    case: Mapped[Case | None] = relationship()
    unit: Mapped[Unit | None] = relationship()


class Disposal(Base):
    """A list of what is to go, as one person drew it up and another approved it."""

    __tablename__ = "disposal"

    id: Mapped[Id]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    count: Mapped[int]
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    dropped_at: Mapped[datetime | None]
    receipt: Mapped[str | None]  # of the e-archive, when it has taken over what goes there
    received_at: Mapped[datetime | None]

    made_by: Mapped[Person] = relationship(foreign_keys=[made_by_id])
    approved_by: Mapped[Person | None] = relationship(foreign_keys=[approved_by_id])


class Outcome(StrEnum):
    """What became of one thing on a list."""

    PURGED = "purged"
    HELD = "held"  # a stop was set, or the rule changed, after the list was drawn up
    GONE = "gone"  # it had gone already, or is in use again


class DisposalItem(Retried, Base):
    """One thing on a list, and what became of it."""

    __tablename__ = "disposal_item"
    __table_args__ = (
        Index("ix_disposal_item_disposal_id_kind", "disposal_id", "kind"),
        Index(
            "ix_disposal_item_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    disposal_id: Mapped[int] = mapped_column(ForeignKey("disposal.id"))
    kind: Mapped[Kind]
    key: Mapped[str]  # of its rule
    fate: Mapped[Fate]
    thing_id: Mapped[int]  # of the case, the register's row or the person
    label: Mapped[str]  # never more than a key
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    closed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # there is something for the clock to do
    outcome: Mapped[Outcome | None]

    disposal: Mapped[Disposal] = relationship()
