import json

import pytest

from tests.forms.written import ITEMS, RISKS, definition, read, words
from workflows.forms import BadForm, Kind, read_form
from workflows.forms.reading import MAX_BYTES

PLAIN = {"reason": {"type": "string"}}


def problems(written, known=None):
    """Path and code of every mistake."""
    data = written if isinstance(written, bytes) else json.dumps(written).encode()
    with pytest.raises(BadForm) as refused:
        read_form(data, known)
    return {(each.path, each.code) for each in refused.value.problems}


def test_a_definition_becomes_fields_of_their_kinds():
    form = read(
        definition(
            {
                "a": {"type": "string"},
                "b": {"type": "string", "x-rich": True},
                "c": {"type": "string", "enum": ["x", "y"]},
                "d": {"type": "string", "format": "date"},
                "e": {"type": "string", "format": "date-time"},
                "f": {"type": "string", "format": "email"},
                "g": {"type": "integer"},
                "h": {"type": "number"},
                "i": {"type": "boolean"},
                "j": {"type": "boolean", "const": True},
                "k": {"type": "array", "items": {"type": "string", "enum": ["x"]}},
                "l": {"type": "integer", "x-ref": "person"},
                "m": {"type": "string", "x-file": True},
                "n": {"type": "object", "properties": {"o": {"type": "string"}}},
                "p": RISKS,
            }
        )
    )
    assert [each.kind for each in form.fields] == [
        Kind.TEXT, Kind.RICH, Kind.CHOICE, Kind.DATE, Kind.INSTANT, Kind.EMAIL, Kind.INTEGER,
        Kind.NUMBER, Kind.BOOLEAN, Kind.TICK, Kind.CHOICES, Kind.REFERENCE, Kind.FILE, Kind.GROUP,
        Kind.ROWS,
    ]  # fmt: skip
    assert form.has_files
    assert form.title["sv"] == "Prov"
    assert form.title["en"] == "Prov (en)"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"a": NaN}', b"\xff\xfe", b'{"title": "\xc3"}', b"[" * 100_000],
)
def test_what_is_no_json_is_said_to_be_none(data):
    assert ("", "not_json") in problems(data)


def test_a_definition_larger_than_a_megabyte_is_not_even_parsed():
    assert ("", "too_large") in problems(b" " * (MAX_BYTES + 1))


def test_both_languages_are_demanded_everywhere():
    written = definition(PLAIN, rules=[_rule(message={"en": "Why?"})], attest={"sv": "Ja"})
    written["title"] = {"sv": "Prov", "en": " "}
    written["labels"]["reason"]["label"] = {"sv": "Skäl"}
    written["labels"]["reason"]["hint"] = {"sv": "Kort", "en": ""}
    assert problems(written) == {
        ("/title/en", "no_words"),
        ("/labels/reason/label/en", "no_words"),
        ("/labels/reason/hint/en", "no_words"),
        ("/rules/0/message/sv", "no_words"),
        ("/attest/en", "no_words"),
    }


def test_an_option_without_words_is_found():
    written = definition({"c": {"type": "string", "enum": ["x", "y"]}})
    del written["labels"]["c"]["enum"]["y"]
    written["labels"]["c"]["enum"]["z"] = words("z")
    assert problems(written) == {
        ("/labels/c/enum/y", "missing"),
        ("/labels/c/enum/z", "unknown_key"),
    }


def _rule(**changes):
    return {
        "id": "why",
        "holds": "reason != None",
        "message": words("Varför?"),
        "fields": ["reason"],
        "strength": "stop",
    } | changes


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"holds": "reason ="}, ("/rules/0/holds", "bad_expression")),
        ({"holds": "().__class__"}, ("/rules/0/holds", "bad_expression")),
        ({"holds": "open('x')"}, ("/rules/0/holds", "bad_expression")),
        ({"fields": ["raeson"]}, ("/rules/0/fields/0", "unknown_field")),
        ({"each": "reason"}, ("/rules/0/each", "unknown_list")),
        ({"strength": "maybe"}, ("/rules/0/strength", "unknown_strength")),
        ({"id": "Why!"}, ("/rules/0/id", "bad_id")),
        ({"colour": "red"}, ("/rules/0/colour", "unknown_key")),
    ],
)
def test_a_mistake_in_a_rule_is_located(rule, expected):
    assert expected in problems(definition(PLAIN, rules=[_rule(**rule)]))


def test_an_unknown_name_is_found_when_the_names_of_the_case_are_told():
    written = definition(PLAIN, rules=[_rule(holds="raeson != None and today != None")])
    assert problems(written, frozenset({"today"})) == {("/rules/0/holds", "bad_expression")}
    assert read(written)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "text"}, ("/type", "unknown_type")),
        ({}, ("/type", "unknown_type")),
        ({"type": "string", "format": "uuid"}, ("/format", "unknown_format")),
        ({"type": "string", "$ref": "#/x"}, ("/$ref", "unknown_keyword")),
        ({"type": "string", "maxLength": -1}, ("/maxLength", "not_a_count")),
        ({"type": "string", "maxLength": 1.5}, ("/maxLength", "not_a_count")),
        ({"type": "integer", "minimum": "1"}, ("/minimum", "not_a_number")),
        ({"type": "string", "pattern": "("}, ("/pattern", "bad_pattern")),
        ({"type": "string", "pattern": "(a+)+$"}, ("/pattern", "bad_pattern")),
        ({"type": "string", "pattern": "a", "x-rich": True}, ("/pattern", "bad_pattern")),
        ({"type": "boolean", "const": False}, ("/const", "flag_is_true")),
        ({"type": "string", "readOnly": "yes"}, ("/readOnly", "flag_is_true")),
        ({"type": "string", "enum": []}, ("/enum", "bad_options")),
        ({"type": "string", "enum": ["x", "x"]}, ("/enum", "bad_options")),
        ({"type": "array", "items": {"type": "string"}}, ("/items", "not_rows_or_options")),
        (ITEMS | {"x-key": "nobody"}, ("/x-key", "unknown_field")),
        (RISKS | {"x-rows": "fixed"}, ("/x-key", "unknown_field")),
        (RISKS | {"x-rows": "some"}, ("/x-rows", "unknown_value")),
    ],
)
def test_a_schema_outside_the_subset_is_refused_where_it_is(schema, expected):
    path, code = expected
    assert (f"/schema/properties/f{path}", code) in problems(definition({"f": schema}))


def test_lists_and_groups_hold_plain_fields_only():
    nested = {"type": "object", "properties": {"rows": RISKS}}
    place = "/schema/properties/f/properties/rows"
    assert (place, "too_deep") in problems(definition({"f": nested}))


def test_only_rows_of_the_case_have_columns_to_read():
    rows = {
        "type": "array",
        "items": {"type": "object", "properties": {"x": {"type": "string", "readOnly": True}}},
    }
    place = "/schema/properties/f/items/properties/x/readOnly"
    assert (place, "read_only_in_fixed_rows") in problems(definition({"f": rows}))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("__class__", "bad_name"),
        ("Reason", "bad_name"),
        ("a-b", "bad_name"),
        ("a.b", "bad_name"),
        ("x" * 64, "bad_name"),
        ("len", "reserved_name"),
        ("case", "reserved_name"),
        ("lambda", "reserved_name"),
        ("csrf_token", "reserved_name"),
        ("row", "reserved_name"),
    ],
)
def test_a_name_that_means_something_else_is_refused(name, code):
    assert (f"/schema/properties/{name}", code) in problems(definition({name: PLAIN["reason"]}))


def test_every_field_stands_in_exactly_one_section():
    written = definition({"a": {"type": "string"}, "b": {"type": "string"}})
    written["layout"] = [{"id": "x", "fields": ["a", "c"]}, {"id": "x", "fields": ["a"]}]
    assert problems(written) == {
        ("/layout/0/fields/1", "unknown_field"),
        ("/layout/1/fields/0", "unknown_field"),
        ("/layout/1/id", "bad_id"),
        ("/layout", "in_no_section"),
    }


def test_labels_tiers_registers_and_carry_over_name_fields_that_exist():
    written = definition(
        {"risks": RISKS},
        required=["riks"],
        tiers={"risk": "full", "risks.title": "most"},
        registers=[
            {"register": "risk", "field": "risk", "key": ["title"]},
            {"register": "risk", "field": "risks", "key": ["name"]},
        ],
        carry_over=["risk"],
    )
    written["labels"]["risk"] = {"label": words("x")}
    assert problems(written) == {
        ("/schema/required/0", "unknown_field"),
        ("/labels/risk", "unknown_field"),
        ("/tiers/risk", "unknown_field"),
        ("/tiers/risks.title", "unknown_tier"),
        ("/registers/0/field", "unknown_list"),
        ("/registers/1/key/0", "unknown_field"),
        ("/carry_over/0", "unknown_field"),
    }


def test_what_is_required_is_asked_of_everybody():
    written = definition(PLAIN, required=["reason"], tiers={"reason": "full"})
    assert problems(written) == {("/tiers/reason", "required_is_min")}


@pytest.mark.parametrize("written", [[], "x", 1, None, {}, {"schema": []}, {"layout": {}}])
def test_any_json_is_answered_with_problems_never_with_an_exception_of_another_kind(written):
    assert problems(written)
