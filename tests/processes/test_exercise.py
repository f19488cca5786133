"""The plan of next year’s exercises and each exercise, every way through by the real verbs."""

from datetime import date

import pytest

from tests.processes.walking import PACKAGES, Walk, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid

PLAN, ONE = "exercise_plan", "exercise"
NEED = {"target_groups": ["crisis"],
        "gaps": [{"gap": "Larmet når inte alla", "source": "event", "priority": 1}]}  # fmt: skip
ROW = {"purpose": "Pröva", "small": False, "crisis_team": True, "responsible": "Samordnaren"}
ITEMS = {
    "items": [
        {"title": "Larm", "kind": "exercise", "format": "alarm", "day": "2028-03-15", **ROW},
        {"title": "Kurs", "kind": "training", "day": "2028-02-01", **ROW},
    ]
}
WHY = {"why:alarm_yearly": "Larmet ingår i samverkansövningen."}
YES, NO = {"approval": "approved"}, {"approval": "returned", "approval_comment": "Gör om."}
CHECK = {"items": [{"title": "Larm", "status": "done"}, {"title": "Kurs", "status": "planned"}]}
ORDER = {
    "title": "Elbortfall", "format": "tabletop", "small": False, "exercise_on": "2027-04-14",
    "purpose": "Pröva planen", "lead_function": "Samordnare", "evaluation_function": "Controller",
    "participants": ["crisis"],
}  # fmt: skip
GOALS = {"goals": [{"goal": "Samling inom en timme", "indicator": "Tiden"}]}
PLANNING = {"meetings": [{"title": "Startmöte"}]}
SCENARIO = {"scenario": "Elen går.", "safety_rules": "Inga.", "stop_word": "Skarpt läge"}
WATCHING = {
    "goals": [{"goal": "Samling inom en timme", "criterion": "60 minuter", "data_source": "Logg"}]
}
HELD = {"outcome": "held", "started_at": "2027-04-14 09:00", "ended_at": "2027-04-14 12:00",
        "attendance": [{"function": "Krisledning", "people": 9}]}  # fmt: skip
FEEDBACK = {"strengths": [{"strength": "Lugnt"}], "weaknesses": [{"weakness": "Sent"}]}
ALARM = {"called": 10, "answered": 6, "minutes_to_first": "2"}
MET = {"goal": "Samling inom en timme", "met": "partly", "evidence": "80 minuter"}
LESSONS = {"lessons": [{"lesson": "Larma tidigare", "public": True}]}
REPORT = {"goals": [MET], **LESSONS, "communication_lesson": "Tydlig."}
ACTIONS = {
    "actions": [
        {"title": "Ny larmlista", "responsible": "Samordnaren", "start": "2027-06-01",
         "due": "2027-09-01"}
    ]
}  # fmt: skip


def planned(at):
    at.begin().do("p2a_need", NEED, on=date(2027, 9, 23)).do("p2a_prop", ITEMS)
    return at.do("p2a_fc", YES, on=date(2027, 11, 30))


def test_the_plan_is_made_in_autumn_and_followed_through_the_year_after(walk):
    walked = walk(PLAN)
    walked.also(ONE)
    at = planned(walked)  # nothing in it is shared: the city is not asked
    [exercise] = at.started()
    assert exercise.year == 2028
    assert {"title", "format", "exercise_on", "lead_time"} <= set(exercise.data)
    assert exercise.data["lead_time"] == 20
    for before, check in (("t1", "p2a_t1"), ("t2", "p2a_t2"), ("vb", "p2a_vb")):
        at.let_pass(f"p2a_before_{before}").do(check, CHECK)
    assert at.case.state is CaseState.FINISHED
    assert at.due == {
        "p2a_need": date(2027, 3, 4), "p2a_prop": date(2027, 11, 3), "p2a_fc": date(2027, 12, 1),
        "p2a_before_t1": date(2028, 5, 3), "p2a_t1": date(2028, 5, 10),
        "p2a_before_t2": date(2028, 9, 4), "p2a_t2": date(2028, 9, 11),
        "p2a_before_vb": date(2029, 1, 3), "p2a_vb": date(2029, 1, 17),
    }  # fmt: skip


def test_a_plan_is_sent_back_by_the_director_or_for_the_city(walk):
    walked = walk(PLAN)
    walked.also(ONE)
    shared = {"items": [{**each, "format": "cooperation"} if each.get("format") else each
                        for each in ITEMS["items"]]}  # fmt: skip
    at = walked.begin().do("p2a_need", NEED, on=date(2027, 9, 23)).do("p2a_prop", ITEMS)
    at.do("p2a_fc", NO).do("p2a_prop", shared | WHY).do("p2a_fc", YES)
    assert at.due["p2a_slk"] == date(2027, 12, 15)
    at.do("p2a_slk", {"city_answer": "conflict", "city_comment": "Stadens övning saknas."})
    assert set(at.open) == {"p2a_prop"}
    assert at.case.data["city_comment"] == "Stadens övning saknas."
    at.do("p2a_prop", shared | WHY).do("p2a_fc", YES).do("p2a_slk", {"city_answer": "accepted"})
    assert set(at.open) == set()


def test_a_crisis_team_that_is_not_exercised_is_explained(walk):
    at = walk(PLAN).begin().do("p2a_need", NEED, on=date(2027, 9, 23))
    with pytest.raises(Invalid):
        at.do("p2a_prop", {"items": [ITEMS["items"][1]]})


def begun(at: Walk, **changed) -> Walk:
    return at.begin().do("p2b_order", {**ORDER, **changed}, on=date(2027, 2, 15))


def ready(at):
    at.do("p2b_goal", GOALS).do("p2b_plan", PLANNING).do("p2b_scen", SCENARIO)
    return at.do("p2b_eval", WATCHING)


def test_an_exercise_is_prepared_carried_out_and_learnt_from(walk):
    at = ready(begun(walk(ONE))).do("p2b_go", YES)
    at.do("p2b_do", HELD, on=date(2027, 4, 14)).do("p2b_hot", FEEDBACK).do("p2b_rep", REPORT)
    at.do("p2b_act", ACTIONS).do("p2b_close", NO).do("p2b_act", ACTIONS).do("p2b_close", YES)
    assert at.case.state is CaseState.FINISHED
    assert at.due == {
        "p2b_order": date(2027, 2, 18), "p2b_goal": date(2027, 2, 25), "p2b_plan": date(2027, 3, 9),
        "p2b_scen": date(2027, 3, 25), "p2b_eval": date(2027, 3, 25), "p2b_go": date(2027, 4, 7),
        "p2b_do": date(2027, 4, 14), "p2b_hot": date(2027, 4, 14), "p2b_rep": date(2027, 5, 27),
        "p2b_act": date(2027, 6, 10), "p2b_close": date(2027, 6, 17),
    }  # fmt: skip


def test_planning_begins_when_the_format_needs_it(walk):
    planned = {"title": "Elbortfall", "format": "tabletop", "small": False, "purpose": "Pröva",
               "exercise_on": "2027-04-14", "lead_time": 40}  # fmt: skip
    at = walk(ONE).begin(**planned)
    assert set(at.open) == set()
    at.let_pass("p2b_wait")
    assert at.due["p2b_wait"] == date(2027, 2, 15)
    assert set(at.open) == {"p2b_order"}


def test_an_alarm_that_few_answer_demands_an_action(walk):
    at = ready(begun(walk(ONE), format="alarm")).do("p2b_go", YES)
    at.do("p2b_do", HELD, on=date(2027, 4, 14)).do("p2b_hot", FEEDBACK).do("p2b_alarm", ALARM)
    at.do("p2b_rep", REPORT)
    with pytest.raises(Invalid):
        at.do("p2b_act", {"no_action": "Det räcker så."})
    at.do("p2b_act", ACTIONS)
    assert at.due["p2b_alarm"] == date(2027, 4, 16)


def test_a_small_exercise_has_one_page_before_and_one_after(walk):
    at = begun(walk(ONE), small=True)
    at.do("p2b_page", {**GOALS, **SCENARIO}).do("p2b_go", YES)
    at.do("p2b_do", HELD, on=date(2027, 4, 14)).do("p2b_after", {"goals": [MET], **LESSONS})
    assert set(at.open) == {"p2b_act"}


def test_a_moved_exercise_keeps_what_was_prepared_and_gets_new_days(walk):
    at = ready(begun(walk(ONE))).do("p2b_go", YES)
    at.do("p2b_do", {"outcome": "moved", "moved_to": "2027-10-13"}, on=date(2027, 4, 14))
    assert at.case.data["exercise_on"] == "2027-10-13"
    assert at.open["p2b_go"].due_at.date() == date(2027, 10, 6)
    assert at.case.data["scenario"] == "Elen går."
    assert at.do("p2b_go", NO).case.state is CaseState.FINISHED


def test_a_real_event_may_count_as_the_exercise_of_the_year(walk):
    at = ready(begun(walk(ONE))).do("p2b_go", YES)
    at.do("p2b_do", {"outcome": "replaced", "replaced_by": "HANDELSE-FARSTA-2027-1"},
          on=date(2027, 4, 14))  # fmt: skip
    at.do("p2b_counts", {"counts_as_exercise": True, "counts_reason": "Allt prövades."})
    assert at.case.state is CaseState.FINISHED


def test_every_flow_is_taken(taken):
    drawn = {*flows_of(PACKAGES[PLAN]), *flows_of(PACKAGES[ONE])}
    assert drawn - taken == set()
