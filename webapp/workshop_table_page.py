"""A rule table of a draft as it is changed: its grid, what is wrong, what it answers to a test."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from xml.sax.saxutils import quoteattr

from webapp.format import language
from webapp.workshop_page import problems_told
from workflows.engine import Problem, rule_tables
from workflows.engine.problems import Rejected
from workflows.engine.rule_tables import editing as grids
from workflows.engine.rule_tables.editing import Column, Grid, Row
from workflows.processes.telling import incident_told

PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
MOST_COLUMNS = 50


def new(name: str, title: str) -> str:
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


def posted(source: bytes, said: Mapping[str, str]) -> bytes:
    """The file with what was typed, after a deed such as `row-up:items_due.3`."""
    for grid in grids.grids(source):
        if f"policy:{grid.decision}" in said:
            source = grids.with_grid(source, _done(_typed(grid, said), said))
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
    if deed == "ask-add" and columns < MOST_COLUMNS:
        return grid.with_column(Column("", "unit.kind"), asked=True)
    if deed == "answer-add" and columns < MOST_COLUMNS:
        return grid.with_column(Column("", f"answer_{len(grid.outputs) + 1}"), asked=False)
    if deed == "column-remove" and at < columns:
        only_answer = at >= len(grid.inputs) and len(grid.outputs) == 1
        return grid if only_answer else grid.without_column(at)
    if at >= len(grid.rows):
        return grid
    if deed == "row-remove":
        return grid.without_row(at)
    return grid.moved(at, {"row-up": -1, "row-down": 1}.get(deed, 0))


def tried(source: bytes, said: Mapping[str, str], *, today: date) -> dict[str, Any]:
    """What is wrong with a table, and what each of its decisions answers to the values given."""
    answers: list[tuple[str, str | list[dict[str, str]], str]] = []
    try:
        read = rule_tables.read_tables(source)
    except Rejected:
        return {"problems": table_problems(source), "answers": answers}
    names: dict[str, Any] = {}
    for name in asks(grids.grids(source)):
        text = said.get(f"try:{name}", "").strip()
        _put(names, name.split("."), _value(text) if text else None)
    for own, decision in read.decisions.items():
        try:
            answer = rule_tables.decide(read, own, names, today)
            answers.append((decision.name or own, said_value(answer), ""))
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


def said_value(value: Any) -> str | list[dict[str, str]]:
    """An answer as it is read: rows of several are a table."""
    rows = [value] if isinstance(value, dict) else value
    if isinstance(rows, list) and rows and all(isinstance(one, dict) and one for one in rows):
        return [{name: str(said_value(one)) for name, one in row.items()} for row in rows]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
