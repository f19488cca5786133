"""Calls for attention, what is to be told to whom, the letters that tell it, promises and feeds."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.database import Base, Id, Retried
from workflows.organisation.models import Person, Unit
from workflows.tasks.models import Task


class Choice(StrEnum):
    """How often somebody wants mail; a clock set by law never waits for it."""

    DIRECT = "direct"
    DAILY = "daily"
    WEEKLY = "weekly"
    NONE = "none"


class Fate(StrEnum):
    """What became of a letter."""

    SENT = "sent"
    REFUSED = "refused"  # by the receiver's server, for good
    EMPTY = "empty"  # all it told of was settled before it went
    DROPPED = "dropped"  # an administrator gave it up


class FeedKind(StrEnum):
    PERSON = "person"
    ROLE = "role"
    UNIT = "unit"


class Call(Retried, Base):
    """A moment at which a task calls for attention; planned when it opens or its date moves.

    Those that have not come yet go when the task closes; those that have come stay.
    """

    __tablename__ = "task_call"
    __table_args__ = (
        UniqueConstraint("task_id", "key", "due_at"),
        Index(
            "ix_task_call_due_at",
            "due_at",
            sqlite_where=text("fired_at IS NULL"),
            postgresql_where=text("fired_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    occasion: Mapped[str]  # opened, reminder, escalation
    key: Mapped[str]  # which of the policy's: "-5wd at 08:00", "50%", "E1"
    to: Mapped[list[Any]] = mapped_column("to_whom")
    is_legal: Mapped[bool]
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]


class Promise(Base):
    """A besked: somebody says when a task will be done and why not before; the last one counts."""

    __tablename__ = "promise"

    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    until: Mapped[date]
    why: Mapped[str]
    needs_help: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]

    given_by: Mapped[Person | None] = relationship()


class Notice(Base):
    """Something to be told to one person, written in the transaction of what it tells of.

    `mail_at`: when it is to go out at the earliest; nothing there: it is only shown in the product.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "ix_notice_mail_at",
            "mail_at",
            sqlite_where=text("letter_id IS NULL"),
            postgresql_where=text("letter_id IS NULL"),
        ),
        Index("ix_notice_person_id_id", "person_id", "id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    what: Mapped[dict[str, Any]]  # ids and dates, never what somebody wrote
    made_at: Mapped[datetime]
    mail_at: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"), index=True)

    task: Mapped[Task | None] = relationship()


class Letter(Base):
    """One mail to one person; sent at least once, always under the same Message-ID."""

    __tablename__ = "letter"
    __table_args__ = (
        Index(
            "ix_letter_due_at",
            "due_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    message_id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]  # the next attempt; while one is at it, the end of its lease
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]
    outcome: Mapped[Fate | None]

    person: Mapped[Person] = relationship()


class MailChoice(Base):
    """How often a person wants mail; nobody's row: once a week."""

    __tablename__ = "mail_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    choice: Mapped[Choice]


class Feed(Base):
    """A secret address under which a calendar program reads deadlines; only its hash is kept."""

    __tablename__ = "feed"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)  # whose rights
    kind: Mapped[FeedKind]
    role: Mapped[str | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit | None] = relationship()
