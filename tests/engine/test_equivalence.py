"""Random diagrams and random answers: ours, an independent token game and stock do the same."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.stock import play_stock
from tests.engine.acting import Acting
from tests.engine.drawing import diagram
from tests.engine.token_game import Endless, Game, Net
from workflows.engine import Complete, Rejected, compile_diagram
from workflows.engine.living import forget_all

CONDITIONS = ("p", "q", "r")
SETTINGS = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@dataclass
class Drawing:
    """A diagram being drawn, as XML and as a net at the same time."""

    kinds: dict[str, str] = field(default_factory=lambda: {"s": "start", "e": "end"})
    flows: list[tuple[str, str, str]] = field(default_factory=list)
    defaults: dict[str, int] = field(default_factory=dict)

    def new(self, kind: str) -> str:
        """A new element."""
        name = f"{kind}{len(self.kinds)}"
        self.kinds[name] = kind
        return name

    def flow(self, source: str, target: str, condition: str = "") -> None:
        """A flow; the last out of a choice is its default."""
        if condition == "default":
            self.defaults[source] = len(self.flows)
        self.flows.append((source, target, condition))

    def xml(self) -> bytes:
        """The diagram."""
        tags = {"task": "user", "end": "end", "start": "start"}
        nodes = " ".join(f"{tags.get(kind, kind)}:{name}" for name, kind in self.kinds.items())
        flows = "; ".join(
            f"{a} {b}" + (f" | {condition}" if condition else "") for a, b, condition in self.flows
        )
        return diagram(nodes, flows)

    def net(self) -> Net:
        """The same, for the token game."""
        return Net(self.kinds, self.flows, self.defaults)


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
    raise AssertionError(shape)


blocks = st.recursive(
    st.just("task"),
    lambda inner: st.one_of(
        st.tuples(st.just("seq"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.sampled_from(["xor", "and", "or"]), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("loop"), inner),
    ),
    max_leaves=8,
)
answers = st.fixed_dictionaries({name: st.booleans() for name in CONDITIONS})


def drawn(shape: Any) -> Drawing:
    drawing = Drawing()
    end, left = draw_block(drawing, ("seq", ["task", shape]), "s")
    drawing.flow(end, "e", left)
    return drawing


def play_both(drawing: Drawing, data: dict[str, bool], seed: int, steps: int = 40) -> Acting:
    """Complete the same random tasks in both; after each, the same tasks must be open."""
    chance = random.Random(seed)  # noqa: S311 - which task comes first is no secret
    net = drawing.net()
    game, case = Game(net, data | {"again": False}), Acting(drawing.xml(), data | {"again": False})
    for _ in range(steps):
        assert Counter(case.steps.values()) == +game.open
        if not case.steps:
            break
        key = chance.choice(sorted(case.steps))
        element, again = case.steps[key], chance.random() < 0.3
        game.data["again"] = again
        game.complete(element)
        if chance.random() < 0.5:
            forget_all()  # as after a restart: the stored bytes are all there is
        case.do(Complete(key, {"again": again}))
    assert case.finished == game.finished
    return case


@SETTINGS
@given(blocks, answers, st.integers(0, 2**32))
def test_block_structured_diagrams_run_as_the_token_game_says(shape, data, seed):
    drawing = drawn(shape)
    case = play_both(drawing, data, seed)
    assert case.stopped == []
    if not case.steps:
        assert case.finished  # no lost token, no stuck case


@SETTINGS
@given(st.data(), answers, st.integers(0, 2**32))
def test_unstructured_diagrams_run_as_the_token_game_says_or_are_refused(choose, data, seed):
    drawing = Drawing()
    names = ["s"]
    for kind in choose.draw(
        st.lists(st.sampled_from(["task", "task", "xor", "and", "or"]), min_size=2, max_size=7)
    ):
        name = drawing.new(kind)
        drawing.flow(choose.draw(st.sampled_from([n for n in names if _free(drawing, n)])), name)
        names.append(name)
    targets = [n for n in names if drawing.kinds[n] != "start"]
    for _ in range(choose.draw(st.integers(0, 4))):
        source = choose.draw(
            st.sampled_from([n for n in names if drawing.kinds[n] in GATES] or ["-"])
        )
        if source != "-":
            drawing.flow(source, choose.draw(st.sampled_from(targets)))
    for name in names:
        if not any(source == name for source, _, _ in drawing.flows):
            drawing.flow(name, "e")
    _conditions(drawing)
    try:
        compile_diagram(drawing.xml())
    except Rejected:
        return
    try:
        case = play_both(drawing, data, seed, steps=15)
    except Endless:
        return
    assert {code for _, code in case.stopped} <= {"join_never_fires"}


GATES = ("xor", "and", "or")


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


@SETTINGS
@given(blocks, answers)
def test_block_structured_diagrams_run_as_on_stock_spiffworkflow(shape, data):
    drawing = drawn(shape)
    case = Acting(drawing.xml(), {**data, "again": False})
    done: Counter[str] = Counter()
    while case.steps:
        key = min(case.steps, key=int)
        done[case.steps[key]] += 1
        case.do(Complete(key))
    _, theirs = play_stock(drawing.xml(), "p", {**data, "again": False})
    tasks = {name for name, kind in drawing.kinds.items() if kind == "task"}
    assert done == Counter({name: theirs[name] for name in tasks if theirs[name]})
