"""The next version of a process while it is made: the draft, who has it open, and its review.

Nothing here is run: a draft touches no case and sends nothing. What is sent for review is kept as a
version of its own, so that what was reviewed is what is published.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from workflows.database import Base, Id, Retried
from workflows.organisation.models import Person
from workflows.processes.models import PartKind, Process, Version
from workflows.processes.packages import Package


class ProcessDraft(Base):
    """What the next version looks like so far: one for each process, for all who change it."""

    __tablename__ = "process_draft"

    id: Mapped[Id]
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"), unique=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("version.id"))  # it began as that one
    revision: Mapped[int]
    source: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    parts: Mapped[dict[str, Any]] = mapped_column(deferred=True)  # by kind, then by name: text
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    makers: Mapped[list[Any]] = mapped_column(default=list)  # all who have saved it, and for whom

    process: Mapped[Process] = relationship()
    base: Mapped[Version | None] = relationship()
    saved_by: Mapped[Person | None] = relationship(foreign_keys=[saved_by_id])

    def package(self) -> Package:
        """Give the draft as what could be published."""
        read = {kind: self.parts.get(kind, {}) for kind in PartKind}
        forms, tables, tests = (
            {name: content.encode() for name, content in read[kind].items()}
            for kind in (PartKind.FORM, PartKind.TABLE, PartKind.TEST)
        )
        return Package(self.process.key, self.source, forms, tables, tests)


def parts_of(package: Package) -> dict[str, Any]:
    """Give the forms, tables and tests of a package as a draft keeps them."""
    parts: dict[str, Any] = {kind.value: {} for kind in PartKind}
    for kind, name, content in package.parts():
        parts[kind][name] = content.decode()
    return parts


class Sitting(Base):
    """Who has a draft open, and when that was last heard."""

    __tablename__ = "workshop_sitting"
    __table_args__ = (UniqueConstraint("process_id", "person_id"),)

    id: Mapped[Id]
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    seen_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class ProposalState(StrEnum):
    WAITING = "waiting"  # for somebody to review it
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"  # it is published when its day has come, and what lowers secrecy cleared
    PUBLISHED = "published"


class Proposal(Retried, Base):
    """A version sent for review: by whom, why, and what became of it."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "ix_proposal_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"), index=True)
    # The same version may be sent again: after it was returned, or to roll back to it.
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), index=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("version.id"))  # active when it was sent
    state: Mapped[ProposalState]
    is_editorial: Mapped[bool]
    softens: Mapped[list[Any]]  # what on a secret process needs the head of protective security
    note: Mapped[str]
    submitted_at: Mapped[datetime]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    makers: Mapped[list[Any]] = mapped_column(
        default=list
    )  # none of them reviews it, nor who only stands in for one of them
    comments: Mapped[list[Any]]  # of whoever decided: element and text
    answer: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cleared_at: Mapped[datetime | None]
    cleared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    publish_at: Mapped[datetime | None]  # not before; none means at once
    due_at: Mapped[datetime | None]  # there is something for the clock to do
    migration_id: Mapped[int | None] = mapped_column(ForeignKey("migration.id"))  # of the words

    process: Mapped[Process] = relationship()
    version: Mapped[Version] = relationship(foreign_keys=[version_id])
    base: Mapped[Version | None] = relationship(foreign_keys=[base_id])
    submitted_by: Mapped[Person | None] = relationship(foreign_keys=[submitted_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    cleared_by: Mapped[Person | None] = relationship(foreign_keys=[cleared_by_id])

    @property
    def is_open(self) -> bool:
        """Whether something may still become of it."""
        return self.state in (ProposalState.WAITING, ProposalState.APPROVED)


class Impact(Base):
    """Whom a version would hit, asked of one slice of the running cases after the other."""

    __tablename__ = "impact"

    id: Mapped[Id]
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"), index=True)
    content_hash: Mapped[str]  # of the version or the draft that is looked at
    total: Mapped[int]
    done: Mapped[int]
    last_case_id: Mapped[int]  # up to which one the cases have been asked
    found: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    process: Mapped[Process] = relationship()
