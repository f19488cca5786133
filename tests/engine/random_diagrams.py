"""Random diagrams, drawn as XML for the engine and as a net for the token game."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.engine.drawing import body, diagram
from tests.engine.token_game import Net

CONDITIONS = ("p", "q", "r")
GATES = ("xor", "and", "or")
TAGS = {"task": "user", "end": "end", "start": "start"}


@dataclass
class Drawing:
    """A diagram being drawn, as XML and as a net at the same time.

    A sub-process is a way in and a way out to the net (`sub3`, `sub3_out`), and one element with an
    inside to the engine.
    """

    kinds: dict[str, str] = field(default_factory=lambda: {"s": "start", "e": "end"})
    flows: list[tuple[str, str, str]] = field(default_factory=list)
    defaults: dict[str, int] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)  # element -> the sub-process it lies in
    home: str = ""
    attributes: str = ""  # of every task
    process: str = 'id="p"'

    def new(self, kind: str, name: str = "") -> str:
        """A new element, where we are drawing now."""
        name = name or f"{kind}{len(self.kinds)}"
        self.kinds[name] = kind
        self.homes[name] = self.home
        return name

    def flow(self, source: str, target: str, condition: str = "") -> None:
        """A flow; the last out of a choice is its default."""
        if condition == "default":
            self.defaults[source] = len(self.flows)
        self.flows.append((source, target, condition))

    def xml(self) -> bytes:
        """The diagram."""
        nodes, flows, inside = self._drawn("")
        return diagram(nodes, flows, inside, process=self.process)

    def _drawn(self, home: str) -> tuple[str, str, dict[str, str]]:
        mine = [name for name in self.kinds if self.homes.get(name, "") == home]
        nodes = " ".join(
            f"{TAGS.get(kind, kind)}:{name}" + (self.attributes if kind == "task" else "")
            for name in mine
            if (kind := self.kinds[name]) != "out"
        )
        flows = "; ".join(
            f"{a.removesuffix('_out')} {b}" + (f" | {condition}" if condition else "")
            for a, b, condition in self.flows
            if a in mine and b in mine and self.kinds[b] != "out"
        )
        subs = [name for name in mine if self.kinds[name] == "sub"]
        return nodes, flows, {sub: body(*self._drawn(sub)) for sub in subs}

    def net(self) -> Net:
        """The same, for the token game."""
        inner = {name: "pass" for name in self.kinds if self.homes.get(name)}
        kinds = {
            name: inner.get(name, kind) if kind in ("start", "end") else kind
            for name, kind in self.kinds.items()
        }
        return Net(kinds, self.flows, self.defaults)


def draw_block(drawing: Drawing, shape: Any, source: str, condition: str = "") -> tuple[str, str]:
    """Draw a block after `source`; what it ends with, and the condition still to be drawn."""
    match shape:
        case "task":
            task = drawing.new("task")
            drawing.flow(source, task, condition)
            return task, ""
        case ("seq", parts):
            for part in parts:
                source, condition = draw_block(drawing, part, source, condition)
            return source, condition
        case (("xor" | "and" | "or") as kind, parts):
            split, join = drawing.new(kind), drawing.new(kind)
            drawing.flow(source, split, condition)
            for number, part in enumerate(parts):
                last = number == len(parts) - 1
                way = "" if kind == "and" else "default" if last else CONDITIONS[number]
                end, left = draw_block(drawing, part, split, way)
                drawing.flow(end, join, left)
            return join, ""
        case ("loop", part):
            merge, task, split = drawing.new("xor"), drawing.new("task"), drawing.new("xor")
            drawing.flow(source, merge, condition)
            drawing.flow(merge, task)
            end, left = draw_block(drawing, part, task)
            drawing.flow(end, split, left)
            drawing.flow(split, merge, "again")
            return split, "default"
        case ("sub", part):
            return draw_inside(drawing, part, source, condition), ""
    raise AssertionError(shape)


def draw_inside(drawing: Drawing, part: Any, source: str, condition: str) -> str:
    """Draw a sub-process with a block in it; its way out."""
    sub = drawing.new("sub")
    drawing.flow(source, sub, condition)
    around, drawing.home = drawing.home, sub
    start, end = drawing.new("start", f"{sub}_s"), drawing.new("end", f"{sub}_e")
    drawing.flow(sub, start)
    last, left = draw_block(drawing, part, start)
    drawing.flow(last, end, left)
    drawing.home = around
    out = drawing.new("out", f"{sub}_out")
    drawing.flow(end, out)
    return out


blocks = st.recursive(
    st.just("task"),
    lambda inner: st.one_of(
        st.tuples(st.just("seq"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.sampled_from(GATES), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.sampled_from(["loop", "sub"]), inner),
    ),
    max_leaves=8,
)
answers = st.fixed_dictionaries({name: st.booleans() for name in CONDITIONS})


def drawn(shape: Any, **how: str) -> Drawing:
    """A task, the block, and the end."""
    drawing = Drawing(**how)
    end, left = draw_block(drawing, ("seq", ["task", shape]), "s")
    drawing.flow(end, "e", left)
    return drawing


@st.composite
def tangles(draw: st.DrawFn) -> Drawing:
    """Elements with flows between them as they fall, most of them badly drawn."""
    drawing = Drawing()
    names = ["s"]
    for kind in draw(
        st.lists(st.sampled_from(["task", "task", "xor", "and", "or"]), min_size=2, max_size=7)
    ):
        name = drawing.new(kind)
        drawing.flow(draw(st.sampled_from([n for n in names if _free(drawing, n)])), name)
        names.append(name)
    targets = [n for n in names if drawing.kinds[n] != "start"]
    for _ in range(draw(st.integers(0, 4))):
        source = draw(st.sampled_from([n for n in names if drawing.kinds[n] in GATES] or ["-"]))
        if source != "-":
            drawing.flow(source, draw(st.sampled_from(targets)))
    for name in names:
        if not any(source == name for source, _, _ in drawing.flows):
            drawing.flow(name, "e")
    _conditions(drawing)
    return drawing


def _free(drawing: Drawing, name: str) -> bool:
    """Start and tasks have one way out; gateways as many as one likes."""
    return drawing.kinds[name] in GATES or all(source != name for source, _, _ in drawing.flows)


def _conditions(drawing: Drawing) -> None:
    for name, kind in drawing.kinds.items():
        ways = [n for n, (source, _, _) in enumerate(drawing.flows) if source == name]
        if kind not in ("xor", "or") or len(ways) < 2:
            continue
        for number, way in enumerate(ways):
            source, target, _ = drawing.flows[way]
            last = number == len(ways) - 1
            condition = "default" if last else CONDITIONS[number % 3]
            drawing.flows[way] = (source, target, condition)
        drawing.defaults[name] = ways[-1]
