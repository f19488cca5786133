"""Which flows of a diagram were taken on the way of a case, and which nobody has tried."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from workflows.engine import Compiled
from workflows.processes.reviewing import flows


@dataclass(frozen=True, slots=True)
class Coverage:
    """The flows that some of the ways came by, and those that none did, as they are drawn."""

    taken: frozenset[str]
    missed: tuple[str, ...]

    @property
    def all(self) -> int:
        return len(self.taken) + len(self.missed)


def coverage(compiled: Compiled, ways: Iterable[Sequence[str]]) -> Coverage:
    """Say what some cases came by, each told by the elements it entered, in order."""
    taken = frozenset(flow for passed in ways for flow in taken_by(compiled, passed))
    return Coverage(taken, tuple(dict.fromkeys(f for f in flows(compiled) if f not in taken)))


def taken_by(compiled: Compiled, passed: Sequence[str]) -> set[str]:
    """Name the flows by which a case came that entered these elements, in order."""
    taken: set[str] = set()
    before: set[str] = set()
    for place, element in enumerate(passed):
        taken.update(ways_to(compiled, element, passed[:place], before))
        before.add(element)
    return taken


def ways_to(
    compiled: Compiled, element: str, just_before: Sequence[str], passed: Collection[str]
) -> Iterator[str]:
    """The flows by which an element may have been entered: out of what has been passed, and out of
    a choice only when it was passed just before and chose nothing else."""
    for node in compiled.plan.nodes.values():
        for flow in node.outgoing:
            if flow.target != element or node.id not in passed:
                continue
            if node.kind == "exclusive":
                after = just_before[_last(just_before, node.id) + 1 :]
                others = {other.target for other in node.outgoing}
                if node.id not in just_before or others.intersection(after):
                    continue
            yield flow.id


def _last(elements: Sequence[str], wanted: str) -> int:
    return max((place for place, each in enumerate(elements) if each == wanted), default=-1)
