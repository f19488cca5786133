"""A process, its versions, and the forms and rule tables each version brings along."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from workflows.database import Base, Id
from workflows.organisation.models import Person


class Secrecy(StrEnum):
    """Who sees a case, fewer and fewer: everybody signed in, the unit, those with a secret role."""

    OPEN = "open"
    INTERNAL = "internal"
    SECRET = "sec"

    @property
    def may_know(self) -> tuple["Secrecy", ...]:
        """What a case of this secrecy may learn of: what as many see, or more."""
        return tuple(one for one in Secrecy if stricter(self, one) is self)

    @property
    def may_receive(self) -> tuple["Secrecy", ...]:
        """The secrecies of cases that may learn of something with this one."""
        return tuple(one for one in Secrecy if self in one.may_know)


def stricter(one: Secrecy, other: Secrecy) -> Secrecy:
    """Return the secrecy that fewer people see."""
    return max(one, other, key=list(Secrecy).index)


class VersionState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"  # what new cases run; one for each process
    RETIRED = "retired"  # only cases that began with it run it


class PartKind(StrEnum):
    FORM = "form"
    TABLE = "table"
    TEST = "test"  # a run that was kept, and what must come of it


class Process(Base):
    """A process by its key; names and secrecy follow its active version."""

    __tablename__ = "process"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]  # of the keys of its cases
    name_sv: Mapped[str]
    name_en: Mapped[str]
    colour: Mapped[str | None]
    secrecy: Mapped[Secrecy]
    shipped_hash: Mapped[str | None]  # of the last shipped content seen, edited here or not
    archived_at: Mapped[datetime | None]
    alone_since: Mapped[datetime | None]  # an administrator lets one person propose and approve
    revision: Mapped[int] = mapped_column()

    active_version: Mapped["Version | None"] = relationship(
        primaryjoin=lambda: sa.and_(
            Version.process_id == Process.id, Version.state == VersionState.ACTIVE
        ),
        viewonly=True,
    )

    publishers: Mapped[list["Publisher"]] = relationship(order_by="Publisher.id")

    __mapper_args__ = {"version_id_col": revision}

    @property
    def four_eyes(self) -> bool:
        """Whether somebody else than whoever proposes a version must approve it."""
        return self.alone_since is None

    def name(self, language: str) -> str:
        """Name the process in `language`."""
        return self.name_en if language == "en" else self.name_sv


class Publisher(Base):
    """Somebody who may change and publish one process; where nobody is named, all owners may."""

    __tablename__ = "publisher"
    __table_args__ = (UniqueConstraint("process_id", "person_id"),)

    id: Mapped[Id]
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship()


class Version(Base):
    """One state of a process; source and compiled form never change once published."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("process_id", "number"),
        Index(
            "uq_version_process_id_active",
            "process_id",
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        ),
    )

    id: Mapped[Id]
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    number: Mapped[int]
    state: Mapped[VersionState]
    content_hash: Mapped[str]
    is_shipped: Mapped[bool]  # as the supplier wrote it
    source: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    compiled: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    process: Mapped[Process] = relationship()
    parts: Mapped[list["VersionPart"]] = relationship(order_by="VersionPart.name")


class VersionPart(Base):
    """A form, a rule table or a test of one version, as it was written."""

    __tablename__ = "version_part"
    __table_args__ = (UniqueConstraint("version_id", "kind", "name"),)

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    kind: Mapped[PartKind]
    name: Mapped[str]  # `yearly_review/check`
    content: Mapped[bytes] = mapped_column(LargeBinary)
