"""Where civil defence stands: status and numbers, answered by one and confirmed by another."""

from datetime import date

import pytest

from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid
from workflows.forms import read_form

KEY = "civil_defence_status"
STATUS = {
    "priority_activity": "done", "war_organisation": "under_way", "staffing_checked": "unknown",
    "trained": "not_begun", "exercised": "not_begun", "positions": 40, "attest": "true",
}  # fmt: skip


def test_it_is_answered_and_confirmed_by_somebody_else(walk):
    at = walk(KEY).begin()
    at.do("p12_status", STATUS)
    at.do("p12_approve", {"approval": "returned", "approval_comment": "Öva klart."})
    at.do("p12_status", STATUS).do("p12_approve", {"approval": "approved"})
    assert at.case.state is CaseState.FINISHED
    assert at.due["p12_status"] == date(2027, 3, 11)


def test_without_the_attest_it_is_not_handed_in(walk):
    at = walk(KEY).begin()
    with pytest.raises(Invalid):
        at.do("p12_status", {**STATUS, "attest": ""})


def test_nothing_asks_for_names_places_or_plans():
    form = read_form(PACKAGES[KEY].forms[f"{KEY}/status"])
    assert {each.name for each in form.fields if each.kind in ("text", "rich")} == {
        "reference", "approval_comment",
    }  # fmt: skip


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
