"""Who does the steps of a diagram: its lanes, and the steps nobody would get."""

from dataclasses import dataclass, field

from workflows.engine.describing import Lane, Words
from workflows.engine.locating import Found, warning
from workflows.engine.plan import Node
from workflows.engine.reading import Reading
from workflows.engine.xml import BPMN, Element, child, children, extensions, ours, text


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


def prefix_of(node_id: str) -> str:
    """What the elements of a called process begin with: `process/`; nothing in the main one."""
    process, slash, _ = node_id.rpartition("/")
    return process + slash


@dataclass(slots=True)
class Lanes:
    """The lanes of all processes of a plan, and which of their elements lie in which."""

    known: dict[str, Lane] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)  # element -> its innermost lane

    def of(self, node: Node, element: Element | None) -> Lane | None:
        """The lane a node lies in, by itself or by the sub-process around it."""
        prefix = prefix_of(node.id)
        while element is not None:
            lane = self.members.get(prefix + element.get("id", ""))
            if lane is not None:
                return self.known[lane]
            element = element.getparent()
        return None


def read_lanes(reading: Reading) -> Lanes:
    """The lanes of every process that was read."""
    lanes = Lanes()
    for prefix, process in _processes(reading).items():
        for lane in process.iter(f"{{{BPMN}}}lane"):  # outer ones first: the innermost counts
            roles = (ours(lane, "role") or "").replace(",", " ").split()
            key = prefix + lane.get("id", "")
            lanes.known[key] = Lane(key, names(lane), tuple(roles), ours(lane, "of") or "unit")
            for reference in children(lane, "flowNodeRef"):
                lanes.members[prefix + text(reference)] = key
    return lanes


def _processes(reading: Reading) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for key, element in reading.elements.items():
        holder: Element | None = element
        while holder is not None and holder.tag != f"{{{BPMN}}}process":
            holder = holder.getparent()
        if holder is not None:
            found.setdefault(prefix_of(key), holder)
    return found


def check_people(reading: Reading) -> Found:
    """Steps that nobody would get, or that say too little."""
    lanes = read_lanes(reading)
    for node in reading.nodes.values():
        if node.kind != "task":
            continue
        element = reading.elements[node.id]
        lane = lanes.of(node, element)
        if lane is None and lanes.known:
            yield warning(element, "step_without_lane")
        named = ours(element, "role") or ours(element, "assignee")
        if not named and (lane is None or not lane.roles):
            yield warning(element, "step_without_role")
        if not ours(element, "form") and (ours(element, "kind") or "form") == "form":
            yield warning(element, "step_without_form")
        if not ours(element, "due") and next(extensions(element, "due"), None) is None:
            yield warning(element, "step_without_deadline")
