"""Business rule tasks: ask a rule table once, or for each row of a list."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workflows.engine.evaluating import Names, assign, own
from workflows.engine.locating import Found, located
from workflows.engine.plan import Node, Plan
from workflows.engine.problems import Failure, Problem, Rejected
from workflows.engine.reading import Reading
from workflows.engine.rule_tables import (
    DecisionFailed,
    Tables,
    answers,
    check,
    decide,
    read_tables,
)
from workflows.engine.spiff import Place


def take_decisions(
    reading: Reading, files: Mapping[str, bytes], problems: list[Problem]
) -> dict[str, str]:
    """The rule tables a diagram asks, each as the text of its file; what is wrong is noted."""
    known: dict[str, str] = {}
    for name, source in files.items():
        try:
            tables = read_tables(source)
            found = check(tables)
            known |= dict.fromkeys(tables.decisions, tables.text)
        except Rejected as rejected:
            found = list(rejected.problems)
        problems += [replace(problem, file=name) for problem in found]
    asked = {node.decision for node in reading.nodes.values() if node.decision}
    problems += _check(reading, known)
    return {name: text for name, text in known.items() if name in asked}


def _check(reading: Reading, known: Mapping[str, str]) -> Found:
    for node in reading.nodes.values():
        if node.kind != "decision":
            continue
        element = reading.elements[node.id]
        if node.decision is None:
            yield located(element, "decision_missing")
        elif node.decision not in known:
            yield located(element, "unknown_decision", decision=node.decision)
        if node.each is not None and not node.each.isidentifier():
            yield located(element, "each_not_a_name", each=node.each)


def read_decisions(plan: Plan) -> dict[str, Tables]:
    """The rule tables of a version, ready to ask."""
    read = {text: read_tables(text.encode()) for text in set(plan.decisions.values())}
    return {name: read[text] for name, text in plan.decisions.items()}


def names_decided(asked: Mapping[str, str]) -> set[str]:
    """The names that become known by asking these rule tables."""
    return {
        name
        for decision, text in asked.items()
        for name in read_tables(text.encode()).decisions[decision].outputs()
    }


def ask_decision(place: Place, node: Node) -> None:
    """Ask, and let the answers become known: to each row of a list, or to the case.

    :raises Failure: if there is no answer
    """
    names = Names(place)
    if node.each is None:
        assign(place, _answers(place, node, names, {}))
        return
    rows = names.get(node.each)
    if not isinstance(rows, list):
        raise Failure("not_a_list", node.each, (node.each,))
    decided = []
    for row in rows:
        fields = row if isinstance(row, dict) else {}
        around = Names(place, {**fields, "item": row})
        decided.append({**fields, **_answers(place, node, around, fields)})
    assign(place, {node.each: own(decided)})


def _answers(place: Place, node: Node, names: Names, fields: Mapping[str, Any]) -> dict[str, Any]:
    case = place.case
    tables = case.blueprint.decisions[node.decision or ""]
    try:
        said = decide(tables, node.decision or "", names, case.facts.today)
    except DecisionFailed as failure:
        keys = tuple(sorted(tables.names(node.decision or "") | set(fields)))
        raise Failure(failure.code, node.decision or "", keys) from failure
    if node.result is not None:
        return {node.result: said}
    return answers(tables.decisions[node.decision or ""], said)
