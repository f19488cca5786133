"""When a step of a case is due, and why, as its diagram and the unit's calendar say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from workflows.calendar.because import plain
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.years import Calendar, standard_calendar
from workflows.cases.models import Case
from workflows.engine import Due, Facts
from workflows.expressions import compile_expression
from workflows.expressions import evaluate as value_of
from workflows.language import local


@dataclass(frozen=True, slots=True)
class Dated:
    """A due time and its because; without a time the because says what is missing."""

    due_at: datetime | None
    because: dict[str, Any]


def local_day(moment: datetime) -> date:
    """Which day it is in the city at `moment`."""
    return local(moment).date()


def calendar_of(case: Case) -> Calendar:
    """Return the steering calendar the case's dates hang on."""
    return _standard(case.year)


def due(
    case: Case,
    rules: Iterable[Due],
    facts: Facts,
    *,
    opened: datetime,
    legal: bool,
    item: Mapping[str, Any] | None,
) -> Dated | None:
    """Say when a step is due by the first of its rules that counts; None when it has none."""
    for rule in rules:
        if rule.when is None or _holds(rule.when, facts):
            return date_of(case, rule.rule, facts, opened=opened, legal=legal, item=item)
    return None


def date_of(
    case: Case,
    rule: str,
    facts: Facts,
    *,
    opened: datetime,
    legal: bool = False,
    item: Mapping[str, Any] | None = None,
) -> Dated:
    """Say when one rule falls for a case."""
    fields = {"case": facts.case, "item": item or {}}
    found = evaluate(
        parse(rule), calendar_of(case), case.year, opened=opened, fields=fields, legal=legal
    )
    if isinstance(found, Deadline):
        return Dated(found.due_at, plain(found.because))
    return Dated(None, plain(found))


def _holds(condition: str, facts: Facts) -> bool:
    names = dict(facts.case) | {"case": facts.case, "unit": facts.unit, "year": facts.year}
    return bool(value_of(compile_expression(condition), names, facts.functions))


@lru_cache(maxsize=16)
def _standard(year: int) -> Calendar:
    return standard_calendar(year)
