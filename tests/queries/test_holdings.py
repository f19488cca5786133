"""Which roles a person holds today."""

from datetime import date

import pytest

from workflows.organisation.actor import Held
from workflows.organisation.models import Holding
from workflows.queries.holdings import held_by

TODAY = date(2027, 3, 2)


def add(session, city, role, unit, *, person=None, same_as=None, from_on=None, to_on=None):
    same_role, same_unit = same_as or (None, None)
    session.add(
        Holding(
            role=role,
            unit_id=city.units[unit].id,
            person_id=person and city.people[person].id,
            same_as_role=same_role,
            same_as_unit_id=same_unit and city.units[same_unit].id,
            from_on=from_on,
            to_on=to_on,
        )
    )
    session.flush()


def held(session, city, person):
    code = {unit.id: unit.code for unit in city.units.values()}
    found = held_by(session, city.people[person].id, TODAY)
    return {(each.role, code[each.unit_id]) for each in found}


def test_a_person_holds_what_they_were_given(session, city):
    assert held(session, city, "Alva") == {("security_coordinator", "FARSTA")}
    assert held(session, city, "Jon") == set()


@pytest.mark.parametrize(
    ("from_on", "to_on", "is_held"),
    [
        (TODAY, TODAY, True),
        (None, date(2027, 3, 1), False),
        (date(2027, 3, 3), None, False),
        (date(2027, 1, 1), None, True),
    ],
)
def test_a_role_is_held_from_its_first_day_to_its_last(session, city, from_on, to_on, is_held):
    add(session, city, "legal", "BROMMA", person="Jon", from_on=from_on, to_on=to_on)
    assert (("legal", "BROMMA") in held(session, city, "Jon")) is is_held


def test_the_same_person_as_holds_the_role_too_also_through_several(session, city):
    add(session, city, "infosec_coordinator", "BROMMA", same_as=("security_coordinator", "FARSTA"))
    add(session, city, "dpo", "STAD", same_as=("infosec_coordinator", "BROMMA"))
    expected = {
        ("security_coordinator", "FARSTA"),
        ("infosec_coordinator", "BROMMA"),
        ("dpo", "STAD"),
    }
    assert held(session, city, "Alva") == expected
    assert held(session, city, "Anton") == expected  # both hold it, so both follow
    assert held(session, city, "Cleo") == {("security_coordinator", "BROMMA")}


def test_same_person_as_ends_with_its_own_period(session, city):
    add(
        session, city, "dpo", "STAD",
        same_as=("security_coordinator", "FARSTA"), to_on=date(2027, 3, 1),
    )  # fmt: skip
    assert held(session, city, "Alva") == {("security_coordinator", "FARSTA")}


def test_a_circle_of_same_person_as_wins_nothing_and_ends(session, city):
    add(session, city, "dpo", "STAD", same_as=("legal", "STAD"))
    add(session, city, "legal", "STAD", same_as=("dpo", "STAD"))
    assert held(session, city, "Jon") == set()
    add(session, city, "dpo", "STAD", person="Jon")
    assert held(session, city, "Jon") == {("dpo", "STAD"), ("legal", "STAD")}


def test_what_is_held_is_a_value(session, city):
    found = held_by(session, city.people["Egil"].id, TODAY)
    assert found == frozenset({Held("administrator", city.units["STAD"].id)})
