from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from workflows.canonical import parse
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.operations import people
from workflows.organisation.accounts import SignIn
from workflows.organisation.models import Holding, Person, Unit, UnitKind
from workflows.organisation.rows import Grant, PersonDetails, UnitDetails
from workflows.queries.holdings import held_by

TODAY = date(2027, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture
def egil(city):
    return city.actor("Egil")  # the administrator


def _unit(city, code="NY", **more):
    parent = city.units["FARSTA"].id
    values = {"name": "Ny enhet", "kind": UnitKind.OFFICE, "parent_id": parent} | more
    return UnitDetails(code=code, **values)


def _holding(session, city, name, role):
    person = city.people[name]
    wanted = sa.select(Holding).where(Holding.person_id == person.id, Holding.role == role)
    return session.scalars(wanted).one()


def _last(session):
    event = session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(1)).one()
    return event.kind, parse(event.what)


def _roles(session, person_id, day=TODAY):
    return {held.role for held in held_by(session, person_id, day)}


def _refused(excinfo):
    return [(wrong.field, wrong.code) for wrong in excinfo.value.problems]


def test_a_unit_is_added_under_another_and_written_down(session, city, egil):
    unit = people.add_unit(session, _unit(city), by=egil, now=NOON)
    assert unit.parent is city.units["FARSTA"]
    kind, what = _last(session)
    assert (kind, what["code"], what["kind"]) == ("unit_added", "NY", "office")


def test_a_change_of_a_unit_keeps_the_old_beside_the_new(session, city, egil):
    farsta = city.units["FARSTA"]
    details = UnitDetails("FARSTA", "Söderort", farsta.kind, farsta.parent_id, valid_to=TODAY)
    people.change_unit(session, farsta, details, seen=farsta.revision, by=egil, now=NOON)
    assert (farsta.name, farsta.sort_key) == ("Söderort", "s}derort")
    kind, what = _last(session)
    assert kind == "unit_changed"
    assert what["changed"] == {
        "name": {"old": "Farsta stadsdelsnämnd", "new": "Söderort"},
        "valid_to": {"old": None, "new": "2027-03-02"},
    }


def test_a_unit_cannot_come_to_lie_under_itself(session, city, egil):
    below = people.add_unit(session, _unit(city), by=egil, now=NOON)
    farsta = city.units["FARSTA"]
    details = UnitDetails("FARSTA", "Farsta", farsta.kind, parent_id=below.id)
    with pytest.raises(Invalid) as refused:
        people.change_unit(session, farsta, details, seen=farsta.revision, by=egil, now=NOON)
    assert _refused(refused) == [("parent_id", "under_itself")]


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"code": "FARSTA"}, ("code", "code_taken")),
        ({"code": "två ord"}, ("code", "not_a_code")),
        ({"name": " "}, ("name", "missing")),
        ({"parent_id": 999}, ("parent_id", "unknown_unit")),
        ({"valid_from": TODAY, "valid_to": TODAY - DAY}, ("valid_to", "ends_before_it_begins")),
    ],
)
def test_a_unit_that_does_not_hold_is_refused_and_nothing_changes(session, city, egil, more, wrong):
    before = session.scalar(sa.select(sa.func.count()).select_from(Unit))
    with pytest.raises(Invalid) as refused:
        people.add_unit(session, _unit(city, **more), by=egil, now=NOON)
    assert _refused(refused) == [wrong]
    assert session.scalar(sa.select(sa.func.count()).select_from(Unit)) == before


def test_two_who_change_the_same_thing_meet_a_conflict(session, city, egil):
    farsta, bo = city.units["FARSTA"], city.people["Bo"]
    seen = farsta.revision, bo.revision
    unit = UnitDetails("FARSTA", "Ett", farsta.kind, farsta.parent_id)
    people.change_unit(session, farsta, unit, seen=seen[0], by=egil, now=NOON)
    person = PersonDetails(bo.email, "Bosse", bo.unit_id)
    people.change_person(session, bo, person, seen=seen[1], by=egil, now=NOON)
    with pytest.raises(Conflict):
        people.change_unit(session, farsta, unit, seen=seen[0], by=egil, now=NOON)
    with pytest.raises(Conflict):
        people.change_person(session, bo, person, seen=seen[1], by=egil, now=NOON)


def test_an_address_is_kept_in_lower_case_and_belongs_to_one(session, city, egil):
    kim = people.add_person(session, PersonDetails(" Kim@Example.Test ", "Kim"), by=egil, now=NOON)
    assert kim.email == "kim@example.test"
    with pytest.raises(Invalid) as refused:
        people.add_person(session, PersonDetails("KIM@example.test", "K"), by=egil, now=NOON)
    assert _refused(refused) == [("email", "email_taken")]
    with pytest.raises(Invalid) as refused:
        people.add_person(session, PersonDetails("kim", "K"), by=egil, now=NOON)
    assert _refused(refused) == [("email", "not_an_email")]


def test_a_leaver_loses_roles_and_sign_ins_from_now_and_keeps_the_past(session, city, egil):
    bo = city.people["Bo"]
    door = SignIn(
        token_hash="x", person_id=bo.id, began_at=NOON, seen_at=NOON, device_hash="x",
        expires_at=NOON + DAY, browser="tests",
    )  # fmt: skip
    session.add(door)
    session.flush()
    people.close_person(session, bo, by=egil, now=NOON)
    assert bo.closed_at == NOON
    assert door.ended_at == NOON
    assert _roles(session, bo.id) == set()
    assert _roles(session, bo.id, TODAY - DAY) == {"director"}
    kinds = session.scalars(sa.select(Event.kind).order_by(Event.id)).all()
    assert kinds[-2:] == ["role_ended", "person_closed"]
    with pytest.raises(Conflict):
        people.close_person(session, bo, by=egil, now=NOON)


def test_who_comes_back_has_no_role_until_one_is_given(session, city, egil):
    bo = city.people["Bo"]
    people.close_person(session, bo, by=egil, now=NOON)
    people.reopen_person(session, bo, by=egil, now=NOON)
    assert bo.closed_at is None
    assert _roles(session, bo.id) == set()
    with pytest.raises(Conflict):
        people.reopen_person(session, bo, by=egil, now=NOON)


def test_a_role_is_held_from_its_first_day_to_its_last(session, city, egil):
    jon = city.people["Jon"]
    grant = Grant(
        "controller", city.units["BROMMA"].id, jon.id, from_on=TODAY + DAY, to_on=TODAY + 2 * DAY
    )
    people.give_role(session, grant, by=egil, now=NOON)
    held = [bool(_roles(session, jon.id, TODAY + n * DAY)) for n in range(4)]
    assert held == [False, True, True, False]


def test_a_role_without_a_first_day_begins_today(session, city, egil):
    jon = city.people["Jon"]
    holding = people.give_role(
        session, Grant("controller", city.units["BROMMA"].id, jon.id), by=egil, now=NOON
    )
    assert holding.from_on == TODAY
    kind, what = _last(session)
    assert (kind, what["role"], what["person"]) == ("role_given", "controller", jon.id)


def test_the_same_role_twice_on_the_same_days_is_refused(session, city, egil):
    grant = Grant("director", city.units["FARSTA"].id, city.people["Bo"].id, from_on=TODAY)
    with pytest.raises(Conflict) as refused:
        people.give_role(session, grant, by=egil, now=NOON)
    assert refused.value.code == "role_held_already"
    people.end_role(session, _holding(session, city, "Bo", "director"), by=egil, now=NOON)
    people.give_role(session, grant, by=egil, now=NOON)
    assert _roles(session, city.people["Bo"].id) == {"director"}


def test_a_role_ended_on_its_first_day_was_never_held_and_can_be_given_anew(session, city, egil):
    grant = Grant("controller", city.units["BROMMA"].id, city.people["Jon"].id)
    holding = people.give_role(session, grant, by=egil, now=NOON)
    people.end_role(session, holding, by=egil, now=NOON)
    assert _roles(session, city.people["Jon"].id) == set()
    people.give_role(session, grant, by=egil, now=NOON)
    assert _roles(session, city.people["Jon"].id) == {"controller"}


def test_a_role_can_be_shared_from_another_unit(session, city, egil):
    grant = Grant(
        "infosec_coordinator",
        city.units["BROMMA"].id,
        same_as_role="security_coordinator",
        same_as_unit_id=city.units["FARSTA"].id,
    )
    holding = people.give_role(session, grant, by=egil, now=NOON)
    alva = city.people["Alva"].id
    assert _roles(session, alva) == {"security_coordinator", "infosec_coordinator"}
    people.end_role(session, holding, by=egil, now=NOON)
    assert _roles(session, alva) == {"security_coordinator"}
    assert _last(session)[0] == "role_share_ended"


def test_a_ring_of_shared_roles_is_refused(session, city, egil):
    bromma, farsta, stad = (city.units[code].id for code in ("BROMMA", "FARSTA", "STAD"))
    for unit, other in ((bromma, farsta), (farsta, stad)):
        grant = Grant("dpo", unit, same_as_role="dpo", same_as_unit_id=other)
        people.give_role(session, grant, by=egil, now=NOON)
    for other in (bromma, stad):
        ring = Grant("dpo", stad, same_as_role="dpo", same_as_unit_id=other)
        with pytest.raises(Invalid) as refused:
            people.give_role(session, ring, by=egil, now=NOON)
        assert _refused(refused) == [("same_as_role", "ring")]


def test_a_role_ends_once(session, city, egil):
    holding = _holding(session, city, "Bo", "director")
    people.end_role(session, holding, by=egil, now=NOON)
    assert holding.to_on == TODAY - DAY
    with pytest.raises(Conflict):
        people.end_role(session, holding, by=egil, now=NOON)


def test_the_last_administrator_can_be_neither_closed_nor_relieved(session, city, egil):
    holding = _holding(session, city, "Egil", "administrator")
    for deed, thing in (
        (people.end_role, holding),
        (people.close_person, city.people["Egil"]),
    ):
        with pytest.raises(Conflict) as refused:
            deed(session, thing, by=egil, now=NOON)
        assert refused.value.code == "last_administrator"
        session.rollback()
    grant = Grant("administrator", city.units["STAD"].id, city.people["Jon"].id)
    people.give_role(session, grant, by=egil, now=NOON)
    people.end_role(session, holding, by=egil, now=NOON)


def test_nobody_but_an_administrator_changes_the_organisation(session, city):
    farsta, bo = city.units["FARSTA"], city.people["Bo"]
    director = _holding(session, city, "Bo", "director")
    unit = UnitDetails("FARSTA", "X", farsta.kind)
    person = PersonDetails("x@example.test", "X")
    grant = Grant("dpo", farsta.id, bo.id)
    events = sa.select(sa.func.count()).select_from(Event)
    before = session.scalar(events)
    for name in city.people.keys() - {"Egil"}:
        by = city.actor(name)
        for deed in (
            lambda by: people.add_unit(session, _unit(city), by=by, now=NOON),
            lambda by: people.change_unit(session, farsta, unit, seen=1, by=by, now=NOON),
            lambda by: people.add_person(session, person, by=by, now=NOON),
            lambda by: people.change_person(session, bo, person, seen=1, by=by, now=NOON),
            lambda by: people.close_person(session, bo, by=by, now=NOON),
            lambda by: people.reopen_person(session, bo, by=by, now=NOON),
            lambda by: people.give_role(session, grant, by=by, now=NOON),
            lambda by: people.end_role(session, director, by=by, now=NOON),
        ):
            with pytest.raises(Forbidden):
                deed(by)
    assert session.scalar(events) == before
    assert not session.new
    assert not session.dirty


def test_the_command_line_may_build_a_city_before_anybody_is_administrator(session):
    unit = people.add_unit(
        session, UnitDetails("STAD", "Staden", UnitKind.CITY), by=SYSTEM, now=NOON
    )
    person = people.add_person(
        session, PersonDetails("a@example.test", "A", unit.id), by=SYSTEM, now=NOON
    )
    holding = people.give_role(
        session, Grant("administrator", unit.id, person.id), by=SYSTEM, now=NOON
    )
    people.end_role(session, holding, by=SYSTEM, now=NOON)
    assert session.get(Person, person.id).closed_at is None
