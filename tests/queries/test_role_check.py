import pytest

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.engine import Description, StepInfo
from workflows.errors import Forbidden
from workflows.language import on
from workflows.operations import people, publishing
from workflows.organisation.models import UnitKind
from workflows.organisation.rows import Grant
from workflows.queries import role_check
from workflows.queries.role_check import Body, Proposal

CITY, BOARD = 1, 2
BODIES = {
    CITY: Body(CITY, UnitKind.CITY, None),
    BOARD: Body(BOARD, UnitKind.BOARD, CITY),
}
ANN, BEN, CIA = 11, 12, 13


def _step(element, *roles, not_by=(), of="unit", **more):
    return StepInfo(element, {"sv": element}, roles=roles, not_by=not_by, of=of, **more)


def _process(*steps, per=("board",)):
    names = {"sv": "P"}
    return Description("p", names, "p", per=per, steps={step.element: step for step in steps})


def _gaps(process, holders, body=BOARD):
    sets = {place: frozenset(found) for place, found in holders.items()}
    return list(role_check.gaps_of(BODIES[body], [process], BODIES, sets))


def _named(process, holders, body=BOARD):
    return [(gap.code, gap.step.element) for gap in _gaps(process, holders, body)]


def test_a_step_whose_roles_nobody_holds_is_named():
    process = _process(_step("write", "dpo"), _step("read", "legal", "director"))
    assert _named(process, {("director", BOARD): {ANN}}) == [("nobody", "write")]


def test_roles_are_sought_in_exactly_the_unit_that_the_step_names():
    process = _process(
        _step("a", "dpo"), _step("b", "dpo", of="parent"), _step("c", "dpo", of="city")
    )
    assert _named(process, {("dpo", CITY): {ANN}}) == [("nobody", "a")]
    assert _named(process, {("dpo", BOARD): {ANN}}) == [("nobody", "b"), ("nobody", "c")]


def test_what_only_the_case_can_say_is_not_guessed_at():
    process = _process(
        _step("a", "dpo", of="case.field"), _step("b", "dpo", assignee="case.handler")
    )
    assert _named(process, {}) == []


def test_a_process_is_checked_only_where_it_runs():
    process = _process(_step("write", "dpo"), per=("company",))
    assert _named(process, {}) == []
    assert _named(_process(_step("write", "dpo"), per=()), {}) == [("nobody", "write")]
    assert _named(_process(_step("write", "dpo"), per=()), {}, CITY) == []


def test_one_person_alone_cannot_do_both_steps_of_four_eyes():
    process = _process(_step("write", "dpo"), _step("approve", "director", not_by=("write",)))
    alone = {("dpo", BOARD): {ANN}, ("director", BOARD): {ANN}}
    assert _named(process, alone) == [("second", "approve")]
    assert _named(process, {**alone, ("director", BOARD): {ANN, BEN}}) == []
    assert _named(process, {**alone, ("dpo", BOARD): {ANN, BEN}}) == []


def test_two_people_cannot_do_three_steps_that_all_bar_each_other():
    process = _process(
        _step("write", "dpo"),
        _step("review", "dpo", not_by=("write",)),
        _step("approve", "dpo", not_by=("write", "review")),
    )
    assert _named(process, {("dpo", BOARD): {ANN, BEN}}) == [("second", "approve")]
    assert _named(process, {("dpo", BOARD): {ANN, BEN, CIA}}) == []
    # With one person the second step is already impossible; the third rests on it.
    assert _named(process, {("dpo", BOARD): {ANN}}) == [("second", "review")]


def test_somebody_above_who_holds_the_role_is_proposed():
    process = _process(_step("write", "dpo"), _step("approve", "director", not_by=("write",)))
    holders = {
        ("dpo", CITY): {CIA},
        ("director", BOARD): {ANN},
    }
    (gap,) = _gaps(process, holders)
    assert gap.proposal == Proposal("dpo", CITY, CIA)
    both = {("dpo", BOARD): {ANN}, ("director", BOARD): {ANN}, ("director", CITY): {ANN, BEN}}
    (gap,) = _gaps(process, both)
    assert (gap.code, gap.proposal) == ("second", Proposal("director", CITY, BEN))


@pytest.fixture
def letter(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    session.commit()


def test_bromma_lacks_a_second_person_until_it_gets_a_director(session, city, letter):
    egil = city.actor("Egil")
    found = role_check.check(session, by=egil, today=on(NOON))
    assert {unit.code: [(gap.code, gap.step.element) for gap in gaps] for unit, gaps in found} == {
        "BROMMA": [("second", "approve")]
    }
    shared = Grant(
        "director",
        city.units["BROMMA"].id,
        same_as_role="director",
        same_as_unit_id=city.units["FARSTA"].id,
    )
    people.give_role(session, shared, by=egil, now=NOON)
    assert role_check.check(session, by=egil, today=on(NOON)) == []


def test_who_has_left_fills_no_role(session, city, letter):
    egil = city.actor("Egil")
    people.close_person(session, city.people["Cleo"], by=egil, now=NOON)
    gaps = role_check.check_unit(session, city.units["BROMMA"], by=egil, today=on(NOON))
    assert [gap.code for gap in gaps] == ["nobody", "nobody"]


def test_only_who_looks_after_the_organisation_sees_what_every_unit_lacks(session, city, letter):
    with pytest.raises(Forbidden):
        role_check.check(session, by=city.actor("Alva"), today=on(NOON))
