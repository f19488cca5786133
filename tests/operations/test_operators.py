"""What operators do to cases: every deed, its refusals, two at once, and attacks on four eyes."""

import threading
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.chains import broken
from tests.folding import agree
from tests.operations.test_messages import SIMPLE, calling
from tests.operations.town import Town
from workflows.cases import incidents
from workflows.cases.models import Case, CaseState, Timer
from workflows.errors import Conflict, Forbidden, Invalid, NotFound
from workflows.history.models import Event
from workflows.notices.models import Call, Notice
from workflows.operations import cases, operators, publishing, tasks, timers
from workflows.operations.operators import Order
from workflows.organisation.actor import Held
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.queries import standing
from workflows.tasks.models import Task


@pytest.fixture
def case(session, city):
    """An errand in Farsta: writing, waiting, and two steps stopped for want of data."""
    publishing.publish(session, packages.errand(), by=SYSTEM, now=NOON)
    made = cases.start(
        session, find(session, "errand"), city.units["FARSTA"], 2027, by=SYSTEM, now=NOON
    )
    session.commit()
    return made


def _load(session, city, case, name="Disa"):
    return questions.case_to_operate(session, case.id, by=city.actor(name), to_change=True)


def _order(case, why="Det behövs", command="one"):
    return Order(why, command, case.revision)


def _thing(session, case, element):
    return next(one for one in standing.open_things(session, case) if one.element == element)


def _things(session, case, given):
    """What a deed is done to: the first word names something that is open in the case."""
    return [_thing(session, case, one) if n == 0 else one for n, one in enumerate(given)]


def _do(session, city, case, verb, *given, name="Disa", command="one", **more):
    loaded = _load(session, city, case, name)
    things = _things(session, loaded, given)
    order = _order(loaded, command=command)
    verb(session, loaded, *things, order, by=city.actor(name), now=NOON, **more)
    agree(session)


def _complete(session, city, element, name, raw):
    by = city.actor(name)
    wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
    task = questions.task(session, session.scalars(wanted).one(), by=by, to_change=True)
    tasks.complete(session, task, raw, command=element, by=by, now=NOON)


def _kinds(session, case):
    wanted = sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.n)
    return list(session.scalars(wanted))


def _open(session, case):
    return sorted(one.element for one in standing.open_things(session, case))


def _last(session):
    return session.scalars(sa.select(Event).order_by(Event.id.desc())).first()


def test_every_incident_stays_open_and_the_other_branches_go_on(session, city, case):
    assert case.state is CaseState.STOPPED
    assert {(one.element, one.keys) for one in incidents.of(case)} == {
        ("price", ("amount",)), ("road", ("length",)),
    }  # fmt: skip
    _complete(session, city, "write", "Alva", {"amount": "3"})
    assert _open(session, case) == ["approve", "price", "rest", "road"]
    assert case.state is CaseState.STOPPED
    assert _kinds(session, case) == [
        "case_started",
        "case_stopped",
        "case_stopped",
        "task_completed",
    ]


def test_who_operates_it_is_told_once_that_a_case_stands_still(session, city, case):
    _do(session, city, case, operators.retry_incident, "price")  # and stops there again
    told = session.execute(
        sa.select(Notice.person_id, Notice.what).where(Notice.kind == "case_stopped")
    ).all()
    assert told == [(city.people["Disa"].id, {"case": case.key})]


def test_a_retry_with_corrected_data_goes_on_and_keeps_old_and_new(session, city, case):
    _do(session, city, case, operators.retry_incident, "price", data={"amount": 4})
    assert case.data["price"] == 8
    assert _open(session, case) == ["buy", "rest", "road", "write"]
    assert [one.element for one in incidents.of(case)] == ["road"]
    event = session.scalars(sa.select(Event).where(Event.kind == "incident_mended")).one()
    assert '"amount":[null,4]' in event.what
    assert event.why == "Det behövs"
    assert case.state is CaseState.STOPPED


def test_a_retry_that_fails_again_stops_anew_and_changes_no_data(session, city, case):
    before = dict(case.data)
    _do(session, city, case, operators.retry_incident, "price")
    assert [one.element for one in incidents.of(case)] == ["road", "price"]
    assert case.data == before
    assert _kinds(session, case)[-2:] == ["incident_retried", "case_stopped"]


def test_a_case_runs_again_when_its_last_incident_is_mended(session, city, case):
    _do(session, city, case, operators.retry_incident, "price", data={"amount": 4})
    _do(session, city, case, operators.skip, "road", command="two")
    assert case.state is CaseState.RUNNING
    assert case.incidents is None


def test_an_incident_of_the_first_release_is_still_read(session, city, case):
    case.incidents = {"id": "5", "element": "price", "code": "no_value"}
    assert incidents.of(case) == [incidents.Open("5", "price", "no_value")]


@pytest.mark.parametrize(
    ("element", "opens"), [("write", "approve"), ("rest", "look"), ("price", "buy")]
)
def test_a_step_a_wait_and_an_incident_can_be_skipped(session, city, case, element, opens):
    _do(session, city, case, operators.skip, element)
    assert opens in _open(session, case)
    assert element not in _open(session, case)
    assert _last(session).kind == "step_skipped"
    assert _last(session).step == element


def test_a_case_is_moved_to_another_step(session, city, case):
    _do(session, city, case, operators.move, "write", "look")
    assert _open(session, case) == ["look", "price", "rest", "road"]
    with pytest.raises(Conflict) as refused:
        _do(session, city, case, operators.move, "look", "nowhere", command="two")
    assert refused.value.code == "cannot_move"


def test_a_timer_is_woken_before_its_time(session, city, case):
    _do(session, city, case, operators.wake, "rest")
    assert "look" in _open(session, case)
    timer = session.scalars(sa.select(Timer)).one()
    timers.fire(session, timer, case, by=SYSTEM, now=NOON)  # the clock comes too late
    assert _open(session, case).count("look") == 1
    with pytest.raises(Conflict):
        operators.wake(
            session, case, standing.Thing("7", "rest", "timer"), _order(case, command="two"),
            by=city.actor("Disa"), now=NOON,
        )  # fmt: skip


def test_corrected_data_is_known_and_old_and_new_are_kept(session, city, case):
    _complete(session, city, "write", "Alva", {"amount": "3"})
    loaded = _load(session, city, case)
    by = city.actor("Disa")
    operators.correct_data(session, loaded, {"amount": 5}, _order(loaded), by=by, now=NOON)
    assert case.data["amount"] == 5
    assert '"changed":{"amount":[3,5]}' in _last(session).what
    order = _order(loaded, command="two")
    with pytest.raises(Invalid) as refused:
        operators.correct_data(session, loaded, {"amount": 5}, order, by=by, now=NOON)
    assert refused.value.code == "nothing_differs"


def test_a_case_that_rests_fires_no_timer_and_takes_no_completion(session, city, case):
    _do(session, city, case, operators.suspend)
    timer = session.scalars(sa.select(Timer)).one()
    timers.fire(session, timer, case, by=SYSTEM, now=NOON)
    assert timer.fired_at is None
    with pytest.raises(Conflict) as refused:
        _complete(session, city, "write", "Alva", {"amount": "3"})
    assert refused.value.code == "case_rests"
    with pytest.raises(Conflict):
        _do(session, city, case, operators.skip, "write", command="two")
    _do(session, city, case, operators.resume, command="three")
    assert case.state is CaseState.STOPPED  # as it was: two incidents are open
    _complete(session, city, "write", "Alva", {"amount": "3"})


def test_only_a_case_that_rests_goes_on(session, city, case):
    with pytest.raises(Conflict) as refused:
        _do(session, city, case, operators.resume)
    assert refused.value.code == "case_rests_not"


def test_a_cancelled_case_leaves_nothing_open_and_tells_who_had_a_task(session, city, case):
    alva = city.actor("Alva")
    wanted = sa.select(Task.id).where(Task.element == "write")
    task = questions.task(session, session.scalars(wanted).one(), by=alva, to_change=True)
    tasks.claim(session, task, by=alva, now=NOON)
    tasks.save_draft(session, task, {"amount": "3"}, seen=0, by=alva, now=NOON)
    _do(session, city, case, operators.cancel)
    session.expire_all()
    assert case.state is CaseState.CANCELLED
    assert standing.open_things(session, case) == []
    assert session.scalars(sa.select(Call).where(Call.fired_at.is_(None))).all() == []
    told = session.scalars(sa.select(Notice).where(Notice.kind == "case_cancelled")).one()
    assert (told.person_id, told.what) == (alva.id, {"case": case.key})
    with pytest.raises(Conflict) as refused:
        _do(session, city, case, operators.suspend, command="two")
    assert refused.value.code == "case_closed"
    assert broken(session) == []


def test_the_call_of_another_case_can_be_skipped_and_that_case_ends(database, session, city):
    town = Town(database, session, city)
    town.publish(SIMPLE, calling())
    caller = town.start("caller")
    town.work()
    (called,) = town.cases("simple")
    assert [(one.element, one.kind) for one in standing.open_things(session, caller)] == [
        ("c", "call")
    ]
    session.commit()
    _do(session, city, caller, operators.skip, "c")
    town.work(rounds=2)
    assert called.state is CaseState.CANCELLED
    assert town.open(caller) == ["after"]
    assert [one.kind for one in standing.open_things(session, caller)] == ["task"]


DEEDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "cancel": (operators.cancel, ()),
    "suspend": (operators.suspend, ()),
    "retry": (operators.retry_incident, ("price",)),
    "skip": (operators.skip, ("write",)),
    "move": (operators.move, ("write", "look")),
    "wake": (operators.wake, ("rest",)),
}


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_the_same_post_twice_does_it_once(session, city, case, deed):
    verb, given = DEEDS[deed]
    loaded = _load(session, city, case)
    order = _order(loaded)
    things = _things(session, loaded, given)
    for _ in range(2):
        verb(session, loaded, *things, order, by=city.actor("Disa"), now=NOON)
        after = _kinds(session, case)
    verb(session, loaded, *things, order, by=city.actor("Disa"), now=NOON)
    assert _kinds(session, case) == after


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_a_deed_needs_a_reason_and_the_case_as_it_was_seen(session, city, case, deed):
    verb, given = DEEDS[deed]
    loaded, by = _load(session, city, case), city.actor("Disa")
    things = _things(session, loaded, given)
    before = _kinds(session, case)
    with pytest.raises(Invalid) as refused:
        verb(session, loaded, *things, _order(loaded, why="  "), by=by, now=NOON)
    assert refused.value.code == "reason_missing"
    order = replace(_order(loaded), seen=loaded.revision - 1)
    with pytest.raises(Conflict) as overtaken:
        verb(session, loaded, *things, order, by=by, now=NOON)
    assert overtaken.value.code == "overtaken"
    session.rollback()
    assert _kinds(session, case) == before


@pytest.mark.parametrize("deed", sorted(DEEDS))
@pytest.mark.parametrize(
    ("name", "refusal"),
    [("Alva", Forbidden), ("Bo", Forbidden), ("Frida", Forbidden), ("Cleo", NotFound)],
)
def test_who_does_not_operate_cases_is_refused(session, city, case, deed, name, refusal):
    verb, given = DEEDS[deed]
    with pytest.raises(refusal):
        _load(session, city, case, name)
    loaded = _load(session, city, case)
    things = _things(session, loaded, given)
    with pytest.raises(Forbidden):
        verb(session, loaded, *things, _order(loaded), by=city.actor(name), now=NOON)


def _also_central(city, name):
    """The person as they would be with an operator's role beside their own."""
    by = city.actor(name)
    return replace(by, held=by.held | {Held("central_security", city.units["STAD"].id)})


@pytest.mark.parametrize("deed", ["skip", "move", "wake", "retry", "correct"])
def test_who_did_what_others_review_cannot_steer_past_them(session, city, case, deed):
    _complete(session, city, "write", "Alva", {"amount": "3"})
    by = _also_central(city, "Alva")
    loaded = questions.case_to_operate(session, case.id, by=by, to_change=True)
    order, seen = _order(loaded), _kinds(session, case)
    attacks: dict[str, tuple[Any, list[Any], dict[str, Any]]] = {
        "skip": (operators.skip, [_thing(session, loaded, "approve")], {}),
        "move": (operators.move, [_thing(session, loaded, "approve"), "look"], {}),
        "wake": (operators.wake, [_thing(session, loaded, "rest")], {}),
        "retry": (operators.retry_incident, [_thing(session, loaded, "price")], {"data": {"a": 1}}),
        "correct": (operators.correct_data, [{"amount": 9}], {}),
    }
    verb, given, more = attacks[deed]
    with pytest.raises(Forbidden) as refused:
        verb(session, loaded, *given, order, by=by, now=NOON, **more)
    assert refused.value.code == "may_not_steer_case"
    assert _kinds(session, case) == seen


def test_an_operator_in_the_place_of_who_did_the_work_cannot_steer_either(session, city, case):
    _complete(session, city, "write", "Alva", {"amount": "3"})
    alva = city.people["Alva"].id
    held = frozenset({Held("central_security", city.units["STAD"].id, via_id=alva)})
    by = replace(city.actor("Jon"), held=held)
    loaded = questions.case_to_operate(session, case.id, by=by, to_change=True)
    thing = _thing(session, loaded, "approve")
    with pytest.raises(Forbidden):
        operators.skip(session, loaded, thing, _order(loaded), by=by, now=NOON)


@pytest.mark.parametrize("deed", ["skip", "correct", "move"])
def test_who_has_steered_a_case_does_not_review_in_it(session, city, case, deed):
    by = _also_central(city, "Bo")
    loaded = questions.case_to_operate(session, case.id, by=by, to_change=True)
    deeds: dict[str, tuple[Any, list[Any]]] = {
        "skip": (operators.skip, [_thing(session, loaded, "price")]),
        "move": (operators.move, [_thing(session, loaded, "price"), "look"]),
        "correct": (operators.correct_data, [{"amount": 9}]),
    }
    verb, given = deeds[deed]
    verb(session, loaded, *given, _order(loaded), by=by, now=NOON)
    _complete(session, city, "write", "Alva", {"amount": "3"})
    with pytest.raises(Forbidden):
        _complete(session, city, "approve", "Bo", {})
    _complete(session, city, "approve", "Anton", {})


def test_two_operators_at_once_do_one_deed(database, session, city, case):
    loaded = _load(session, city, case)
    order, thing = _order(loaded), _thing(session, loaded, "write")
    session.commit()
    outcomes: list[str] = []

    def act(name: str) -> None:
        by = city.actor("Disa")
        try:
            with database.writing() as mine, mine.begin():
                found = questions.case_to_operate(mine, case.id, by=by, to_change=True)
                operators.skip(mine, found, thing, replace(order, command=name), by=by, now=NOON)
            outcomes.append("done")
        except Conflict as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=act, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "overtaken"]
    session.expire_all()
    assert _kinds(session, case).count("step_skipped") == 1
    assert session.get_one(Case, case.id).incidents


def test_an_operator_and_the_doer_at_once_leave_the_case_where_one_of_them_put_it(
    database, session, city, case
):
    loaded = _load(session, city, case)
    order, thing = _order(loaded), _thing(session, loaded, "write")
    disa, alva = city.actor("Disa"), city.actor("Alva")
    session.commit()
    outcomes: list[str] = []

    def act(name: str) -> None:
        try:
            with database.writing() as mine, mine.begin():
                if name == "skip":
                    found = questions.case_to_operate(mine, case.id, by=disa, to_change=True)
                    operators.skip(mine, found, thing, order, by=disa, now=NOON)
                else:
                    task = questions.task(mine, thing.task.id, by=alva, to_change=True)
                    tasks.complete(mine, task, {"amount": "3"}, command="x", by=alva, now=NOON)
            outcomes.append("done")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=act, args=(name,)) for name in ("skip", "complete")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    session.expire_all()
    assert _open(session, session.get_one(Case, case.id)).count("approve") == 1


def test_the_list_of_what_stands_still_asks_as_much_for_many_cases_as_for_one(
    database, session, city, case
):
    def asked() -> int:
        seen: list[str] = []
        with database.reading() as reader:
            listen = (database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
            sa.event.listen(*listen)
            found = standing.standing_still(reader, by=city.actor("Disa"))
            assert all(one.case.unit.name and one.case.process.key for one in found)
            sa.event.remove(*listen)
        return len([one for one in seen if one.startswith("SELECT")])

    for_one = asked()
    for occasion in ("a", "b"):
        farsta = city.units["FARSTA"]
        cases.start(session, case.process, farsta, 2027, occasion=occasion, by=SYSTEM, now=NOON)
    session.commit()
    assert asked() == for_one


def test_the_list_of_what_stands_still_shows_stopped_cases_and_tasks_nobody_may_take(
    session, city, case
):
    (still,) = standing.standing_still(session, by=city.actor("Disa"))
    assert [one.element for one in still.incidents] == ["price", "road"]
    _do(session, city, case, operators.skip, "price", command="two")
    _do(session, city, case, operators.skip, "road", command="three")  # its doer is named nowhere
    (still,) = standing.standing_still(session, by=city.actor("Disa"))
    assert [task.element for task in still.tasks] == ["visit"]
    assert standing.standing_still(session, by=city.actor("Egil")) == []  # he sees none of it
    with pytest.raises(Forbidden):
        standing.standing_still(session, by=city.actor("Alva"))


def test_to_foresee_changes_nothing(session, city, case):
    from workflows import engine

    before = case.engine_state
    thing = _thing(session, case, "write")
    seen = operators.foresee(case, engine.Skip(thing.id), now=NOON)
    assert [one.element for one in seen.opened] == ["approve"]
    session.commit()
    assert session.get_one(Case, case.id).engine_state == before
