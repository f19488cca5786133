"""Draw a process by rule: left to right, lanes below each other, one row for each parallel way.

Used when a process is changed as a list of steps, where nobody says what stands where. Only the
sheet that holds the changed part is drawn anew; other sheets stay as somebody drew them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from workflows.engine.reading import KINDS, SCOPES
from workflows.engine.xml import BPMN, Element, children, local, text

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
GAP, ROW_GAP, HEADER, PADDING, CHANNEL = 70, 44, 30, 40, 14
LEFT, TOP = 160, 80
ARTIFACTS = ("textAnnotation", "dataObjectReference", "dataStoreReference", "group")

Point = tuple[int, int]


@dataclass(slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> Point:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(slots=True)
class Block:
    """One scope drawn: where everything in it stands, and how large it is."""

    width: int = 0
    height: int = 0
    boxes: dict[str, Box] = field(default_factory=dict)
    ways: dict[str, list[Point]] = field(default_factory=dict)
    lanes: list[tuple[str, int, int]] = field(default_factory=list)  # id, top, height

    def shifted(self, dx: int, dy: int) -> None:
        for box in self.boxes.values():
            box.x, box.y = box.x + dx, box.y + dy
        self.ways = {k: [(x + dx, y + dy) for x, y in v] for k, v in self.ways.items()}


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
    block = _block(scope, apart)
    _write(plane, scope, pool, block, apart)


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
    boundaries = [e for e in scope if local(e) == "boundaryEvent"]
    hosts = {e.get("id", ""): (e.get("attachedToRef") or "") for e in boundaries}
    flows = [(f.get("id", ""), f.get("sourceRef", ""), f.get("targetRef", "")) for f in
             children(scope, "sequenceFlow")]  # fmt: skip
    inner = {
        e.get("id", ""): _block(e, apart)
        for e in nodes
        if local(e) in SCOPES and e.get("id") not in apart
    }
    sizes = {e.get("id", ""): _size(e, inner) for e in nodes}
    edges = [(hosts.get(a, a), b) for _, a, b in flows if hosts.get(a, a) in sizes and b in sizes]
    ranks = _ranks(list(sizes), edges)
    lane_of, order = _lanes(scope)
    rows = _rows(ranks, lane_of, edges)
    block = _placed(sizes, ranks, rows, lane_of, order)
    for own, held in inner.items():
        held.shifted(block.boxes[own].x + PADDING, block.boxes[own].y + PADDING)
    _put_boundaries(block, boundaries)
    taken = {(lane_of.get(n, ""), rows[n], ranks[n]) for n in ranks}
    _route(block, flows, hosts, ranks, rows, lane_of, taken)
    for held in inner.values():
        block.boxes |= held.boxes
        block.ways |= held.ways
    return block


def _size(element: Element, inner: dict[str, Block]) -> tuple[int, int]:
    kind = local(element)
    if kind.endswith("Event"):
        return 36, 36
    if kind.endswith("Gateway"):
        return 50, 50
    held = inner.get(element.get("id", ""))
    return (100, 80) if held is None else (held.width + 2 * PADDING, held.height + 2 * PADDING)


def _ranks(nodes: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    """How far to the right each stands: after all that lead to it, but for ways back."""
    onwards: dict[str, list[str]] = {one: [] for one in nodes}
    for a, b in edges:
        onwards[a].append(b)
    reached = {b for _, b in edges}
    done, back = _visited(sorted(nodes, key=lambda one: one in reached), onwards)
    ranks = dict.fromkeys(nodes, 0)
    for node in reversed(done):
        for following in onwards[node]:
            if (node, following) not in back:
                ranks[following] = max(ranks[following], ranks[node] + 1)
    return ranks


def _visited(
    nodes: list[str], onwards: dict[str, list[str]]
) -> tuple[list[str], set[tuple[str, str]]]:
    """Every node after all it leads to, and the ways that lead back; without recursion."""
    open_: set[str] = set()
    seen: set[str] = set()
    done: list[str] = []
    back: set[tuple[str, str]] = set()
    for first in nodes:
        stack = [] if first in seen else [(first, iter(onwards[first]))]
        seen.add(first)
        while stack:
            node, rest = stack[-1]
            open_.add(node)
            following = next(rest, None)
            if following is None:
                open_.discard(node)
                done.append(node)
                stack.pop()
            elif following in open_:
                back.add((node, following))
            elif following not in seen:
                seen.add(following)
                stack.append((following, iter(onwards[following])))
    return done, back


def _lanes(scope: Element) -> tuple[dict[str, str], list[str]]:
    lane_of: dict[str, str] = {}
    order = []
    for lane_set in children(scope, "laneSet"):
        for lane in children(lane_set, "lane"):
            order.append(lane.get("id", ""))
            lane_of |= {text(one): lane.get("id", "") for one in children(lane, "flowNodeRef")}
    return lane_of, order


def _rows(
    ranks: dict[str, int], lane_of: dict[str, str], edges: list[tuple[str, str]]
) -> dict[str, int]:
    """Which row of its lane each stands in: that of what leads to it, or the next that is free."""
    rows: dict[str, int] = {}
    taken: set[tuple[str, int, int]] = set()
    before: dict[str, list[str]] = {}
    for a, b in edges:
        before.setdefault(b, []).append(a)
    for node in sorted(ranks, key=lambda one: ranks[one]):
        lane = lane_of.get(node, "")
        near = [rows[one] for one in before.get(node, ()) if lane_of.get(one, "") == lane
                and one in rows and ranks[one] < ranks[node]]  # fmt: skip
        row = min(near, default=0)
        while (lane, row, ranks[node]) in taken:
            row += 1
        rows[node] = row
        taken.add((lane, row, ranks[node]))
    return rows


def _placed(
    sizes: dict[str, tuple[int, int]], ranks: dict[str, int], rows: dict[str, int],
    lane_of: dict[str, str], order: list[str],
) -> Block:  # fmt: skip
    block = Block()
    columns: list[int] = []
    x = GAP // 2
    for rank in range(max(ranks.values(), default=0) + 1):
        wide = max((sizes[one][0] for one in ranks if ranks[one] == rank), default=0)
        columns.append(x + wide // 2)
        x += wide + GAP
    block.width = x - GAP // 2
    y = 0
    without = [""] if any(lane_of.get(one, "") not in order for one in sizes) else []
    for lane in [*order, *without] or [""]:
        members = [one for one in sizes if (lane_of.get(one, "") or "") == lane
                   or (lane == "" and lane_of.get(one, "") not in order)]  # fmt: skip
        top = y
        for row in range(max((rows[one] for one in members), default=0) + 1):
            here = [one for one in members if rows[one] == row]
            tall = max((sizes[one][1] for one in here), default=80)
            for one in here:
                wide, high = sizes[one]
                middle = y + ROW_GAP // 2 + max(tall, 80) // 2
                block.boxes[one] = Box(
                    columns[ranks[one]] - wide // 2, middle - high // 2, wide, high
                )
            y += max(tall, 80) + ROW_GAP
        if lane:
            block.lanes.append((lane, top, y - top))
    block.height = y
    return block


def _put_boundaries(block: Block, boundaries: Iterable[Element]) -> None:
    """On the lower edge of what they belong to, beside each other."""
    used: dict[str, int] = {}
    for event in boundaries:
        host = event.get("attachedToRef") or ""
        if host in block.boxes:
            around = block.boxes[host]
            x = around.x + around.width - 30 - 42 * used.get(host, 0)
            used[host] = used.get(host, 0) + 1
            block.boxes[event.get("id", "")] = Box(x, around.y + around.height - 18, 36, 36)


def _route(
    block: Block, flows: list[tuple[str, str, str]], hosts: dict[str, str], ranks: dict[str, int],
    rows: dict[str, int], lane_of: dict[str, str], taken: set[tuple[str, int, int]],
) -> None:  # fmt: skip
    """Lead each flow between the boxes: straight where it can, else round them."""
    detours = 0
    for own, a, b in flows:
        if a not in block.boxes or b not in block.boxes:
            continue
        start, end, source = block.boxes[a], block.boxes[b], hosts.get(a, a)
        (sx, sy), (ex, ey) = start.middle, end.middle
        out, into = start.x + start.width, end.x
        between = range(ranks[source] + 1, ranks[b])
        clear = not any((lane_of.get(source, ""), rows[source], r) in taken for r in between)
        clear_there = not any((lane_of.get(b, ""), rows[b], r) in taken for r in between)
        if a in hosts:
            low = start.y + start.height + CHANNEL
            bend = into - GAP // 2
            ways = [(sx, start.y + start.height), (sx, low), (bend, low), (bend, ey), (into, ey)]
            if into <= sx:
                ways = [
                    (sx, start.y + start.height),
                    (sx, low),
                    (ex, low),
                    (ex, end.y + end.height),
                ]
        elif ranks[b] <= ranks[source] or not (clear or clear_there):
            detours += 1
            low = max(start.y + start.height, end.y + end.height) + 6 + 5 * (detours % 4)
            ways = [(sx, start.y + start.height), (sx, low), (ex, low), (ex, end.y + end.height)]
        elif sy == ey:
            ways = [(out, sy), (into, ey)]
        else:
            bend = into - GAP // 2 if clear else out + GAP // 2
            ways = [(out, sy), (bend, sy), (bend, ey), (into, ey)]
        block.ways[own] = ways


# --- writing it down ------------------------------------------------------------------------


def _write(
    plane: Element, scope: Element, pool: Element | None, block: Block, apart: set[str | None]
) -> None:
    kept = {one.get("bpmnElement"): one for one in plane}
    artifacts = [e for e in scope.iter() if local(e) in ARTIFACTS and _is_here(e, scope, apart)]
    for one in list(plane):
        plane.remove(one)
    header = HEADER if block.lanes else 0
    left, top = LEFT, TOP
    inner = left + header + (HEADER if pool is not None else 0)
    block.shifted(inner, top)
    if pool is not None:
        _shape(plane, pool.get("id", ""), Box(left, top, inner - left + block.width, block.height),
               isHorizontal="true")  # fmt: skip
    for lane, y, height in block.lanes:
        _shape(plane, lane, Box(inner - header, top + y, header + block.width, height),
               isHorizontal="true")  # fmt: skip
    elements = {e.get("id"): e for e in scope.iter() if local(e)}
    for own, box in block.boxes.items():
        is_open = local(elements[own]) in SCOPES and own not in apart
        marks = {"isExpanded": "true"} if is_open else {}
        if local(elements[own]) == "exclusiveGateway":
            marks = {"isMarkerVisible": "true"}
        _shape(plane, own, box, **marks)
    x, below = left, top + block.height + 40
    for one in artifacts:
        own = one.get("id", "")
        old = kept.get(own)
        bounds = None if old is None else old.find(f"{{{DC}}}Bounds")
        wide, high = (int(float((bounds.get(k) if bounds is not None else None) or d))
                      for k, d in (("width", 100), ("height", 50)))  # fmt: skip
        block.boxes[own] = Box(x, below, wide, high)
        _shape(plane, own, block.boxes[own])
        x += wide + 40
    for own, ways in block.ways.items():
        _edge(plane, own, ways)
    for one in scope.iter(f"{{{BPMN}}}association"):
        a, b = (block.boxes.get(one.get(k) or "") for k in ("sourceRef", "targetRef"))
        if a is not None and b is not None:
            _edge(plane, one.get("id", ""), [a.middle, b.middle])


def _is_here(element: Element, scope: Element, apart: set[str | None]) -> bool:
    holder = element.getparent()
    while holder is not None and holder is not scope:
        if holder.get("id") in apart:
            return False
        holder = holder.getparent()
    return True


def _shape(plane: Element, own: str, box: Box, **marks: str) -> None:
    about = {"id": f"{own}_di", "bpmnElement": own, **marks}
    shape = etree.SubElement(plane, f"{{{DI}}}BPMNShape", about)
    etree.SubElement(shape, f"{{{DC}}}Bounds", x=str(box.x), y=str(box.y),
                     width=str(box.width), height=str(box.height))  # fmt: skip


def _edge(plane: Element, own: str, ways: list[Point]) -> None:
    edge = etree.SubElement(plane, f"{{{DI}}}BPMNEdge", id=f"{own}_di", bpmnElement=own)
    for x, y in ways:
        etree.SubElement(edge, f"{{{DD}}}waypoint", x=str(x), y=str(y))
