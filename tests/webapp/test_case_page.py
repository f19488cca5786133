"""The page of a case: what is done, what is expected when, what is not needed, and who did it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.engine.drawing import NAMESPACES, body
from tests.operations.town import ROLE
from workflows.operations import cases, publishing, tasks
from workflows.processes.packages import Package
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.queries.expected import ahead
from workflows.tasks.models import Task

DAY = timedelta(days=1)
YEAR = 2089  # far ahead: nothing is late by the clock of the page


def winding():
    """A way that chooses, one that something may interrupt, and dates that hang on one another."""
    nodes = (
        f"start:s user:ask[{ROLE},arshjul:due=+10d] xor:x "
        f"user:short[{ROLE},arshjul:due=+5d] user:long[{ROLE},arshjul:due=+20d] "
        f"user:last[{ROLE},arshjul:due=T1 - 10wd] end:e"
    )
    flows = "s ask; ask x; x short | year == 1999; x long | default; short last; long last; last e"
    source = (
        f'<definitions {NAMESPACES} id="definitions"><process id="winding" name="Slinga" '
        f'isExecutable="true" arshjul:key="winding" arshjul:secrecy="internal">'
        f"{body(nodes, flows)}</process></definitions>"
    )
    return Package(key="winding", source=source.encode(), forms={}, tables={})


@pytest.fixture
def case(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process, farsta = find(session, "letter"), city.units["FARSTA"]
    made = cases.start(session, process, farsta, YEAR, by=SYSTEM, now=NOON)
    session.commit()
    return made


def complete(session, city, case, answers, name, at):
    wanted = sa.select(Task.id).where(Task.case_id == case.id, Task.closed_at.is_(None))
    by = city.actor(name)
    task = case_queries.task(session, session.scalars(wanted).one(), by=by, to_change=True)
    tasks.complete(session, task, answers, command=f"x{task.id}", by=by, now=at)
    session.commit()


def before(session, case, now):
    found = ahead(session, case, case_queries.tasks_of(session, case), now=now)
    session.commit()  # a session that has read holds the right to write
    return {one.window.key: one.window.due_at for one in found}


def test_what_is_to_come_is_expected_from_the_calendar_and_from_how_far_the_case_is(
    session, city, case
):
    (due,) = session.scalars(sa.select(Task.due_at))
    five = timedelta(days=8)  # five working days, and Ascension Day
    assert before(session, case, NOON) == {"approve": due + five}
    late = due + 10 * DAY  # nothing after it can begin before today
    assert before(session, case, late)["approve"] > late
    complete(session, city, case, {"text": "Hej"}, "Alva", NOON)
    assert before(session, case, NOON) == {}
    complete(session, city, case, {"approval": "yes"}, "Bo", NOON)
    assert before(session, case, NOON) == {}


def words(page):
    """What each line of the outline says: its state, and its words."""
    outline = page.split('<ol class="steps">')[1].split("</ol>")[0]
    return [
        (state, " ".join(re.sub(r"<[^>]+>", " ", line).split()))
        for state, line in re.findall(r'class="is-(\w+)[^>]*>(.*?)</li>', outline, re.DOTALL)
    ]


def test_the_page_says_in_words_what_was_expected_and_how_it_went(
    session, city, case, client_for, database
):
    client, path = client_for("Alva"), f"/cases/{case.id}"
    page = client.get(path).text
    assert "Just nu: Skriv brevet. 0 av 2 steg är klara" in page
    assert "och det sista väntas bli klart ons 18 maj 2089." in page
    write, approve = words(page)
    assert write[0] == "waiting"
    assert write[1].startswith("Skriv brevet Öppen Tis 10 maj 2089 10 arbetsdagar före T1")
    assert approve == (
        "planned",
        "Godkänn brevet Kommande Ons 18 maj 2089 "
        "5 arbetsdagar efter att steget öppnades (väntat) Chef",
    )
    complete(session, city, case, {"text": "<b>Hej</b>"}, "Alva", NOON)
    page = client.get(path).text
    write, approve = words(page)
    assert write == ("done", "Skriv brevet Klar Tis 2 mar 2027 i tid Alva")
    assert approve[0] == "waiting"
    assert 'id="step-write"' in page
    assert "Gjorde: Skriv brevet" in page
    data = client.get(f"{path}/data").text
    assert "&lt;b&gt;Hej&lt;/b&gt;" in data
    assert "<b>Hej" not in data
    complete(session, city, case, {"approval": "no"}, "Bo", NOON)
    client.get(path)  # what is read once for the process
    statements = []
    listen = (database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    sa.event.listen(*listen)
    page = client.get(path).text
    sa.event.remove(*listen)
    assert len([one for one in statements if not one.startswith("BEGIN")]) <= 25
    assert "<h2>Beslut</h2>" in page
    assert [state for state, _ in words(page)] == ["done", "done", "waiting"]
    assert page.count('id="step-write"') == 1
    complete(session, city, case, {"text": "Hej"}, "Alva", NOON)
    complete(session, city, case, {"approval": "yes"}, "Bo", NOON)
    page = client.get(path).text
    assert "väntas" not in page.split("<h2>")[0]
    assert [state for state, _ in words(page)] == ["done"] * 4
    assert client_for("Cleo").get(f"{path}/data").status_code == 404


def test_a_way_that_was_not_taken_is_not_expected(session, city, client_for):
    publishing.publish(session, winding(), by=SYSTEM, now=NOON)
    farsta = city.units["FARSTA"]
    made = cases.start(session, find(session, "winding"), farsta, 2027, by=SYSTEM, now=NOON)
    assert before(session, made, NOON).keys() == {"short", "long", "last"}
    complete(session, city, made, {}, "Alva", NOON)
    assert before(session, made, NOON).keys() == {"last"}
    page = client_for("Alva").get(f"/cases/{made.id}").text
    assert [state for state, _ in words(page)] == ["done", "waiting", "planned", "closed"]
