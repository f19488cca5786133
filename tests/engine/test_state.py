"""What is stored: small, exact, versioned, and never overwritten by who cannot read it."""

from decimal import Decimal

import orjson
import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import body, boundary, diagram, timer
from workflows.engine import BrokenState, Complete, Facts, advance, begin, compile_diagram, load
from workflows.engine.plan import COMPILER

LOOP = diagram(
    "start:s user:a xor:g end:e", "s a; a g; g a | again; g e | default"
)  # fmt: skip
LINE = diagram("start:s user:a user:b end:e", "s a; a b; b e")


def test_state_does_not_grow_with_what_is_done():
    case = Acting(LOOP)
    sizes = []
    for number in range(300):
        case.complete("a", again=True, number=number % 10)
        sizes.append(len(case.progress.state))
    assert max(sizes) - min(sizes) <= 4  # the digits of the counter


def test_a_finished_case_keeps_its_data_and_little_else():
    case = Acting(LOOP)
    case.complete("a", again=False)
    assert case.finished
    assert len(case.progress.state) < 150


def test_decimals_come_back_exactly():
    case = Acting(LINE)
    case.complete("a", price=Decimal("1.10"), nested=[{"p": Decimal("0.30")}])
    case.complete("b")
    assert case.data["price"] == Decimal("1.10")
    assert str(case.data["nested"][0]["p"]) == "0.30"


def test_the_same_state_and_command_give_the_same_answer():
    compiled = compile_diagram(LINE)
    started = begin(compiled, {"x": [1]}, Facts())
    first = advance(compiled, started.state, Complete(started.opened[0].id), Facts())
    second = advance(compiled, started.state, Complete(started.opened[0].id), Facts())
    assert first == second


@pytest.mark.parametrize("cut", [0, 1, 10, 0.5, -1])
def test_a_state_cut_short_is_refused(cut):
    case = Acting(LINE)
    whole = case.progress.state
    part = whole[: int(len(whole) * cut) if isinstance(cut, float) else cut]
    with pytest.raises(BrokenState):
        advance(case.compiled, part, Complete("2"), Facts())


@pytest.mark.parametrize(
    "change",
    [{"format": 2}, {"format": "1"}, {"open": []}, {"open": 7}, {"waits": [[1]]}, {"next": None},
     {"open": [[0, "p", [[2, "gone", 16, None, 0]]]]}, {"open": [[9, "p", []]]},
     {"open": [[0, "p", [[2, "a", 16, "s", 0, 7]]]]}, {"asleep": [[2, 0, "a", True]]},
     {"waits": [[3, "gone", 0]]}, {"waits": [[3, "a", 9]]}, {"data": {"x": {"\0d": "one"}}}],
)  # fmt: skip
def test_a_state_that_does_not_fit_is_refused(change):
    case = Acting(LINE)
    raw = orjson.loads(case.progress.state) | change
    with pytest.raises(BrokenState):
        advance(case.compiled, orjson.dumps(raw), Complete("2"), Facts())


def test_a_version_from_a_newer_program_is_refused():
    raw = orjson.loads(compile_diagram(LINE).blob)
    with pytest.raises(BrokenState) as refused:
        load(orjson.dumps(raw | {"compiler": COMPILER + 1}))
    assert refused.value.code == "newer_compiler"
    with pytest.raises(BrokenState):
        load(b"PK\x03\x04")


def test_everything_that_waits_survives_being_stored():
    inner = body("start:is user:ia end:ie", "is ia; ia ie")
    case = Acting(
        diagram(
            "start:s and:g sub:p1 user:b and:j end:e",
            "s g; g p1; g b; p1 j; b j; t j; j e",
            {"p1": inner},
            more=boundary("t", "p1", timer("P1D"), interrupting=False),
        )
    )
    assert (case.open, len(case.waits)) == (["b", "ia"], 1)
    case.fire("t")  # each command reads the stored bytes anew
    case.complete("b")
    case.complete("ia")
    assert not case.incidents
