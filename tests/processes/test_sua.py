"""A purchase that may touch Sweden’s security, through every gate of the law by the real verbs."""

from datetime import date

import pytest

from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid
from workflows.forms import read_form

KEY = "sua"
AT = {"attest": "true"}
FIVE = ("access_information", "access_activity", "access_premises", "remote_access",
        "subcontractors_likely")  # fmt: skip
NEED = {
    "title_neutral": "Inköp 14", "registry_number": "FAR 2027/4", "procedure": "procurement",
    "planned_publish": "2027-09-15", "critical_supplier": "no", **dict.fromkeys(FIVE, "no"), **AT,
}  # fmt: skip
TOUCHING = {**NEED, "remote_access": "unsure"}
ANALYSIS = {"analysis_exists": True, "analysis_date": "2026-03-01", **AT}
REQUIRED = {"sua": "yes", "consultation": "no", "level": "none", **AT}
CODES = {"class_code": 3, "damage_code": 0, "place": "outside_or_remote", "exempt": False,
         "sensitive": "yes"}  # fmt: skip


def on(name, reference, day="2027-02-11", **more):
    return {name: day, reference: "SSK 7", **more, **AT}


SUITABLE = on("suitability_on", "suitability_reference", suitability="suitable")
ASSESSED = on("assessed_on", "assessment_reference")
READY = {
    "subcontractors_signed": True, "placed": True, "vetting_done": True, "training_done": True,
    "first_visit_done": True, "instruction_issued": True, **AT,
}  # fmt: skip
CONTROLLED = on(
    "controlled_on", "control_reference", change_needed=False, breach=False, agreement_over=False
)


def needed(at, required=REQUIRED):
    at.begin().do("p3_need", TOUCHING).do("p3_psa", ANALYSIS)
    return at.do("p3_lvl", required)


def allowed(at):
    return at.do("p3_ssb", ASSESSED).do("p3_lp", SUITABLE)


def published(at):
    at.do("p3_intent", on("intention_on", "intention_reference"))
    at.do("p3_pub", {"published_on": "2027-02-11", "demands_included": True, **AT})
    return at.do("p3_award", {"awarded_on": "2027-02-11", "subcontractors": False, **AT})


def signed(at):
    at.do("p3_upd", on("updated_on", "updated_reference", still_suitable=True))
    at.do("p3_sign", on("signed_on", "agreement_reference", sua_signed=True, control_months=12))
    return at.do("p3_notif", on("notified_on", "notified_reference"))


def test_a_purchase_without_exposure_is_an_ordinary_one(walk):
    assert walk(KEY).begin().do("p3_need", NEED).case.state is CaseState.FINISHED


def test_a_critical_supplier_meets_demands_also_without_exposure(walk):
    at = walk(KEY).begin().do("p3_need", {**NEED, "critical_supplier": "yes"})
    assert at.do("p3_clauses", {"clauses": ["continuity"]}).case.state is CaseState.FINISHED


def test_an_analysis_older_than_two_years_is_a_breach_that_must_be_explained(walk):
    at = walk(KEY).begin().do("p3_need", TOUCHING)
    with pytest.raises(Invalid):
        at.do("p3_psa", {**ANALYSIS, "analysis_date": "2025-02-10"})
    at.do("p3_psa", {**ANALYSIS, "analysis_date": "2025-02-12"})


def test_the_whole_way_to_the_end_of_the_agreement(walk):
    at = signed(published(allowed(needed(walk(KEY)))))
    at.do("p3_ready", {**READY, "vetting_done": False})
    assert at.case.data["missing"] == "vetting"
    assert set(at.open) == {"p3_ready"}
    at.do("p3_ready", READY).let_pass("p3_next").do("p3_ctrl", CONTROLLED).let_pass("p3_next")
    at.do("p3_ctrl", {**CONTROLLED, "agreement_over": True})
    at.do("p3_endc", {"agreement_ended_on": "2029-02-09", "end_notified_on": "2029-02-09",
                      "checks_cancelled": True, "material_returned": True, **AT})  # fmt: skip
    assert at.case.state is CaseState.FINISHED
    assert at.due == {
        "p3_need": date(2027, 2, 18), "p3_psa": date(2027, 2, 18), "p3_lvl": date(2027, 2, 25),
        "p3_ssb": date(2027, 6, 11), "p3_lp": date(2027, 6, 18), "p3_intent": date(2027, 2, 12),
        "p3_pub": date(2027, 9, 15), "p3_award": date(2027, 12, 8), "p3_upd": date(2027, 2, 25),
        "p3_sign": date(2027, 3, 11), "p3_notif": date(2027, 2, 18), "p3_ready": date(2027, 3, 11),
        "p3_next": date(2028, 2, 11), "p3_ctrl": date(2028, 3, 10), "p3_endc": date(2029, 2, 16),
    }  # fmt: skip


def test_no_agreement_required_ends_it(walk):
    assert needed(walk(KEY), {**REQUIRED, "sua": "no"}).case.state is CaseState.FINISHED


def test_unsuitable_it_may_not_begin_and_the_buyer_never_gets_to_publish(walk):
    at = needed(walk(KEY)).do("p3_ssb", ASSESSED)
    at.do("p3_lp", {**SUITABLE, "suitability": "unsuitable"})
    assert at.case.data["gate"] == "forbidden"
    assert at.case.state is CaseState.FINISHED
    assert "p3_pub" not in at.due


def test_a_consultation_is_waited_for(walk):
    at = allowed(needed(walk(KEY), {**REQUIRED, "consultation": "yes"}))
    sent = {"consultation_sent_on": "2027-02-11", **AT}
    at.do("p3_sam", {**sent, "outcome": "waiting"})
    assert set(at.open) == {"p3_sam"}
    at.do("p3_sam", {**sent, "outcome": "closed"})
    assert set(at.open) == {"p3_intent"}


def test_codes_are_not_asked_for_unless_the_city_has_opened_for_them(walk):
    form = read_form(PACKAGES[KEY].forms["sua/requirements"])
    assert {each.name for each in form.fields if each.tier == "full"} == set(CODES)
    at = walk(KEY).begin().do("p3_need", TOUCHING).do("p3_psa", ANALYSIS)
    at.do("p3_lvl", {**REQUIRED, **CODES})
    assert at.case.data["class_code"] is None


def test_with_codes_the_tables_of_the_law_say_what_is_required(walk):
    walked = walk(KEY)
    at = walked.begin(**CODES).do("p3_need", TOUCHING).do("p3_psa", ANALYSIS)
    at.do("p3_lvl", {**REQUIRED, "sua": "no"})
    known = at.case.data
    assert (known["eff"], known["sua"], known["consultation"]) == (3, "yes", "yes")
    assert known["level"] == "1"
    assert set(at.open) == {"p3_ssb"}


def test_every_form_with_something_to_protect_has_the_attest():
    for name, content in PACKAGES[KEY].forms.items():
        assert read_form(content).attest or name == "sua/clauses"


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
