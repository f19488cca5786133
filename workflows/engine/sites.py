"""Every place in a diagram where somebody typed an expression, compiled before anything runs."""

import re
from collections.abc import Collection, Iterator

from workflows.engine.describing import Description
from workflows.engine.locating import Found, invalid, located
from workflows.engine.plan import Event, Loop, Node, Plan
from workflows.engine.reading import Reading
from workflows.engine.timing import is_cycle, is_rule
from workflows.engine.xml import Element
from workflows.expressions import OFFERED, ExpressionError, compile_expression
from workflows.expressions.script_reading import read_script
from workflows.expressions.scripts import check_script

Site = tuple[str, str]  # what the expression is for, and its text

ALWAYS = ("case", "unit", "year", "today")
IN_LOOPS = (
    "item",
    "numberOfInstances",
    "numberOfActiveInstances",
    "numberOfCompletedInstances",
    "numberOfTerminatedInstances",
)
_NEEDS = re.compile(r"\b(register|milestone)\(\s*[\"']([^\"']+)[\"']")
_QUOTED = re.compile(r"\s*([\"'])([^\"']*)\1\s*")


def expressions(node: Node) -> Iterator[Site]:
    """The expressions of one node."""
    for flow in node.outgoing:
        if flow.condition:
            yield "condition", flow.condition
    yield from _of_event(node.event)
    yield from _of_loop(node.loop)
    if node.kind == "complex" and node.script:
        yield "activation", node.script
    for name, text in node.params.items():
        yield f"parameter {name}", text
    if node.each:
        yield "each", node.each


def _of_event(event: Event | None) -> Iterator[Site]:
    if event is None:
        return
    if event.kind == "condition" and event.text:
        yield "condition", event.text
    if event.kind == "timer" and event.text and not is_rule(event.text):
        yield "timer", event.text
    if event.correlation:
        yield "correlation", event.correlation


def _of_loop(loop: Loop | None) -> Iterator[Site]:
    if loop is not None:
        sites = {
            "count": loop.count,
            "over": loop.over,
            "until": loop.until,
            "loop": loop.condition,
        }
        yield from ((site, text) for site, text in sites.items() if text)


def check_expressions(
    reading: Reading, known: Collection[str] | None, functions: Collection[str]
) -> Found:
    """Every expression and script that cannot be compiled, or names what nobody knows.

    An unknown name is a warning: a message or a person may still bring it, and if nobody does the
    case stops there for all to see.
    """
    for node in reading.nodes.values():
        element = reading.elements[node.id]
        for site, text in expressions(node):
            try:
                compile_expression(text, known, functions=functions)
            except ExpressionError as error:
                yield invalid(element, "expression_invalid", error, site=site, text=text)
        if node.event is not None and node.event.kind == "timer":
            yield from _timer(element, node.event)
        if node.kind == "script" and node.script:
            for wrong in check_script(node.script, known, functions=functions):
                yield invalid(element, "script_invalid", wrong)


def made_names(reading: Reading) -> set[str]:
    """The names a diagram itself brings into a case."""
    made: set[str | None] = set()
    for node in reading.nodes.values():
        made |= {node.result, node.decision}
        if node.action == "set_fact" and (fact := _QUOTED.fullmatch(node.params.get("name", ""))):
            made.add(fact[2])
        if node.loop is not None:
            made |= {node.loop.item, node.loop.into, node.loop.output, *IN_LOOPS}
        if node.kind == "script" and node.script:
            made |= read_script(node.script).writes
        if node.kind == "complex":
            made.add("activationCount")
    return {name for name in made if name}


def _timer(element: Element, event: Event) -> Found:
    quoted = _QUOTED.fullmatch(event.text or "")
    rule = quoted[2] if quoted else event.text or ""
    if (quoted and not is_rule(rule)) or (event.form != "cycle" and is_cycle(rule)):
        yield located(element, "timer_invalid", text=event.text)


def needs(
    plan: Plan, description: Description, functions: Collection[str] = OFFERED
) -> tuple[str, ...]:
    """The facts its expressions and deadlines ask for, as `register:risk`, `milestone:T1`."""
    texts = [text for node in plan.nodes.values() for _, text in expressions(node)]
    for step in description.steps.values():
        texts += [due.when for due in step.due if due.when]
    found: set[str] = set()
    for text in texts:
        calls = compile_expression(text, functions=functions).calls
        found |= {f"{name}:{argument or ''}" for name, argument in calls}
    for node in plan.nodes.values():
        found |= {f"{kind}:{name}" for kind, name in _NEEDS.findall(node.script or "")}
    return tuple(sorted(found))
