"""What one shipped process leaves for another: findings, actions, and what the city hears."""

from datetime import date

import pytest

from tests.processes import test_action_followup as followup
from tests.processes import test_exercise as exercise
from tests.processes import test_rsa_annual as rsa
from workflows.errors import Invalid
from workflows.registers import rows


def exercised(walk):
    at = exercise.ready(exercise.begun(walk("exercise"))).do("p2b_go", exercise.YES)
    at.do("p2b_do", exercise.HELD, on=date(2027, 4, 14)).do("p2b_hot", exercise.FEEDBACK)
    return at.do("p2b_rep", exercise.REPORT).do("p2b_act", exercise.ACTIONS)


def test_what_an_exercise_taught_stands_where_the_year_is_planned_until_somebody_disposes_of_it(
    walk,
):
    learnt = exercised(walk)
    assert walk(rsa.KEY).begin(occasion="förut").case.data["findings"] == []
    learnt.do("p2b_close", exercise.YES)
    planning = walk(rsa.KEY).begin()
    [finding] = planning.case.data["findings"]
    assert (finding["lesson"], finding["source"]) == ("Larma tidigare", "exercise")
    row = {"lesson": "Larma tidigare", "disposition": "carried"}
    with pytest.raises(Invalid):  # carried with a reason, or not at all
        planning.do("p1_scope", rsa.SCOPE | {"findings": [row]})
    planning.do("p1_scope", rsa.SCOPE | {"findings": [row | {"reason": "Ny krisledning."}]})
    autumn = walk("exercise_plan").begin()
    assert [each["lesson"] for each in autumn.case.data["findings"]] == ["Larma tidigare"]


def test_an_action_from_an_exercise_is_followed_up_and_leaves_when_it_is_done(walk):
    exercised(walk).do("p2b_close", exercise.YES)
    at = walk(followup.KEY).begin(occasion="T2")
    [action] = at.case.data["actions"]
    assert (action["title"], action["source"]) == ("Ny larmlista", "exercise")
    row = {name: action[name] for name in ("title", "source", "responsible", "due")}
    at.do("p10_list", {"as_of": "2027-08-31", "actions": [row]})
    at.do("p10_upd", {"actions": [{"title": "Ny larmlista", "status": "done"}]})
    known = rows.known_to(at.session, at.case, "action")
    assert [(row["title"], row["status"]) for row in known] == [("Ny larmlista", "done")]
    assert [row for row in known if row["is_open"]] == []
