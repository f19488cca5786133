"""Turn the XML of one process into nodes a token can stand on.

SpiffWorkflow runs what comes of this, but does not read it: its parser drops a flow without an id,
stops at what the standard leaves unsaid, recurses once for each element in a row, lets raw Python
errors out and never knows a line. A problem without its place helps nobody, so reading is ours;
`blueprint` makes SpiffWorkflow's specifications of it.
"""

from dataclasses import dataclass, field

from workflows.engine.plan import Event, Flow, Loop, Node, Scope
from workflows.engine.xml import (
    Element,
    child,
    children,
    extensions,
    is_true,
    local,
    ours,
    text,
    unprefixed,
)

KINDS = {
    "startEvent": "start",
    "endEvent": "end",
    "intermediateCatchEvent": "catch",
    "intermediateThrowEvent": "throw",
    "boundaryEvent": "boundary",
    "task": "task",
    "userTask": "task",
    "manualTask": "task",
    "scriptTask": "script",
    "serviceTask": "action",
    "sendTask": "send",
    "receiveTask": "receive",
    "businessRuleTask": "decision",
    "callActivity": "call",
    "subProcess": "scope",
    "transaction": "scope",
    "adHocSubProcess": "scope",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    "inclusiveGateway": "inclusive",
    "eventBasedGateway": "events",
    "complexGateway": "complex",
}
EVENTS = {
    "timerEventDefinition": "timer",
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "conditionalEventDefinition": "condition",
    "cancelEventDefinition": "cancel",
    "terminateEventDefinition": "terminate",
    "compensateEventDefinition": "compensation",
    "linkEventDefinition": "link",
}
ACTIVITIES = ("task", "script", "action", "send", "receive", "decision", "call", "apart", "scope")
SCOPES = ("subProcess", "transaction", "adHocSubProcess")


@dataclass(slots=True)
class Reading:
    """What has been read: nodes and scopes to run, and the element each node came from."""

    root: Element
    nodes: dict[str, Node] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    flows: dict[str, Element] = field(default_factory=dict)
    globals: dict[str, Element] = field(default_factory=dict)


def read_process(root: Element, process: Element, prefix: str = "") -> Reading:
    """Read a process with its sub-processes, each into a scope of its own."""
    reading = Reading(root, globals={e.get("id", ""): e for e in root})
    pending: list[tuple[Element, str, str | None]] = [(process, process.get("id", ""), None)]
    while pending:
        holder, scope, parent = pending.pop()
        inner = _read_scope(reading, holder, scope, parent, prefix)
        pending.extend((element, f"{prefix}{element.get('id')}", scope) for element in inner)
    return reading


def _read_scope(
    reading: Reading, holder: Element, scope: str, parent: str | None, prefix: str
) -> list[Element]:
    flows = list(children(holder, "sequenceFlow"))
    members = [e for e in holder if local(e) in KINDS and e.get("id")]
    leaving: dict[str, list[Element]] = {}
    arriving: dict[str, list[str]] = {}
    for flow in flows:
        leaving.setdefault(flow.get("sourceRef", ""), []).append(flow)
        arriving.setdefault(flow.get("targetRef", ""), []).append(prefix + flow.get("id", ""))
        reading.flows[prefix + flow.get("id", "")] = flow
    attached: dict[str, list[str]] = {}
    for event in children(holder, "boundaryEvent"):
        host = unprefixed(event.get("attachedToRef"))
        attached.setdefault(host, []).append(prefix + event.get("id", ""))
    for element in members:
        own = element.get("id", "")
        around = Around(leaving.get(own, []), arriving.get(own, []), attached.get(own, []))
        node = _node(reading, element, scope, prefix, around)
        reading.nodes[node.id] = node
        reading.elements[node.id] = element
    handlers = [e for e in members if local(e) in SCOPES and is_true(e.get("triggeredByEvent"))]
    starts = [e for e in members if local(e) == "startEvent"]
    if not starts:  # the standard's implicit start: whatever nothing leads to
        starts = [
            e
            for e in members
            if e.get("id") not in arriving and e not in handlers and local(e) != "boundaryEvent"
        ]
    reading.scopes[scope] = Scope(
        starts=tuple(prefix + e.get("id", "") for e in starts),
        handlers=tuple(
            prefix + start.get("id", "") for e in handlers for start in children(e, "startEvent")
        ),
        parent=parent,
    )
    return [e for e in members if local(e) in SCOPES]


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds an element."""

    leaving: list[Element]
    arriving: list[str]
    boundaries: list[str]


def _node(reading: Reading, element: Element, scope: str, prefix: str, around: Around) -> Node:
    kind = KINDS[local(element)]
    own = element.get("id", "")
    default = element.get("default")
    attached = element.get("attachedToRef")
    calls = next(extensions(element, "action"), None)
    called = unprefixed(element.get("calledElement")) or None
    if kind == "call" and ours(element, "case") == "own":
        kind = "apart"
    if kind == "exclusive" and default is None and len(around.leaving) > 1:
        bare = [flow for flow in around.leaving if child(flow, "conditionExpression") is None]
        if len(bare) == 1:  # the only flow without a condition can but be the default
            default = bare[0].get("id")
    return Node(
        id=prefix + own,
        kind=kind,
        scope=scope,
        incoming=tuple(around.arriving),
        outgoing=tuple(_flow(flow, prefix) for flow in around.leaving),
        default=prefix + default if default else None,
        event=_event(reading, element),
        interrupting=is_true(
            element.get("isInterrupting" if kind == "start" else "cancelActivity"), default=True
        ),
        boundaries=tuple(around.boundaries),
        attached_to=prefix + attached if attached else None,
        loop=_loop(reading, element),
        script=text(child(element, "script", "activationCondition")) or None,
        action=calls.get("name") if calls is not None else None,
        params=_params(calls) or _given(element),
        decision=ours(element, "decision"),
        each=ours(element, "each"),
        result=ours(element, "into"),
        called=called if kind == "call" else None,
        process=called if kind == "apart" else None,
        version=ours(element, "version") or "latest",
        of=(ours(element, "of") or "unit") if kind == "apart" else "unit",
        transaction=local(element) == "transaction",
    )


def _flow(flow: Element, prefix: str) -> Flow:
    condition = child(flow, "conditionExpression")
    return Flow(
        prefix + flow.get("id", ""),
        prefix + flow.get("targetRef", ""),
        None if condition is None else text(condition),
    )


def _params(action: Element | None) -> dict[str, str]:
    if action is None:
        return {}
    return {p.get("name", ""): text(p) for p in action if str(p.tag).endswith("}param")}


def _given(element: Element) -> dict[str, str]:
    """What an event sends along, or a call gives to the case it starts."""
    return {p.get("name", ""): text(p) for p in extensions(element, "param")}


def _event(reading: Reading, element: Element) -> Event | None:
    kind = local(element)
    if kind in ("sendTask", "receiveTask"):
        return _message(reading, element.get("messageRef"))
    if not kind.endswith("Event"):
        return None
    definition = child(element, *EVENTS)
    return Event("none") if definition is None else _defined(reading, element, definition)


def _defined(reading: Reading, element: Element, definition: Element) -> Event:
    which = EVENTS.get(local(definition), "none")
    match which:
        case "message":
            return _message(reading, definition.get("messageRef"))
        case "signal" | "error" | "escalation":
            referred = reading.globals.get(unprefixed(definition.get(f"{which}Ref")))
            code = "name" if which == "signal" else f"{which}Code"
            found = None if referred is None else referred.get(code) or referred.get("id")
            return Event(which, found)
        case "timer":
            rule = child(definition, "timeDate", "timeDuration", "timeCycle")
            form = "" if rule is None else local(rule).removeprefix("time").lower()
            missed = ours(definition, "missed") or ours(element, "missed") or "once"
            return Event("timer", text=text(rule), form=form, missed=missed)
        case "condition":
            return Event("condition", text=text(child(definition, "condition")))
        case "link":
            return Event("link", definition.get("name"))
        case _:
            return Event(which)


def _message(reading: Reading, reference: str | None) -> Event:
    message = reading.globals.get(unprefixed(reference))
    if message is None:
        return Event("message")
    correlation = next(extensions(message, "correlation"), None)
    return Event(
        "message",
        message.get("name") or message.get("id"),
        correlation=None if correlation is None else text(correlation),
        expires=ours(message, "expires"),
    )


def _loop(reading: Reading, element: Element) -> Loop | None:
    standard = child(element, "standardLoopCharacteristics")
    if standard is not None:
        maximum = standard.get("loopMaximum")
        return Loop(
            "standard",
            condition=text(child(standard, "loopCondition")) or None,
            test_before=is_true(standard.get("testBefore")),
            maximum=int(maximum) if maximum and maximum.isdigit() else None,
        )
    multi = child(element, "multiInstanceLoopCharacteristics")
    if multi is None:
        return None
    behaviour = multi.get("behavior", "All")
    referred = reading.globals.get(unprefixed(multi.get(f"{behaviour.lower()}BehaviorEventRef")))
    item = child(multi, "inputDataItem")
    output = child(multi, "outputDataItem")
    return Loop(
        "sequential" if is_true(multi.get("isSequential")) else "parallel",
        count=text(child(multi, "loopCardinality")) or None,
        over=text(child(multi, "loopDataInputRef")) or None,
        item=None if item is None else item.get("name") or item.get("id"),
        into=text(child(multi, "loopDataOutputRef")) or None,
        output=None if output is None else output.get("name") or output.get("id"),
        until=text(child(multi, "completionCondition")) or None,
        throws=None if referred is None else _defined(reading, element, referred),
        throws_once=behaviour == "One",
    )
