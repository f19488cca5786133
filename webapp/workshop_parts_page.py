"""What the plain pages of the workshop share, and the process as the list of its steps."""

import re
from collections.abc import Mapping
from typing import Any

from flask import url_for

from webapp import outline as outlines
from webapp.format import language
from webapp.workshop_page import KINDS, POLICIES, deadline_told, problems_told
from workflows.calendar.years import standard_calendar
from workflows.engine import Compiled
from workflows.errors import Conflict, Invalid
from workflows.forms.editing import opened
from workflows.language import N_, capital, translator
from workflows.processes import outline as steps
from workflows.processes.checking import check_draft
from workflows.processes.models import PartKind
from workflows.processes.packages import Package

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def tabs(process_id: int, current: str) -> list[tuple[str, str, bool, int | None]]:
    """The ways to look at one draft."""
    said = translator(language()).gettext
    ways = (
        ("workshop.page", "page", N_("Diagram")),
        ("parts.outline", "outline", N_("As a list of steps")),
        ("parts.index", "index", N_("Forms and rule tables")),
    )
    return [
        (said(text), url_for(endpoint, process_id=process_id), name == current, None)
        for endpoint, name, text in ways
    ]


def names(package: Package) -> dict[str, list[tuple[str, str]]]:
    """The forms and the tables of a draft, each with its title."""
    found = {}
    for name, content in package.forms.items():
        title = opened(content)["title"]
        found[name] = (title.get(language()) if isinstance(title, dict) else "") or name
    return {"forms": list(found.items()), "tables": [(one, one) for one in package.tables]}


def url_of(process_id: int, kind: PartKind, name: str) -> str:
    """Where a part is changed."""
    if kind is PartKind.TABLE:
        return url_for("parts.table", process_id=process_id, name=name)
    folder, _, step = name.partition("/")
    return url_for("parts.form", process_id=process_id, folder=folder, step=step)


def new_name(package: Package, kind: PartKind, text: str) -> str:
    """The name of a new part.

    :raises Invalid: if it is none, or :raises Conflict: if there is one already
    """
    name = text.strip().lower()
    if not NAME.fullmatch(name):
        raise Invalid("part_name", name=name)
    whole = name if kind is PartKind.TABLE else f"{package.key}/{name}"
    if whole in (package.tables if kind is PartKind.TABLE else package.forms):
        raise Conflict("part_there", name=whole)
    return whole


def outline(package: Package, chosen: str, year: int) -> dict[str, Any]:
    """The process as a list of steps, the one that is changed with what it says."""
    checked, drawn = check_draft(package), steps.elements(package.source)
    if checked.compiled:
        lines = outlines.lines(checked.compiled.description)
    else:  # it still has to be mended here by who cannot do it in the picture
        lines = [outlines.Line(0, name, element=own) for own, name, _ in drawn]
    named = {line.element.rpartition("/")[2]: line.name for line in lines if line.element}
    step = steps.step(package.source, chosen)
    ways = [(one, _way_said(one, named)) for one in steps.ways(package.source)]
    said = translator(language()).gettext
    rule = step.facts["due"] if step else ""
    return {
        "lines": lines,
        "problems": problems_told(checked.problems),
        "chosen": step,
        "lanes": _lanes(step, checked.compiled),
        "tasks": [
            (own, named.get(own, name))
            for own, name, tag in drawn
            if tag == "userTask" and own != chosen
        ],
        "ways": ways,
        "way_names": {one.flow: text for one, text in ways},
        "forms": names(package)["forms"],
        "kinds": [(code, capital(said(text))) for code, text in KINDS.items()],
        "policies": [(code, capital(said(text))) for code, text in POLICIES.items()],
        "due": deadline_told(rule, year, standard_calendar(year)) if rule else None,
    }


def _way_said(way: steps.Way, named: Mapping[str, str]) -> str:
    """Between which two a way goes, as the list calls them."""
    first, last = (named.get(end, end) for end in (way.source, way.target))
    return f"{first} ({way.name}) – {last}" if way.name else f"{first} – {last}"


def _lanes(step: steps.Step | None, compiled: Compiled | None) -> list[tuple[str, str]]:
    """Who may do a step, in the reader's language."""
    known = compiled.description.lanes if compiled else {}
    return [
        (own, known[own].names.get(language()) or said if own in known else said)
        for own, said in (step.lanes if step else ())
    ]
