"""What people do wrong in the shipped processes: each has its clear answer, and nothing is lost."""

from datetime import date

import pytest

from tests.cast import SYSTEM
from tests.processes import test_event_evaluation as event
from tests.processes import test_rsa_annual as rsa
from tests.processes.walking import PACKAGES, tell
from webapp.demo_organisation import organisation
from workflows.cases.messages import Message
from workflows.cases.models import CaseState
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.operations import advance, cases, messages, tasks
from workflows.processes.checking import check
from workflows.processes.rows import find
from workflows.queries import cases as questions


def refusals(found):
    return {(each.name, each.code) for each in found.value.problems.errors}


def test_nobody_approves_the_analysis_they_wrote(walk):
    at = rsa.analysed(rsa.screened(rsa.mapped(walk(rsa.KEY).begin())))
    at.do("p1_actions", rsa.ACTIONS, on=date(2027, 8, 30))
    author = at.actor("Alva")
    task = questions.task(at.session, at.open["p1_rev"].id, by=author, to_change=True)
    with pytest.raises(Forbidden):
        tasks.complete(
            at.session, task, {"approval": "approved"}, command="mine", by=author, now=at.now
        )
    assert "p1_rev" in at.open


def test_two_hundred_risks_are_taken_and_a_text_too_long_is_not(walk):
    at = rsa.screened(rsa.mapped(walk(rsa.KEY).begin()))
    many = [rsa.POWER | {"title": f"Risk {number}"} for number in range(200)]
    with pytest.raises(Invalid) as found:
        at.do("p1_risk", {"risks": [many[0] | {"title": "x" * 201}, *many[1:]]})
    assert refusals(found) == {("risks-0-title", "too_long")}
    at.do("p1_risk", {"risks": many})
    assert len(at.case.data["risks"]) == 200
    at.do("p1_vuln", rsa.VULNERABILITIES).do("p1_dep", rsa.DEPENDENCIES, on=date(2027, 6, 23))
    with pytest.raises(Invalid) as found:
        at.do("p1_comm", rsa.COMMUNICATION | {"message": "x" * 8_001})
    assert ("message", "too_long") in refusals(found)


def test_a_unit_that_is_closed_cannot_be_chosen_and_is_said_to_be(walk):
    at = walk(event.KEY).begin().do("p4_event", event.EVENT, on=date(2027, 3, 27))
    at.city.units["BROMMA"].valid_to = date(2027, 3, 1)
    hit = {**event.VIRUS, "affects_others": True, "affected": [{"unit": "BROMMA"}]}
    with pytest.raises(Invalid) as found:
        at.do("p4_tri", hit)
    assert refusals(found) == {("affected-0-unit", "unit_closed")}
    assert "p4_tri" in at.open


def test_what_looks_like_a_formula_is_kept_as_it_was_written(walk):
    at = walk(rsa.KEY).begin().do("p1_scope", rsa.SCOPE | {"changes": "=cmd()"})
    assert at.case.data["changes"] == "=cmd()"


def test_there_is_one_analysis_a_year(walk):
    at = walk(rsa.KEY).begin()
    with pytest.raises(Conflict) as refused:
        cases.start(
            at.session, find(at.session, rsa.KEY), at.case.unit, 2027, by=SYSTEM, now=at.now
        )
    assert refused.value.code == "case_exists"


def test_the_city_s_instruction_to_a_cancelled_analysis_is_kept_and_expires_with_a_notice(walk):
    at = walk(rsa.KEY).begin()
    advance.end(at.session, at.case, now=at.now)
    assert at.case.state is CaseState.CANCELLED
    tell(at, "rsa_instruction_published", "FARSTA:2027", instruction_version="2027-1")
    (kept,) = at.session.query(Message).filter_by(name="rsa_instruction_published")
    assert (kept.closed_at, kept.due_at) == (None, None)
    messages.expire(at.session, kept.id, by=SYSTEM, now=at.now)
    assert kept.outcome == "expired"


def test_somebody_in_the_demo_holds_every_role_of_every_step():
    held = {role for role, _ in organisation(2027, (), seed=1).holders}
    for key, package in PACKAGES.items():
        compiled = check(package).compiled
        assert compiled is not None
        for step in compiled.description.steps.values():
            assert set(step.roles) & held, (key, step.element)
