"""The token game: one command's worth of movement over a case, until everything rests.

SpiffWorkflow reads our diagrams (`spiff.py`), but it does not run them. It keeps a tree of every
task that ever was or might be, copies data down it and walks it for each question: that is what
freezes a loop at pass 333, drops tokens, shares nested data and makes state grow, and subclasses
would have had to override nearly all of it. So the run is ours: tokens, frames and waits, and
nothing that is already history. What holds both together are the tests that play random diagrams
on stock SpiffWorkflow and on this, and ask for the same trace.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from workflows.engine.evaluating import Failure
from workflows.engine.plan import Node, Plan
from workflows.engine.progress import Action, Facts, Incident, Progress, Step, Thrown, Wait
from workflows.engine.state import Frame, State, Token, write_state

BUDGET = 1_000_000  # work units in one run: seconds of machine time, far above any real process
STEP = 5
SCRIPT = 100

Enter = Callable[["Run", Node, int, str | None], None]
Body = Callable[["Run", Node, Token], None]


class Run:
    """A case on the move. The rules of each kind of element lie in the modules beside this one."""

    enter: dict[str, Enter]  # what a token does at each kind of node
    body: Body  # how an activity does its work; both set by `cases`, so imports go one way

    def __init__(self, plan: Plan, state: State, facts: Facts) -> None:
        self.plan = plan
        self.state = state
        self.facts = facts
        self.spent = 0
        self.queue: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        # Throws wait until every other branch has come to rest: who listens is never a race.
        self.late: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self.live: dict[int, int] = dict.fromkeys(state.frames, 0)
        self.waits_of: dict[int, list[int]] = {}
        for token in state.tokens.values():
            if "of" not in token.more:
                self.live[token.frame] += 1
        for frame in state.frames.values():
            if frame.owner is None and frame.parent is not None:
                self.live[frame.parent] += 1
        for wait in state.waits.values():
            if wait.token is not None:
                self.waits_of.setdefault(wait.token, []).append(wait.id)
        self.opened: dict[int, Step] = {}
        self.waits_opened: dict[int, Wait] = {}
        self.actions: dict[int, Action] = {}
        self.incidents_opened: dict[int, Incident] = {}
        self.closed: list[str] = []
        self.waits_closed: list[str] = []
        self.incidents_closed: list[str] = []
        self.thrown: list[Thrown] = []
        self.passed: list[str] = []

    # --- moving -----------------------------------------------------------------------------

    def push(self, node: str, frame: int, via: str | None = None) -> None:
        """Send a token towards a node."""
        self.live[frame] += 1
        queue = self.late if self.plan.nodes[node].throws else self.queue
        queue.append((self.arrive, (node, frame, via)))

    def arrive(self, node_id: str, frame: int, via: str | None) -> None:
        """A token reaches a node; a failure leaves it standing there for somebody to see."""
        if frame not in self.state.frames:
            return  # its scope was interrupted while it was on the way
        node = self.plan.nodes[node_id]
        self.passed.append(node_id)
        try:
            self.enter[node.kind](self, node, frame, via)
        except Failure as failure:
            self.report(self.hold(node, frame, "incident", via), failure)

    def go(self) -> None:
        """Run until nothing moves; past the budget whatever still moves becomes an incident."""
        while self.queue or self.late:
            work, arguments = self.queue.popleft() if self.queue else self.late.popleft()
            self.spent += STEP
            if self.spent > BUDGET:
                self.stop(work, arguments)
            else:
                work(*arguments)

    def stop(self, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        """Hold back what would have moved next: this run has gone on for too long."""
        failure = Failure("budget", "the case kept moving without coming to rest")
        if work == self.arrive:
            node, frame, via = arguments
            if frame in self.state.frames:
                token = self.hold(self.plan.nodes[node], frame, "incident", via)
                self.report(token, failure)
        elif arguments[-1] in self.state.tokens:
            self.report(self.state.tokens[arguments[-1]], failure)

    # --- tokens -----------------------------------------------------------------------------

    def hold(self, node: Node, frame: int, mode: str, via: str | None = None, **more: Any) -> Token:
        """Let a token rest at a node."""
        token = Token(self.state.number(), node.id, frame, mode, via, more)
        self.state.tokens[token.id] = token
        return token

    def release(self, token: Token) -> None:
        """Take a token off the board and close what was open with it."""
        del self.state.tokens[token.id]
        self.rest(token)
        for wait in self.waits_of.pop(token.id, ()):
            self.close_wait(wait)

    def rest(self, token: Token) -> None:
        """Close the step, action or incident of a token that moves on."""
        if token.mode in ("task", "action"):
            opened = self.opened if token.mode == "task" else self.actions
            if opened.pop(token.id, None) is None:
                self.closed.append(str(token.id))
        elif token.mode == "incident":
            token.more.pop("incident", None)
            if self.incidents_opened.pop(token.id, None) is None:
                self.incidents_closed.append(str(token.id))

    def cancel(self, token: Token) -> None:
        """Take a token away with everything that runs on its behalf."""
        if token.id not in self.state.tokens:
            return
        self.release(token)
        if token.mode not in ("join", "task"):
            for frame in [f for f in self.state.frames.values() if f.owner == token.id]:
                self.kill(frame)
        if "many" in token.more:
            for instance in self.instances(token):
                self.cancel(instance)

    def instances(self, many: Token) -> list[Token]:
        """The instances of a loop that are under way."""
        return [t for t in self.state.tokens.values() if t.more.get("of") == many.id]

    def report(self, token: Token, failure: Failure) -> None:
        """Leave a token before the step that failed, for somebody to see."""
        self.rest(token)
        token.mode = "incident"
        token.more["incident"] = [failure.code, failure.cause, list(failure.keys)]
        self.incidents_opened[token.id] = Incident(
            str(token.id), token.node, failure.code, failure.cause, failure.keys
        )

    # --- frames -----------------------------------------------------------------------------

    def open_frame(
        self,
        scope: str,
        parent: int | None,
        owner: int | None = None,
        local: dict[str, Any] | None = None,
        *,
        gathers: bool = False,
    ) -> int:
        """Begin a run of a scope."""
        frame = Frame(self.state.number(), scope, parent, owner, local, gathers)
        self.state.frames[frame.id] = frame
        self.live[frame.id] = 0
        return frame.id

    def kill(self, frame: Frame) -> None:
        """End a frame with all that lives in it."""
        del self.state.frames[frame.id]
        del self.live[frame.id]
        self.clear(frame)
        for wait in [w for w in self.state.waits.values() if w.frame == frame.id]:
            self.close_wait(wait.id)

    def clear(self, frame: Frame) -> None:
        """Take away every token of a frame, and what its event sub-processes do."""
        for token in [t for t in self.state.tokens.values() if t.frame == frame.id]:
            self.cancel(token)
        for inner in [f for f in self.state.frames.values() if f.parent == frame.id]:
            if inner.id in self.state.frames:
                self.kill(inner)

    def close_wait(self, wait: int) -> None:
        """Stop listening for one event."""
        closed = self.state.waits.pop(wait, None)
        if closed is None or self.waits_opened.pop(wait, None) is not None:
            return
        event = self.plan.nodes[closed.node].event
        if event is not None and event.kind != "condition":  # nobody outside knows of those
            self.waits_closed.append(str(wait))

    def around(self, frame: int | None) -> Iterator[Frame]:
        """A frame and those it lies in, innermost first."""
        while frame is not None:
            found = self.state.frames[frame]
            yield found
            frame = found.parent

    # --- the end ----------------------------------------------------------------------------

    def progress(self) -> Progress:
        """Everything that came of the command."""
        return Progress(
            state=write_state(self.state),
            data=self.state.data,
            opened=tuple(self.opened.values()),
            closed=tuple(self.closed),
            waits_opened=tuple(self.waits_opened.values()),
            waits_closed=tuple(self.waits_closed),
            actions=tuple(self.actions.values()),
            thrown=tuple(self.thrown),
            incidents_opened=tuple(self.incidents_opened.values()),
            incidents_closed=tuple(self.incidents_closed),
            passed=tuple(self.passed),
            finished=not self.state.frames,
        )
