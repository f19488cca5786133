"""Who stands in for whom: what a deputy may do, may never do, and what nobody covers."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.errors import Conflict, Forbidden, Invalid, NotFound
from workflows.history.models import Event
from workflows.notices.models import Notice
from workflows.operations import absences, cases, publishing, tasks
from workflows.operations.absences import Cover
from workflows.organisation.absences import Absence
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Holding
from workflows.processes.rows import find
from workflows.queries import absences as questions
from workflows.queries import cases as case_questions
from workflows.queries import inbox
from workflows.queries.holdings import held_by, holders, in_their_place
from workflows.tasks.models import Outcome, Task

TODAY = NOON.date()
WEEK = timedelta(days=7)


@pytest.fixture
def case(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    assert process is not None
    made = cases.start(
        session, process, city.units["FARSTA"], 2027,
        by=city.actor("Alva"), now=NOON,
    )  # fmt: skip
    session.commit()
    return made


def at_the_edge(session, city, name, now=NOON):
    """The actor as the web makes it, with the roles of this day."""
    person = city.people[name]
    return Actor(person.id, name, held_by(session, person.id, now.date()))


def leave(session, city, name, *covers, by=None, from_on=TODAY, to_on=TODAY + WEEK, now=NOON):
    return absences.leave(
        session, city.people[name], from_on, to_on,
        [Cover(city.people[one].id) if isinstance(one, str) else one for one in covers],
        by=by or city.actor(name), now=now,
    )  # fmt: skip


def cover(city, name, role, unit):
    return Cover(city.people[name].id, role, city.units[unit].id)


def open_task(session, element, by):
    wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
    return case_questions.task(session, session.scalars(wanted).one(), by=by, to_change=True)


def complete(session, element, raw, by):
    task = open_task(session, element, by)
    tasks.complete(session, task, raw, command=f"{element}-{task.id}", by=by, now=NOON)
    return task


def test_a_deputy_holds_the_roles_of_the_absent_on_the_days_of_the_absence_only(session, city):
    leave(session, city, "Alva", "Jon")
    alva, jon = city.people["Alva"].id, city.people["Jon"].id
    held = {Held("security_coordinator", city.units["FARSTA"].id, via_id=alva)}
    assert held_by(session, jon, TODAY) == held
    assert held_by(session, jon, TODAY + WEEK) == held
    assert held_by(session, jon, TODAY - timedelta(days=1)) == set()
    assert held_by(session, jon, TODAY + WEEK + timedelta(days=1)) == set()


def test_a_deputy_for_one_role_holds_that_one(session, city):
    session.add(
        Holding(role="legal", unit_id=city.units["FARSTA"].id, person_id=city.people["Alva"].id)
    )
    leave(session, city, "Alva", cover(city, "Jon", "legal", "FARSTA"))
    assert [held.role for held in held_by(session, city.people["Jon"].id, TODAY)] == ["legal"]


def test_what_a_deputy_does_is_done_in_the_name_of_the_absent(session, city, case):
    leave(session, city, "Alva", "Jon")
    jon, alva = at_the_edge(session, city, "Jon"), city.people["Alva"].id
    task = complete(session, "write", {"text": "Hej"}, jon)
    assert (task.done_by_id, task.done_for_id) == (jon.id, alva)
    event = session.scalars(sa.select(Event).where(Event.kind == "task_completed")).one()
    assert (event.actor_id, event.acting_for_id) == (jon.id, alva)


def test_a_deputy_with_the_role_of_their_own_acts_for_themselves(session, city, case):
    leave(session, city, "Alva", "Anton")
    task = complete(session, "write", {"text": "Hej"}, at_the_edge(session, city, "Anton"))
    assert task.done_for_id is None


def test_a_deputy_never_approves_what_they_wrote_for_another(session, city, case):
    leave(session, city, "Alva", "Jon")
    leave(session, city, "Bo", "Jon")
    jon = at_the_edge(session, city, "Jon")
    complete(session, "write", {"text": "Hej"}, jon)
    with pytest.raises(Forbidden):
        complete(session, "approve", {"approval": "yes"}, jon)
    assert open_task(session, "approve", jon).outcome is None


def test_a_deputy_never_approves_the_work_of_whom_they_act_for(session, city, case):
    complete(session, "write", {"text": "Hej"}, city.actor("Alva"))
    leave(session, city, "Alva", "Jon")  # a coordinator may approve too
    jon = at_the_edge(session, city, "Jon")
    with pytest.raises(Forbidden):
        complete(session, "approve", {"approval": "yes"}, jon)
    with pytest.raises(Forbidden):  # nor take it now to approve it when the absence is over
        tasks.claim(session, open_task(session, "approve", jon), by=jon, now=NOON)
    assert session.scalar(sa.select(sa.func.count(Task.id)).where(Task.outcome.is_(None))) == 1


def test_the_absent_does_not_approve_what_was_written_in_their_name(session, city, case):
    leave(session, city, "Alva", "Jon")
    complete(session, "write", {"text": "Hej"}, at_the_edge(session, city, "Jon"))
    with pytest.raises(Forbidden):
        complete(session, "approve", {"approval": "yes"}, at_the_edge(session, city, "Alva"))


def test_a_deputy_of_two_acts_for_the_one_who_may_approve(session, city, case):
    complete(session, "write", {"text": "Hej"}, city.actor("Alva"))
    leave(session, city, "Alva", "Jon")
    leave(session, city, "Bo", "Jon")
    task = complete(session, "approve", {"approval": "yes"}, at_the_edge(session, city, "Jon"))
    assert task.done_for_id == city.people["Bo"].id


def test_a_deputy_takes_over_what_the_absent_had_taken(session, city, case):
    tasks.claim(
        session, open_task(session, "write", city.actor("Alva")), by=city.actor("Alva"), now=NOON
    )
    cleo = at_the_edge(session, city, "Anton")
    with pytest.raises(Forbidden):  # a colleague, who does not stand in
        tasks.claim(session, open_task(session, "write", cleo), by=cleo, now=NOON)
    leave(session, city, "Alva", "Jon")
    jon = at_the_edge(session, city, "Jon")
    assert [one.task.element for one in questions.to_take_over(session, jon)] == ["write"]
    tasks.claim(session, open_task(session, "write", jon), by=jon, now=NOON)
    assert questions.to_take_over(session, jon) == []
    assert complete(session, "write", {"text": "Hej"}, jon).outcome is Outcome.COMPLETED


def test_a_colleague_who_stands_in_takes_over_too(session, city, case):
    alva = city.actor("Alva")
    tasks.claim(session, open_task(session, "write", alva), by=alva, now=NOON)
    leave(session, city, "Alva", "Anton")
    anton = at_the_edge(session, city, "Anton")
    tasks.claim(session, open_task(session, "write", anton), by=anton, now=NOON)
    assert open_task(session, "write", anton).assignee_id == anton.id


def test_somebody_who_is_back_is_told_what_was_done_in_their_name(session, city, case):
    absence = leave(session, city, "Alva", "Jon")
    complete(session, "write", {"text": "Hej"}, at_the_edge(session, city, "Jon"))
    assert questions.was_acted_for(session, absence)
    absences.welcome(session, absence, now=NOON + WEEK)
    absences.welcome(session, absence, now=NOON + WEEK)
    told = sa.select(Notice.person_id).where(Notice.kind == "absence_over")
    assert session.scalars(told).all() == [city.people["Alva"].id]


def test_nothing_done_in_their_name_needs_no_telling(session, city):
    absences.welcome(session, leave(session, city, "Alva", "Jon"), now=NOON + WEEK)
    assert session.scalars(sa.select(Notice).where(Notice.kind == "absence_over")).all() == []


def test_a_ring_of_deputies_is_refused_and_nothing_changes(session, city):
    leave(session, city, "Alva", "Anton")
    leave(session, city, "Anton", "Jon")
    with pytest.raises(Invalid) as refused:
        leave(session, city, "Jon", "Alva")
    assert refused.value.code == "deputy_ring"
    assert refused.value.params == {"person": "Jon"}
    assert session.scalar(sa.select(sa.func.count(Absence.id))) == 2


def test_deputies_on_different_days_make_no_ring(session, city):
    leave(session, city, "Alva", "Anton")
    later = TODAY + 2 * WEEK
    leave(session, city, "Anton", "Alva", from_on=later, to_on=later + WEEK)


def test_a_deputy_who_is_away_hands_nothing_on(session, city):
    leave(session, city, "Alva", "Anton")
    leave(session, city, "Anton", "Jon")
    own = {held.via_id for held in held_by(session, city.people["Jon"].id, TODAY)}
    assert own == {city.people["Anton"].id}  # Anton's own role, and not Alva's through him


@pytest.mark.parametrize(
    ("from_on", "to_on", "code"),
    [
        (TODAY - timedelta(days=1), TODAY, "day_passed"),
        (TODAY + WEEK, TODAY, "last_day_first"),
        (TODAY, date(2030, 1, 1), "away_too_long"),
    ],
)
def test_days_that_cannot_be_are_refused(session, city, from_on, to_on, code):
    with pytest.raises(Invalid) as refused:
        leave(session, city, "Alva", from_on=from_on, to_on=to_on)
    assert refused.value.code == code


def test_one_cannot_be_away_twice_or_stand_in_for_oneself(session, city):
    with pytest.raises(Invalid) as refused:
        leave(session, city, "Alva", "Alva")
    assert refused.value.code == "deputy_oneself"
    leave(session, city, "Alva")
    with pytest.raises(Conflict):
        leave(session, city, "Alva", from_on=TODAY + WEEK, to_on=TODAY + 2 * WEEK)


def test_somebody_who_has_left_cannot_stand_in(session, city):
    city.people["Jon"].closed_at = NOON
    with pytest.raises(Invalid) as refused:
        leave(session, city, "Alva", "Jon")
    assert refused.value.code == "deputy_unknown"


@pytest.mark.parametrize("name", ["Cleo", "Disa", "Frida", "Anton"])
def test_others_cannot_say_that_somebody_is_away(session, city, name):
    with pytest.raises(Forbidden):
        leave(session, city, "Alva", by=city.actor(name))
    with pytest.raises(NotFound):
        questions.person(session, city.people["Alva"].id, by=city.actor(name))


def test_a_director_says_who_stands_in_from_now_for_the_roles_of_their_unit(session, city):
    leave(
        session, city, "Alva", cover(city, "Anton", "security_coordinator", "FARSTA"),
        by=city.actor("Bo"),
    )  # fmt: skip
    assert session.scalars(sa.select(Absence.set_by_id)).one() == city.people["Bo"].id


def test_a_director_cannot_win_secrets_by_standing_in_for_somebody(session, city):
    farsta, stad = city.units["FARSTA"].id, city.units["STAD"].id
    for role, unit_id in (("local_security_lead", farsta), ("central_security", stad)):
        session.add(Holding(role=role, unit_id=unit_id, person_id=city.people["Alva"].id))
    bo = city.actor("Bo")
    for one in (
        "Bo",
        cover(city, "Bo", "local_security_lead", "FARSTA"),
        cover(city, "Bo", "central_security", "STAD"),
    ):
        with pytest.raises(Forbidden):
            leave(session, city, "Alva", one, by=bo)
    assert session.scalar(sa.select(sa.func.count(Absence.id))) == 0


def test_coming_back_early_ends_the_deputys_rights_at_once(session, city):
    absence = leave(session, city, "Alva", "Jon", from_on=TODAY)
    tomorrow = NOON + timedelta(days=1)
    absences.come_back(session, absence, by=city.actor("Alva"), now=tomorrow)
    assert held_by(session, city.people["Jon"].id, tomorrow.date()) == set()
    with pytest.raises(Conflict):
        absences.come_back(session, absence, by=city.actor("Alva"), now=tomorrow)


def test_an_absence_called_off_before_it_began_never_was(session, city):
    absence = leave(session, city, "Alva", "Jon", from_on=TODAY + WEEK, to_on=TODAY + 2 * WEEK)
    absences.come_back(session, absence, by=city.actor("Alva"), now=NOON)
    assert held_by(session, city.people["Jon"].id, TODAY + WEEK) == set()
    leave(session, city, "Alva", from_on=TODAY + WEEK, to_on=TODAY + 2 * WEEK)


def gap_roles(session, absence):
    return [role for role, _ in questions.gaps(session, absence, today=TODAY)]


def test_a_role_that_only_the_absent_held_is_a_gap_until_somebody_stands_in(session, city):
    alone = leave(session, city, "Cleo")
    assert gap_roles(session, alone) == ["security_coordinator"]
    assert gap_roles(session, leave(session, city, "Alva")) == []  # Anton is here
    absences.come_back(session, alone, by=city.actor("Cleo"), now=NOON)
    assert gap_roles(session, leave(session, city, "Cleo", "Jon")) == []


def test_a_deputy_who_is_away_for_a_day_leaves_a_gap(session, city):
    absence = leave(session, city, "Cleo", "Jon")
    day = TODAY + timedelta(days=3)
    leave(session, city, "Jon", from_on=day, to_on=day)
    assert gap_roles(session, absence) == ["security_coordinator"]


def test_a_gap_is_warned_of_once_to_the_absent_and_their_director(session, city):
    session.add(
        Holding(role="director", unit_id=city.units["BROMMA"].id, person_id=city.people["Jon"].id)
    )
    absence = leave(session, city, "Cleo", from_on=TODAY + 3 * WEEK, to_on=TODAY + 4 * WEEK)
    assert absence.warn_at.date() < absence.from_on - timedelta(days=6)
    for _ in range(2):
        absences.warn(session, absence, now=absence.warn_at)
    told = session.scalars(sa.select(Notice).where(Notice.kind == "absence_gap")).all()
    assert {one.person_id for one in told} == {city.people["Cleo"].id, city.people["Jon"].id}
    assert len(told) == 2
    assert all(one.mail_at == absence.warn_at for one in told)


def test_those_who_are_told_of_a_role_are_its_deputies_while_its_holder_is_away(session, city):
    place = ("director", city.units["FARSTA"].id)
    bo, jon = city.people["Bo"].id, city.people["Jon"].id
    assert holders(session, [place], TODAY) == {place: {bo}}
    absence = leave(session, city, "Bo")
    assert holders(session, [place], TODAY) == {place: {bo}}  # nobody else: somebody must be told
    absences.come_back(session, absence, by=city.actor("Bo"), now=NOON)
    leave(session, city, "Bo", "Jon")
    assert holders(session, [place], TODAY) == {place: {jon}}
    assert in_their_place(session, bo, [place], TODAY) == {jon}
    assert in_their_place(session, jon, [place], TODAY) == {jon}


def test_a_deputy_for_one_process_acts_in_its_tasks_and_in_nothing_else(session, city, case):
    publishing.publish(session, packages.letter(key="other"), by=SYSTEM, now=NOON)
    other = find(session, "other")
    cases.start(session, other, city.units["FARSTA"], 2027, by=city.actor("Alva"), now=NOON)
    jon_id = city.people["Jon"].id
    leave(session, city, "Alva", Cover(jon_id, process_id=other.id))
    jon = at_the_edge(session, city, "Jon")
    assert [task.process_id for task in inbox.for_my_roles(session, jon).tasks] == [other.id]
    elsewhere = case_questions.task(session, 1, by=city.actor("Alva"), to_change=True)
    assert elsewhere.process_id == case.process_id
    with pytest.raises(Forbidden):
        tasks.claim(session, elsewhere, by=jon, now=NOON)
    theirs = case_questions.task(session, 2, by=jon, to_change=True)
    tasks.claim(session, theirs, by=jon, now=NOON)
    assert session.scalars(
        sa.select(Event.acting_for_id).where(Event.kind == "task_claimed")
    ).all() == [city.people["Alva"].id]
    assert not jon.holds("security_coordinator", city.units["FARSTA"].id)  # nor the calendar
    with pytest.raises(NotFound):
        case_questions.task(session, 1, by=jon)


def test_a_role_covered_in_one_process_only_is_still_a_gap(session, city, case):
    absence = leave(session, city, "Cleo", Cover(city.people["Jon"].id, process_id=case.process_id))
    assert gap_roles(session, absence) == ["security_coordinator"]


def test_who_is_told_of_a_task_is_the_deputy_of_its_process(session, city, case):
    leave(session, city, "Bo", Cover(city.people["Jon"].id, process_id=case.process_id))
    place = ("director", city.units["FARSTA"].id)
    jon, bo = city.people["Jon"].id, city.people["Bo"].id
    assert holders(session, [place], TODAY, process_id=case.process_id) == {place: {jon}}
    assert holders(session, [place], TODAY) == {place: {bo}}
    assert in_their_place(session, bo, [place], TODAY, process_id=case.process_id) == {jon}
    assert in_their_place(session, bo, [place], TODAY, process_id=999) == {bo}


def test_there_is_no_deputy_for_a_process_that_is_not(session, city):
    with pytest.raises(Invalid, match="deputy_process"):
        leave(session, city, "Alva", Cover(city.people["Jon"].id, process_id=999))


def test_somebody_back_with_late_tasks_is_told_though_nothing_was_done_for_them(
    session, city, case
):
    alva = city.actor("Alva")
    tasks.claim(session, open_task(session, "write", alva), by=alva, now=NOON)
    absence = leave(session, city, "Alva")
    absences.welcome(session, absence, now=NOON + 20 * WEEK)
    assert session.scalars(sa.select(Notice.kind).where(Notice.kind == "absence_over")).all()
