"""Messages, signals, started and called cases between cases: exactly once, whatever happens."""

import multiprocessing
import os
import threading
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from tests.cast import NOON
from tests.chains import broken
from tests.engine.drawing import boundary, event
from tests.operations.town import (
    ALARM,
    ASK,
    DAY,
    LATE,
    ROLE,
    Town,
    action,
    hearing,
    package,
    param,
    receiving,
    sending,
    throwing,
)
from workflows import engine, work
from workflows.cases.messages import Outcome, Wait
from workflows.cases.models import CaseState
from workflows.database import Database
from workflows.errors import Conflict, Forbidden
from workflows.notices.models import Notice
from workflows.operations import advance, messages, operators
from workflows.operations.operators import Order
from workflows.processes.models import Secrecy
from workflows.tasks.rows import know_reviewed


@pytest.fixture
def town(database, session, city):
    return Town(database, session, city)


# --- messages -------------------------------------------------------------------------------


def test_a_message_reaches_the_case_that_waits_for_its_name_and_key(town):
    town.publish(receiving(), sending())
    receiver = town.start("receiver")
    sender = town.start("sender", data={"amount": 3})
    assert town.open(receiver) == []
    town.work()
    assert town.open(receiver) == ["done"]
    assert receiver.data == {"amount": 3}
    assert town.kinds(receiver) == ["case_started", "message_received"]
    assert town.outcomes() == [Outcome.DELIVERED]
    assert sender.state is CaseState.FINISHED


def test_a_message_with_another_key_is_kept_for_who_has_that_key(town):
    town.publish(receiving(correlation="who"), sending())
    other = town.start("receiver", data={"who": "B"})
    town.start("sender", data={"amount": 3})
    town.work(rounds=2)
    assert (town.open(other), town.outcomes()) == ([], [None])
    right = town.start("receiver", "BROMMA", data={"who": "A"})
    town.work()
    assert (town.open(other), town.open(right)) == ([], ["done"])


def test_a_message_waits_for_a_receiver_that_does_not_exist_yet(town):
    town.publish(receiving(), sending())
    town.start("sender", data={"amount": 3})
    town.work(rounds=2)
    receiver = town.start("receiver")
    town.work()
    assert town.open(receiver) == ["done"]


def test_one_message_is_received_once_though_two_wait_for_it(town):
    town.publish(receiving(), sending())
    first, second = town.start("receiver"), town.start("receiver", "BROMMA")
    town.start("sender", data={"amount": 3})
    town.work(rounds=3)
    assert (town.open(first), town.open(second)) == (["done"], [])


def test_two_clocks_at_once_deliver_once(town):
    town.publish(receiving(), sending())
    receivers = [town.start("receiver"), town.start("receiver", "BROMMA")]
    for number in range(3):
        town.start("sender", occasion=str(number), data={"amount": number})
    clocks = [
        threading.Thread(target=work.deliver, args=(town.database,), kwargs={"now": NOON})
        for _ in range(3)
    ]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    town.work(NOON + DAY)
    assert [town.open(one) for one in receivers] == [["done"], ["done"]]
    assert town.outcomes().count(Outcome.DELIVERED) == 2
    for one in receivers:
        assert town.kinds(one).count("message_received") == 1


def test_a_delivery_that_is_cut_off_leaves_nothing_and_is_done_again(town, monkeypatch):
    town.publish(receiving(), sending())
    receiver = town.start("receiver")
    town.start("sender", data={"amount": 3})

    def cut(*_args, **_more):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("workflows.operations.advance.forget_calls", cut)
        town.work()
    assert (town.open(receiver), town.outcomes()) == ([], [None])
    town.work(NOON + DAY)
    assert town.open(receiver) == ["done"]


def test_a_message_nobody_receives_expires_and_those_who_answer_for_its_sender_are_told(town):
    town.publish(sending(expires=' arshjul:expires="2d"'))
    sender = town.start("sender", data={"amount": 3})
    town.work()
    town.work(NOON + DAY)
    assert town.outcomes() == [None]
    town.work(NOON + 2 * DAY)
    assert town.outcomes() == [Outcome.EXPIRED]
    assert town.kinds(sender)[-1] == "message_expired"
    told = town.session.scalars(sa.select(Notice).where(Notice.kind == "message_expired")).all()
    assert {one.person_id for one in told} == {
        town.city.people[name].id for name in ("Alva", "Anton")
    }
    assert {one.what["case"] for one in told} == {sender.key}
    town.publish(receiving())
    receiver = town.start("receiver", now=NOON + 3 * DAY)
    town.work(NOON + 3 * DAY)
    assert town.open(receiver) == []


def test_a_message_to_a_cancelled_case_is_kept_and_expires_with_a_trace(town):
    town.publish(receiving(), sending())
    receiver = town.start("receiver")
    town.operate(operators.cancel, receiver)
    sender = town.start("sender", data={"amount": 3})
    town.work(rounds=2)
    assert town.outcomes() == [None]
    town.work(NOON + 90 * DAY)
    assert town.outcomes() == [Outcome.EXPIRED]
    assert town.kinds(sender)[-1] == "message_expired"


def test_a_message_waits_for_a_case_that_rests(town):
    town.publish(receiving(), sending())
    receiver = town.start("receiver")
    town.operate(operators.suspend, receiver)
    town.start("sender", data={"amount": 3})
    town.work(rounds=3)
    assert (town.open(receiver), town.outcomes()) == ([], [None])
    town.operate(operators.resume, receiver)
    town.work()
    assert town.open(receiver) == ["done"]


@pytest.mark.parametrize(
    ("sender", "receiver", "arrives"),
    [("sec", "internal", False), ("sec", "sec", True), ("internal", "open", False)],
)
def test_nothing_secret_reaches_a_case_that_more_people_see(town, sender, receiver, arrives):
    town.publish(receiving(secrecy=receiver), sending(secrecy=sender))
    waits = town.start("receiver")
    town.start("sender", data={"amount": 3})
    town.work(rounds=2)
    assert (town.open(waits) == ["done"]) is arrives
    assert waits.data == ({"amount": 3} if arrives else {})


def test_a_message_that_starts_a_process_starts_one_case_for_each_key(town):
    begins = {"s": event("message", "ask")}
    nodes = f"start:s user:done[{ROLE}] end:e"
    town.publish(
        package("begun", nodes, "s done; done e", begins, beside=ASK.replace("{key}", "''")),
        sending(correlation="who", secrecy="sec"),
    )
    for number, who in enumerate(("A", "B", "A")):
        town.start("sender", occasion=str(number), data={"amount": number, "who": who})
    town.work(rounds=2)
    begun = town.cases("begun")
    assert [(one.occasion, one.data, one.unit.code) for one in begun] == [
        ("A", {"amount": 0}, "FARSTA"),
        ("B", {"amount": 1}, "FARSTA"),
    ]
    assert {one.secrecy for one in begun} == {Secrecy.SECRET}
    assert town.outcomes() == [Outcome.DELIVERED, Outcome.DELIVERED, None]


def test_an_operator_brings_what_came_by_telephone(town):
    town.publish(receiving())
    receiver = town.start("receiver")
    wait = town.session.scalars(sa.select(Wait)).one()
    disa, alva = town.city.actor("Disa"), town.city.actor("Alva")
    order = Order("De ringde", "once", receiver.revision)
    know_reviewed(town.session, receiver)
    with pytest.raises(Forbidden):
        messages.send_message(town.session, receiver, wait, {}, order, by=alva, now=NOON)
    for _ in range(2):
        messages.send_message(town.session, receiver, wait, {"amount": 9}, order, by=disa, now=NOON)
    town.session.commit()
    assert (town.open(receiver), receiver.data) == (["done"], {"amount": 9})
    assert town.kinds(receiver).count("message_received") == 1
    late = Order("De ringde", "twice", receiver.revision)
    with pytest.raises(Conflict):
        messages.send_message(town.session, receiver, wait, {}, late, by=disa, now=NOON)


# --- signals --------------------------------------------------------------------------------


def test_a_signal_reaches_all_who_listen_when_it_is_sent_and_nobody_later(town):
    town.publish(hearing(), throwing())
    early = [town.start("hearing"), town.start("hearing", "BROMMA")]
    town.start("alarming")
    late = town.start("hearing", "STAD", now=NOON + DAY)
    town.work(NOON + DAY, rounds=2)
    assert [town.open(one) for one in early] == [["done"], ["done"]]
    assert town.open(late) == []
    assert {one.data["level"] for one in early} == {"red"}


def test_who_was_past_a_signal_when_it_came_has_a_trace_of_it(town):
    town.publish(hearing(), throwing())
    early = town.start("hearing")
    town.start("alarming")
    town.operate(operators.cancel, early)
    town.work()
    assert town.outcomes() == [Outcome.MISSED]
    assert town.kinds(early)[-1] == "message_missed"


def test_a_signal_starts_the_processes_that_begin_with_it(town):
    begins = {"s": event("signal", "alarm")}
    nodes = f"start:s user:done[{ROLE}] end:e"
    town.publish(package("begun", nodes, "s done; done e", begins, beside=ALARM), throwing())
    sender = town.start("alarming")
    town.work(rounds=2)
    (begun,) = town.cases("begun")
    assert (begun.occasion, begun.data) == (sender.key, {"level": "red"})


# --- started cases --------------------------------------------------------------------------


def starting(**params):
    inside = {"a": action("start_cases", **({"process": "'simple'"} | params))}
    return package("starter", "start:s service:a end:e", "s a; a e", inside)


SIMPLE = package("simple", f"start:s user:done[{ROLE}] end:e", "s done; done e")


def test_an_action_starts_a_case_in_every_board_exactly_once(town):
    town.publish(SIMPLE, starting(units="'district_board'", data="{'asked': year}"))
    already = town.start("simple", "BROMMA")
    town.start("starter", "STAD")
    town.start("starter", "STAD", occasion="again")
    town.work(rounds=3)
    begun = town.cases("simple")
    assert {(one.unit.code, one.data.get("asked")) for one in begun} == {
        ("BROMMA", None),
        ("FARSTA", 2027),
    }
    assert already in begun
    assert len(begun) == 2
    assert set(town.outcomes()) <= {Outcome.DELIVERED, Outcome.REFUSED}


def test_a_closed_unit_gets_no_case(town):
    town.publish(SIMPLE, starting(units="['FARSTA', 'BROMMA']", year="2028", occasion="'Q1'"))
    town.city.units["BROMMA"].valid_to = NOON.date() - DAY
    town.session.merge(town.city.units["BROMMA"])
    town.session.commit()
    town.start("starter", "STAD")
    town.work()
    (begun,) = town.cases("simple")
    assert (begun.unit.code, begun.year, begun.occasion) == ("FARSTA", 2028, "Q1")


@pytest.mark.parametrize(
    ("params", "code"),
    [({"process": "'nowhere'"}, "unknown_process"), ({"units": "['NOWHERE']"}, "unknown_unit")],
)
def test_starting_what_there_is_not_is_an_incident_and_nothing_is_sent(town, params, code):
    town.publish(SIMPLE, starting(**params))
    case = town.start("starter")
    assert case.state is CaseState.STOPPED
    assert case.incidents[0]["code"] == code
    assert town.outcomes() == []


def test_an_action_sends_a_message(town):
    inside = {"a": action("send_message", name="'ask'", key="'A'", payload="{'amount': 5}")}
    town.publish(receiving(), package("telling", "start:s service:a end:e", "s a; a e", inside))
    receiver = town.start("receiver")
    town.start("telling")
    town.work()
    assert receiver.data == {"amount": 5}


# --- calls in a case of their own -----------------------------------------------------------


def calling(key="caller", called="simple", more="", beside="", attributes="", nodes="", flows=""):
    call = f"call:c[calledElement={called},arshjul:case=own{attributes}]"
    return package(
        key,
        f"start:s {call} user:after[{ROLE}] end:e {nodes}",
        f"s c; c after; after e; {flows}",
        {"c": param(amount="2")},
        more=more,
        beside=beside,
    )


def test_a_case_waits_for_the_case_it_called_and_gets_its_answers(town):
    town.publish(SIMPLE, calling())
    caller = town.start("caller")
    town.work()
    (called,) = town.cases("simple")
    assert (called.data, called.caller_id, town.open(caller)) == ({"amount": 2}, caller.id, [])
    town.complete("done")
    town.work(rounds=3)
    assert town.open(caller) == ["after"]
    assert caller.data == {"amount": 2}
    assert town.kinds(caller) == ["case_started", "called_case_ended"]


def test_a_case_may_call_another_in_each_of_several_units(town):
    loop = (
        param(amount="1")
        + "<multiInstanceLoopCharacteristics><loopDataInputRef>boards</loopDataInputRef>"
        "<loopDataOutputRef>replies</loopDataOutputRef></multiInstanceLoopCharacteristics>"
    )
    call = "call:c[calledElement=simple,arshjul:case=own,arshjul:of=item.unit]"
    town.publish(SIMPLE, package("caller", f"start:s {call} end:e", "s c; c e", {"c": loop}))
    boards = [{"unit": "FARSTA"}, {"unit": "FARSTA"}]
    caller = town.start("caller", "STAD", data={"boards": boards})
    town.work()
    assert [one.unit.code for one in town.cases("simple")] == ["FARSTA", "FARSTA"]
    town.complete("done")
    town.complete("done")
    town.work(rounds=3)
    assert caller.state is CaseState.FINISHED
    assert [row["amount"] for row in caller.data["replies"]] == [1, 1]


def test_cases_call_each_other_ten_levels_deep(town):
    town.publish(SIMPLE)
    for level in range(1, 10):
        town.publish(calling(f"p{level}", "simple" if level == 1 else f"p{level - 1}"))
    call = "call:c[calledElement=p9,arshjul:case=own]"
    town.publish(package("p10", f"start:s {call} end:e", "s c; c e"))
    top = town.start("p10")
    town.work()
    town.complete("done")
    for level in range(1, 10):
        town.work()
        assert len(town.cases(f"p{level}")) == 1
        town.complete("after")
    town.work()
    assert top.state is CaseState.FINISHED


@pytest.mark.parametrize(("version", "number"), [("latest", 2), ("pinned", 1)])
def test_a_call_runs_the_version_it_chose(town, version, number):
    town.publish(SIMPLE, now=NOON - 2 * DAY)
    town.publish(calling(attributes=f",arshjul:version={version}"), now=NOON - DAY)
    newer = package("simple", f"start:s user:newer[{ROLE}] end:e", "s newer; newer e")
    town.publish(newer)
    town.start("caller")
    town.work()
    assert [one.version.number for one in town.cases("simple")] == [number]


def failing(end):
    nodes = f"start:s user:done[{ROLE}] end:e"
    return package("simple", nodes, "s done; done e", {"e": end}, beside=LATE)


def catching(kind, reference):
    return calling(
        more=boundary("b", "c", event(kind, reference)),
        beside=LATE,
        nodes=f"user:rescue[{ROLE}] end:f",
        flows="b rescue; rescue f",
    )


def test_an_error_of_the_called_case_comes_back_to_the_caller(town):
    town.publish(failing(event("error", "late")), catching("error", "late"))
    caller = town.start("caller")
    town.work()
    town.complete("done")
    town.work(rounds=2)
    assert town.open(caller) == ["rescue"]
    (called,) = town.cases("simple")
    assert called.state is CaseState.FINISHED


def test_an_escalation_of_the_called_case_comes_back_to_the_caller(town):
    town.publish(failing(event("escalation", "help")), catching("escalation", "help"))
    caller = town.start("caller")
    town.work()
    town.complete("done")
    town.work(rounds=3)
    assert town.open(caller) == ["rescue"]


def test_cancelling_the_caller_ends_the_called_cases_and_cancelling_them_is_an_incident(town):
    town.publish(SIMPLE, calling(), calling("above", "caller"))
    above = town.start("above")
    town.work(rounds=2)
    (caller,), (called,) = town.cases("caller"), town.cases("simple")
    town.operate(operators.cancel, caller)
    town.work(rounds=2)
    assert (called.state, town.open(called)) == (CaseState.CANCELLED, [])
    assert town.kinds(called)[-1] == "case_called_off"
    assert (above.state, above.incidents[0]["code"]) == (
        CaseState.STOPPED,
        "called_case_cancelled",
    )


def test_what_is_more_secret_than_the_caller_stays_where_it_is(town):
    town.publish(package("simple", "start:s end:e", "s e", secrecy="sec"), calling())
    caller = town.start("caller")
    town.work(rounds=3)
    assert town.open(caller) == ["after"]
    assert caller.data == {}


def test_a_call_that_cannot_be_made_is_an_incident_of_the_caller(town):
    town.publish(calling())
    caller = town.start("caller")
    town.work(rounds=2)
    assert caller.incidents[0]["code"] == "process_not_published"


def test_calls_in_a_ring_end_in_an_incident(town):
    town.publish(calling("ring", "ring"))
    town.start("ring")
    town.work(rounds=40)
    stopped = [one for one in town.cases("ring") if one.state is CaseState.STOPPED]
    assert len(town.cases("ring")) == 30
    assert [one.incidents[0]["code"] for one in stopped] == ["too_deep"]


def test_what_goes_between_cases_keeps_its_decimals_and_dates():
    sent = {"sum": Decimal("1.50"), "rows": [{"day": date(2027, 3, 2)}]}
    assert engine.unpack(engine.pack(sent)) == {
        "sum": Decimal("1.50"),
        "rows": [{"day": "2027-03-02"}],
    }


# --- when the process dies ------------------------------------------------------------------


def _die_while_delivering(url, after):
    """Run in a process of its own: the power goes in the middle of a delivery."""
    left = [after]

    def cut(*_args):
        left[0] -= 1
        if not left[0]:
            os._exit(9)

    setattr(advance, "forget_calls", cut)  # noqa: B010 - what no module says it gives
    work.deliver(Database(url), now=NOON)


@pytest.mark.parametrize("after", [1, 3])
def test_a_process_that_dies_while_delivering_leaves_nothing_half_done(url, town, after):
    town.publish(SIMPLE, receiving(), sending(), starting(units="['FARSTA', 'BROMMA']"))
    receiver = town.start("receiver")
    town.start("sender", data={"amount": 3})
    town.start("starter", "STAD")
    town.database.close()
    dying = multiprocessing.get_context("spawn").Process(
        target=_die_while_delivering, args=(url, after)
    )
    dying.start()
    dying.join(60)
    assert dying.exitcode == 9
    town.work()
    assert town.kinds(receiver) == ["case_started", "message_received"]
    assert len(town.cases("simple")) == 2
    assert town.outcomes() == [Outcome.DELIVERED] * 3
    assert broken(town.session) == []
