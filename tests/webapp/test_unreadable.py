"""A stored state that is damaged or from a newer program: refused, seen, and never written over."""

import orjson
import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.chains import broken
from tests.operations.test_migrations import NAGGING, complete, kinds, publish, start
from workflows.cases import incidents
from workflows.cases.models import Case, CaseState
from workflows.engine import BrokenState
from workflows.operations import unreadable
from workflows.work import run_due


@pytest.fixture
def case(session, city):
    publish(session, NAGGING)
    made = start(session, city)
    session.commit()
    complete(session, city, made, "write", "Alva", text="Hej")
    return made


def damage(session, case, how):
    state = case.engine_state
    if how == "cut":
        state = state[: len(state) // 2]
    elif how == "newer":
        state = orjson.dumps(orjson.loads(state) | {"format": 99})
    case.engine_state = state
    session.commit()
    session.expire_all()
    return state


@pytest.mark.parametrize(("how", "code"), [("cut", "broken_state"), ("newer", "newer_state")])
def test_the_clock_stops_at_it_and_marks_the_case_once(session, city, database, case, how, code):
    whole = case.engine_state
    stored = damage(session, case, how)
    for month in (4, 5):
        run_due(database, now=NOON.replace(month=month))
    session.expire_all()
    assert case.engine_state == stored
    assert case.state is CaseState.STOPPED
    assert [one.code for one in incidents.of(case)] == [code]
    assert kinds(session, case).count("case_stopped") == 1
    assert broken(session) == []

    case.engine_state = whole  # from a backup
    session.commit()
    complete(session, city, case, "approve", "Bo", approval="yes")
    assert (case.state, incidents.of(case)) == (CaseState.FINISHED, [])


def test_a_person_is_refused_and_the_case_is_marked(session, city, client_for, database, case):
    client = client_for("Bo")
    stored = damage(session, case, "cut")
    task_id = session.scalar(sa.text("SELECT id FROM task WHERE element = 'approve'"))
    session.rollback()
    answer = client.post(f"/tasks/{task_id}/completion", {"approval": "yes", "command": "c1"})
    assert answer.status_code == 409
    assert "Ärendet går inte att läsa" in answer.text
    session.expire_all()
    assert (case.engine_state, case.state) == (stored, CaseState.STOPPED)
    session.rollback()
    assert client.get(f"/cases/{case.id}").status_code == 200


def test_what_is_the_state_of_no_case_marks_none(session, city, case):
    fault = BrokenState()
    unreadable.mark(session, fault, by=SYSTEM, now=NOON)
    fault.state = b"nothing"
    unreadable.mark(session, fault, by=SYSTEM, now=NOON)
    assert session.scalars(sa.select(Case.incidents)).all() == [None]
