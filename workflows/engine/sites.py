"""Every place in a diagram where somebody typed an expression, compiled before anything runs."""

import re
from collections.abc import Iterator

from workflows.engine.checking import Found
from workflows.engine.describing import Description
from workflows.engine.evaluating import ExpressionError, compile_expression
from workflows.engine.plan import Node, Plan
from workflows.engine.reading import Reading, located
from workflows.engine.scripting import check_script
from workflows.engine.timing import is_cycle, is_rule

Site = tuple[str, str]  # what the expression is for, and its text

_NEEDS = re.compile(r"\b(register|milestone)\(\s*[\"']([^\"']+)[\"']")
_QUOTED = re.compile(r"\s*([\"'])([^\"']*)\1\s*")


def expressions(node: Node) -> Iterator[Site]:
    """The expressions of one node."""
    for flow in node.outgoing:
        if flow.condition:
            yield "condition", flow.condition
    event = node.event
    if event is not None:
        if event.kind == "condition" and event.text:
            yield "condition", event.text
        if event.kind == "timer" and event.text and not is_rule(event.text):
            yield "timer", event.text
        if event.correlation:
            yield "correlation", event.correlation
    if node.kind == "complex" and node.script:
        yield "activation", node.script
    for name, text in node.params.items():
        yield f"parameter {name}", text
    if node.each:
        yield "each", node.each
    loop = node.loop
    if loop is not None:
        sites = (loop.count, loop.over, loop.until, loop.condition)
        for purpose, found in zip(("count", "over", "until", "loop"), sites, strict=True):
            if found:
                yield purpose, found


def check_expressions(reading: Reading, known: frozenset[str] | None) -> Found:
    """Every expression and script that cannot be compiled, or names what nobody knows."""
    for node in reading.nodes.values():
        element = reading.elements[node.id]
        for purpose, text in expressions(node):
            try:
                compile_expression(text, known)
            except ExpressionError as error:
                yield located(
                    element, "expression_invalid", site=purpose, text=text, cause=str(error)
                )
        event = node.event
        if event is not None and event.kind == "timer" and event.text:
            quoted = _QUOTED.fullmatch(event.text)
            rule = quoted[2] if quoted else event.text
            wrong = quoted is not None and not is_rule(rule)
            if wrong or (event.form != "cycle" and is_cycle(rule)):
                yield located(element, "timer_invalid", text=event.text)
        if node.kind == "script" and node.script:
            try:
                check_script(node.script)
            except ExpressionError as error:
                yield located(element, "script_invalid", cause=str(error))


def needs(plan: Plan, description: Description) -> tuple[str, ...]:
    """The facts its expressions and deadlines ask for, as `register:risk`, `milestone:T1`."""
    texts = [text for node in plan.nodes.values() for _, text in expressions(node)]
    texts += [node.script for node in plan.nodes.values() if node.script]
    for step in description.steps.values():
        texts += [part for due in step.due for part in (due.rule, due.when) if part]
    found = {f"{kind}:{name}" for text in texts for kind, name in _NEEDS.findall(text)}
    return tuple(sorted(found))
