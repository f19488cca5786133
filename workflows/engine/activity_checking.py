"""Activities that cannot do their work, or not as often as drawn."""

from workflows.engine.locating import Found, located
from workflows.engine.plan import Node, Plan
from workflows.engine.xml import Element, child, children, is_true, local, text

PYTHON = (
    "",
    "python",
    "text/python",
    "text/x-python",
    "application/python",
    "application/x-python",
)


def activity(node: Node, element: Element, plan: Plan) -> Found:
    for attribute in ("startQuantity", "completionQuantity"):
        if element.get(attribute, "1").strip() != "1":
            yield located(element, "cannot_run", kind=attribute)
    if is_true(element.get("isForCompensation")):
        yield located(element, "cannot_run", kind="compensation")
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


def script(node: Node, element: Element, _plan: Plan) -> Found:
    language = (element.get("scriptFormat") or "").strip().lower()
    if language not in PYTHON:
        yield located(element, "script_language", language=language)
    if not node.script:
        yield located(element, "script_missing")


def action(node: Node, element: Element, _plan: Plan) -> Found:
    if node.action is None:
        yield located(element, "action_missing")


def message_task(node: Node, element: Element, _plan: Plan) -> Found:
    if node.action is None and (node.event is None or node.event.name is None):
        yield located(element, "event_without_name", event="message")


def called(node: Node, element: Element, plan: Plan) -> Found:
    if node.called is None:
        yield located(element, "process_missing")
    elif node.called not in plan.scopes:
        yield located(element, "unknown_process", process=node.called)


def apart(node: Node, element: Element, _plan: Plan) -> Found:
    if node.process is None:
        yield located(element, "process_missing")
    if node.version not in ("latest", "pinned"):
        yield located(element, "unknown_version", value=node.version)


def sub_process(node: Node, element: Element, plan: Plan) -> Found:
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
