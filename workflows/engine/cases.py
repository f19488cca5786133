"""Begin a case and carry it on: the two functions everything else calls."""

from collections.abc import Mapping
from typing import Any

from workflows.engine.activities import BODIES, activity, body
from workflows.engine.diagrams import Compiled
from workflows.engine.evaluating import Failure, own
from workflows.engine.events import (
    boundary_error,
    end,
    fire,
    listen,
    open_scope,
    raise_error,
    settle_conditions,
    throw,
)
from workflows.engine.flowing import assign, done, drop, leave
from workflows.engine.gateways import (
    complex_gateway,
    event_based,
    exclusive,
    inclusive,
    parallel,
    settle_joins,
    settle_stuck,
)
from workflows.engine.plan import Node
from workflows.engine.progress import (
    Command,
    Complete,
    Correct,
    Deliver,
    Done,
    Facts,
    Failed,
    Fire,
    MoveTo,
    Progress,
    Retry,
    Skip,
)
from workflows.engine.running import Enter, Run
from workflows.engine.state import State, Token, Waiting, read_state
from workflows.errors import Conflict


def begin(compiled: Compiled, data: Mapping[str, Any], facts: Facts) -> Progress:
    """Start a case with what is known from the beginning."""
    plan = compiled.plan
    run = Run(plan, State(own(data)), facts)
    frame = open_scope(run, plan.main, None)
    for start in plan.scopes[plan.main].starts:
        run.push(start, frame)
    return _settled(run)


def advance(compiled: Compiled, state: bytes, command: Command, facts: Facts) -> Progress:
    """Take one command and run until the case rests again.

    :raises Conflict: if what the command speaks of is no longer open
    :raises Invalid: if the data is not plain
    :raises BrokenState: if the state cannot be read
    """
    run = Run(compiled.plan, read_state(state), facts)
    match command:
        case Complete(step_id, answers):
            _finish(run, _token(run, step_id, "task"), answers)
        case Done(action_id, answers):
            _finish(run, _token(run, action_id, "action"), answers)
        case Failed(action_id, code, params):
            _fail(run, _token(run, action_id, "action"), code, params)
        case Fire(wait_id):
            fire(run, _wait(run, wait_id))
        case Deliver(wait_id, payload):
            fire(run, _wait(run, wait_id), payload)
        case Retry(incident_id, data):
            run.state.data.update(own(data))
            _retry(run, _token(run, incident_id, "incident"))
        case Skip(key):
            _skip(run, key)
        case MoveTo(key, element):
            _move(run, key, element)
        case Correct(data):
            run.state.data.update(own(data))
    return _settled(run)


def _settled(run: Run) -> Progress:
    """Run until nothing moves, not even what only looks at what the others do."""
    moved = True
    while moved:
        run.go()
        moved = settle_joins(run) or settle_conditions(run) or bool(run.queue or run.late)
    settle_stuck(run)
    return run.progress()


# --- finding --------------------------------------------------------------------------------


def _token(run: Run, key: str, *modes: str) -> Token:
    token = run.state.tokens.get(int(key)) if key.isdecimal() else None
    if token is None or (modes and token.mode not in modes):
        raise Conflict("not_open", id=key)
    return token


def _wait(run: Run, key: str) -> Waiting:
    waiting = run.state.waits.get(int(key)) if key.isdecimal() else None
    if waiting is None:
        raise Conflict("not_open", id=key)
    return waiting


# --- commands -------------------------------------------------------------------------------


def _finish(run: Run, token: Token, answers: Mapping[str, Any]) -> None:
    assign(run, token.frame, token, answers)
    done(run, token)


def _fail(run: Run, token: Token, code: str, params: Mapping[str, Any]) -> None:
    if boundary_error(run, token, code, any_code=False) or raise_error(run, token.frame, code):
        return
    run.report(token, Failure(code, "the action failed", tuple(sorted(params))))


def _retry(run: Run, token: Token) -> None:
    node = run.plan.nodes[token.node]
    if "of" in token.more:
        run.rest(token)
        body(run, node, token)
    elif token.more.pop("done", False):
        run.rest(token)
        token.mode = "body"
        done(run, token)
    else:
        run.cancel(token)
        run.push(token.node, token.frame, token.via)
        drop(run, token.frame)


def _skip(run: Run, key: str) -> None:
    if key.isdecimal() and int(key) in run.state.waits:
        fire(run, run.state.waits[int(key)])
        return
    token = _token(run, key, "task", "action", "wait", "incident")
    node = run.plan.nodes[token.node]
    if node.kind not in BODIES and node.kind not in ("catch", "throw"):
        raise Conflict("cannot_skip", element=node.id)
    if token.more.get("done"):
        raise Conflict("cannot_skip", element=node.id)
    done(run, token)


def _move(run: Run, key: str, element: str) -> None:
    token = _token(run, key)
    target = run.plan.nodes.get(element)
    scope = run.state.frames[token.frame].scope
    if target is None or target.scope != scope or target.kind == "boundary":
        raise Conflict("cannot_move", element=element)
    if "of" in token.more:
        raise Conflict("inside_a_loop", element=token.node)
    run.cancel(token)
    run.push(target.id, token.frame)
    drop(run, token.frame)


# --- what a token does at each kind of node -------------------------------------------------


def _pass(run: Run, node: Node, frame: int, _via: str | None) -> None:
    leave(run, node, frame)


def _catch(run: Run, node: Node, frame: int, via: str | None) -> None:
    token = run.hold(node, frame, "wait", via)
    try:
        listen(run, node, frame, token)
    except Failure as failure:
        run.report(token, failure)


_ENTER: dict[str, Enter] = {
    **dict.fromkeys(BODIES, activity),
    "start": _pass,
    "boundary": _pass,
    "catch": _catch,
    "throw": throw,
    "end": end,
    "exclusive": exclusive,
    "parallel": parallel,
    "inclusive": inclusive,
    "complex": complex_gateway,
    "events": event_based,
}
Run.enter = _ENTER
Run.body = staticmethod(body)
