"""The protective security analysis as a pointer: asked each year, every way by the real verbs."""

from datetime import date

import pytest

from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid
from workflows.forms import read_form

KEY = "psa"
AT = {"attest": "true"}
ASKED = {"trigger": "yearly", "relevance_reference": "SSK 1", **AT}
ANALYSIS = {"last_version_on": "2025-03-01", "finished_on": "2027-02-11",
            "analysis_reference": "SSK 2", "participants_cleared": True, **AT}  # fmt: skip
ADOPTED = {"adopted_on": "2027-02-11", "adopted_by": "director", "adoption_reference": "SSK 3",
           **AT}  # fmt: skip
PLAN = {"plan_exists": True, "plan_reference": "SSK 4", "next_review": "2028-05-31",
        "must_notify": False, **AT}  # fmt: skip
CHECK = {"checked_on": "2027-02-11", "check_reference": "SSK 5", "training_given": True, **AT}


def test_who_is_covered_keeps_analysis_plan_and_checks_up_to_date(walk):
    at = walk(KEY).begin().do("p6_relev", {**ASKED, "applies": "yes"}).do("p6_meet", ANALYSIS)
    at.do("p6_set", ADOPTED).do("p6_plan", PLAN).do("p6_ctl", CHECK).do("p6_ctl2", CHECK)
    assert at.case.state is CaseState.FINISHED
    assert at.due == {
        "p6_relev": date(2027, 3, 4), "p6_meet": date(2027, 4, 30), "p6_set": date(2027, 5, 31),
        "p6_plan": date(2027, 3, 25), "p6_ctl": date(2027, 6, 30), "p6_ctl2": date(2027, 11, 30),
    }  # fmt: skip


def test_who_is_not_covered_says_so_and_the_director_confirms_it(walk):
    at = walk(KEY).begin().do("p6_relev", {**ASKED, "applies": "no"})
    assert at.do("p6_confirm", {"confirmed": True, **AT}).case.state is CaseState.FINISHED


@pytest.mark.parametrize(("covered", "after"), [(True, {"p6_meet"}), (False, set())])
def test_unsure_is_decided_by_the_head_of_protective_security(walk, covered, after):
    at = walk(KEY).begin().do("p6_relev", {**ASKED, "applies": "unsure"})
    at.do("p6_decide", {"ruled_applies": covered, "ruling_reference": "SSK 6", **AT})
    assert set(at.open) == after


def test_more_than_two_years_between_versions_is_a_breach_that_is_explained(walk):
    at = walk(KEY).begin().do("p6_relev", {**ASKED, "applies": "yes"})
    late = {**ANALYSIS, "last_version_on": "2025-02-10"}
    with pytest.raises(Invalid):
        at.do("p6_meet", late)
    at.do("p6_meet", {**late, "why:two_years": "Sjukdom."})


def test_new_activity_is_notified_without_delay(walk):
    at = walk(KEY).begin().do("p6_relev", {**ASKED, "applies": "yes"}).do("p6_meet", ANALYSIS)
    at.do("p6_set", ADOPTED).do("p6_plan", {**PLAN, "must_notify": True})
    at.do("p6_ann", {"notified_on": "2027-02-11", "notified_reference": "SSK 7", **AT})
    assert at.due["p6_ann"] == date(2027, 2, 12)


def test_no_form_has_room_for_what_is_protected():
    for content in PACKAGES[KEY].forms.values():
        form = read_form(content)
        assert form.attest
        assert {
            each.name.split("_")[-1] for each in form.fields if each.kind in ("text", "rich")
        } <= {"reference"}


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
