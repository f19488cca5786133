"""Events that cannot be waited for or thrown where they stand."""

from workflows.engine.locating import Found, located
from workflows.engine.plan import Event, Node, Plan
from workflows.engine.reading import ACTIVITIES, EVENTS
from workflows.engine.timing import is_cycle, is_span
from workflows.engine.xml import Element, children

ALLOWED_EVENTS = {
    "start": ("none", "timer", "message", "signal"),
    "catch": ("timer", "message", "signal", "condition"),
    "throw": ("none", "message", "signal", "escalation"),
    "end": ("none", "message", "signal", "error", "escalation", "terminate", "cancel"),
    "boundary": ("timer", "message", "signal", "error", "escalation", "condition", "cancel"),
    "handler": ("timer", "message", "signal", "error", "escalation", "condition"),
}


def event(node: Node, element: Element, plan: Plan) -> Found:
    event = node.event
    if event is None or node.kind in ("send", "receive"):
        return
    definitions = list(children(element, *EVENTS))
    if len(definitions) > 1:
        yield located(element, "several_events")
    role = node.kind
    if node.kind == "start" and _is_handler(node, plan):
        role = "handler"
    elif node.kind == "start" and plan.scopes[node.scope].parent is not None:
        if event.kind != "none":
            yield located(element, "event_not_here", event=event.kind)
        return
    if event.kind not in ALLOWED_EVENTS.get(role, ()):
        yield located(element, "event_not_here", event=event.kind)
        return
    yield from _definition(node, element, event)
    if node.kind == "boundary" and event.kind == "cancel":
        host = plan.nodes.get(node.attached_to or "")
        if host is not None and not host.transaction:
            yield located(element, "cancel_without_transaction")
    if node.kind == "end" and event.kind == "cancel":
        yield from _cancel(node, element, plan)


def _is_handler(node: Node, plan: Plan) -> bool:
    parent = plan.scopes[node.scope].parent
    return parent is not None and node.id in plan.scopes[parent].handlers


def _definition(node: Node, element: Element, event: Event) -> Found:
    match event.kind:
        case "timer":
            yield from _timer(node, element, event)
        case "message" | "signal" if event.name is None:
            yield located(element, "event_without_name", event=event.kind)
        case "message" if event.expires is not None and not is_span(event.expires):
            yield located(element, "unknown_expiry", value=event.expires)
        case "error" | "escalation" if event.name is None and node.kind in ("throw", "end"):
            yield located(element, "event_without_name", event=event.kind)
        case "condition" if not event.text:
            yield located(element, "empty_condition")


def _timer(node: Node, element: Element, event: Event) -> Found:
    if not event.text or not event.form:
        yield located(element, "timer_without_rule")
    elif event.form == "cycle":
        rule = event.text.strip("\"'")
        if is_cycle(rule) and rule.startswith(("R0", "R00")):
            yield located(element, "cycle_of_nothing")
        endless = not is_cycle(rule) or rule.startswith("R/")
        if node.kind == "catch" and endless:
            yield located(element, "endless_catch")


def _cancel(node: Node, element: Element, plan: Plan) -> Found:
    scope: str | None = node.scope
    while scope is not None:
        host = plan.nodes.get(scope)
        if host is not None and host.transaction:
            events = [plan.nodes[b].event for b in host.boundaries]
            if not any(e is not None and e.kind == "cancel" for e in events):
                yield located(element, "cancel_uncaught")
            return
        scope = plan.scopes[scope].parent
    yield located(element, "cancel_without_transaction")


def boundary(node: Node, element: Element, plan: Plan) -> Found:
    host = plan.nodes.get(node.attached_to or "")
    if host is None or host.kind not in ACTIVITIES or host.scope != node.scope:
        yield located(element, "attached_to_nothing", to=node.attached_to)
    if node.incoming:
        yield located(element, "flow_into", kind="boundaryEvent")


def start(node: Node, element: Element, _plan: Plan) -> Found:
    if node.incoming:
        yield located(element, "flow_into", kind="startEvent")


def end(node: Node, element: Element, _plan: Plan) -> Found:
    if node.outgoing:
        yield located(element, "flow_out_of_end")
