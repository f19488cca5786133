"""Everything that would make a diagram run otherwise than drawn, element by element."""

from collections import Counter
from collections.abc import Callable

from workflows.engine.activity_checking import (
    action,
    activity,
    apart,
    called,
    message_task,
    script,
    sub_process,
)
from workflows.engine.event_checking import boundary, end, event, start
from workflows.engine.locating import Found, located, warning
from workflows.engine.plan import Node, Plan
from workflows.engine.reading import ACTIVITIES, KINDS, SCOPES, Reading
from workflows.engine.xml import Element, child, children, is_true, local, text

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


JOINS = ("parallel", "inclusive", "complex")


def check_elements(reading: Reading, plan: Plan) -> Found:
    """Every problem that can be seen by looking at one element and its neighbours."""
    if not reading.nodes:
        yield located(next(children(reading.root, "process")), "nothing_to_run")
    for node in reading.nodes.values():
        element = reading.elements[node.id]
        for check in CHECKS.get(node.kind, ()):
            yield from check(node, element, plan)
        if len(node.outgoing) > 1:
            yield from _twins(node, element, plan)
        if node.event is not None:
            yield from event(node, element, plan)
        if node.kind in ACTIVITIES:
            yield from activity(node, element, plan)


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
            for which in ("sourceRef", "targetRef"):
                if element.get(which) not in members:
                    yield located(element, "flow_to_nowhere", end=which, name=element.get(which))
            condition = child(element, "conditionExpression")
            if condition is not None and not text(condition):
                yield located(element, "empty_condition")
        elif name and name not in KINDS and name not in HARMLESS:
            yield located(element, "cannot_run", kind=name)
    plain = list(children(holder, "startEvent"))
    if len(plain) > 1:
        yield located(plain[1], "several_starts", first=plain[0].get("id"))


def _twins(node: Node, element: Element, plan: Plan) -> Found:
    """Two flows to the same join: tokens are told apart by the element they come from."""
    takes_all = node.kind == "parallel" or all(flow.condition is None for flow in node.outgoing)
    for target, count in Counter(flow.target for flow in node.outgoing).items():
        kind = plan.nodes[target].kind if target in plan.nodes else ""
        if count > 1 and kind in JOINS and not (kind == "parallel" and takes_all):
            yield located(element, "twin_flows", to=target)


# --- gateways -------------------------------------------------------------------------------


def _choice(node: Node, element: Element, _plan: Plan) -> Found:
    if len(node.outgoing) < 2:
        return
    bare = [f for f in node.outgoing if f.condition is None and f.id != node.default]
    if node.kind == "exclusive" and bare:
        yield located(element, "condition_missing", flows=[f.id for f in bare])
    elif node.default is None and not bare:
        yield warning(element, "no_default")


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


CHECKS: dict[str, tuple[Callable[[Node, Element, Plan], Found], ...]] = {
    "start": (start,),
    "end": (end,),
    "boundary": (boundary,),
    "exclusive": (_choice, _default),
    "inclusive": (_choice, _default),
    "complex": (_choice, _default, _complex),
    "parallel": (_parallel,),
    "events": (_event_based,),
    "script": (script,),
    "action": (action,),
    "send": (message_task,),
    "receive": (message_task,),
    "call": (called,),
    "apart": (apart,),
    "scope": (sub_process,),
}
