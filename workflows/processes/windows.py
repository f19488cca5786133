"""The steps of a process as the calendar sees them: after which others, and by which timers."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.rules import Choice, Rule
from workflows.calendar.tokens import BadRule
from workflows.calendar.windows import MORNING, Step
from workflows.calendar.years import standard_calendar
from workflows.engine import Compiled, Description, Problem

A_YEAR = 2027  # like any other: what cannot be right in it is not right


def steps_of(runs: Compiled) -> tuple[Step, ...]:
    """Give the steps of a process as the calendar sees them, each after those it waits for; a flow
    back to an earlier step does not count.
    """
    paths = _Paths(runs)
    known: dict[str, Step] = {}
    firsts: list[str] = []
    for part in runs.description.parts:
        if (info := runs.description.steps.get(part.element)) is None:
            continue
        way = paths.to(part.element, runs.description.steps)
        due = next((_rule(one.rule) for one in info.due), None)
        timers = tuple(dict.fromkeys(rule for text in way.timers if (rule := _rule(text))))
        opens = timers[0] if len(timers) == 1 else Choice("max", timers) if timers else None
        known[part.element] = Step(
            part.element, due, info.legal, tuple(way.after), opens, tuple(way.during)
        )
        if way.is_first:
            firsts.append(part.element)
    return tuple(known[key] for key in _in_order(known, [*firsts, *known]))


def _in_order(steps: Mapping[str, Step], begin_with: Iterable[str]) -> list[str]:
    """Put each step after those it waits for, by how the process is walked from its beginning."""
    follow: dict[str, list[str]] = {key: [] for key in steps}
    for step in steps.values():
        for key in (*step.after, *step.during):
            follow[key].append(step.key)
    seen: set[str] = set()
    done: list[str] = []

    for first in begin_with:
        stack = [(first, iter(follow[first]))] if first not in seen else []
        seen.add(first)
        while stack:
            key, rest = stack[-1]
            following = next((one for one in rest if one not in seen), None)
            if following is None:
                done.append(key)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(follow[following])))
    return done[::-1]


@dataclass(slots=True)
class _Way:
    """What lies between a step and the nearest ones before it."""

    after: list[str] = field(default_factory=list)
    during: list[str] = field(default_factory=list)
    timers: list[str] = field(default_factory=list)
    is_first: bool = False


class _Paths:
    """The flows of a plan backwards, in and out of sub-processes and the processes it calls."""

    def __init__(self, runs: Compiled) -> None:
        self.plan = plan = runs.plan
        self.before: dict[str, list[str]] = {}
        self.ends: dict[str, list[str]] = {}
        self.holders: dict[str, list[str]] = {}
        for node in plan.nodes.values():
            for flow in node.outgoing:
                self.before.setdefault(flow.target, []).append(node.id)
            if not node.outgoing:
                self.ends.setdefault(node.scope, []).append(node.id)
            if (inner := node.called or node.id) in plan.scopes:
                self.holders.setdefault(inner, []).append(node.id)

    def to(self, element: str, steps: Container[str]) -> _Way:
        """Walk back from a step to the nearest ones, and note the timers on the way."""
        way = _Way()
        to_see, seen = self._ahead_of(element, way), {element}
        while to_see:
            here = to_see.pop(0)
            if here in seen or (node := self.plan.nodes.get(here)) is None:
                continue
            seen.add(here)
            if here in steps:
                way.after.append(here)
                continue
            if node.event and node.event.kind == "timer" and node.event.text:
                way.timers.append(node.event.text)
            if node.kind == "boundary" and node.attached_to:
                (way.during if node.attached_to in steps else to_see).append(node.attached_to)
            inner = node.called or here
            to_see += self.ends[inner] if inner in self.ends else self._ahead_of(here, way)
        return way

    def _ahead_of(self, element: str, way: _Way) -> list[str]:
        """Give what leads to an element: flows, and for what begins a scope, what leads to that."""
        found = list(self.before.get(element, ()))
        node = self.plan.nodes[element]
        if element in self.plan.scopes[node.scope].starts:
            holders = self.holders.get(node.scope, [])
            way.is_first |= not holders
            for holder in holders:
                found += self._ahead_of(holder, way)
        return found


def _rule(text: str) -> Rule | None:
    """Read a rule; an expression or an ISO value is not known before there is a case."""
    try:
        return parse(text)
    except BadRule:
        return None


def check_windows(description: Description) -> Iterator[Problem]:
    """Warn of deadlines that lie before their own case opens, in an ordinary year; one that counts
    on a condition is not judged.
    """
    calendar = standard_calendar(A_YEAR)
    starts = [rule for text in description.starts if (rule := _rule(text))]
    for step in description.steps.values():
        rule = _rule(step.due[0].rule) if step.due and step.due[0].when is None else None
        due = evaluate(rule, calendar, A_YEAR, legal=step.legal) if rule else None
        if not isinstance(due, Deadline):
            continue
        for start in starts:
            begin = evaluate(start, calendar, A_YEAR, time_of_day=MORNING)
            if isinstance(begin, Deadline) and due.due_at < begin.due_at:
                params: dict[str, object] = {"rule": str(rule), "start": str(start)}
                yield Problem("warning", "due_before_case", step.element, None, None, params)
                break
