"""Drawing up documents from what cases know; their files are written outside any lock."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import forms
from workflows.canonical import canonical_text, content_hash
from workflows.cases.models import Case
from workflows.documents import rows
from workflows.documents.as_docx import as_docx
from workflows.documents.as_pdf import as_pdf
from workflows.documents.kinds import DOCUMENTS, drawn_up, offered
from workflows.documents.models import Document, File
from workflows.documents.paper import Paper, as_data, from_data
from workflows.documents.receiving import TYPES, Received, made
from workflows.documents.source import Source
from workflows.errors import Invalid
from workflows.history.rows import record
from workflows.language import N_, Language, on
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.rows import compiled, form
from workflows.queries import answering
from workflows.registers import definition
from workflows.registers import rows as registers

SYSTEM = Actor.system("document")
FOOTER = N_("{case} · version {version}, {day} · template version {template}")


def make(session: Session, case: Case, kind: str, *, by: Actor, now: datetime) -> Document:
    """Have a document drawn up from what the case knows; unless that has changed, none is made.

    :raises Invalid: if the process has no such document
    :raises Forbidden: if `by` does not work in the case
    """
    require(by, Deed.MAKE_DOCUMENT, case)
    if kind not in offered(case.process.key):
        raise Invalid("no_such_document")
    return draw_up(session, case, kind, case.data, by=by, now=now)


def draw_up(
    session: Session,
    case: Case,
    kind: str,
    data: Mapping[str, Any],
    *,
    by: Actor = SYSTEM,
    now: datetime,
) -> Document:
    """Draw up the next version of a document; what says the same as the last one is the last one.

    Called where a case moves, too: whoever moved it was asked about already.
    """
    source = source_of(session, case, data, is_open=DOCUMENTS[kind].is_open, now=now)
    paper = drawn_up(DOCUMENTS[kind], source)
    says = as_data(paper)
    hash_, last = content_hash(canonical_text(says)), rows.last_document(session, case.id, kind)
    if last is not None and last.hash == hash_:
        return last
    document = Document(
        case_id=case.id,
        kind=kind,
        version=last.version + 1 if last else 1,
        template_version=rows.template_version(session, kind, on(now)) or DOCUMENTS[kind].version,
        title=paper.title,
        dnr=source.number or None,
        marking="open" if source.is_open else source.marking,
        says=says,
        hash=hash_,
        by_id=by.id,
        at=now,
    )
    session.add(document)
    what = {"title": paper.title, "version": document.version, "kind": kind, "hash": hash_}
    record(
        session,
        "document_made",
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        what=what,
    )
    return document


def source_of(
    session: Session, case: Case, data: Mapping[str, Any], *, is_open: bool, now: datetime
) -> Source:
    """Gather what a document may say of a case."""
    names = {step.form for step in compiled(case.version).description.steps.values() if step.form}
    known = [form(session, case.version, name) for name in sorted(names)]
    facts = forms.Facts(names={**data, "today": on(now)})
    return Source(
        name=case.name(Language.SV),
        unit=case.unit.name,
        process=case.process.key,
        forms=known,
        data=data,
        facts=answering.named(session, known, case, facts),
        marks=_marks(session, case, known),
        is_open=is_open,
    )


def _marks(session: Session, case: Case, known: Iterable[forms.Form]) -> dict[tuple[str, str], str]:
    """What registers know of the secrecy of rows; what the case proposes goes first."""
    lists: dict[str, set[str]] = {}
    for each in known:
        for into in each.registers:
            lists.setdefault(definition(into.register).id, set()).add(into.field)
    return {
        (field, name.casefold()): secrecy.value
        for register, name, secrecy in registers.marked(session, case, lists)
        for field in lists.get(register, ())
    }


def write(document: Document, case: Case) -> dict[str, Received]:
    """Write the files of a document, by their ending; takes a moment, and no lock."""
    paper = framed(document, case)
    words = {"page": Source.say(N_("Page")), "author": case.unit.name}
    stem = f"{case.key}-{document.kind.replace('_', '-')}-{document.version}"
    return {
        ending: made(f"{stem}.{ending}", TYPES[ending], writer(paper, words, at=document.at))
        for ending, writer in (("docx", as_docx), ("pdf", as_pdf))
    }


def framed(document: Document, case: Case) -> Paper:
    """The document with what stands at the foot of each page."""
    footer = Source.say(
        FOOTER,
        case=case.key,
        version=document.version,
        day=on(document.at).isoformat(),
        template=document.template_version,
    )
    return replace(from_data(document.says), footer=footer)


def store(
    session: Session, document_id: int, written: Mapping[str, Received], *, now: datetime
) -> Document:
    """Keep the files of a document, unless somebody else has kept them meanwhile."""
    found = sa.select(Document).where(Document.id == document_id).with_for_update()
    document = session.scalars(found.execution_options(populate_existing=True)).one()
    if document.docx_id is not None:
        return document
    case = session.get_one(Case, document.case_id)
    kept: dict[str, File] = {
        ending: rows.keep(
            session, one, secrecy=case.secrecy, case_id=case.id, by_id=document.by_id, now=now
        )
        for ending, one in written.items()
    }
    document.docx_id, document.pdf_id = kept["docx"].id, kept["pdf"].id
    what = {ending: file.sha256 for ending, file in kept.items()}
    record(
        session,
        "document_written",
        by=SYSTEM,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        what={"title": document.title, "version": document.version} | what,
    )
    session.flush()
    return document
