"""The permission table, deed by deed, over the cast; and the twins that must agree with it."""

import pytest

from tests import packages
from tests.cast import NOON, PEOPLE, SYSTEM
from workflows.errors import Forbidden, NotFound
from workflows.operations import cases, publishing
from workflows.organisation.actor import Actor
from workflows.permissions import ALLOWED, Deed, may, require
from workflows.processes.models import Secrecy
from workflows.processes.rows import find
from workflows.queries import inbox

SEES = {
    "open": set(PEOPLE),
    "internal": {"Alva", "Anton", "Bo", "Disa", "Frida", "Hedda"},
    "sec": {"Hedda"},
}


@pytest.fixture(params=sorted(SEES))
def case(request, session, city):
    publishing.publish(session, packages.letter(request.param), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    return cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)


def test_who_sees_a_secret_case_alone_starts_one(session, city, case):
    starts = {name for name in PEOPLE if may(city.actor(name), Deed.START_CASE, case)}
    is_secret = case.secrecy is Secrecy.SECRET
    assert starts == ({"Hedda"} if is_secret else {"Alva", "Anton", "Disa"})


def test_who_sees_a_case_is_decided_by_its_secrecy_alone(session, city, case):
    sees = {name for name in PEOPLE if may(city.actor(name), Deed.SEE_CASE, case)}
    assert sees == SEES[case.secrecy]


def test_a_task_in_the_inbox_is_a_task_one_may_claim(session, city, case):
    for name in PEOPLE:
        by = city.actor(name)
        for task in inbox.for_my_roles(session, by).tasks:
            assert may(by, Deed.CLAIM, task), name


def test_the_system_alone_needs_no_role():
    assert may(Actor.system("tests"), Deed.PUBLISH, None)
    assert not may(Actor(id=1, name="Jon"), Deed.PUBLISH, None)


def test_every_deed_stands_in_the_table():
    assert set(ALLOWED) == set(Deed)
    assert all(rows and all(rows) for rows in ALLOWED.values())


def test_what_one_may_not_see_does_not_exist(session, city, case):
    if case.secrecy != "open":
        with pytest.raises(NotFound):
            require(city.actor("Jon"), Deed.SEE_CASE, case)
    with pytest.raises(Forbidden):
        require(city.actor("Jon"), Deed.PUBLISH, None)
