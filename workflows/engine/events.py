"""What is thrown, and who catches it: messages, signals, errors, escalations, cancelling."""

from typing import Literal, cast

from workflows.engine.evaluating import given, value
from workflows.engine.listening import fire, run_handler
from workflows.engine.plan import Event, Node
from workflows.engine.problems import Failure
from workflows.engine.progress import Thrown
from workflows.engine.spiff import Case, Live, Place


def throw(place: Place) -> bool | None:
    """Throw what an element throws; True if the token is still there afterwards."""
    event, case = place.node.event, place.case
    match None if event is None else event.kind:
        case "message" | "signal" if event is not None:
            _send(place, event)
        case "escalation" if event is not None:
            _escalate(place, event)
        case "error" if event is not None:
            if not raise_error(place, event.name):
                _end_in(event.name or "", place)
        case "cancel":
            _cancel_transaction(place)
        case "terminate":
            workflow = place.workflow
            workflow.clear()
            workflow.check_end()
    return True if place.id in case.places else None


def _send(place: Place, event: Event) -> None:
    """Hand a message to one, a signal to all who listen in this case; the rest goes out."""
    case, name = place.case, event.name or ""
    key = None if event.correlation is None else str(value(place, event.correlation))
    payload = given(place)
    listening = [
        w
        for w in case.waits.values()
        if (other := case.blueprint.plan.nodes[w.node].event) is not None
        and (other.kind, other.name, w.key) == (event.kind, event.name, key)
    ]
    for waiting in listening if event.kind == "signal" else listening[:1]:
        if waiting.id in case.waits:
            fire(case, waiting, payload)
    if event.kind == "signal" or not listening:
        kind = cast(Literal["message", "signal"], event.kind)
        case.thrown.append(Thrown(kind, name, place.node.id, key, payload, event.expires))


def _escalate(place: Place, event: Event) -> None:
    """Tell the nearest scope that listens for this escalation; nobody has to."""
    caught = _catcher(place, "escalation", event.name)
    if caught is None:
        if place.case.facts.is_called:
            thrown = Thrown("escalation", event.name or "", place.node.id)
            place.case.thrown.append(thrown)
        return
    _escalated(*caught)


def escalate(place: Place, code: str) -> None:
    """Something told by a case that was called: to the boundary of the call, else further out."""
    host = place.outer
    node = _boundary(host, "escalation", code)
    caught = (node, host.workflow, host) if node else _catcher(place, "escalation", code)
    if caught is not None:
        _escalated(*caught)


def _escalated(node: Node, live: Live, host: Place | None) -> None:
    if node.interrupting:
        _catch(node, live, host)
    elif host is None:
        run_handler(live, node)
    else:
        live.enter(node.id)


def _end_in(code: str, place: Place) -> None:
    """End a called case in an error that nobody here catches: whoever called it hears of it.

    :raises Failure: if nobody called it
    """
    case = place.case
    if not case.facts.is_called:
        raise Failure("uncaught_error", code)
    case.error = code
    case.clear()
    case.check_end()


def raise_error(place: Place, code: str | None) -> bool:
    """Hand an error to the nearest scope or activity that catches it; whether anybody did."""
    caught = _catcher(place, "error", code)
    if caught is None:
        return False
    _catch(*caught)
    return True


def boundary_error(place: Place, code: str | None, *, any_code: bool) -> bool:
    """Hand a failure to an error boundary of the activity itself.

    A script has only one way to fail, so whichever error boundary is drawn on it takes it.
    """
    host = place.outer
    node = _boundary(host, "error", code) or (
        _boundary(host, "error", None, any_code=True) if any_code else None
    )
    if node is None:
        return False
    _catch(node, host.workflow, host)
    return True


def _catch(node: Node, live: Live, host: Place | None) -> None:
    if host is None:
        live.clear()
        run_handler(live, node)
    else:
        host.cancel()
        live.enter(node.id)


def _catcher(place: Place, kind: str, code: str | None) -> tuple[Node, Live, Place | None] | None:
    """The nearest that catches: the event sub-processes of a scope, then the activity around it."""
    nodes = place.case.blueprint.plan.nodes
    live: Live = place.workflow
    inside_handler = False
    while True:
        if not inside_handler:
            handlers = place.case.blueprint.plan.scopes[live.spec.name].handlers
            node = _matching([nodes[h] for h in handlers], kind, code)
            if node is not None:
                return node, live, None
        owner = live.owner
        if owner is None:
            return None
        host = owner.outer
        if (node := _boundary(host, kind, code)) is not None:
            return node, host.workflow, host
        inside_handler = _is_handler(host.node, place.case)
        live = host.workflow


def _is_handler(node: Node, case: Case) -> bool:
    plan = case.blueprint.plan
    return any(plan.nodes[h].scope == node.id for h in plan.scopes[node.scope].handlers)


def _boundary(host: Place, kind: str, code: str | None, *, any_code: bool = False) -> Node | None:
    nodes = [host.case.blueprint.plan.nodes[b] for b in host.node.boundaries]
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


def _cancel_transaction(place: Place) -> None:
    live: Live = place.workflow
    while (owner := live.owner) is not None:
        if owner.node.transaction:
            host = owner.outer
            node = _boundary(host, "cancel", None)
            if node is None:
                raise Failure("uncaught_cancel")
            _catch(node, host.workflow, host)
            return
        live = owner.workflow
    raise Failure("uncaught_cancel")
