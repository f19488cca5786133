"""Everything that would make a diagram run otherwise than drawn, element by element."""

from collections.abc import Callable, Iterator
from typing import Any

from workflows.engine.plan import Event, Node, Plan
from workflows.engine.problems import Problem
from workflows.engine.reading import EVENTS, KINDS, SCOPES, Reading, located
from workflows.engine.timing import is_cycle
from workflows.engine.xml import Element, child, children, is_true, local, text

Found = Iterator[Problem]

# What may lie in a process without being a node; it draws or documents and changes nothing.
HARMLESS = {
    "sequenceFlow", "laneSet", "dataObject", "dataObjectReference", "dataStoreReference",
    "association", "textAnnotation", "group", "documentation", "extensionElements",
    "ioSpecification",
    "property", "auditing", "monitoring", "category", "incoming", "outgoing", "dataInput",
    "dataOutput", "correlationSubscription", "resourceRole", "supports", "artifact", "script",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "dataInputAssociation",
    "dataOutputAssociation", "completionCondition",
}  # fmt: skip
ACTIVITIES = (
    "task", "script", "action", "send", "receive", "decision", "call", "scope"
)  # fmt: skip
ALLOWED_EVENTS = {
    "start": ("none", "timer", "message", "signal"),
    "catch": ("timer", "message", "signal", "condition"),
    "throw": ("none", "message", "signal", "escalation"),
    "end": ("none", "message", "signal", "error", "escalation", "terminate", "cancel"),
    "boundary": ("timer", "message", "signal", "error", "escalation", "condition", "cancel"),
    "handler": ("timer", "message", "signal", "error", "escalation", "condition"),
}
PYTHON = (
    "",
    "python",
    "text/python",
    "text/x-python",
    "application/python",
    "application/x-python",
)


def check_elements(reading: Reading, plan: Plan) -> Found:
    """Every problem that can be seen by looking at one element and its neighbours."""
    for node in reading.nodes.values():
        element = reading.elements[node.id]
        for check in CHECKS.get(node.kind, ()):
            yield from check(node, element, plan)
        if node.event is not None:
            yield from _event(node, element, plan)
        if node.kind in ACTIVITIES:
            yield from _activity(node, element, plan)


def check_file(root: Element) -> Found:
    """Problems of the file as a whole: ids, flows to nowhere, elements we cannot run."""
    seen: dict[str, Element] = {}
    for element in root.iter():
        own = element.get("id")
        if not own or not local(element):
            continue
        if own in seen:
            yield located(element, "duplicate_id", first=seen[own].sourceline)
        seen.setdefault(own, element)
    for holder in root.iter():
        if local(holder) == "process" or local(holder) in SCOPES:
            yield from _scope(holder)


def _scope(holder: Element) -> Found:
    members = {e.get("id") for e in holder if local(e) in KINDS}
    for element in holder:
        name = local(element)
        if name == "sequenceFlow":
            for end in ("sourceRef", "targetRef"):
                if element.get(end) not in members:
                    yield located(element, "flow_to_nowhere", end=end, name=element.get(end))
            condition = child(element, "conditionExpression")
            if condition is not None and not text(condition):
                yield located(element, "empty_condition")
        elif name and name not in KINDS and name not in HARMLESS:
            yield located(element, "cannot_run", kind=name)
    plain = list(children(holder, "startEvent"))
    if len(plain) > 1:
        yield located(plain[1], "several_starts", first=plain[0].get("id"))


# --- events ---------------------------------------------------------------------------------


def _event(node: Node, element: Element, plan: Plan) -> Found:
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
    return any(node.id in scope.handlers for scope in plan.scopes.values())


def _definition(node: Node, element: Element, event: Event) -> Found:
    match event.kind:
        case "timer":
            yield from _timer(node, element, event)
        case "message" | "signal" if event.name is None:
            yield located(element, "event_without_name", event=event.kind)
        case "error" | "escalation" if event.name is None and node.kind in ("throw", "end"):
            yield located(element, "event_without_name", event=event.kind)
        case "condition" if not event.text:
            yield located(element, "empty_condition")


def _timer(node: Node, element: Element, event: Event) -> Found:
    if not event.text or not event.form:
        yield located(element, "timer_without_rule")
    elif event.missed not in ("once", "skip", "ask"):
        yield located(element, "unknown_missed", value=event.missed)
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


def _boundary(node: Node, element: Element, plan: Plan) -> Found:
    host = plan.nodes.get(node.attached_to or "")
    if host is None or host.kind not in ACTIVITIES or host.scope != node.scope:
        yield located(element, "attached_to_nothing", to=node.attached_to)
    if node.incoming:
        yield located(element, "flow_into", kind="boundaryEvent")


def _start(node: Node, element: Element, _plan: Plan) -> Found:
    if node.incoming:
        yield located(element, "flow_into", kind="startEvent")


def _end(node: Node, element: Element, _plan: Plan) -> Found:
    if node.outgoing:
        yield located(element, "flow_out_of_end")


# --- gateways -------------------------------------------------------------------------------


def _choice(node: Node, element: Element, _plan: Plan) -> Found:
    if len(node.outgoing) < 2:
        return
    bare = [f for f in node.outgoing if f.condition is None and f.id != node.default]
    if node.kind == "exclusive" and bare:
        yield located(element, "condition_missing", flows=[f.id for f in bare])
    elif node.default is None and not bare:
        yield Problem(
            "warning", "no_default", node.id, element.get("name"), located(element, "").line
        )


def _default(node: Node, element: Element, _plan: Plan) -> Found:
    if node.default is not None and all(f.id != node.default for f in node.outgoing):
        yield located(element, "default_to_nowhere", flow=node.default)


def _parallel(node: Node, element: Element, _plan: Plan) -> Found:
    for flow in node.outgoing:
        if flow.condition is not None:
            yield warning(element, "condition_ignored", flow=flow.id)


def _complex(node: Node, element: Element, _plan: Plan) -> Found:
    if len(node.incoming) > 1 and not node.script:
        yield located(element, "no_activation_condition")


def _event_based(node: Node, element: Element, plan: Plan) -> Found:
    if is_true(element.get("instantiate")) or element.get("eventGatewayType") == "Parallel":
        yield located(element, "cannot_run", kind="eventBasedGateway")
    if not node.outgoing:
        yield located(element, "no_events")
    for flow in node.outgoing:
        target = plan.nodes.get(flow.target)
        waits = target is not None and target.kind in ("catch", "receive")
        if target is None or not waits or len(target.incoming) > 1 or target.boundaries:
            yield located(element, "not_an_event", to=flow.target)
        if flow.condition is not None:
            yield located(element, "condition_on_event", flow=flow.id)


# --- activities -----------------------------------------------------------------------------


def _activity(node: Node, element: Element, plan: Plan) -> Found:
    for attribute in ("startQuantity", "completionQuantity"):
        if element.get(attribute, "1").strip() != "1":
            yield located(element, "cannot_run", kind=attribute)
    if is_true(element.get("isForCompensation")):
        yield located(element, "cannot_run", kind="compensation")
    for owner in children(element, "potentialOwner", "humanPerformer", "performer", "resourceRole"):
        yield located(element, "resource_role", kind=local(owner))
    yield from _data(element)
    yield from _loop(node, element, plan)


def _data(element: Element) -> Found:
    associations = list(children(element, "dataInputAssociation", "dataOutputAssociation"))
    if not associations:
        return
    root = element.getroottree().getroot()
    stores = {e.get("id") for e in root.iter() if local(e).startswith("dataStore")}
    for association in associations:
        ends = {text(e) for e in children(association, "sourceRef", "targetRef")}
        if ends & stores:
            yield located(element, "data_store")
        if child(association, "assignment", "transformation") is not None:
            yield located(element, "cannot_run", kind="assignment")


def _loop(node: Node, element: Element, plan: Plan) -> Found:
    loop = node.loop
    if loop is None:
        return
    if loop.kind == "standard":
        if loop.condition is None and loop.maximum is None:
            yield located(element, "loop_without_end")
        return
    if loop.count is None and loop.over is None:
        yield located(element, "instances_unknown")
    if loop.count is not None and loop.count.lstrip().startswith("-"):
        yield located(element, "instances_negative")
    multi = child(element, "multiInstanceLoopCharacteristics")
    behaviour = "All" if multi is None else multi.get("behavior", "All")
    if behaviour in ("One", "None"):
        events = [plan.nodes[b].event for b in node.boundaries]
        if loop.throws is None or not any(
            e is not None and e.kind == loop.throws.kind and e.name == loop.throws.name
            for e in events
        ):
            yield located(element, "instance_event_uncaught", behaviour=behaviour)
    elif behaviour != "All":
        yield located(element, "cannot_run", kind=f"behavior {behaviour}")


def _script(node: Node, element: Element, _plan: Plan) -> Found:
    language = (element.get("scriptFormat") or "").strip().lower()
    if language not in PYTHON:
        yield located(element, "script_language", language=language)
    if not node.script:
        yield located(element, "script_missing")


def _action(node: Node, element: Element, _plan: Plan) -> Found:
    if node.action is None:
        yield located(element, "action_missing")


def _message_task(node: Node, element: Element, _plan: Plan) -> Found:
    if node.action is None and (node.event is None or node.event.name is None):
        yield located(element, "event_without_name", event="message")


def _called(node: Node, element: Element, plan: Plan) -> Found:
    if node.called not in plan.scopes:
        yield located(element, "unknown_process", process=element.get("calledElement"))
        return
    if _calls(plan, node.called, {node.called}, plan.nodes[node.id].scope):
        yield located(element, "calls_itself", process=element.get("calledElement"))


def _calls(plan: Plan, called: str, seen: set[str], home: str) -> bool:
    """Whether `called` leads back to the process that `home` lies in."""
    top = home
    while (outer := plan.scopes[top].parent) is not None:
        top = outer
    pending = [called]
    while pending:
        process = pending.pop()
        if process == top:
            return True
        for node in plan.nodes.values():
            if node.called is None or node.called in seen or node.called not in plan.scopes:
                continue
            scope = node.scope
            while (outer := plan.scopes[scope].parent) is not None:
                scope = outer
            if scope == process:
                seen.add(node.called)
                pending.append(node.called)
    return False


def _sub_process(node: Node, element: Element, plan: Plan) -> Found:
    if local(element) == "adHocSubProcess":
        yield located(element, "cannot_run", kind="adHocSubProcess")
    if not is_true(element.get("triggeredByEvent")):
        if not plan.scopes[node.id].starts:
            yield located(element, "nothing_inside")
        return
    if node.incoming or node.outgoing:
        yield located(element, "flow_into", kind="event sub-process")
    starts = list(children(element, "startEvent"))
    if len(starts) != 1:
        yield located(element, "event_start_missing")
        return
    interrupts = is_true(starts[0].get("isInterrupting"), default=True)
    if child(starts[0], "errorEventDefinition") is not None and not interrupts:
        yield located(starts[0], "error_must_interrupt")


def warning(element: Element, code: str, **params: Any) -> Problem:
    """Something to look at that does not keep the diagram from running."""
    error = located(element, code, **params)
    return Problem("warning", code, error.element, error.name, error.line, params)


CHECKS: dict[str, tuple[Callable[[Node, Element, Plan], Found], ...]] = {
    "start": (_start,),
    "end": (_end,),
    "boundary": (_boundary,),
    "exclusive": (_choice, _default),
    "inclusive": (_choice, _default),
    "complex": (_choice, _default, _complex),
    "parallel": (_parallel,),
    "events": (_event_based,),
    "script": (_script,),
    "action": (_action,),
    "send": (_message_task,),
    "receive": (_message_task,),
    "call": (_called,),
    "scope": (_sub_process,),
}
