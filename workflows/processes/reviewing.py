"""What a process amounts to: its steps, flows, forms and dates, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from workflows.calendar.because import Reason, Unresolved
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.rules import Choice, Field, Rule
from workflows.calendar.years import standard_calendar
from workflows.engine import Compiled, Description, Problem
from workflows.processes.checking import check
from workflows.processes.packages import Package

A_DAY, A_COUNT = "06-01", 10  # what a field of a case is taken to hold
LEFT_OUT = {Reason.MILESTONE_ABSENT}  # takes the step away: no mistake


@dataclass(frozen=True, slots=True)
class Review:
    """One process, counted; a deadline counts when it has a date in the year."""

    key: str
    steps: int
    flows: frozenset[str]
    forms: int
    deadlines: int
    dated: int
    problems: tuple[Problem, ...]


def review(package: Package, year: int) -> Review:
    """Check a process and try each of its deadlines against a standard year."""
    found = check(package)
    if found.compiled is None:
        return Review(package.key, 0, frozenset(), len(package.forms), 0, 0, found.problems)
    description = found.compiled.description
    tried = [(element, rule, tried_in(rule, year)) for element, rule in deadlines(found.compiled)]
    undated = tuple(
        Problem("error", "deadline_without_date", element, None, None, {"rule": rule, **why.params})
        for element, rule, why in tried
        if isinstance(why, Unresolved) and why.reason not in LEFT_OUT
    )
    return Review(
        key=package.key,
        steps=len(description.steps),
        flows=frozenset(flows(found.compiled)),
        forms=len(package.forms),
        deadlines=len(tried),
        dated=sum(not isinstance(why, Unresolved) for _, _, why in tried),
        problems=(*found.problems, *undated),
    )


def flows(compiled: Compiled) -> Iterator[str]:
    """Name every sequence flow that is drawn."""
    for node in compiled.plan.nodes.values():
        yield from (flow.id for flow in node.outgoing)


def deadlines(compiled: Compiled) -> Iterator[tuple[str, str]]:
    """Every rule of the deadline language: of steps, and of the starts of the year."""
    description: Description = compiled.description
    for step in description.steps.values():
        for due in step.due:
            yield step.element, due.rule
    for rule in description.starts:
        yield description.process, rule


def tried_in(text: str, year: int) -> Deadline | Unresolved:
    """Evaluate a rule in the standard calendar of a year; fields of the case hold something."""
    rule = parse(text)
    opened = datetime(year, 3, 2, 9, tzinfo=UTC)
    return evaluate(rule, standard_calendar(year), year, opened=opened, fields=made_up(rule, year))


def made_up(rule: Rule, year: int) -> Mapping[str, Mapping[str, object]]:
    """Give the fields a rule asks of a case something to hold, so that it can be tried."""
    held: dict[str, dict[str, object]] = {"case": {}, "item": {}}
    for one, value in _values(rule, date.fromisoformat(f"{year}-{A_DAY}")):
        held[one.owner][one.name] = value
    return held


def _values(rule: Rule, day: date) -> Iterator[tuple[Field, object]]:
    if isinstance(rule, Choice):
        for each in rule.of:
            yield from _values(each, day)
        return
    term = rule.term
    if isinstance(term, Field):
        yield term, day
    elif (inner := getattr(term, "of", None)) is not None:
        yield from _values(inner, day)
    for span in rule.spans:
        if isinstance(span.count, Field):
            yield span.count, A_COUNT
