"""Random diagrams and random answers: ours, an independent token game and stock do the same."""

import random
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.stock import play_stock
from tests.engine.acting import Acting
from tests.engine.random_diagrams import Drawing, answers, blocks, drawn, tangles
from tests.engine.token_game import Endless, Game
from workflows.engine import Complete, Rejected, compile_diagram
from workflows.engine.living import forget_all

SETTINGS = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


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
@given(tangles(), answers, st.integers(0, 2**32))
def test_unstructured_diagrams_run_as_the_token_game_says_or_are_refused(drawing, data, seed):
    try:
        compile_diagram(drawing.xml())
    except Rejected:
        return
    try:
        case = play_both(drawing, data, seed, steps=15)
    except Endless:
        return
    assert {code for _, code in case.stopped} <= {"join_never_fires"}


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
