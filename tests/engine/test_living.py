"""Cases kept alive between commands are found by the bytes of their state: never another's, never
one that was rolled back. Each attack here would show if an entry were more than those bytes say.
"""

import random
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import boundary, diagram, timer
from workflows.engine import Complete, Facts, Fire, advance, begin, compile_diagram, living

SPLIT = diagram(
    "start:s and:g user:a user:b and:j user:c end:e",
    "s g; g a; g b; a j; b j; j c; t c; c e",
    more=boundary("t", "a", timer("P1D"), interrupting=False),
)


@pytest.fixture(autouse=True)
def _nothing_kept():
    living.forget_all()
    yield
    living.forget_all()


def begun(compiled):
    return begin(compiled, {"xs": [{"n": 1}]}, Facts())


def step(progress, element):
    return next(one.id for one in progress.opened if one.element == element)


def without_cache(compiled, state, command):
    living.forget_all()
    return advance(compiled, state, command, Facts())


def test_two_cases_with_the_same_bytes_never_meet():
    compiled = compile_diagram(SPLIT)
    first, second = begun(compiled), begun(compiled)
    assert first.state == second.state  # one key, two cases
    a, b = step(first, "a"), step(first, "b")
    one = advance(compiled, first.state, Complete(a, {"who": "first"}), Facts())
    two = advance(compiled, second.state, Complete(b, {"who": "second"}), Facts())
    one = advance(compiled, one.state, Complete(b, {"last": 1}), Facts())
    two = advance(compiled, two.state, Complete(a, {"last": 2}), Facts())
    assert (one.data["who"], one.data["last"]) == ("first", 1)
    assert (two.data["who"], two.data["last"]) == ("second", 2)
    assert [s.element for s in one.opened] == [s.element for s in two.opened] == ["c"]


def test_a_command_that_was_rolled_back_leaves_no_trace():
    compiled = compile_diagram(SPLIT)
    start = begun(compiled)
    a, b = step(start, "a"), step(start, "b")
    lost = advance(compiled, start.state, Complete(a, {"lost": True}), Facts())
    # The transaction fails: what is in the database is still `start.state`.
    kept = advance(compiled, start.state, Complete(b, {"kept": True}), Facts())
    assert "lost" not in kept.data
    assert kept == without_cache(compiled, start.state, Complete(b, {"kept": True}))
    # And whoever does the lost one again gets exactly what it gave.
    assert advance(compiled, start.state, Complete(a, {"lost": True}), Facts()) == lost


def test_a_refused_command_gives_the_entry_to_nobody():
    compiled = compile_diagram(SPLIT)
    start = begun(compiled)
    with pytest.raises(Exception, match="not_open"):
        advance(compiled, start.state, Complete("999"), Facts())
    done = advance(compiled, start.state, Complete(step(start, "a")), Facts())
    assert done == without_cache(compiled, start.state, Complete(step(start, "a")))


def test_what_a_caller_does_to_the_answer_does_not_reach_the_case():
    compiled = compile_diagram(SPLIT)
    start = begun(compiled)
    start.data["xs"][0]["n"] = 666
    start.data["forged"] = True
    found = advance(compiled, start.state, Complete(step(start, "a")), Facts())
    assert found.data == {"xs": [{"n": 1}]}


def test_the_row_of_a_round_cannot_be_changed_from_outside():
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>xs</loopDataInputRef>"
        "<inputDataItem id='x' name='x'/><loopDataOutputRef>ys</loopDataOutputRef>"
        "</multiInstanceLoopCharacteristics>"
    )
    compiled = compile_diagram(diagram("start:s user:a end:e", "s a; a e", {"a": loop}))
    start = begun(compiled)
    start.opened[0].item["n"] = 666
    assert b"666" not in start.state
    found = advance(compiled, start.state, Complete(start.opened[0].id, {"y": 1}), Facts())
    assert b"666" not in found.state
    assert found.finished


def test_the_same_bytes_of_another_version_are_another_case():
    other = diagram("start:s and:g user:a user:b and:j end:e", "s g; g a; g b; a j; b j; t e; j e",
                    more=boundary("t", "a", timer("P1D"), interrupting=False))  # fmt: skip
    one, two = compile_diagram(SPLIT), compile_diagram(other)
    start = begun(one)
    assert start.state == begun(two).state
    a, b = step(start, "a"), step(start, "b")
    for compiled, ends in ((one, False), (two, True)):
        progress = advance(compiled, start.state, Complete(a), Facts())
        assert advance(compiled, progress.state, Complete(b), Facts()).finished is ends


def test_any_order_of_commands_rollbacks_and_twins_is_as_without_the_cache():
    compiled = compile_diagram(SPLIT)
    chance = random.Random(7)  # noqa: S311 - which comes first is no secret
    cases = [Acting(compiled, {"xs": [1]}) for _ in range(6)]
    for _ in range(400):
        case = chance.choice(cases)
        commands: list[Complete | Fire] = [Complete(key, {"k": key}) for key in case.steps]
        commands += [Fire(key) for key in case.waits]
        if not commands:
            cases[cases.index(case)] = Acting(compiled, {"xs": [1]})
            continue
        command = chance.choice(commands)
        found = advance(compiled, case.progress.state, command, case.facts)
        if chance.random() < 0.3:
            continue  # rolled back
        alone = orjson.loads(found.state)
        case.take(found)
        if chance.random() < 0.2:
            living.forget_all()
        assert orjson.loads(case.progress.state) == alone


def test_many_at_once_on_the_same_bytes_all_get_the_same_answer():
    compiled = compile_diagram(SPLIT)
    start = begun(compiled)
    command = Complete(step(start, "a"), {"x": 1})
    alone = without_cache(compiled, start.state, command)

    def again(_number):
        return advance(compiled, start.state, command, Facts())

    with ThreadPoolExecutor(8) as pool:
        assert all(found == alone for found in pool.map(again, range(200)))
