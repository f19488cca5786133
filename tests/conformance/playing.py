"""Play a diagram on our engine to its end, as the conformance material asks for it."""

import re
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.engine import (
    Compiled,
    Complete,
    Deliver,
    Facts,
    Fire,
    Incident,
    Problem,
    Progress,
    Rejected,
    Step,
    Thrown,
    Wait,
    advance,
    begin,
    compile_diagram,
    load,
)

FAR_AWAY = re.compile(r"P(?!T)(?!0D)")  # a timer of days or more is not waited for
MOST = 400  # commands in one play


@dataclass
class Played:
    """How a diagram ended: refused, finished, incident or waiting; and what it did."""

    how: str
    marks: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)  # elements by how often completed
    problems: tuple[Problem, ...] = ()
    incidents: list[Incident] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    compiled: Compiled | None = None


class Play:
    """One case being played; every command goes through stored bytes, as in life."""

    patient = False  # whether people come before clocks

    def __init__(self, compiled: Compiled, data: Mapping[str, Any]) -> None:
        self.compiled = load(compiled.blob)
        self.played = Played("waiting", compiled=compiled)
        self.facts = Facts(functions={"TRACE": self._trace})
        self.waits: dict[str, Wait] = {}
        self.letters: deque[Thrown] = deque()
        self.progress = self._take(begin(self.compiled, data, self.facts))

    def _trace(self, mark: object) -> None:
        self.played.marks.append(str(mark))

    def _take(self, progress: Progress) -> Progress:
        closed = set(progress.closed)
        played = self.played
        played.steps = [s for s in played.steps if s.id not in closed] + list(progress.opened)
        for key in progress.waits_closed:
            del self.waits[key]
        self.waits |= {wait.id: wait for wait in progress.waits_opened}
        self.letters.extend(t for t in progress.thrown if t.kind == "message")
        played.done.update(
            key for key in progress.passed if self.compiled.plan.nodes[key].kind != "task"
        )
        played.incidents += progress.incidents_opened
        return progress

    def go(self, *, people: bool = True) -> Played:
        """Deliver, fire and complete whatever is open, until nothing is."""
        for _ in range(MOST):
            command = None if self.progress.finished else self._next(people=people)
            if command is None:
                break
            self.progress = self._take(
                advance(self.compiled, self.progress.state, command, self.facts)
            )
        if self.progress.finished:
            self.played.how = "finished"
        elif self.played.incidents:
            self.played.how = "incident"
        return self.played

    def _next(self, *, people: bool) -> Complete | Deliver | Fire | None:
        for letter in self.letters:
            for wait in self.waits.values():
                if (wait.kind, wait.rule, wait.key) == ("message", letter.name, letter.key):
                    self.letters.remove(letter)
                    return Deliver(wait.id, letter.payload)
        for wait in self.waits.values():
            if self.patient and self.played.steps:
                break
            if wait.kind == "timer" and not FAR_AWAY.search(wait.rule):
                return Fire(wait.id)
        return self._step(people=people)

    def _step(self, *, people: bool) -> Complete | None:
        if not people or not self.played.steps:
            return None
        step = self.played.steps[0]
        self.played.done[step.element] += 1
        return Complete(step.id)


def play(
    source: bytes, data: Mapping[str, Any], *, people: bool = True, patient: bool = False
) -> Played:
    """Compile and play a diagram."""
    try:
        compiled = compile_diagram(source, functions={"TRACE"})
    except Rejected as rejected:
        return Played("refused", problems=rejected.problems)
    case = Play(compiled, data)
    case.patient = patient
    return case.go(people=people)
