"""What the page of a try shows: what can be answered otherwise, and how the case went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from webapp.format import language
from workflows import forms
from workflows.engine import Compiled
from workflows.engine.picture import Mark, picture
from workflows.errors import Invalid
from workflows.forms import Kind
from workflows.forms.registers import definition
from workflows.language import N_, local, translator
from workflows.processes.packages import Package
from workflows.rehearsal.trials import Tried

ASKED = {Kind.CHOICE, Kind.BOOLEAN, Kind.INTEGER, Kind.DATE, Kind.TEXT}
PASSED = "#dcebd0"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that may be answered otherwise than is usual."""

    name: str  # of the input
    label: str
    options: tuple[tuple[str, str], ...]
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step with the fields of its form."""

    name: str
    fields: list[Asked]


def asked(package: Package, compiled: Compiled, given: Mapping[str, str]) -> list[Step]:
    """List the fields of every step that can be answered in the simplest way."""
    words = translator(language())
    steps = []
    for part in compiled.description.parts:
        info = compiled.description.steps.get(part.element)
        if info is None or info.form is None or info.form not in package.forms:
            continue
        try:
            form = forms.read_form(package.forms[info.form])
        except Invalid:
            continue
        fields = []
        for one in form.fields:
            if one.kind not in ASKED or one.read_only:
                continue
            name = f"a:{part.element}:{one.name}"
            options = tuple((each.value, each.label[language()]) for each in one.options)
            if one.kind is Kind.BOOLEAN:
                options = (("true", words.gettext(N_("Yes"))), ("false", words.gettext(N_("No"))))
            kind = {Kind.INTEGER: "number", Kind.DATE: "date"}.get(one.kind, "text")
            said = one.label[language()]
            fields.append(Asked(name, said, options, kind, given.get(name, "")))
        if fields:
            steps.append(Step(info.names.get(language()) or part.element, fields))
    return steps


def answered(package: Package, compiled: Compiled, given: Mapping[str, str]) -> dict[str, Any]:
    """Read what is to be answered otherwise, by element and field."""
    answers: dict[str, dict[str, Any]] = {}
    for step in asked(package, compiled, given):
        for one in step.fields:
            text = one.value.strip()[:LONGEST]
            if not text:
                continue
            _, element, field = one.name.split(":", 2)
            value: Any = text
            if one.options and one.options[0][0] == "true":
                value = text == "true"
            elif one.kind == "number":
                if not text.lstrip("-").isdecimal():
                    continue
                value = int(text)
            answers.setdefault(element, {})[field] = value
    return answers


def dated(found: Tried) -> list[dict[str, Any]]:
    """The steps with their days as days."""

    def day(text: str | None) -> date | None:
        return local(datetime.fromisoformat(text)).date() if text else None

    dates = ("opened_at", "due_at")
    return [{**one, **{key: day(one[key]) for key in dates}} for one in found.told["steps"]]


def drawn(package: Package, found: Tried) -> str:
    """Draw the diagram with the elements it came by."""
    marks = {key: Mark(PASSED) for key in found.passed}
    title = translator(language()).gettext(N_("The diagram with the way the case took"))
    return picture(package.source, marks, language=language(), title=title)


def receivers(compiled: Compiled, element: str) -> list[str]:
    """The roles that would get the task, and a mail of it."""
    info = compiled.description.steps.get(element)
    return list(info.roles) if info else []


def register_rows(found: Tried) -> list[tuple[str, int, list[str]]]:
    """The rows that would be written: register, how many, and what they are called."""
    return [
        (definition(name).title[language()], len(rows), [str(row["name"]) for row in rows][:10])
        for name, rows in found.rows.items()
    ]
