"""What is waited for and what is thrown: timers, messages, signals, errors, escalations."""

from collections.abc import Mapping
from typing import Any

from workflows.engine.evaluating import Failure, truth, value
from workflows.engine.flowing import assign, done, drop, leave
from workflows.engine.plan import Event, Node
from workflows.engine.progress import Thrown, Wait
from workflows.engine.running import Run
from workflows.engine.state import Frame, Token, Waiting
from workflows.engine.timing import is_rule, split_cycle

OUTSIDE = ("timer", "message", "signal", "condition")


# --- listening ------------------------------------------------------------------------------


def open_scope(
    run: Run, scope: str, parent: int | None, owner: Token | None = None, **local: Any
) -> int:
    """Begin a run of a scope: listen for its event sub-processes, send a token from its start."""
    frame = run.open_frame(scope, parent, None if owner is None else owner.id, **local)
    for handler in run.plan.scopes[scope].handlers:
        listen(run, run.plan.nodes[handler], frame, None)
    return frame


def listen(run: Run, node: Node, frame: int, token: Token | None, left: int | None = None) -> None:
    """Wait for the event of a node, if it is one that comes from outside."""
    event = node.event
    if event is None or event.kind not in OUTSIDE:
        return
    local = None if token is None else token.more.get("local")
    waiting = Waiting(0, node.id, frame, None if token is None else token.id, left)
    rule, form = event.name or "", ""
    if event.kind == "timer":
        rule, form = _timer(run, event, waiting, local)
    elif event.kind == "message" and event.correlation is not None:
        waiting.key = str(value(run, event.correlation, frame, local))
    waiting.id = run.state.number()
    run.state.waits[waiting.id] = waiting
    if waiting.token is not None:
        run.waits_of.setdefault(waiting.token, []).append(waiting.id)
    if event.kind == "condition":
        return
    item = None if local is None else local.get("item")
    run.waits_opened[waiting.id] = Wait(
        str(waiting.id), node.id, event.kind, rule, form, waiting.key, event.missed, item
    )  # fmt: skip


def _timer(
    run: Run, event: Event, waiting: Waiting, local: Mapping[str, Any] | None
) -> tuple[str, str]:
    """The rule of this pass of a timer; counts the passes of a cycle in `waiting.left`."""
    rule = event.text or ""
    if not is_rule(rule):
        found = value(run, rule, waiting.frame, local)
        if not isinstance(found, str) or not is_rule(found):
            raise Failure("bad_timer", f"{rule} does not give a deadline")
        rule = found
    if event.form != "cycle":
        return rule, event.form
    times, first, interval = split_cycle(rule)
    if waiting.left is None:
        waiting.left = times
        if first is not None:
            return first, "date"
    return interval, "cycle"


# --- something happened ---------------------------------------------------------------------


def fire(run: Run, waiting: Waiting, payload: Mapping[str, Any] | None = None) -> None:
    """What a wait stands for has happened: once, whatever follows."""
    node = run.plan.nodes[waiting.node]
    token = None if waiting.token is None else run.state.tokens[waiting.token]
    if payload:
        assign(run, waiting.frame, token, payload)
    if token is None:
        _fire_handler(run, node, waiting)
    elif node.kind == "boundary":
        _fire_boundary(run, node, waiting, token)
    elif token.mode == "events":
        run.release(token)
        run.passed.append(node.id)
        leave(run, node, token.frame)
    elif _repeats(waiting):
        _again(run, node, waiting, token)
        run.live[token.frame] += 1
        leave(run, node, token.frame)
    else:
        done(run, token)


def _repeats(waiting: Waiting) -> bool:
    return waiting.left is not None and waiting.left != 1


def _again(run: Run, node: Node, waiting: Waiting, token: Token | None) -> None:
    """A new wait for the next pass: each wait is fired exactly once."""
    run.close_wait(waiting.id)
    event = node.event
    if event is None:
        return
    if waiting.left is not None:
        if waiting.left != 1:
            listen(run, node, waiting.frame, token, max(waiting.left - 1, -1))
    elif event.kind != "timer":
        listen(run, node, waiting.frame, token)


def _fire_handler(run: Run, node: Node, waiting: Waiting) -> None:
    if node.interrupting:
        interrupt(run, run.state.frames[waiting.frame], node)
    else:
        _again(run, node, waiting, None)
        beside(run, waiting.frame, node)


def _fire_boundary(run: Run, node: Node, waiting: Waiting, token: Token) -> None:
    frame = token.frame
    if node.interrupting:
        run.cancel(token)
        run.push(node.id, frame)
        drop(run, frame)
    else:
        _again(run, node, waiting, token)
        run.push(node.id, frame)


def beside(run: Run, frame: int, start: Node) -> None:
    """Run an event sub-process beside what goes on in its scope."""
    run.live[frame] += 1
    inner = open_scope(run, start.scope, frame)
    run.push(start.id, inner)


def interrupt(run: Run, frame: Frame, start: Node) -> None:
    """Run an event sub-process instead of what goes on in its scope."""
    owner = None if frame.owner is None else run.state.tokens[frame.owner]
    run.kill(frame)
    inner = open_scope(
        run, start.scope, frame.parent, owner, local=frame.local, gathers=frame.gathers
    )
    run.push(start.id, inner)


def settle_conditions(run: Run) -> bool:
    """Fire the conditional events that have become true; whether any did."""
    fired = False
    for waiting in list(run.state.waits.values()):
        event = run.plan.nodes[waiting.node].event
        if event is None or event.kind != "condition" or waiting.id not in run.state.waits:
            continue
        holds = _condition_holds(run, event, waiting)
        if holds and waiting.key is None:
            fired = True
            waiting.key = "true"  # not again until it has been false
            _fire_condition(run, waiting)
        elif not holds:
            waiting.key = None
    return fired


def _condition_holds(run: Run, event: Event, waiting: Waiting) -> bool:
    token = None if waiting.token is None else run.state.tokens[waiting.token]
    local = None if token is None else token.more.get("local")
    try:
        return truth(run, event.text or "", waiting.frame, local)
    except Failure:
        return False  # a name it asks for is not known yet: it does not hold


def _fire_condition(run: Run, waiting: Waiting) -> None:
    node = run.plan.nodes[waiting.node]
    if node.kind in ("boundary", "start") and not node.interrupting:
        if waiting.token is None:
            beside(run, waiting.frame, node)
        else:
            run.push(node.id, waiting.frame)
    else:
        fire(run, waiting)


# --- throwing -------------------------------------------------------------------------------


def throw(run: Run, node: Node, frame: int, _via: str | None) -> None:
    """An intermediate throw event: throw, and go on if still there."""
    event = node.event
    if event is not None and event.kind in ("message", "signal"):
        cast(run, node, event, frame)
    elif event is not None and event.kind == "escalation":
        escalate(run, frame, event)
    if frame in run.state.frames:
        leave(run, node, frame)


def end(run: Run, node: Node, frame: int, _via: str | None) -> None:
    """An end event: throw what it throws, and end."""
    event = node.event
    match None if event is None else event.kind:
        case "message" | "signal" if event is not None:
            cast(run, node, event, frame)
        case "escalation" if event is not None:
            escalate(run, frame, event)
        case "error" if event is not None:
            if not raise_error(run, frame, event.name):
                raise Failure("uncaught_error", event.name or "")
            return
        case "cancel":
            _cancel_transaction(run, frame)
            return
        case "terminate":
            run.clear(run.state.frames[frame])
            run.live[frame] = 1
    if frame in run.state.frames:
        drop(run, frame)


def cast(run: Run, node: Node, event: Event, frame: int, **payload: Any) -> None:
    """Throw a message to one, a signal to all who listen in this case; the rest goes out."""
    name = event.name or ""
    key = None if event.correlation is None else str(value(run, event.correlation, frame))
    payload = {k: value(run, text, frame) for k, text in node.params.items()} | payload
    listening = [
        w
        for w in run.state.waits.values()
        if (other := run.plan.nodes[w.node].event) is not None
        and other.kind == event.kind
        and other.name == name
        and w.key == key
    ]
    if event.kind == "message":
        listening = listening[:1]
    for waiting in listening:
        if waiting.id in run.state.waits:
            fire(run, waiting, payload)
    if event.kind == "signal" or not listening:
        run.thrown.append(
            Thrown("signal" if event.kind == "signal" else "message", name, node.id, key, payload, event.expires)
        )  # fmt: skip


def escalate(run: Run, frame: int, event: Event) -> None:
    """Tell the nearest scope that listens for this escalation; nobody has to."""
    caught = _catcher(run, frame, "escalation", event.name)
    if caught is None:
        return
    node, where, token = caught
    if node.interrupting:
        _catch(run, node, where, token)
    elif token is None:
        beside(run, where.id, node)
    else:
        run.push(node.id, token.frame)


def raise_error(run: Run, frame: int, code: str | None) -> bool:
    """Hand an error to the nearest scope or activity that catches it; whether anybody did."""
    caught = _catcher(run, frame, "error", code)
    if caught is None:
        return False
    _catch(run, *caught)
    return True


def boundary_error(run: Run, token: Token, code: str | None, *, any_code: bool) -> bool:
    """Hand a failure to an error boundary of the activity itself."""
    outer = run.state.tokens[token.more["of"]] if "of" in token.more else token
    node = _boundary(run, outer, "error", code)
    if node is None and any_code:
        node = _boundary(run, outer, "error", None, any_code=True)
    if node is None:
        return False
    _catch(run, node, run.state.frames[outer.frame], outer)
    return True


def _catch(run: Run, node: Node, where: Frame, token: Token | None) -> None:
    if token is None:
        interrupt(run, where, node)
        return
    frame = token.frame
    run.cancel(token)
    run.push(node.id, frame)
    drop(run, frame)


def _catcher(
    run: Run, frame: int, kind: str, code: str | None
) -> tuple[Node, Frame, Token | None] | None:
    inside_handler = False
    for around in list(run.around(frame)):
        if not inside_handler:
            starts = [run.plan.nodes[h] for h in run.plan.scopes[around.scope].handlers]
            if (node := _matching(starts, kind, code)) is not None:
                return node, around, None
        inside_handler = around.owner is None
        if around.owner is None:
            continue
        token = run.state.tokens[around.owner]
        outer = run.state.tokens[token.more["of"]] if "of" in token.more else token
        if (node := _boundary(run, outer, kind, code)) is not None:
            return node, around, outer
    return None


def _boundary(
    run: Run, token: Token, kind: str, code: str | None, *, any_code: bool = False
) -> Node | None:
    nodes = [run.plan.nodes[b] for b in run.plan.nodes[token.node].boundaries]
    return _matching(nodes, kind, code, any_code=any_code)


def _matching(
    nodes: list[Node], kind: str, code: str | None, *, any_code: bool = False
) -> Node | None:
    """The one that names the code before the one that catches all."""
    listening = [n for n in nodes if n.event is not None and n.event.kind == kind]
    for node in listening:
        if code is not None and node.event is not None and node.event.name == code:
            return node
    for node in listening:
        if any_code or (node.event is not None and node.event.name is None):
            return node
    return None


def _cancel_transaction(run: Run, frame: int) -> None:
    for around in list(run.around(frame)):
        if around.owner is None:
            continue
        token = run.state.tokens[around.owner]
        if run.plan.nodes[token.node].transaction:
            outer = run.state.tokens[token.more["of"]] if "of" in token.more else token
            node = _boundary(run, outer, "cancel", None)
            if node is None:
                raise Failure("uncaught_cancel", "the transaction has no cancel boundary")
            _catch(run, node, around, outer)
            return
    raise Failure("uncaught_cancel", "the cancel end event lies in no transaction")
