"""A reply to a consultation, in time and by the right body, every way by the real verbs."""

from datetime import date

import pytest

from tests.processes.deciding import BACK, DECIDED, TABLED
from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid

KEY = "consultation_reply"
IN = {
    "sender": "Kommunstyrelsen", "sender_number": "KS 2027/12", "own_number": "FAR 2027/3",
    "title": "Säkerhetsprogram", "received_on": "2027-02-11", "reply_by": "2027-05-28",
}  # fmt: skip
BOARD = {"reply_form": "board", "ask_longer": False, "handler_function": "Samordnaren"}
OFFICE = {**BOARD, "reply_form": "office"}
VIEWS = {"views": [{"function": "Jurist", "stance": "for"}]}
DRAFT = {"summary": "Bra.", "office_views": "Vi stöder det.", "proposal": "approve"}
YES, NO = {"approval": "approved"}, {"approval": "returned", "approval_comment": "Kortare."}
DECISION = DECIDED | {"meeting_date": "2027-05-25", "paragraph": "§ 3", "immediate": True}
SENT = {"sent_on": "2027-02-11", "receipt": "KS 2027/12-4"}


def registered(at, form=BOARD, **changed):
    return at.begin(occasion="KS 2027/12").do("p7_in", {**IN, **changed}).do("p7_asg", form)


def drafted(at):
    return at.do("p7_consult", VIEWS).do("p7_draft", DRAFT)


def test_the_board_replies_in_time(walk):
    at = drafted(registered(walk(KEY))).do("p7_fc", NO).do("p7_draft", DRAFT).do("p7_fc", YES)
    at.do("p7_board", DECISION | TABLED, on=date(2027, 5, 25)).do("p7_board", DECISION | BACK)
    answered = [{"point": "Vad kostar det?", "answer": "En miljon."}]
    again = DRAFT | {"board_points": answered, "next_board": at.case.data["next_board"]}
    at.do("p7_draft", again).do("p7_fc", YES)
    at.do("p7_board", DECISION, name="Anton").do("p7_send", SENT)
    at.do("p7_confirm", {"confirmed": "yes"}, name="Alva")  # nothing has waited for it
    assert at.case.state is CaseState.FINISHED
    assert at.due == {
        "p7_in": date(2027, 2, 12), "p7_asg": date(2027, 2, 15), "p7_consult": date(2027, 2, 23),
        "p7_draft": date(2027, 5, 4), "p7_fc": date(2027, 5, 18), "p7_board": date(2027, 5, 25),
        "p7_send": date(2027, 5, 28), "p7_confirm": date(2027, 6, 22),
    }  # fmt: skip


def test_the_office_replies_when_there_is_no_time_for_the_board(walk):
    at = drafted(registered(walk(KEY), OFFICE, reply_by="2027-05-17")).do("p7_fc", YES)
    assert set(at.open) == {"p7_send"}
    assert at.due["p7_fc"] == date(2027, 5, 13)


def test_longer_time_is_asked_for_at_once_and_moves_every_day(walk):
    at = registered(walk(KEY), {**OFFICE, "ask_longer": True}, reply_by="2027-05-17")
    assert at.due["p7_ext"] == date(2027, 2, 15)
    at.do("p7_ext", {"reply_by": "2027-06-14", "extension_answer": "yes"})
    drafted(at).do("p7_fc", YES)
    assert at.due["p7_send"] == date(2027, 6, 14)


def test_what_does_not_concern_us_is_abstained_from_with_a_reason(walk):
    at = walk(KEY).begin().do("p7_in", IN)
    abstain = {"reply_form": "abstain", "ask_longer": False}
    with pytest.raises(Invalid):
        at.do("p7_asg", abstain)
    at.do("p7_asg", {**abstain, "why:abstain_why": "Rör oss inte."})
    assert at.case.state is CaseState.FINISHED


def test_the_day_before_the_director_hears_that_the_reply_is_not_ready(walk):
    at = registered(walk(KEY), OFFICE, reply_by="2027-05-17").let_pass("p7_soon")
    assert at.due["p7_soon"] == date(2027, 5, 14)
    assert set(at.open) == {"p7_consult", "p7_alarm"}
    at.do("p7_alarm", {"alarm_verdict": "office"})
    assert set(at.open) == {"p7_consult"}


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
