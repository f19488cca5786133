"""Run cases in memory by a pretended clock, with pretended people: nothing of it can leave.

The same functions move them as move every case. What a case would ask of the world is asked of a
`World`: who answers when, when a wait is over, what an action gives, what becomes of what it sends.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from workflows.engine.cases import advance, begin
from workflows.engine.diagrams import Compiled
from workflows.engine.progress import (
    Action,
    Call,
    Command,
    Complete,
    Deliver,
    Done,
    Facts,
    Failed,
    Fire,
    Incident,
    Progress,
    Skip,
    Step,
    Thrown,
    Wait,
)
from workflows.errors import Invalid

MOST = 10_000  # things that happen in one run


@dataclass(frozen=True, slots=True)
class Answer:
    """When somebody completes a step, and with what: answers, or what makes them when it is done
    from what the case knows then. Made answers that are None leave the step open for ever.
    """

    at: datetime
    answers: Mapping[str, Any] | Callable[[Mapping[str, Any], datetime], Mapping[str, Any] | None]


def _nobody_knows(_step: Step, _opened: datetime) -> None:
    return None


def _gives_nothing(_action: Action) -> Mapping[str, Any]:
    return {}


def _only_the_day(now: datetime, _data: Mapping[str, Any]) -> Facts:
    return Facts(today=now.date())


def _only_told(_thrown: Thrown, _now: datetime) -> None:
    return None


def _ends_at_once(_call: Call, _now: datetime) -> Mapping[str, Any] | None:
    return {}


def _leaves_nothing_out(
    _progress: Progress, _passed: Collection[str], _now: datetime
) -> tuple[str, str] | None:
    return None


@dataclass(frozen=True, slots=True)
class World:
    """What a simulated case meets; whatever never happens is None.

    `pretend` says what an action gives, or raises Invalid as the action would. `sends` hears what
    is thrown; `calls` says what a case of its own comes back with, None when that is told later.
    `leaves_out` names what just opened and is no part of this case: its id and its element.
    """

    answer: Callable[[Step, Mapping[str, Any], datetime], Answer | None]
    ends: Callable[[Wait, datetime], datetime | None]
    due: Callable[[Step, datetime], datetime | None] = _nobody_knows
    pretend: Callable[[Action], Mapping[str, Any]] = _gives_nothing
    facts: Callable[[datetime, Mapping[str, Any]], Facts] = _only_the_day
    sends: Callable[[Thrown, datetime], None] = _only_told
    calls: Callable[[Call, datetime], Mapping[str, Any] | None] = _ends_at_once
    leaves_out: Callable[[Progress, Collection[str], datetime], tuple[str, str] | None] = (
        _leaves_nothing_out
    )


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
    waits: tuple[Wait, ...] = ()  # what it still waits for


def simulate(
    compiled: Compiled,
    data: Mapping[str, Any],
    world: World,
    *,
    begins: datetime,
    most: int = MOST,
) -> Trace:
    """Run a case from its beginning until it ends, rests for ever, or too much has happened."""
    case = Simulated(compiled, world, most=most)
    case.begin(data, now=begins)
    return _to_the_end(case)


def go_on(
    compiled: Compiled, progress: Progress, world: World, *, now: datetime, most: int = MOST
) -> Trace:
    """Run a case on from where it stands; everything open is in `progress` as just opened."""
    case = Simulated(compiled, world, most=most)
    case.take(progress, now)
    return _to_the_end(case)


def _to_the_end(case: "Simulated") -> Trace:
    while case.next_at is not None:
        case.happen()
    return case.trace()


class Simulated:
    """One simulated case under way; several of them can be run side by side, by `next_at`."""

    def __init__(self, compiled: Compiled, world: World, *, most: int = MOST) -> None:
        self.compiled = compiled
        self.world = world
        self.most = most
        self.now: datetime
        self.progress: Progress
        self.steps: dict[str, Taken] = {}
        self.waits: dict[str, Wait] = {}
        self.calls: dict[str, Call] = {}
        self._coming: list[tuple[datetime, int, str, Command | Answer]] = []
        self._incidents: dict[str, Incident] = {}
        self._taken: list[Taken] = []
        self._waited: list[tuple[Wait, datetime]] = []
        self._thrown: list[tuple[Thrown, datetime]] = []
        self._actions: list[Action] = []
        self._passed: list[str] = []
        self._left_out: set[str] = set()

    def begin(self, data: Mapping[str, Any], *, now: datetime) -> None:
        """Open the case."""
        self.take(begin(self.compiled, data, self.world.facts(now, data)), now)

    @property
    def is_cut(self) -> bool:
        """Tell whether more than may has happened, and more was to come."""
        return bool(self._coming) and self.most <= 0 and not self.progress.finished

    @property
    def next_at(self) -> datetime | None:
        """When the next thing happens; None when nothing does by itself."""
        while self._coming and not self._is_open(self._coming[0][2]):
            heappop(self._coming)
        if not self._coming or self.progress.finished or self.most <= 0:
            return None
        return max(self.now, self._coming[0][0])

    def happen(self) -> None:
        """Let the next thing happen."""
        at, _, key, command = heappop(self._coming)
        if not self._is_open(key):
            return
        now = max(self.now, at)
        self.most -= 1
        if isinstance(command, Answer):
            given = command.answers
            answers = given(self.progress.data, now) if callable(given) else given
            if answers is None:
                return
            self._close(key, now, is_done=True)
            command = Complete(key, answers)
        else:
            self._waited.append((self.waits.pop(key), now))
        self._advance(command, now)

    def receive(self, command: Command, key: str, *, now: datetime) -> bool:
        """Take what comes from outside for a wait or a call that is open; else nothing happens."""
        if key in self.waits:
            self._waited.append((self.waits.pop(key), now))
        elif self.calls.pop(key, None) is None:
            return False
        self.tell(command, now=now)
        return True

    def tell(self, command: Command, *, now: datetime) -> None:
        """Take what comes from outside and ends nothing: what a called case tells on its way."""
        self._advance(command, now)

    def take(self, progress: Progress, now: datetime) -> None:
        """See what closed and opened, and ask the world when each of it will be over."""
        self.progress, self.now = progress, now
        self._see_closed(progress, now)
        self._incidents |= {one.id: one for one in progress.incidents_opened}
        self._passed += progress.passed
        for step in progress.opened:
            self.steps[step.id] = Taken(step, now, self.world.due(step, now))
        for wait in progress.waits_opened:
            self.waits[wait.id] = wait
        for thrown in progress.thrown:
            self._thrown.append((thrown, now))
            self.world.sends(thrown, now)
        self._act(progress, now)
        self._plan(progress, now)
        self._call(progress, now)

    def _see_closed(self, progress: Progress, now: datetime) -> None:
        for key in progress.closed:
            self._close(key, now)
            self.calls.pop(key, None)
        for key in progress.waits_closed:
            self.waits.pop(key, None)
        for key in progress.incidents_closed:
            self._incidents.pop(key, None)

    def _act(self, progress: Progress, now: datetime) -> None:
        """Carry out the actions, and go on past what is no part of this case."""
        for action in progress.actions:
            self._actions.append(action)
            self._advance(self._pretended(action), now)
        while found := self.world.leaves_out(progress, self._left_out, now):
            key, element = found
            self._left_out.add(element)
            if self.steps.pop(key, None) or self.waits.pop(key, None):
                self._advance(Skip(key), now)

    def _plan(self, progress: Progress, now: datetime) -> None:
        """Ask when what opened, and still is, will be over."""
        for step in progress.opened:
            if step.id in self.steps:
                answer = self.world.answer(step, self.progress.data, now)
                if answer is not None:
                    heappush(self._coming, (answer.at, int(step.id), step.id, answer))
        for wait in progress.waits_opened:
            if wait.id in self.waits:
                at = self.world.ends(wait, now)
                if at is not None:
                    fired = Fire(wait.id) if wait.kind == "timer" else Deliver(wait.id)
                    heappush(self._coming, (at, int(wait.id), wait.id, fired))

    def _call(self, progress: Progress, now: datetime) -> None:
        for call in progress.calls:
            self.calls[call.id] = call
            given = self.world.calls(call, now)
            if given is not None:
                self.receive(Done(call.id, given), call.id, now=now)

    def _is_open(self, key: str) -> bool:
        return key in self.steps or key in self.waits

    def _advance(self, command: Command, now: datetime) -> None:
        facts = self.world.facts(now, self.progress.data)
        self.take(advance(self.compiled, self.progress.state, command, facts), now)

    def _pretended(self, action: Action) -> Command:
        try:
            return Done(action.id, self.world.pretend(action))
        except Invalid as refused:
            return Failed(action.id, refused.code, refused.params)

    def _close(self, key: str, now: datetime, *, is_done: bool = False) -> None:
        open_one = self.steps.pop(key, None)
        if open_one is not None:
            self._taken.append(
                Taken(open_one.step, open_one.opened, open_one.due, now, is_done=is_done)
            )

    def trace(self) -> Trace:
        """Tell how it has gone so far."""
        return Trace(
            steps=(*self._taken, *self.steps.values()),
            waited=tuple(self._waited),
            thrown=tuple(self._thrown),
            actions=tuple(self._actions),
            incidents=tuple(self._incidents.values()),
            passed=tuple(self._passed),
            data=self.progress.data,
            ended=self.now if self.progress.finished else None,
            is_cut=self.is_cut,
            waits=tuple(self.waits.values()),
        )
