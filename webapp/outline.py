"""A diagram in words: its elements in reading order, who does them and where each leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from webapp.format import language
from workflows.engine import Description, Part
from workflows.language import N_, Sentence, translator

# What an element without a name is called, by its BPMN kind.
KINDS = {
    "startEvent": N_("Start"),
    "endEvent": N_("The end"),
    "intermediateCatchEvent": N_("Wait"),
    "intermediateThrowEvent": N_("Event"),
    "boundaryEvent": N_("If something happens meanwhile"),
    "exclusiveGateway": N_("One of the ways"),
    "inclusiveGateway": N_("One or more of the ways"),
    "parallelGateway": N_("All ways at the same time"),
    "eventBasedGateway": N_("What happens first"),
    "complexGateway": N_("Some of the ways"),
    "subProcess": N_("Part of the process"),
    "transaction": N_("Part of the process"),
    "callActivity": N_("Another process"),
}
OTHERWISE = N_("Otherwise")


@dataclass(frozen=True, slots=True)
class Line:
    """One element: how deep it lies, what it is called, who does it, and the ways on from it."""

    depth: int
    name: str
    who: str
    ways: tuple[str, ...]
    element: str = ""


def lines(description: Description) -> list[Line]:
    """The whole diagram, line by line; a way is told unless it leads to the next line."""
    parts = {part.element: part for part in description.outline()}
    return [
        Line(
            part.depth,
            _name(part),
            _who(part, description),
            tuple(_ways(part, after, parts)),
            part.element,
        )
        for part, after in zip_longest(parts.values(), list(parts.values())[1:])
    ]


def _name(part: Part) -> str:
    said = part.names.get(language()) or part.names.get("sv", "")
    if said and said != part.element.rpartition("/")[2]:
        return said
    meets = part.kind.endswith("Gateway") and len(part.flows) < 2
    word = N_("The ways meet") if meets else KINDS.get(part.kind, N_("Step"))
    return translator(language()).gettext(word)


def _who(part: Part, description: Description) -> str:
    lane = description.lanes.get(part.lane or "") if part.element in description.steps else None
    return "" if lane is None else lane.names.get(language()) or lane.names["sv"]


def _ways(part: Part, after: Part | None, parts: dict[str, Part]) -> Iterator[str]:
    several = len(part.flows) > 1
    for target, condition, label in part.flows:
        if not several and after is not None and target == after.element:
            return
        to = _name(parts[target])
        said = label.get(language()) or label.get("sv") or condition
        if several and not said and part.kind in ("exclusiveGateway", "inclusiveGateway"):
            said = translator(language()).gettext(OTHERWISE)
        text = N_("{when}: to “{name}”") if said else N_("To “{name}”")
        yield Sentence(text, {"when": said, "name": to}).said(language())
