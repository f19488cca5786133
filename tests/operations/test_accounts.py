"""Invitations, passwords and sign-ins as verbs: what they refuse, and what they write down."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from workflows.canonical import parse
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.operations import invitations, profile, signing_in
from workflows.operations.invitations import LASTS, LinkSpent
from workflows.organisation.accounts import Account, Invitation, SignIn
from workflows.organisation.actor import Actor
from workflows.organisation.models import Holding, Person, Unit


def kinds(session):
    return list(session.scalars(sa.select(Event.kind).order_by(Event.id)))


def token_of(path):
    return path.removeprefix(invitations.PATH)


def door(person, name="one"):
    return SignIn(
        token_hash=name, person_id=person.id, began_at=NOON, seen_at=NOON,
        expires_at=NOON + timedelta(hours=1), device_hash="d", browser="tests",
    )  # fmt: skip


def test_the_first_administrator_is_made_in_an_empty_installation(session):
    path = invitations.create_user(
        session, " Eva@Example.test ", "Eva", is_administrator=True, by=SYSTEM, now=NOON
    )
    person = session.scalars(sa.select(Person)).one()
    assert person.email == "eva@example.test"
    assert session.scalars(sa.select(Unit.code)).all() == ["STAD"]
    assert session.scalars(sa.select(Holding.role)).one() == "administrator"
    assert invitations.find_invitation(session, token_of(path), now=NOON).person is person
    assert kinds(session) == ["person_added", "unit_added", "role_given", "invited"]


@pytest.mark.parametrize("email", ["", "eva", "a@b@c", "eva nord@example.test"])
def test_an_address_that_is_none_is_refused(session, email):
    with pytest.raises(Invalid):
        invitations.create_user(session, email, "Eva", by=SYSTEM, now=NOON)
    assert not session.scalars(sa.select(Person)).all()


def test_an_address_that_somebody_has_is_refused(session, city):
    with pytest.raises(Conflict):
        invitations.create_user(session, "Alva@example.test", "Alva", by=SYSTEM, now=NOON)


@pytest.mark.parametrize("name", ["Alva", "Bo", "Frida", "Gun", "Jon"])
def test_only_an_administrator_invites(session, city, name):
    with pytest.raises(Forbidden):
        invitations.invite(session, city.people["Jon"], by=city.actor(name), now=NOON)
    assert not session.scalars(sa.select(Invitation)).all()


def test_nobody_is_invited_who_has_left(session, city):
    city.people["Jon"].closed_at = NOON
    with pytest.raises(Forbidden):
        invitations.invite(session, city.people["Jon"], by=city.actor("Egil"), now=NOON)


def test_the_link_is_kept_hashed_and_works_once(session, city):
    jon = city.people["Jon"]
    path = invitations.invite(session, jon, by=city.actor("Egil"), now=NOON)
    assert token_of(path) not in session.scalars(sa.select(Invitation.token_hash)).one()
    found = invitations.find_invitation(session, token_of(path), to_use=True, now=NOON)
    invitations.accept(session, found, "hash", by=city.actor("Jon"), now=NOON)
    assert session.get_one(Account, jon.id).password_hash == "hash"
    with pytest.raises(LinkSpent):
        invitations.find_invitation(session, token_of(path), now=NOON)
    with pytest.raises(LinkSpent):
        invitations.accept(session, found, "other", by=city.actor("Jon"), now=NOON)
    assert kinds(session) == ["invited", "password_set"]


def test_the_link_ends_after_its_days_and_when_a_newer_is_made(session, city):
    jon, by = city.people["Jon"], city.actor("Egil")
    old = token_of(invitations.invite(session, jon, by=by, now=NOON))
    new = token_of(invitations.invite(session, jon, by=by, now=NOON))
    with pytest.raises(LinkSpent):
        invitations.find_invitation(session, old, now=NOON)
    late = NOON + LASTS - timedelta(seconds=1)
    assert invitations.find_invitation(session, new, now=late).person is jon
    with pytest.raises(LinkSpent):
        invitations.find_invitation(session, new, now=NOON + LASTS)
    with pytest.raises(LinkSpent):
        invitations.find_invitation(session, "x" * 43, now=NOON)


def test_nobody_accepts_an_invitation_for_another(session, city):
    token = token_of(
        invitations.invite(session, city.people["Jon"], by=city.actor("Egil"), now=NOON)
    )
    found = invitations.find_invitation(session, token, now=NOON)
    with pytest.raises(Forbidden):
        invitations.accept(session, found, "hash", by=city.actor("Bo"), now=NOON)


def test_a_new_password_ends_every_sign_in_and_a_changed_one_all_the_others(session, city):
    jon, by = city.people["Jon"], city.actor("Jon")
    here, there = door(jon, "here"), door(jon, "there")
    session.add_all([here, there])
    session.flush()
    invitations.change_password(session, jon, "hash", but=here.id, by=by, now=NOON)
    assert (here.ended_at, there.ended_at) == (None, NOON)
    token = token_of(invitations.invite(session, jon, by=city.actor("Egil"), now=NOON))
    found = invitations.find_invitation(session, token, now=NOON)
    invitations.accept(session, found, "hash", by=by, now=NOON)
    assert here.ended_at == NOON


def test_an_invitation_is_used_by_one_of_two_who_try_at_once(database, session, city):
    path = invitations.invite(session, city.people["Jon"], by=city.actor("Egil"), now=NOON)
    session.commit()
    jon, used, begin = city.actor("Jon"), [], threading.Barrier(2)

    def accept(password_hash):
        with database.writing() as mine:
            begin.wait()
            try:
                found = invitations.find_invitation(mine, token_of(path), to_use=True, now=NOON)
                invitations.accept(mine, found, password_hash, by=jon, now=NOON)
                mine.commit()
            except LinkSpent:
                return
            used.append(password_hash)

    threads = [threading.Thread(target=accept, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(used) == 1
    with database.reading() as reading:
        assert reading.get_one(Account, jon.id).password_hash == used[0]


def test_somebody_who_has_left_does_not_come_in(session, city):
    jon = city.people["Jon"]
    jon.closed_at = NOON
    with pytest.raises(Forbidden):
        signing_in.sign_in(session, jon, door(jon), how="tests", by=city.actor("Jon"), now=NOON)
    assert not session.scalars(sa.select(SignIn)).all()


def test_an_administrator_signs_others_out_and_nobody_else_does(session, city):
    jon = city.people["Jon"]
    session.add(door(jon))
    session.flush()
    with pytest.raises(Forbidden):
        signing_in.sign_out_everywhere(session, jon, by=city.actor("Bo"), now=NOON)
    by = city.actor("Egil")
    assert signing_in.sign_out_everywhere(session, jon, by=by, now=NOON) == 1


def test_choosing_a_language_is_written_down_once(session, city):
    by: Actor = city.actor("Jon")
    profile.speak(session, by.id, "en", by=by, now=NOON)
    profile.speak(session, by.id, "en", by=by, now=NOON)
    told = session.scalars(sa.select(Event)).one()
    assert parse(told.what) == {"language": ["sv", "en"]}
    with pytest.raises(Invalid):
        profile.speak(session, by.id, "fi", by=by, now=NOON)
    with pytest.raises(Forbidden):
        profile.speak(session, city.people["Bo"].id, "en", by=by, now=NOON)


def test_one_says_who_one_is_but_not_what_the_directory_keeps(session, city):
    jon, by = city.people["Jon"], city.actor("Jon")

    def said(name="Jon", title="", phone="", *, seen=None, by=by):
        told = profile.Profile(name, title, phone)
        seen = jon.revision if seen is None else seen
        profile.describe(session, jon, told, seen=seen, by=by, now=NOON)

    said(" Jon Ek ", " Chef  i beredskap ", "+46 70 123 45 67")
    assert (jon.name, jon.title, jon.phone) == ("Jon Ek", "Chef i beredskap", "+46 70 123 45 67")
    said("Jon Ek", "Chef i beredskap", "+46 70 123 45 67")
    told = session.scalars(sa.select(Event)).one()
    assert parse(told.what)["changed"]["phone"] == {"old": "", "new": "+46 70 123 45 67"}
    for wrong in ({"name": " "}, {"title": "x" * 201}, {"phone": "ring mig"}, {"phone": "1" * 60}):
        with pytest.raises(Invalid):
            said(**wrong)
    with pytest.raises(Conflict):
        said(seen=99)
    with pytest.raises(Forbidden):
        said("Jon", by=city.actor("Egil"))
    jon.external_id = "katalogen-17"
    session.flush()
    said("Kalle", phone="08-508 00 000")
    assert (jon.name, jon.phone) == ("Jon Ek", "08-508 00 000")
