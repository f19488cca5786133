"""What a diagram says, element by element, so that two of them can be laid beside each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.engine.lanes import names
from workflows.engine.reading import KINDS
from workflows.engine.xml import OURS, Element, children, line_of, local, open_xml, text

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
# What is told of by itself; the rest is told of with what it lies in.
APART = {*KINDS, "sequenceFlow", "lane", "process", "message", "signal", "error", "escalation"}
APART |= {"participant", "textAnnotation"}
SILENT = {"incoming", "outgoing", "flowNodeRef"}  # said by the flows and by the lanes themselves
PLACE = ("x", "y", "width", "height")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One element: what it is, its names, what is said of it, and where it is drawn."""

    kind: str
    names: Mapping[str, str]
    facts: Mapping[str, str]
    place: tuple[str, ...]
    line: int | None


def drawn(source: bytes) -> dict[str, Drawn]:
    """Read everything that a diagram says, by the ids of its elements.

    :raises Rejected: if it cannot be opened
    """
    root = open_xml(source)
    lanes = {
        text(member): str(lane.get("id"))
        for lane in root.iter()
        if local(lane) == "lane"
        for member in children(lane, "flowNodeRef")
    }
    places = {
        str(shape.get("bpmnElement")): tuple(bounds.get(one, "") for one in PLACE)
        for shape in root.iter(f"{DI}BPMNShape")
        for bounds in shape.iterchildren(f"{DC}Bounds")
    }
    found: dict[str, Drawn] = {}
    for element in root.iter():
        key = element.get("id")
        if key is None or local(element) not in APART:
            continue
        facts = dict(_said(element, ""))
        if key in lanes:
            facts["lane"] = lanes[key]
        said = names(element)
        place = places.get(key, ())
        found[key] = Drawn(local(element), said, facts, place, line_of(element))
    return found


def names_in(source: bytes) -> Mapping[str, str]:
    """Give the names of the first process that has one of its own; nothing for one without."""
    found = drawn(source).values()
    named = [one.names for one in found if one.kind == "process" and one.names.get("sv")]
    return named[0] if named else {}


def _said(element: Element, where: str) -> Iterator[tuple[str, str]]:
    """What an element says in attributes and in what lies in it and has no place of its own."""
    for key, value in sorted(element.attrib.items()):
        name = str(key)
        if name != "id":
            yield where + name.removeprefix(f"{{{OURS}}}").rpartition("}")[2], str(value)
    if where and (own := (element.text or "").strip()):
        yield where.rstrip("."), own
    for n, inner in enumerate(element):
        name = str(inner.tag).rpartition("}")[2]
        if name in SILENT or local(inner) in APART:
            continue
        if name == "laneSet":
            continue
        said = inner.get("name") or inner.get("lang") or inner.get("id") or ""
        path = (
            where if name == "extensionElements" else f"{where}{name}{f'[{said}]' if said else ''}."
        )
        if name == "due":
            path = f"{where}{name}[{n}]."
        yield from _said(inner, path)
