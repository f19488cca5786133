"""Change a diagram as the list of its steps: the same file as the picture, drawn anew by rule.

A step is added on a way between two others, moved to another way, or taken away so that the ways
around it meet. What this cannot do is done in the picture; nothing is dropped in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.engine.xml import BPMN, OURS, Element
from workflows.errors import Invalid
from workflows.processes.layout import lay_out
from workflows.processes.outline import FACTS, WHEN
from workflows.processes.step_xml import (
    arriving,
    end_of,
    find,
    flow_of,
    has_events,
    lane_of,
    leave_lane,
    leaving,
    new_element,
    new_flow,
    opened,
    relink,
    set_condition,
    set_dues,
    set_english,
    set_guidance,
    short,
    take_lane,
    written,
)


@dataclass(frozen=True, slots=True)
class Done:
    """The file after a change, and the step one goes on with."""

    source: bytes
    step: str


def change(source: bytes, said: Mapping[str, str], deed: str) -> Done:
    """Do one thing to a diagram: `save`, `remove` or `move` a step, `add` one, or a `choice`.

    :raises Invalid: if the diagram cannot be opened, or that cannot be done there
    """
    root = opened(source)
    what, _, flow_id = deed.partition(":")
    if what in ("add", "choice"):
        flow = flow_of(root, flow_id or said.get("to", ""))
        found = (_add if what == "add" else _add_choice)(root, flow, said)
        scope = found.getparent()
    else:
        found = find(root, said.get("step", ""))
        scope = found.getparent()
        if what == "save":
            was = lane_of(found)
            _say(root, found, said)
            if lane_of(found) is was:
                return Done(written(root), found.get("id", ""))
        elif what == "move":
            _move(root, found, flow_of(root, said.get("to", "")))
        elif what == "remove":
            found = _remove(found)
        else:
            raise Invalid("outline_gone", element=what)
    relink(root)
    places = {id(one): one for one in (scope, found.getparent()) if one is not None}
    for place in places.values():
        lay_out(root, place)
    return Done(written(root), found.get("id", ""))


def _add(root: Element, flow: Element, said: Mapping[str, str]) -> Element:
    name = short(said, "new_name")
    if not name:
        raise Invalid("outline_name")
    made = new_element(root, flow, "userTask", "step", name)
    set_english(made, "name", short(said, "new_name_en") or name)
    made.set(f"{{{OURS}}}kind", "form")
    _insert(root, flow, made)
    return made


def _add_choice(root: Element, flow: Element, said: Mapping[str, str]) -> Element:
    """A question with two ways: one over a new step, and one that goes on as before."""
    meets = new_element(root, flow, "exclusiveGateway", "meet", "")
    _insert(root, flow, meets)
    asks = new_element(root, flow, "exclusiveGateway", "choice", short(said, "question") or "?")
    _insert(root, flow, asks)
    yes = leaving(asks)[0]
    names = {one: said[one] for one in ("new_name", "new_name_en") if said.get(one)}
    made = _add(root, yes, {"new_name": "Nytt steg", **names})
    no = new_flow(root, _scope(flow), asks, meets)
    no.set("name", "Nej")
    set_english(no, "name", "No")
    asks.set("default", no.get("id", ""))
    yes.set("name", "Ja")
    set_english(yes, "name", "Yes")
    set_condition(yes, short(said, "condition") or "year > 0")
    return made


def _move(root: Element, found: Element, to: Element) -> None:
    if to in (*leaving(found), *arriving(found)):
        return
    leads_on, was = to.getparent(), found.getparent()
    if has_events(found) and leads_on is not was:
        raise Invalid("outline_stays", name=found.get("name") or found.get("id", ""))
    _detach(found)
    lane = lane_of(found)
    if leads_on is not was:
        leave_lane(found)
        lane = None
    _insert(root, to, found)
    if lane is None:
        take_lane(found, lane_of(end_of(to, "sourceRef")))


def _remove(found: Element) -> Element:
    """Take a step away; the one before it is gone on with."""
    if has_events(found):
        raise Invalid("outline_stays", name=found.get("name") or found.get("id", ""))
    before = end_of(arriving(found)[0], "sourceRef") if arriving(found) else found
    _detach(found)
    leave_lane(found)
    _scope(found).remove(found)
    return before


def _say(root: Element, found: Element, said: Mapping[str, str]) -> None:
    if short(said, "sv"):
        found.set("name", short(said, "sv"))
    set_english(found, "name", short(said, "en"))
    set_guidance(found, short(said, "guidance_sv"), short(said, "guidance_en"))
    for fact in FACTS:
        key = f"{{{OURS}}}{fact}"
        if fact in said and short(said, fact):
            found.set(key, short(said, fact))
        elif fact in said and key in found.attrib:
            del found.attrib[key]
    if "dues" in said:
        rows = (line.rpartition(WHEN) for line in short(said, "dues").splitlines())
        set_dues(found, [(when.strip(), rule.strip()) for when, _, rule in rows if rule.strip()])
    for flow in leaving(found):
        _say_way(flow, said)
    lane = next(
        (one for one in root.iter(f"{{{BPMN}}}lane") if one.get("id") == said.get("lane")), None
    )
    if lane is not None and lane is not lane_of(found):
        leave_lane(found)
        take_lane(found, lane)


def _say_way(flow: Element, said: Mapping[str, str]) -> None:
    own = flow.get("id", "")
    if f"label:{own}" in said:
        label = short(said, f"label:{own}")
        flow.set("name", label)
        if not label:
            del flow.attrib["name"]
    if f"when:{own}" in said:
        set_condition(flow, short(said, f"when:{own}"))


def _insert(root: Element, flow: Element, made: Element) -> None:
    """Lead a way over an element: the first half keeps its id, its name and its condition."""
    scope = _scope(flow)
    target = end_of(flow, "targetRef")
    if made.getparent() is not scope:
        scope.append(made)
    flow.set("targetRef", made.get("id", ""))
    new_flow(root, scope, made, target)
    if lane_of(made) is None:
        take_lane(made, lane_of(end_of(flow, "sourceRef")))


def _detach(found: Element) -> None:
    """Let the ways around an element meet."""
    on, before = leaving(found), arriving(found)
    targets = {one.get("targetRef", "") for one in on}
    if (
        len(targets) != 1
        or not before
        or found.get("id") in targets
        or any(one.get("sourceRef") in targets for one in before)
    ):
        raise Invalid("outline_stays", name=found.get("name") or found.get("id", ""))
    for one in before:
        one.set("targetRef", *targets)
    for one in on:
        _scope(one).remove(one)
    if "default" in found.attrib:
        del found.attrib["default"]


def _scope(found: Element) -> Element:
    scope = found.getparent()
    if scope is None:
        raise Invalid("outline_gone", element=found.get("id"))
    return scope
