"""Deciding over HTTP: what is shown, what a button demands, and what stands there afterwards."""

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.cases.models import Case
from workflows.operations import cases, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.approvals import Approval
from workflows.tasks.models import Task


@pytest.fixture
def review(session, city):
    """Alva's letter, waiting for Bo's decision."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    farsta, alva = city.units["FARSTA"], city.actor("Alva")
    cases.start(session, find(session, "letter"), farsta, 2027, by=alva, now=NOON)
    write(session, city, "Hej på er alla tre där borta")
    return opened(session)


def write(session, city, text):
    by = city.actor("Alva")
    task = questions.task(session, opened(session).id, by=by, to_change=True)
    tasks.complete(session, task, {"text": text}, command=f"w{task.id}", by=by, now=NOON)
    session.commit()


def opened(session):
    found = session.scalars(sa.select(Task).where(Task.closed_at.is_(None))).one()
    session.commit()
    return found


def posted(client, task, choice, **more):
    return client.post(f"/tasks/{task.id}/decision/{choice}", {"command": "one"} | more)


def test_a_decision_is_read_made_once_and_stands_sealed_on_the_page(session, review, client_for):
    bo, place = client_for("Bo"), f"/tasks/{review.id}"
    page = bo.get(place).text
    assert "Hej på er alla tre där borta" in page
    assert f'href="{place}/decision/yes"' in page
    assert f'href="{place}/decision/no"' in page
    confirm = bo.get(f"{place}/decision/yes").text
    assert "Beslutet förseglas till det du har sett." in confirm
    for _ in range(2):
        assert posted(bo, review, "yes").status_code == 302
    one = session.scalars(sa.select(Approval)).one()
    session.commit()
    page = bo.get(place).text
    assert f"försegling {one.hash[:12]}" in page
    assert "gäller" in page
    session.execute(sa.update(Case).values(data={"text": "Något annat", "approval": "yes"}))
    session.commit()
    page = bo.get(place).text
    assert "Inte som det godkändes: Text." in page
    assert "ändrat efteråt" in page
    assert "Hej på er alla tre där borta" in page  # what was decided on, not what stands now


@pytest.mark.parametrize(
    ("choice", "sent", "says"),
    [
        ("no", {"ruling_way": "way-"}, "Skriv varför."),
        ("no", {"ruling_why": "Fel", "ruling_way": "step-approve"}, "Välj vart det ska tillbaka."),
        ("yes", {"ruling_how": "changed"}, "Skriv vad som ändras."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    session, review, client_for, choice, sent, says
):
    answer = posted(client_for("Bo"), review, choice, **sent)
    assert answer.status_code == 422
    assert says in answer.text
    assert sent.get("ruling_why", "") in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Approval)) == 0


def test_what_comes_again_shows_word_by_word_what_changed_since_and_since_last_year(
    session, city, review, client_for
):
    bo = client_for("Bo")
    assert (
        posted(bo, review, "no", ruling_why="<b>Vilka?</b>", ruling_way="way-").status_code == 302
    )
    write(session, city, "Hej på er alla fyra där borta")
    again = opened(session)
    page = bo.get(f"/tasks/{again.id}").text
    assert "<del>tre </del><ins>fyra </ins>" in page
    assert "En sak har ändrats." in page
    assert "&lt;b&gt;Vilka?&lt;/b&gt;" in page
    assert "<del>" not in bo.get(f"/tasks/{again.id}?against=none").text
    posted(bo, again, "yes", ruling_why="Stryk borta", ruling_how="changed", command="two")
    assert session.scalars(sa.select(Approval.outcome).order_by(Approval.id)).all() == [
        "no", "approved_changed",
    ]  # fmt: skip
    session.commit()
    farsta = city.units["FARSTA"]
    cases.start(session, find(session, "letter"), farsta, 2028, by=SYSTEM, now=NOON)
    write(session, city, "Adjö")
    page = bo.get(f"/tasks/{opened(session).id}").text
    assert "<del>Hej på er alla fyra där borta</del><ins>Adjö</ins>" in page
    assert "Sedan Skriva brev 2027" in page


def test_the_pages_of_a_decision_are_for_those_who_may_decide(review, client_for):
    place = f"/tasks/{review.id}/decision"
    assert client_for("Alva").get(f"{place}/yes").status_code == 403
    assert posted(client_for("Alva"), review, "yes").status_code == 403
    assert client_for("Cleo").get(f"{place}/yes").status_code == 404
    bo = client_for("Bo")
    assert bo.get(f"{place}/maybe").status_code == 404
    posted(bo, review, "yes")
    assert bo.get(f"{place}/no").status_code == 409
    assert (
        posted(bo, review, "no", ruling_why="Nej", ruling_way="way-", command="b").status_code
        == 409
    )
