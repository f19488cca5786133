"""The quarterly check, every way through it: what the forms answer is what the diagram asks."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from workflows import engine
from workflows.engine import Complete, Done, Facts
from workflows.forms import Answers, check, read_form
from workflows.forms import Facts as FormFacts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "bpmn/yearly_review"
DIAGRAM = engine.compile_diagram(
    (FOLDER / "yearly_review.bpmn").read_bytes(),
    decisions={"items_due": (FOLDER / "items_due.dmn").read_bytes()},
)
FACTS = Facts(
    today=date(2027, 1, 20), unit={"code": "FARSTA"}, year=2027, case={"occasion": "by hand"}
)
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
PLAN = {"code": "plan", "title": {"sv": "Plan", "en": "Plan"}, "approve": True}
ROSTER = {"code": "list", "title": {"sv": "Lista", "en": "List"}, "approve": False}


def begun():
    return engine.begin(DIAGRAM, {"items": [PLAN, ROSTER]}, FACTS)


def open_steps(progress):
    return [each.element for each in progress.opened]


def completed(progress, form, raw):
    """Answer the one open step through its form, as the product does."""
    [step] = progress.opened
    definition = read_form((ROOT / f"forms/yearly_review/{form}.json").read_bytes())
    names = {**progress.data, "today": FACTS.today}
    found = check(definition, raw, FormFacts(names=names))
    assert isinstance(found, Answers), found
    return engine.advance(DIAGRAM, progress.state, Complete(step.id, found.stored), FACTS)


def checked(progress, plan, roster):
    rows = [{"code": "plan", **plan}, {"code": "list", **roster}]
    return completed(progress, "check", {"items": rows})


def ended(progress):
    """Carry out the action that notes the day, and see the case finish."""
    [action] = progress.actions
    assert action.name == "set_fact"
    assert action.params["name"] == "reviewed_on"
    assert str(action.params["value"]) == "2027-01-20"
    done = engine.advance(
        DIAGRAM, progress.state, Done(action.id, {"reviewed_on": "2027-01-20"}), FACTS
    )
    assert done.finished
    return done


CURRENT = {"status": "current"}
CHANGED = {"status": "changed", "reference": "SLK 2027/12"}


def test_it_says_what_it_is():
    description = DIAGRAM.description
    assert description.key == "yearly_review"
    assert description.names == {"sv": "Beredskapskoll", "en": "Preparedness check"}
    assert description.per == ("board", "company", "district_board")
    check_step, approve_step = (description.steps[each] for each in ("p11_check", "p11_approve"))
    assert (check_step.roles, check_step.form) == (("security_coordinator",), "yearly_review/check")
    assert (approve_step.roles, approve_step.kind) == (("director",), "review")
    assert approve_step.not_by == ("p11_check",)
    assert [each.rule for each in (*check_step.due, *approve_step.due)] == ["+20wd", "+10wd"]
    assert all(set(each.documentation) == {"sv", "en"} for each in description.steps.values())


def test_nothing_changed_needs_nobodys_approval():
    assert open_steps(begun()) == ["p11_check"]
    ended(checked(begun(), CURRENT, {"status": "unknown"}))


def test_a_changed_list_needs_nobodys_approval():
    ended(checked(begun(), CURRENT, CHANGED))


def test_a_changed_plan_goes_to_the_director():
    asked = checked(begun(), CHANGED, CURRENT)
    assert open_steps(asked) == ["p11_approve"]
    ended(completed(asked, "approve", {"approval": "approved"}))


def test_sent_back_it_is_gone_through_again_with_what_was_answered():
    asked = checked(begun(), CHANGED, CURRENT)
    back = completed(asked, "approve", {"approval": "returned", "approval_comment": "Se över."})
    assert open_steps(back) == ["p11_check"]
    assert back.data["approval_comment"] == "Se över."
    assert [row["status"] for row in back.data["items"]] == ["changed", "current"]
    again = checked(back, CHANGED, CURRENT)
    ended(completed(again, "approve", {"approval": "approved"}))


def items_of(quarter, kind):
    facts = replace(FACTS, unit={"kind": kind}, case={"occasion": quarter})
    [action] = engine.begin(DIAGRAM, {}, facts).actions
    return action.params["value"]


def test_each_quarter_brings_its_items_by_the_kind_of_unit():
    district, company = (
        {quarter: [one["code"] for one in items_of(quarter, kind)] for quarter in QUARTERS}
        for kind in ("district_board", "company")
    )
    assert {quarter: len(codes) for quarter, codes in district.items()} == {
        "Q1": 8, "Q2": 9, "Q3": 10, "Q4": 10,
    }  # fmt: skip
    assert set(district["Q1"]) - set(company["Q1"]) == {"crisis_support_roster", "elected_safety"}
    assert all({"call_list", "duty_roster"} <= set(codes) for codes in company.values())


def test_an_item_is_written_as_the_form_reads_it():
    first = items_of("Q1", "board")[0]
    assert first == {
        "code": "crisis_plan",
        "title": {"sv": "Krisledningsplan", "en": "Crisis management plan"},
        "interval_months": 12,
        "approve": True,
    }


def answered(at, approved):
    rows = [
        {"code": row["code"], **(approved if row["approve"] else CURRENT)}
        for row in at.case.data["items"]
    ]
    return at.do("p11_check", {"items": rows})


def test_a_quarter_and_a_check_by_hand_take_every_flow_by_the_real_verbs(walk, taken):
    at = answered(walk("yearly_review").begin(occasion="Q1"), CHANGED)
    at.do("p11_approve", {"approval": "returned", "approval_comment": "Fel fil."})
    answered(at, CHANGED).do("p11_approve", {"approval": "approved"})
    assert at.case.state == "finished"
    by_hand = walk("yearly_review").begin(occasion="nu", items=[PLAN, ROSTER])
    assert answered(by_hand, CURRENT).case.state == "finished"
    drawn = {flow.id for node in DIAGRAM.plan.nodes.values() for flow in node.outgoing}
    assert drawn - taken == set()
