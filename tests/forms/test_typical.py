"""Every shipped form can be answered as people might, by any seed, and steered."""

from datetime import date

import pytest

from tests.forms.test_shipped import FORMS, shipped
from workflows.calendar import asking
from workflows.calendar.years import standard_calendar
from workflows.forms import Answers, Facts, Kind, check
from workflows.forms.typical import Unanswerable, typical

TODAY = date(2027, 3, 2)
CALENDAR = standard_calendar(2027)
NAMES = {
    "today": TODAY,
    "year": 2027,
    "case": {"decider": "board", "occasion": "T1"},
    "unit": {"code": "FARSTA", "kind": "district_board", "has_geographic_area": True},
}


USUAL = {
    "due": "2027-10-01", "criticality": 3, "prominent": True, "deviation": True, "need": "gap",
    "band": "red",
}  # fmt: skip


def held(form):
    """A case in which every list that is shown or answered row by row has two rows."""
    names = dict(NAMES)
    rows_of = {
        "commitments": "name", "risks": "title", "dependencies": "what", "actions": "title",
    }  # fmt: skip
    for one in form.fields:
        if one.kind is Kind.ROWS and (one.read_only or one.fixed_rows):
            name = one.key or rows_of.get(one.name, one.fields[0].name)
            columns = dict.fromkeys(each.name for each in one.fields)
            names[one.name] = [columns | USUAL | {name: f"Rad {n}"} for n in range(2)]
    for each in rows_of:
        names.setdefault(each, [USUAL | {rows_of[each]: f"Rad {n}"} for n in range(2)])
    return Facts(
        names=names,
        functions=asking.functions(lambda: CALENDAR, 2027, TODAY),
        choices={"person": {"7": "Någon"}, "unit": {"FARSTA": "Farsta"}, "file": {"3": "x.pdf"}},
    )


@pytest.mark.parametrize("name", FORMS)
def test_every_shipped_form_takes_typical_answers(name):
    form = shipped(name)
    facts = held(form)
    for seed in range(3):
        raw = typical(form, facts, seed=seed)
        assert isinstance(check(form, raw, facts), Answers)
    assert raw == typical(form, facts, seed=2)


def test_answers_can_be_steered():
    form = shipped("rsa_annual/risks")
    facts = held(form)
    raw = typical(form, facts, seed=1, prefer={"risks": 30, "risks.likelihood": "5"})
    assert len(raw["risks"]) == 30
    assert {row["likelihood"] for row in raw["risks"]} == {"5"}
    returned = shipped("rsa_annual/review")
    assert typical(returned, held(returned), seed=1)["approval"] == "approved"
    wanted = typical(returned, held(returned), seed=1, prefer={"approval": "returned"})
    assert wanted["approval"] == "returned"
    assert wanted["approval_comment"]


def test_a_wish_that_no_rule_allows_is_given_up():
    form = shipped("exercise/alarm_result")
    raw = typical(form, held(form), seed=1, prefer={"called": "3", "answered": "9"})
    assert int(raw["answered"]) <= int(raw["called"])


def test_a_form_that_nobody_can_answer_says_why():
    form = shipped("rsa_annual/dependencies")
    facts = Facts(names=NAMES | {"commitments": []})  # nothing to depend
    with pytest.raises(Unanswerable) as refused:
        typical(form, facts, seed=1)
    assert "required" in str(refused.value)
