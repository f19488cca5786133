"""Events, and the chains they are links of."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.database import Base, Id

CITY = "city"


def case_chain(case_id: int) -> str:
    """Name the chain of one case."""
    return f"case:{case_id}"


class Chain(Base):
    """The head of one chain; its row is locked while an event is added."""

    __tablename__ = "chain"

    name: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    hash: Mapped[str]


class Event(Base):
    """One thing that happened.

    The header (all but `what`, `why`, `salt`) holds ids and never names, so that it can stay when a
    purge takes the content: `digest` still proves what the content was.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("chain", "n"),
        Index("ix_event_case_id_id", "case_id", "id"),
        Index("ix_event_at_id", "at", "id"),
        Index(
            "ix_event_acting_for_id",
            "acting_for_id",
            sqlite_where=text("acting_for_id IS NOT NULL"),
            postgresql_where=text("acting_for_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    chain: Mapped[str] = mapped_column(ForeignKey("chain.name"))
    n: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    acting_for_id: Mapped[int | None]
    kind: Mapped[str]
    case_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    step: Mapped[str | None]
    what: Mapped[str | None]
    why: Mapped[str | None]
    salt: Mapped[str | None]
    digest: Mapped[str]
    hash: Mapped[str]
    address_family: Mapped[str | None]  # of the request: ipv4, ipv6 or local; never the address
