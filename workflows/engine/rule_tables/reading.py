"""Read a DMN file (1.1 to 1.5) into decisions, or into the list of what is wrong with it."""

from collections.abc import Iterator
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Any

from lxml import etree

from workflows.engine.problems import Rejected
from workflows.engine.rule_tables.feel_functions import read_date
from workflows.engine.rule_tables.feel_reading import names_in, read_expression
from workflows.engine.rule_tables.gathering import (
    Gathering,
    name_of,
    open_file,
    text_of,
)  # fmt: skip
from workflows.engine.rule_tables.table_reading import parsed_texts, read_table
from workflows.engine.rule_tables.tables import Decision, Tables
from workflows.engine.xml import OURS, Element, child, children, line_of

MOST_DECISIONS = 500
DEEPEST = 50
# What a decision may hold instead of a table or an expression, none of which we run.
_FOREIGN = ("context", "relation", "list", "invocation", "functionDefinition", "conditional",
            "for", "every", "some", "filter")  # fmt: skip


def read_tables(source: bytes) -> Tables:
    """Read a file of decisions.

    :raises Rejected: with every problem found, each with element, line, rule and column
    """
    file = Gathering(open_file(source))
    elements = _elements(file)
    found = {}
    for id_, element in elements.items():
        decision = _decision(file, id_, element, elements)
        if decision is not None:
            found[id_] = decision
    _check_order(file, found, elements)
    if file.problems:
        raise Rejected(tuple(file.problems))
    return Tables(found, etree.tostring(file.root, encoding="unicode"))


def _elements(file: Gathering) -> dict[str, Element]:
    elements: dict[str, Element] = {}
    for element in children(file.root, "decision"):
        id_ = element.get("id") or ""
        if not id_:
            file.add(element, "no_id")
        elif id_ in elements:
            file.add(element, "duplicate_id")
        elements[id_] = element
    if not elements or len(elements) > MOST_DECISIONS:
        file.add(file.root, "too_large" if elements else "no_decisions")
        return {}
    return elements


def _decision(
    file: Gathering, id_: str, element: Element, elements: dict[str, Element]
) -> Decision | None:
    variable = child(element, "variable")
    name = name_of(element) or id_
    own = (variable is not None and name_of(variable)) or name
    requires = tuple(_requirements(file, element, elements))
    logic = _logic(file, element)
    begins, ends = (_day(file, element, f"valid_{end}") for end in ("from", "to"))
    if begins and ends and ends < begins:
        file.add(element, "valid_never")
    if logic is None:
        return None
    asks = names_in(parsed_texts(logic))
    return Decision(id_, name, own, logic, requires, asks, begins, ends, line_of(element))


def _logic(file: Gathering, element: Element) -> Any:
    table, literal = child(element, "decisionTable"), child(element, "literalExpression")
    foreign = child(element, *_FOREIGN)
    if table is not None:
        return read_table(file, table)
    if literal is not None:
        return file.feel(read_expression, literal, text_of(literal))
    if foreign is not None:
        file.add(foreign, "not_supported", construct=etree.QName(foreign).localname)
    else:
        file.add(element, "no_logic")
    return None


def _requirements(file: Gathering, element: Element, elements: dict[str, Element]) -> Iterator[str]:
    for requirement in children(element, "informationRequirement"):
        required = child(requirement, "requiredDecision")
        if required is None:
            continue
        href = required.get("href") or ""
        if not href.startswith("#") or href[1:] not in elements:
            file.add(required, "no_such_decision", name=href)
        else:
            yield href[1:]


def _day(file: Gathering, element: Element, name: str) -> date | None:
    """A date of ours on the decision, or on the whole file."""
    for holder in (element, file.root):
        text = holder.get(f"{{{OURS}}}{name}")
        if text is not None:
            try:
                return read_date(text.strip())
            except ValueError:
                file.add(holder, "not_a_date", name=name)
                return None
    return None


def _check_order(
    file: Gathering, decisions: dict[str, Decision], elements: dict[str, Element]
) -> None:
    """Note a decision that requires itself, however far around, or rests on too many others."""
    order = TopologicalSorter({id_: one.requires for id_, one in decisions.items()})
    depth: dict[str, int] = {}
    try:
        for id_ in order.static_order():
            below = decisions[id_].requires if id_ in decisions else ()
            depth[id_] = 1 + max((depth[one] for one in below), default=0)
            if depth[id_] > DEEPEST:
                file.add(elements[id_], "too_deep")
                return
    except CycleError as error:
        file.add(elements[error.args[1][0]], "decision_cycle")
