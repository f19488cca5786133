"""The pages of absence, notices, promises and calendar addresses, as people use them."""

import re
from datetime import date, timedelta

import icalendar
import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import SYSTEM
from webapp import clock
from webapp.logs import masked
from workflows import work
from workflows.language import on
from workflows.notices.models import Feed, MailChoice, Promise
from workflows.operations import cases, publishing
from workflows.organisation.absences import Absence
from workflows.organisation.models import Holding
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Task


@pytest.fixture
def start(session, city):
    def started(secrecy="internal", key="letter"):
        now = clock.now()
        publishing.publish(session, packages.letter(secrecy, key=key), by=SYSTEM, now=now)
        process = find(session, key)
        assert process is not None
        year = on(now).year + 1
        made = cases.start(session, process, city.units["FARSTA"], year, by=SYSTEM, now=now)
        session.commit()
        return made

    return started


def soon(days):
    return str(on(clock.now()) + timedelta(days=days))


def plan_leave(client, city, name, deputy=None, **more):
    person = city.people[name].id
    said = {"from_on": soon(0), "to_on": soon(7)} | more
    if deputy:
        said["deputy"] = city.people[deputy].id
    return client.post(f"/absences/people/{person}", said)


def test_one_plans_leave_and_the_deputy_takes_over_and_the_absent_sees_it(
    client_for, city, session, start
):
    start()
    alva, jon = client_for("Alva"), client_for("Jon")
    alva.post("/tasks/1/claim")
    assert plan_leave(alva, city, "Alva", "Jon").status_code == 302
    assert "Jon" in alva.get("/absences/").text
    assert "Skriv brevet" in jon.get("/absences/").text
    assert jon.post("/absences/taken-over", {"task": "1"}).status_code == 302
    assert jon.post("/tasks/1/completion", {"text": "Hej", "command": "x"}).status_code == 302
    assert session.get(Task, 1).done_for_id == city.people["Alva"].id
    told = alva.get("/absences/").text.partition("in-my-name-title")[2]
    assert "Jon" in told
    assert "Skriv brevet" in told


def test_the_first_page_tells_of_what_others_wait_for(client_for, city, start):
    start()
    alva, bo, jon = client_for("Alva"), client_for("Bo"), client_for("Jon")
    alva.post("/tasks/1/claim")
    assert "Inget väntar på dig" in bo.get("/").text
    alva.post("/tasks/1/extension", {"until": soon(700), "why": "Sjukdom"})
    assert "/tasks/1/extension" in bo.get("/").text
    assert "Inget väntar på dig" not in bo.get("/").text
    assert "/tasks/1/extension" not in alva.get("/").text
    plan_leave(alva, city, "Alva", "Jon")
    assert "Väntar på dig som ställföreträdare" in jon.get("/").text


def test_everything_late_gets_a_new_day_in_one_go_and_longer_time_is_asked_for(
    client_for, city, session, start
):
    start()
    start(key="other")
    alva = client_for("Alva")
    for task in (1, 2):
        alva.post(f"/tasks/{task}/claim")
    session.execute(sa.update(Task).values(due_at=clock.now() - timedelta(days=2)))
    session.execute(sa.update(Task).where(Task.id == 2).values(is_legal=True))
    session.commit()
    assert "Försenat hos dig" in alva.get("/absences/").text
    said = {"task": ["1", "2"], "until-1": soon(3), "until-2": soon(4), "longer": "yes"}
    refused = alva.post("/absences/late", said)
    assert refused.status_code == 422
    assert session.scalars(sa.select(Promise.id)).all() == []
    session.rollback()
    assert alva.post("/absences/late", said | {"why": "Sjuk"}).status_code == 302
    session.rollback()
    promised = session.execute(sa.select(Promise.task_id, Promise.until).order_by(Promise.task_id))
    assert [(task, str(day)) for task, day in promised] == [(1, soon(3)), (2, soon(4))]
    assert session.scalars(sa.select(Extension.task_id)).all() == [1]  # not for a date of law


def test_a_deputy_is_named_for_chosen_processes(client_for, city, session, start):
    start()
    start(key="other")
    alva, jon = client_for("Alva"), client_for("Jon")
    assert plan_leave(alva, city, "Alva", "Jon", process=["2"]).status_code == 302
    assert "bara Skriva brev" in alva.get("/absences/").text
    for task, seen in ((1, 404), (2, 200)):
        assert jon.get(f"/tasks/{task}").status_code == seen


def test_the_deputy_takes_over_all_at_once(client_for, city, session, start):
    start()
    start(key="other")
    alva, jon = client_for("Alva"), client_for("Jon")
    for task in ("1", "2"):
        alva.post(f"/tasks/{task}/claim")
    plan_leave(alva, city, "Alva", "Jon")
    jon.post("/absences/taken-over", {"all": "yes"})
    session.rollback()
    assert set(session.scalars(sa.select(Task.assignee_id))) == {city.people["Jon"].id}


def test_who_is_back_takes_back_what_the_deputy_has_still(client_for, city, session, start):
    start()
    alva, jon, anton = client_for("Alva"), client_for("Jon"), client_for("Anton")
    alva.post("/tasks/1/claim")
    assert "Tagna över från dig" not in alva.get("/absences/").text
    plan_leave(alva, city, "Alva", "Jon")
    jon.post("/absences/taken-over", {"all": "yes"})
    absence_id = session.scalars(sa.select(Absence.id)).one()
    session.rollback()  # a test that reads holds the right to write, too
    alva.post(f"/absences/{absence_id}/end")
    assert "Tagna över från dig" in alva.get("/absences/").text
    assert anton.post("/tasks/1/claim").status_code == 403
    alva.post("/absences/taken-over", {"task": "1"})
    session.expire_all()
    task = session.get(Task, 1)
    assert (task.assignee_id, task.claimed_for_id) == (city.people["Alva"].id, None)


def test_a_gap_is_shown_where_the_absence_is(client_for, city):
    cleo = client_for("Cleo")
    plan_leave(cleo, city, "Cleo")
    assert "säkerhetssamordnare (Bromma stadsdelsnämnd)" in cleo.get("/absences/").text


def test_days_the_wrong_way_round_are_said_beside_the_form_and_what_was_typed_stays(
    client_for, city
):
    answer = plan_leave(client_for("Alva"), city, "Alva", "Jon", to_on=soon(-1))
    assert answer.status_code == 422
    assert "Sista dagen kommer först" in answer.text
    assert f'value="{soon(0)}"' in answer.text


def test_what_is_no_date_is_said_too(client_for, city):
    answer = plan_leave(client_for("Alva"), city, "Alva", "Jon", from_on="i morgon")
    assert answer.status_code == 422


def test_a_director_names_deputies_for_the_roles_of_the_unit(client_for, city, session):
    bo = client_for("Bo")
    assert plan_leave(bo, city, "Alva", "Anton").status_code == 302
    deputy = session.scalars(sa.select(Absence)).one().deputies[0]
    assert (deputy.role, deputy.unit_id) == ("security_coordinator", city.units["FARSTA"].id)


@pytest.mark.parametrize("name", ["Cleo", "Anton", "Disa"])
def test_somebody_elses_absence_is_not_theirs_to_see_or_set(client_for, city, name):
    client = client_for(name)
    assert client.get(f"/absences/people/{city.people['Alva'].id}").status_code == 404
    assert plan_leave(client, city, "Alva", "Jon").status_code == 404


def test_one_comes_back(client_for, city, session):
    alva = client_for("Alva")
    plan_leave(alva, city, "Alva", "Jon")
    absence_id = session.scalars(sa.select(Absence.id)).one()
    session.commit()
    assert client_for("Cleo").post(f"/absences/{absence_id}/end").status_code == 404
    assert alva.post(f"/absences/{absence_id}/end").status_code == 302
    assert alva.post(f"/absences/{absence_id}/end").status_code == 409


def test_one_chooses_how_often_to_get_mail_and_sees_the_next_one(
    client_for, database, start, session
):
    start()
    work.run_due(database, now=clock.now())
    alva = client_for("Alva")
    assert "Skriv brevet" in alva.get("/notices").text
    assert "10 arbetsdagar före T1" in alva.get("/notices/preview").text
    assert alva.post("/notices/choice", {"choice": "daily"}).status_code == 302
    assert session.scalars(sa.select(MailChoice.choice)).one() == "daily"
    session.commit()
    assert alva.post("/notices/choice", {"choice": "hourly"}).status_code == 422


def test_a_besked_is_kept_with_the_task(client_for, start, session):
    start()
    alva = client_for("Alva")
    wrong = alva.post("/tasks/1/promise", {"until": soon(-2), "why": "Sjuk"})
    assert wrong.status_code == 422
    assert alva.post("/tasks/1/promise", {"until": soon(3), "why": "Sjuk"}).status_code == 302
    assert session.scalars(sa.select(Promise.why)).one() == "Sjuk"
    assert "Sjuk" in alva.get("/tasks/1").text
    session.commit()
    assert (
        client_for("Disa").post("/tasks/1/promise", {"until": soon(3), "why": "x"}).status_code
        == 403
    )


def make_feed(client, feed="person"):
    page = client.post("/notices/feeds", {"feed": feed})
    assert page.status_code == 200, page.text[-3000:]
    return re.search(r"/feeds/[\w-]+\.ics", page.text)[0]


def read_feed(app, path):
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    for line in answer.data.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
    parsed = icalendar.Calendar.from_ical(answer.data)
    assert not parsed.errors
    return {str(event["UID"]): event for event in parsed.walk("VEVENT")}


def tasks_in(events):
    return {uid: event for uid, event in events.items() if uid.startswith("task-")}


def test_a_feed_tells_dates_with_their_reasons_and_follows_what_moves_and_what_is_done(
    app, client_for, start, session, city
):
    case = start()
    alva, farsta = client_for("Alva"), city.units["FARSTA"].id
    path = make_feed(alva)
    wider = [
        make_feed(alva, f"unit::{farsta}"),
        make_feed(alva, f"role:security_coordinator:{farsta}"),
    ]
    first = tasks_in(read_feed(app, path))["task-1@127.0.0.1"]
    assert first["SUMMARY"].startswith("Skriv brevet, Farsta stadsdelsnämnd")
    assert "10 arbetsdagar före T1" in first["DESCRIPTION"]
    assert (first["STATUS"], first["URL"]) == ("CONFIRMED", "http://127.0.0.1:8000/tasks/1")
    task = case_queries.task(session, 1, by=city.actor("Alva"), to_change=True)
    assert first["DTSTART"].dt == task.due_at
    task.due_at += timedelta(days=7)
    session.commit()
    moved = tasks_in(read_feed(app, path))["task-1@127.0.0.1"]
    assert moved["DTSTART"].dt == first["DTSTART"].dt + timedelta(days=7)
    assert moved["SEQUENCE"] > first["SEQUENCE"]
    assert alva.post("/tasks/1/completion", {"text": "Hej", "command": "x"}).status_code == 302
    done = tasks_in(read_feed(app, path))["task-1@127.0.0.1"]
    assert done["STATUS"] == "CANCELLED"
    assert done["SEQUENCE"] > moved["SEQUENCE"]
    for each in wider:  # also where one need not have done it oneself
        told = tasks_in(read_feed(app, each))
        assert told["task-1@127.0.0.1"]["STATUS"] == "CANCELLED"
    assert case.key


def test_a_feed_tells_the_milestones_of_the_unit(app, client_for):
    events = read_feed(app, make_feed(client_for("Alva")))
    year = on(clock.now()).year
    milestone = events[f"milestone-T1-{year}-FARSTA@127.0.0.1"]
    assert isinstance(milestone["DTSTART"].dt, date)
    assert "Farsta" in milestone["SUMMARY"]
    assert milestone["DESCRIPTION"] == "preliminärt"
    assert events[f"milestone-YEAR_START-{year}-FARSTA@127.0.0.1"]["DESCRIPTION"] == "fast"
    assert events[f"milestone-AR_SUBMIT-{year}-FARSTA@127.0.0.1"]["DESCRIPTION"].startswith(
        "satt i lag. KL 11:20"
    )


def test_of_something_secret_a_feed_tells_the_key_to_whoever_has_it_and_to_nobody_else(
    app, client_for, start, city
):
    case = start("sec")
    alva, anton = client_for("Alva"), client_for("Anton")
    alva.post("/tasks/1/claim")
    (event,) = tasks_in(read_feed(app, make_feed(alva))).values()
    assert event["SUMMARY"] == case.key
    assert "DESCRIPTION" not in event
    unit = city.units["FARSTA"].id
    for client, feed in (
        (anton, "person"),
        (alva, f"unit::{unit}"),
        (alva, f"role:security_coordinator:{unit}"),
    ):
        assert tasks_in(read_feed(app, make_feed(client, feed))) == {}


def test_whoever_loses_the_role_loses_what_its_feed_told(app, client_for, city, session, start):
    start()
    alva = client_for("Alva")
    unit = city.units["FARSTA"].id
    paths = [
        make_feed(alva, feed) for feed in (f"unit::{unit}", f"role:security_coordinator:{unit}")
    ]
    mine = make_feed(alva)
    session.execute(sa.delete(Holding).where(Holding.person_id == city.people["Alva"].id))
    session.commit()
    assert [app.test_client().get(path).status_code for path in paths] == [404, 404]
    assert tasks_in(read_feed(app, mine)) == {}


def test_nobody_makes_a_feed_of_what_they_may_not_read(client_for, city):
    unit = city.units["FARSTA"].id
    cleo = client_for("Cleo")
    for feed, status in (
        (f"unit::{unit}", 403), (f"role:security_coordinator:{unit}", 403),
        (f"role:king:{unit}", 422), ("everything", 422), ("unit::x", 422), ("unit::", 403),
    ):  # fmt: skip
        assert cleo.post("/notices/feeds", {"feed": feed}).status_code == status


def test_an_address_that_others_have_seen_is_changed_for_a_new_one(app, client_for, session):
    alva = client_for("Alva")
    path = make_feed(alva)
    feed_id = session.scalars(sa.select(Feed.id)).one()
    session.commit()
    assert client_for("Anton").post(f"/notices/feeds/{feed_id}/renewal").status_code == 404
    page = alva.post(f"/notices/feeds/{feed_id}/renewal")
    new = re.search(r"/feeds/[\w-]+\.ics", page.text)[0]
    assert app.test_client().get(path).status_code == 404
    assert app.test_client().get(new).status_code == 200
    assert alva.post(f"/notices/feeds/{feed_id}/renewal").status_code == 409


def test_an_ended_address_leads_nowhere_and_only_its_maker_ends_it(app, client_for, session):
    alva = client_for("Alva")
    path = make_feed(alva)
    feed = session.scalars(sa.select(Feed)).one()
    assert path.split("/")[-1].removesuffix(".ics") not in (feed.token_hash, "")
    session.commit()
    assert client_for("Anton").post(f"/notices/feeds/{feed.id}/end").status_code == 404
    assert alva.post(f"/notices/feeds/{feed.id}/end").status_code == 302
    assert app.test_client().get(path).status_code == 404
    assert app.test_client().get("/feeds/guessed.ics").status_code == 404


def test_a_secret_address_is_masked_in_the_log():
    assert masked("/feeds/abc123.ics") == "/feeds/…"


def test_names_cannot_break_out_of_their_line_in_a_feed(app, client_for, city, session, start):
    city.units["FARSTA"].name = "Farsta; , \\ <script>\r\nEND:VEVENT\r\nSUMMARY:x" + "å" * 100
    session.commit()
    start()
    (event,) = tasks_in(read_feed(app, make_feed(client_for("Alva")))).values()
    assert "END:VEVENT" in event["SUMMARY"]
    assert str(event["STATUS"]) == "CONFIRMED"


def test_the_outbox_is_for_administrators(client_for):
    assert client_for("Alva").get("/notices/outbox").status_code == 403
    page = client_for("Egil").get("/notices/outbox").text
    assert "Ingen e-postserver" in page
    assert "Alla brev kom fram" not in page
