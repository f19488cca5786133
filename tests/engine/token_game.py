"""An independent reading of the standard: tokens on flows, for holding the engine against.

It shares nothing with the engine: a marking counts the tokens on each flow, a step fires one
element, and an inclusive join looks at the marking alone.
"""

from collections import Counter
from dataclasses import dataclass, field

MOST = 300  # elements fired before we say that a diagram does not come to rest


class Endless(Exception):
    """The tokens multiply or go round for ever."""


@dataclass
class Net:
    """Elements by kind, and flows as (source, target, condition); a condition is a data name."""

    kinds: dict[str, str]
    flows: list[tuple[str, str, str]]
    defaults: dict[str, int] = field(default_factory=dict)  # gateway -> its default flow

    def into(self, element: str) -> list[int]:
        """The flows that lead to an element."""
        return [n for n, (_, target, _) in enumerate(self.flows) if target == element]

    def out_of(self, element: str) -> list[int]:
        """The flows that leave it."""
        return [n for n, (source, _, _) in enumerate(self.flows) if source == element]

    def before(self, flow: int, without: str) -> set[int]:
        """The flows from which a token could get to `flow` without passing an element."""
        found: set[int] = set()
        pending = [flow]
        while pending:
            here = pending.pop()
            source = self.flows[here][0]
            if source == without:
                continue
            for earlier in self.into(source):
                if earlier not in found:
                    found.add(earlier)
                    pending.append(earlier)
        return found


class Game:
    """One run: the marking, the open tasks, and how often each element was done."""

    def __init__(self, net: Net, data: dict[str, bool]) -> None:
        self.net = net
        self.data = data
        self.marking: Counter[int] = Counter()
        self.open: Counter[str] = Counter()
        self.stuck: set[str] = set()
        self._leave("s")
        self._settle()

    def complete(self, task: str) -> None:
        """A person is done with a task."""
        self.open[task] -= 1
        self.open += Counter()
        self._leave(task)
        self._settle()

    @property
    def finished(self) -> bool:
        """Whether no token is left."""
        return not self.open and not +self.marking

    def _leave(self, element: str) -> None:
        flows = self.net.out_of(element)
        kind = self.net.kinds[element]
        if kind in ("xor", "or"):
            held = [n for n in flows if self._holds(n, element)]
            flows = (held[:1] if kind == "xor" else held) or [self.net.defaults[element]]
        self.marking.update(flows)

    def _holds(self, flow: int, element: str) -> bool:
        condition = self.net.flows[flow][2]
        return flow != self.net.defaults.get(element) and self.data.get(condition, True)

    def _settle(self) -> None:
        for _ in range(MOST):
            if not self._step():
                return
        raise Endless

    def _step(self) -> bool:
        for flow in list(+self.marking):
            element = self.net.flows[flow][1]
            kind, ways = self.net.kinds[element], self.net.into(element)
            if kind == "and":
                taken = ways if all(self.marking[way] for way in ways) else []
            elif kind == "or" and len(ways) > 1:
                continue
            else:
                taken = [flow]
            if taken:
                self._fire(element, kind, taken)
                return True
        return self._inclusive()

    def _inclusive(self) -> bool:
        for element, kind in self.net.kinds.items():
            ways = self.net.into(element)
            taken = [way for way in ways if self.marking[way]]
            if kind != "or" or len(ways) < 2 or not taken:
                continue
            empty = [way for way in ways if way not in taken]
            could = {f for way in empty for f in self.net.before(way, element)}
            full = {f for way in taken for f in self.net.before(way, element)}
            tokens = {f for f in +self.marking if f not in ways}
            tokens |= {way for task in self.open for way in self.net.into(task)}
            if not tokens & (could - full):
                self._fire(element, kind, taken)
                return True
        return False

    def _fire(self, element: str, kind: str, taken: list[int]) -> None:
        for way in taken:
            self.marking[way] -= 1
        if kind == "task":
            self.open[element] += 1
        elif kind != "end":
            self._leave(element)
