"""Read from a diagram what people are to be told: the source of its description."""

from workflows.engine.checking import Found, warning
from workflows.engine.describing import Called, Description, Due, Lane, Part, StepInfo, Words
from workflows.engine.plan import Node, Plan
from workflows.engine.reading import Reading
from workflows.engine.xml import (
    Element,
    child,
    children,
    extensions,
    is_true,
    local,
    ours,
    text,
)

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def names(element: Element) -> Words:
    """An element's name in each language; Swedish is the standard attribute."""
    found = {"sv": (element.get("name") or element.get("id") or "").strip()}
    for other in extensions(element, "name"):
        found[other.get("lang", "en")] = text(other)
    found.setdefault("en", found["sv"])
    return found


def documentation(element: Element) -> Words:
    """The guidance on an element in each language."""
    found: Words = {}
    swedish = text(child(element, "documentation"))
    if swedish:
        found["sv"] = swedish
    for other in extensions(element, "text"):
        if other.get("for") == "documentation":
            found[other.get("lang", "en")] = text(other)
    return found


def read_lanes(process: Element) -> tuple[dict[str, Lane], dict[str, str]]:
    """The lanes of a process, and the innermost lane of each of its elements."""
    lanes: dict[str, Lane] = {}
    lane_of: dict[str, str] = {}
    pending = [lane for s in children(process, "laneSet") for lane in children(s, "lane")]
    for lane in pending:  # grows while it is walked, so inner lanes come after outer ones
        roles = (ours(lane, "role") or "").replace(",", " ").split()
        key = lane.get("id", "")
        lanes[key] = Lane(key, names(lane), tuple(roles), ours(lane, "of") or "unit")
        for reference in children(lane, "flowNodeRef"):
            lane_of[text(reference)] = key
        pending += [inner for s in children(lane, "childLaneSet") for inner in children(s, "lane")]
    return lanes, lane_of


def describe(root: Element, process: Element, plan: Plan, reading: Reading) -> Description:
    """Describe a process with everything it calls."""
    lanes: dict[str, Lane] = {}
    lane_of: dict[str, str] = {}
    for scope in plan.scopes:
        holder = next((p for p in children(root, "process") if p.get("id") == scope), None)
        if holder is not None:
            found, members = read_lanes(holder)
            lanes |= found
            lane_of |= members
    steps: dict[str, StepInfo] = {}
    parts: list[Part] = []
    for node in in_order(plan):
        element = reading.elements[node.id]
        lane = _lane(element, lane_of)
        parts.append(_part(node, lane, plan, reading))
        if node.kind == "task":
            steps[node.id] = _step(node, element, lanes.get(lane or ""))
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
        secrecy=ours(process, "secrecy") or "internal",
        policy=ours(process, "policy") or "std",
        colour=ours(process, "colour"),
        documentation=documentation(process),
        lanes=lanes,
        steps=steps,
        parts=tuple(parts),
        prefix=ours(process, "prefix") or _prefix(ours(process, "key") or plan.main),
        actions=tuple(
            Called(node.id, node.action, tuple(node.params))
            for node in plan.nodes.values()
            if node.action is not None
        ),
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


def check_people(reading: Reading) -> Found:
    """Steps that nobody would get, or that say too little."""
    lane_of: dict[str, str] = {}
    lanes: dict[str, Lane] = {}
    for holder in {e.getroottree().getroot() for e in reading.elements.values()}:
        for process in children(holder, "process"):
            found, members = read_lanes(process)
            lanes |= found
            lane_of |= members
    for node in reading.nodes.values():
        if node.kind != "task":
            continue
        element = reading.elements[node.id]
        lane = lanes.get(_lane(element, lane_of) or "")
        if lane is None and lanes:
            yield warning(element, "step_without_lane")
        named = ours(element, "role") or ours(element, "assignee")
        if not named and (lane is None or not lane.roles):
            yield warning(element, "step_without_role")
        if not ours(element, "form") and (ours(element, "kind") or "form") == "form":
            yield warning(element, "step_without_form")
        if not ours(element, "due") and next(extensions(element, "due"), None) is None:
            yield warning(element, "step_without_deadline")


def in_order(plan: Plan) -> list[Node]:
    """The nodes from the start onwards, along the flows; what nothing leads to comes last."""
    seen: set[str] = set()
    ordered: list[Node] = []
    for scope in plan.scopes.values():
        pending = list(reversed(scope.starts))
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
                pending.extend(reversed(plan.scopes[key].starts))
    return ordered + [node for key, node in plan.nodes.items() if key not in seen]


def _prefix(key: str) -> str:
    return key.upper().replace("_", "-")


def _lane(element: Element | None, lane_of: dict[str, str]) -> str | None:
    while element is not None:
        lane = lane_of.get(element.get("id", ""))
        if lane is not None:
            return lane
        element = element.getparent()
    return None


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
    return Part(node.id, local(element), names(element), depth, lane, tuple(flows))


def _step(node: Node, element: Element, lane: Lane | None) -> StepInfo:
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
        not_by=tuple((ours(element, "notBy") or "").split()),
        carry=ours(element, "carry"),
        assignee=ours(element, "assignee"),
        documentation=documentation(element),
        many=node.loop is not None and node.loop.kind != "standard",
    )
