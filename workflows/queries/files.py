"""Files: those of a case, one by its number, and whether an answer rests on it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import forms
from workflows.cases.models import Case
from workflows.documents import rows
from workflows.documents.models import Document, File
from workflows.errors import NotFound
from workflows.forms import Facts, Form, Kind
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, may, require
from workflows.processes.rows import compiled, form


def file(session: Session, file_id: int, *, by: Actor) -> File:
    """Load a file the actor may see.

    :raises NotFound: if there is none, it was removed, or it is not for them
    """
    found = rows.find(session, file_id)
    if found is None:
        raise NotFound
    require(by, Deed.SEE_FILE, found)
    return found


def of_case(session: Session, case: Case, *, by: Actor) -> list[File]:
    """List what people have attached to a case, as far as the actor may see it."""
    return [one for one in rows.of_case(session, case.id) if may(by, Deed.SEE_FILE, one)]


def known_to(session: Session, definition: Form, case: Case, facts: Facts) -> Facts:
    """Let a form with places for files know the files of its case, by number and name."""
    if not definition.has_files:
        return facts
    named = {str(one.id): one.name for one in rows.of_case(session, case.id)}
    return replace(facts, choices={**facts.choices, "file": named})


def is_in_use(session: Session, file: File, case: Case) -> bool:
    """Tell whether a document or an answer in the case rests on the file."""
    made = sa.select(Document.id).where(
        sa.or_(Document.docx_id == file.id, Document.pdf_id == file.id)
    )
    if session.scalars(made).first() is not None:
        return True
    return str(file.id) in set(_answered(session, case))


def _answered(session: Session, case: Case) -> Iterator[str]:
    steps = compiled(case.version).description.steps.values()
    for name in {step.form for step in steps if step.form}:
        definition = form(session, case.version, name)
        if definition.has_files:
            yield from _values(definition.fields, case.data)


def _values(fields: Iterator[forms.Field], data: Mapping[str, object]) -> Iterator[str]:
    for one in fields:
        value = data.get(one.name)
        if one.kind is Kind.FILE and isinstance(value, str):
            yield value
        for inner in value if isinstance(value, list) else [value]:
            if one.fields and isinstance(inner, dict):
                yield from _values(iter(one.fields), inner)
