"""Leaving out what hangs on a milestone that does not exist here: the case goes on past it."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from workflows.calendar.because import Reason, Unresolved
from workflows.calendar.deadlines import evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.rules import names
from workflows.calendar.tokens import BadRule
from workflows.calendar.years import Calendar
from workflows.engine import Compiled, Progress


class LeftOut(NamedTuple):
    """A step or a wait, and the milestone it hangs on."""

    id: str
    element: str
    milestone: str


def first_absent(
    runs: Compiled,
    progress: Progress,
    calendar: Calendar,
    year: int,
    *,
    passed: Collection[str],
    now: datetime,
) -> LeftOut | None:
    """Find what just opened although its milestone does not exist here: a step, or a timer on the
    way. What was `passed` already opened again in a round, and stays for somebody to see to.

    A step with several rules is judged by the first.
    """
    if all(one.exists for one in calendar.milestones):
        return None
    steps = [
        (one.id, one.element, rule.rule)
        for one in progress.opened
        for rule in runs.description.steps[one.element].due[:1]
    ]
    waits = [
        (one.id, one.element, one.rule)
        for one in progress.waits_opened
        if one.kind == "timer" and is_on_the_way(runs, one.element)
    ]
    for key, element, text in steps + waits:
        milestone = absent_milestone(text, calendar, year, now=now)
        if milestone and element not in passed:
            return LeftOut(key, element, milestone)
    return None


def is_on_the_way(runs: Compiled, element: str) -> bool:
    """Tell whether a timer stands between two steps; one at the edge of a step, or one of several
    events of which the first decides, is no step to leave out.
    """
    if runs.plan.nodes[element].kind != "catch":
        return False
    return not any(
        flow.target == element
        for node in runs.plan.nodes.values()
        if node.kind == "events"
        for flow in node.outgoing
    )


def absent_milestone(text: str, calendar: Calendar, year: int, *, now: datetime) -> str:
    """Name the milestone a rule hangs on that does not exist here; nothing for other rules."""
    try:
        rule = parse(text)
    except BadRule:  # an ISO value or an expression hangs on no milestone
        return ""
    if not names(rule).milestones:
        return ""
    found = evaluate(rule, calendar, year, opened=now)
    if isinstance(found, Unresolved) and found.reason is Reason.MILESTONE_ABSENT:
        return str(found.params["milestone"])
    return ""
