"""Read from a diagram what people are to be told: the source of its description."""

from workflows.engine.describing import Called, Description, Due, Lane, Part, StepInfo
from workflows.engine.lanes import documentation, names, prefix_of, read_lanes
from workflows.engine.plan import Node, Plan
from workflows.engine.reading import Reading
from workflows.engine.xml import (
    Element,
    extensions,
    is_true,
    local,
    ours,
    text,
)

STARTING = ("message", "signal")


def describe(root: Element, process: Element, plan: Plan, reading: Reading) -> Description:
    """Describe a process with everything it calls."""
    lanes = read_lanes(reading)
    steps: dict[str, StepInfo] = {}
    parts: list[Part] = []
    for node in in_order(plan):
        element = reading.elements[node.id]
        lane = lanes.of(node, element)
        parts.append(_part(node, lane.id if lane else None, plan, reading))
        if node.kind == "task":
            steps[node.id] = _step(node, element, lane)
    basis = (ours(process, "basis") or "").split(" ", 1)
    return Description(
        process=plan.main,
        names=names(process),
        key=ours(process, "key") or plan.main,
        owner=ours(process, "owner"),
        basis=basis[0] or None,
        basis_text=basis[1] if len(basis) > 1 else None,
        starts=tuple(s.strip() for s in (ours(process, "starts") or "").split(";") if s.strip()),
        per=tuple((ours(process, "per") or "").split()),
        condition=ours(process, "condition"),
        missed=ours(process, "missed") or "once",
        secrecy=ours(process, "secrecy") or "internal",
        policy=ours(process, "policy") or "std",
        colour=ours(process, "colour"),
        longer_time=ours(process, "longerTime"),
        switched_off=is_true(ours(process, "switchedOff")),
        documentation=documentation(process),
        lanes=lanes.known,
        steps=steps,
        parts=tuple(parts),
        prefix=ours(process, "prefix") or _prefix(ours(process, "key") or plan.main),
        actions=tuple(
            Called(node.id, node.action, tuple(node.params))
            for node in plan.nodes.values()
            if node.action is not None
        ),
        begins_on=tuple(
            (event.kind, event.name)
            for start in plan.scopes[plan.main].starts
            if (event := plan.nodes[start].event) is not None and event.kind in STARTING
            if event.name is not None
        ),
        calls=tuple(sorted({n.process for n in plan.nodes.values() if n.process is not None})),
        messages=tuple(
            sorted(
                {
                    node.event.name
                    for node in plan.nodes.values()
                    if node.event is not None and node.event.kind == "message" and node.event.name
                }
            )
        ),
    )


def in_order(plan: Plan) -> list[Node]:
    """The nodes from the start onwards, along the flows; what nothing leads to comes last.

    What lies in a part of the process follows right after it, also when an event begins that part.
    """
    seen: set[str] = set()
    ordered: list[Node] = []
    apart: dict[str, list[str]] = {}
    for node in plan.nodes.values():
        if node.id in plan.scopes and not node.incoming:
            apart.setdefault(node.scope, []).append(node.id)
    for scope in plan.scopes:
        pending = _first(plan, scope, apart)
        while pending:
            key = pending.pop()
            if key in seen or key not in plan.nodes:
                continue
            seen.add(key)
            node = plan.nodes[key]
            ordered.append(node)
            pending.extend(flow.target for flow in reversed(node.outgoing))
            pending.extend(reversed(node.boundaries))
            if key in plan.scopes:
                pending.extend(_first(plan, key, apart))
    return ordered + [node for key, node in plan.nodes.items() if key not in seen]


def _first(plan: Plan, scope: str, apart: dict[str, list[str]]) -> list[str]:
    """Where the walk through a part begins, the first one last."""
    return [*reversed(apart.get(scope, [])), *reversed(plan.scopes[scope].starts)]


def _prefix(key: str) -> str:
    return key.upper().replace("_", "-")


def _part(node: Node, lane: str | None, plan: Plan, reading: Reading) -> Part:
    element = reading.elements[node.id]
    depth, scope = 0, plan.scopes[node.scope].parent
    while scope is not None:
        depth, scope = depth + 1, plan.scopes[scope].parent
    flows = []
    for flow in node.outgoing:
        drawn = reading.flows[flow.id]
        label = names(drawn) if drawn.get("name") else {}
        flows.append((flow.target, flow.condition, label))
    named = names(element)
    return Part(node.id, local(element), named, depth, lane, tuple(flows), node.attached_to)


def _step(node: Node, element: Element, lane: Lane | None) -> StepInfo:
    prefix = prefix_of(node.id)
    roles = (ours(element, "role") or "").replace(",", " ").split()
    due = [
        Due(rule, when)
        for rule, when in [(ours(element, "due"), ours(element, "dueWhen"))]
        if rule is not None
    ]
    due += [
        Due(row.get("rule") or text(row), row.get("dueWhen") or row.get("when"))
        for row in extensions(element, "due")
    ]
    return StepInfo(
        element=node.id,
        names=names(element),
        lane=lane.id if lane else None,
        roles=tuple(roles) or (lane.roles if lane else ()),
        of=ours(element, "of") or (lane.of if lane else "unit"),
        kind=ours(element, "kind") or "form",
        form=ours(element, "form"),
        due=tuple(due),
        policy=ours(element, "policy"),
        legal=is_true(ours(element, "legal")),
        not_by=tuple(prefix + other for other in (ours(element, "notBy") or "").split()),
        carry=ours(element, "carry"),
        assignee=ours(element, "assignee"),
        documentation=documentation(element),
        many=node.loop is not None and node.loop.kind != "standard",
    )
