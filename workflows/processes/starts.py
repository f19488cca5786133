"""The starts of a process: what each is called within a year, and what is wrong with them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflows.calendar.parsing import check as check_rule
from workflows.calendar.parsing import parse
from workflows.calendar.profiles import CODES
from workflows.calendar.rules import Choice, DayOfYear, Rule, names
from workflows.engine import Description, Problem
from workflows.expressions import (
    ExpressionError,
    ExpressionFailed,
    compile_expression,
    evaluate,
)
from workflows.organisation.models import Unit, UnitKind

TRIED_IN = 2027
KNOWN = frozenset({"unit", "year"})  # what the condition of a start may ask for


def occasions(starts: Iterable[str]) -> dict[str, Rule]:
    """Name each start of a year by its milestone or quarter, or by its day when that is not enough.

    A process that starts once a year needs no name for it.
    """
    rules = [parse(text) for text in starts]
    if len(rules) == 1:
        return {"": rules[0]}
    named = [_name(rule) for rule in rules]
    count = Counter(named)
    found: dict[str, Rule] = {}
    for name, rule in zip(named, rules, strict=True):
        if count[name] > 1 and (day := _day(rule)):
            name = f"{day.month:02}-{day.day:02}"
        again = 2
        unique = name
        while unique in found:
            unique, again = f"{name}-{again}", again + 1
        found[unique] = rule
    return found


def _name(rule: Rule) -> str:
    if day := _day(rule):
        return f"Q{(day.month + 2) // 3}"
    return next((one.code for one in names(rule).milestones), "")


def _day(rule: Rule) -> DayOfYear | None:
    if isinstance(rule, Choice):
        return None
    return rule.term if isinstance(rule.term, DayOfYear) else None


def facts_of(unit: Unit) -> dict[str, Any]:
    """Tell what expressions may know of a unit."""
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind.value,
        "has_geographic_area": unit.has_geographic_area,
    }


def is_for(description: Description, unit: Mapping[str, Any], year: int) -> bool:
    """Tell whether the cases of a process are for a unit in a year: its condition holds.

    One that gives no answer holds for nobody; the check tries it for every kind of unit.
    """
    try:
        return not description.condition or bool(_asked(description.condition, unit, year))
    except ExpressionFailed:
        return False


def _asked(condition: str, unit: Mapping[str, Any], year: int) -> object:
    return evaluate(compile_expression(condition, KNOWN), {"unit": unit, "year": year})


def check_starts(description: Description) -> Iterator[Problem]:
    """Find what would keep the cases of a process from starting by themselves."""
    where = description.process
    for text in description.starts:
        mistakes = list(check_rule(text, milestones=CODES))
        for mistake in mistakes:
            code = mistake.code if mistake.code == "unknown_milestone" else "bad_deadline"
            yield _problem(code, where, rule=text, mistake=mistake.code)
        if not mistakes and ((named := names(parse(text))).fields or named.opened):
            yield _problem("start_without_case", where, rule=text)
    kinds = [kind.value for kind in UnitKind]
    for word in description.per:
        if word not in kinds:
            yield _problem("unknown_per", where, text=word, known=kinds)
    if description.starts and not description.per:
        yield _problem("per_missing", where)
    if description.condition:
        yield from _check_condition(description.condition, where)


def _check_condition(condition: str, where: str) -> Iterator[Problem]:
    """Try a condition for a unit of every kind, with and without an area."""
    try:
        for kind in UnitKind:
            for area in (True, False):
                unit = Unit(code="A", name="A", kind=kind, has_geographic_area=area)
                _asked(condition, facts_of(unit), TRIED_IN)
    except ExpressionError as error:
        yield _problem("condition_fails", where, text=condition, mistake=error.code)


def _problem(code: str, element: str, **params: object) -> Problem:
    return Problem("error", code, element, None, None, params)
