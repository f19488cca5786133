"""Draw a process by rule: left to right, lanes below each other, one row for each parallel way.

Used when a process is changed as a list of steps, where nobody says what stands where. Only the
sheet that holds the changed part is drawn anew; other sheets stay as somebody drew them.
"""

from collections.abc import Iterable

from lxml import etree

from workflows.engine.reading import KINDS, SCOPES
from workflows.engine.xml import BPMN, Element, children, local, text
from workflows.processes.placing import Block, Box, Point, place
from workflows.processes.routing import Router, name_outside

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
HEADER, PADDING = 30, 20
LEFT, TOP = 160, 80
ARTIFACTS = ("textAnnotation", "dataObjectReference", "dataStoreReference", "group")


def lay_out(root: Element, scope: Element) -> None:
    """Draw the sheet anew that a process or a part of one stands on."""
    planes = {plane.get("bpmnElement"): plane for plane in root.iter(f"{{{DI}}}BPMNPlane")}
    while local(scope) in SCOPES and scope.get("id") not in planes:
        outer = scope.getparent()
        if outer is None:
            break
        scope = outer
    pool = _pool(root, scope)
    owner = scope if pool is None else pool.getparent()
    plane = planes.get(scope.get("id")) if local(scope) in SCOPES else None
    if plane is None and owner is not None:
        plane = planes.get(owner.get("id"))
    if plane is None:
        plane = _new_plane(root, (scope if owner is None else owner).get("id", ""))
    apart = set(planes) - {plane.get("bpmnElement")}
    _write(plane, scope, pool, _block(scope, apart), apart)


def _pool(root: Element, scope: Element) -> Element | None:
    for collaboration in children(root, "collaboration"):
        for one in children(collaboration, "participant"):
            if (one.get("processRef") or "").rpartition(":")[2] == scope.get("id"):
                return one
    return None


def _new_plane(root: Element, owner: str) -> Element:
    diagram = etree.SubElement(root, f"{{{DI}}}BPMNDiagram", id=f"{owner}_diagram")
    return etree.SubElement(diagram, f"{{{DI}}}BPMNPlane", id=f"{owner}_plane", bpmnElement=owner)


# --- where everything stands ----------------------------------------------------------------


def _block(scope: Element, apart: set[str | None]) -> Block:
    nodes = [e for e in scope if local(e) in KINDS and local(e) != "boundaryEvent"]
    events = [e for e in scope if local(e) == "boundaryEvent"]
    hosts = {e.get("id", ""): (e.get("attachedToRef") or "") for e in events}
    flows = [
        (f.get("id", ""), f.get("sourceRef", ""), f.get("targetRef", ""), f.get("name", ""))
        for f in children(scope, "sequenceFlow")
    ]
    inner = {
        e.get("id", ""): _block(e, apart)
        for e in nodes
        if local(e) in SCOPES and e.get("id") not in apart
    }
    sizes = {e.get("id", ""): _size(e, inner) for e in nodes}
    ends = ((hosts.get(a, a), b) for _, a, b, _ in flows)
    edges = [(a, b) for a, b in ends if a in sizes and b in sizes]
    lane_of, order = _lanes(scope)
    block, grid = place(sizes, edges, lane_of, order)
    for own, held in inner.items():
        held.shifted(block.boxes[own].x + PADDING, block.boxes[own].y + PADDING)
    _put_on_edges(block, events)
    gateways = {e.get("id", "") for e in nodes if local(e).endswith("Gateway")}
    router = Router(block, grid, hosts, gateways)
    router.lead(flows)
    for element in (*nodes, *events):
        outside = local(element).endswith(("Event", "Gateway"))
        if outside and element.get("name") and element.get("id", "") in block.boxes:
            name_outside(router, element.get("id", ""), element.get("name", ""))
    for held in inner.values():
        block.hold(held)
    return block


def _size(element: Element, inner: dict[str, Block]) -> tuple[int, int]:
    kind = local(element)
    if kind.endswith("Event"):
        return 36, 36
    if kind.endswith("Gateway"):
        return 50, 50
    held = inner.get(element.get("id", ""))
    return (100, 80) if held is None else (held.width + 2 * PADDING, held.height + 2 * PADDING)


def _lanes(scope: Element) -> tuple[dict[str, str], list[str]]:
    lane_of: dict[str, str] = {}
    order = []
    for lane_set in children(scope, "laneSet"):
        for lane in children(lane_set, "lane"):
            order.append(lane.get("id", ""))
            lane_of |= {text(one): lane.get("id", "") for one in children(lane, "flowNodeRef")}
    return lane_of, order


def _put_on_edges(block: Block, events: Iterable[Element]) -> None:
    """On the lower edge of what they belong to, beside each other."""
    used: dict[str, int] = {}
    for event in events:
        host = event.get("attachedToRef") or ""
        if host in block.boxes:
            around = block.boxes[host]
            x = around.right - 30 - 42 * used.get(host, 0)
            used[host] = used.get(host, 0) + 1
            block.boxes[event.get("id", "")] = Box(x, around.bottom - 18, 36, 36)


# --- writing it down ------------------------------------------------------------------------


def _write(
    plane: Element, scope: Element, pool: Element | None, block: Block, apart: set[str | None]
) -> None:
    kept = {one.get("bpmnElement"): one for one in plane}
    artifacts = [e for e in scope.iter() if local(e) in ARTIFACTS and _is_here(e, scope, apart)]
    for one in list(plane):
        plane.remove(one)
    header = HEADER if block.lanes else 0
    inner = LEFT + header + (HEADER if pool is not None else 0)
    block.shifted(inner, TOP)
    if pool is not None:
        around = Box(LEFT, TOP, inner - LEFT + block.width, block.height)
        _shape(plane, pool.get("id", ""), around, isHorizontal="true")
    for lane, y, height in block.lanes:
        across = Box(inner - header, TOP + y, header + block.width, height)
        _shape(plane, lane, across, isHorizontal="true")
    elements = {e.get("id"): e for e in scope.iter() if local(e)}
    for own, box in block.boxes.items():
        is_open = local(elements[own]) in SCOPES and own not in apart
        marks = {"isExpanded": "true"} if is_open else {}
        if local(elements[own]) == "exclusiveGateway":
            marks = {"isMarkerVisible": "true"}
        _label(_shape(plane, own, box, **marks), block.labels.get(own))
    x, below = LEFT, TOP + block.height + 40
    for one in artifacts:
        own = one.get("id", "")
        block.boxes[own] = Box(x, below, *_size_before(kept.get(own)))
        _shape(plane, own, block.boxes[own])
        x += block.boxes[own].width + 40
    for own, ways in block.ways.items():
        _label(_edge(plane, own, ways), block.labels.get(own))
    for one in scope.iter(f"{{{BPMN}}}association"):
        a, b = (block.boxes.get(one.get(k) or "") for k in ("sourceRef", "targetRef"))
        if a is not None and b is not None:
            _edge(plane, one.get("id", ""), [a.middle, b.middle])


def _size_before(shape: Element | None) -> tuple[int, int]:
    bounds = None if shape is None else shape.find(f"{{{DC}}}Bounds")
    if bounds is None:
        return 100, 50
    return int(float(bounds.get("width") or 100)), int(float(bounds.get("height") or 50))


def _is_here(element: Element, scope: Element, apart: set[str | None]) -> bool:
    holder = element.getparent()
    while holder is not None and holder is not scope:
        if holder.get("id") in apart:
            return False
        holder = holder.getparent()
    return True


def _shape(plane: Element, own: str, box: Box, **marks: str) -> Element:
    about = {"id": f"{own}_di", "bpmnElement": own, **marks}
    shape = etree.SubElement(plane, f"{{{DI}}}BPMNShape", about)
    _bounds(shape, box)
    return shape


def _edge(plane: Element, own: str, ways: list[Point]) -> Element:
    edge = etree.SubElement(plane, f"{{{DI}}}BPMNEdge", id=f"{own}_di", bpmnElement=own)
    for x, y in ways:
        etree.SubElement(edge, f"{{{DD}}}waypoint", x=str(x), y=str(y))
    return edge


def _label(drawn: Element, box: Box | None) -> None:
    if box is not None:
        _bounds(etree.SubElement(drawn, f"{{{DI}}}BPMNLabel"), box)


def _bounds(holder: Element, box: Box) -> None:
    about = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    etree.SubElement(holder, f"{{{DC}}}Bounds", {key: str(value) for key, value in about.items()})
