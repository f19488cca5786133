"""What a case does with each construct and each command."""

from decimal import Decimal
from itertools import pairwise

import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import body, boundary, diagram, event, timer
from workflows.engine import (
    Complete,
    Correct,
    Done,
    Failed,
    Fire,
    MoveTo,
    Retry,
    Skip,
    compile_diagram,
    load,
)
from workflows.errors import Conflict, Invalid

LINE = diagram("start:s user:a user:b end:e", "s a; a b; b e")
CHOICE = diagram(
    "start:s user:a xor:g user:big user:small end:e",
    "s a; a g; g big | amount > 100; g small | default; big e; small e",
)


def test_a_line_of_steps_opens_one_after_the_other_and_ends():
    case = Acting(LINE)
    assert case.open == ["a"]
    case.complete("a", x=1)
    assert case.open == ["b"]
    case.complete("b", y=Decimal("1.50"))
    assert case.finished
    assert case.data == {"x": 1, "y": Decimal("1.50")}


def test_the_same_step_completes_once():
    case = Acting(LINE)
    step = case.step("a")
    case.do(Complete(step))
    with pytest.raises(Conflict):
        case.do(Complete(step))
    assert case.open == ["b"]


@pytest.mark.parametrize("key", ["99", "", "x", "-1", "1e3", "²"])
def test_a_step_that_never_was_is_a_conflict(key):
    with pytest.raises(Conflict):
        Acting(LINE).do(Complete(key))


@pytest.mark.parametrize(("amount", "chosen"), [(200, "big"), (100, "small")])
def test_an_exclusive_gateway_takes_the_way_whose_condition_holds(amount, chosen):
    case = Acting(CHOICE)
    case.complete("a", amount=amount)
    assert case.open == [chosen]


def test_a_condition_that_cannot_be_worked_out_is_an_incident_that_can_be_mended():
    case = Acting(CHOICE)
    case.complete("a", other=1)
    assert case.stopped == [("g", "no_value")]
    incident = next(iter(case.incidents.values()))
    assert incident.keys == ("amount",)
    assert not case.finished
    case.do(Retry(incident.id))
    assert case.stopped == [("g", "no_value")]
    case.do(Retry(next(iter(case.incidents)), {"amount": 200}))
    assert (case.stopped, case.open) == ([], ["big"])


def test_no_way_out_of_a_step_keeps_its_answers_and_asks_for_the_way_only():
    case = Acting(diagram("start:s user:a user:b end:e", "s a; a b | ok; b e"))
    case.complete("a", ok=False, x=1)
    assert case.open == []
    assert case.stopped == [("a", "no_way_out")]
    case.do(Retry(next(iter(case.incidents)), {"ok": True}))
    assert case.open == ["b"]
    assert case.data["x"] == 1


def test_other_branches_go_on_beside_an_incident():
    case = Acting(
        diagram(
            "start:s and:g script:x user:a and:j end:e",
            "s g; g x; g a; x j; a j; j e",
            {"x": "<script>y = missing + 1</script>"},
        )
    )
    assert case.open == ["a"]
    assert [element for element, _ in case.stopped] == ["x"]
    case.complete("a")
    assert not case.finished
    case.do(Retry(next(iter(case.incidents)), {"missing": 1}))
    assert case.finished
    assert case.data["y"] == 2


def test_an_error_nobody_catches_does_not_end_the_case_as_if_all_were_well():
    case = Acting(
        diagram(
            "start:s end:e",
            "s e",
            {"e": event("error", "E")},
            beside='<error id="E" errorCode="broken"/>',
        )
    )
    assert not case.finished
    assert case.stopped == [("e", "uncaught_error")]


def test_an_error_takes_the_boundary_that_names_its_code():
    inner = body("start:is end:ie", "is ie", {"ie": event("error", "E")})
    case = Acting(
        diagram(
            "start:s sub:p1 user:any user:named end:e",
            "s p1; p1 e; b1 any; b2 named; any e; named e",
            {"p1": inner},
            more=boundary("b1", "p1", "<errorEventDefinition/>")
            + boundary("b2", "p1", event("error", "E")),
            beside='<error id="E" errorCode="broken"/>',
        )
    )
    assert case.open == ["named"]


def test_a_boundary_timer_that_interrupts_withdraws_the_step():
    case = Acting(
        diagram(
            "start:s user:a user:late end:e",
            "s a; a e; b late; late e",
            more=boundary("b", "a", timer("T2 - 10wd", "timeDate")),
        )
    )
    (wait,) = case.waits.values()
    assert (wait.kind, wait.rule, wait.form) == ("timer", "T2 - 10wd", "date")
    progress = case.fire("b")
    assert case.open == ["late"]
    assert progress.closed
    assert case.waits == {}


def test_a_cycle_is_a_new_wait_after_each_firing_until_its_passes_are_used_up():
    case = Acting(
        diagram(
            "start:s user:a script:r end:e end:e2",
            "s a; a e; b r; r e2",
            {"r": "<script>n = n + 1</script>"},
            more=boundary("b", "a", timer("R2/PT1H", "timeCycle"), interrupting=False),
        ),
        {"n": 0},
    )
    first = case.wait("b")
    case.fire("b")
    with pytest.raises(Conflict):
        case.do(Fire(first))
    case.fire("b")
    assert case.waits == {}
    assert (case.data["n"], case.open) == (2, ["a"])


def test_an_event_based_gateway_goes_the_way_of_the_first_event():
    source = diagram(
        "start:s events:g catch:t catch:m user:a user:b end:e",
        "s g; g t; g m; t a; m b; a e; b e",
        {"t": timer("P1D"), "m": event("message", "M")},
        beside='<message id="M" name="reply"/>',
    )
    case = Acting(source)
    case.deliver("m", answer=42)
    assert (case.open, case.waits, case.data) == (["b"], {}, {"answer": 42})
    other = Acting(source)
    other.fire("t")
    assert (other.open, other.waits) == (["a"], {})


def test_a_message_waits_under_its_correlation_key():
    case = Acting(
        diagram(
            "start:s receive:r[messageRef=M] end:e",
            "s r; r e",
            beside='<message id="M" name="reply"><extensionElements><arshjul:correlation>'
            "code + ':2027'</arshjul:correlation></extensionElements></message>",
        ),
        {"code": "FARSTA"},
    )
    (wait,) = case.waits.values()
    assert (wait.rule, wait.key) == ("reply", "FARSTA:2027")


def test_a_signal_reaches_all_who_listen_here_and_goes_out_as_well():
    case = Acting(
        diagram(
            "start:s and:g catch:c1 catch:c2 throw:t user:a user:b end:e",
            "s g; g t; g c1; g c2; c1 a; c2 b; a e; b e; t e",
            {name: event("signal", "S") for name in ("c1", "c2", "t")},
            beside='<signal id="S" name="alarm"/>',
        )
    )
    assert case.open == ["a", "b"]  # though the throw is drawn first: who listens is no race
    assert [thrown.name for thrown in case.progress.thrown] == ["alarm"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_sub_process_runs_instead_of_its_scope_or_beside_it(interrupting):
    handler = (
        '<subProcess id="h" triggeredByEvent="true">'
        f'<startEvent id="hs" isInterrupting="{str(interrupting).lower()}">'
        f"{event('message', 'M')}</startEvent>{body('user:ha', 'hs ha')}</subProcess>"
    )
    case = Acting(
        diagram(
            "start:s user:a end:e",
            "s a; a e",
            more=handler,
            beside='<message id="M" name="stop"/>',
        )
    )
    case.deliver("hs")
    assert case.open == (["ha"] if interrupting else ["a", "ha"])
    case.complete("ha")
    assert case.finished is interrupting


def test_a_conditional_event_sees_what_another_branch_has_written():
    case = Acting(
        diagram(
            "start:s and:g catch:c user:a user:b end:e",
            "s g; g c; g a; c b; a e; b e",
            {
                "c": "<conditionalEventDefinition><condition>ok == True</condition>"
                "</conditionalEventDefinition>"
            },
        )
    )
    assert case.open == ["a"]
    case.complete("a", ok=True)
    assert case.open == ["b"]


def rows(sequential: bool) -> bytes:
    return diagram(
        "start:s user:a end:e",
        "s a; a e",
        {
            "a": f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
            "<loopDataInputRef>units</loopDataInputRef><loopDataOutputRef>replies"
            '</loopDataOutputRef><inputDataItem id="item"/></multiInstanceLoopCharacteristics>'
        },
    )


@pytest.mark.parametrize("sequential", [True, False])
def test_every_row_has_its_step_and_the_answers_gather_in_the_rows_order(sequential):
    case = Acting(rows(sequential), {"units": [{"code": "A"}, {"code": "B"}, {"code": "C"}]})
    assert len(case.steps) == (1 if sequential else 3)
    while case.steps:
        key = list(case.steps)[-1]  # the last first: order of doing is not order of rows
        case.do(Complete(key, {"reply": case.items[key]["code"].lower()}))
    assert case.finished
    assert case.data["replies"] == [{"reply": "a"}, {"reply": "b"}, {"reply": "c"}]
    assert case.data["units"] == [{"code": "A"}, {"code": "B"}, {"code": "C"}]


def test_nothing_nested_is_shared_between_what_was_given_and_what_is_known():
    given = {"units": [{"code": "A"}]}
    case = Acting(rows(sequential=False), given)
    given["units"][0]["code"] = "changed"
    answers = {"notes": ["one"]}
    case.complete("a", **answers)
    answers["notes"].append("two")
    assert case.data["units"] == [{"code": "A"}]
    assert case.data["replies"] == [{"notes": ["one"]}]


@pytest.mark.parametrize("data", [{"x": 1.5}, {"x": float("nan")}, {"x": {1: 2}}, {"x": object()}])
def test_data_that_cannot_be_stored_exactly_is_refused(data):
    with pytest.raises(Invalid):
        Acting(LINE).do(Complete("2", data))


@pytest.mark.parametrize("key", ["len", "__class__", "builtins", "case", "sum"])
def test_a_data_key_cannot_stand_for_a_function(key):
    case = Acting(
        diagram("start:s user:a xor:g user:b user:c end:e",
                "s a; a g; g b | len([1, 2]) == 2; g c | default; b e; c e")
    )  # fmt: skip
    case.complete("a", **{key: "mischief"})
    assert case.open == ["b"]


ACTION = (
    '<extensionElements><arshjul:action name="set_fact"><arshjul:param name="name">'
    "'day'</arshjul:param></arshjul:action></extensionElements>"
)


def test_a_service_action_is_asked_for_and_answered():
    case = Acting(diagram("start:s service:a user:b end:e", "s a; a b; b e", {"a": ACTION}))
    (action,) = case.progress.actions
    assert (action.name, action.params) == ("set_fact", {"name": "day"})
    case.do(Done(action.id, {"day": "2027-01-01"}))
    assert (case.open, case.data) == (["b"], {"day": "2027-01-01"})
    with pytest.raises(Conflict):
        case.do(Done(action.id))


def test_a_service_action_that_fails_stays_where_it_was_and_can_be_tried_again():
    case = Acting(diagram("start:s service:a end:e", "s a; a e", {"a": ACTION}))
    case.do(Failed(case.progress.actions[0].id, "no_such_unit"))
    assert case.stopped == [("a", "no_such_unit")]
    progress = case.do(Retry(next(iter(case.incidents))))
    assert [action.name for action in progress.actions] == ["set_fact"]


def test_a_step_can_be_skipped_and_a_case_moved():
    case = Acting(LINE)
    case.do(Skip(case.step("a")))
    assert case.open == ["b"]
    case.do(MoveTo(case.step("b"), "a"))
    assert case.open == ["a"]
    with pytest.raises(Conflict):
        case.do(MoveTo(case.step("a"), "nowhere"))


def test_an_incident_at_a_gateway_cannot_be_skipped_but_moved_past():
    case = Acting(CHOICE)
    case.complete("a")
    (incident,) = case.incidents
    with pytest.raises(Conflict):
        case.do(Skip(incident))
    case.do(MoveTo(incident, "small"))
    assert (case.open, case.stopped) == (["small"], [])


def test_correcting_data_wakes_what_waits_for_it():
    case = Acting(
        diagram(
            "start:s catch:c user:b end:e",
            "s c; c b; b e",
            {
                "c": "<conditionalEventDefinition><condition>ok == True</condition>"
                "</conditionalEventDefinition>"
            },
        )
    )
    case.do(Correct({"ok": True}))
    assert case.open == ["b"]


def test_a_case_that_never_rests_stops_with_an_incident():
    case = Acting(diagram("start:s xor:m xor:g end:e", "s m; m g; g m | True; g e | default"))
    assert [code for _, code in case.stopped] == ["budget"]
    assert not case.finished


def test_a_join_nobody_can_come_to_says_so():
    case = Acting(
        diagram(
            "start:s user:a xor:g and:j user:x user:y user:z and:f end:e",
            "s a; a f; f g; f z; z e; g x | left == True; g y | default; x j; y j; j e",
        )
    )
    case.complete("a", left=True)
    case.complete("x")
    assert case.stopped == []
    case.complete("z")
    assert case.stopped == [("j", "join_never_fires")]


def test_a_call_runs_the_other_process_with_the_same_data():
    other = diagram("start:s user:u end:e", "s u; u e", process='id="q"')
    source = diagram("start:s call:c[calledElement=q] end:e", "s c; c e")
    case = Acting(compile_diagram(source, others={"q": other}))
    assert case.open == ["q/u"]
    case.complete("q/u", found=3)
    assert case.finished
    assert case.data == {"found": 3}


def test_what_is_stored_with_a_version_runs_the_same():
    compiled = compile_diagram(CHOICE)
    again = load(compiled.blob)
    assert again.plan == compiled.plan
    assert again.description == compiled.description
    case = Acting(again)
    case.complete("a", amount=200)
    assert case.open == ["big"]


def test_a_sub_process_for_each_row_keeps_its_answers_apart():
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>units</loopDataInputRef>"
        '<loopDataOutputRef>replies</loopDataOutputRef><inputDataItem id="unit_"/>'
        "</multiInstanceLoopCharacteristics>"
    )
    inner = body(
        "start:is user:ask xor:g user:more end:ie",
        "is ask; ask g; g more | unit_['code'] == 'A'; g ie | default; more ie",
    )
    case = Acting(
        diagram("start:s sub:p1 end:e", "s p1; p1 e", {"p1": loop + inner}),
        {"units": [{"code": "A"}, {"code": "B"}], "reply": "mine"},
    )
    assert case.open == ["ask", "ask"]
    case.complete("ask", reply="a")
    case.complete("ask", reply="b")
    assert case.open == ["more"]
    case.complete("more", detail=1)
    assert case.finished
    assert case.data["replies"] == [{"reply": "a", "detail": 1}, {"reply": "b"}]
    assert case.data["reply"] == "mine"


def test_a_completion_condition_withdraws_the_rounds_that_are_left():
    loop = (
        "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
        "<completionCondition>numberOfCompletedInstances >= 2</completionCondition>"
        "</multiInstanceLoopCharacteristics>"
    )
    case = Acting(diagram("start:s user:a user:b end:e", "s a; a b; b e", {"a": loop}))
    case.complete("a")
    case.complete("a")
    assert case.open == ["b"]


def test_a_boundary_event_takes_all_rounds_away():
    loop = (
        "<multiInstanceLoopCharacteristics><loopCardinality>1000</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"
    )
    case = Acting(
        diagram(
            "start:s user:a user:b end:e",
            "s a; a e; t b; b e",
            {"a": loop},
            more=boundary("t", "a", timer("P1D")),
        )
    )
    assert len(case.steps) == 1000
    progress = case.fire("t")
    assert case.open == ["b"]
    assert len(progress.closed) == 1000


def test_who_knows_only_a_wait_can_move_the_case_from_it():
    case = Acting(diagram("start:s catch:c user:b end:e", "s c; c b; b e", {"c": timer("P1D")}))
    case.do(MoveTo(case.wait("c"), "b"))
    assert (case.open, case.waits) == (["b"], {})


def test_people_of_a_called_process_come_from_its_own_lanes():
    other = diagram(
        "start:s user:u user:v end:e",
        "s u; u v; v e",
        process='id="q"',
        more='<laneSet id="ls"><lane id="l" name="Chef" arshjul:role="boss">'
        "<flowNodeRef>u</flowNodeRef><flowNodeRef>v</flowNodeRef></lane></laneSet>",
    ).replace(b'id="v"', b'id="v" arshjul:notBy="u"')
    source = diagram("start:s call:c[calledElement=q] end:e", "s c; c e")
    steps = compile_diagram(source, others={"q": other}).description.steps
    assert steps["q/u"].roles == ("boss",)
    assert steps["q/v"].not_by == ("q/u",)


def test_ten_levels_of_calls_run_and_three_thousand_steps_in_a_row():
    others = {
        f"q{n}": diagram(f"start:s call:c[calledElement=q{n + 1}]", "s c", process=f'id="q{n}"')
        for n in range(9)
    }
    others["q9"] = diagram("start:s user:u end:e", "s u; u e", process='id="q9"')
    deep = diagram("start:s call:c[calledElement=q0]", "s c")
    case = Acting(compile_diagram(deep, others=others))
    case.complete("q9/u")
    assert case.finished
    names = [f"t{n}" for n in range(3000)]
    flows = "; ".join(f"{a} {b}" for a, b in pairwise(["s", *names, "e"]))
    line = diagram("start:s " + " ".join(f"user:{name}" for name in names) + " end:e", flows)
    long = Acting(line)
    for name in names:
        long.complete(name)
    assert long.finished


def test_a_date_becomes_text_and_what_cannot_be_stored_an_incident():
    def script(text: str) -> bytes:
        inside = {"x": f"<script>{text}</script>"}
        return diagram("start:s script:x user:a end:e", "s x; x a; a e", inside)

    case = Acting(script("import datetime\nd = datetime.date(2027, 1, 31)"))
    assert case.data["d"] == "2027-01-31"
    broken = Acting(script("deep = []\nfor _ in range(60):\n    deep = [deep]"))
    assert [element for element, _ in broken.stopped] == ["x"]


def test_ten_thousand_passes_leave_a_state_no_larger_than_ten():
    loop = diagram("start:s user:a xor:g end:e", "s a; a g; g a | again; g e | default")
    rounds = diagram(
        "start:s user:a end:e",
        "s a; a e",
        {
            "a": '<standardLoopCharacteristics loopMaximum="10000"><loopCondition>again'
            "</loopCondition></standardLoopCharacteristics>"
        },
    )
    for source in (loop, rounds):
        case, sizes = Acting(source), []
        for _ in range(10_000):
            case.complete("a", again=True)
            sizes.append(len(case.progress.state))
            case.passed.clear()
        assert sizes[-2] - sizes[9] < 20  # the numbers grow by a few digits
        assert case.finished is (source is rounds)
