"""What the plain pages of the workshop show: tables, forms and the outline, and what was posted."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from xml.sax.saxutils import quoteattr

from flask import url_for

from webapp import outline as outlines
from webapp.format import language
from webapp.workshop_page import problems_told
from workflows import engine, forms
from workflows.calendar import asking
from workflows.engine import Problem, rule_tables
from workflows.engine.problems import Rejected
from workflows.engine.rule_tables import editing as grids
from workflows.engine.rule_tables.editing import Column, Grid, Row
from workflows.errors import Conflict, Invalid
from workflows.forms import Facts
from workflows.forms import editing as form_editing
from workflows.forms import registers as known_registers
from workflows.language import N_, translator
from workflows.processes import outline_edits
from workflows.processes.models import PartKind
from workflows.processes.packages import Package
from workflows.processes.telling import incident_told, problem_told

PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
TYPES = ("string", "integer", "number", "boolean", "date")
STRENGTHS = {
    "stop": N_("stops: it cannot be passed"),
    "justify": N_("asks for a reason"),
    "hint": N_("is only shown"),
}
MOST_ROWS = 50  # added at once


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


def told(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems in words; those of a form are said by where they lie in it."""
    return problems_told(problems)


def names(package: Package) -> dict[str, list[tuple[str, str]]]:
    """The forms and the tables of a draft, each with its title."""
    found = {}
    for name, content in package.forms.items():
        title = form_editing.opened(content)["title"]
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
        raise Invalid("bad_draft", field="name")
    whole = name if kind is PartKind.TABLE else f"{package.key}/{name}"
    if whole in (package.tables if kind is PartKind.TABLE else package.forms):
        raise Conflict("part_there", name=whole)
    return whole


def new_form(title: str) -> str:
    """A form that asks one thing."""
    doc = form_editing.new_form(title)
    doc = form_editing.changed(
        doc,
        {"title:sv": title, "title:en": title, "new-name:main": "note", "new-kind:main": "rich"},
        "add:main",
    )
    return form_editing.written(doc)


def new_table(name: str, title: str) -> str:
    """A rule table that asks one thing and answers one."""
    empty = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" '
        f'id="{name}_file" name="{name}" namespace="urn:arshjul:rules">'
        f'<decision id="{name}" name={quoteattr(title)}>'
        f'<variable id="{name}_variable" name="{name}"/>'
        f'<decisionTable id="{name}_table" hitPolicy="UNIQUE"/></decision></definitions>'
    ).encode()
    (grid,) = grids.grids(empty)
    grid = grid.with_column(Column("", "unit.kind"), asked=True)
    grid = grid.with_column(Column("", name), asked=False).with_row(0, Row(("-", '""')))
    return grids.with_grid(empty, grid).decode()


# --- rule tables ----------------------------------------------------------------------------


def table(source: bytes) -> dict[str, Any]:
    """A file of tables as it is shown: its grids, what is wrong, and what a test may give."""
    try:
        found = grids.grids(source)
    except Rejected as rejected:
        return {"grids": (), "problems": problems_told(rejected.problems), "asks": []}
    return {"grids": found, "problems": table_problems(source), "asks": asks(found)}


def asks(found: Iterable[Grid]) -> list[str]:
    """The names whose values a test may say."""
    texts = dict.fromkeys(one.text for grid in found for one in grid.inputs)
    return [text for text in texts if PATH.fullmatch(text)]


def table_problems(source: bytes) -> list[dict[str, Any]]:
    """What is wrong with a table, and where its rules overlap or leave a gap."""
    try:
        return problems_told(_in_file(rule_tables.check(rule_tables.read_tables(source))))
    except Rejected as rejected:
        return problems_told(_in_file(rejected.problems))


def _in_file(problems: Iterable[Problem]) -> list[Problem]:
    return [replace(one, file="dmn") for one in problems]  # the words are those of a table


def posted_table(source: bytes, posted: Mapping[str, str]) -> bytes:
    """The file with what was typed, after a deed such as `row-up:items_due.3`."""
    for grid in grids.grids(source):
        if f"policy:{grid.decision}" in posted:
            source = grids.with_grid(source, _done(_typed(grid, posted), posted))
    return source


def _typed(grid: Grid, posted: Mapping[str, str]) -> Grid:
    own = grid.decision
    policy = posted[f"policy:{own}"]
    columns = [
        Column(
            posted.get(f"label:{own}.{at}", one.label).strip(),
            posted.get(f"text:{own}.{at}", one.text).strip(),
            posted.get(f"type:{own}.{at}", one.type),
            posted.get(f"values:{own}.{at}", one.values).strip(),
            one.id,
        )
        for at, one in enumerate(grid.inputs + grid.outputs)
    ]
    rows = []
    for place in range(min(_count(posted.get(f"rows:{own}", "")), grids.MOST)):
        old = posted.get(f"id:{own}.{place}", "")
        cells = (posted.get(f"cell:{own}.{place}.{at}", "").strip() for at in range(len(columns)))
        rows.append(Row(tuple(cells), posted.get(f"note:{own}.{place}", "").strip(), old))
    asked = len(grid.inputs)
    return Grid(
        own,
        grid.name,
        policy if policy in grids.POLICIES else grid.policy,
        tuple(columns[:asked]),
        tuple(columns[asked:]),
        tuple(rows),
    )


def _done(grid: Grid, posted: Mapping[str, str]) -> Grid:
    deed, _, about = posted.get("deed", "").partition(":")
    own, _, place = about.partition(".")
    at = _count(place)
    if own != grid.decision:
        return grid
    columns = len(grid.inputs) + len(grid.outputs)
    if deed == "row-add":
        return grid.with_row(len(grid.rows))
    if deed == "ask-add" and columns < MOST_ROWS:
        return grid.with_column(Column("", "unit.kind"), asked=True)
    if deed == "answer-add" and columns < MOST_ROWS:
        return grid.with_column(Column("", f"answer_{len(grid.outputs) + 1}"), asked=False)
    if deed == "column-remove" and at < columns:
        only_answer = at >= len(grid.inputs) and len(grid.outputs) == 1
        return grid if only_answer else grid.without_column(at)
    if at >= len(grid.rows):
        return grid
    if deed == "row-remove":
        return grid.without_row(at)
    return grid.moved(at, {"row-up": -1, "row-down": 1}.get(deed, 0))


def tried(source: bytes, posted: Mapping[str, str], *, today: date) -> dict[str, Any]:
    """What is wrong with a table, and what each of its decisions answers to the values given."""
    answers: list[tuple[str, str, str]] = []
    try:
        read = rule_tables.read_tables(source)
    except Rejected:
        return {"problems": table_problems(source), "answers": answers}
    names: dict[str, Any] = {}
    for name in asks(grids.grids(source)):
        text = posted.get(f"try:{name}", "").strip()
        _put(names, name.split("."), _value(text) if text else None)
    for own, decision in read.decisions.items():
        try:
            said = rule_tables.decide(read, own, names, today)
            answers.append((decision.name or own, said_value(said), ""))
        except rule_tables.DecisionFailed as failure:
            why = incident_told(failure.code, own, (), language()).what
            answers.append((decision.name or own, "", why))
    return {"problems": table_problems(source), "answers": answers}


def _put(names: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        inner = names.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        names = inner
    names[path[-1]] = value


def _value(text: str) -> Any:
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    return {"true": True, "ja": True, "yes": True, "false": False, "nej": False, "no": False}.get(
        text.lower(), text
    )


def said_value(value: Any) -> str:
    """An answer as it is read."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0


# --- forms ----------------------------------------------------------------------------------


def form(source: bytes, name: str) -> dict[str, Any]:
    """A form as it is changed, what is wrong with it, and how it looks to whoever fills it in."""
    doc = form_editing.opened(source)
    sections = [
        (one, form_editing.lines(doc, one.get("fields", [])))
        for one in doc["layout"]
        if isinstance(one, dict)
    ]
    try:
        read = forms.read_form(source)
    except Invalid as bad:
        wrong = [_form_problem(name, one) for one in bad.problems]
        return {"doc": doc, "sections": sections, "problems": wrong, "view": None}
    wrong = [
        _form_problem(name, forms.Problem(path, code, params))
        for path, code, params in known_registers.problems(read)
    ]
    view = forms.view(read, {}, _nothing(read), language())
    return {"doc": doc, "sections": sections, "problems": wrong, "view": view}


def _nothing(read: forms.Form) -> Facts:
    """What a preview knows: the highest level, and a row in each list that people fill in."""
    given: dict[str, Any] = {
        name: (lambda *_: []) for name in (*asking.NAMES, "register", "done_as")
    }
    return Facts(names={"case": {}, "unit": {}, "year": 2027}, functions=given, tier="full")


def _form_problem(name: str, one: forms.Problem) -> tuple[str, str]:
    params = {**one.params, "path": one.path or "/", "cause": one.code}
    try:
        problem = Problem("error", "bad_form", name, None, None, params, f"{name}.json")
        words = problem_told(problem, language()).what
    except KeyError:
        words = one.code
    return one.path, words


def posted_form(source: bytes, posted: Mapping[str, str]) -> bytes:
    """The form with what was typed and done."""
    doc = form_editing.opened(source)
    if "title:sv" not in posted:
        return source
    return form_editing.written(form_editing.changed(doc, posted, posted.get("deed", ""))).encode()


# --- the outline ----------------------------------------------------------------------------


def outline(package: Package, chosen: str) -> dict[str, Any]:
    """The process as a list of steps, the one that is changed with what it says."""
    compiled, found = engine.examine(package.source, decisions=package.tables)
    lines = outlines.lines(compiled.description) if compiled else []
    return {
        "lines": lines,
        "problems": problems_told(found),
        "chosen": outline_edits.step(package.source, chosen),
        "ways": outline_edits.ways(package.source),
        "lanes": outline_edits.lanes(package.source),
        "forms": names(package)["forms"],
    }
