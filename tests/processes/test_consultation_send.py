"""The sender’s side of a consultation: each body replies in a case of its own, every way."""

from datetime import date

import pytest

from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid

KEY = "consultation_send"
YES, NO = {"approval": "approved"}, {"approval": "returned", "approval_comment": "Kortare."}
PLAN = {
    "sender": "Kommunstyrelsen", "sender_number": "KS 2027/12", "title": "Säkerhetsprogram",
    "attachments": "KS 2027/12-1", "reply_by": "2027-04-30",
    "questions": [{"question": "Räcker tiden?"}],
}  # fmt: skip
ALL = {"bodies": [{"unit": "FARSTA", "ask": "yes"}, {"unit": "BROMMA", "ask": "yes"}]}
IN = {"sender": "KS", "sender_number": "KS 2027/12", "own_number": "F 1", "title": "Program",
      "received_on": "2027-02-11", "reply_by": "2027-04-30"}  # fmt: skip
ABSTAIN = {"reply_form": "abstain", "ask_longer": False, "why:abstain_why": "Rör oss inte."}
COMPILED = {
    "questions": [{"question": "Räcker tiden?", "in_favour": "1", "against": "0",
                   "our_answer": "Ja."}],
    "compilation": "Alla är för.",
}  # fmt: skip
PUBLISHED = {"published_on": "2027-02-11", "published_reference": "KS 9", "receivers_told": "true"}


def sent(walk, receivers=ALL):
    walked = walk(KEY)
    walked.also("consultation_reply")
    at = walked.begin("STAD", occasion="KS 2027/12").do("p7b_plan", PLAN)
    return at.do("p7b_choose", receivers).do("p7b_fc", YES).delivered()


def in_unit(at, code):
    [case] = [each for each in at.started() if each.unit.code == code]
    return case


def test_the_replies_come_by_themselves_and_are_compiled_question_by_question(walk):
    walked = walk(KEY)
    walked.also("consultation_reply")
    at = walked.begin("STAD").do("p7b_plan", PLAN).do("p7b_choose", ALL).do("p7b_fc", NO)
    at.do("p7b_plan", PLAN).do("p7b_choose", ALL).do("p7b_fc", YES).delivered()
    city = at.case
    for code in ("FARSTA", "BROMMA"):
        at.turned_to(in_unit(at.turned_to(city), code))
        assert at.case.data["title"] == "Säkerhetsprogram"
        at.do("p7_in", IN).do("p7_asg", ABSTAIN).delivered()
    at.turned_to(city)
    assert {one["reply_form"] for one in at.case.data["replies"]} == {"abstain"}
    assert {one["name"][:6] for one in at.case.data["replies"]} == {"Farsta", "Bromma"}
    at.do("p7b_compile", COMPILED).do("p7b_publish", PUBLISHED)
    assert at.case.state is CaseState.FINISHED
    of_the_city = {key: day for key, day in at.due.items() if key.startswith("p7b")}
    assert of_the_city == {
        "p7b_plan": date(2027, 2, 25), "p7b_choose": date(2027, 2, 16),
        "p7b_fc": date(2027, 2, 18), "p7b_compile": date(2027, 5, 24),
        "p7b_publish": date(2027, 6, 7),
    }  # fmt: skip


def test_too_little_time_for_the_boards_is_explained(walk):
    at = walk(KEY).begin("STAD")
    with pytest.raises(Invalid):
        at.do("p7b_plan", PLAN | {"reply_by": "2027-03-10"})


def test_those_who_take_their_time_are_reminded_and_called_off_when_it_is_closed(walk):
    at = sent(walk)
    city, farsta = at.case, in_unit(at, "FARSTA")
    at.let_pass("p7b_soon").do("p7b_remind", {"reminded": "called"}).let_pass("p7b_day")
    assert at.due["p7b_soon"] == date(2027, 4, 16)
    with pytest.raises(Invalid):
        at.do("p7b_close", {"closed_on": "2027-04-30"})
    at.do("p7b_close", {"closed_on": "2027-04-30", "closing_note": "Svaren räcker."})
    assert set(at.open) == {"p7b_compile"}
    at.delivered()
    assert (city.state, farsta.state) == (CaseState.RUNNING, CaseState.CANCELLED)


def test_a_body_that_gets_no_case_replies_another_way(walk):
    only = {"bodies": [{"unit": "FARSTA", "ask": "yes"}, {"unit": "BROMMA", "ask": "no"}]}
    at = walk(KEY).begin("STAD").do("p7b_plan", PLAN).do("p7b_choose", only).do("p7b_fc", YES)
    at.delivered()
    assert set(at.open) == {"p7b_compile"}
    assert [one["unit"] for one in at.case.data["waiting"]] == ["FARSTA"]


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
