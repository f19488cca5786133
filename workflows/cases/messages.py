"""What goes from one case to another, and what a case listens for; each a row that is delivered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id, Retried
from workflows.organisation.models import Person, Unit
from workflows.processes.models import Secrecy


class Sent(StrEnum):
    """What kind of thing is on its way."""

    MESSAGE = "message"  # to whoever waits for its name and key, now or later
    SIGNAL = "signal"  # to one of the cases that listened when it was sent
    START = "start"  # a case to start
    CALL = "call"  # the same, and the sender waits for its end
    RETURN = "return"  # the end of a called case, to the one that called it
    ESCALATION = "escalation"  # something a called case tells before its end
    CANCEL = "cancel"  # to a called case that nobody waits for any more


class Outcome(StrEnum):
    """What became of it."""

    DELIVERED = "delivered"
    EXPIRED = "expired"  # nobody received it in time
    MISSED = "missed"  # who it was meant for was past it already
    REFUSED = "refused"  # it cannot be done; `error` says why


OPEN = text("closed_at IS NULL")


class Wait(Retried, Base):
    """A message or signal a case listens for; the engine knows it by `wait_id`.

    Looked at once after it was opened, for a message may have come before it.
    """

    __tablename__ = "wait"
    __table_args__ = (
        UniqueConstraint("case_id", "wait_id"),
        Index("ix_wait_name_key", "name", "key", "kind", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "ix_wait_opened_at",
            "opened_at",
            sqlite_where=text("looked_at IS NULL"),
            postgresql_where=text("looked_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    wait_id: Mapped[str]
    element: Mapped[str]
    kind: Mapped[Sent]
    name: Mapped[str]
    key: Mapped[str]  # what its correlation gave; empty without one
    opened_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()


class Message(Retried, Base):
    """Something on its way to another case, written with what it follows from.

    What can be delivered only once has a constraint that says so: a wait takes one message, a call
    is made once, and a called case returns once.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_due_at", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_message_expires_at", "expires_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_message_name_key", "name", "key", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "uq_message_call",
            "from_case_id",
            "kind",
            "key",
            unique=True,
            sqlite_where=text("kind IN ('call', 'return', 'cancel')"),
            postgresql_where=text("kind IN ('call', 'return', 'cancel')"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[Sent]
    name: Mapped[str]  # of the message or signal, the process to start, the error or escalation
    key: Mapped[str]  # what it correlates by; the occasion of a start; which call it is about
    payload: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    secrecy: Mapped[Secrecy]
    from_case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    element: Mapped[str | None]
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # whose case it starts
    year: Mapped[int | None]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("version.id"))  # where it is pinned
    to_case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    to_wait_id: Mapped[int | None] = mapped_column(ForeignKey("wait.id"), unique=True)
    sent_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # when to try; kept until somebody listens when there is none
    expires_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]

    from_case: Mapped[Case | None] = relationship(foreign_keys=[from_case_id])
    to_case: Mapped[Case | None] = relationship(foreign_keys=[to_case_id])
    sent_by: Mapped[Person | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
