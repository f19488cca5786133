"""When the steps of a process would open and be due in a year, for a unit, before any case does."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.calendar.parsing import parse, parse_list
from workflows.calendar.rules import Rule
from workflows.calendar.tokens import BadRule
from workflows.calendar.windows import Step, Window, plan
from workflows.engine import Compiled, Part
from workflows.organisation.models import Unit
from workflows.processes.models import Version
from workflows.processes.rows import compiled
from workflows.steering.rows import calendar_of


@dataclass(frozen=True, slots=True)
class Planned:
    """One of a process's starts in a year, and the windows of its steps in reading order."""

    start: Rule
    windows: tuple[Window, ...]


def planned(session: Session, version: Version, unit: Unit, year: int) -> tuple[Planned, ...]:
    """Plan a version for a unit and year, once for each of its starts.

    A step with several due rules is planned by the first, as if each condition held.
    """
    runs = compiled(version)
    calendar = calendar_of(session, unit.id, year)
    steps = steps_of(runs)
    return tuple(
        Planned(start, plan(steps, calendar, year, start=start))
        for text in runs.description.starts
        for start in parse_list(text)
    )


def steps_of(runs: Compiled) -> tuple[Step, ...]:
    """Give the steps of a process as the calendar sees them."""
    parts = {part.element: part for part in runs.description.parts}
    before: dict[str, list[str]] = {}
    for part in parts.values():
        for target, _, _ in part.flows:
            before.setdefault(target, []).append(part.element)
    found = []
    for element, info in runs.description.steps.items():
        after, timers = _awaited(element, before, parts, runs)
        due = next((_rule(one.rule) for one in info.due), None)
        opens = timers[0] if len(timers) == 1 else None
        found.append(Step(element, due, info.legal, tuple(after), opens))
    return tuple(sorted(found, key=lambda step: list(parts).index(step.key)))


def _awaited(
    element: str, before: Mapping[str, list[str]], parts: Mapping[str, Part], runs: Compiled
) -> tuple[list[str], list[Rule]]:
    """Walk back to the nearest steps, and note the timers on the way."""
    after: list[str] = []
    timers: list[Rule] = []
    to_see, seen = list(before.get(element, ())), {element}
    while to_see:
        here = to_see.pop(0)
        if here in seen or here not in parts:
            continue
        seen.add(here)
        if here in runs.description.steps:
            after.append(here)
            continue
        event = runs.plan.nodes[here].event if here in runs.plan.nodes else None
        if event and event.kind == "timer" and (rule := _rule(event.text or "")):
            timers.append(rule)
        to_see += before.get(here, ())
    return after, timers


def _rule(text: str) -> Rule | None:
    """Read a rule; an expression or an ISO value is not known before there is a case."""
    try:
        return parse(text)
    except BadRule:
        return None
