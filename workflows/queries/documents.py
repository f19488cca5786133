"""Documents made from cases: those of a case, one by its number, and the library."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Case
from workflows.documents import rows
from workflows.documents.kinds import DOCUMENTS, offered
from workflows.documents.models import Document, File, Reading, Template
from workflows.errors import NotFound
from workflows.language import Language, translator
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require


@dataclass(frozen=True, slots=True)
class Shelf:
    """One thing in the library: the version that is valid, older ones, and whether one has read."""

    template: Template
    older: tuple[Template, ...]
    coming: tuple[Template, ...]
    is_read: bool
    readers: int


def document(session: Session, document_id: int, *, by: Actor) -> Document:
    """Load a document with its case, if the actor may see that.

    :raises NotFound: if there is none, or not for them
    """
    found = session.scalars(
        sa.select(Document)
        .where(Document.id == document_id)
        .options(
            joinedload(Document.case).options(
                joinedload(Case.unit), joinedload(Case.process), joinedload(Case.version)
            )
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    require(by, Deed.SEE_CASE, found.case)
    return found


def of_case(session: Session, case: Case) -> list[tuple[str, list[Document]]]:
    """List the documents of a case that may be seen: each kind that suits it, newest first."""
    made: dict[str, list[Document]] = {kind: [] for kind in offered(case.process.key)}
    for one in rows.documents_of(session, case.id):
        made.setdefault(one.kind, []).append(one)
    return list(made.items())


def shelves(session: Session, *, by: Actor, today: date) -> list[Shelf]:
    """List the library: what is valid first on each shelf."""
    require(by, Deed.READ_LIBRARY, None)
    everything = session.scalars(
        sa.select(Template).options(joinedload(Template.file)).order_by(Template.version.desc())
    )
    by_code: dict[str, list[Template]] = {}
    for one in everything:
        by_code.setdefault(one.code, []).append(one)
    read = set(session.scalars(sa.select(Reading.template_id).where(Reading.person_id == by.id)))
    counted = sa.select(Reading.template_id, sa.func.count()).group_by(Reading.template_id)
    readers = dict(iter(session.execute(counted)))
    found = [_shelf(versions, today, read, readers) for versions in by_code.values()]
    return sorted(found, key=lambda shelf: (shelf.template.focus_area, shelf.template.name_sv))


def _shelf(versions: list[Template], today: date, read: set[int], readers: dict[int, int]) -> Shelf:
    valid = [one for one in versions if one.valid_from <= today] or versions[-1:]
    newest = valid[0]
    return Shelf(
        template=newest,
        older=tuple(valid[1:]),
        coming=tuple(one for one in versions if one not in valid),
        is_read=newest.id in read,
        readers=readers.get(newest.id, 0),
    )


def templates_for(session: Session, process: str, *, today: date) -> list[Template]:
    """List the files in the library that are valid today and of an area the process works in."""
    areas = {translator(Language.SV).gettext(DOCUMENTS[one].focus_area) for one in offered(process)}
    found = session.scalars(
        sa.select(Template)
        .where(
            Template.file_id.is_not(None),
            Template.focus_area.in_(sorted(areas)),
            Template.valid_from <= today,
        )
        .options(joinedload(Template.file))
        .order_by(Template.name_sv, Template.version)
    )
    return list({one.code: one for one in found}.values())  # the newest of each


def template(session: Session, template_id: int) -> Template:
    """Load one version of something in the library.

    :raises NotFound: if there is none
    """
    found = session.get(Template, template_id)
    if found is None:
        raise NotFound
    return found


def files_of(session: Session, documents: Iterable[Document]) -> list[File]:
    """Load the written files of documents."""
    ids = [each for one in documents for each in (one.docx_id, one.pdf_id) if each]
    return list(session.scalars(sa.select(File).where(File.id.in_(ids)).order_by(File.id)))
