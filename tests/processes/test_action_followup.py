"""The follow-up of actions for each report of the year, every way through by the real verbs."""

from datetime import date

import pytest

from tests.processes.deciding import BACK, DECIDED, TABLED
from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid

KEY = "action_followup"
POWER = {"title": "Reservkraft", "source": "analysis", "responsible": "Fastighetschef",
         "due": "2028-05-31", "risk_band": "red"}  # fmt: skip
ALARM = {"title": "Larmlista", "source": "exercise", "responsible": "Samordnare",
         "due": "2027-04-15", "risk_band": "red"}  # fmt: skip
LIST = {"as_of": "2027-04-30", "actions": [POWER, ALARM]}
UPDATE = {
    "actions": [
        {"title": "Reservkraft", "status": "in_progress"},
        {"title": "Larmlista", "status": "in_progress", "new_due": "2027-09-01"},
    ]
}
DEVIATION = {"deviations": [{"action": "Larmlista", "cause": "Sjukdom", "measure": "Ny person"}]}
REVIEW = {**DEVIATION, "analysis_state": "under_way"}
TEXT = {"security_paragraph": "Två åtgärder pågår.",
        "indicators": [{"name": "Övad krisledning", "outcome_value": "Saknas"}]}  # fmt: skip
DECISION = DECIDED | {"meeting_date": "2027-05-25", "paragraph": "§ 4"}
YES, NO = {"approval": "approved"}, {"approval": "returned", "approval_comment": "Kortare."}


def gathered(walk, occasion, listed=LIST):
    return walk(KEY).begin(occasion=occasion).do("p10_list", listed, on=date(2027, 5, 3))


def reviewed(at, update=UPDATE):
    return at.do("p10_upd", update).do("p10_rev", REVIEW)


def reported(at):
    at.do("p10_txt", TEXT).do("p10_fc", YES).do("p10_ils", {"entered_on": "2027-05-03"})
    return at.do("p10_board", DECISION, on=date(2027, 5, 26))


def test_the_first_report_of_the_year(walk):
    at = reported(reviewed(gathered(walk, "T1")))
    assert at.case.state is CaseState.FINISHED
    found = {row["title"]: (row["colour"], row["deviation"]) for row in at.case.data["actions"]}
    assert found == {"Reservkraft": ("green", False), "Larmlista": ("red", True)}
    assert at.due == {
        "p10_list": date(2027, 2, 18), "p10_upd": date(2027, 5, 3), "p10_rev": date(2027, 5, 5),
        "p10_txt": date(2027, 5, 10), "p10_fc": date(2027, 5, 11), "p10_ils": date(2027, 5, 14),
        "p10_board": date(2027, 5, 25),
    }  # fmt: skip


def test_the_second_report_has_days_of_its_own(walk):
    at = reviewed(gathered(walk, "T2"))
    assert (at.due["p10_upd"], at.due["p10_rev"]) == (date(2027, 9, 1), date(2027, 9, 6))


def test_what_has_been_red_for_long_is_settled_by_the_director(walk):
    late = {**LIST, "actions": [POWER, {**ALARM, "due": "2026-11-01"}]}
    at = reviewed(gathered(walk, "T1", late))
    assert set(at.open) == {"p10_esc"}
    assert at.due["p10_esc"] == date(2027, 5, 7)
    settled = {"action": "Larmlista", "verdict": "reprioritise", "verdict_reason": "Viktigast."}
    at.do("p10_esc", {"settled": [settled]}).do("p10_txt", TEXT).do("p10_fc", NO)
    assert set(at.open) == {"p10_txt"}


def test_a_red_action_on_a_red_risk_is_explained(walk):
    at = gathered(walk, "T1").do("p10_upd", UPDATE)
    with pytest.raises(Invalid):
        at.do("p10_rev", {"analysis_state": "under_way"})


def test_a_report_that_is_tabled_or_referred_back_comes_again(walk):
    at = reviewed(gathered(walk, "T1")).do("p10_txt", TEXT).do("p10_fc", YES)
    at.do("p10_ils", {"entered_on": "2027-05-03"})
    at.do("p10_board", DECISION | TABLED, on=date(2027, 5, 26))
    assert at.open["p10_board"].due_at.date() == date(2027, 9, 24)
    at.do("p10_board", DECISION | BACK)
    with pytest.raises(Invalid):
        at.do("p10_txt", TEXT)
    answered = [{"point": "Vad kostar det?", "answer": "En miljon."}]
    at.do("p10_txt", {**TEXT, "board_points": answered, "next_board": "2027-09-24"})
    at.do("p10_fc", YES).do("p10_ils", {"entered_on": "2027-05-26"})
    assert at.open["p10_board"].due_at.date() == date(2027, 9, 24)


def test_at_the_end_of_the_year_what_is_left_goes_along_or_is_closed(walk):
    at = reported(reviewed(gathered(walk, "VB")))
    assert set(at.open) == {"p10_vb"}
    rows = [
        {"title": "Reservkraft", "carried": "carried", "carried_due": "2028-05-31"},
        {"title": "Larmlista", "carried": "closed", "closed_reason": "Ersatt av ny plan"},
    ]
    with pytest.raises(Invalid):
        at.do("p10_vb", {"actions": [{**rows[0], "carried": "finished"}, rows[1]]})
    assert at.do("p10_vb", {"actions": rows}).case.state is CaseState.FINISHED
    assert at.due["p10_board"] == date(2027, 2, 10)


def test_of_three_reports_that_of_the_year_is_confirmed_when_the_secretary_did_not_record_it(walk):
    def recorded(period):
        at = reviewed(gathered(walk, period)).do("p10_txt", TEXT).do("p10_fc", YES)
        at.do("p10_ils", {"entered_on": "2027-05-03"})
        return at.do("p10_board", DECISION, on=date(2027, 5, 26), name="Anton")

    assert recorded("T1").case.state is CaseState.FINISHED
    at = recorded("VB")
    assert set(at.open) == {"p10_vb", "p10_confirm"}
    at.do("p10_confirm", {"confirmed": "yes"}, name="Alva")


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
