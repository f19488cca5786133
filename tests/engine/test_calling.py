"""A call activity in a case of its own, as the engine sees it: asked for, answered, called off."""

import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import boundary, diagram, event
from workflows.engine import (
    Call,
    Done,
    Escalate,
    Facts,
    Failed,
    begin,
    check_diagram,
    compile_diagram,
)

OWN = "call:c[calledElement=other,arshjul:case=own]"
GIVEN = (
    '<extensionElements><arshjul:param name="amount">amount + 1</arshjul:param></extensionElements>'
)
ERRORS = '<error id="e1" errorCode="too_late"/><escalation id="s1" escalationCode="help"/>'


def calling(more="", nodes="", flows="", call=OWN, beside=""):
    return diagram(
        f"start:s {call} user:after end:e {nodes}",
        f"s c; c after; after e; {flows}",
        {"c": GIVEN},
        more=more,
        beside=beside,
    )


def caught(kind, *, interrupting=True):
    return calling(
        boundary(
            "b", "c", event(kind, "e1" if kind == "error" else "s1"), interrupting=interrupting
        ),
        "user:other end:e2",
        "b other; other e2",
        beside=ERRORS,
    )


def test_a_call_in_a_case_of_its_own_is_asked_for_and_waits():
    case = Acting(calling(), {"amount": 2})
    (call,) = case.progress.calls
    assert call == Call(call.id, "c", "other", "latest", "unit", {"amount": 3})
    assert case.open == []
    case.do(Done(call.id, {"answer": "yes"}))
    assert case.open == ["after"]
    assert case.data == {"amount": 2, "answer": "yes"}


def test_what_comes_back_may_have_a_name_of_its_own():
    call = "call:c[calledElement=other,arshjul:case=own,arshjul:into=reply]"
    case = Acting(calling(call=call), {"amount": 2})
    case.do(Done(case.progress.calls[0].id, {"amount": 9}))
    assert case.data == {"amount": 2, "reply": {"amount": 9}}


def test_an_error_of_the_called_case_reaches_the_boundary_of_the_call():
    case = Acting(caught("error"), {"amount": 2})
    case.do(Failed(case.progress.calls[0].id, "too_late"))
    assert case.open == ["other"]


def test_an_error_that_the_caller_does_not_catch_is_an_incident():
    case = Acting(calling(), {"amount": 2})
    case.do(Failed(case.progress.calls[0].id, "too_late"))
    assert case.stopped == [("c", "too_late")]


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_of_the_called_case_reaches_the_boundary_of_the_call(interrupting):
    case = Acting(caught("escalation", interrupting=interrupting), {"amount": 2})
    call = case.progress.calls[0].id
    case.do(Escalate(call, "help"))
    assert case.open == ["other"]
    assert (call in case.progress.closed) is interrupting
    if not interrupting:
        case.do(Done(call))
        assert case.open == ["after", "other"]


def test_an_escalation_nobody_listens_for_changes_nothing():
    case = Acting(calling(), {"amount": 2})
    case.do(Escalate(case.progress.calls[0].id, "help"))
    assert (case.open, case.stopped) == ([], [])


def test_each_row_of_a_list_has_a_call_of_its_own():
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>units</loopDataInputRef>"
        "<loopDataOutputRef>replies</loopDataOutputRef></multiInstanceLoopCharacteristics>"
    )
    source = diagram(
        "start:s call:c[calledElement=other,arshjul:case=own,arshjul:of=item.unit] end:e",
        "s c; c e",
        {"c": loop},
    )
    case = Acting(source, {"units": [{"unit": "FARSTA"}, {"unit": "BROMMA"}]})
    first, second = case.progress.calls
    assert (first.of, first.item) == ("item.unit", {"unit": "FARSTA"})
    case.do(Done(second.id, {"reply": 2}))
    case.do(Done(first.id, {"reply": 1}))
    assert case.finished
    assert [row["reply"] for row in case.data["replies"]] == [1, 2]


def called(end):
    nodes = "start:s and:g user:a end:e end:f"
    return diagram(nodes, "s g; g e; g a; a f", {"e": end}, beside=ERRORS)


def test_a_called_case_ends_in_the_error_it_does_not_catch():
    compiled = compile_diagram(called(event("error", "e1")))
    progress = begin(compiled, {}, Facts(is_called=True))
    assert (progress.finished, progress.error, progress.opened) == (True, "too_late", ())
    alone = begin(compiled, {}, Facts())
    assert (alone.finished, alone.error) == (False, None)
    assert alone.incidents_opened[0].code == "uncaught_error"


def test_a_called_case_tells_of_an_escalation_and_goes_on():
    compiled = compile_diagram(called(event("escalation", "s1")))
    progress = begin(compiled, {}, Facts(is_called=True))
    assert [(one.kind, one.name) for one in progress.thrown] == [("escalation", "help")]
    assert begin(compiled, {}, Facts()).thrown == ()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("call:c[arshjul:case=own]", "process_missing"),
        ("call:c[calledElement=x,arshjul:case=own,arshjul:version=7]", "unknown_version"),
    ],
)
def test_a_call_that_cannot_be_made_is_a_problem(call, code):
    assert code in {problem.code for problem in check_diagram(calling(call=call))}


def test_a_message_says_how_long_it_is_kept_in_a_way_we_can_read():
    message = '<message id="m" name="ask" arshjul:expires="a while"/>'
    source = diagram(
        "start:s throw:t end:e", "s t; t e", {"t": event("message", "m")}, beside=message
    )
    assert [problem.code for problem in check_diagram(source)] == ["unknown_expiry"]


def test_a_throw_event_sends_what_its_parameters_say_and_a_description_what_begins_a_case():
    message = '<message id="m" name="ask"/>'
    source = diagram(
        "start:s throw:t end:e",
        "s t; t e",
        {"t": GIVEN + event("message", "m"), "s": event("message", "m")},
        beside=message,
    )
    case = Acting(source, {"amount": 2})
    assert case.progress.thrown[0].payload == {"amount": 3}
    assert case.compiled.description.begins_on == (("message", "ask"),)
