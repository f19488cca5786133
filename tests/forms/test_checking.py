from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.forms.written import ITEMS, RISKS, facts, form, words
from workflows.errors import Invalid
from workflows.expressions import ExpressionFailed
from workflows.forms import Answers, Errors, Facts, Strength, check


def answers(of, raw, given_facts=None):
    found = check(of, raw, given_facts or facts())
    assert isinstance(found, Answers), found
    return found.values


def errors(of, raw, given_facts=None):
    """Name and code of every error, in the order of the page."""
    found = check(of, raw, given_facts or facts())
    assert isinstance(found, Errors), found
    return [(each.name, each.code) for each in found.errors]


def rule(**parts):
    return {"id": "r", "message": words("Nej"), "strength": "stop"} | parts


def test_answers_come_back_with_their_types():
    of = form({"when": {"type": "string", "format": "date"}, "cost": {"type": "number"},
               "note": {"type": "string"}, "risks": RISKS})  # fmt: skip
    raw = {
        "when": "11 maj 2027",
        "cost": "1 200,50",
        "risks": [{"title": "Elavbrott", "value": "9"}],
    }
    assert answers(of, raw) == {
        "when": date(2027, 5, 11),
        "cost": Decimal("1200.50"),
        "note": None,
        "risks": [{"title": "Elavbrott", "value": 9, "areas": None}],
    }
    found = check(of, raw, facts())
    assert isinstance(found, Answers)
    assert found.stored["when"] == "2027-05-11"


@pytest.mark.parametrize(
    ("schema", "raw", "code", "params"),
    [
        ({"type": "string"}, "", "required", {}),
        ({"type": "string"}, "x" * 201, "too_long", {"most": 200, "actual": 201}),
        ({"type": "string", "x-rich": True}, "x" * 8_001, "too_long",
         {"most": 8000, "actual": 8001}),
        ({"type": "string", "minLength": 3}, "ab", "too_short", {"least": 3}),
        ({"type": "string", "pattern": "^[A-Z]+$"}, "ab", "wrong_pattern", {}),
        ({"type": "string", "enum": ["a"]}, "b", "not_an_option", {}),
        ({"type": "integer", "minimum": 1}, "0", "too_small", {"least": 1}),
        ({"type": "integer", "maximum": 5}, "6", "too_big", {"most": 5}),
        ({"type": "number", "exclusiveMinimum": 0}, "0,0", "must_exceed", {"limit": 0}),
        ({"type": "number", "exclusiveMaximum": 1}, "1", "must_be_below", {"limit": 1}),
        ({"type": "number", "minimum": 0.1}, "0,09", "too_small", {"least": Decimal("0.1")}),
        ({"type": "boolean"}, None, "required", {}),
        ({"type": "boolean", "const": True}, None, "must_tick", {}),
        ({"type": "array", "items": {"type": "string", "enum": ["a"]}}, ["b"], "not_an_option", {}),
        ({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "uniqueItems": True},
         ["a", "a"], "repeated", {}),
        ({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "minItems": 2}, ["a"],
         "too_few", {"least": 2}),
        (RISKS, [], "required", {}),
        (RISKS | {"maxItems": 1}, [{"title": "a"}, {"title": "b"}], "too_many", {"most": 1}),
        (RISKS, "a list", "wrong_type", {}),
        (RISKS, ["a row"], "wrong_type", {}),
        ({"type": "number"}, 1.5, "wrong_type", {}),
        ({"type": "number"}, float("nan"), "wrong_type", {}),
    ],
)  # fmt: skip
def test_every_broken_demand_has_its_own_code(schema, raw, code, params):
    of = form({"f": schema}, required=["f"])
    found = check(of, {"f": raw}, facts())
    assert isinstance(found, Errors)
    assert [(each.name, each.code) for each in found.errors] == [("f", code)]
    assert found.errors[0].params == params


def test_errors_stand_in_the_order_of_the_page_and_point_into_rows():
    of = form({"a": {"type": "string"}, "risks": RISKS, "b": {"type": "string"}},
              required=["a", "b"])  # fmt: skip
    raw = {"risks": [{"title": ""}, {"value": "x"}, {"title": "ok", "value": "26"}]}
    assert errors(of, raw) == [
        ("a", "required"),
        ("risks-1-title", "required"),
        ("risks-1-value", "not_a_whole_number"),
        ("risks-2-value", "too_big"),
        ("b", "required"),
    ]


def test_rows_left_blank_are_dropped_and_the_others_keep_their_places():
    of = form({"risks": RISKS})
    raw = {"risks": [{}, {"title": "a"}, {"title": " "}, {"value": "0"}]}
    assert errors(of, raw) == [("risks-3-title", "required"), ("risks-3-value", "too_small")]
    raw["risks"][3] = {"title": "b"}
    assert [row["title"] for row in answers(of, raw)["risks"]] == ["a", "b"]


def test_a_group_is_asked_for_whole_or_not_at_all():
    plan = {"type": "object", "required": ["owner"],
            "properties": {"owner": {"type": "string"}, "note": {"type": "string"}}}  # fmt: skip
    optional, demanded = form({"plan": plan}), form({"plan": plan}, required=["plan"])
    assert answers(optional, {})["plan"] == {"owner": None, "note": None}
    assert errors(optional, {"plan": {"note": "x"}}) == [("plan-owner", "required")]
    assert errors(demanded, {}) == [("plan-owner", "required")]


@pytest.mark.parametrize(
    "raw",
    [{"x": "1"}, {"__class__": "x"}, {"risks": [{"__class__": "x"}]}, {"risks": [{"x": ""}]}],
)
def test_a_field_the_form_does_not_have_is_refused(raw):
    with pytest.raises(Invalid) as refused:
        check(form({"risks": RISKS}), raw, facts())
    assert refused.value.code == "unknown_field"


# --- rows of the case ----------------------------------------------------------------------

CASE_ROWS = [{"code": "plan", "approve": True}, {"code": "list", "approve": False}]


def test_answers_join_the_rows_of_the_case_by_their_key():
    of = form({"items": ITEMS})
    raw = {"items": [{"code": "list", "status": "current"}, {"code": "plan", "status": "changed"}]}
    assert answers(of, raw, facts(items=CASE_ROWS))["items"] == [
        {"code": "plan", "approve": True, "status": "changed", "done_on": None},
        {"code": "list", "approve": False, "status": "current", "done_on": None},
    ]


def test_every_row_of_the_case_must_be_answered():
    of = form({"items": ITEMS})
    raw = {"items": [{"code": "plan", "status": "current"}]}
    assert errors(of, raw, facts(items=CASE_ROWS)) == [("items-1-status", "required")]


@pytest.mark.parametrize(
    ("codes", "code"), [(["plan", "other"], "unknown_row"), (["plan", "plan"], "repeated_row")]
)
def test_nobody_adds_a_row_to_the_case(codes, code):
    raw = {"items": [{"code": each, "status": "current"} for each in codes]}
    with pytest.raises(Invalid) as refused:
        check(form({"items": ITEMS}), raw, facts(items=CASE_ROWS))
    assert refused.value.code == code


def test_what_is_only_read_cannot_be_answered():
    raw = {"items": [{"code": "plan", "status": "current", "approve": "false"}]}
    with pytest.raises(Invalid):
        check(form({"items": ITEMS}), raw, facts(items=CASE_ROWS))


def test_what_is_only_shown_stays_as_the_case_has_it():
    of = form({"comment": {"type": "string", "readOnly": True}, "a": {"type": "string"}})
    assert answers(of, {"a": "x"}, facts(comment="old"))["comment"] == "old"


def test_a_list_has_at_most_five_hundred_rows_unless_it_says_fewer():
    of = form({"risks": RISKS})
    assert errors(of, {"risks": [{"title": "a"}] * 501}) == [("risks", "too_many")]
    assert len(answers(of, {"risks": [{"title": "a"}] * 500})["risks"]) == 500


# --- sections and tiers --------------------------------------------------------------------


def sectioned():
    fields = {"unsure": {"type": "boolean"}, "why": {"type": "string"}, "more": {"type": "string"}}
    del fields["why"]
    return form(
        fields | {"cause": {"type": "string"}},
        required=["cause"],
        layout=[
            {"id": "first", "fields": ["unsure"]},
            {"id": "second", "fields": ["cause"], "visible": "unsure == True"},
            {"id": "third", "fields": ["more"], "visible": "cause != None"},
        ],
    )


def test_a_hidden_field_is_neither_demanded_nor_kept():
    raw = {"unsure": "false", "cause": "left over", "more": "too"}
    assert answers(sectioned(), raw) == {"unsure": False, "more": None, "cause": None}


def test_a_section_that_an_answer_opens_is_asked_for():
    assert errors(sectioned(), {"unsure": "true"}) == [("cause", "required")]
    raw = {"unsure": "true", "cause": "c", "more": "m"}
    assert answers(sectioned(), raw) == {"unsure": True, "cause": "c", "more": "m"}


def test_fields_above_the_level_of_the_unit_keep_what_the_case_has():
    of = form({"a": {"type": "string"}, "b": {"type": "string"}}, tiers={"b": "full"})
    lower = Facts(names={"b": "from before"}, tier="standard")
    assert answers(of, {"a": "x", "b": "not asked"}, lower) == {"a": "x", "b": "from before"}
    assert answers(of, {"a": "x", "b": "y"}, Facts(tier="full")) == {"a": "x", "b": "y"}


def test_columns_above_the_level_of_the_unit_are_empty_for_the_rules():
    of = form(
        {"items": ITEMS},
        tiers={"items.done_on": "full"},
        rules=[rule(each="items", holds="row.done_on == None", fields=["items.done_on"])],
    )
    raw = {"items": [{"code": "plan", "status": "current", "done_on": "2027-01-01"}]}
    low = Facts(names={"items": CASE_ROWS[:1]}, tier="min")
    assert answers(of, raw, low)["items"][0]["done_on"] is None


# --- rules ---------------------------------------------------------------------------------

DATES = {"start": {"type": "string", "format": "date"}, "end": {"type": "string", "format": "date"}}


def test_a_rule_that_stops_puts_its_own_words_on_its_first_field():
    of = form(DATES, rules=[rule(holds="end > start", fields=["end", "start"])])
    found = check(of, {"start": "2027-02-01", "end": "2027-01-01"}, facts())
    assert isinstance(found, Errors)
    assert [(each.name, each.code) for each in found.errors] == [("end", "rule")]
    assert found.errors[0].message is not None
    assert found.errors[0].message["sv"] == "Nej"
    assert answers(of, {"start": "2027-01-01", "end": "2027-02-01"})


def test_a_rule_is_not_asked_when_an_answer_it_needs_is_missing_or_wrong():
    of = form(DATES, rules=[rule(holds="end > start", fields=["end", "start"])])
    assert answers(of, {"start": "2027-01-01"})
    assert errors(of, {"start": "yesterday", "end": "2027-01-01"}) == [("start", "not_a_date")]


def test_a_rule_that_cannot_be_worked_out_at_all_is_not_passed_over():
    of = form(DATES, rules=[rule(holds="end > nothing", fields=["end"])])
    with pytest.raises(ExpressionFailed):
        check(of, {"end": "2027-01-01"}, facts())


def test_a_rule_sees_the_case_the_day_and_the_functions():
    of = form(
        {"end": DATES["end"]},
        rules=[
            rule(holds="end > today and milestone('T1') == 'x' and year == 2027", fields=["end"])
        ],
    )
    given_facts = Facts(names=facts().names, functions={"milestone": lambda code: "x"})
    assert answers(of, {"end": "2027-05-19"}, given_facts)
    assert errors(of, {"end": "2027-05-18"}, given_facts) == [("end", "rule")]


def test_a_rule_for_each_row_finds_the_row():
    of = form(
        {"risks": RISKS},
        rules=[rule(each="risks", holds="row.value < 20", fields=["risks.value"])],
    )
    raw = {"risks": [{}, {"title": "a", "value": "3"}, {"title": "b", "value": "20"}]}
    assert errors(of, raw) == [("risks-2-value", "rule")]


def justified(strength):
    return form(
        {"risks": RISKS, "note": {"type": "string"}},
        required=["note"],
        rules=[
            rule(each="risks", holds="row.value < 20", fields=["risks.value"], strength=strength)
        ],
    )


HIGH = {"note": "n", "risks": [{}, {"title": "b", "value": "20"}]}


def test_a_rule_that_asks_for_a_reason_takes_one():
    of = justified("justify")
    assert errors(of, HIGH) == [("why:r:1", "justify")]
    assert errors(of, HIGH | {"why:r:1": "  "}) == [("why:r:1", "justify")]
    assert errors(of, HIGH | {"why:r:1": "x" * 8_001}) == [("why:r:1", "too_long")]
    assert errors(of, HIGH | {"why:r:1": "\x00"}) == [("why:r:1", "bad_characters")]
    found = check(of, HIGH | {"why:r:1": "Ledningen vet."}, facts())
    assert isinstance(found, Answers)
    [remark] = found.remarks
    assert (remark.rule, remark.row, remark.reason) == ("r", 0, "Ledningen vet.")


def test_the_reason_stays_while_something_else_is_mended():
    found = check(justified("justify"), HIGH | {"note": "", "why:r:1": "Vi vet."}, facts())
    assert isinstance(found, Errors)
    assert [each.name for each in found.errors] == ["note"]
    assert found.remarks[0].reason == "Vi vet."


def test_a_hint_stops_nobody():
    found = check(justified("hint"), HIGH, facts())
    assert isinstance(found, Answers)
    assert [each.strength for each in found.remarks] == [Strength.HINT]


def test_what_must_be_attested_must_be_ticked():
    of = form({"a": {"type": "string"}}, attest=words("Inget hemligt"))
    assert errors(of, {"a": "x"}) == [("attest", "must_tick")]
    assert errors(of, {"a": "x", "attest": "no"}) == [("attest", "must_tick")]
    found = check(of, {"a": "x", "attest": "true"}, facts())
    assert isinstance(found, Answers)
    assert found.attested


# --- whatever comes ------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["title", "value", "areas", "owner", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
WHOLE = form(
    {
        "reason": {"type": "string", "maxLength": 10},
        "cost": {"type": "number", "minimum": 0},
        "plan": {"type": "object", "properties": {"owner": {"type": "string"}}},
        "risks": RISKS,
    },
    required=["reason", "plan"],
    rules=[rule(each="risks", holds="row.value < 20", fields=["risks.value"])],
)


@given(st.dictionaries(st.sampled_from(["reason", "cost", "plan", "risks", "other"]), ANYTHING))
def test_whatever_is_handed_in_is_answered_in_our_own_words(raw):
    with suppress(Invalid):
        found = check(WHOLE, raw, facts())
        if isinstance(found, Answers):
            assert set(found.values) == {"reason", "cost", "plan", "risks"}
            assert "float" not in {type(each).__name__ for each in found.values.values()}
        else:
            assert all(each.code.replace("_", "").isalpha() for each in found.errors)
