"""What the page of a try shows: what can be answered otherwise, and how the case went."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from webapp.format import language
from workflows import engine, forms
from workflows.engine import Compiled, Drawn
from workflows.engine.picture import Mark, picture
from workflows.errors import Invalid
from workflows.forms import Kind
from workflows.forms.registers import definition
from workflows.language import N_, local, translator
from workflows.processes.packages import Package
from workflows.processes.telling import incident_told
from workflows.rehearsal.covering import coverage, taken_by
from workflows.rehearsal.trials import Result, Tried

ASKED = {Kind.CHOICE, Kind.BOOLEAN, Kind.INTEGER, Kind.DATE, Kind.TEXT}
PASSED, WAY = "#dcebd0", "#2e7d32"
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

    element: str
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
            steps.append(Step(part.element, info.names.get(language()) or part.element, fields))
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


def dated(found: Tried, seen: Container[str]) -> list[dict[str, Any]]:
    """The steps of whoever looks, with their days as days and how they stand."""
    words = translator(language())
    states = {
        True: (words.gettext(N_("done")), "done"),
        False: (words.gettext(N_("fell away")), "closed"),
        None: (words.gettext(N_("still open")), "planned"),
    }
    dates = ("opened_at", "due_at")
    return [
        {
            **one,
            **{key: _at(one[key]) for key in dates},
            "state": states[one["is_done"] if one["closed_at"] else None],
        }
        for one in found.told["steps"]
        if one["element"] in seen
    ]


def _at(text: str | None) -> date | None:
    return local(datetime.fromisoformat(text)).date() if text else None


OCCASIONS = {
    "opened": N_("Something new to do"),
    "reminder": N_("Reminder"),
    "escalation": N_("It is late"),
}


def mailed(found: Tried, compiled: Compiled, role: str) -> list[tuple[datetime, str, str, Any]]:
    """The mails to a role, or to all: when at the earliest, of what, which step, and to whom."""
    words = translator(language())
    return [
        (one.at, words.gettext(OCCASIONS[one.occasion]), _name(compiled, one.element), one.roles)
        for one in found.mails
        if not role or role in one.roles
    ]


def stuck(found: Tried, compiled: Compiled) -> list[str]:
    """Why it has not ended: what failed, and what it waits for from outside."""
    failed = [
        (one["element"], ": " + incident_told(one["code"], one["cause"], (), language()).what)
        for one in found.told["incidents"]
    ]
    waits = [(one["element"], "") for one in found.told["waiting_for"]]
    return [_name(compiled, element) + why for element, why in (*failed, *waits)]


def _name(compiled: Compiled, element: str) -> str:
    names = compiled.description.names_of(element)
    return names.get(language()) or names.get("sv") or element


def drawn(package: Package, found: Tried, compiled: Compiled) -> str:
    """Draw the diagram with the way the case took."""
    marks = {key: Mark(PASSED) for key in found.passed}
    marks |= {key: Mark(WAY) for key in taken_by(compiled, found.passed)}
    return _picture(package, marks, N_("The diagram with the way the case took"))


@dataclass(frozen=True, slots=True)
class Covered:
    """The flows that the kept tests come by: how many of all; those that none does, in words."""

    taken: int
    all: int
    missed: list[str]
    picture: str


def covered(package: Package, compiled: Compiled, tests: Iterable[Result]) -> Covered | None:
    """Say what the kept tests try; None without any."""
    ways = [one.passed for one in tests]
    if not ways:
        return None
    found = coverage(compiled, ways)
    marks = {key: Mark(WAY) for key in found.taken}
    marks |= {key: Mark(PASSED) for passed in ways for key in passed}
    picture = _picture(package, marks, N_("The diagram with the flows that the tests come by"))
    arrows = {key: one for key, one in engine.drawn(package.source).items() if key in found.missed}
    missed = [_arrow(compiled, key, arrows.get(key)) for key in found.missed]
    return Covered(len(found.taken), found.all, missed, picture)


def _arrow(compiled: Compiled, key: str, one: Drawn | None) -> str:
    """Say which arrow it is: from where to where, and what stands at it."""
    if one is None:
        return key
    ends = [_name(compiled, one.facts.get(end, "")) for end in ("sourceRef", "targetRef")]
    name = one.names.get(language()) or one.names.get("sv", "")
    said = " → ".join(ends)
    return f"{said} ({name})" if name and name != key else said


def _picture(package: Package, marks: Mapping[str, Mark], title: str) -> str:
    said = translator(language()).gettext(title)
    return picture(package.source, marks, language=language(), title=said)


def receivers(compiled: Compiled, element: str) -> list[str]:
    """The roles that would get the task."""
    info = compiled.description.steps.get(element)
    return list(info.roles) if info else []


def roles(compiled: Compiled) -> list[str]:
    """All who do something in a process, in the order they are first asked."""
    steps = compiled.description.steps
    inside = (steps[part.element] for part in compiled.description.parts if part.element in steps)
    return list(dict.fromkeys(role for step in inside for role in step.roles))


def seen_by(compiled: Compiled, role: str) -> list[tuple[str, str]]:
    """The steps that a role gets, or all: element and name."""
    return [
        (key, _name(compiled, key))
        for key, step in compiled.description.steps.items()
        if not role or role in step.roles
    ]


def parted(compiled: Compiled, missing: list[str], more: list[str]) -> Iterator[tuple[str, str]]:
    """Say how a try goes otherwise than the real case did; nothing if it goes the same way."""
    for text, steps in (
        (N_("The real case also did: {steps}."), missing),
        (N_("The test also does: {steps}."), more),
    ):
        if steps:
            yield text, ", ".join(_name(compiled, one) for one in steps)


def register_rows(found: Tried) -> list[tuple[str, int, list[str]]]:
    """The rows that would be written: register, how many, and what they are called."""
    return [
        (
            definition(name).title[language()],
            len(rows),
            [_called(row.get(definition(name).name) or row["name"]) for row in rows[:10]],
        )
        for name, rows in found.rows.items()
    ]


def _called(name: object) -> str:
    """What a row is called: what we ship of rows is named in both languages."""
    return str(name.get(language(), "")) if isinstance(name, Mapping) else str(name)
