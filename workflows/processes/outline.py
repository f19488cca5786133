"""A diagram as the list of its steps shows it: what each step says, and the ways between them."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.engine.reading import KINDS
from workflows.engine.xml import BPMN, Element, child, extensions, local, ours, text
from workflows.errors import Invalid
from workflows.processes.step_xml import (
    arriving,
    condition_of,
    english,
    find,
    has_events,
    lane_of,
    lanes_of,
    leaving,
    opened,
)

FACTS = ("form", "due", "kind", "policy", "role", "notBy", "assignee")
WHEN = "=>"  # between the condition of a deadline and its rule, where there are several


@dataclass(frozen=True, slots=True)
class Way:
    """A way on which a step may be put: between which two, what is written on it, and when."""

    flow: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    is_default: bool = False


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
    dues: str  # several deadlines, one a line: condition => rule
    lanes: tuple[tuple[str, str], ...]
    parts: tuple[Way, ...]  # the ways that part here, when there are several
    may_move: bool
    may_go: bool  # it can be taken away


def step(source: bytes, element: str) -> Step | None:
    """Read one step; None when the diagram has no such element or cannot be opened."""
    try:
        root = opened(source)
        found = find(root, element)
    except Invalid:
        return None
    lane, scope = lane_of(found), found.getparent()
    lanes = [] if scope is None else lanes_of(scope)
    on = leaving(found)
    leads = len({one.get("targetRef") for one in on}) == 1 and bool(arriving(found))
    return Step(
        element,
        local(found),
        found.get("name", ""),
        english(found, "name"),
        text(child(found, "documentation")),
        english(found, "text"),
        "" if lane is None else lane.get("id", ""),
        {fact: ours(found, fact) or "" for fact in FACTS},
        "\n".join(f"{one.get('when') or ''} {WHEN} {text(one)}".strip() for one in _dues(found)),
        tuple((one.get("id", ""), one.get("name", "")) for one in lanes),
        tuple(_way(one) for one in on) if len(on) > 1 else (),
        leads,
        leads and not has_events(found),
    )


def ways(source: bytes) -> list[Way]:
    """Every way between two elements, in the order of the file."""
    try:
        root = opened(source)
    except Invalid:
        return []
    return [_way(flow) for flow in root.iter(f"{{{BPMN}}}sequenceFlow")]


def elements(source: bytes) -> list[tuple[str, str, str]]:
    """Every element one may change, as the file has them: id, name and tag."""
    try:
        root = opened(source)
    except Invalid:
        return []
    return [
        (one.get("id", ""), str(one.get("name") or one.get("id")), local(one))
        for one in root.iter()
        if local(one) in KINDS and one.get("id")
    ]


def _dues(found: Element) -> list[Element]:
    return list(extensions(found, "due"))


def _way(flow: Element) -> Way:
    source, target = flow.get("sourceRef", ""), flow.get("targetRef", "")
    scope = flow.getparent()
    first = () if scope is None else (one for one in scope if one.get("id") == source)
    is_default = any(one.get("default") == flow.get("id") for one in first)
    return Way(
        flow.get("id", ""),
        source,
        target,
        flow.get("name", ""),
        condition_of(flow),
        is_default,
    )
