"""The overview: what a cell says and to whom, and asking how it goes without hounding anybody."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from webapp import clock
from webapp.views import overview
from workflows.errors import Conflict, Forbidden, NotFound
from workflows.history.models import Event
from workflows.notices.models import Choice, MailChoice, Notice
from workflows.operations import (
    cases,
    extensions,
    handovers,
    operators,
    promises,
    publishing,
    reminders,
)
from workflows.operations.operators import Order
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.queries import overview as questions
from workflows.queries.overview import State
from workflows.tasks.models import Outcome, Task

LATE = NOON.replace(month=7)  # the letter is due in May


def letter(session, city, *begun):
    """Start letters in bodies and years; the first is done, five days late."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    for code, year in begun:
        cases.start(session, process, city.units[code], year, by=SYSTEM, now=NOON)
    done = session.scalars(sa.select(Task).order_by(Task.id)).first()
    done.closed_at, done.outcome = done.due_at + timedelta(days=5), Outcome.COMPLETED
    session.commit()
    return process


@pytest.fixture
def letters(session, city):
    return letter(session, city, ("FARSTA", 2026), ("FARSTA", 2027), ("BROMMA", 2027))


def seen(session, city, process, name="Disa", year=2027, now=LATE):
    return questions.overview(session, process, year, occasion=None, by=city.actor(name), now=now)


def first(session, city, code, name="Alva"):
    wanted = sa.select(Task.id).join(Task.case).where(Task.unit_id == city.units[code].id)
    task_id = session.scalars(wanted.order_by(Task.id.desc())).first()
    return case_queries.task(session, task_id, by=city.actor(name), to_change=True)


def states(found):
    return {row.unit.code: [str(cell.state) for cell in row.cells] for row in found.rows}


def test_a_cell_says_in_the_organisations_order_what_is_known(session, city, letters):
    assert states(seen(session, city, letters, now=NOON)) == {
        "BROMMA": ["open", "planned"],
        "FARSTA": ["open", "planned"],
    }
    assert states(seen(session, city, letters))["FARSTA"] == ["silent", "planned"]
    alva, task = city.actor("Alva"), first(session, city, "FARSTA")
    promises.promise(session, task, date(2027, 7, 9), "Sjukdom", by=alva, now=LATE)
    (bromma, farsta) = seen(session, city, letters).rows
    assert (farsta.cells[0].state, farsta.cells[0].words.why) == (State.PROMISED, "Sjukdom")
    assert farsta.cells[0].to_ask == ()
    assert bromma.cells[0].state is State.SILENT
    assert farsta.cells[0].before.days_late == 5
    assert bromma.cells[0].before is None
    passed = LATE + timedelta(days=10)
    assert states(seen(session, city, letters, now=passed))["FARSTA"][0] == "silent"
    promises.promise(session, task, date(2027, 7, 9), "Sjukdom", needs_help=True, by=alva, now=LATE)
    assert states(seen(session, city, letters, now=passed))["FARSTA"][0] == "help"


def test_who_asked_for_longer_time_needs_support_until_it_is_answered(session, city, letters):
    task = first(session, city, "FARSTA")
    assert states(seen(session, city, letters))["FARSTA"][0] == "silent"
    asked = extensions.ask(
        session, task, date(2027, 8, 20), "Sjukdom", by=city.actor("Alva"), now=LATE
    )
    assert states(seen(session, city, letters))["FARSTA"][0] == "help"
    extensions.decide(session, asked, give=True, answer="", by=city.actor("Bo"), now=LATE)
    assert states(seen(session, city, letters))["FARSTA"][0] == "open"


@pytest.mark.parametrize(
    ("secrecy", "who"),
    [
        ("open", {name: {"FARSTA", "BROMMA"} for name in ("Alva", "Cleo", "Disa", "Frida", "Jon")}),
        (
            "internal",
            {
                "Alva": {"FARSTA"},
                "Cleo": {"BROMMA"},
                "Disa": {"FARSTA", "BROMMA"},
                "Frida": {"FARSTA", "BROMMA"},
                "Jon": set(),
            },
        ),
        ("sec", {"Alva": set(), "Disa": set(), "Frida": set(), "Hedda": {"FARSTA", "BROMMA"}}),
    ],
)
def test_a_body_sees_itself_and_the_city_all_as_far_as_secrecy_lets_them(
    session, city, secrecy, who
):
    publishing.publish(session, packages.letter(secrecy), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    for code in ("FARSTA", "BROMMA"):
        cases.start(session, process, city.units[code], 2027, by=SYSTEM, now=NOON)
    for name, units in who.items():
        assert states(seen(session, city, process, name)).keys() == units
        known = questions.processes(session, 2027, by=city.actor(name))
        assert bool(known) is bool(units)


def test_who_says_that_it_is_for_somebody_else_needs_support_until_it_is_given_on(
    session, city, letters
):
    task, bo = first(session, city, "FARSTA"), city.actor("Bo")
    alva = city.actor("Alva")
    handovers.suggest(session, task, None, "Inte min", command="a", by=alva, now=LATE)
    cell = next(row for row in seen(session, city, letters).rows if row.unit.code == "FARSTA")
    assert (cell.cells[0].state, cell.cells[0].words.why) == (State.HELP, "Inte min")
    anton = city.people["Anton"]
    handovers.reassign(session, task, anton, "Din", command="b", by=bo, now=LATE)
    assert states(seen(session, city, letters))["FARSTA"][0] == "silent"


def asks(session, city, tasks, name="Disa", now=LATE):
    return reminders.nudge(session, tasks, by=city.actor(name), now=now)


def told(session):
    return session.scalars(sa.select(Notice).where(Notice.kind == "nudge")).all()


def test_each_is_asked_once_and_by_one_mail_and_the_record_tells_of_it(session, city, letters):
    tasks = [first(session, city, "FARSTA"), first(session, city, "BROMMA", "Cleo")]
    people = {name: city.people[name].id for name in ("Alva", "Anton", "Cleo")}
    session.add(MailChoice(person_id=people["Anton"], choice=Choice.NONE))
    assert asks(session, city, tasks) == set(people.values())
    assert {one.person_id: one.mail_at for one in told(session)} == {
        people["Alva"]: LATE,
        people["Cleo"]: LATE,
        people["Anton"]: None,  # who wants no mail sees it in the product
    }
    events = session.scalars(sa.select(Event.case_id).where(Event.kind == "nudged")).all()
    assert sorted(events) == sorted(task.case_id for task in tasks)
    cell = next(row for row in seen(session, city, letters).rows if row.unit.code == "FARSTA")
    assert cell.cells[0].words.asked_at == LATE
    with pytest.raises(Conflict):
        asks(session, city, tasks, now=LATE + timedelta(days=4))
    asks(session, city, tasks, now=LATE + timedelta(days=5))
    assert len(told(session)) == 6


def test_nobody_is_asked_who_gave_word_or_whose_case_rests(session, city, letters):
    farsta, bromma = first(session, city, "FARSTA"), first(session, city, "BROMMA", "Cleo")
    until = date(2027, 7, 9)
    promises.promise(session, farsta, until, "Sjukdom", by=city.actor("Alva"), now=LATE)
    assert asks(session, city, [farsta, bromma]) == {city.people["Cleo"].id}
    with pytest.raises(Conflict):
        asks(session, city, [farsta])
    later = LATE + timedelta(days=9)
    operated = case_queries.case_to_operate(session, bromma.case_id, by=SYSTEM, to_change=True)
    order = Order("Vilar", "one", operated.revision)
    operators.suspend(session, operated, order, by=SYSTEM, now=LATE)
    with pytest.raises(Conflict):
        asks(session, city, [bromma], now=later)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("Bo", None), ("Disa", None), ("Frida", Forbidden), ("Cleo", Forbidden), ("Jon", Forbidden)],
)
def test_only_who_leads_the_body_or_the_city_asks(session, city, letters, name, refusal):
    tasks = [first(session, city, "FARSTA")]
    if refusal is None:
        assert asks(session, city, tasks, name)
        return
    with pytest.raises(refusal):
        asks(session, city, tasks, name)
    assert told(session) == []
    if name != "Frida":  # she sees it all, and asks nobody
        with pytest.raises(NotFound):
            questions.asked_about(session, [tasks[0].id], by=city.actor(name))


def test_the_page_shows_takes_away_and_asks_in_few_statements(
    session, database, city, client_for, monkeypatch
):
    year = clock.now().year - 1  # its May has passed
    letter(session, city, ("FARSTA", year - 1), ("FARSTA", year), ("BROMMA", year))
    client, where = client_for("Disa"), f"process=letter&year={year}&compare=1"
    client.get(f"/overview/?{where}")  # what is read once for the process
    statements = []
    listen = (database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    sa.event.listen(*listen)
    page = client.get(f"/overview/?{where}")
    sa.event.remove(*listen)
    assert len(statements) <= 25
    assert "2 är sena med ett steg och har inte lämnat besked." in page.text
    assert " +5</span>" in page.text
    assert f"{city.units['BROMMA'].name}</a>" in page.text
    monkeypatch.setattr(overview, "MOST_SHOWN", 1)
    second = client.get(f"/overview/?{where}&page=2").text
    assert f"{city.units['BROMMA'].name}</a>" not in second
    assert ("2–2 av 2" in second, 'rel="prev"' in second, 'rel="next"' in second) == (
        True,
        True,
        False,
    )
    taken = client.get(f"/overview/export.csv?{where}").text.splitlines()
    assert "Inget besked, skulle ha varit klart" in taken[2]
    assert ", 5 dagar sent" in taken[2]
    preview = client.get(f"/overview/nudge?{where}&step=write").text
    assert [f"{name}</b>" in preview for name in ("Alva", "Cleo", "Bo")] == [True, True, False]
    assert (
        "Cleo</b>" not in client.get(f"/overview/nudge?{where}&unit={city.units['FARSTA'].id}").text
    )
    wanted = sa.select(Task.id).where(Task.closed_at.is_(None))
    asked = {"task": [str(one) for one in session.scalars(wanted)]}
    session.commit()
    assert client.post("/overview/nudge", asked).status_code == 302
    again = client.post("/overview/nudge", asked)
    assert (again.status_code, "ingen att fråga" in again.text) == (409, True)
    assert "Alla har nyss fått frågan" in client.get(f"/overview/nudge?{where}").text
    assert client.get("/overview/?process=nothing").status_code == 404
    assert client.get("/overview/?year=9").status_code == 400


def test_a_look_at_a_secret_process_leaves_a_trace(session, city, client_for):
    publishing.publish(session, packages.letter("sec"), by=SYSTEM, now=NOON)
    session.commit()
    assert "inget för dig att följa" in client_for("Disa").get("/overview/").text
    assert client_for("Disa").get("/overview/?process=letter").status_code == 200
    assert "Överblick: Skriva brev" in client_for("Hedda").get("/overview/").text
    assert list(session.scalars(sa.select(Event.kind).where(Event.kind == "overview_read")))
