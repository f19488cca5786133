"""What is left of a case when it is over: its data, what was done, and little else."""

import sqlalchemy as sa

from tests.cast import NOON
from tests.operations.test_migrations import NAGGING, complete, publish, start, the_task
from workflows.cases.models import CaseState, Timer
from workflows.notices.models import Call
from workflows.operations import tasks
from workflows.tasks.models import Draft


def test_a_finished_case_keeps_its_data_once_and_waits_for_nothing(session, city):
    publish(session, NAGGING)
    case = start(session, city)
    session.commit()
    complete(session, city, case, "write", "Alva", text="Hej " * 40)
    bo = city.actor("Bo")
    tasks.save_draft(
        session, the_task(session, case, "approve"), {"approval": "y"}, seen=0, by=bo, now=NOON
    )
    complete(session, city, case, "approve", "Bo", approval="yes")
    session.expire_all()
    assert (case.state, case.data["approval"]) == (CaseState.FINISHED, "yes")
    assert len(case.engine_state) < 150
    assert b"Hej" not in case.engine_state
    assert session.scalars(sa.select(Timer.closed_at)).one() is not None
    assert session.scalars(sa.select(Draft)).all() == []
    assert session.scalars(sa.select(Call).where(Call.fired_at.is_(None))).all() == []
