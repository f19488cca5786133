"""Explain a rule without any case or database: `arshjul explain "T2 - 10wd" --year 2027`."""

from datetime import datetime
from typing import Any

from workflows.calendar import words
from workflows.calendar.because import Unresolved, plain
from workflows.calendar.deadlines import NO_FIELDS, evaluate
from workflows.calendar.names import MILESTONES
from workflows.calendar.parsing import check, parse
from workflows.calendar.places import Fields
from workflows.calendar.tokens import BadRule
from workflows.calendar.years import Calendar, standard_calendar
from workflows.canonical import instant_text
from workflows.language import Language


def explain(
    text: str,
    year: int,
    calendar: Calendar | None = None,
    *,
    opened: datetime | None = None,
    fields: Fields = NO_FIELDS,
    legal: bool = False,
) -> dict[str, Any]:
    """Say when the rule falls and why, as plain data; without a calendar the default one is used.

    :raises BadRule: when the text is no rule, or names a milestone that no calendar has
    """
    calendar = calendar or standard_calendar(year)
    known = {*MILESTONES, *(one.code for one in calendar.milestones)}
    if mistakes := check(text, milestones=known):
        raise BadRule(mistakes[0])
    rule = parse(text)
    found = evaluate(
        rule,
        calendar,
        year,
        opened=opened,
        fields=fields,
        legal=legal,
    )
    answer: dict[str, Any] = {"rule": str(rule), "year": year}
    if isinstance(found, Unresolved):
        why = plain(found)
        return answer | {
            "due_at": None,
            "because": [],
            "unresolved": why["unresolved"],
            "params": why["params"],
            "text": {one.value: words.missing(found, one) for one in Language},
        }
    why = plain(found.because)
    return answer | {
        "due_at": instant_text(found.due_at),
        "zone": why["zone"],
        "because": why["parts"],
        "text": {one.value: words.full(found.because, one) for one in Language},
    }
