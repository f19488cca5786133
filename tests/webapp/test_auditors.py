"""Auditors read what their mandate covers and change nothing; what they read is written down."""

import dataclasses
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests import mailbox, packages
from tests.cast import NOON, SYSTEM
from tests.upkeep.test_verifying import sealed
from tests.witness import CHANGE
from webapp import clock, record_checks
from webapp.access import ACCESS, Access
from webapp.sealing import mail_seal_if_due, set_seal_if_due
from webapp.settings import BadSetting, read
from workflows.cases.models import Case
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.checks import RecordCheck, latest
from workflows.history.guards import lifted
from workflows.history.models import Event
from workflows.history.proof import read_seals, written
from workflows.history.seals import seals
from workflows.operations import cases, mandates, publishing
from workflows.operations.mandates import Terms
from workflows.organisation.mandates import Mandate
from workflows.organisation.models import Person
from workflows.processes.rows import find

# What is their own they may change: how they sign in, their mail, their views, being away.
OWN = {
    "absences", "account", "calendar_feeds", "factors", "invitations", "mandates", "notices",
    "preferences", "second_factor", "sign_in", "sign_out", "proving", "samples",
}  # fmt: skip
TRACES = {"event", "chain", "sign_in", "impact"}  # an impact is asked for, and changes nothing


@pytest.fixture(autouse=True)
def ids(session, city):
    """Two letters and a secret one in Farsta, a letter in Bromma; the ids of all, by a name."""
    publishing.publish(session, packages.letter("internal"), by=SYSTEM, now=NOON)
    publishing.publish(session, packages.letter("sec", key="hidden"), by=SYSTEM, now=NOON)
    letter, hidden = find(session, "letter"), find(session, "hidden")
    made = {
        "farsta": cases.start(session, letter, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON),
        "of 2025": cases.start(session, letter, city.units["FARSTA"], 2025, by=SYSTEM, now=NOON),
        "bromma": cases.start(session, letter, city.units["BROMMA"], 2027, by=SYSTEM, now=NOON),
        "secret": cases.start(session, hidden, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON),
    }
    found = {name: case.id for name, case in made.items()}
    session.commit()
    return found


def let(session, city, name="Jon", by="Egil", **terms):
    today = clock.now().date()
    given = {"from_on": today, "to_on": today + timedelta(days=30), "why": "Årets granskning"}
    made = mandates.give(
        session, city.people[name], Terms(**(given | terms)), by=city.actor(by), now=clock.now()
    )
    session.commit()
    return made


def seen(client, ids):
    return {name for name, id_ in ids.items() if client.get(f"/cases/{id_}").status_code == 200}


@pytest.mark.parametrize(
    ("by", "terms", "sees"),
    [
        ("Egil", {}, {"farsta", "bromma", "of 2025"}),
        ("Egil", {"unit_ids": "BROMMA"}, {"bromma"}),
        ("Egil", {"unit_ids": "STAD"}, {"farsta", "bromma", "of 2025"}),
        ("Egil", {"process_ids": "hidden"}, set()),
        ("Egil", {"last_year": 2024}, set()),
        ("Egil", {"first_year": 2024, "last_year": 2026}, {"of 2025"}),
        ("Egil", {"first_year": 2026, "unit_ids": "FARSTA"}, {"farsta"}),
        ("Egil", {"first_year": 2025, "last_year": 2027, "unit_ids": "FARSTA"},
         {"farsta", "of 2025"}),
        ("Hedda", {"sees_secret": True, "process_ids": "hidden"}, {"secret"}),
        ("Hedda", {"sees_secret": True, "unit_ids": "FARSTA", "first_year": 2026},
         {"farsta", "secret"}),
        ("Egil", {"from_on": date(2020, 1, 1), "to_on": date(2040, 1, 1), "last_year": 2026},
         {"of 2025"}),
        ("Egil", {"to_on": date(2020, 1, 1), "from_on": date(2019, 1, 1)}, set()),
    ],
)  # fmt: skip
def test_a_mandate_lets_one_read_what_it_covers_and_no_more(
    client_for, session, city, ids, by, terms, sees
):
    if "unit_ids" in terms:
        terms = terms | {"unit_ids": (city.units[terms["unit_ids"]].id,)}
    if "process_ids" in terms:
        terms = terms | {"process_ids": (find(session, terms["process_ids"]).id,)}
    given = let(session, city, by=by, **terms)
    client = client_for("Jon")
    assert seen(client, ids) == sees
    record = client.get("/history/record.json")
    if given.stands_on(clock.now().date()):
        keys = {one["case"] for one in json.loads(record.data)} - {None}
        assert keys == {session.get_one(Case, ids[name]).key for name in sees}
    else:
        assert record.status_code == 403


def test_a_mandate_that_was_ended_lets_nobody_read(client_for, session, city, ids):
    given = let(session, city)
    mandates.end(session, given, by=city.actor("Egil"), now=clock.now())
    session.commit()
    assert seen(client_for("Jon"), ids) == set()
    with pytest.raises(Conflict, match="mandate_ended"):
        mandates.end(session, given, by=city.actor("Egil"), now=clock.now())


def test_who_may_let_somebody_read(session, city):
    refused: list[tuple[str, dict[str, Any]]]
    refused = [("Alva", {}), ("Frida", {}), ("Egil", {"sees_secret": True})]
    for by, terms in refused:
        with pytest.raises(Forbidden):
            let(session, city, by=by, **terms)
    wrong: list[tuple[str, dict[str, Any]]]
    wrong = [("Egil", {}), ("Jon", {"why": " "}), ("Jon", {"to_on": date(2001, 1, 1)})]
    for name, terms in wrong:
        with pytest.raises(Invalid):
            let(session, city, name=name, **terms)
    assert session.scalars(sa.select(Mandate)).all() == []


def test_a_mandate_is_given_and_ended_on_a_page_and_stands_in_the_record(client_for, database):
    client, today = client_for("Egil"), clock.now().date()
    said = {"person": "jon@example.test", "from_on": today, "to_on": today, "why": "Granskning"}
    assert client.post("/history/auditors/", data=said | {"why": ""}).status_code == 422
    assert client.post("/history/auditors/", data=said).status_code == 302
    page = client.get("/history/auditors/").text
    assert "Granskning" in page
    assert client.post("/history/auditors/1/ending").status_code == 302
    with database.reading() as session:
        told = session.scalars(sa.select(Event.kind).where(Event.kind.like("mandate%"))).all()
    assert told == ["mandate_given", "mandate_ended"]


@pytest.mark.parametrize("name", ["Frida", "Jon"])
def test_an_auditor_changes_nothing_by_any_route(app, client_for, session, city, ids, name):
    """Frida holds the role, Jon has a mandate for all there is, secrets as well."""
    let(session, city, by="Hedda", sees_secret=True)
    client, changed = client_for(name), set()

    def hear(_connection, _cursor, statement, *_):
        if match := CHANGE.match(statement):
            changed.add(match[1].lower())

    values = {"case_id": ids["farsta"], "task_id": 1, "unit_id": city.units["FARSTA"].id}
    values |= {"person_id": city.people["Alva"].id, "year": 2027, "code": "T1", "kind": "csv"}
    values |= {"day": "2027-05-20", "deed": "suspension", "key": "letter", "name": "risk"}
    wrong = {}
    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        with app.test_request_context():
            rules = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
            places = [
                (rule.endpoint, rule.build({one: values.get(one, 1) for one in rule.arguments})[1])
                for rule in rules
                if ACCESS[rule.endpoint] is not Access.PUBLIC
                and rule.endpoint.partition(".")[0] not in OWN
            ]
        for endpoint, path in places:
            changed.clear()
            status = client.post(path, data={"text": "Hej", "why": "x"}).status_code
            if status < 400 and changed - TRACES:
                wrong[endpoint] = (status, changed - TRACES)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", hear)
    assert len(places) > 80
    assert wrong == {}


def test_what_an_auditor_reads_is_written_down_and_what_is_secret_twice(
    client_for, session, city, ids, database
):
    let(session, city, by="Hedda", sees_secret=True)
    client = client_for("Jon")
    client.get(f"/cases/{ids['secret']}")
    client.get("/history/?person=alva")
    client.get("/account")
    client_for("Disa").get(f"/cases/{ids['farsta']}")
    with database.reading() as reading:
        kinds = ("audit_read", "secret_read")
        told = reading.execute(
            sa.select(Event.kind, Event.what, Event.address_family)
            .where(Event.kind.in_(kinds))
            .order_by(Event.id)
        ).all()
    assert [(kind, json.loads(what).get("page"), family) for kind, what, family in told] == [
        ("audit_read", f"/cases/{ids['secret']}", "local"),
        ("secret_read", None, "local"),
        ("audit_read", "/history/?person=alva", "local"),
    ]


# --- the check of the whole record ---------------------------------------------------------------


def test_an_auditor_has_the_record_checked_and_sees_what_was_changed(
    client_for, session, database, monkeypatch, ids
):
    begun = []
    monkeypatch.setattr(record_checks, "begin", lambda _settings, check_id: begun.append(check_id))
    client = client_for("Frida")
    assert client.post("/history/proof").status_code == 302
    assert "<progress" in client.get("/history/proof").text
    assert client.post("/history/proof").status_code == 409  # one is enough
    record_checks.run(database, begun[0])
    assert "Allt stämmer" in client.get("/history/proof").text
    where = sa.and_(Event.case_id == ids["farsta"], Event.n == 1)
    with database.writing() as intruder, intruder.begin(), lifted(intruder.connection()):
        intruder.execute(sa.update(Event).where(where).values(why="annat"))
    client.post("/history/proof")
    record_checks.run(database, begun[1])
    page = client.get("/history/proof").text
    assert "det som händelse 1 berättar har ändrats" in page
    assert f'/cases/{ids["farsta"]}"' in page
    with database.reading() as reading:
        told = reading.scalars(sa.select(Event.what).where(Event.kind == "record_checked")).all()
    assert [json.loads(one)["faults"] for one in told] == [0, 1]


def test_a_check_is_made_against_the_seals_one_brings(client_for, database, monkeypatch):
    monkeypatch.setattr(record_checks, "begin", lambda *_: None)
    client = client_for("Frida")
    bad = {"anchor": (io.BytesIO(b"inte en f\xc3\xb6rsegling"), "a.txt")}
    assert client.post("/history/proof", data=bad).status_code == 422
    kept = sealed(database)
    assert client.get("/history/seals.jsonl").text == written(kept) + "\n"
    brought = {"anchor": (io.BytesIO(written(kept).encode()), "seals.jsonl")}
    assert client.post("/history/proof", data=brought).status_code == 302
    with database.reading() as reading:
        (check,) = latest(reading)
        assert seals(reading) == [kept]
    record_checks.run(database, check.id)
    with database.reading() as reading:
        assert reading.get_one(RecordCheck, check.id).report["anchors"] == 1
    assert "1 förseglingar som förvarats utanför" in client.get("/history/proof").text


def test_a_check_that_says_nothing_for_long_has_ended():
    at = datetime(2027, 3, 2, tzinfo=UTC)
    check = RecordCheck(seen_at=at, done_at=None)
    assert check.is_running(at + timedelta(minutes=1))
    assert not check.is_running(at + timedelta(minutes=3))


def test_nobody_is_let_read_who_has_left(session, city):
    person = session.get_one(Person, city.people["Jon"].id)
    person.closed_at = NOON
    with pytest.raises(Invalid):
        let(session, city)


def test_each_new_seal_is_mailed_once_to_those_who_keep_them_outside(
    app, client_for, database, tmp_path
):
    to = "revision@stad.test, byra@revisorer.test"
    with mailbox.serving() as box:
        url = box.url + "".join(f"&seals={address}" for address in to.split(", "))
        app.settings = read({"ARSHJUL_SMTP": url}, data=tmp_path)
        mail_seal_if_due(database, app.settings)  # there is none yet
        set_seal_if_due(database, app.settings)
        for _ in range(2):
            mail_seal_if_due(database, app.settings)
    assert [mail["To"] for mail in box.mails] == ["revision@stad.test", "byra@revisorer.test"]
    with database.reading() as session:
        (kept,) = seals(session)
        (event,) = session.scalars(sa.select(Event).where(Event.kind == "seal_sent"))
    assert json.loads(event.what) == {"seal": kept.n, "to": to}
    (file,) = box.mails[0].iter_attachments()
    assert read_seals(file.get_content()) == [kept]
    assert "revision@stad.test" in client_for("Frida").get("/history/proof").text
    for wrong in ("", "ingen adress"):
        with pytest.raises(BadSetting, match="seals cannot be mailed to"):
            read({"ARSHJUL_SMTP": f"{box.url}&seals={wrong}"}, data=tmp_path)


def test_a_server_for_mail_that_is_away_is_asked_again_only_after_a_while(database, tmp_path):
    settings = read(
        {"ARSHJUL_SMTP": "smtp://127.0.0.1:9?from=a@b.test&seals=r@stad.test"},
        data=tmp_path,
    )
    set_seal_if_due(database, settings)
    mail_seal_if_due(database, settings)
    with mailbox.serving() as box:
        mail_seal_if_due(
            database, dataclasses.replace(settings, smtp=f"{box.url}&seals=r@stad.test")
        )
        assert box.mails == []


def test_a_seal_is_mailed_to_who_asks(app, client_for, database, tmp_path):
    with mailbox.serving() as box:
        app.settings = read({"ARSHJUL_SMTP": box.url}, data=tmp_path)
        set_seal_if_due(database, app.settings)
        client = client_for("Frida")
        assert client.post("/history/seals/mails").status_code == 302
    with database.reading() as session:
        (kept,) = seals(session)
        (event,) = session.scalars(sa.select(Event).where(Event.kind == "seal_mailed"))
        assert json.loads(event.what)["seal"] == kept.n
    assert [mail["To"] for mail in box.mails] == ["Frida <frida@example.test>"]
    for mail in box.mails:
        (file,) = mail.iter_attachments()
        assert read_seals(file.get_content()) == [kept]
