from datetime import UTC, date, datetime
from decimal import Decimal

from tests.forms.written import ITEMS, RISKS, definition, facts, form, read, words
from workflows.forms import Facts, check, prefilled, read_only, view
from workflows.forms.comparing import marked
from workflows.language import Language

SV, EN = Language.SV, Language.EN
FIELDS = {
    "reason": {"type": "string", "x-rich": True},
    "cost": {"type": "number"},
    "when": {"type": "string", "format": "date-time"},
    "kind": {"type": "string", "enum": ["a", "b"]},
    "sure": {"type": "boolean"},
    "lead": {"type": "integer", "x-ref": "person"},
    "risks": RISKS,
}
FORM = form(FIELDS, required=["reason", "kind"])
PEOPLE = Facts(choices={"person": {"7": "A. Ek", "8": "B. Al"}})


def fields(page):
    return {each.name: each for section in page.sections for each in section.fields}


def test_a_page_has_everything_a_control_needs():
    page = view(FORM, {"kind": "b", "lead": "7"}, PEOPLE, SV)
    shown = fields(page)
    assert page.title == "Prov"
    assert shown["reason"].id == "f-reason"
    assert shown["reason"].required
    assert [(each.id, each.label, each.chosen) for each in shown["kind"].options] == [
        ("f-kind", "a", False),
        ("f-kind-1", "b", True),
    ]
    assert [each.label for each in shown["lead"].options if each.chosen] == ["A. Ek"]
    assert [each.label for each in shown["sure"].options] == ["Ja", "Nej"]
    assert fields(view(FORM, {}, PEOPLE, EN))["reason"].label == "reason (en)"


def test_what_was_typed_stands_in_the_box_as_it_was_typed():
    raw = {"cost": "tolv", "risks": [{"title": "x", "value": "många"}]}
    shown = fields(view(FORM, raw, facts(), SV, check(FORM, raw, facts())))
    assert shown["cost"].value == "tolv"
    assert shown["risks"].rows[0].fields[1].value == "många"


def test_an_error_leads_to_the_control_and_describes_it():
    raw = {"kind": "a", "risks": [{"title": "x"}, {"value": "0"}]}
    page = view(FORM, raw, facts(), SV, check(FORM, raw, facts()))
    assert [(each.href, each.label, each.code) for each in page.errors] == [
        ("#f-reason", "reason", "required"),
        ("#f-risks-1-title", "Risks 2: title", "required"),
        ("#f-risks-1-value", "Risks 2: value", "too_small"),
    ]
    reason = fields(page)["reason"]
    assert reason.described_by == "f-reason-error"
    assert f"#{fields(page)['risks'].rows[1].fields[0].id}" == page.errors[1].href


def test_what_the_case_holds_stands_in_the_boxes_to_begin_with():
    case = {
        "reason": "som förut",
        "cost": "12.50",
        "when": "2027-05-11T12:30:00.000000Z",
        "risks": [{"title": "x", "value": 3, "other": 1}],
    }
    held = facts(**case)
    shown = fields(view(FORM, prefilled(FORM, held), held, SV))
    assert shown["reason"].value == "som förut"
    assert shown["cost"].value == "12,50"
    assert shown["when"].value == "2027-05-11 14:30"
    assert [each.value for each in shown["risks"].rows[0].fields] == ["x", "3", ""]


def test_what_must_be_asked_anew_does_not_begin_with_the_old_answer():
    of = form({"approval": {"type": "string", "enum": ["yes", "no"], "x-fresh": True}})
    assert prefilled(of, facts(approval="no")) == {}


def test_rows_of_the_case_stand_in_its_order_with_what_was_typed():
    of = form({"items": ITEMS})
    held = facts(items=[{"code": "plan", "status": "changed"}, {"code": "list"}])
    raw = {"items": [{"code": "list", "status": "current"}, {"code": "gone", "status": "x"}]}
    rows = fields(view(of, raw, held, SV))["items"].rows
    assert [(row.key, row.fields[0].value) for row in rows] == [
        ("plan", "changed"),
        ("list", "current"),
    ]


def test_an_old_draft_opens_in_a_form_that_has_changed():
    raw = {
        "gone": "x",
        "reason": ["a"],
        "risks": [{"gone": "x", "title": "y"}, "row"],
        "kind": {"a": 1},
        "why:gone": "z",
    }
    page = view(FORM, raw, facts(), SV)
    assert [each.value for each in fields(page)["risks"].rows[0].fields] == ["y", "", ""]
    assert not page.errors


def test_a_draft_keeps_the_reason_that_was_begun():
    of = form(
        {"cost": {"type": "integer"}},
        rules=[
            {
                "id": "dear",
                "holds": "cost < 100",
                "message": words("Dyrt"),
                "fields": ["cost"],
                "strength": "justify",
            }
        ],
    )
    page = view(of, {"cost": "200", "why:dear": "Behövs"}, facts(), SV)
    [reason] = page.sections[0].reasons
    assert (reason.name, reason.value, reason.message) == ("why:dear", "Behövs", "Dyrt")
    refused = check(of, {"cost": "200"}, facts())
    page = view(of, {"cost": "200"}, facts(), SV, refused)
    assert page.errors[0].href == f"#{page.sections[0].reasons[0].id}"
    assert page.errors[0].label == "cost"


def test_sections_and_fields_that_do_not_concern_one_are_not_shown():
    of = form(
        {"a": {"type": "boolean"}, "b": {"type": "string"}, "c": {"type": "string"}},
        tiers={"c": "full"},
        layout=[{"id": "x", "fields": ["a", "c"]}, {"id": "y", "fields": ["b"], "visible": "a"}],
    )
    assert set(fields(view(of, {}, Facts(tier="min"), SV))) == {"a"}
    assert set(fields(view(of, {"a": "true"}, Facts(tier="full"), SV))) == {"a", "b", "c"}


def test_last_year_stands_beside_the_field_that_carries_it_over():
    of = form({"cost": {"type": "number"}, "note": {"type": "string"}}, carry_over=["cost"])
    shown = fields(view(of, {}, Facts(previous={"cost": "1200.5", "note": "x"}), SV))
    assert shown["cost"].previous == "1\u00a0200,5"
    assert shown["note"].previous == ""


def test_answers_are_told_in_words_and_what_nobody_answered_is_left_out():
    values = {
        "reason": "Rad ett\nrad två",
        "cost": Decimal("1200.50"),
        "when": datetime(2027, 5, 11, 12, 30, tzinfo=UTC),
        "kind": "b",
        "sure": False,
        "lead": 7,
        "risks": [{"title": "Elavbrott", "value": 9, "areas": ["life", "function"]}],
        "secret": "not of this form",
    }
    shown = fields(read_only(FORM, values, SV, PEOPLE))
    assert {name: each.value for name, each in shown.items()} == {
        "reason": "Rad ett\nrad två",
        "cost": "1\u00a0200,5",
        "when": "tis 11 maj 2027 14:30",
        "kind": "b",
        "sure": "Nej",
        "lead": "A. Ek",
        "risks": "",
    }
    assert [each.value for each in shown["risks"].rows[0].fields] == [
        "Elavbrott",
        "9",
        "life och function",
    ]
    assert fields(read_only(FORM, {"sure": True}, EN)).keys() == {"sure"}
    assert read_only(FORM, {}, SV).sections == ()


def test_stored_answers_read_the_same_as_typed_ones():
    of = form({"when": {"type": "string", "format": "date"}, "cost": {"type": "number"}})
    typed = read_only(of, {"when": date(2027, 5, 11), "cost": Decimal("1.5")}, SV)
    assert read_only(of, {"when": "2027-05-11", "cost": "1.5"}, SV) == typed


def test_columns_that_nobody_answered_are_left_out():
    values = {"risks": [{"title": "a", "value": None}, {"title": "b", "value": 2}]}
    table = fields(read_only(FORM, values, SV))["risks"]
    assert [each.label for each in table.fields] == ["title", "value"]
    assert [each.value for each in table.rows[0].fields] == ["a", ""]


def test_the_quarter_before_is_compared_row_by_row_and_what_only_it_asked_about_is_not_gone():
    written = definition(FIELDS)
    written["labels"]["risks"] = {"label": words("Risker"), "rows": {"name": "title"}}
    then, now = (
        read_only(read(written), {"reason": reason, "risks": rows}, SV, Facts())
        for reason, rows in (
            ("Snö", [{"title": "El", "value": 3}, {"title": "Brand", "value": 1}]),
            ("Snö", [{"title": "El", "value": 4}, {"title": "Vatten", "value": 2}]),
        )
    )

    def states(**how):
        rows = [one.rows for _, fields in marked(now, then, **how) for one in fields if one.rows]
        return {row.label: row.state for row in rows[0]}

    assert states() == {"El": "changed", "Vatten": "added", "Brand": "removed"}
    assert states(is_same_occasion=False) == {"El": "changed", "Vatten": "same"}
