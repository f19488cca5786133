"""A diagram in words: its elements in reading order, its branches one inside the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webapp.format import language
from workflows.engine import Description, Part
from workflows.language import N_, Sentence, translator
from workflows.processes.ordering import visited

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
CHOOSING = ("exclusiveGateway", "inclusiveGateway")

Way = tuple[str, str | None, dict[str, str]]  # where to, on what condition, its label


@dataclass(frozen=True, slots=True)
class Line:
    """One element: how deep it lies, what it is called, who does it, and the ways on from it.

    The line that begins a branch is no element: its name says when the branch is taken.
    """

    depth: int
    name: str
    who: str = ""
    ways: tuple[str, ...] = ()
    element: str = ""


def lines(description: Description) -> list[Line]:
    """The whole diagram, line by line; a way is told unless it leads to the next line."""
    telling = _Telling(description)
    return list(telling.inside("", 0))


class _Telling:
    """The telling of one diagram; what has been told is only pointed at when it is met again."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.parts = {part.element: part for part in description.outline()}
        self.told: set[str] = set()
        self.holds: dict[str, list[str]] = {}
        self.edges: dict[str, list[str]] = {}  # host -> the events on its edge
        around: list[str] = []
        for part in self.parts.values():
            del around[part.depth :]
            self.holds.setdefault(around[-1] if around else "", []).append(part.element)
            around.append(part.element)
            if part.attached_to is not None:
                self.edges.setdefault(part.attached_to, []).append(part.element)
        onwards = {
            own: [flow[0] for flow in part.flows] + self.edges.get(own, [])
            for own, part in self.parts.items()
        }
        done, self.back = visited(list(self.parts), onwards)
        self.ahead: dict[str, frozenset[str]] = {}
        for own in done:
            forward = (self.ahead[to] for to in onwards[own] if (own, to) not in self.back)
            self.ahead[own] = frozenset({own}).union(*forward)

    def inside(self, holder: str, depth: int) -> Iterator[Line]:
        """Everything that lies in a part of the process, or in the process itself."""
        for element in self.holds.get(holder, ()):
            yield from self._from(element, frozenset(), depth)

    def _from(self, first: str, until: frozenset[str], depth: int) -> Iterator[Line]:
        pending = [first]
        while pending := [one for one in pending if one not in self.told | until]:
            part = self.parts[pending.pop(0)]
            self.told.add(part.element)
            forward = [way for way in part.flows if (part.element, way[0]) not in self.back]
            branches, onwards = self._parted(forward, until)
            pending = onwards + pending
            after = next((one for one in pending if one not in self.told | until), None)
            yield Line(
                depth,
                self._name(part),
                self._who(part),
                tuple(self._ways(part, after, branches)),
                part.element,
            )
            beyond = until | self._ahead(way[0] for way in forward)
            for event in self.edges.get(part.element, ()):
                yield from self._from(event, beyond, depth + 1)
            yield from self.inside(part.element, depth + 1)
            for place, way in enumerate(branches, 1):
                others = until | self._ahead(one[0] for one in forward if one[0] != way[0])
                yield Line(depth + 1, self._when(part, way, place))
                yield from self._from(way[0], others, depth + 2)

    def _parted(self, forward: list[Way], until: frozenset[str]) -> tuple[list[Way], list[str]]:
        """The ways that are told as branches, and what is gone on with after them.

        Where branches meet, each is told up to there; where none do, the longest is gone on with.
        """
        new = [way for way in forward if way[0] not in self.told | until]
        reached = [self.ahead[way[0]] - until for way in new]
        if len(new) < 2:
            return [], [way[0] for way in new]
        pairs = ((mine, his) for at, mine in enumerate(reached) for his in reached[:at])
        meet = {one for mine, his in pairs for one in mine & his}
        if not meet:
            longest = max(new, key=lambda way: len(self.ahead[way[0]]))
            return [way for way in new if way is not longest], [longest[0]]
        later = frozenset().union(*(self.ahead[one] - {one} for one in meet))
        return [way for way in new if way[0] not in meet], [
            one for one in self.parts if one in meet and one not in later
        ]

    def _ahead(self, elements: Iterable[str]) -> frozenset[str]:
        return frozenset().union(*(self.ahead[one] for one in elements))

    def _name(self, part: Part) -> str:
        said = part.names.get(language()) or part.names.get("sv", "")
        if said and said != part.element.rpartition("/")[2]:
            return said
        meets = part.kind.endswith("Gateway") and len(part.flows) < 2
        word = N_("The ways meet") if meets else KINDS.get(part.kind, N_("Step"))
        return translator(language()).gettext(word)

    def _who(self, part: Part) -> str:
        is_step = part.element in self.description.steps
        lane = self.description.lanes.get(part.lane or "") if is_step else None
        return "" if lane is None else lane.names.get(language()) or lane.names["sv"]

    def _ways(self, part: Part, after: str | None, branches: list[Way]) -> Iterator[str]:
        several = len(part.flows) > 1
        for place, way in enumerate(part.flows, 1):
            if way in branches or (not several and way[0] == after):
                continue
            said = self._when(part, way, place) if several and part.kind in CHOOSING else _said(way)
            text = N_("{when}: to “{name}”") if said else N_("To “{name}”")
            words = {"when": said, "name": self._name(self.parts[way[0]])}
            yield Sentence(text, words).said(language())

    def _when(self, part: Part, way: Way, place: int) -> str:
        """When a way is taken, as it begins a branch."""
        if said := _said(way):
            return said
        if part.kind in CHOOSING:
            return translator(language()).gettext(OTHERWISE)
        return Sentence(N_("Way {number}"), {"number": str(place)}).said(language())


def _said(way: Way) -> str:
    _, condition, label = way
    return label.get(language()) or label.get("sv") or condition or ""
