"""The token game: take one command, run until everything rests, say what opened and closed.

SpiffWorkflow keeps a tree of every task that ever was or might be and walks it for each question.
That is what freezes long loops, drops tokens and makes state grow, and it cannot be mended from
outside; so the run is ours: tokens, frames and waits, and nothing that is already history.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from workflows.engine.evaluating import Failure, own, truth
from workflows.engine.plan import Node, Plan
from workflows.engine.progress import Action, Facts, Incident, Progress, Step, Thrown, Wait
from workflows.engine.state import Frame, State, Token, Waiting, write_state

BUDGET = 20_000  # steps in one run; far above any real process, far below a hang


class Run:
    """One command's worth of movement over a state."""

    def __init__(self, plan: Plan, state: State, facts: Facts) -> None:
        self.plan = plan
        self.state = state
        self.facts = facts
        self.queue: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self.live: dict[int, int] = dict.fromkeys(state.frames, 0)
        for token in state.tokens.values():
            if "of" not in token.more:
                self.live[token.frame] += 1
        for frame in state.frames.values():
            if frame.owner is None and frame.parent is not None:
                self.live[frame.parent] += 1
        self.opened: list[Step] = []
        self.closed: list[str] = []
        self.waits_opened: list[Wait] = []
        self.waits_closed: list[str] = []
        self.actions: list[Action] = []
        self.thrown: list[Thrown] = []
        self.incidents_opened: list[Incident] = []
        self.incidents_closed: list[str] = []
        self.passed: list[str] = []

    # --- tokens and frames ------------------------------------------------------------------

    def push(self, node: str, frame: int, via: str | None = None) -> None:
        """Send a token towards a node."""
        self.live[frame] += 1
        self.queue.append((self.arrive, (node, frame, via)))

    def drop(self, frame: int) -> None:
        """A token of `frame` has ended; the frame ends with its last one."""
        self.live[frame] -= 1
        if self.live[frame] == 0:
            self.end_frame(frame)

    def hold(self, node: Node, frame: int, mode: str, via: str | None = None, **more: Any) -> Token:
        """Let a token rest at a node."""
        token = Token(self.state.number(), node.id, frame, mode, via, more)
        self.state.tokens[token.id] = token
        return token

    def open_frame(
        self,
        scope: str,
        parent: int | None,
        owner: int | None = None,
        local: dict[str, Any] | None = None,
    ) -> int:
        """Begin a run of a scope and listen for the events of its event sub-processes."""
        frame = Frame(self.state.number(), scope, parent, owner, local)
        self.state.frames[frame.id] = frame
        self.live[frame.id] = 0
        return frame.id

    def end_frame(self, frame: int) -> None:
        """Every token of a frame has ended."""
        ended = self.state.frames.pop(frame)
        del self.live[frame]
        if ended.owner is not None:
            token = self.state.tokens[ended.owner]
            self.body_done(token)
        elif ended.parent is not None:
            self.drop(ended.parent)

    # --- moving -----------------------------------------------------------------------------

    def go(self) -> None:
        """Run until everything rests."""
        steps = 0
        while self.queue:
            work, arguments = self.queue.popleft()
            work(*arguments)
            steps += 1

    def arrive(self, node_id: str, frame: int, via: str | None) -> None:
        """A token reaches a node."""
        node = self.plan.nodes[node_id]
        self.passed.append(node_id)
        try:
            ENTER[node.kind](self, node, frame, via)
        except Failure as failure:
            token = self.hold(node, frame, "incident", via)
            self.report(token, failure)

    def leave(self, node: Node, frame: int) -> None:
        """Go on along every flow that is open: all plain ones and the conditions that hold."""
        chosen = [
            flow
            for flow in node.outgoing
            if flow.id != node.default
            and (flow.condition is None or truth(self, flow.condition, frame))
        ]
        if not chosen and node.default is not None:
            chosen = [flow for flow in node.outgoing if flow.id == node.default]
        if node.outgoing and not chosen:
            raise Failure("no_way_out", "no condition is true and there is no default")
        for flow in chosen:
            self.push(flow.target, frame, flow.id)
        self.drop(frame)

    def report(self, token: Token, failure: Failure) -> None:
        """Leave a token before the step that failed, for somebody to see."""
        token.mode = "incident"
        token.more["incident"] = [failure.code, failure.cause, list(failure.keys)]
        self.incidents_opened.append(
            Incident(str(token.id), token.node, failure.code, failure.cause, failure.keys)
        )

    # --- activities -------------------------------------------------------------------------

    def body_done(self, token: Token) -> None:
        """An activity has done its work."""
        node = self.plan.nodes[token.node]
        self.close_waits(token.id)
        self.leave(node, token.frame)
        del self.state.tokens[token.id]

    def complete(self, token: Token, answers: Mapping[str, Any]) -> None:
        """A person is done with a step."""
        self.state.data.update(own(answers))
        self.closed.append(str(token.id))
        token.mode = "done"
        try:
            self.body_done(token)
        except Failure as failure:
            self.report(token, failure)

    # --- events -----------------------------------------------------------------------------

    def listen(self, node: Node, frame: int, token: int | None, left: int | None = None) -> None:
        """Wait for the event of a node."""
        event = node.event
        if event is None or event.kind != "timer":
            return
        wait = Waiting(self.state.number(), node.id, frame, token, left)
        self.state.waits[wait.id] = wait
        self.waits_opened.append(
            Wait(str(wait.id), node.id, "timer", event.text or "", event.form, missed=event.missed)
        )

    def close_waits(self, token: int) -> None:
        """Stop listening on behalf of a token."""
        for wait in [w for w in self.state.waits.values() if w.token == token]:
            del self.state.waits[wait.id]
            self.waits_closed.append(str(wait.id))

    def fire(self, wait: Waiting) -> None:
        """The event a wait stands for has happened."""
        node = self.plan.nodes[wait.node]
        if node.kind == "boundary" and wait.token is not None:
            token = self.state.tokens[wait.token]
            if node.interrupting:
                self.close_waits(token.id)
                del self.state.tokens[token.id]
                self.closed.append(str(token.id))
                self.live[wait.frame] -= 1
            else:
                del self.state.waits[wait.id]
                self.waits_closed.append(str(wait.id))
            self.push(node.id, wait.frame)
        elif wait.token is not None:
            token = self.state.tokens[wait.token]
            self.body_done(token)

    # --- the end ----------------------------------------------------------------------------

    def progress(self) -> Progress:
        """Everything that came of the command."""
        closed = set(self.closed)
        gone = set(self.waits_closed)
        return Progress(
            state=write_state(self.state),
            data=self.state.data,
            opened=tuple(step for step in self.opened if step.id not in closed),
            closed=tuple(self.closed),
            waits_opened=tuple(wait for wait in self.waits_opened if wait.id not in gone),
            waits_closed=tuple(self.waits_closed),
            actions=tuple(self.actions),
            thrown=tuple(self.thrown),
            incidents_opened=tuple(self.incidents_opened),
            incidents_closed=tuple(self.incidents_closed),
            passed=tuple(self.passed),
            finished=not self.state.frames,
        )


def _pass(run: Run, node: Node, frame: int, _via: str | None) -> None:
    run.leave(node, frame)


def _end(run: Run, _node: Node, frame: int, _via: str | None) -> None:
    run.drop(frame)


def _task(run: Run, node: Node, frame: int, via: str | None) -> None:
    token = run.hold(node, frame, "task", via)
    run.opened.append(Step(str(token.id), node.id))
    for boundary in node.boundaries:
        run.listen(run.plan.nodes[boundary], frame, token.id)


def _catch(run: Run, node: Node, frame: int, via: str | None) -> None:
    token = run.hold(node, frame, "wait", via)
    run.listen(node, frame, token.id)


def _exclusive(run: Run, node: Node, frame: int, _via: str | None) -> None:
    for flow in node.outgoing:
        if flow.id == node.default:
            continue
        if flow.condition is None or truth(run, flow.condition, frame):
            run.push(flow.target, frame, flow.id)
            return run.drop(frame)
    for flow in node.outgoing:
        if flow.id == node.default:
            run.push(flow.target, frame, flow.id)
            return run.drop(frame)
    raise Failure("no_way_out", "no condition is true and there is no default")


def _parallel(run: Run, node: Node, frame: int, via: str | None) -> None:
    if len(node.incoming) > 1:
        waiting = {
            t.via: t
            for t in run.state.tokens.values()
            if t.node == node.id and t.frame == frame and t.mode == "join"
        }
        if via in waiting or len(waiting) + 1 < len(node.incoming):
            run.hold(node, frame, "join", via)
            return
        for token in waiting.values():
            del run.state.tokens[token.id]
            run.live[frame] -= 1
    for flow in node.outgoing:
        run.push(flow.target, frame, flow.id)
    run.drop(frame)


ENTER: dict[str, Callable[[Run, Node, int, str | None], None]] = {
    "start": _pass,
    "boundary": _pass,
    "throw": _pass,
    "end": _end,
    "task": _task,
    "catch": _catch,
    "exclusive": _exclusive,
    "parallel": _parallel,
}
