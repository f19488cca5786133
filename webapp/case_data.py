"""The data of a case as it is read, and as an operator corrects it: as its steps ask for it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import request

from webapp import clock
from webapp.format import language
from webapp.transactions import session
from workflows import forms
from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.forms import Errors, Form, Raw
from workflows.forms.definition import Field
from workflows.language import counted
from workflows.operations.advance import form_facts
from workflows.processes.models import Version
from workflows.processes.rows import compiled, form
from workflows.queries import answering
from workflows.queries.standing import Thing

OURS = {"csrf_token", "command", "seen", "why"}
FACTS = {"case", "unit", "year", "today", "item"}


def _known(version: Version) -> list[Form]:
    steps = compiled(version).description.steps.values()
    names = dict.fromkeys(step.form for step in steps if step.form)
    return [form(session(), version, name) for name in names]


def known_fields(case: Case) -> Iterator[Field]:
    """Every field that a form of a case asks for, each once."""
    seen: set[str] = set()
    for one in _known(case.version):
        yield from (each for each in one.fields if each.name not in seen)
        seen.update(each.name for each in one.fields)


def facts_of(case: Case, asked: Form) -> forms.Facts:
    """What a correction may know: also what one may choose; it asks for all there is."""
    seen = form_facts(case, now=clock.now())
    return replace(answering.of_case(session(), asked, case, seen), tier="full")


def known_data(case: Case) -> Iterator[tuple[str, str, str, bool]]:
    """What the case knows: its name, what a form calls it, its value in words, can it be typed."""
    known = _known(case.version)
    whole = forms.correction(known, case.data, case.data)
    shown = forms.read_only(whole, case.data, language(), facts_of(case, whole))
    said = {one.name: one for section in shown.sections for one in section.fields}
    for name, value in sorted(case.data.items()):
        field = whole.find(name)
        text = said[name].value if name in said else ""
        if isinstance(value, list | dict):
            text = counted(len(value), "One row", "{count} rows").said(language())
        yield name, field.label[language()] if field else name, text, field is not None


def answered(
    case: Case, version: Version | None = None, data: Mapping[str, Any] | None = None
) -> list[tuple[str, forms.FormView]]:
    """What the case knows as it is read, under the form that first asks for it; or what it knew
    when it ran another version."""
    data = case.data if data is None else data
    shown: list[tuple[str, forms.FormView]] = []
    said: set[str] = set()
    for one in _known(version or case.version):
        asked_for = [each for each in one.fields if each.label[language()] != each.name]
        names = [each.name for each in asked_for if each.name in data.keys() - said]
        if names:
            asked = forms.correction([one], names, data)
            view = forms.read_only(asked, data, language(), facts_of(case, asked))
            shown.append((one.title[language()], view))
            said.update(names)
    return shown


def asked_for(case: Case, deed: str, thing: Thing | None, *, may_steer: bool) -> Form | None:
    """The form for the data of a correction or a retry; None when there is nothing to type."""
    names: list[str] = []
    if deed == "correction":
        names = request.args.getlist("name")
        if not names:
            raise NotFound
    elif deed == "retry" and may_steer and thing is not None and thing.incident is not None:
        names = [name for name in thing.incident.keys if name not in FACTS]
    asked = forms.correction(_known(case.version), names, case.data)
    return asked if any(True for _ in asked.fields) else None


def typed(asked: Form) -> Raw:
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS]
    posted = forms.read_posted(asked, pairs)
    return forms.change_rows(asked, posted.raw, posted.change) if posted.change else posted.raw


def changes_rows() -> bool:
    """Tell whether a button of a list of rows was pressed, and not the deed."""
    return "row" in request.form


def view_of(case: Case, asked: Form, errors: Errors | None) -> forms.FormView:
    facts = facts_of(case, asked)
    raw = typed(asked) if request.method == "POST" else forms.prefilled(asked, facts)
    return forms.view(asked, raw, facts, language(), errors)
