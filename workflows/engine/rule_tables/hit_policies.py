"""What the rules that hold give together, under each hit policy to the letter."""

from datetime import datetime
from typing import Any

from workflows.engine.rule_tables.feel import DecisionFailed, Scope
from workflows.engine.rule_tables.feel_functions import read_at
from workflows.engine.rule_tables.feel_values import Range, compare, kind
from workflows.engine.rule_tables.tables import Output, Rule, Table
from workflows.expressions import operators as arithmetic

# Which kinds a declared type takes; types that are not here take anything.
TYPES: dict[str, tuple[str, ...]] = {
    "string": ("string",), "boolean": ("boolean",), "number": ("number",),
    "integer": ("number",), "long": ("number",), "double": ("number",),
    "date": ("date",), "time": ("time",), "date and time": ("date and time",),
    "dateTime": ("date and time",), "days and time duration": ("days and time duration",),
    "dayTimeDuration": ("days and time duration",),
    "years and months duration": ("years and months duration",),
    "yearMonthDuration": ("years and months duration",),
}  # fmt: skip


def typed(value: Any, type_: str) -> Any:
    """A value of the declared type; dates may come as the ISO text they are stored as.

    :raises DecisionFailed: if it is of another type
    """
    kinds = TYPES.get(type_)
    if isinstance(value, float):
        raise DecisionFailed("wrong_type", type="float")
    if value is None or kinds is None:
        return value
    if isinstance(value, str) and kinds != ("string",):
        try:
            value = read_at(value)
        except ValueError:
            raise DecisionFailed("wrong_type", type="string", expected=kinds[0]) from None
    if kinds == ("date",) and isinstance(value, datetime):
        value = value.date()
    if kind(value) not in kinds:
        raise DecisionFailed("wrong_type", type=kind(value), expected=kinds[0])
    return value


def _result(table: Table, rule: Rule, scope: Scope) -> Any:
    values = {}
    for output, node in zip(table.outputs, rule.results, strict=True):
        try:
            value = typed(node.worth(scope), output.type)
        except DecisionFailed as failure:
            failure.params.update(rule=rule.number, column=output.label)
            raise
        if value is not None and output.order and not _place(output, value) < len(output.order):
            raise DecisionFailed("not_allowed", rule=rule.number, column=output.label)
        values[output.name] = value
    return values if len(table.outputs) > 1 else next(iter(values.values()))


def _place(output: Output, value: Any) -> int:
    """Where a value stands among those of its column; last if it is not there."""
    for place, one in enumerate(output.order):
        if one.holds(value) if isinstance(one, Range) else compare("=", one, value):
            return place
    return len(output.order)


def _none(table: Table, scope: Scope) -> Any:
    """Without a hit: the defaults if there are any, else an error."""
    if not any(output.default for output in table.outputs):
        raise DecisionFailed("no_rule")
    values = {
        output.name: None if output.default is None else output.default.worth(scope)
        for output in table.outputs
    }
    return values if len(table.outputs) > 1 else next(iter(values.values()))


def _unique(table: Table, hits: list[Rule], scope: Scope) -> Any:
    if len(hits) > 1:
        raise DecisionFailed("several_rules", rules=tuple(rule.number for rule in hits))
    return _result(table, hits[0], scope) if hits else _none(table, scope)


def _first(table: Table, hits: list[Rule], scope: Scope) -> Any:
    return _result(table, hits[0], scope) if hits else _none(table, scope)


def _same(table: Table, hits: list[Rule], scope: Scope) -> Any:
    results = [_result(table, rule, scope) for rule in hits]
    if any(compare("=", one, results[0]) is not True for one in results[1:]):
        raise DecisionFailed("contradiction", rules=tuple(rule.number for rule in hits))
    return results[0] if results else _none(table, scope)


def _ordered(table: Table, hits: list[Rule], scope: Scope) -> list[Any]:
    """The results of all hits, the most important output values first; ties in rule order."""

    def importance(result: Any) -> list[int]:
        values = [result] if len(table.outputs) == 1 else [result[o.name] for o in table.outputs]
        return [
            _place(output, value)
            for output, value in zip(table.outputs, values, strict=True)
            if output.order
        ]

    return sorted((_result(table, rule, scope) for rule in hits), key=importance)


def _priority(table: Table, hits: list[Rule], scope: Scope) -> Any:
    return _ordered(table, hits, scope)[0] if hits else _none(table, scope)


def _in_rule_order(table: Table, hits: list[Rule], scope: Scope) -> Any:
    results = [_result(table, rule, scope) for rule in hits]
    if not results and any(output.default for output in table.outputs):
        results = [_none(table, scope)]
    if table.aggregation is None:
        return results
    if table.aggregation == "COUNT":
        return len(results)
    if not results:
        raise DecisionFailed("no_rule")
    best = results[0]
    for value in results[1:]:
        if table.aggregation == "SUM":
            best = arithmetic.add(best, value)
        elif compare(">" if table.aggregation == "MAX" else "<", value, best) is True:
            best = value
    if type(best) not in arithmetic.NUMBERS:
        raise DecisionFailed("not_computable", left=kind(best), right=kind(best))
    return best


POLICIES = {
    "UNIQUE": _unique, "ANY": _same, "FIRST": _first, "PRIORITY": _priority,
    "RULE ORDER": _in_rule_order, "OUTPUT ORDER": _ordered, "COLLECT": _in_rule_order,
}  # fmt: skip
