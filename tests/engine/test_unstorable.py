"""What cannot be stored or worked out is refused or an incident, wherever it comes in."""

from xml.sax.saxutils import escape

import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import body, boundary, diagram, event
from workflows.engine import Complete, Correct, Facts, Retry
from workflows.errors import Invalid

LINE = diagram("start:s user:a user:b end:e", "s a; a b; b e")
KEYED = (
    '<message id="M" name="M"><extensionElements><arshjul:correlation>k.a</arshjul:correlation>'
    "</extensionElements></message>"
)
HANDLER = (
    '<subProcess id="h" triggeredByEvent="true"><startEvent id="hs" isInterrupting="false">'
    f"{event('message', 'M')}</startEvent>{body('user:ha', 'hs ha')}</subProcess>"
)


@pytest.mark.parametrize(
    "answers", [{"x": 2**63}, {"x": -(2**70)}, {"x": ["\ud800"]}, {"\udfff": 1}, {"x": "\0"}]
)
def test_a_number_or_text_that_no_database_holds_is_refused_and_nothing_changes(answers):
    case = Acting(LINE)
    with pytest.raises(Invalid, match="data_not_plain"):
        case.do(Complete("2", answers))
    case.complete("a", x=2**63 - 1, å="ö😀")
    assert case.data == {"x": 2**63 - 1, "å": "ö😀"}


def _param(name: str, text: str) -> str:
    return f'<arshjul:param name="{name}">{escape(text)}</arshjul:param>'


@pytest.mark.parametrize(
    ("node", "inside"),
    [
        ("script:w", "<script>x = 2**70</script>"),
        (
            "throw:w",
            f"<extensionElements>{_param('x', '2**70')}</extensionElements>{event('message', 'M')}",
        ),
        (
            "service:w",
            f'<extensionElements><arshjul:action name="set_fact">{_param("value", "2**70")}'
            "</arshjul:action></extensionElements>",
        ),
        (
            "call:w[calledElement=q,arshjul:case=own]",
            f"<extensionElements>{_param('x', '2**70')}</extensionElements>",
        ),
    ],
)
def test_a_step_that_gives_what_cannot_be_stored_stops_there(node, inside):
    flows = "s w; w a; a e"
    beside = '<message id="M" name="M"/>'
    case = Acting(diagram(f"start:s {node} user:a end:e", flows, {"w": inside}, beside=beside))
    assert case.stopped == [("w", "data_not_plain")]
    assert (*case.progress.thrown, *case.progress.actions, *case.progress.calls) == ()


@pytest.mark.parametrize("name", ["unit", "year", "today"])
def test_what_a_message_brings_cannot_stand_before_the_unit_the_year_and_the_day(name):
    case = Acting(
        diagram(
            "start:s user:a xor:g user:b user:c end:e",
            "s a; a g; g b | year == 2027 and unit.code == 'N' and today == None; g c | default;"
            "b e; c e",
        )
    )
    case.facts = Facts(year=2027, unit={"code": "N"})
    case.complete("a", **{name: "mischief"})
    assert case.open == ["b"]


def test_who_goes_on_listening_does_so_for_the_same_key_whatever_has_become_of_the_data():
    waiting = boundary("b", "a", event("message", "M"), interrupting=False)
    case = Acting(
        diagram("start:s user:a end:e", "s a; a e; b e", more=waiting, beside=KEYED),
        {"k": {"a": 7}},
    )
    case.deliver("b", k="gone")
    assert [(wait.element, wait.key) for wait in case.waits.values()] == [("b", "7")]


def test_a_repetition_keeps_the_rule_it_began_with():
    rule = "<timerEventDefinition><timeCycle>'R3/' + k.a</timeCycle></timerEventDefinition>"
    more = boundary("b", "a", rule, interrupting=False)
    case = Acting(diagram("start:s user:a end:e", "s a; a e; b e", more=more), {"k": {"a": "PT1H"}})
    case.do(Correct({"k": "gone"}))
    for _ in range(2):
        case.fire("b")
        assert [(wait.rule, wait.key) for wait in case.waits.values()] == [("PT1H", None)]
    case.fire("b")
    assert not case.waits


def test_a_case_that_cannot_work_out_what_to_listen_for_is_not_begun():
    source = diagram("start:s user:a end:e", "s a; a e", more=HANDLER, beside=KEYED)
    with pytest.raises(Invalid, match="cannot_begin"):
        Acting(source)
    assert Acting(source, {"k": {"a": 1}}).open == ["a"]


CONDITION = (
    "<conditionalEventDefinition><condition>k &gt; 1</condition></conditionalEventDefinition>"
)


def test_a_condition_that_fails_stops_who_waits_for_it_until_it_is_put_right():
    flows = "s g; g c; g a; c b; a e; b e"
    case = Acting(diagram("start:s and:g catch:c user:a user:b end:e", flows, {"c": CONDITION}))
    assert not case.incidents  # what is not known yet does not hold
    case.complete("a", k="text")
    assert case.stopped == [("c", "not_comparable")]
    case.do(Retry(next(iter(case.incidents)), {"k": 2}))
    assert (case.open, case.stopped) == (["b"], [])


def test_a_condition_that_fails_at_a_boundary_takes_no_work_away():
    more = boundary("x", "a", CONDITION, interrupting=False)
    case = Acting(diagram("start:s user:a user:b end:e", "s a; a e; x b; b e", more=more))
    case.do(Correct({"k": "text"}))
    assert (case.open, case.stopped) == (["a"], [])
    case.do(Correct({"k": 2}))
    assert case.open == ["a", "b"]


def test_what_ran_out_of_budget_together_is_tried_again_together():
    many = (
        "<script>y = item</script><multiInstanceLoopCharacteristics><loopDataInputRef>rows"
        "</loopDataInputRef><loopDataOutputRef>out</loopDataOutputRef>"
        "</multiInstanceLoopCharacteristics>"
    )
    rows = list(range(1700))
    case = Acting(diagram("start:s script:w end:e", "s w; w e", {"w": many}), {"rows": rows})
    assert {code for _, code in case.stopped} == {"budget"}
    case.do(Retry(next(iter(case.incidents))))
    assert case.finished
    assert case.data["out"] == [{"y": row} for row in rows]
