"""The first page: whose year it shows, what happened since last time, and what it costs."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import SYSTEM
from webapp import clock
from workflows.operations import cases, publishing, tasks
from workflows.organisation.accounts import SignIn
from workflows.processes.rows import find
from workflows.tasks.models import Task
from workflows.tasks.rows import find as find_task

MOST_STATEMENTS = 25


@pytest.fixture
def letters(session, city):
    """Start so many letters more in Farsta, of this year."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=clock.now())

    def start(count):
        process, now = find(session, "letter"), clock.now()
        began = session.scalar(sa.select(sa.func.count(Task.id)))
        for number in range(began, began + count):
            cases.start(
                session, process, city.units["FARSTA"], now.year, occasion=str(number),
                by=SYSTEM, now=now,
            )  # fmt: skip
        first = session.scalars(sa.select(Task).order_by(Task.id)).first()
        session.commit()
        return first

    return start


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("Alva", "/", "Farsta stadsdelsnämnd, "),
        ("Alva", "/?view=person", "Mitt år "),
        ("Disa", "/", "Staden, "),
        ("Disa", "/?view=unit&unit={farsta}", "Farsta stadsdelsnämnd, "),
        ("Jon", "/", "Mitt år "),
    ],
)
def test_the_year_first_shown_is_the_readers_own(client_for, city, letters, name, path, said):
    letters(1)
    page = client_for(name).get(path.format(farsta=city.units["FARSTA"].id)).text
    assert re.search(rf"<h1>{said}\d{{4}}</h1>", page)
    assert page.count("btn--main") == (name == "Alva")  # one main button, where something waits


@pytest.mark.parametrize("path", ["/?view=city", "/?view=unit&unit={bromma}", "/?view=other"])
def test_a_year_that_is_not_theirs_is_not_there(client_for, city, path):
    path = path.format(bromma=city.units["BROMMA"].id)
    assert client_for("Alva").get(path).status_code == 404


def test_what_others_did_since_the_last_visit_is_told(session, client_for, city, letters):
    now = clock.now()

    def told():
        session.execute(sa.update(SignIn).values(seen_at=now - timedelta(days=3)))
        session.commit()
        page = client_for("Bo").get("/").text
        return re.findall(r'id="news".*?</section>', page, re.DOTALL)[0]

    task = find_task(session, letters(1).id, to_change=True)
    tasks.complete(session, task, {"text": "Hej"}, command="1", by=city.actor("Alva"), now=now)
    session.commit()
    client_for("Bo")  # has been here once, and left
    assert "Alva" not in told()  # Bo takes no part in it yet
    approval = session.scalars(sa.select(Task.id).where(Task.closed_at.is_(None))).one()
    task = find_task(session, approval, to_change=True)
    tasks.claim(session, task, by=city.actor("Bo"), now=now)
    assert "Alva" in (said := told())
    assert f"/cases/{task.case_id}" in said


def test_a_first_visit_is_told_so(client_for, city):
    assert "ditt första besök" in client_for("Alva").get("/").text


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Alva", "/"), ("Alva", "/?view=person"), ("Disa", "/?view=city"), ("Alva", "/tasks/"),
        ("Alva", "/tasks/?list=role"), ("Alva", "/tasks/?list=waiting"), ("Alva", "/tasks/{task}"),
        ("Alva", "/cases/{case}"), ("Disa", "/overview/?process=letter"),
    ],
)  # fmt: skip
def test_a_page_costs_as_few_statements_however_many_rows_there_are(
    database, client_for, letters, name, path
):
    task, client, said = letters(4), client_for(name), []
    path = path.format(task=task.id, case=task.case_id)

    def counted():
        said.clear()
        assert client.get(path).status_code == 200
        return len([one for one in said if not one.startswith(("BEGIN", "SAVEPOINT"))])

    listen = (database.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    sa.event.listen(*listen)
    try:
        counted()  # forms and processes are read once
        few = counted()
        letters(26)
        many = counted()
    finally:
        sa.event.remove(*listen)
    assert few == many <= MOST_STATEMENTS
