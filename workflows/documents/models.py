"""Files, documents made from a case, and the library of templates.

The bytes of a file are stored once by their hash, in pieces, in the database.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id
from workflows.organisation.models import Person
from workflows.processes.models import Secrecy
from workflows.tasks.models import Task


class Content(Base):
    """What some file held, by its hash; it stays when the pieces have been removed."""

    __tablename__ = "content"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]


class Chunk(Base):
    """A piece of a content, of a megabyte or less."""

    __tablename__ = "chunk"

    sha256: Mapped[str] = mapped_column(ForeignKey("content.sha256"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class File(Base):
    """A file in a case, or (without one) in the library; a new one of its name is a new version."""

    __tablename__ = "file"
    __table_args__ = (Index("ix_file_case_id_name", "case_id", "name"),)

    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(ForeignKey("content.sha256"), index=True)
    size: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    secrecy: Mapped[Secrecy]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    version: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    case: Mapped[Case | None] = relationship()
    task: Mapped[Task | None] = relationship()
    by: Mapped[Person | None] = relationship()


class Document(Base):
    """What one version of a document says, fixed when it was drawn up; its files are made when
    somebody asks for one.

    The words themselves are not put off: a decision is sealed to their hash, and another program
    with other words for the same answers would write another document than the one decided upon.
    """

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("case_id", "kind", "version"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str]
    version: Mapped[int]
    template_version: Mapped[int]
    title: Mapped[str]
    dnr: Mapped[str | None]
    marking: Mapped[str]  # "open", or the sections of the secrecy act, or "unassessed"
    says: Mapped[dict[str, Any]]  # `writing.Paper` as JSON
    hash: Mapped[str]  # of what it says
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    docx_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
    pdf_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))

    case: Mapped[Case] = relationship()
    by: Mapped[Person | None] = relationship()


class Template(Base):
    """A version of something in the library: a document we make, or a file the city has put in."""

    __tablename__ = "template"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[Id]
    code: Mapped[str]
    version: Mapped[int]
    name_sv: Mapped[str]
    name_en: Mapped[str]
    owner: Mapped[str]
    focus_area: Mapped[str]
    valid_from: Mapped[date]
    makes: Mapped[str | None]  # the kind of document
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    file: Mapped[File | None] = relationship()

    def name(self, language: str) -> str:
        """Name it in `language`."""
        return self.name_en if language == "en" else self.name_sv


class Reading(Base):
    """That somebody has read a version of something in the library."""

    __tablename__ = "reading"

    template_id: Mapped[int] = mapped_column(ForeignKey("template.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]
