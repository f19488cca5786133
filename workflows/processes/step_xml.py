"""A diagram as XML, read and written element by element where it is changed as a list of steps."""

from collections.abc import Iterable, Mapping

from lxml import etree

from workflows.engine.reading import KINDS, SCOPES
from workflows.engine.xml import BPMN, OURS, Element, child, children, extensions, local, parse_xml
from workflows.engine.xml import text as text_in
from workflows.errors import Invalid

MOST_LETTERS = 4000
FIRST = ("documentation", "extensionElements")


def opened(source: bytes) -> Element:
    return parse_xml(source)


def written(root: Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def find(root: Element, element: str) -> Element:
    own = element.rpartition("/")[2]
    for one in root.iter():
        if one.get("id") == own and local(one) in KINDS:
            return one
    raise Invalid("outline_gone", element=own)


def flow_of(root: Element, own: str) -> Element:
    for one in root.iter(f"{{{BPMN}}}sequenceFlow"):
        if one.get("id") == own:
            return one
    raise Invalid("outline_gone", element=own)


def end_of(flow: Element, which: str) -> Element:
    scope = flow.getparent()
    for one in () if scope is None else scope:
        if one.get("id") == flow.get(which) and local(one) in KINDS:
            return one
    raise Invalid("outline_gone", element=flow.get(which, ""))


def _around(found: Element, which: str) -> list[Element]:
    scope = found.getparent()
    flows = () if scope is None else children(scope, "sequenceFlow")
    return [one for one in flows if one.get(which) == found.get("id")]


def leaving(found: Element) -> list[Element]:
    return _around(found, "sourceRef")


def arriving(found: Element) -> list[Element]:
    return _around(found, "targetRef")


def has_events(found: Element) -> bool:
    scope = found.getparent()
    events = () if scope is None else children(scope, "boundaryEvent")
    return any(one.get("attachedToRef") == found.get("id") for one in events)


def condition_of(flow: Element) -> str:
    return text_in(child(flow, "conditionExpression"))


def set_condition(flow: Element, said: str) -> None:
    """Say when a way is taken; nothing takes the condition away."""
    condition = child(flow, "conditionExpression")
    if condition is None and said:
        condition = etree.SubElement(flow, f"{{{BPMN}}}conditionExpression")
    if condition is not None:
        if said:
            condition.text = said
        else:
            flow.remove(condition)


def lanes_of(scope: Element) -> list[Element]:
    own = [lane for lane_set in children(scope, "laneSet") for lane in children(lane_set, "lane")]
    outer = scope.getparent()
    return own if own or outer is None or local(scope) not in SCOPES else lanes_of(outer)


def lane_of(found: Element) -> Element | None:
    scope = found.getparent()
    for lane in [] if scope is None else lanes_of(scope):
        if any(text_in(one) == found.get("id") for one in children(lane, "flowNodeRef")):
            return lane
    return None


def leave_lane(found: Element) -> None:
    lane = lane_of(found)
    for one in [] if lane is None else list(children(lane, "flowNodeRef")):
        if text_in(one) == found.get("id") and lane is not None:
            lane.remove(one)


def take_lane(found: Element, lane: Element | None) -> None:
    if lane is not None:
        etree.SubElement(lane, f"{{{BPMN}}}flowNodeRef").text = found.get("id")


def new_element(root: Element, beside: Element, kind: str, stem: str, name: str) -> Element:
    made = beside.makeelement(f"{{{BPMN}}}{kind}", {"id": fresh_id(root, stem)})
    if name:
        made.set("name", name)
    return made


def new_flow(root: Element, scope: Element, source: Element, target: Element) -> Element:
    own = fresh_id(root, f"{source.get('id')}_to_{target.get('id')}")
    ends = {"id": own, "sourceRef": source.get("id", ""), "targetRef": target.get("id", "")}
    return etree.SubElement(scope, f"{{{BPMN}}}sequenceFlow", ends)


def fresh_id(root: Element, stem: str) -> str:
    taken = {one.get("id") for one in root.iter()}
    if stem not in taken and "_to_" in stem:
        return stem
    return next(own for n in range(1, len(taken) + 2) if (own := f"{stem}_{n}") not in taken)


def relink(root: Element) -> None:
    """Write anew beside each element which ways come and go; readers that trust it must not err."""
    for one in list(root.iter(f"{{{BPMN}}}incoming", f"{{{BPMN}}}outgoing")):
        holder = one.getparent()
        if holder is not None:
            holder.remove(one)
    for element in [one for one in root.iter() if local(one) in KINDS]:
        place = sum(1 for one in element if local(one) in FIRST)
        links = [("incoming", one) for one in arriving(element)]
        links += [("outgoing", one) for one in leaving(element)]
        for at, (name, flow) in enumerate(links):
            link = element.makeelement(f"{{{BPMN}}}{name}")
            link.text = flow.get("id")
            element.insert(place + at, link)


def english(found: Element, kind: str) -> str:
    return next((text_in(one) for one in extensions(found, kind) if _is_english(one)), "")


def _is_english(one: Element) -> bool:
    return one.get("lang") == "en" and one.get("for", "documentation") == "documentation"


def set_english(found: Element, kind: str, said: str) -> None:
    """Say a name or a guidance in English; nothing takes it away."""
    holder = _extensions_of(found)
    for one in list(extensions(found, kind)):
        if _is_english(one):
            holder.remove(one)
    if said:
        about = {"for": "documentation"} if kind == "text" else {}
        one = etree.SubElement(holder, f"{{{OURS}}}{kind}", {**about, "lang": "en"})
        one.text = said
    if not len(holder):
        found.remove(holder)


def set_dues(found: Element, rows: Iterable[tuple[str, str]]) -> None:
    """Say several deadlines, each with the condition it counts on."""
    holder = _extensions_of(found)
    for one in list(extensions(found, "due")):
        holder.remove(one)
    for when, rule in rows:
        one = etree.SubElement(holder, f"{{{OURS}}}due", {"when": when} if when else {})
        one.text = rule
    if not len(holder):
        found.remove(holder)


def _extensions_of(found: Element) -> Element:
    holder = child(found, "extensionElements")
    if holder is None:
        holder = found.makeelement(f"{{{BPMN}}}extensionElements")
        found.insert(len(list(children(found, "documentation"))), holder)
    return holder


def set_guidance(found: Element, sv: str, en: str) -> None:
    documentation = child(found, "documentation")
    if sv and documentation is None:
        documentation = found.makeelement(f"{{{BPMN}}}documentation")
        found.insert(0, documentation)
    if documentation is not None:
        if sv:
            documentation.text = sv
        else:
            found.remove(documentation)
    set_english(found, "text", en)


def short(said: Mapping[str, str], name: str) -> str:
    """What was typed; what XML cannot hold is left out."""
    kept = "".join(c for c in said.get(name, "") if c in "\n\t" or c >= " ")
    return kept.replace("\ufffe", "").replace("\uffff", "").strip()[:MOST_LETTERS]
