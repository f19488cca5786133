"""The yearly analysis, every way through it by the real verbs, and every day it gives in 2027."""

from datetime import date

import pytest
import sqlalchemy as sa

from tests.processes.deciding import BACK, DECIDED, TABLED
from tests.processes.walking import PACKAGES, flows_of, tell
from workflows.cases.models import CaseState
from workflows.documents.models import Document
from workflows.documents.paper import from_data, texts
from workflows.errors import Invalid
from workflows.notices.models import FeedKind, Notice
from workflows.operations import feeds
from workflows.processes.models import Secrecy
from workflows.queries import feeds as calendar_feeds
from workflows.queries import notices
from workflows.registers.models import Entry, EntryState, Marking

KEY = "rsa_annual"
SCOPE = {
    "previous_state": "decided", "previous_rsa": "FAR 2026/31", "changes": "Ny leverantör.",
    "decider": "board", "method": "forsa", "level": "department",
    "parts": [{"name": "Äldreomsorg"}],
}  # fmt: skip
COMMITMENTS = {
    "workshop": {"held_on": "2027-03-09", "people": "12"},
    "commitments": [
        {"name": "Hemtjänst dygnet runt", "run": "own"},
        {"name": "Förskola", "run": "external", "supplier": "Pysslingen", "security_clause": "no"},
    ],
}
CRITICALITY = {
    "commitments": [
        {"name": "Hemtjänst dygnet runt", "v_life": 4, "v_function": 2, "v_environment": 0,
         "v_values": 1, "vital": True, "priority": False},
        {"name": "Förskola", "v_life": 1, "v_function": 2, "v_environment": 0, "v_values": 1,
         "vital": False, "priority": False},
    ]
}  # fmt: skip
POWER = {
    "title": "El borta i två dygn", "category": "technical", "commitment": "Hemtjänst dygnet runt",
    "likelihood": 3, "consequence": 5, "uncertainty": "low",
}  # fmt: skip
ATTACK = {**POWER, "title": "Väpnat angrepp", "category": "armed_attack", "likelihood": 1,
          "secrecy": "15:2"}  # fmt: skip
RISKS = {"risks": [POWER, ATTACK]}
VULNERABILITIES = {
    "vulnerabilities": [
        {"commitment": "Hemtjänst dygnet runt", "weakness": "Ingen reservkraft", "ability": "poor"}
    ]
}
DEPENDENCIES = {
    "dependencies": [
        {"what": "El", "commitment": "Hemtjänst dygnet runt", "kind": "power", "acceptable_h": "4",
         "expected_h": "12", "critical": True},
        {"what": "Journal", "commitment": "Hemtjänst dygnet runt", "kind": "it", "critical": True,
         "acceptable_h": "2", "expected_h_unknown": "true", "secrecy": "18:13"},
    ]
}  # fmt: skip
COMMUNICATION = {"audience": ["staff"], "message": "Ha vatten hemma.", "message_public": True}
ACTION = {"responsible": "Chef för hemtjänsten", "start": "2027-09-01", "due": "2028-05-31"}
ACTIONS = {
    "actions": [
        {"title": "Skaffa reservkraft", "kind": "reduce_consequence",
         "risk": "El borta i två dygn", **ACTION},
        {"title": "Ta emot risken", "kind": "accept", "risk": "Väpnat angrepp",
         "responsible": "Stadsdelsdirektören", "reason": "Staden äger den",
         "review_by": "2028-06-30"},
        {"title": "Plan för el", "kind": "continuity_plan", "dependency": "El", **ACTION},
        {"title": "Fråga om journalen", "kind": "find_out", "dependency": "Journal", **ACTION},
    ]
}  # fmt: skip
SECRECY = {"marking": ["18_13"], "public_extract": "FAR 2027/8"}
REPORT = {"report_proposal": "Nämnden godkänner RSA 2027.", "report_summary": "Två risker."}
DECISION = DECIDED | {"meeting_date": "2027-10-21", "paragraph": "§ 12"}
GOALS = {"plan_activities": [{"activity": "Reservkraft", "action": "Skaffa reservkraft"}]}
PLAN_CHECK = {
    "actions": [
        {"title": each["title"], "in_plan": "yes", "page": "14"} for each in ACTIONS["actions"]
    ]
}


def screened(at, answer="none"):
    return at.do("p1_sec", {"screening": answer, "screened_on": "2027-02-11", "attest": "true"})


def mapped(at, *, area=False):
    at.do("p1_scope", SCOPE)
    at.do("p1_commit", COMMITMENTS, on=date(2027, 3, 10)).do("p1_crit", CRITICALITY)
    return at.do("p1_area", {"area_functions": [{"name": "Vårdcentral"}]}) if area else at


def analysed(at):
    at.do("p1_risk", RISKS, on=date(2027, 4, 20)).do("p1_vuln", VULNERABILITIES)
    return at.do("p1_dep", DEPENDENCIES).do("p1_comm", COMMUNICATION, on=date(2027, 6, 23))


def reviewed(at):
    at.do("p1_actions", ACTIONS, on=date(2027, 8, 30))
    return at.do("p1_rev", {"approval": "approved"})


def reported(at):
    return at.do("p1_secr", SECRECY).do("p1_tju", REPORT, on=date(2027, 9, 20))


def finished(at):
    at.do("p1_board", DECISION, on=date(2027, 10, 22)).do("p1_goals", GOALS)
    return at.let_pass("p1_before_vp").do("p1_vpchk", PLAN_CHECK)


def test_the_year_goes_from_plan_to_decision_and_into_the_operational_plan(walk):
    at = screened(mapped(walk(KEY).begin()))
    assert set(at.open) == {"p1_risk"}
    assert [row["criticality"] for row in at.case.data["commitments"]] == [4, 2]
    analysed(at)
    assert [(row["value"], row["band"]) for row in at.case.data["risks"]] == [
        (15, "red"), (5, "orange"),
    ]  # fmt: skip
    assert [row["need"] for row in at.case.data["dependencies"]] == ["mandatory", "gap"]
    finished(reported(reviewed(at)))
    assert at.case.state is CaseState.FINISHED
    assert [row["in_plan"] for row in at.case.data["actions"]] == ["yes"] * 4
    assert at.due == {
        "p1_scope": date(2027, 2, 25), "p1_sec": date(2027, 2, 25), "p1_commit": date(2027, 3, 11),
        "p1_crit": date(2027, 3, 17), "p1_risk": date(2027, 4, 23), "p1_vuln": date(2027, 5, 4),
        "p1_dep": date(2027, 6, 30), "p1_comm": date(2027, 8, 27), "p1_actions": date(2027, 8, 31),
        "p1_rev": date(2027, 9, 3), "p1_secr": date(2027, 9, 7), "p1_tju": date(2027, 9, 30),
        "p1_board": date(2027, 10, 21), "p1_goals": date(2027, 11, 17),
        "p1_before_vp": date(2027, 11, 24), "p1_vpchk": date(2027, 12, 8),
    }  # fmt: skip


def test_who_decides_is_proposed_by_rule_and_another_is_chosen_with_a_reason(walk):
    at = walk(KEY).begin()
    assert at.case.data["decider"] == "board"
    with pytest.raises(Invalid):
        at.do("p1_scope", SCOPE | {"decider": "director"})
    at.do("p1_scope", SCOPE | {"decider": "director", "why:decides_by_rule": "Delegation 4.2"})
    assert at.case.data["decider"] == "director"
    theme = walk(KEY).begin(occasion="Valår")
    assert theme.case.data["decider"] == "reported"


def test_a_board_with_an_area_of_its_own_describes_it(walk):
    walked = walk(KEY)
    walked.city.units["FARSTA"].has_geographic_area = True
    at = mapped(walked.begin(), area=True)
    assert at.case.data["area_functions"] == [
        {"name": "Vårdcentral", "actor": None, "contact": None}
    ]
    assert "p1_risk" in at.open


def test_a_question_of_protective_security_goes_to_its_head_and_holds_nothing_up(walk):
    walked = walk(KEY)
    walked.offer("psa")
    at = screened(mapped(walked.begin()), "refer")
    assert set(at.open) == {"p1_risk", "p1_protect"}
    assert not {"information", "it_system", "premises"} & set(at.case.data)
    at.do(
        "p1_protect",
        {"protection_on": "2027-02-15", "protection_reference": "SSK 4", "attest": "true"},
    )
    assert set(at.open) == {"p1_risk"}
    assert at.started() == [], "it is switched off: the request is kept"
    at.also("psa")
    [asked] = at.started()
    assert (asked.occasion, asked.data["trigger"]) == (at.case.key, "screening")
    assert asked.secrecy is Secrecy.SECRET
    assert at.started() == [asked]


def test_the_instruction_is_read_also_when_it_came_before_the_case_began(walk):
    walked = walk(KEY)
    told = {"instruction_version": "2027-1", "instruction_reference": "KS 2026/9"}
    tell(walked, "rsa_instruction_published", "FARSTA:2027", **told)
    at = walked.begin().heard()
    assert set(at.open) == {"p1_scope", "p1_read"}
    assert at.case.data["instruction_version"] == "2027-1"
    at.do("p1_read", {"instruction_read": True})
    assert set(at.open) == {"p1_scope"}


def test_the_director_sends_back_the_plan_or_the_whole_analysis(walk):
    at = analysed(screened(mapped(walk(KEY).begin())))
    at.do("p1_actions", ACTIONS, on=date(2027, 8, 30))
    at.do("p1_rev", {"approval": "returned", "return_to": "actions", "approval_comment": "Mer el."})
    assert set(at.open) == {"p1_actions"}
    at.do("p1_actions", ACTIONS)
    at.do(
        "p1_rev", {"approval": "returned", "return_to": "analysis", "approval_comment": "Gör om."}
    )
    assert set(at.open) == {"p1_risk"}
    assert at.case.data["risks"][0]["title"] == "El borta i två dygn"


def decided(at, decision, day):
    return at.do("p1_board", DECISION | decision, on=day)


def test_tabled_it_waits_for_the_next_meeting_referred_back_it_is_answered_point_by_point(walk):
    at = reported(reviewed(analysed(screened(mapped(walk(KEY).begin())))))
    decided(at, TABLED, date(2027, 10, 22))
    assert at.open["p1_board"].due_at.date() == date(2027, 11, 18)
    at.do("p1_board", DECISION | BACK | {"meeting_date": "2027-10-21"})
    # ten working days away is 5 November: too late for 18 November, the draft stop of 15 December
    # is 24 November
    assert at.case.data["next_board"] == "2027-12-15"
    due = at.open["p1_actions"].due_at.date()
    assert due == date(2027, 11, 12)
    with pytest.raises(Invalid):
        at.do("p1_actions", ACTIONS)
    again = {**ACTIONS, "next_board": "2027-12-15",
             "board_points": [{"point": "Vad kostar det?", "answer": "En miljon."}]}  # fmt: skip
    at.do("p1_actions", again).do("p1_rev", {"approval": "approved"}).do("p1_secr", SECRECY)
    assert at.open["p1_tju"].due_at.date() == date(2027, 11, 24)
    assert at.case.data["board_points"][0]["answer"] == "En miljon."
    at.do("p1_tju", REPORT)
    assert at.open["p1_board"].due_at.date() == date(2027, 12, 15)


def test_another_meeting_than_the_first_is_chosen_with_a_reason(walk):
    at = decided(
        reported(reviewed(analysed(screened(mapped(walk(KEY).begin()))))), BACK, date(2027, 10, 22)
    )
    again = {**ACTIONS, "next_board": "2027-11-18",
             "board_points": [{"point": "Vad kostar det?", "answer": "En miljon."}]}  # fmt: skip
    with pytest.raises(Invalid):
        at.do("p1_actions", again)
    at.do("p1_actions", again | {"why:another_meeting": "Nämnden vill ha det i november."})
    assert at.open["p1_rev"].due_at.date() == date(2027, 10, 21)


def test_what_the_coordinator_records_the_secretary_confirms_and_nothing_waits_for_it(walk):
    at = reported(reviewed(analysed(screened(mapped(walk(KEY).begin())))))
    recorded = DECISION | {"recorded_as": "coordinator"}
    with pytest.raises(Invalid):  # not without the extract
        at.do("p1_board", recorded | {"extract_reference": None}, on=date(2027, 10, 22))
    at.do("p1_board", recorded, name="Anton")
    assert set(at.open) == {"p1_confirm", "p1_goals"}
    at.do("p1_confirm", {"confirmed": "yes"}, name="Alva")
    assert set(at.open) == {"p1_goals"}


def test_what_the_only_secretary_records_herself_waits_for_nobody_whatever_she_calls_it(walk):
    at = reported(reviewed(analysed(screened(mapped(walk(KEY).begin())))))
    at.do("p1_board", DECISION | {"recorded_as": "coordinator"}, on=date(2027, 10, 22))
    assert set(at.open) == {"p1_goals"}


def test_referred_back_and_answered_it_is_adopted_at_the_new_meeting(walk):
    at = decided(
        reported(reviewed(analysed(screened(mapped(walk(KEY).begin()))))),
        BACK | {"meeting_date": "2027-09-24"},
        date(2027, 9, 25),
    )
    meeting = at.case.data["next_board"]
    assert meeting == "2027-11-18"  # the draft stop of 21 October is too near
    again = {**ACTIONS, "next_board": meeting,
             "board_points": [{"point": "Vad kostar det?", "answer": "En miljon."}]}  # fmt: skip
    at.do("p1_actions", again).do("p1_rev", {"approval": "approved"}).do("p1_secr", SECRECY)
    at.do("p1_tju", REPORT, on=date(2027, 10, 20))
    decided(at, {"meeting_date": meeting}, date(2027, 11, 19)).do("p1_goals", GOALS)
    assert [each["answer"] for each in at.case.data["board_points"] or []] == []
    decided_of = sa.select(Entry).where(Entry.register == "decision", Entry.case_id == at.case.id)
    told = {(one.data["outcome"], one.state) for one in at.session.scalars(decided_of)}
    assert told == {("approved", EntryState.APPROVED), ("referred_back", EntryState.APPROVED)}
    at.let_pass("p1_before_vp").do("p1_vpchk", PLAN_CHECK)
    assert at.case.state is CaseState.FINISHED


def test_an_analysis_that_is_late_for_the_plan_is_followed_up_by_the_city(walk):
    at = reported(reviewed(analysed(screened(mapped(walk(KEY).begin())))))
    at.let_pass("p1_vp_passed")
    assert set(at.open) == {"p1_board", "p1_late"}
    at.do("p1_late", {"late_reason": "Sjukdom."})
    assert set(at.open) == {"p1_board"}
    assert at.due["p1_vp_passed"] == date(2027, 12, 15)


def actions(at):
    wanted = sa.select(Entry).where(Entry.register == "action", Entry.state == EntryState.APPROVED)
    return {entry.name: entry for entry in at.session.scalars(wanted.order_by(Entry.id))}


def test_what_nobody_knows_is_to_be_found_out_once_until_it_is_known(walk):
    at = analysed(screened(mapped(walk(KEY).begin())))
    [found] = actions(at).values()
    assert found.name == "Ta reda på: Avbrott ni väntar er – Journal, Hemtjänst dygnet runt"
    assert (found.owner, found.owner_id) == ("Alva", at.city.people["Alva"].id)
    assert (found.case_id, found.element) == (at.case.id, "p1_dep")
    assert found.data["kind"] == "find_out"
    assert (found.data["source"], found.due_on) == ("analysis", date(2027, 6, 2))
    assert found.secrecy is Marking.CRISIS  # as the row it is about

    def returned(journal):
        back = {"approval": "returned", "return_to": "analysis", "approval_comment": "Gör om."}
        at.do("p1_actions", ACTIONS, on=date(2027, 8, 30)).do("p1_rev", back)
        at.do("p1_risk", RISKS).do("p1_vuln", VULNERABILITIES)
        at.do("p1_dep", {"dependencies": [DEPENDENCIES["dependencies"][0], journal]})
        at.do("p1_comm", COMMUNICATION)
        return actions(at)[found.name]

    journal = DEPENDENCIES["dependencies"][1]
    assert returned(journal) is found  # asked again it is the same one
    known = returned({**journal, "expected_h_unknown": None, "expected_h": "1"})
    assert (known.status, known.is_open, known.number) == ("done", False, 2)
    again = returned(journal)
    assert (again.status, again.number, again.identity) == ("not_started", 3, found.identity)
    assert len(actions(at)) == 1


def test_the_words_of_a_row_that_is_not_open_reach_nobody_outside(walk):
    opened = {"risks": [{**POWER, "secrecy": "open"}, ATTACK]}
    at = screened(mapped(walk(KEY).begin()))
    at.do("p1_risk", opened, on=date(2027, 4, 20)).do("p1_vuln", VULNERABILITIES)
    at.do("p1_dep", DEPENDENCIES).do("p1_comm", COMMUNICATION, on=date(2027, 6, 23))
    reviewed(at)
    reported(at)
    made = at.session.scalars(sa.select(Document).where(Document.case_id == at.case.id)).all()
    said = {one.kind: "\n".join(texts(from_data(one.says))) for one in made}
    assert "El borta i två dygn" in said["open_extract"]
    assert "Väpnat angrepp" in said["rsa_report"]  # which is not open
    marked = ("Väpnat angrepp", "Ta emot risken", "Journal")
    out = [said["open_extract"], said["statement"]]
    for name in ("Alva", "Bo"):
        by = at.city.actor(name)
        token = feeds.make(at.session, FeedKind.PERSON, by=by, now=at.now)
        read = calendar_feeds.read(at.session, token, url="https://x.test", now=at.now)
        assert b"BEGIN:VEVENT" in read
        told = notices.preview(at.session, by, now=at.now)
        out += [read.decode(), str(told), *map(str, sent(at))]
    assert [word for word in (*marked, "El borta") for each in out[2:] if word in each] == []
    assert [word for word in marked for each in out if word in each] == []


def sent(at):
    return at.session.scalars(sa.select(Notice.what)).all()


def test_a_year_that_begins_late_gives_no_day_that_has_passed(walk):
    walked = walk(KEY)
    walked.now = walked.now.replace(month=9, day=27)
    at = screened(walked.begin().do("p1_scope", SCOPE))
    at.do("p1_commit", COMMITMENTS).do("p1_crit", CRITICALITY).do("p1_risk", RISKS)
    at.do("p1_vuln", VULNERABILITIES).do("p1_dep", DEPENDENCIES).do("p1_comm", COMMUNICATION)
    at.do("p1_actions", ACTIONS).do("p1_rev", {"approval": "approved"}).do("p1_secr", SECRECY)
    late = {step: day for step, day in at.due.items() if day <= at.now.date()}
    assert late == {}
    assert at.due["p1_rev"] == date(2027, 9, 30)


def test_nobody_approves_what_they_wrote(walk):
    at = analysed(screened(mapped(walk(KEY).begin())))
    at.do("p1_actions", ACTIONS, on=date(2027, 8, 30))
    steps = set(at.open["p1_rev"].not_by)
    assert {"p1_scope", "p1_commit", "p1_crit", "p1_risk", "p1_dep", "p1_actions"} <= steps


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
