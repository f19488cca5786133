"""What activities do: steps for people, scripts, actions, decisions, sub-processes and calls."""

from typing import Any

from workflows.engine.deciding import decide
from workflows.engine.evaluating import Failure, Names, value
from workflows.engine.events import boundary_error, cast, listen, open_scope
from workflows.engine.flowing import assign, done, start_loop
from workflows.engine.plan import Node
from workflows.engine.progress import Action, Step
from workflows.engine.running import SCRIPT, Run
from workflows.engine.scripting import run_script
from workflows.engine.state import Token
from workflows.errors import Invalid

MAX_DEPTH = 60


def activity(run: Run, node: Node, frame: int, via: str | None) -> None:
    """A token reaches an activity: listen at its boundary, then work once or in rounds."""
    token = run.hold(node, frame, "body", via)
    try:
        for boundary in node.boundaries:
            listen(run, run.plan.nodes[boundary], frame, token)
        if node.loop is not None:
            start_loop(run, node, token, node.loop)
            return
    except Failure as failure:
        run.report(token, failure)
        return
    body(run, node, token)


def body(run: Run, node: Node, token: Token) -> None:
    """Do the work once; a failure goes to the error boundary drawn on it, else to people."""
    token.mode = "body"
    try:
        BODIES[node.kind](run, node, token)
    except Failure as failure:
        if not boundary_error(run, token, failure.code, any_code=True):
            run.report(token, failure)


def _task(run: Run, node: Node, token: Token) -> None:
    token.mode = "task"
    item = (token.more.get("local") or {}).get("item")
    run.opened[token.id] = Step(str(token.id), node.id, item)


def _script(run: Run, node: Node, token: Token) -> None:
    run.spent += SCRIPT
    names = Names(run, token.frame, token.more.get("local"))
    result = run_script(node.script or "", names, run.facts.functions)
    try:
        assign(run, token.frame, token, result)
    except Invalid as invalid:
        raise Failure("script_failed", invalid.code, tuple(sorted(result))) from invalid
    done(run, token)


def _action(run: Run, node: Node, token: Token) -> None:
    local = token.more.get("local")
    params = {name: value(run, text, token.frame, local) for name, text in node.params.items()}
    token.mode = "action"
    run.actions[token.id] = Action(str(token.id), node.id, node.action or "", params)


def _send(run: Run, node: Node, token: Token) -> None:
    if node.action is not None:
        _action(run, node, token)
    elif node.event is not None:
        cast(run, node, node.event, token.frame)
        if token.id in run.state.tokens:
            done(run, token)


def _receive(run: Run, node: Node, token: Token) -> None:
    token.mode = "wait"
    listen(run, node, token.frame, token)


def _decision(run: Run, node: Node, token: Token) -> None:
    names = Names(run, token.frame, token.more.get("local"))
    assign(run, token.frame, token, decide(run.plan, node, names))
    done(run, token)


def _scope(run: Run, node: Node, token: Token) -> None:
    if sum(1 for _ in run.around(token.frame)) > MAX_DEPTH:
        raise Failure("too_deep", "processes call each other too deeply")
    scope = node.called or node.id
    inner: dict[str, Any] = {
        "local": token.more.pop("local", None),
        "gathers": token.more.get("gathers", False),
    }
    frame = open_scope(run, scope, token.frame, token, **inner)
    for start in run.plan.scopes[scope].starts:
        run.push(start, frame)


BODIES = {
    "task": _task,
    "script": _script,
    "action": _action,
    "send": _send,
    "receive": _receive,
    "decision": _decision,
    "scope": _scope,
    "call": _scope,
}
