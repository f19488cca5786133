"""The record as an auditor searches it and takes it away."""

import json
import re
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import SYSTEM
from workflows.cases.models import Case
from workflows.history.models import Event
from workflows.history.rows import record
from workflows.operations import cases, extensions, publishing
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.tasks.models import Task

SPRING, AUTUMN = datetime(2027, 3, 2, 12, tzinfo=UTC), datetime(2027, 9, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def ids(session, city):
    """Two letters in Farsta and Bromma, a secret one in Farsta; the ids of the processes."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=SPRING)
    publishing.publish(session, packages.letter("sec", key="hidden"), by=SYSTEM, now=SPRING)
    letter, hidden = find(session, "letter"), find(session, "hidden")
    units, alva = city.units, city.actor("Alva")
    cases.start(session, letter, units["FARSTA"], 2027, by=alva, now=SPRING)
    cases.start(session, letter, units["BROMMA"], 2027, by=city.actor("Cleo"), now=AUTUMN)
    cases.start(session, hidden, units["FARSTA"], 2027, by=SYSTEM, now=AUTUMN)
    found = {"letter": letter.id, "hidden": hidden.id, "bromma": units["BROMMA"].id}
    session.commit()  # whoever writes holds the one turn to write
    return found


def found(client, **arguments):
    answer = client.get("/history/record.json", query_string=arguments)
    assert answer.status_code == 200
    return [(one["kind"], one["unit"]) for one in json.loads(answer.data)]


STARTED_IN_FARSTA = ("case_started", "Farsta stadsdelsnämnd")
STARTED_IN_BROMMA = ("case_started", "Bromma stadsdelsnämnd")


@pytest.mark.parametrize(
    ("arguments", "there", "not_there"),
    [
        ({"person": "alva"}, STARTED_IN_FARSTA, STARTED_IN_BROMMA),
        ({"last": "2027-03-02"}, STARTED_IN_FARSTA, STARTED_IN_BROMMA),
        ({"first": "2027-03-03"}, STARTED_IN_BROMMA, STARTED_IN_FARSTA),
        ({"case": "letter-bromma"}, STARTED_IN_BROMMA, STARTED_IN_FARSTA),
    ],
)
def test_the_record_is_searched_by_who_when_and_what(client_for, arguments, there, not_there):
    events = found(client_for("Frida"), **arguments)
    assert there in events
    assert not_there not in events


def test_the_record_is_searched_by_unit_and_process(client_for, ids):
    client = client_for("Frida")
    assert {name for _, name in found(client, unit=ids["bromma"])} == {"Bromma stadsdelsnämnd"}
    kinds = found(client, process=ids["letter"])
    assert {kind for kind, _ in kinds} == {"case_started"}
    assert len(kinds) == 2


def test_a_secret_case_is_in_no_search_but_for_those_who_guard_secrets(client_for, ids):
    assert found(client_for("Frida"), process=ids["hidden"]) == []
    assert found(client_for("Frida"), case="LETTER-FARSTA-2027-2") == []


def test_the_record_is_searched_by_words_whole_or_begun(client_for, session, city):
    """However many words begin so; nothing that is typed is taken for an order to the index."""
    many = " ".join(f"ord{n}" for n in range(400))
    for why in ("Ånger över Lagret", "lagerhyllan, igen", many):
        record(session, "promise_given", by=city.actor("Alva"), now=AUTUMN, why=why)
    session.commit()
    client, said = client_for("Frida"), ("promise_given", None)
    for text, count in (
        ("lag", 2), ("lager", 1), ("LAGRET", 1), ("lag ång", 1), ("angå", 0), ("ånger-öve", 1),
        ("ord", 1), ("ord399", 1), ("ord400", 0), ('"lag" OR ord*', 0), ("lag NOT igen", 0),
    ):  # fmt: skip
        assert found(client, text=text, event="promise_given") == [said] * count, text


def test_what_is_taken_away_is_exactly_what_is_seen_and_is_told_of(client_for, database):
    client = client_for("Frida")
    page = client.get("/history/?person=alva").text
    assert "/history/record.csv?person=alva" in page
    rows = client.get("/history/record.csv?person=alva").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + len(found(client, person="alva"))
    assert client.get("/history/record.xlsx?person=alva").data[:2] == b"PK"
    assert client.get("/history/record.pdf").status_code == 404
    with database.reading() as session:
        told = session.scalars(sa.select(Event.what).where(Event.kind == "exported")).all()
    assert json.loads(told[0]) == {
        "what": "record.csv", "rows": len(rows) - 1, "filter": {"person": "alva"}
    }  # fmt: skip


def test_an_event_is_told_in_the_words_of_the_forms_and_the_interface(client_for, session, city):
    """Field names, codes and moments are for machines; who reads has never seen them."""
    what = {
        "step_id": "2", "answers": {"text": "Hej"}, "set": {"text": "Hopp"}, "gone": ["text"],
        "roles": [["director", 1]], "due_at": "2027-05-11T14:00:00.000000Z",
        "entries": [{"register": "action", "changed": {"title": [None, "Köp"]}}],
        "person": city.people["Bo"].id, "unit_id": city.units["BROMMA"].id,
    }  # fmt: skip
    case_id = session.scalar(sa.select(Case.id).where(Case.key == "LETTER-FARSTA-2027-1"))
    record(session, "task_completed", by=SYSTEM, now=AUTUMN, case_id=case_id, what=what)
    event_id = session.scalar(sa.select(sa.func.max(Event.id)))
    session.commit()
    page = client_for("Frida").get(f"/history/{event_id}").text
    told = re.sub(r"<[^>]+>", "|", page)
    for said in (
        "svar › ",
        "känt sedan dess › ",
        "förvaltningschef",
        "tis 11 maj 2027 16:00",
        "Köp",
        city.people["Bo"].name,
        city.units["BROMMA"].name,
    ):
        assert said in told, said
    for code in ("step_id", "due_at", "director", "2027-05-11T", "› title", "› text"):
        assert code not in told, code


@pytest.mark.parametrize("asked", ["first=igår", "unit=x", "process=-1", "unit=" + "9" * 30])
def test_a_search_that_means_nothing_is_refused(client_for, asked):
    assert client_for("Frida").get(f"/history/?{asked}").status_code == 400


def test_a_search_without_finds_says_so(client_for):
    assert "person=nobody" in client_for("Frida").get("/history/?person=nobody").text


def test_every_date_in_the_record_says_why_it_is_that_day(client_for, ids):
    client, asked = client_for("Frida"), {"unit": ids["bromma"]}
    why = "Skriv brevet: tis 11 maj 2027 16:00 · 10 arbetsdagar före T1"
    assert why in client.get("/history/", query_string=asked).text
    assert why in client.get("/history/record.csv", query_string=asked).text
    (case_url,) = set(re.findall(r"/cases/\d+", client.get("/history/", query_string=asked).text))
    assert why in client_for("Cleo").get(case_url).text


CODES = {
    "step_left_out": ({"milestone": "T1_END"}, "eftersom första tertialets slut inte finns"),
    "message_received": ({"message": "rsa_decided"}, "“analysen är beslutad”"),
    "starts_dropped": (
        {"process": "letter", "year": "2027", "occasion": "AR_KF"},
        "Skriva brev 2027 fullmäktiges godkännande av årsredovisningen",
    ),
    "start_refused": ({"message": "letter"}, "ärende av Skriva brev kunde inte"),
    "absence_set": (
        {"from_on": "2027-03-01", "to_on": "2027-03-05"},
        "mån 1 mar 2027 till fre 5 mar 2027",
    ),
}


def test_the_record_says_in_words_what_it_keeps_by_codes(client_for, session):
    for kind, (what, _) in CODES.items():
        record(session, kind, by=SYSTEM, now=AUTUMN, what=what)
    session.commit()
    page = client_for("Frida").get("/history/").text
    for _, said in CODES.values():
        assert said in page


def test_a_date_that_moved_tells_the_one_before_and_why(client_for, session, city):
    written = sa.select(Task.id).join(Case).where(Case.key == "LETTER-FARSTA-2027-1")
    alva = city.actor("Alva")
    task = case_queries.task(session, session.scalars(written).one(), by=alva)
    until = date(2027, 5, 20)
    asked = extensions.ask(session, task, until, "Sjukdom", by=alva, now=SPRING)
    extensions.decide(session, asked, give=True, answer="", by=city.actor("Bo"), now=SPRING)
    session.commit()
    page = client_for("Alva").get(f"/cases/{task.case_id}").text
    moved = "Skriv brevet: tor 20 maj 2027 16:00 (förut: tis 11 maj 2027 16:00)"
    assert f"{moved} · 10 arbetsdagar före T1, och längre tid given" in page
