"""Run a case in memory by a pretended clock, with pretended people: nothing of it can leave.

The same functions move it as move every case. What it would ask of the world is asked of a `World`:
who answers when, when a wait is over, what an action gives. What it throws is only told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from workflows.engine.cases import advance, begin
from workflows.engine.diagrams import Compiled
from workflows.engine.progress import (
    Action,
    Command,
    Complete,
    Deliver,
    Done,
    Facts,
    Failed,
    Fire,
    Incident,
    Progress,
    Step,
    Thrown,
    Wait,
)
from workflows.errors import Invalid

MOST = 10_000  # things that happen in one run


@dataclass(frozen=True, slots=True)
class Answer:
    """When somebody completes a step, and with what."""

    at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)


def _nobody_knows(_step: Step, _opened: datetime) -> None:
    return None


def _gives_nothing(_action: Action) -> Mapping[str, Any]:
    return {}


def _only_the_day(now: datetime, _data: Mapping[str, Any]) -> Facts:
    return Facts(today=now.date())


@dataclass(frozen=True, slots=True)
class World:
    """What a simulated case meets; whatever never happens is None.

    `pretend` says what an action gives, or raises Invalid as the action would.
    """

    answer: Callable[[Step, Mapping[str, Any], datetime], Answer | None]
    ends: Callable[[Wait, datetime], datetime | None]
    due: Callable[[Step, datetime], datetime | None] = _nobody_knows
    pretend: Callable[[Action], Mapping[str, Any]] = _gives_nothing
    facts: Callable[[datetime, Mapping[str, Any]], Facts] = _only_the_day


@dataclass(frozen=True, slots=True)
class Taken:
    """One step: when it opened, was due and closed, and whether it was completed."""

    step: Step
    opened: datetime
    due: datetime | None
    closed: datetime | None = None
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """How a simulated case went; without `ended` it rests for ever, or `is_cut` by the limit."""

    steps: tuple[Taken, ...]
    waited: tuple[tuple[Wait, datetime], ...]  # the waits that came to an end, and when
    thrown: tuple[tuple[Thrown, datetime], ...]
    actions: tuple[Action, ...]
    incidents: tuple[Incident, ...]  # those nobody has mended
    passed: tuple[str, ...]
    data: Mapping[str, Any]
    ended: datetime | None
    is_cut: bool


def simulate(
    compiled: Compiled,
    data: Mapping[str, Any],
    world: World,
    *,
    begins: datetime,
    most: int = MOST,
) -> Trace:
    """Run a case from its beginning until it ends, rests for ever, or too much has happened."""
    progress = begin(compiled, data, world.facts(begins, data))
    return go_on(compiled, progress, world, now=begins, most=most)


def go_on(
    compiled: Compiled, progress: Progress, world: World, *, now: datetime, most: int = MOST
) -> Trace:
    """Run a case on from where it stands; everything open is in `progress` as just opened."""
    run = _Run(compiled, world)
    run.take(progress, now)
    happened = 0
    while run.coming and not run.progress.finished and happened < most:
        at, _, key, command = heappop(run.coming)
        if key in run.steps or key in run.waits:
            now = max(now, at)
            run.do(key, command, now)
            happened += 1
    is_cut = bool(run.coming) and happened >= most and not run.progress.finished
    return run.trace(now, is_cut=is_cut)


class _Run:
    """One simulated case under way."""

    def __init__(self, compiled: Compiled, world: World) -> None:
        self.compiled = compiled
        self.world = world
        self.coming: list[tuple[datetime, int, str, Command]] = []
        self.steps: dict[str, Taken] = {}
        self.waits: dict[str, Wait] = {}
        self.incidents: dict[str, Incident] = {}
        self.taken: list[Taken] = []
        self.waited: list[tuple[Wait, datetime]] = []
        self.thrown: list[tuple[Thrown, datetime]] = []
        self.actions: list[Action] = []
        self.passed: list[str] = []
        self.progress: Progress

    def do(self, key: str, command: Command, now: datetime) -> None:
        """Let one thing happen."""
        if key in self.steps:
            self._close(key, now, is_done=True)
        else:
            self.waited.append((self.waits.pop(key), now))
        self._advance(command, now)

    def take(self, progress: Progress, now: datetime) -> None:
        """See what closed and opened, and ask the world when each of it will be over."""
        self.progress = progress
        for key in progress.closed:
            self._close(key, now)
        for key in progress.waits_closed:
            self.waits.pop(key, None)
        for key in progress.incidents_closed:
            self.incidents.pop(key, None)
        self.incidents |= {one.id: one for one in progress.incidents_opened}
        self.thrown += [(one, now) for one in progress.thrown]
        self.passed += progress.passed
        for step in progress.opened:
            self.steps[step.id] = Taken(step, now, self.world.due(step, now))
            answer = self.world.answer(step, progress.data, now)
            if answer is not None:
                self._plan(answer.at, step.id, Complete(step.id, answer.answers))
        for wait in progress.waits_opened:
            self.waits[wait.id] = wait
            at = self.world.ends(wait, now)
            if at is not None:
                self._plan(at, wait.id, Fire(wait.id) if wait.kind == "timer" else Deliver(wait.id))
        for action in progress.actions:
            self.actions.append(action)
            self._advance(self._pretended(action), now)

    def _advance(self, command: Command, now: datetime) -> None:
        facts = self.world.facts(now, self.progress.data)
        self.take(advance(self.compiled, self.progress.state, command, facts), now)

    def _pretended(self, action: Action) -> Command:
        try:
            return Done(action.id, self.world.pretend(action))
        except Invalid as refused:
            return Failed(action.id, refused.code, refused.params)

    def _plan(self, at: datetime, key: str, command: Command) -> None:
        heappush(self.coming, (at, int(key), key, command))

    def _close(self, key: str, now: datetime, *, is_done: bool = False) -> None:
        open_one = self.steps.pop(key, None)
        if open_one is not None:
            self.taken.append(
                Taken(open_one.step, open_one.opened, open_one.due, now, is_done=is_done)
            )

    def trace(self, now: datetime, *, is_cut: bool) -> Trace:
        """Tell how it went."""
        return Trace(
            steps=(*self.taken, *self.steps.values()),
            waited=tuple(self.waited),
            thrown=tuple(self.thrown),
            actions=tuple(self.actions),
            incidents=tuple(self.incidents.values()),
            passed=tuple(self.passed),
            data=self.progress.data,
            ended=now if self.progress.finished else None,
            is_cut=is_cut,
        )
