"""Read one decision table: its columns, its rules, and whether its hit policy can be kept."""

from typing import Any

from workflows.engine.rule_tables.feel import DecisionFailed, Interval, Literal, Scope, Tests
from workflows.engine.rule_tables.feel_reading import names_in, read_expression, read_tests
from workflows.engine.rule_tables.feel_values import found_in
from workflows.engine.rule_tables.gathering import (
    Gathering,
    name_of,
    text_of,
)  # fmt: skip
from workflows.engine.rule_tables.tables import (
    AGGREGATIONS,
    SEVERAL,
    SINGLE,
    Input,
    Output,
    Rule,
    Table,
)  # fmt: skip
from workflows.engine.xml import Element, child, children, line_of

MAX_RULES = 2_000
MAX_COLUMNS = 50
_POLICIES = {**{name: name for name in SINGLE | SEVERAL}, "RULE_ORDER": "RULE ORDER",
             "OUTPUT_ORDER": "OUTPUT ORDER"}  # fmt: skip


def read_table(file: Gathering, element: Element) -> Table | None:
    """A decision table; None when something is wrong with it, which is noted."""
    before = len(file.problems)
    policy = _POLICIES.get(element.get("hitPolicy") or "UNIQUE")
    if policy is None:
        file.add(element, "unknown_hit_policy", name=element.get("hitPolicy"))
    inputs = tuple(_input(file, one) for one in children(element, "input"))
    outputs = tuple(_output(file, one) for one in children(element, "output"))
    rows = list(children(element, "rule"))
    if not outputs or len(inputs) + len(outputs) > MAX_COLUMNS or len(rows) > MAX_RULES:
        file.add(element, "too_large" if outputs else "no_outputs")
        return None
    aggregation = element.get("aggregation")
    _check_outputs(file, element, outputs, policy, aggregation)
    rules = [_rule(file, number, row, inputs, outputs) for number, row in enumerate(rows, 1)]
    if len(file.problems) > before or policy is None:
        return None
    return Table(policy, aggregation, inputs, outputs, tuple(filter(None, rules)))


def parsed_texts(logic: Any) -> Any:
    """The parsed texts of a table or an expression."""
    if not isinstance(logic, Table):
        return logic
    return (
        *(column.value for column in logic.inputs), *(column.allowed for column in logic.inputs),
        *(output.default for output in logic.outputs),
        *(rule.tests for rule in logic.rules), *(rule.results for rule in logic.rules),
    )  # fmt: skip


def _check_outputs(
    file: Gathering,
    element: Element,
    outputs: tuple[Output, ...],
    policy: str | None,
    aggregation: str | None,
) -> None:
    names = [output.name for output in outputs]
    if len(names) > 1 and (not all(names) or len(set(names)) < len(names)):
        file.add(element, "output_names")
    if policy in ("PRIORITY", "OUTPUT ORDER") and not any(one.order for one in outputs):
        file.add(element, "no_priorities")
    if aggregation is not None and (
        aggregation not in AGGREGATIONS or policy != "COLLECT" or len(outputs) > 1
    ):
        file.add(element, "bad_aggregation", name=aggregation)


def _input(file: Gathering, element: Element) -> Input:
    expression = child(element, "inputExpression")
    text = text_of(expression)
    value: Any = None
    if expression is None or not text:
        file.add(element, "no_expression")
    else:
        value = file.feel(read_expression, expression, text)
    label = element.get("label") or text
    values = child(element, "inputValues")
    allowed = Tests()
    if values is not None:
        allowed = file.feel(read_tests, values, text_of(values), column=label) or allowed
    type_ = file.type(None if expression is None else expression.get("typeRef"))
    return Input(label, text, value or Literal(None), type_, allowed, line_of(element))


def _output(file: Gathering, element: Element) -> Output:
    name = name_of(element)
    label = element.get("label") or name
    entry, values = child(element, "defaultOutputEntry"), child(element, "outputValues")
    default = None
    if entry is not None and text_of(entry):
        default = file.feel(read_expression, entry, text_of(entry), column=label)
    order: tuple[Any, ...] = ()
    if values is not None and text_of(values):
        tests = file.feel(read_tests, values, text_of(values), column=label)
        order = () if tests is None else _written(file, values, tests)
    return Output(name, label, file.type(element.get("typeRef")), order, default, line_of(element))


def _written(file: Gathering, element: Element, tests: Tests) -> tuple[Any, ...]:
    """The values that are written out in a list of tests, in their order."""
    found = []
    for test in tests.any_of:
        value = getattr(test, "value", None)
        if not isinstance(value, Literal | Interval) or names_in(value):
            file.add(element, "not_a_value")
            continue
        try:
            found.append(value.worth(Scope({})))
        except DecisionFailed:
            file.add(element, "not_a_value")
    return tuple(found)


def _rule(
    file: Gathering,
    number: int,
    element: Element,
    inputs: tuple[Input, ...],
    outputs: tuple[Output, ...],
) -> Rule | None:
    entries = list(children(element, "inputEntry"))
    results = list(children(element, "outputEntry"))
    if len(entries) != len(inputs) or len(results) != len(outputs):
        file.add(element, "cells_missing", rule=number)
        return None
    tests = tuple(
        file.feel(read_tests, cell, text_of(cell), rule=number, column=column.label)
        for cell, column in zip(entries, inputs, strict=True)
    )
    values = tuple(
        file.feel(read_expression, cell, text_of(cell) or "null", rule=number, column=one.label)
        for cell, one in zip(results, outputs, strict=True)
    )
    if None in tests or None in values:
        return None
    for cell, value, output in zip(results, values, outputs, strict=True):
        written = value.value if isinstance(value, Literal) else None
        if written is not None and output.order and not found_in(written, list(output.order)):
            file.add(cell, "not_allowed", rule=number, column=output.label)
    return Rule(element.get("id"), number, tests, values, line_of(element))
