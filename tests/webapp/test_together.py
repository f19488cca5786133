"""Steps that one person does straight after each other: from page to page, or on one page."""

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.operations.test_approvals import plan
from workflows.cases.models import Case
from workflows.operations import cases, publishing
from workflows.processes.rows import find
from workflows.tasks.models import Draft, Task


@pytest.fixture
def first(session, city):
    """Alva's first of two steps, before Bo's review."""
    publishing.publish(session, plan(), by=SYSTEM, now=NOON)
    farsta = city.units["FARSTA"]
    cases.start(session, find(session, "letter"), farsta, 2027, by=SYSTEM, now=NOON)
    session.flush()
    task_id = session.scalars(sa.select(Task.id)).one()
    session.commit()
    return task_id


def opened(session):
    session.expire_all()
    wanted = sa.select(Task.id, Task.element).where(Task.closed_at.is_(None))
    found = session.execute(wanted).one()
    session.commit()
    return found


def test_what_is_done_leads_to_the_next_step_of_the_same_person(session, first, client_for):
    alva = client_for("Alva")
    page = alva.get(f"/tasks/{first}").text
    assert "Nästa steg är också ditt: " in page
    assert 'id="f-text"' not in page
    sent = {"plan": "Kort", "seen": "0", "command": "one"}
    answer = alva.post(f"/tasks/{first}/completion", sent)
    then = opened(session)
    assert then.element == "write"
    assert answer.headers["Location"] == f"/tasks/{then.id}?after={first}"
    assert "är klart. Det här är nästa steg" in alva.get(answer.headers["Location"]).text
    done = alva.post(f"/tasks/{then.id}/completion", {"text": "Hej", "seen": "0", "command": "two"})
    assert done.headers["Location"].startswith("/cases/")  # what is next is for another


def test_two_steps_are_filled_in_on_one_page_and_handed_in_at_once(session, first, client_for):
    alva, place = client_for("Alva"), f"/tasks/{first}"
    page = alva.get(f"{place}?together=yes").text
    assert "2 steg på en sida" in page
    assert page.index('id="f-plan"') < page.index('id="f-text"')
    both = {"plan": "Kort", "text": "Hej", "steps": "2", "seen": "0"}
    assert alva.post(f"{place}/draft", both).status_code == 302
    assert 'id="f-text"' in alva.get(place).text  # what has been begun together goes on together
    both["seen"] = "1"
    refused = alva.post(f"{place}/completion", both | {"text": "", "command": "one"})
    assert refused.status_code == 422
    assert 'href="#f-text"' in refused.text
    assert opened(session).id == first  # all of them or none
    for _ in range(2):
        assert alva.post(f"{place}/completion", both | {"command": "two"}).status_code == 302
    assert opened(session).element == "approve"
    session.expire_all()
    assert session.scalars(sa.select(Case.data)).one() == {"plan": "Kort", "text": "Hej"}


def test_only_the_first_is_handed_in_and_what_was_typed_for_the_next_is_kept(
    session, first, client_for
):
    alva = client_for("Alva")
    sent = {"plan": "Kort", "text": "Halvt", "steps": "2", "seen": "0", "command": "one"}
    assert alva.post(f"/tasks/{first}/completion", sent | {"only": "yes"}).status_code == 302
    then = opened(session)
    assert then.element == "write"
    assert session.get_one(Draft, then.id).answers == {"text": "Halvt"}
    session.commit()
    assert "Halvt" in alva.get(f"/tasks/{then.id}").text
