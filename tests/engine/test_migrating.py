"""A running case follows its process to a new version when everything open has its like there."""

import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import body, boundary, diagram, timer
from workflows.engine import Misfit, compile_diagram, migrate, misfits
from workflows.errors import Conflict

OLD = diagram(
    "start:s user:a user:b end:e",
    "s a; a b; b e; t e",
    more=boundary("t", "b", timer("T1", "timeDate")),
)


def standing_at_b(source: bytes = OLD) -> Acting:
    case = Acting(source, {"x": 1})
    case.complete("a")
    return case


def move(case: Acting, source: bytes, mapping: dict[str, str] | None = None) -> Acting:
    new = compile_diagram(source)
    progress = migrate(case.compiled, new, case.progress.state, case.facts, mapping)
    case.compiled = new
    case.take(progress)
    return case


def test_steps_keep_their_numbers_and_changed_timers_are_waited_for_anew():
    case = standing_at_b()
    step, wait = case.step("b"), case.wait("t")
    new = diagram(
        "start:s user:b user:c end:e",
        "s b; b c; c e; t e",
        more=boundary("t", "b", timer("T2", "timeDate")),
    )
    move(case, new)
    assert case.step("b") == step
    assert wait not in case.waits
    assert [found.rule for found in case.waits.values()] == ["T2"]
    case.complete("b", y=2)
    assert case.open == ["c"]
    assert case.data == {"x": 1, "y": 2}


def test_a_new_boundary_is_listened_for():
    plain = diagram("start:s user:a user:b end:e", "s a; a b; b e")
    case = move(standing_at_b(plain), OLD)
    assert [found.element for found in case.waits.values()] == ["t"]


def test_what_is_open_must_have_its_like():
    case = standing_at_b()
    state = case.progress.state
    gone = compile_diagram(diagram("start:s user:c end:e", "s c; c e"))
    assert misfits(case.compiled, gone, state) == (Misfit("b", "gone"),)
    assert misfits(case.compiled, gone, state, {"b": "c"}) == ()
    other = compile_diagram(
        diagram("start:s script:b end:e", "s b; b e", {"b": "<script>x = 1</script>"})
    )
    assert misfits(case.compiled, other, state) == (Misfit("b", "other_kind"),)
    inside = compile_diagram(diagram("start:s sub:p1", "s p1", {"p1": body("user:b", "")}))
    assert misfits(case.compiled, inside, state) == (Misfit("b", "other_scope"),)
    with pytest.raises(Conflict):
        migrate(case.compiled, gone, state, case.facts)


def test_a_mapping_renames_what_is_open():
    case = move(standing_at_b(), diagram("start:s user:c end:e", "s c; c e"), {"b": "c"})
    assert (case.open, case.waits) == (["b"], {})  # the step was opened as b, and is c now
    case.complete("b")
    assert case.finished


def test_a_branch_that_has_come_to_a_join_is_not_lost():
    split = "s g; g a; g b; a j; b j; j c; c e"
    source = diagram("start:s and:g user:a user:b and:j user:c end:e", split)
    case = Acting(source)
    case.complete("a")
    move(case, diagram("start:s and:g user:a user:b and:j user:c user:d end:e",
                       "s g; g a; g b; a j; b j; j c; c d; d e"))  # fmt: skip
    case.complete("b")
    case.complete("c")
    assert case.open == ["d"]


def test_rounds_of_a_loop_follow():
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>xs</loopDataInputRef>"
        "<loopDataOutputRef>ys</loopDataOutputRef></multiInstanceLoopCharacteristics>"
    )
    case = Acting(diagram("start:s user:a end:e", "s a; a e", {"a": loop}), {"xs": [1, 2]})
    case.complete("a", v=1)
    move(case, diagram("start:s user:a user:b end:e", "s a; a b; b e", {"a": loop}))
    case.complete("a", v=2)
    assert case.open == ["b"]
    assert case.data["ys"] == [{"v": 1}, {"v": 2}]
