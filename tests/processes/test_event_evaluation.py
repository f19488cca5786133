"""An event from the night it happens to the year after, every way through it by the real verbs."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests.processes.deciding import BACK, DECIDED, TABLED
from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid
from workflows.processes.models import Secrecy
from workflows.registers import definition
from workflows.registers.deciding import take_in
from workflows.registers.models import Source
from workflows.registers.rows import Origin
from workflows.tasks.models import Task

KEY = "event_evaluation"
EVENT = {"what": "Utpressningsvirus", "known_at": "2027-03-26 16:30", "severity": "serious"}
NOTHING = {
    "level": "disturbance", "local_crisis": False, "ckl": False, "people_hurt": "none",
    "security_protection": "no", "disclosed": "no", "it_incident": "no", "users_affected": "no",
    "personal_data": "none", "work_injury": "no", "threat": "no", "rescue": False,
    "insured": "no", "affects_others": False, "attest": "true",
}  # fmt: skip
VIRUS = {**NOTHING, "it_incident": "yes", "it_part": "ordinary", "level": "serious"}
LOG = {"log": [{"at": "2027-03-26 16:30", "note": "Servrarna stängdes"}]}
MESSAGES = {"messages": [{"to": "Medarbetare", "message": "Använd papper."}]}
OVER = {
    "ended_at": "2027-03-31 12:00", "level": "serious", "local_crisis": True, "ckl": False,
    "people_hurt": "none", "outage_too_long": "yes", "repeated": 1,
}  # fmt: skip
SMALL = {**OVER, "level": "disturbance", "local_crisis": False, "outage_too_long": "no"}
SHORT = {"what_worked": "Larmet", "what_failed": "Reserven", "communication_lesson": "Bra."}
PLAN = {
    "why_evaluate": "Lära", "questions": "Varför?", "parties": "It", "evaluator": "Controller",
    "evaluation_method": ["interviews"], "evaluator_led": False,
    "criteria": [{"text": "Larm inom en timme", "source": "plan"}],
}  # fmt: skip
FACTS = {"sources": [{"source": "Loggen"}]}
ANALYSIS = {
    "criteria": [
        {"text": "Larm inom en timme", "met": "no", "evidence": "Två timmar", "cause": "Listan"}
    ]
}
REPORT = {
    "summary": "Larmet kom sent.", "lessons": [{"lesson": "Listan", "public": True}],
    "proposals": "Ny lista.", "communication_lesson": "Tydligt.",
}  # fmt: skip
ACTION = {"title": "Ny larmlista", "responsible": "Samordnaren", "start": "2027-05-01",
          "due": "2027-09-01"}  # fmt: skip
ACTIONS = {"actions": [ACTION]}
BOARD = DECIDED | {"meeting_date": "2027-09-24", "paragraph": "§ 9"}
LESSONS = {
    "shared_on": "2027-04-29", "shared_with": ["network"], "analysis_changes": False,
    "crisis_plan_changes": True,
}  # fmt: skip


def begun(at, triage, **more):
    at.begin(**more)
    return at.do("p4_event", EVENT, on=date(2027, 3, 27)).do("p4_tri", triage)


def depends(at, unit, *, year=2026, **row):
    """Let it stand that a unit depends on something."""
    origin = Origin(at.city.units[unit].id, year, Secrecy.INTERNAL, Source.IMPORT)
    needed = {"commitment": "Hemtjänst", "what": "Journal", **row}
    take_in(at.session, definition("dependency"), origin, [needed], now=at.now)


def handled(at, over=SMALL):
    at.do("p4_log", LOG).do("p4_comm", MESSAGES)
    if "p4_sam" in at.open:
        at.do("p4_sam", {"sam_done": ["told", "support"]})
    return at.do("p4_end_ev", over, on=date(2027, 4, 1))


def reports(at):
    """The open reports by duty; each is a task of its own."""
    wanted = sa.select(Task).where(Task.element == "p4_rpt", Task.closed_at.is_(None))
    return {task.item["duty"]: task for task in at.session.scalars(wanted)}


def send(at, duty, raw):
    return at.do_task(reports(at)[duty], raw)


SENT = {"sent": True, "sent_at": "2027-03-27 10:00", "receipt": "A1", "stage": "full"}
UNSENT = {"sent": False, "not_reported_reason": "Gäller inte oss."}


def test_a_disturbance_is_noted_and_that_is_enough(walk):
    at = handled(begun(walk(KEY), NOTHING))
    assert at.case.state is CaseState.FINISHED
    assert [each["duty"] for each in at.case.data["duties"]] == ["R1"]
    assert at.case.data["board_evaluation"] == "log"


def test_the_clocks_of_the_law_run_from_when_it_was_known_also_over_a_change_of_hour(walk):
    at = begun(walk(KEY), VIRUS)
    due = {duty: task.due_at for duty, task in reports(at).items()}
    assert due == {
        "R4": datetime(2027, 3, 27, 15, 30, tzinfo=UTC),
        "R5": datetime(2027, 3, 29, 15, 30, tzinfo=UTC),
    }
    assert at.open["p4_log"].due_at is not None
    send(at, "R4", SENT)
    with pytest.raises(Invalid):
        send(at, "R5", {"sent": True})
    send(at, "R5", {**SENT, "sent_at": "2027-03-27 11:00"})
    assert at.open["p4_final"].due_at.date() == date(2027, 4, 27)
    final = {"final_sent_at": "2027-03-27 12:00", "ongoing": True}
    at.do("p4_final", final)
    assert at.open["p4_final"].due_at.date() == date(2027, 4, 27)
    at.do("p4_final", {**final, "ongoing": False})
    assert "p4_final" not in at.open
    assert at.case.state is CaseState.RUNNING, "reporting does not end what is handled"


def test_what_is_not_sent_is_examined_by_a_lawyer(walk):
    at = begun(walk(KEY), {**NOTHING, "insured": "yes", "threat": "yes"})
    assert set(reports(at)) == {"R12", "R15"}
    send(at, "R12", SENT)
    send(at, "R15", UNSENT)
    at.do("p4_unreported", {"unreported_verdict": "holds", "unreported_note": "Stämmer."})
    handled(at, {**SMALL, "people_hurt": "light"})
    assert set(at.open) == {"p4_short"}


def test_a_short_evaluation_is_settled_by_the_director_and_followed_for_a_year(walk):
    at = handled(begun(walk(KEY), NOTHING), {**SMALL, "repeated": 3})
    assert at.due["p4_short"] == date(2027, 4, 28)
    at.do("p4_short", SHORT, on=date(2027, 4, 29)).do("p4_plan2", ACTIONS)
    at.do("p4_approve", {"approval": "returned", "approval_comment": "Fler."})
    assert set(at.open) == {"p4_plan2"}
    at.do("p4_plan2", ACTIONS).do("p4_approve", {"approval": "approved"}).do("p4_lessons", LESSONS)
    at.let_pass("p4_half_year")
    checked = {"title": "Ny larmlista", "effect": "partly"}
    at.do("p4_effect", {"actions": [checked]})
    assert set(at.open) == set()
    at.let_pass("p4_half_year").do("p4_effect", {"actions": [checked]})
    assert at.case.state is CaseState.FINISHED
    assert at.due["p4_half_year"] == date(2027, 10, 29)


def evaluated(at):
    at.do("p4_plan", PLAN).do("p4_coll", FACTS).do("p4_an", ANALYSIS)
    at.do("p4_draft", {"facts_right": True}).do("p4_rep2", REPORT, on=date(2027, 8, 16))
    return at.do("p4_plan2", ACTIONS)


def test_a_serious_event_is_evaluated_in_full_and_taken_to_the_board(walk):
    at = evaluated(handled(begun(walk(KEY), {**NOTHING, "level": "serious"}), OVER))
    at.do("p4_approve", {"approval": "approved"})
    at.do("p4_board", BOARD | TABLED, on=date(2027, 9, 25))
    assert at.open["p4_board"].due_at.date() == date(2027, 10, 21)
    at.do("p4_board", BOARD | BACK)
    assert set(at.open) == {"p4_plan2"}
    assert at.case.data["next_board"] == "2027-11-18"
    answers = [{"point": "Vad kostar det?", "answer": "En miljon."}]
    again = {**ACTIONS, "next_board": "2027-11-18", "board_points": answers}
    at.do("p4_plan2", again).do("p4_approve", {"approval": "approved"}).do("p4_board", BOARD)
    assert set(at.open) == {"p4_lessons"}
    assert [at.due[step] for step in ("p4_plan", "p4_coll", "p4_an", "p4_draft", "p4_rep2")] == [
        date(2027, 4, 21), date(2027, 6, 3), date(2027, 6, 24), date(2027, 4, 15),
        date(2027, 8, 24),
    ]  # fmt: skip
    assert at.due["p4_board"] == date(2027, 9, 24)


def test_when_the_city_led_it_the_city_evaluates_too_and_the_council_is_told(walk):
    walked = walk(KEY)
    over = {**OVER, "level": "extraordinary", "ckl": True}
    at = handled(begun(walked, {**NOTHING, "level": "extraordinary", "ckl": True}), over)
    for duty in reports(at):
        send(at, duty, SENT)
    at = evaluated(at)
    at.do("p4_approve", {"approval": "approved"}).do("p4_board", BOARD, on=date(2027, 9, 25))
    at.do("p4_kln", {"council_on": "2027-09-27", "crisis_decisions": [{"decision": "Stängt."}]})
    assert set(at.open) == {"p4_lessons"}
    [city] = at.started()
    assert city.unit.code == "STAD"
    assert city.data["evaluates"] == at.case.key
    assert city.data["what"] == "Utpressningsvirus"
    at.case = city
    assert set(at.open) == {"p4_plan"}


def test_an_event_that_hits_several_starts_a_case_with_each_and_the_city_reports_once(walk):
    hit = {**VIRUS, "affects_others": True, "affected": [{"unit": "BROMMA"}, {"unit": "FARSTA"}]}
    at = begun(walk(KEY), hit)
    assert {duty: task.name_sv for duty, task in reports(at).items()} == {
        "R4": "Lämna rapport: CSIRT, tidig upplysning (NIS2, 24 h)",
        "R5": "Lämna rapport: CSIRT, incidentanmälan (NIS2, 72 h)",
    }
    [child] = at.started()
    assert (child.unit.code, child.data["mother"]) == ("BROMMA", at.case.key)
    assert at.started() == [child], "once, however often it is looked for"
    at.case = child
    at.do("p4_event", {**EVENT, "known_at": "2027-03-27 08:00"}).do("p4_tri", VIRUS)
    assert [each["duty"] for each in child.data["duties"] if each["task"]] == ["R4", "R5"]
    assert not [task for task in at.open.values() if task.element == "p4_rpt"]
    assert {"p4_log", "p4_comm"} <= set(at.open)


def test_who_depends_on_the_supplier_is_proposed_and_may_be_left_out_or_added_to(walk):
    walked = walk(KEY)
    depends(walked, "BROMMA", supplier="Molnet AB")
    depends(walked, "FARSTA", supplier="Molnet AB")
    depends(walked, "STAD", supplier="molnet ab ", secrecy="18:13")
    depends(walked, "STAD", supplier="Molnet ABC", what="Lager")
    at = walked.begin().do("p4_event", {**EVENT, "supplier": "MOLNET AB"}, on=date(2027, 3, 27))
    assert at.case.data["affected"] == [{"unit": "BROMMA"}]  # not oneself, nor what is secret
    at.do("p4_tri", {**VIRUS, "affects_others": True, "affected": [{"unit": "STAD"}]})
    [child] = at.started()
    assert child.unit.code == "STAD"
    at.turned_to(child).do("p4_event", {**EVENT, "supplier": "Molnet AB"})
    assert child.data["affected"] == [], "who was told does not tell others in turn"


def test_what_another_than_the_secretary_records_the_secretary_confirms(walk):
    at = handled(begun(walk(KEY), {**NOTHING, "level": "serious"}), OVER)
    at = evaluated(at).do("p4_approve", {"approval": "approved"})
    at.do("p4_board", BOARD, on=date(2027, 9, 25), name="Anton")
    assert set(at.open) == {"p4_lessons", "p4_confirm"}
    at.do("p4_confirm", {"confirmed": "no", "confirm_note": "Fel paragraf."}, name="Alva")
    assert set(at.open) == {"p4_lessons"}


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
