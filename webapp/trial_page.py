"""What the pages of a try read and show: the form of a step, and how the case went."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from werkzeug.exceptions import BadRequest

from webapp.format import language
from webapp.pages import FIRST_YEAR, LAST_YEAR, posted_pairs
from webapp.workshop_page import problems_told
from webapp.workshop_parts_page import url_of
from workflows import engine, forms
from workflows.canonical import canonical_text, parse
from workflows.engine import Compiled, Drawn, Problem
from workflows.engine.picture import Mark, picture
from workflows.forms.registers import definition
from workflows.language import N_, local, translator
from workflows.processes.models import PartKind, Process
from workflows.processes.packages import Package
from workflows.processes.telling import incident_told
from workflows.rehearsal import trials as trying
from workflows.rehearsal.answering import A_FILE, A_PERSON
from workflows.rehearsal.cases import Asked
from workflows.rehearsal.covering import coverage, taken_by
from workflows.rehearsal.trials import Result, Tried, Wish

GIVEN = "try:given"  # what the form of a step carries along: all that is tried
USUAL = "try:usual"  # a step and its turn that is to be answered as usual again
PASSED, WAY = "#dcebd0", "#2e7d32"


def given(compiled: Compiled) -> tuple[Wish, str]:
    """Read what is to be tried, and which role looks."""
    try:
        wish, role = _given(compiled)
        if place := request.form.get(USUAL):
            element, turn = place.rsplit(":", 1)
            if wish.filled_in(element, int(turn)) is not None:
                wish = wish.with_filled(element, int(turn), None)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise BadRequest from None
    if not FIRST_YEAR < wish.year < LAST_YEAR:
        raise BadRequest
    return wish, role


def _given(compiled: Compiled) -> tuple[Wish, str]:
    if GIVEN in request.form:
        told: Any = parse(request.form[GIVEN])
        return trying.wished(told), str(told["role"])
    lies = [one for one in request.form.getlist("lies") if one in compiled.description.steps]
    told = {"unit": request.form["unit"], "year": request.form["year"], "answers": {}}
    told |= {"lies": lies, "filled": parse(request.form.get("filled") or "{}")}
    told |= {"until": until} if (until := request.form.get("until")) else {}
    return trying.wished(told), request.form.get("role", "")


def carried(wish: Wish, role: str) -> str:
    """Write down what is tried, for the form of a step to carry along."""
    return canonical_text({**trying.kept(wish), "role": role})


def typed(form: forms.Form) -> forms.Posted:
    """Read what was typed into the form of a step; of a file only that there is one."""
    came = [name for name, file in request.files.items(multi=True) if file.filename]
    ours = {*came, GIVEN, USUAL}
    pairs = [pair for pair in posted_pairs() if pair[0] not in ours]
    return forms.read_posted(form, pairs + [(name, A_FILE) for name in dict.fromkeys(came)])


def shown(asked: Asked, raw: forms.Raw, found: forms.Errors | None = None) -> forms.FormView:
    """Draw the form of a step as its task would show it; people and files have no names here."""
    words = translator(language())
    nameless = {
        "person": {A_PERSON: words.gettext(N_("Somebody"))},
        "file": {A_FILE: words.gettext(N_("A file"))},
    }
    facts = replace(asked.facts, choices={**asked.facts.choices, **nameless})
    return forms.view(asked.form, raw, facts, language(), found)


def dated(
    found: Tried, compiled: Compiled, wish: Wish, seen: Container[str]
) -> list[dict[str, Any]]:
    """The steps of whoever looks, with their days as days, how they stand, and who answers."""
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
            "has_form": compiled.description.steps[one["element"]].form is not None,
            "is_filled": one["turn"] is not None
            and wish.filled_in(one["element"], one["turn"]) is not None,
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


def mended_at(process: Process, wrong: Iterable[Problem]) -> list[tuple[dict[str, Any], str]]:
    """Say what keeps a draft from being played, each with the page where it is mended."""
    told = problems_told(wrong)
    return [(one, _place(process.id, one["file"], one["element"])) for one in told]


def _place(process_id: int, file: str, element: str | None) -> str:
    name, _, ending = file.rpartition(".")
    if ending in ("json", "dmn"):
        return url_of(process_id, PartKind.FORM if ending == "json" else PartKind.TABLE, name)
    if element:
        step = element.rpartition("/")[2]
        return url_for("parts.outline", process_id=process_id, step=step, _anchor="change")
    return url_for("workshop.page", process_id=process_id)
