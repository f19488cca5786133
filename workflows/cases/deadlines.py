"""When a step of a case is due, and why, as its diagram and the unit's calendar say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.calendar.because import stored
from workflows.calendar.deadlines import Deadline, evaluate, extended
from workflows.calendar.parsing import parse
from workflows.cases.exact import exact_date
from workflows.cases.models import Case
from workflows.engine import Due, Facts
from workflows.expressions import compile_expression
from workflows.expressions import evaluate as value_of
from workflows.language import local
from workflows.steering.rows import calendar_of


@dataclass(frozen=True, slots=True)
class Dated:
    """A due time and its because; without a time the because says what is missing."""

    due_at: datetime | None
    because: dict[str, Any]


def local_day(moment: datetime) -> date:
    """Which day it is in the city at `moment`."""
    return local(moment).date()


def due(
    session: Session,
    case: Case,
    rules: Iterable[Due],
    facts: Facts,
    *,
    opened: datetime,
    legal: bool,
    item: Mapping[str, Any] | None,
    until: datetime | None = None,
    to_write: bool = True,
) -> Dated | None:
    """Say when a step is due by the first of its rules that counts; None when it has none."""
    for rule in rules:
        if rule.when is None or _holds(rule.when, facts):
            return date_of(
                session,
                case,
                rule.rule,
                facts,
                opened=opened,
                legal=legal,
                item=item,
                until=until,
                to_write=to_write,
            )
    return None


def date_of(
    session: Session,
    case: Case,
    rule: str,
    facts: Facts,
    *,
    opened: datetime,
    legal: bool = False,
    item: Mapping[str, Any] | None = None,
    until: datetime | None = None,
    to_write: bool = True,
) -> Dated:
    """Say when one rule falls for a case; longer time given `until` stands while it gives more.

    The calendar does not change until that is stored, unless it is not `to_write`.
    """
    if (exact := exact_date(rule, opened)) is not None:
        return Dated(*exact)
    calendar = calendar_of(session, case.unit_id, case.year, to_write=to_write)
    fields = {"case": facts.case, "item": item or {}}
    found = evaluate(parse(rule), calendar, case.year, opened=opened, fields=fields, legal=legal)
    if isinstance(found, Deadline):
        found = extended(found, until) if until else found
        return Dated(found.due_at, stored(found.because))
    return Dated(None, stored(found))


def _holds(condition: str, facts: Facts) -> bool:
    names = dict(facts.case) | {"case": facts.case, "unit": facts.unit, "year": facts.year}
    return bool(value_of(compile_expression(condition), names, facts.functions))
