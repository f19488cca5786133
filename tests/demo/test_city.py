"""The demo city: somebody in every role, the same city by the same seed, grown in small steps."""

import hashlib
import re
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
import sqlalchemy as sa

from tests.conftest import make_tables
from tests.processes.walking import PACKAGES
from workflows import demo
from workflows.canonical import canonical_text
from workflows.cases.models import Case, CaseState
from workflows.database import Database
from workflows.demo import bodies, building, cast, settling, story
from workflows.demo.building import FIRST, LATER
from workflows.demo.story import TOLD
from workflows.history.models import Event
from workflows.operations import publishing
from workflows.organisation import passwords
from workflows.organisation.accounts import Account
from workflows.organisation.actor import Actor, Held
from workflows.organisation.growth import growth
from workflows.organisation.models import Person, UnitKind
from workflows.organisation.roles import ROLES
from workflows.processes.checking import check
from workflows.queries import role_check
from workflows.search import rows as search
from workflows.upkeep.verifying import verify
from workflows.work import deliver

UNTIL = datetime(2027, 3, 19, 15, tzinfo=UTC)
CENTRAL = {"central_security", "city_director", "protective_security_chief"}  # the city's alone
INSTALL = Actor.system("install")


def plant(database, seed=1, size=demo.Size.FEW):
    begins = demo.begins(UNTIL, size)
    with database.writing() as session, session.begin():
        for package in PACKAGES.values():
            publishing.take_shipped(session, package, by=INSTALL, now=begins)
    demo.plant(database, until=UNTIL, seed=seed, size=size)


def told(database):
    """All that has happened, in one word: without what is drawn by lot, salts and identities."""
    columns = (Event.chain, Event.n, Event.at, Event.kind, Event.actor_id, Event.step, Event.what)
    with database.reading() as session:
        rows = [[str(one) for one in row] for row in session.execute(sa.select(*columns))]
    assert len(rows) > 200
    text = re.sub(r'\\"identity\\":\\"\w+\\"', "", canonical_text(sorted(rows)))
    return hashlib.sha256(text.encode()).hexdigest()


def break_off(database):
    """Grow a planted city to the middle of its time, one piece of work at a time."""
    seen = []

    def until_the_middle(percent):
        seen.append(percent)
        return percent < 50

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "STEP", 0)
        demo.grow(database, tell=until_the_middle)
    assert seen == sorted(seen)
    with database.reading() as session:
        half = growth(session)
        assert (half.is_done, 50 <= half.percent < 100) == (False, True)


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A small city on SQLite that was broken off and went on."""
    place = tmp_path_factory.mktemp("grown") / "city.sqlite3"
    database = Database(f"sqlite:///{place}")
    make_tables(database)
    plant(database)
    database.close()  # so that all of it is in the file
    shutil.copy(place, f"{place}.whole")
    database = Database(f"sqlite:///{place}")
    break_off(database)
    assert demo.grow(database).stuck == {}
    yield database
    database.close()


def test_the_same_seed_gives_the_same_city_though_one_was_broken_off(database, grown):
    if database.is_sqlite:  # planted already
        database = Database(f"sqlite:///{grown.engine.url.database}.whole")
    else:
        plant(database)
    assert demo.grow(database).stuck == {}
    assert told(database) == told(grown)
    database.close()


def test_nothing_stands_still_in_the_city_and_nobody_there_is_real(grown):
    assert verify(grown).faults == ()
    with grown.reading() as session:
        assert growth(session).percent == 100
        people = session.scalars(sa.select(Person)).all()
        assert all(one.is_demo and one.name.endswith("(demo)") for one in people)
        hashes = session.scalars(sa.select(Account.password_hash)).all()
        assert len(hashes) == len(people)
        assert {passwords.matches(one, cast.PASSWORD) for one in set(hashes)} == {True}
        stopped = sa.select(Case.key).where(Case.state == CaseState.STOPPED)
        assert session.scalars(stopped).all() == []
        admin = Actor(id=1, name="", held=frozenset({Held("administrator", 1)}))
        assert role_check.check(session, by=admin, today=UNTIL.date()) == []
        assert list(search.strays(session)) == []  # the search knows all that happened


@cache
def steps_of(key):
    return check(PACKAGES[key]).compiled.description.steps


def everybody():
    people = [*cast.PEOPLE, *cast.colleagues(bodies.FIRST + bodies.LATER, seed=1)]
    assert len({one.name for one in people}) == len({one.email for one in people}) == len(people)
    return people


def test_every_body_has_somebody_in_every_role_that_a_lane_names():
    named = {
        (role, step.of)
        for key in PACKAGES
        for step in steps_of(key).values()
        for role in step.roles
    }
    held = {place for person in everybody() for place in person.roles}
    held |= {(role, body.code) for role in cast.FOR_ALL for body in bodies.FIRST + bodies.LATER}
    standing = [one.code for one in bodies.FIRST + bodies.LATER if one.ended is None]
    lacking = {
        (role, code)
        for role, of in named
        for code in (standing if of == "unit" and role not in CENTRAL else [bodies.CITY])
        if (role, code) not in held
    }
    assert lacking == set()
    assert {role for role, _ in held} <= ROLES.keys()


def test_the_city_is_the_one_everybody_knows():
    all_of = bodies.FIRST + bodies.LATER
    kinds = [one.kind for one in all_of if one.ended is None]
    assert kinds.count(UnitKind.DISTRICT_BOARD) == 11
    assert len(kinds) == 45
    assert len([one for one in bodies.FIRST if one.is_large]) == 8
    codes = {one.code for one in all_of}
    assert all(one.successor in codes for one in all_of if one.ended is not None)
    assert FIRST[demo.Size.FEW] == bodies.FEW
    assert LATER[demo.Size.FEW] == ()


def test_the_story_speaks_of_steps_and_answers_that_there_are():
    for one in TOLD:
        form = PACKAGES[one.process].forms[steps_of(one.process)[one.element].form].decode()
        assert [name for name in one.answers if f'"{name}"' not in form] == [], one


def test_what_the_story_tells_may_be_done_by_those_it_tells_of(tmp_path):
    """Without the years around it: those take minutes."""
    database = Database(f"sqlite:///{tmp_path / 'city.sqlite3'}")
    make_tables(database)
    plant(database, size=demo.Size.CITY)
    begins = demo.begins(UNTIL, demo.Size.CITY)
    asking = {"SODERM", "BROMMA", "UTBN", "TRAFN", "FARSTA"}
    some = [one for one in bodies.FIRST + bodies.LATER if one.is_large or one.code in asking]
    here = {bodies.CITY, *(one.code for one in some)}
    come = [one for one in cast.colleagues(bodies.FIRST + bodies.LATER, 1) if one.unit in here]
    with database.writing() as session, session.begin():
        settling.settle(session, some, come, range(2026, 2028), 1, now=begins)
        for unit in sorted(asking):
            story.start("rsa_annual", unit, "security_coordinator", "", session, begins)
    deeds = sorted(story.scripted(2027), key=lambda one: one[0])
    for hours, (_, do) in enumerate(deeds, start=1):  # soon: nobody has done anything yet
        now = begins + timedelta(hours=hours)
        with database.writing() as session, session.begin():
            do(session, now)
        deliver(database, now=now)
    with database.reading() as session:
        kinds = Counter(session.scalars(sa.select(Event.kind)))
        started = Counter(case.process.key for case in session.scalars(sa.select(Case)))
    told = {"time_given": 3, "promise_given": 2, "absence_set": 1}
    assert {kind: kinds[kind] for kind in told} == told
    assert started == {"rsa_annual": 5, "sua": 1, "psa": 3, "event_evaluation": 2}
    database.close()
