"""Ask a decision: what it requires first, then its rules, under its hit policy to the letter."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from workflows.engine.rule_tables.feel import DecisionFailed, Scope
from workflows.engine.rule_tables.feel_functions import duration_text, read_at
from workflows.engine.rule_tables.feel_values import Months, Range, compare, kind
from workflows.engine.rule_tables.tables import Decision, Input, Output, Rule, Table, Tables
from workflows.expressions import ExpressionFailed, plain
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


def decide(
    tables: Tables, decision_id: str, inputs: Mapping[str, Any], today: date | None = None
) -> Any:
    """What a decision says: one output gives its value, several a dict by name.

    RULE ORDER, OUTPUT ORDER and COLLECT give a list of those, an aggregation one number.

    :raises DecisionFailed: with code, decision and place when there is no such answer: no_rule,
        several_rules, contradiction, no_value, wrong_type, not_allowed, not_valid, …
    """
    known: dict[str, Any] = {}
    if decision_id not in tables.decisions:
        raise DecisionFailed("no_decision", decision=decision_id)
    try:
        return plain(_stored(_ask(tables, decision_id, inputs, today, known)))
    except ExpressionFailed as failure:
        raise DecisionFailed(failure.code, decision=decision_id, **failure.params) from None


def answers(decision: Decision, said: Any) -> dict[str, Any]:
    """What a decision said, by the names of its outputs."""
    names = decision.outputs()
    if isinstance(said, dict) and len(names) > 1:
        return {name: said[name] for name in names}
    return {names[0] if len(names) == 1 else decision.variable: said}


def _ask(
    tables: Tables,
    decision_id: str,
    inputs: Mapping[str, Any],
    today: date | None,
    known: dict[str, Any],
) -> Any:
    """Work a decision out once, what it requires before it; reading has refused cycles."""
    if decision_id in known:
        return known[decision_id]
    decision = tables.decisions[decision_id]
    _valid(decision, today)
    names = {name: inputs[name] for name in decision.asks if name in inputs}
    for required in decision.requires:
        said = _ask(tables, required, inputs, today, known)
        names[tables.decisions[required].variable] = said
    scope = Scope(names, today)
    try:
        if isinstance(decision.logic, Table):
            known[decision_id] = _hits(decision.logic, scope)
        else:
            known[decision_id] = decision.logic.worth(scope)
    except DecisionFailed as failure:
        failure.params.setdefault("decision", decision_id)
        raise
    return known[decision_id]


def _valid(decision: Decision, today: date | None) -> None:
    begins, ends = decision.valid_from, decision.valid_to
    if begins is None and ends is None:
        return
    if today is None:
        raise DecisionFailed("no_value", name="today", decision=decision.id)
    if (begins is not None and today < begins) or (ends is not None and today > ends):
        raise DecisionFailed("not_valid", decision=decision.id, valid_from=begins, valid_to=ends)


def _hits(table: Table, scope: Scope) -> Any:
    tested = [_tested(column, scope) for column in table.inputs]
    scopes = [Scope(scope.names, scope.today, value) for value in tested]
    hits = []
    for rule in table.rules:
        if holds(rule, scopes, table):
            hits.append(rule)
            if table.hit_policy == "FIRST":
                break
    return _POLICIES[table.hit_policy](table, hits, scope)


def holds(rule: Rule, scopes: list[Scope], table: Table) -> bool:
    """Whether every cell of a rule holds for what its column tests."""
    for place, (test, scope) in enumerate(zip(rule.tests, scopes, strict=True)):
        try:
            if not test.worth(scope):
                return False
        except DecisionFailed as failure:
            failure.params.update(rule=rule.number, column=table.inputs[place].label)
            raise
    return True


def _tested(column: Input, scope: Scope) -> Any:
    try:
        value = typed(column.value.worth(scope), column.type)
    except DecisionFailed as failure:
        failure.params.setdefault("column", column.label)
        raise
    if value is not None and not column.allowed.worth(Scope(scope.names, scope.today, value)):
        raise DecisionFailed("not_allowed", column=column.label)
    return value


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
        return len({repr(result) for result in results})
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


_POLICIES = {
    "UNIQUE": _unique, "ANY": _same, "FIRST": _first, "PRIORITY": _priority,
    "RULE ORDER": _in_rule_order, "OUTPUT ORDER": _ordered, "COLLECT": _in_rule_order,
}  # fmt: skip


def _stored(value: Any) -> Any:
    """The value with what only FEEL knows written as text."""
    if isinstance(value, list):
        return [_stored(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _stored(item) for key, item in value.items()}
    if isinstance(value, timedelta | Months):
        return duration_text(value)
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, Decimal) and not value.is_finite():
        raise DecisionFailed("not_computable", left="number", right="number")
    if isinstance(value, Range):
        raise DecisionFailed("wrong_type", type="range")
    return value
