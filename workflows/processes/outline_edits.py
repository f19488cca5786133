"""Change a diagram as the list of its steps: the same file as the picture, drawn anew by rule.

A step is added on a way between two others, moved to another way, or taken away so that the ways
around it meet. What this cannot do is done in the picture; nothing is dropped in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from workflows.engine.reading import KINDS, SCOPES
from workflows.engine.xml import (
    BPMN,
    OURS,
    Element,
    child,
    children,
    extensions,
    local,
    ours,
    parse_xml,
)
from workflows.engine.xml import text as text_in
from workflows.errors import Invalid
from workflows.processes.layout import lay_out

MOST_LETTERS = 4000
FACTS = ("form", "due", "kind", "policy", "notBy", "assignee")
FIRST = ("documentation", "extensionElements")


@dataclass(frozen=True, slots=True)
class Step:
    """What one step says of itself, as it is typed."""

    element: str
    tag: str
    sv: str
    en: str
    guidance_sv: str
    guidance_en: str
    lane: str
    facts: Mapping[str, str]
    lanes: tuple[tuple[str, str], ...]
    may_go: bool  # it can be moved and taken away


@dataclass(frozen=True, slots=True)
class Way:
    """A way on which a step may be put: between which two, and what is written on it."""

    flow: str
    source: str
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class Done:
    """The file after a change, and the step one goes on with."""

    source: bytes
    step: str


def step(source: bytes, element: str) -> Step | None:
    """Read one step; None when the diagram has no such element or cannot be opened."""
    try:
        found = _find(_opened(source), element)
    except Invalid:
        return None
    lane = _lane_of(found)
    scope = found.getparent()
    lanes = [] if scope is None else _lanes_of(scope)
    return Step(
        element,
        local(found),
        found.get("name", ""),
        _words(found, "name"),
        text_in(child(found, "documentation")),
        _words(found, "text"),
        "" if lane is None else lane.get("id", ""),
        {fact: ours(found, fact) or "" for fact in FACTS},
        tuple((one.get("id", ""), one.get("name", "")) for one in lanes),
        len(_leaving(found)) == 1 and bool(_arriving(found)) and not _attached(found),
    )


def ways(source: bytes) -> list[Way]:
    """Every way between two elements, in the order of the file."""
    try:
        root = _opened(source)
    except Invalid:
        return []
    named = {e.get("id", ""): str(e.get("name") or e.get("id")) for e in root.iter() if local(e)}
    return [
        Way(
            flow.get("id", ""),
            flow.get("sourceRef", ""),
            flow.get("targetRef", ""),
            " – ".join(
                filter(None, (named.get(flow.get("sourceRef", "")), flow.get("name"),
                              named.get(flow.get("targetRef", ""))))
            ),
        )
        for flow in root.iter(f"{{{BPMN}}}sequenceFlow")
    ]  # fmt: skip


def lanes(source: bytes) -> list[tuple[str, str]]:
    """The lanes of a diagram: id and name."""
    try:
        root = _opened(source)
    except Invalid:
        return []
    return [(one.get("id", ""), one.get("name", "")) for one in root.iter(f"{{{BPMN}}}lane")]


def change(source: bytes, said: Mapping[str, str], deed: str) -> Done:
    """Do one thing to a diagram: `save`, `remove` or `move` a step, `add` one, or a `choice`.

    :raises Invalid: if the diagram cannot be opened, or that cannot be done there
    """
    root = _opened(source)
    what, _, flow_id = deed.partition(":")
    if what in ("add", "choice"):
        flow = _flow(root, flow_id or said.get("to", ""))
        found = (_add if what == "add" else _add_choice)(root, flow, said)
        scope = found.getparent()
    else:
        found = _find(root, said.get("step", ""))
        scope = found.getparent()
        if what == "save":
            was = _lane_of(found)
            _say(root, found, said)
            if _lane_of(found) is was:
                return Done(_written(root), found.get("id", ""))
        elif what == "move":
            _move(root, found, _flow(root, said.get("to", "")))
        elif what == "remove":
            found = _remove(found)
        else:
            raise Invalid("outline_gone", element=what)
    _relink(root)
    places = {id(one): one for one in (scope, found.getparent()) if one is not None}
    for place in places.values():
        lay_out(root, place)
    return Done(_written(root), found.get("id", ""))


# --- the deeds ------------------------------------------------------------------------------


def _add(root: Element, flow: Element, said: Mapping[str, str], own: str = "") -> Element:
    name = _short(said, "new_name")
    if not name:
        raise Invalid("outline_name")
    made = _new(root, flow, "userTask", own or "step", name)
    _set_words(made, "name", _short(said, "new_name_en") or name)
    made.set(f"{{{OURS}}}kind", "form")
    _insert(root, flow, made)
    return made


def _add_choice(root: Element, flow: Element, said: Mapping[str, str]) -> Element:
    """A question with two ways: one over a new step, and one that goes on as before."""
    meets = _new(root, flow, "exclusiveGateway", "meet", "")
    _insert(root, flow, meets)
    asks = _new(root, flow, "exclusiveGateway", "choice", _short(said, "question") or "?")
    _insert(root, flow, asks)
    on = _leaving(asks)[0]
    on.set("name", "Nej")
    _set_words(on, "name", "No")
    asks.set("default", on.get("id", ""))
    made = _new(root, on, "userTask", "step", _short(said, "new_name") or "Nytt steg")
    _set_words(made, "name", _short(said, "new_name_en") or made.get("name", ""))
    made.set(f"{{{OURS}}}kind", "form")
    scope = flow.getparent()
    if scope is None:
        raise Invalid("outline_gone", element=flow.get("id"))
    scope.append(made)
    _take_lane(made, _lane_of(asks))
    yes = _new_flow(root, scope, asks, made)
    yes.set("name", "Ja")
    _set_words(yes, "name", "Yes")
    condition = etree.SubElement(yes, f"{{{BPMN}}}conditionExpression")
    condition.text = _short(said, "condition") or "year > 0"
    _new_flow(root, scope, made, meets)
    return made


def _move(root: Element, found: Element, to: Element) -> None:
    if to in (*_leaving(found), *_arriving(found)):
        return
    _detach(found)
    was, lane = found.getparent(), _lane_of(found)
    if to.getparent() is not was:
        _leave_lane(found)
        lane = None
    _insert(root, to, found)
    if lane is None:
        _take_lane(found, _lane_of(_end(to, "sourceRef")))


def _remove(found: Element) -> Element:
    """Take a step away; the one before it is gone on with."""
    before = _end(_arriving(found)[0], "sourceRef") if _arriving(found) else found
    _detach(found)
    _leave_lane(found)
    holder = found.getparent()
    if holder is not None:
        holder.remove(found)
    return before


def _say(root: Element, found: Element, said: Mapping[str, str]) -> None:
    if _short(said, "sv"):
        found.set("name", _short(said, "sv"))
    _set_words(found, "name", _short(said, "en"))
    _set_guidance(found, _short(said, "guidance_sv"), _short(said, "guidance_en"))
    for fact in FACTS:
        key = f"{{{OURS}}}{fact}"
        if fact in said and _short(said, fact):
            found.set(key, _short(said, fact))
        elif fact in said and key in found.attrib:
            del found.attrib[key]
    lane = next(
        (one for one in root.iter(f"{{{BPMN}}}lane") if one.get("id") == said.get("lane")), None
    )
    if lane is not None and lane is not _lane_of(found):
        _leave_lane(found)
        _take_lane(found, lane)


def _insert(root: Element, flow: Element, made: Element) -> None:
    """Lead a way over an element: the first half keeps its id, its name and its condition."""
    scope = flow.getparent()
    if scope is None:
        raise Invalid("outline_gone", element=flow.get("id"))
    target = _end(flow, "targetRef")
    if made.getparent() is not scope:
        scope.append(made)
    flow.set("targetRef", made.get("id", ""))
    _new_flow(root, scope, made, target)
    if _lane_of(made) is None:
        _take_lane(made, _lane_of(_end(flow, "sourceRef")))


def _detach(found: Element) -> None:
    """Let the ways around an element meet."""
    leaving, arriving = _leaving(found), _arriving(found)
    if len(leaving) != 1 or not arriving or _attached(found):
        raise Invalid("outline_stays", name=found.get("name") or found.get("id", ""))
    target = leaving[0].get("targetRef", "")
    if target == found.get("id") or any(one.get("sourceRef") == target for one in arriving):
        raise Invalid("outline_stays", name=found.get("name") or found.get("id", ""))
    for one in arriving:
        one.set("targetRef", target)
    holder = leaving[0].getparent()
    if holder is not None:
        holder.remove(leaving[0])
    if "default" in found.attrib:
        del found.attrib["default"]


# --- reading and writing XML ----------------------------------------------------------------


def _opened(source: bytes) -> Element:
    return parse_xml(source)


def _written(root: Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _find(root: Element, element: str) -> Element:
    own = element.rpartition("/")[2]
    for one in root.iter():
        if one.get("id") == own and local(one) in KINDS:
            return one
    raise Invalid("outline_gone", element=own)


def _flow(root: Element, own: str) -> Element:
    for one in root.iter(f"{{{BPMN}}}sequenceFlow"):
        if one.get("id") == own:
            return one
    raise Invalid("outline_gone", element=own)


def _end(flow: Element, which: str) -> Element:
    scope = flow.getparent()
    for one in () if scope is None else scope:
        if one.get("id") == flow.get(which) and local(one) in KINDS:
            return one
    raise Invalid("outline_gone", element=flow.get(which, ""))


def _around(found: Element, which: str) -> list[Element]:
    scope = found.getparent()
    flows = () if scope is None else children(scope, "sequenceFlow")
    return [one for one in flows if one.get(which) == found.get("id")]


def _leaving(found: Element) -> list[Element]:
    return _around(found, "sourceRef")


def _arriving(found: Element) -> list[Element]:
    return _around(found, "targetRef")


def _attached(found: Element) -> bool:
    scope = found.getparent()
    events = () if scope is None else children(scope, "boundaryEvent")
    return any(one.get("attachedToRef") == found.get("id") for one in events)


def _lanes_of(scope: Element) -> list[Element]:
    own = [lane for lane_set in children(scope, "laneSet") for lane in children(lane_set, "lane")]
    outer = scope.getparent()
    return own if own or outer is None or local(scope) not in SCOPES else _lanes_of(outer)


def _lane_of(found: Element) -> Element | None:
    scope = found.getparent()
    for lane in [] if scope is None else _lanes_of(scope):
        if any(text_in(one) == found.get("id") for one in children(lane, "flowNodeRef")):
            return lane
    return None


def _leave_lane(found: Element) -> None:
    lane = _lane_of(found)
    for one in [] if lane is None else list(children(lane, "flowNodeRef")):
        if text_in(one) == found.get("id") and lane is not None:
            lane.remove(one)


def _take_lane(found: Element, lane: Element | None) -> None:
    if lane is not None:
        etree.SubElement(lane, f"{{{BPMN}}}flowNodeRef").text = found.get("id")


def _new(root: Element, beside: Element, kind: str, stem: str, name: str) -> Element:
    made = beside.makeelement(f"{{{BPMN}}}{kind}", {"id": _fresh(root, stem)})
    if name:
        made.set("name", name)
    return made


def _new_flow(root: Element, scope: Element, source: Element, target: Element) -> Element:
    own = _fresh(root, f"{source.get('id')}_to_{target.get('id')}")
    ends = {"id": own, "sourceRef": source.get("id", ""), "targetRef": target.get("id", "")}
    return etree.SubElement(scope, f"{{{BPMN}}}sequenceFlow", ends)


def _fresh(root: Element, stem: str) -> str:
    taken = {one.get("id") for one in root.iter()}
    if stem not in taken and "_to_" in stem:
        return stem
    return next(own for n in range(1, len(taken) + 2) if (own := f"{stem}_{n}") not in taken)


def _relink(root: Element) -> None:
    """Write anew beside each element which ways come and go; readers that trust it must not err."""
    for one in list(root.iter(f"{{{BPMN}}}incoming", f"{{{BPMN}}}outgoing")):
        holder = one.getparent()
        if holder is not None:
            holder.remove(one)
    for element in [one for one in root.iter() if local(one) in KINDS]:
        place = sum(1 for one in element if local(one) in FIRST)
        links = [("incoming", one) for one in _arriving(element)]
        links += [("outgoing", one) for one in _leaving(element)]
        for at, (name, flow) in enumerate(links):
            link = element.makeelement(f"{{{BPMN}}}{name}")
            link.text = flow.get("id")
            element.insert(place + at, link)


def _words(found: Element, kind: str) -> str:
    return next((text_in(one) for one in extensions(found, kind) if _is_english(one)), "")


def _is_english(one: Element) -> bool:
    return one.get("lang") == "en" and one.get("for", "documentation") == "documentation"


def _set_words(found: Element, kind: str, said: str) -> None:
    holder = child(found, "extensionElements")
    if holder is None:
        if not said:
            return
        holder = found.makeelement(f"{{{BPMN}}}extensionElements")
        found.insert(len(list(children(found, "documentation"))), holder)
    for one in list(extensions(found, kind)):
        if _is_english(one):
            holder.remove(one)
    if said:
        about = {"for": "documentation"} if kind == "text" else {}
        one = etree.SubElement(holder, f"{{{OURS}}}{kind}", {**about, "lang": "en"})
        one.text = said
    if not len(holder):
        found.remove(holder)


def _set_guidance(found: Element, sv: str, en: str) -> None:
    documentation = child(found, "documentation")
    if sv and documentation is None:
        documentation = found.makeelement(f"{{{BPMN}}}documentation")
        found.insert(0, documentation)
    if documentation is not None:
        if sv:
            documentation.text = sv
        else:
            found.remove(documentation)
    _set_words(found, "text", en)


def _short(said: Mapping[str, str], name: str) -> str:
    """What was typed; what XML cannot hold is left out."""
    kept = "".join(c for c in said.get(name, "") if c in "\n\t" or c >= " ")
    return kept.replace("\ufffe", "").replace("\uffff", "").strip()[:MOST_LETTERS]
