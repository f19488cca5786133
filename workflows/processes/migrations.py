"""Moving running cases to another version: one row for the whole, one for each case it concerns."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.database import Base, Id, Retried
from workflows.organisation.models import Person
from workflows.processes.models import Process, Version


class Verdict(StrEnum):
    UNASKED = "unasked"  # nobody has looked yet
    FOLLOWS = "follows"
    MAPPED = "mapped"  # it follows because something open in it is mapped to another element
    CANNOT = "cannot"


class Fate(StrEnum):
    """Where one case of a migration has come."""

    PREPARED = "prepared"
    WAITING = "waiting"  # to be moved
    MOVED = "moved"
    OUTDATED = "outdated"  # it would no longer have moved as was shown; nothing was done
    RETURNING = "returning"  # to be moved back
    RETURNED = "returned"
    KEPT = "kept"  # something has happened since, so that it could not be moved back


class Migration(Base):
    """Cases chosen to follow to a version: each is asked, and moved when somebody says so."""

    __tablename__ = "migration"

    id: Mapped[Id]
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    mappings: Mapped[dict[str, Any]]  # by the id of each version the cases are on
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[datetime | None]
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reverted_at: Mapped[datetime | None]
    reverted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    process: Mapped[Process] = relationship()
    version: Mapped[Version] = relationship()
    applied_by: Mapped[Person | None] = relationship(foreign_keys=[applied_by_id])
    reverted_by: Mapped[Person | None] = relationship(foreign_keys=[reverted_by_id])


class Follower(Retried, Base):
    """One case of a migration: what would become of it, what did, and how it stood before."""

    __tablename__ = "migration_case"
    __table_args__ = (
        Index("ix_migration_case_migration_id_fate", "migration_id", "fate"),
        Index(
            "ix_migration_case_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    migration_id: Mapped[int] = mapped_column(ForeignKey("migration.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    old_version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    verdict: Mapped[Verdict]
    told: Mapped[dict[str, Any]]  # what was shown: tasks, timers, dates, or what does not fit
    fate: Mapped[Fate]
    due_at: Mapped[datetime | None]  # there is something for the clock to do: to ask, or to move
    before: Mapped[dict[str, Any] | None]  # what moving changed, to be put back
    revision: Mapped[int | None]  # of the case, as moving left it
