"""Handing tasks over, sending them back, giving them to another; and what a leaver leaves."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.notices.models import Notice
from workflows.operations import cases, handovers, people, publishing, tasks
from workflows.organisation.actor import Held
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.queries import history, receivers, standing
from workflows.queries.holdings import held_by
from workflows.tasks.models import Task


@pytest.fixture
def case(session, city):
    """Alva's letter, taken by her."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process, farsta = find(session, "letter"), city.units["FARSTA"]
    made = cases.start(session, process, farsta, 2027, by=city.actor("Alva"), now=NOON)
    tasks.claim(session, _open(session, city, "write", "Alva"), by=city.actor("Alva"), now=NOON)
    session.commit()
    return made


def _open(session, city, element, name):
    wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
    task_id = session.scalars(wanted).one()
    return questions.task(session, task_id, by=city.actor(name), to_change=True)


def _delegate(session, city, name, to, element="write", command="", why="Du kan det här"):
    task, by = _open(session, city, element, name), city.actor(name)
    handovers.delegate(
        session, task, city.people[to], why, command=command or f"{name}-{to}", by=by, now=NOON
    )
    return task


def _return(session, city, name, command="back", why="Det är inte mitt"):
    task, by = _open(session, city, "write", name), city.actor(name)
    handovers.return_(session, task, why, command=command, by=by, now=NOON)
    return task


def _reassign(session, city, name, to, element="write", why="Alva är borta", command="give"):
    task, by = _open(session, city, element, name), city.actor(name)
    person = city.people[to] if to else None
    handovers.reassign(session, task, person, why, command=command, by=by, now=NOON)
    return task


def _complete(session, city, element, name, raw):
    task, by = _open(session, city, element, name), city.actor(name)
    tasks.complete(session, task, raw, command=element, by=by, now=NOON)


def _told(session):
    found = session.execute(sa.select(Notice.kind, Notice.person_id).order_by(Notice.id))
    return [tuple(row) for row in found]


def _kinds(session, case):
    wanted = sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.n)
    return list(session.scalars(wanted))


def test_a_task_goes_to_a_named_person_and_back_the_way_it_came(session, city, case):
    anton, bo = city.people["Anton"].id, city.people["Bo"].id
    _delegate(session, city, "Alva", "Anton")
    _delegate(session, city, "Anton", "Bo")  # has no role for it, and sees the case
    assert _return(session, city, "Bo").assignee_id == anton
    assert _return(session, city, "Anton", "again").assignee_id == city.people["Alva"].id
    assert _told(session) == [
        ("task_given", anton), ("task_given", bo), ("task_returned", anton),
        ("task_returned", city.people["Alva"].id),
    ]  # fmt: skip
    with pytest.raises(Conflict) as refused:
        _return(session, city, "Alva", "third")
    assert refused.value.code == "nobody_gave_it"
    assert _kinds(session, case)[-4:] == ["task_delegated"] * 2 + ["task_returned"] * 2


def test_the_receiver_completes_it_and_the_record_says_who(session, city, case):
    _delegate(session, city, "Alva", "Bo")
    _complete(session, city, "write", "Bo", {"text": "Hej"})
    event = session.scalars(sa.select(Event).where(Event.kind == "task_completed")).one()
    assert event.actor_id == city.people["Bo"].id


@pytest.mark.parametrize("to", ["Cleo", "Jon", "Egil"])
def test_nobody_is_given_what_they_may_not_see(session, city, case, to):
    with pytest.raises(Invalid) as refused:
        _delegate(session, city, "Alva", to)
    assert refused.value.code == "must_not_have_it"
    assert _open(session, city, "write", "Alva").assignee_id == city.people["Alva"].id


def test_only_who_has_a_task_hands_it_over_or_sends_it_back(session, city, case):
    with pytest.raises(Forbidden):
        _delegate(session, city, "Anton", "Bo")
    with pytest.raises(Forbidden):
        _return(session, city, "Anton")
    with pytest.raises(Conflict):
        _delegate(session, city, "Alva", "Alva")


def test_a_leader_or_an_operator_gives_a_task_to_another_and_both_are_told(session, city, case):
    alva, anton = city.people["Alva"].id, city.people["Anton"].id
    _reassign(session, city, "Bo", "Anton")
    assert _told(session) == [("task_given", anton), ("task_taken", alva)]
    assert _return(session, city, "Anton").assignee_id == alva
    _reassign(session, city, "Disa", None, command="free")
    task = _open(session, city, "write", "Alva")
    assert (task.assignee_id, task.given_from) == (None, None)
    for name in ("Alva", "Anton", "Frida"):
        with pytest.raises(Forbidden):
            _reassign(session, city, name, "Anton", command=name)


def test_a_reason_is_needed_to_send_back_and_to_give_to_another(session, city, case):
    _delegate(session, city, "Alva", "Anton", why="")
    with pytest.raises(Invalid):
        _return(session, city, "Anton", why=" ")
    with pytest.raises(Invalid):
        _reassign(session, city, "Bo", "Alva", why="")


def test_the_same_post_twice_hands_over_once(session, city, case):
    for _ in range(2):
        _delegate(session, city, "Alva", "Bo", command="same")
    for _ in range(2):
        _return(session, city, "Bo", command="same back")
    for _ in range(2):
        _reassign(session, city, "Bo", "Anton", command="same give")
    assert _kinds(session, case)[2:] == ["task_delegated", "task_returned", "task_reassigned"]


def test_work_is_not_given_to_whoever_must_not_review_it(session, city, case):
    _complete(session, city, "write", "Alva", {"text": "Hej"})
    tasks.claim(session, _open(session, city, "approve", "Bo"), by=city.actor("Bo"), now=NOON)
    for attack in (_delegate, _reassign):
        with pytest.raises(Invalid) as refused:
            attack(session, city, "Bo", "Alva", element="approve")
        assert refused.value.code == "must_not_have_it"


def test_a_decision_is_given_only_to_those_with_its_role(session, city, case):
    _complete(session, city, "write", "Alva", {"text": "Hej"})
    tasks.claim(session, _open(session, city, "approve", "Bo"), by=city.actor("Bo"), now=NOON)
    with pytest.raises(Invalid):
        _delegate(session, city, "Bo", "Frida", element="approve")  # sees it, decides nothing
    _delegate(session, city, "Bo", "Anton", element="approve")


def test_a_task_whose_giver_has_left_goes_back_to_its_role(session, city, case):
    _delegate(session, city, "Alva", "Bo")
    people.close_person(session, city.people["Alva"], by=SYSTEM, now=NOON)
    assert _return(session, city, "Bo").assignee_id is None
    assert _kinds(session, case)[-1] == "task_freed"


def test_who_leaves_lets_go_of_their_tasks_and_the_case_says_so(session, city, case):
    people.close_person(session, city.people["Alva"], by=SYSTEM, now=NOON)
    task = _open(session, city, "write", "Anton")
    assert task.assignee_id is None
    assert _kinds(session, case)[-1] == "task_freed"
    tasks.claim(session, task, by=city.actor("Anton"), now=NOON)


def test_for_whom_a_task_was_taken_is_kept_when_they_are_back_before_it_is_done(
    session, city, case
):
    _return_to_role = _reassign(session, city, "Bo", None)
    alva, unit = city.people["Alva"].id, city.units["FARSTA"].id
    deputy = replace(
        city.actor("Jon"), held=frozenset({Held("security_coordinator", unit, via_id=alva)})
    )
    task = questions.task(session, _return_to_role.id, by=deputy, to_change=True)
    tasks.claim(session, task, by=deputy, now=NOON)
    tasks.complete(
        session, task, {"text": "Hej"}, command="x", by=city.actor("Jon"), now=NOON
    )  # the absence is over, and with it the role
    assert (task.done_by_id, task.done_for_id) == (city.people["Jon"].id, alva)
    with pytest.raises(Forbidden):
        _complete(session, city, "approve", "Alva", {"approval": "yes"})


def test_two_who_give_a_task_at_once_give_it_once(database, session, city, case):
    task_id = _open(session, city, "write", "Alva").id
    session.commit()
    outcomes: list[str] = []

    def give(to: str) -> None:
        by = city.actor("Alva")
        try:
            with database.writing() as mine, mine.begin():
                task = questions.task(mine, task_id, by=by, to_change=True)
                handovers.delegate(mine, task, city.people[to], "", command=to, by=by, now=NOON)
            outcomes.append("done")
        except Forbidden:
            outcomes.append("refused")

    threads = [threading.Thread(target=give, args=(name,)) for name in ("Anton", "Bo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]


@pytest.fixture
def errand(session, city):
    def start(**data):
        publishing.publish(session, packages.errand(), by=SYSTEM, now=NOON)
        process, farsta = find(session, "errand"), city.units["FARSTA"]
        data |= {"amount": 1, "length": 2}
        made = cases.start(session, process, farsta, 2027, data=data, by=SYSTEM, now=NOON)
        wanted = sa.select(Task).where(Task.case_id == made.id, Task.element == "visit")
        return made, session.scalars(wanted).one()

    return start


@pytest.mark.parametrize("handler", ["id", "text", "address"])
def test_a_step_is_given_to_the_person_the_case_names(session, city, errand, handler):
    anton = city.people["Anton"]
    named = {"id": anton.id, "text": str(anton.id), "address": anton.email}[handler]
    _, task = errand(handler=named)
    assert (task.assignee_id, task.roles) == (anton.id, [])
    assert ("task_given", anton.id) in _told(session)
    _complete(session, city, "visit", "Anton", {})


@pytest.mark.parametrize("handler", ["Cleo", "Jon", None, "nobody"])
def test_a_step_for_somebody_who_may_not_see_the_case_is_nobody_s_and_stands_still(
    session, city, errand, handler
):
    named = city.people[handler].id if handler in city.people else handler
    case, task = errand(handler=named)
    assert (task.assignee_id, task.roles) == (None, [])
    (still,) = standing.standing_still(session, by=city.actor("Disa"))
    assert [one.id for one in still.tasks] == [task.id]
    with pytest.raises(Forbidden):
        tasks.claim(session, _open(session, city, "visit", "Alva"), by=city.actor("Alva"), now=NOON)
    _reassign(session, city, "Disa", "Anton", element="visit")
    assert standing.standing_still(session, by=city.actor("Disa")) == []
    assert case.closed_at is None


def test_what_was_for_one_person_alone_is_not_put_back_but_taken_over_by_their_deputy(
    session, city, errand
):
    anton = city.people["Anton"]
    _, task = errand(handler=anton.id)
    with pytest.raises(Conflict) as refused:
        tasks.release(
            session, _open(session, city, "visit", "Anton"), by=city.actor("Anton"), now=NOON
        )
    assert refused.value.code == "nobody_else_s"
    unit = city.units["FARSTA"].id
    held = frozenset({Held("security_coordinator", unit, via_id=anton.id)})
    deputy = replace(city.actor("Jon"), held=held)
    task = questions.task(session, task.id, by=deputy, to_change=True)
    tasks.claim(session, task, by=deputy, now=NOON)
    assert (task.assignee_id, task.claimed_for_id) == (deputy.id, anton.id)


def test_the_list_of_receivers_holds_only_those_who_may_have_it(session, city, case):
    task = _open(session, city, "write", "Alva")
    found = receivers.candidates(session, task, today=NOON.date())
    assert [(one.name, one.has_role) for one in found] == [("Anton", True), ("Bo", False)]
    assert held_by(session, found[0].id, NOON.date())


def _suggest(session, city, name, to=None, why="Det är Antons fråga", command="other"):
    task, by = _open(session, city, "write", name), city.actor(name)
    person = city.people[to] if to else None
    handovers.suggest(session, task, person, why, command=command, by=by, now=NOON)
    return task


def test_who_is_not_the_right_person_asks_those_who_lead_for_another(session, city, case):
    for _ in range(2):  # the same post
        task = _suggest(session, city, "Alva", "Anton")
    assert task.assignee_id == city.people["Alva"].id
    assert _told(session) == [("other_suggested", city.people["Bo"].id)]
    told = history.of_task(session, task).suggested
    assert (told.kind, told.person, told.why) == ("other_suggested", "Anton", "Det är Antons fråga")
    _reassign(session, city, "Bo", "Anton")
    assert history.of_task(session, task).suggested is None  # it is answered
    _suggest(session, city, "Anton", command="again")  # nobody in mind
    assert history.of_task(session, task).suggested.kind == "other_asked_for"


@pytest.mark.parametrize(
    ("name", "to", "why", "refusal"),
    [
        ("Disa", "Anton", "Så", Forbidden),
        ("Alva", "Anton", " ", Invalid),
        ("Alva", "Alva", "Så", Invalid),
        ("Alva", "Cleo", "Så", Invalid),
    ],
)
def test_a_suggestion_that_cannot_be_is_refused(session, city, case, name, to, why, refusal):
    with pytest.raises(refusal):
        _suggest(session, city, name, to, why)
    assert _told(session) == []
