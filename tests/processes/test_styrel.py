"""A round of Styrel: numbers only, the list goes another way, every way by the real verbs."""

from datetime import date

import pytest

from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid
from workflows.forms import read_form
from workflows.processes.models import Secrecy
from workflows.tasks.models import Task

KEY = "styrel"
ATTEST = {"attest": "true"}
OPEN = {"round_name": "Styrel 2027", "round_due": "2027-10-01", "round_instruction": "Lst 1",
        "round_routine": "KS 2"} | ATTEST  # fmt: skip
BODIES = [{"unit": code, "delivers": "yes"} for code in ("FARSTA", "BROMMA")]
ALL = {"round_lead": "Samordnaren", "bodies": BODIES} | ATTEST
COUNTS = {
    "counts": [
        {"horizon": "hours", "importance": "life", "users": "3", "reserve": "1"},
        {"horizon": "days", "importance": "function", "users": "7"},
    ],
    "delivered_on": "2027-02-11", "delivered_how": "channel",
} | ATTEST  # fmt: skip
CHECKS = {"no_duplicates": "true", "reserve_considered": "true", "others_considered": "true"}
STORED = {"list_classified": "no", "list_marking": ["18_13"], "list_reference": "KS 9"} | ATTEST
DECISION = {"decision_title": "Styrel", "decided_by": "director", "recorded_as": "secretary",
            "delegation_reference": "4.2", "meeting_date": "2027-09-24", "paragraph": "§ 3",
            "outcome": "approved", "decision_text": "Fastställs.",
            "extract_reference": "KS 10"}  # fmt: skip
SENT = {"handed_on": "2027-09-30", "handed_receipt": "Lst 7"} | ATTEST
CHECKED = {"checked_on": "2027-09-30", "changed_users": "0", "changes_reported": "none"} | ATTEST


def opened(walk):
    return walk(KEY).begin("STAD").do("p9_open", OPEN).do("p9_lead", ALL)


def deliver(at, *answers):
    """Each body counts in turn."""
    for given in answers:
        tasks = at.session.query(Task).filter_by(element="p9_units", closed_at=None)
        at.do_task(tasks.order_by(Task.id).first(), given)
    return at


def test_bodies_count_and_the_table_says_the_class(walk):
    at = opened(walk)
    assert at.case.secrecy is Secrecy.SECRET
    at = deliver(at, COUNTS, COUNTS | {"counts": [
        {"horizon": "hours", "importance": "life", "users": "2", "other_class": "3",
         "class_reason": "Reserv finns"}]})  # fmt: skip
    delivered = [
        (one["unit"], one["class_1"], one["class_3"], one["class_4"])
        for one in at.case.data["deliveries"]
    ]
    assert delivered == [("BROMMA", 3, 0, 7), ("FARSTA", 0, 2, 0)]
    assert at.case.data["high_share"] == 25
    at.do("p9_qa", CHECKS | ATTEST).do("p9_sec", STORED)
    at.do("p9_dec", DECISION | {"outcome": "tabled"}, on=date(2027, 9, 24))
    back = {"outcome": "referred_back", "board_points": [{"point": "Hur många?"}]}
    at.do("p9_dec", DECISION | back).do("p9_qa", CHECKS | ATTEST).do("p9_sec", STORED)
    at.do("p9_dec", DECISION).do("p9_send", SENT, on=date(2027, 9, 30))
    for year in (2028, 2029):
        at.let_pass("p9_when").do("p9_rev", CHECKED)
        assert at.now.date() == date(year, 11, 15)
    at.let_pass("p9_when").do("p9_rev", CHECKED)
    assert at.case.state is CaseState.FINISHED
    assert at.due == {
        "p9_open": date(2027, 2, 18), "p9_lead": date(2027, 2, 25), "p9_units": date(2027, 9, 10),
        "p9_qa": date(2027, 9, 21), "p9_sec": date(2027, 9, 23), "p9_dec": date(2027, 9, 28),
        "p9_send": date(2027, 10, 1), "p9_when": date(2028, 11, 15), "p9_rev": date(2028, 11, 29),
    }  # fmt: skip


def test_what_a_body_has_not_delivered_is_taken_over_in_time(walk):
    at = deliver(opened(walk), COUNTS).let_pass("p9_late")
    assert at.due["p9_late"] == date(2027, 9, 17)
    at.do("p9_take", {"taken_over": "listed"} | ATTEST)
    assert [one["unit"] for one in at.case.data["waiting"]] == ["FARSTA"]
    assert set(at.open) == {"p9_qa"}


def test_too_much_in_the_first_classes_is_explained(walk):
    most = COUNTS | {"counts": [{"horizon": "hours", "importance": "life", "users": "9"}]}
    at = deliver(opened(walk), most, most)
    with pytest.raises(Invalid):
        at.do("p9_qa", CHECKS | ATTEST)
    at.do("p9_qa", CHECKS | ATTEST | {"why:spread": "Två sjukhem."})


def test_no_list_comes_in_here(walk):
    at = walk(KEY).begin("STAD").do("p9_open", OPEN)
    with pytest.raises(Invalid):
        at.do("p9_lead", {**ALL, "attest": ""})
    forms = [read_form(content) for content in PACKAGES[KEY].forms.values()]
    asked = {each.name for form in forms for one in form.fields for each in (one, *one.fields)}
    assert not {"address", "meter", "plant", "file"} & asked
    assert all(form.attest for form in forms if form.title["sv"] != "Anteckna beslutet")


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
