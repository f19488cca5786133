"""When people are reminded and somebody above is told: policies as data, instants as the answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.years import Calendar

Occasion = Literal["opened", "reminder", "escalation"]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Whom to tell, and how long after the due date; a rule in which `opened` is the due date."""

    level: str
    rule: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """How one kind of task reminds. `before` are rules counted from the due date, which keep to
    working days; `shares` are percent of the time from opening to due, at any hour.
    """

    code: str
    to: tuple[str, ...]
    before: tuple[str, ...] = ()
    shares: tuple[int, ...] = ()
    escalations: tuple[Escalation, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One reminder or escalation: when, which one, and for whom."""

    at: datetime
    occasion: Occasion
    key: str
    to: tuple[str, ...]


STANDARD = Policy(
    "std",
    to=("holder",),
    before=("-5wd at 08:00", "-1wd at 08:00"),
    escalations=(
        Escalation("E1", "+2wd at 08:00", ("manager",)),
        Escalation("E2", "+10wd at 08:00", ("central",)),
    ),
)
LEGAL = Policy("legal", to=("holder", "deputy", "duty_officer"), shares=(50, 75, 90, 100))
POLICIES = {policy.code: policy for policy in (STANDARD, LEGAL)}


def calls(
    policy: Policy,
    calendar: Calendar,
    *,
    opened: datetime,
    due: datetime,
    is_delivery: bool = False,
    promised: datetime | None = None,
) -> tuple[Call, ...]:
    """List when a task calls for attention, in order.

    Nothing falls before the task opened. Only a delivery point escalates; a promise (besked) with a
    date lets the escalation count from then instead.
    """
    instants = {
        **_instants(policy.before, calendar, due),
        **{f"{share}%": opened + (due - opened) * share / 100 for share in policy.shares},
    }
    reminders = [Call(at, "reminder", key, policy.to) for key, at in instants.items()]
    escalations: list[Call] = []
    if is_delivery:
        rules = [one.rule for one in policy.escalations]
        instants = _instants(rules, calendar, max(due, promised or due))
        escalations = [
            Call(instants[one.rule], "escalation", one.level, one.to)
            for one in policy.escalations
            if one.rule in instants
        ]
    found = [one for one in (*reminders, *escalations) if one.at >= opened]
    return tuple(sorted(found, key=lambda one: one.at))


def _instants(rules: Iterable[str], calendar: Calendar, due: datetime) -> dict[str, datetime]:
    """Evaluate rules counted from `due`; one that lies beyond the known years is left out."""
    found = {rule: evaluate(parse(rule), calendar, due.year, opened=due) for rule in rules}
    return {rule: one.due_at for rule, one in found.items() if isinstance(one, Deadline)}
