"""A running case follows its process to a new version when everything open has its like there."""

import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import body, boundary, diagram, timer
from workflows.engine import Fire, Misfit, Retry, align, compile_diagram, migrate, misfits
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
    moved = migrate(case.compiled, new, case.progress.state, case.facts, mapping)
    case.compiled = new
    case.waits |= {wait.id: wait for wait in moved.renewed}
    case.steps = {key: (mapping or {}).get(one, one) for key, one in case.steps.items()}
    case.take(moved.progress)
    return case


def test_steps_and_waits_keep_their_numbers_and_a_changed_rule_counts():
    case = standing_at_b()
    open_before = case.step("b"), case.wait("t")
    new = diagram(
        "start:s user:b user:c end:e",
        "s b; b c; c e; t e",
        more=boundary("t", "b", timer("T2", "timeDate")),
    )
    move(case, new)
    assert (case.step("b"), case.wait("t")) == open_before
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
    assert (case.open, case.waits) == (["c"], {})
    case.complete("c")
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


def test_a_timer_that_has_fired_does_not_fire_twice():
    more = boundary("t", "b", timer("T1", "timeDate"), interrupting=False)
    nodes, flows = "start:s user:a user:b user:x end:e", "s a; a b; b e; t x; x e"
    case = standing_at_b(diagram(nodes, flows, more=more))
    case.fire("t")
    again = more.replace(">T1<", ">T2<")
    move(case, diagram(nodes + " user:c", flows.replace("b e", "b c; c e"), more=again))
    assert case.waits == {}
    assert case.open == ["b", "x"]


def test_what_is_waited_for_stays_when_its_rule_is_the_same():
    case = standing_at_b()
    before = dict(case.waits)
    new = diagram(
        "start:s user:d user:b user:c end:e",
        "s d; d b; b c; c e; u e",
        more=boundary("u", "b", timer("T1", "timeDate")),
    )
    moved = migrate(case.compiled, compile_diagram(new), case.progress.state, case.facts,
                    {"t": "u"})  # fmt: skip
    assert (moved.renewed, moved.progress.waits_opened, moved.progress.waits_closed) == ((), (), ())
    move(case, new, {"t": "u"})
    case.do(Fire(next(iter(before))))
    assert case.finished


def test_a_boundary_that_is_gone_is_waited_for_no_longer():
    case = move(standing_at_b(), diagram("start:s user:a user:b end:e", "s a; a b; b e"))
    assert case.waits == {}


MORE_WAYS = diagram(
    "start:s and:g user:a user:b user:c and:j end:e", "s g; g a; g b; g c; a j; b j; c j; j e"
)
TWO_WAYS = diagram("start:s and:g user:a user:b and:j end:e", "s g; g a; g b; a j; b j; j e")


def test_a_join_that_nobody_can_fill_keeps_a_case_from_following():
    new = compile_diagram(MORE_WAYS)
    case = Acting(TWO_WAYS)
    assert misfits(case.compiled, new, case.progress.state) == (Misfit("j", "join_never_fires"),)
    case.complete("a")
    assert misfits(case.compiled, new, case.progress.state) == (Misfit("j", "join_never_fires"),)
    fewer = Acting(MORE_WAYS)
    fewer.complete("c")
    found = misfits(fewer.compiled, compile_diagram(TWO_WAYS), fewer.progress.state)
    assert found == (Misfit("c", "way_gone"),)


def test_two_elements_cannot_become_one():
    case = Acting(TWO_WAYS)
    new = compile_diagram(diagram("start:s user:x end:e", "s x; x e"))
    found = misfits(case.compiled, new, case.progress.state, {"a": "x", "b": "x"})
    assert found == (Misfit("b", "two_in_one"),)


def test_an_incident_stays_with_its_number_and_can_be_retried_in_the_new_version():
    script = {"b": "<script>x = missing + 1</script>"}
    case = Acting(diagram("start:s user:a script:b end:e", "s a; a b; b e", script))
    case.complete("a")
    (before,) = case.incidents
    better = {"b": "<script>x = 1</script>"}
    move(case, diagram("start:s user:a script:b user:c end:e", "s a; a b; b c; c e", better))
    assert list(case.incidents) == [before]
    case.do(Retry(before))
    assert case.open == ["c"]


def test_a_rule_that_gives_nothing_keeps_a_case_where_it_is():
    case = standing_at_b(diagram("start:s user:a user:b end:e", "s a; a b; b e"))
    state = case.progress.state
    new = diagram("start:s user:a user:b end:e", "s a; a b; b e; t e",
                  more=boundary("t", "b", timer("when_it_suits", "timeDate")))  # fmt: skip
    with pytest.raises(Conflict) as refused:
        migrate(case.compiled, compile_diagram(new, known={"when_it_suits"}), state, case.facts)
    misfits = refused.value.params["misfits"]
    assert isinstance(misfits, tuple | list)
    assert [one.element for one in misfits] == ["t"]


def test_a_loop_that_owes_something_else_is_another_kind():
    def loop(into):
        return {"a": "<multiInstanceLoopCharacteristics><loopDataInputRef>xs</loopDataInputRef>"
                f"{into}</multiInstanceLoopCharacteristics>"}  # fmt: skip

    case = Acting(diagram("start:s user:a end:e", "s a; a e", loop("")), {"xs": [1, 2]})
    new = diagram(
        "start:s user:a end:e",
        "s a; a e",
        loop("<loopDataOutputRef>ys</loopDataOutputRef>"),
    )
    found = misfits(case.compiled, compile_diagram(new), case.progress.state)
    assert found == (Misfit("a", "other_kind"),)


def test_elements_are_recognised_by_what_they_are_called_and_where_they_stand():
    old = compile_diagram(diagram("start:s user:a[name=Skriv] user:b user:c end:e",
                                  "s a; a b; b c; c e"))  # fmt: skip
    new = compile_diagram(diagram("start:s user:w[name=Skriv] user:v user:c user:d end:e",
                                  "s w; w v; v c; c d; d e"))  # fmt: skip
    assert align(old, new) == {"a": "w", "b": "v"}
    assert align(old, old) == {}


def test_what_two_could_be_is_left_for_people_to_say():
    old = compile_diagram(diagram("start:s user:a end:e", "s a; a e"))
    new = compile_diagram(diagram("start:s xor:g user:x user:y end:e",
                                  "s g; g x | 1 > 0; g y | default; x e; y e"))  # fmt: skip
    assert align(old, new) == {}
