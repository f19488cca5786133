import threading

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.cases.models import Case, CaseState
from workflows.errors import Conflict, Forbidden, Invalid, NotFound
from workflows.history.models import Event
from workflows.operations import cases, publishing, tasks
from workflows.queries import cases as questions
from workflows.tasks.models import Draft, Outcome, Task


@pytest.fixture
def case(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    made = _start(session, city)
    session.commit()
    return made


def _start(session, city, **more):
    from workflows.processes.rows import find

    process = find(session, "letter")
    return cases.start(
        session, process, city.units["FARSTA"], 2027, by=city.actor("Alva"), now=NOON, **more
    )


def _open(session, element, by):
    wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
    return questions.task(session, session.scalars(wanted).one(), by=by, to_change=True)


def _complete(session, city, element, name, raw, command="once"):
    by = city.actor(name)
    task = _open(session, element, by)
    tasks.complete(session, task, raw, command=f"{command}-{task.id}", by=by, now=NOON)
    return task


def _kinds(session, case):
    wanted = sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.n)
    return list(session.scalars(wanted))


def test_a_letter_travels_from_the_writer_to_the_approver_and_ends(session, city, case):
    _complete(session, city, "write", "Alva", {"text": "Hej"})
    _complete(session, city, "approve", "Bo", {"approval": "yes"})
    assert case.state is CaseState.FINISHED
    assert case.closed_at == NOON
    assert case.data["text"] == "Hej"
    assert _kinds(session, case) == [
        "case_started", "task_completed", "task_completed", "case_finished",
    ]  # fmt: skip


def test_a_returned_letter_opens_the_writing_again(session, city, case):
    _complete(session, city, "write", "Alva", {"text": "Hej"})
    _complete(session, city, "approve", "Bo", {"approval": "no"})
    assert case.state is CaseState.RUNNING
    assert _open(session, "write", city.actor("Alva")).closed_at is None


def test_a_task_says_when_it_is_due_and_why(session, city, case):
    task = _open(session, "write", city.actor("Alva"))
    assert task.due_at.isoformat() == "2027-05-11T14:00:00+00:00"
    assert task.because["rule"] == "T1 - 10wd"


def test_taking_a_task_twice_is_taking_it_once(session, city, case):
    alva = city.actor("Alva")
    task = _open(session, "write", alva)
    tasks.claim(session, task, by=alva, now=NOON)
    tasks.claim(session, task, by=alva, now=NOON)
    assert task.assignee_id == alva.id
    assert _kinds(session, case) == ["case_started", "task_claimed"]


def test_a_task_somebody_has_cannot_be_taken_or_completed_by_another(session, city, case):
    alva, anton = city.actor("Alva"), city.actor("Anton")
    task = _open(session, "write", alva)
    tasks.claim(session, task, by=alva, now=NOON)
    with pytest.raises(Forbidden):
        tasks.claim(session, task, by=anton, now=NOON)
    with pytest.raises(Forbidden):
        tasks.complete(session, task, {"text": "Hej"}, command="x", by=anton, now=NOON)
    tasks.release(session, task, by=alva, now=NOON)
    tasks.claim(session, task, by=anton, now=NOON)
    assert task.assignee_id == anton.id


def test_someone_without_the_role_is_refused_and_nothing_changes(session, city, case):
    disa = city.actor("Disa")  # watches the city: sees it, and may not do it
    task = _open(session, "write", disa)
    with pytest.raises(Forbidden):
        tasks.complete(session, task, {"text": "Hej"}, command="x", by=disa, now=NOON)
    assert task.closed_at is None
    assert _kinds(session, case) == ["case_started"]


def test_somebody_of_another_unit_does_not_even_see_it(session, city, case):
    with pytest.raises(NotFound):
        _open(session, "write", city.actor("Cleo"))


def test_the_same_post_twice_completes_once(session, city, case):
    alva = city.actor("Alva")
    task = _open(session, "write", alva)
    for _ in range(2):
        tasks.complete(session, task, {"text": "Hej"}, command="same", by=alva, now=NOON)
    assert _kinds(session, case).count("task_completed") == 1


def test_completing_what_is_completed_is_a_conflict(session, city, case):
    alva = city.actor("Alva")
    task = _open(session, "write", alva)
    tasks.complete(session, task, {"text": "Hej"}, command="one", by=alva, now=NOON)
    with pytest.raises(Conflict) as refused:
        tasks.complete(session, task, {"text": "Hopp"}, command="two", by=alva, now=NOON)
    assert refused.value.code == "task_closed"


def test_answers_that_do_not_hold_change_nothing(session, city, case):
    with pytest.raises(Invalid) as refused:
        _complete(session, city, "write", "Alva", {"text": "x" * 201})
    assert [error.code for error in refused.value.problems.errors] == ["too_long"]
    session.rollback()
    assert _kinds(session, case) == ["case_started"]


def test_nobody_approves_their_own_letter(session, city, case):
    _complete(session, city, "write", "Alva", {"text": "Hej"})
    with pytest.raises(Forbidden):
        _complete(session, city, "approve", "Alva", {"approval": "yes"})
    _complete(session, city, "approve", "Anton", {"approval": "yes"})
    assert case.state is CaseState.FINISHED


def test_a_draft_keeps_what_was_typed_and_touches_nothing_else(session, city, case):
    alva = city.actor("Alva")
    task = _open(session, "write", alva)
    revisions = task.revision, case.revision
    first = tasks.save_draft(session, task, {"text": "He"}, seen=0, by=alva, now=NOON)
    tasks.save_draft(session, task, {"text": "Hej"}, seen=first.revision, by=alva, now=NOON)
    session.commit()
    assert session.get(Draft, task.id).answers == {"text": "Hej"}
    assert (task.revision, case.revision) == revisions
    assert _kinds(session, case) == ["case_started", "draft_saved"]  # once for the sitting


def test_a_stale_draft_is_refused_and_overwrites_nothing(session, city, case):
    alva, anton = city.actor("Alva"), city.actor("Anton")
    task = _open(session, "write", alva)
    tasks.save_draft(session, task, {"text": "Alvas"}, seen=0, by=alva, now=NOON)
    with pytest.raises(Conflict) as refused:
        tasks.save_draft(session, task, {"text": "Antons"}, seen=0, by=anton, now=NOON)
    assert refused.value.code == "draft_overtaken"
    assert session.get(Draft, task.id).answers == {"text": "Alvas"}


def test_a_completed_task_leaves_no_draft(session, city, case):
    alva = city.actor("Alva")
    task = _open(session, "write", alva)
    tasks.save_draft(session, task, {"text": "Hej"}, seen=0, by=alva, now=NOON)
    tasks.complete(session, task, {"text": "Hej"}, command="x", by=alva, now=NOON)
    assert session.get(Draft, task.id) is None


def test_a_second_case_for_the_same_unit_year_and_occasion_is_refused(session, city, case):
    with pytest.raises(Conflict) as refused:
        _start(session, city)
    assert refused.value.code == "case_exists"
    assert _start(session, city, occasion="T1").key == "LETTER-FARSTA-2027-2"


def test_two_who_complete_at_once_complete_once(database, session, city, case):
    task_id = _open(session, "write", city.actor("Alva")).id
    session.commit()
    outcomes: list[str] = []

    def hand_in(name: str) -> None:
        by = city.actor(name)
        try:
            with database.writing() as mine, mine.begin():
                task = questions.task(mine, task_id, by=by, to_change=True)
                tasks.complete(mine, task, {"text": name}, command=name, by=by, now=NOON)
            outcomes.append("done")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=hand_in, args=(name,)) for name in ("Alva", "Anton")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    session.expire_all()
    assert session.get_one(Task, task_id).outcome is Outcome.COMPLETED
    assert session.get_one(Case, case.id).data["text"] in ("Alva", "Anton")
    assert _kinds(session, case).count("task_completed") == 1
