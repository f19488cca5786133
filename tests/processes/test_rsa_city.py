"""The city’s analysis: the year’s round, the report of the mandate, the follow-up, every way."""

from datetime import date

import pytest

from tests.processes.walking import PACKAGES, flows_of, tell
from workflows.cases.messages import Message
from workflows.cases.models import CaseState
from workflows.errors import Invalid

KEY = "rsa_city"
YES, NO = {"approval": "approved"}, {"approval": "returned", "approval_comment": "Kortare."}
INSTRUCTION = {
    "instruction_version": "2027-1", "instruction_reference": "KS 2026/9", "method": "own",
    "scale_version": "5x5", "scenarios": ["power", "armed_attack"],
    "priority_commitments": [{"name": "Hemtjänst"}],
}  # fmt: skip
DEPENDENCIES = [
    {"commitment": "Hemtjänst", "what": "Journal", "supplier": "Nät AB"},
    {"commitment": "Trygghetslarm", "what": "Larm", "supplier": "NÄT ab "},
]
MERGE = {
    "clusters": [{"theme": "Elbortfall", "bodies": "Alla", "likelihood": "3", "consequence": "4",
                  "why_so": "Drabbar alla."}],
    "gaps_text": "Bromma saknas.", "common_actions": "Reservnät.",
}  # fmt: skip
OWN = {"city_risks": [{"title": "Elen borta i hela staden", "category": "supply", "owner": "SLK",
                       "likelihood": "3", "consequence": "5", "uncertainty": "low"}]}  # fmt: skip
SECRECY = {"marking": ["18_13"], "kept_where": "KS 2027/1", "open_scope": "Teman.",
           "attest": "true"}  # fmt: skip
FEEDBACK = {"feedback_risks": "El.", "feedback_actions": "Nät.", "feedback_on": "2027-01-05",
            "feedback_to": ["boards"]}  # fmt: skip
SENT = {"report_sent_on": "2027-10-25", "report_receipt": "Lst 7", "report_by": "portal"}
DECISION = {"decision_title": "Stadens RSA", "decided_by": "board", "recorded_as": "secretary",
            "meeting_date": "2027-09-24", "paragraph": "§ 3", "outcome": "approved",
            "decision_text": "Godkänns.", "extract_reference": "KS 2027/9"}  # fmt: skip
REPORT = {"report_proposal": "att godkänna", "report_summary": "Kort."}


def opened(walk):
    at = walk(KEY).begin("STAD", occasion="YEAR_START")
    return at.do("p5_instr", INSTRUCTION).do("p5_fc_instr", YES)


def received(at, unit="FARSTA", dependencies=DEPENDENCIES):
    tell(at, "rsa_decided", "city:2027", unit=unit, year=2027, critical=dependencies,
         prominent=[{"title": "Elen borta", "value": 20, "band": "red"}])  # fmt: skip
    return at


def merged(at):
    at.do("p5_recv", {"gap_note": "Sena."}, on=date(2027, 10, 22))
    at.do("p5_qc", {"received": [{"unit": r["unit"], "quality": "complete"}
                                 for r in at.case.data["received"]]})  # fmt: skip
    return at.do("p5_priority", {})


def test_the_year_s_analyses_are_gathered_and_what_is_shared_is_found(walk):
    at = walk(KEY).begin("STAD", occasion="YEAR_START").do("p5_instr", INSTRUCTION)
    at.do("p5_fc_instr", NO).do("p5_instr", INSTRUCTION).do("p5_fc_instr", YES)
    sent = at.session.query(Message).filter_by(name="rsa_instruction_published").all()
    assert {one.key for one in sent} == {"FARSTA:2027", "BROMMA:2027"}
    received(received(at), dependencies=[*DEPENDENCIES, DEPENDENCIES[0] | {"commitment": "Skola"}])
    assert at.case.data["missing"] == [{"unit": "BROMMA", "name": "Bromma stadsdelsnämnd"}]
    assert [one["prominent_risks"] for one in at.case.data["received"]] == [1]
    with pytest.raises(Invalid):
        at.do("p5_recv", {})
    merged(at)
    [shared] = at.case.data["dependencies"]
    assert (shared["what"], shared["commitments"], shared["systemic"]) == ("Nät AB", 3, True)
    with pytest.raises(Invalid):
        at.do("p5_merge", {**MERGE, "gaps_text": ""})
    rows = [{"what": "Nät AB", "redundancy": "Radio"}]
    at.do("p5_merge", {**MERGE, "dependencies": rows}).do("p5_own", OWN)
    assert at.case.data["city_risks"][0]["band"] == "red"
    at.do("p5_year_sec", SECRECY).do("p5_fb", FEEDBACK | {"feedback_on": "2027-10-22"})
    assert at.case.state is CaseState.FINISHED
    assert at.due == {
        "p5_instr": date(2026, 12, 1), "p5_fc_instr": date(2026, 12, 15),
        "p5_recv": date(2027, 10, 22), "p5_qc": date(2027, 11, 12),
        "p5_priority": date(2027, 11, 19), "p5_merge": date(2027, 11, 30),
        "p5_own": date(2027, 11, 30), "p5_year_sec": date(2027, 11, 5),
        "p5_fb": date(2027, 11, 19),
    }  # fmt: skip


def test_who_is_late_is_taken_up_but_delays_nothing(walk):
    at = opened(walk).let_pass("p5_wait")
    assert at.due["p5_wait"] == date(2027, 11, 5)
    at.do("p5_gap", {"taken_up_on": "2027-02-11", "taken_up_with": "Cheferna: i november."})
    merged(at).do("p5_merge", MERGE).do("p5_own", OWN).do("p5_year_sec", SECRECY)
    assert set(at.open) == {"p5_fb"}


def test_a_round_where_all_are_in_ends_without_the_director(walk):
    at = opened(walk)
    received(received(at), unit="BROMMA", dependencies=[]).let_pass("p5_wait")
    assert set(at.open) == {"p5_recv"}


def written(at):
    at.do("p5_ext", {"sources": [{"source": who, "what": "Inget nytt."}
                                 for who in ("county", "fire", "insurer", "police")]})  # fmt: skip
    at.do("p5_base", {"asked_on": "2027-01-05"})
    texts = {f"heading_{n}": "Text." for n in range(1, 8)} | {"headings_checked": "true"}
    return at.do("p5_7", texts, on=date(2027, 4, 28))


def settled(at):
    at.do("p5_sec", SECRECY).do("p5_check", NO).do("p5_sec", SECRECY).do("p5_check", YES)
    at.do("p5_sr", {"council_on": "2027-04-28", "council_advice": "Bra."})
    at.do("p5_comm", {"open_summary": "Elen.", "open_channels": ["web"]}).do("p5_tju", REPORT)
    return at.do("p5_fc", NO).do("p5_tju", REPORT).do("p5_fc", YES)


def test_the_report_of_the_mandate_rests_on_last_year_and_is_handed_in_by_october(walk):
    walked = walk(KEY)
    walked.now = walked.now.replace(year=2026, month=12, day=18)
    at = walked.begin("STAD", occasion="RSA_CITY")
    tell(at, "rsa_city_merged", "city:2027", clusters=[{"theme": "El", "bodies": "Alla"}])
    assert at.case.data["clusters"][0]["theme"] == "El"
    at.now = at.now.replace(year=2027, month=1, day=8)
    settled(written(at))
    at.do("p5_ks", DECISION | {"outcome": "tabled"}, on=date(2027, 9, 24))
    back = {"outcome": "referred_back", "board_points": [{"point": "Vad kostar det?"}]}
    at.do("p5_ks", DECISION | back)
    answers = {"board_points": [{"point": "Vad kostar det?", "answer": "Inget."}]}
    at.do("p5_tju", REPORT | answers).do("p5_fc", YES)
    at.do("p5_ks", DECISION, name="Anton").do("p5_confirm", {"confirmed": "yes"}, name="Alva")
    at.do("p5_lst", SENT, on=date(2027, 10, 25))
    plans = [{"plan": one, "plan_state": "unchanged"}
             for one in ("extraordinary", "governing", "training", "crisis_board")]  # fmt: skip
    at.do("p5_plan", {"mandate_plans": plans}).do("p5_fb2", FEEDBACK)
    assert at.case.state is CaseState.FINISHED
    assert at.due == {
        "p5_ext": date(2027, 1, 15), "p5_base": date(2027, 1, 29), "p5_7": date(2027, 4, 30),
        "p5_sec": date(2027, 5, 20), "p5_check": date(2027, 5, 5), "p5_sr": date(2027, 5, 13),
        "p5_comm": date(2027, 5, 13), "p5_tju": date(2027, 9, 3), "p5_fc": date(2027, 9, 17),
        "p5_ks": date(2027, 9, 24), "p5_lst": date(2027, 11, 1), "p5_plan": date(2027, 12, 30),
        "p5_fb2": date(2027, 11, 22), "p5_confirm": date(2027, 10, 22),
    }  # fmt: skip


def test_every_year_the_county_board_gets_its_follow_up(walk):
    walked = walk(KEY)
    walked.now = walked.now.replace(month=1, day=4)
    at = walked.begin("STAD", occasion="LST_FOLLOWUP")
    answers = {"indicators": [{"indicator": "RSA", "value": "ja"}], "year_events": "Inga.",
               "year_activities": "Övning.", "grant_received": "10", "grant_used": "9"}  # fmt: skip
    with pytest.raises(Invalid):
        at.do("p5_leh", answers)
    at.do("p5_leh", answers | {"grant_note": "Sparas."})
    at.do("p5_leh_sent", {f"follow_up_{k.removeprefix('report_')}": v
                          for k, v in SENT.items()}, on=date(2027, 10, 25))  # fmt: skip
    assert at.due == {"p5_leh": date(2027, 2, 8), "p5_leh_sent": date(2027, 2, 15)}
    assert at.case.state is CaseState.FINISHED


def test_the_round_before_a_report_hands_its_material_over(walk):
    at = opened(walk)
    at.case.year = 2026
    merged(at).do("p5_merge", MERGE).do("p5_own", OWN).do("p5_year_sec", SECRECY)
    [handed] = at.session.query(Message).filter_by(name="rsa_city_merged").all()
    assert handed.key == "city:2027"


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
