"""Ask a decision: what it requires first, then its rules, under its hit policy to the letter."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from workflows.engine.rule_tables.feel import DecisionFailed, Scope
from workflows.engine.rule_tables.feel_functions import duration_text
from workflows.engine.rule_tables.feel_values import Months
from workflows.engine.rule_tables.hit_policies import POLICIES, typed
from workflows.engine.rule_tables.tables import Decision, Input, Rule, Table, Tables
from workflows.expressions import ExpressionFailed, plain
from workflows.expressions.values import admit


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
        return plain(_ask(tables, decision_id, Scope(inputs, today), known), _stored)
    except ExpressionFailed as failure:
        raise DecisionFailed(failure.code, decision=decision_id, **failure.params) from None


def answers(decision: Decision, said: Any) -> dict[str, Any]:
    """What a decision said, by the names of its outputs."""
    names = decision.outputs()
    if isinstance(said, dict) and len(names) > 1:
        return {name: said[name] for name in names}
    return {names[0] if len(names) == 1 else decision.id: said}


def _ask(
    tables: Tables,
    decision_id: str,
    around: Scope,
    known: dict[str, Any],
) -> Any:
    """Work a decision out once, what it requires before it; reading has refused cycles."""
    if decision_id in known:
        return known[decision_id]
    decision = tables.decisions[decision_id]
    _valid(decision, around.today)
    names = {name: around.names[name] for name in decision.asks if name in around.names}
    for required in decision.requires:
        said = _ask(tables, required, around, known)
        names[tables.decisions[required].variable] = said
    scope = Scope(names, around.today, allowance=around.allowance)
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
    scopes = [scope.testing(value) for value in tested]
    hits = []
    for rule in table.rules:
        if holds(rule, scopes, table):
            hits.append(rule)
            if table.hit_policy == "FIRST":
                break
    return POLICIES[table.hit_policy](table, hits, scope)


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
    if value is not None and not column.allowed.worth(scope.testing(value)):
        raise DecisionFailed("not_allowed", column=column.label)
    return value


def _stored(value: Any) -> Any:
    """What only FEEL knows, written as text."""
    if isinstance(value, timedelta | Months):
        return duration_text(value)
    return value.isoformat() if isinstance(value, time) else admit(value)
