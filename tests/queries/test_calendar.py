import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, PEOPLE, SYSTEM
from workflows.cases.models import Case
from workflows.operations import cases, publishing
from workflows.permissions import Deed, may
from workflows.processes.rows import compiled, find
from workflows.processes.windows import steps_of
from workflows.queries.sight import visible_cases


@pytest.fixture
def letters(session, city):
    for secrecy in ("open", "internal", "sec"):
        publishing.publish(session, packages.letter(secrecy, key=secrecy), by=SYSTEM, now=NOON)
        process = find(session, secrecy)
        for unit in ("FARSTA", "BROMMA"):
            cases.start(session, process, city.units[unit], 2027, by=SYSTEM, now=NOON)
    return session.scalars(sa.select(Case)).all()


@pytest.mark.parametrize("name", PEOPLE)
def test_the_condition_shows_the_cases_the_permission_table_shows(session, city, letters, name):
    by = city.actor(name)
    found = session.scalars(sa.select(Case.id).where(visible_cases(by))).all()
    assert set(found) == {case.id for case in letters if may(by, Deed.SEE_CASE, case)}


def test_a_step_waits_for_the_steps_before_it_and_is_due_by_its_rule(session, city, letters):
    write, approve = steps_of(compiled(find(session, "open").active_version))
    assert (write.key, str(write.due)) == ("write", "T1 - 10wd")
    assert (approve.key, approve.after) == ("approve", ("write",))
