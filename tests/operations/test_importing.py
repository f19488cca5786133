from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.cast import NOON
from workflows.errors import Conflict, Forbidden, Invalid, NotFound
from workflows.history.models import CITY, Chain, Event
from workflows.history.rows import START, hash_of
from workflows.language import on
from workflows.operations import importing, people
from workflows.organisation.import_files import read
from workflows.organisation.models import Holding, Person, Unit
from workflows.organisation.rows import Grant
from workflows.queries import importing as questions
from workflows.queries.holdings import held_by

TODAY = date(2027, 3, 2)
DAY = timedelta(days=1)

UNITS = """kod;namn;slag;överordnad
FARSTA;Farsta stadsdelsnämnd;stadsdelsnämnd;STAD
HEM;Hemtjänsten;enhet;AVD
AVD;Äldreomsorg;avdelning;FARSTA
"""
PEOPLE = """e-post;namn;enhet;id
Asa@example.test;Åsa Öst;HEM;1001
per@example.test;Per Alm;AVD;1002
"""
ROLES = """e-post;roll;enhet;från;till;samma som roll;samma som enhet
asa@example.test;unit_manager;HEM;2027-01-01;;;
per@example.test;controller;AVD;2027-01-01;2027-12-31;;
;dpo;HEM;2027-01-01;;dpo;FARSTA
"""


@pytest.fixture
def egil(city):
    return city.actor("Egil")


def _prepare(session, by, **files):
    sheets = read([(f"{name}.csv", text.encode()) for name, text in files.items()])
    return importing.prepare(session, sheets, by=by, now=NOON)


def _look(session, prepared, today=TODAY):
    return questions.preview(session, prepared, today=today)


def _import(session, by, now=NOON, **files):
    prepared = _prepare(session, by, **files)
    seen = questions.fingerprint(_look(session, prepared, on(now)))
    found = importing.apply(session, prepared, seen=seen, by=by, now=now)
    session.commit()
    return found


def _all(session, by, **more):
    return _import(session, by, **{"units": UNITS, "people": PEOPLE, "roles": ROLES} | more)


def _person(session, email):
    return session.scalars(sa.select(Person).where(Person.email == email)).one()


def _unit(session, code):
    return session.scalars(sa.select(Unit).where(Unit.code == code)).one()


def _deeds(found):
    return sorted((change.sheet, change.deed, change.label) for change in found.changes)


def _problems(session, by, **files):
    prepared = _prepare(session, by, **files)
    found = _look(session, prepared)
    with pytest.raises(Invalid) as refused:
        importing.apply(session, prepared, seen=questions.fingerprint(found), by=by, now=NOON)
    assert refused.value.code == "import_has_problems"
    return [(each.sheet, each.line, each.column, each.code) for each in found.problems]


def test_an_organisation_comes_in_with_its_tree_people_and_roles(session, city, egil):
    _all(session, egil)
    assert _unit(session, "HEM").parent.code == "AVD"
    assert _unit(session, "AVD").parent.code == "FARSTA"
    asa = _person(session, "asa@example.test")
    assert (asa.name, asa.sort_key, asa.unit.code) == ("Åsa Öst", "{sa }st", "HEM")
    assert {held.role for held in held_by(session, asa.id, TODAY)} == {"unit_manager"}
    kinds = list(session.scalars(sa.select(Event.kind).order_by(Event.id)))
    assert kinds[0] == "import_read"
    assert kinds[-1] == "organisation_imported"
    assert {"unit_added", "unit_changed", "person_added", "role_given", "role_shared"} <= set(kinds)


def test_the_same_file_again_changes_nothing(session, city, egil):
    _all(session, egil)
    found = _all(session, egil)
    assert found.changes == []
    assert found.unchanged == {"units": 3, "people": 2, "roles": 3}


def test_the_preview_shows_the_old_beside_the_new_and_changes_nothing(session, city, egil):
    _all(session, egil)
    prepared = _prepare(session, egil, people=PEOPLE.replace("Per Alm", "Per Ek"))
    (change,) = _look(session, prepared).changes
    assert change.fields == {"name": ("Per Alm", "Per Ek")}
    assert (change.deed, change.line) == ("change", 3)
    assert _person(session, "per@example.test").name == "Per Alm"


def test_whoever_changes_address_is_known_by_the_directory_and_keeps_their_roles(
    session, city, egil
):
    _all(session, egil)
    found = _all(
        session,
        egil,
        people=PEOPLE.replace("per@", "per.alm@"),
        roles=ROLES.replace("per@", "per.alm@"),
    )
    assert _deeds(found) == [("people", "change", "per.alm@example.test")]


def test_who_is_gone_from_the_file_is_closed_and_keeps_the_past(session, city, egil):
    _all(session, egil)
    per = _person(session, "per@example.test")
    kept = "\n".join(line for line in PEOPLE.splitlines() if "per@" not in line)
    kept_roles = "\n".join(line for line in ROLES.splitlines() if "per@" not in line)
    found = _all(session, egil, people=kept, roles=kept_roles)
    assert _deeds(found) == [("people", "close", "per@example.test")]
    assert per.closed_at == NOON
    assert held_by(session, per.id, TODAY) == frozenset()
    assert {held.role for held in held_by(session, per.id, TODAY - DAY)} == {"controller"}
    assert city.people["Bo"].closed_at is None  # came by hand, so no file closes him
    assert _all(session, egil, people=kept, roles=kept_roles).changes == []
    found = _all(session, egil)
    assert ("people", "change", "per@example.test") in _deeds(found)
    assert per.closed_at is None


def test_a_sheet_that_is_not_sent_is_left_alone(session, city, egil):
    _all(session, egil)
    found = _import(session, egil, people=PEOPLE)
    assert found.changes == []


def test_a_role_gone_from_the_file_ends_and_one_given_by_hand_stays(session, city, egil):
    _all(session, egil)
    asa = _person(session, "asa@example.test")
    by_hand = Grant("dpo", _unit(session, "HEM").id, asa.id)
    people.give_role(session, by_hand, by=egil, now=NOON)
    kept = "\n".join(line for line in ROLES.splitlines() if "unit_manager" not in line)
    found = _import(session, egil, roles=kept)
    assert [(change.sheet, change.deed) for change in found.changes] == [("roles", "close")]
    assert {held.role for held in held_by(session, asa.id, TODAY)} == {"dpo"}


def test_a_unit_gone_from_the_file_ends_yesterday(session, city, egil):
    _all(session, egil)
    without = "\n".join(line for line in UNITS.splitlines() if "HEM" not in line)
    _import(session, egil, units=without)
    assert _unit(session, "HEM").valid_to == TODAY - DAY
    assert _import(session, egil, units=without).changes == []


def test_other_days_for_a_role_are_a_change_of_it(session, city, egil):
    _all(session, egil)
    found = _import(session, egil, roles=ROLES.replace("2027-12-31", "2027-06-30"))
    (change,) = found.changes
    assert change.fields == {"to": ("2027-12-31", "2027-06-30")}
    held = session.scalars(sa.select(Holding).where(Holding.role == "controller")).one()
    assert held.to_on == date(2027, 6, 30)


def test_a_preview_that_no_longer_holds_is_refused(session, city, egil):
    _all(session, egil)
    prepared = _prepare(session, egil, people=PEOPLE.replace("Per Alm", "Per Ek"))
    seen = questions.fingerprint(_look(session, prepared))
    _person(session, "per@example.test").name = "Per Någon"
    session.flush()
    with pytest.raises(Conflict) as refused:
        importing.apply(session, prepared, seen=seen, by=egil, now=NOON)
    assert refused.value.code == "preview_outdated"


def test_every_problem_is_told_where_it_stands_and_nothing_is_taken(session, city, egil):
    before = session.scalar(sa.select(sa.func.count()).select_from(Person))
    assert _problems(
        session,
        egil,
        units="kod;namn;slag;överordnad\nA;Ett;slott;\nB;;bolag;B\nC;Tre;bolag;INGEN\n",
        people="epost;namn;enhet\nfel;X;FARSTA\na@b.se;A;INGEN\nbo@example.test;B;\nbo@example.test;B;\n",
        roles="epost;roll;enhet\na@b.se;kung;FARSTA\nny@b.se;dpo;FARSTA\n",
    ) == [
        ("units", 2, "kind", "unknown_kind"),
        ("units", 3, "name", "missing"),
        ("units", 4, "parent", "unknown_unit"),
        ("units", 3, "parent", "under_itself"),
        ("people", 2, "email", "not_an_email"),
        ("people", 3, "unit", "unknown_unit"),
        ("people", 5, "email", "row_twice"),
        ("roles", 2, "role", "unknown_role"),
        ("roles", 3, "email", "unknown_person"),
    ]
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == before


def test_a_ring_of_shared_roles_in_a_file_is_refused(session, city, egil):
    header = "roll;enhet;samma som roll;samma som enhet\n"
    rows = "dpo;FARSTA;dpo;BROMMA\ndpo;BROMMA;dpo;FARSTA\n"
    assert {code for *_, code in _problems(session, egil, roles=header + rows)} == {"ring"}


def test_no_import_takes_the_last_administrator(session, city, egil):
    mine = "epost;roll;enhet\negil@example.test;administrator;STAD\n"
    _import(session, egil, roles=mine)
    prepared = _prepare(session, egil, roles="epost;roll;enhet\nbo@example.test;dpo;FARSTA\n")
    seen = questions.fingerprint(_look(session, prepared))
    with pytest.raises(Conflict) as refused:
        importing.apply(session, prepared, seen=seen, by=egil, now=NOON)
    assert refused.value.code == "last_administrator"


def test_a_file_is_its_senders_and_waits_a_day(session, city, egil):
    prepared = _prepare(session, egil, people=PEOPLE)
    assert questions.find(session, prepared.key, by=egil, now=NOON) is prepared
    with pytest.raises(NotFound):
        questions.find(session, prepared.key, by=egil, now=NOON + DAY)
    with pytest.raises(Forbidden):
        questions.find(session, prepared.key, by=city.actor("Bo"), now=NOON)
    with pytest.raises(Forbidden):
        _prepare(session, city.actor("Bo"), people=PEOPLE)


def test_a_file_is_applied_once_and_its_rows_do_not_stay(session, city, egil):
    prepared = _prepare(session, egil, people=PEOPLE.replace("HEM", "FARSTA").replace("AVD", ""))
    seen = questions.fingerprint(_look(session, prepared))
    importing.apply(session, prepared, seen=seen, by=egil, now=NOON)
    assert prepared.rows == {}
    with pytest.raises(Conflict):
        importing.apply(session, prepared, seen=seen, by=egil, now=NOON)


def test_what_an_import_writes_down_is_one_unbroken_chain(session, city, egil):
    _all(session, egil)
    events = session.scalars(sa.select(Event).order_by(Event.n)).all()
    assert [event.n for event in events] == list(range(1, len(events) + 1))
    previous = START
    for event in events:
        names = ("chain", "n", "at", "actor_id", "acting_for_id", "kind", "case_id", "unit_id",
                 "step", "digest")  # fmt: skip
        previous = hash_of(previous, {name: getattr(event, name) for name in names})
        assert event.hash == previous
    head = session.get(Chain, CITY)
    assert (head.n, head.hash) == (len(events), previous)
