"""A case run in memory by a pretended clock; nothing of it can leave."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.engine.drawing import boundary, diagram, event, timer
from workflows.engine import Deliver, compile_diagram
from workflows.engine.simulating import Answer, Simulated, World, simulate
from workflows.errors import Invalid

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = {"P1D": DAY, "P3D": 3 * DAY, "P9D": 9 * DAY}


def world(days=1, answers=None, **more):
    """People who answer after some days, and timers that count whole ones."""

    def answer(step, _data, opened):
        wanted = (answers or {}).get(step.element, {})
        return None if wanted is None else Answer(opened + days * DAY, wanted)

    return World(answer, lambda wait, opened: opened + DAYS[wait.rule], **more)


def run(source, played, **more):
    compiled = source if not isinstance(source, bytes) else compile_diagram(source)
    return simulate(compiled, more.pop("data", {}), played, begins=MONDAY, **more)


LOOP = diagram("start:s user:a user:b xor:g end:e", "s a; a b; b g; g e | ok; g a | default")


def test_a_case_runs_to_its_end_with_the_times_of_its_steps():
    found = run(LOOP, world(answers={"b": {"ok": True}}, due=lambda _step, opened: opened + DAY))
    assert [one.step.element for one in found.steps] == ["a", "b"]
    assert [(one.opened, one.closed) for one in found.steps] == [
        (MONDAY, MONDAY + DAY),
        (MONDAY + DAY, MONDAY + 2 * DAY),
    ]
    assert all(one.is_done and one.due == one.closed for one in found.steps)
    assert (found.ended, found.is_cut, dict(found.data)) == (MONDAY + 2 * DAY, False, {"ok": True})


def test_what_comes_first_decides():
    more = boundary("t", "a", timer("P3D"))
    source = diagram("start:s user:a user:late end:e", "s a; a e; t late; late e", more=more)
    assert run(source, world(days=2)).passed == ("s", "a", "e")
    found = run(source, world(days=5))
    assert [(one.step.element, one.is_done) for one in found.steps] == [
        ("a", False),
        ("late", True),
    ]
    assert [(wait.element, at) for wait, at in found.waited] == [("t", MONDAY + 3 * DAY)]


def test_a_case_that_nobody_carries_on_rests():
    found = run(LOOP, world(answers={"a": None}))
    assert (found.ended, found.is_cut) == (None, False)
    assert [(one.step.element, one.closed) for one in found.steps] == [("a", None)]


def test_a_case_that_goes_round_for_ever_is_cut():
    found = run(LOOP, world(answers={"b": {"ok": False}}), most=50)
    assert (found.ended, found.is_cut, len(found.steps)) == (None, True, 51)


def test_the_facts_follow_the_pretended_day():
    source = diagram("start:s user:a script:x end:e", "s a; a x; x e",
                     {"x": "<script>day = today.isoformat()</script>"})  # fmt: skip
    assert run(source, world(days=4)).data["day"] == "2027-03-05"


ACTS = diagram(
    "start:s service:act user:a end:e",
    "s act; act a; a e",
    {
        "act": '<extensionElements><arshjul:action name="send_message">'
        '<arshjul:param name="to">"everybody"</arshjul:param></arshjul:action></extensionElements>'
    },
)


def test_actions_are_only_pretended():
    asked = []

    def pretend(action):
        asked.append((action.name, dict(action.params)))
        return {"sent": 3}

    found = run(ACTS, world(pretend=pretend))
    assert asked == [("send_message", {"to": "everybody"})]
    assert [one.name for one in found.actions] == ["send_message"]
    assert (found.data["sent"], found.ended) == (3, MONDAY + DAY)


def test_an_action_that_would_fail_leaves_its_incident():
    def refuse(_action):
        raise Invalid("nobody_there")

    found = run(ACTS, world(pretend=refuse))
    assert [(one.element, one.code) for one in found.incidents] == [("act", "nobody_there")]
    assert found.ended is None


def test_what_is_thrown_is_only_told():
    source = diagram(
        "start:s throw:out end:e",
        "s out; out e",
        {"out": event("signal", "sig")},
        beside='<signal id="sig" name="fire"/>',
    )
    found = run(source, world())
    assert [(thrown.name, at) for thrown, at in found.thrown] == [("fire", MONDAY)]


def test_the_same_world_gives_the_same_trace():
    source = diagram(
        "start:s and:g user:a user:b user:c and:j end:e",
        "s g; g a; g b; g c; a j; b j; c j; j e",
    )
    first, second = (run(source, world()) for _ in range(2))
    assert first == second
    assert [one.step.element for one in first.steps] == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["sqlalchemy", "flask", "smtplib", "httpx", "apscheduler"])
def test_what_simulates_knows_no_way_out(name):
    program = f"import sys; import workflows.engine.simulating; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_cases_run_side_by_side_and_hear_what_the_other_sends():
    beside = '<message id="m" name="news"/>'
    sends = diagram("start:s user:a throw:t end:e", "s a; a t; t e", {"t": event("message", "m")},
                    beside=beside)  # fmt: skip
    waits = diagram("start:s catch:c end:e", "s c; c e", {"c": event("message", "m")},
                    beside=beside)  # fmt: skip
    never = {"ends": lambda _wait, _opened: None}
    hearer = Simulated(compile_diagram(waits), replace(world(), **never))
    hearer.begin({}, now=MONDAY)

    def bring(thrown, now):
        [wait] = hearer.waits.values()
        assert hearer.receive(Deliver(wait.id, thrown.payload), wait.id, now=now)

    sender = Simulated(compile_diagram(sends), world(sends=bring))
    sender.begin({}, now=MONDAY)
    assert (hearer.next_at, sender.next_at) == (None, MONDAY + DAY)
    sender.happen()
    assert hearer.trace().ended == sender.trace().ended == MONDAY + DAY
    assert not hearer.receive(Deliver("99"), "99", now=MONDAY)


def test_answers_can_be_made_when_they_are_given_or_never():
    def made(data, now):
        return {"ok": True} if data.get("seen") else None

    def answer(step, _data, opened):
        return Answer(opened + DAY, {"seen": True} if step.element == "a" else made)

    played = World(answer, lambda _wait, _opened: None)
    assert run(LOOP, played).data == {"seen": True, "ok": True}
    cut = replace(played, answer=lambda _step, _data, opened: Answer(opened, made))
    found = run(LOOP, cut)
    assert (found.ended, [one.step.element for one in found.steps]) == (None, ["a"])


def test_what_is_no_part_of_the_case_is_left_out():
    def leaves_out(progress, passed, _now):
        found = ((one.id, one.element) for one in progress.opened if one.element not in passed)
        return next((one for one in found if one[1] == "a"), None)

    found = run(LOOP, world(answers={"b": {"ok": True}}, leaves_out=leaves_out))
    assert [one.step.element for one in found.steps] == ["b"]


@pytest.mark.parametrize(("given", "ended"), [({"x": 1}, MONDAY), (None, None)])
def test_a_called_case_comes_back_at_once_or_when_that_is_told(given, ended):
    source = diagram("start:s call:c[calledElement=other,arshjul:case=own] end:e", "s c; c e")
    assert run(source, world(calls=lambda _call, _now: given)).ended == ended
