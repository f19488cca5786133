from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.forms.written import ITEMS, RISKS, facts, form, words
from workflows.errors import Invalid
from workflows.forms import Raw, RowChange, change_rows, read_posted, view
from workflows.language import Language

PLAN = {"type": "object", "properties": {"owner": {"type": "string"}}}
AREAS = {"type": "array", "items": {"type": "string", "enum": ["life", "function"]}}
FORM = form(
    {"reason": {"type": "string"}, "plan": PLAN, "areas": AREAS, "risks": RISKS, "items": ITEMS},
    rules=[
        {
            "id": "few",
            "holds": "count(risks) > 1",
            "message": words("Få"),
            "fields": ["risks"],
            "strength": "justify",
        },
        {
            "id": "high",
            "each": "risks",
            "holds": "row.value < 20",
            "message": words("Hög"),
            "fields": ["risks.value"],
            "strength": "justify",
        },
    ],
)

FREE = form({"reason": {"type": "string"}, "plan": PLAN, "areas": AREAS, "risks": RISKS})


def refusal(*pairs):
    with pytest.raises(Invalid) as refused:
        read_posted(FORM, pairs)
    return refused.value.code


def test_names_become_a_nested_structure_in_the_order_they_came():
    posted = read_posted(
        FORM,
        [
            ("reason", "x"),
            ("plan-owner", "Ek"),
            ("areas", ""),
            ("areas", "life"),
            ("areas", "function"),
            ("risks", "7"),
            ("risks-7-title", "later number first"),
            ("risks-7-areas", "life"),
            ("risks", "0"),
            ("risks-2-title", "without its own number"),
        ],
    )
    assert posted.change is None
    assert posted.raw == {
        "reason": "x",
        "plan": {"owner": "Ek"},
        "areas": ["life", "function"],
        "risks": [
            {"title": "later number first", "areas": ["life"]},
            {},
            {"title": "without its own number"},
        ],
    }


@pytest.mark.parametrize(
    "name",
    [
        "unknown", "__class__", "reason-0", "reason-x", "plan", "plan-owner-x", "plan-__class__",
        "risks-0", "risks-0-__class__", "risks-0-title-x", "risks-x-title", "risks--title",
        "risks-01-title", "risks--1-title", "risks-99999-title", "risks-٣-title", "items-0-unknown",
        "why:nobody", "why:few:0", "why:high", "why:high:x", "why:", "attest", "", "-",
        "risks.title",
    ],
)  # fmt: skip
def test_a_name_the_form_does_not_have_is_refused(name):
    assert refusal((name, "x")) == "unknown_field"


def test_a_field_that_is_only_shown_takes_no_answer():
    shown = form({"comment": {"type": "string", "readOnly": True}})
    with pytest.raises(Invalid) as refused:
        read_posted(shown, [("comment", "mine")])
    assert refused.value.code == "unknown_field"


def test_a_column_that_is_only_shown_takes_no_answer_but_the_key_names_its_row():
    rows = {
        "type": "object",
        "properties": {each: {"type": "string", "readOnly": True} for each in ("code", "name")},
    }
    of = form({"list": {"type": "array", "x-rows": "fixed", "x-key": "code", "items": rows}})
    assert read_posted(of, [("list-0-code", "a")]).raw == {"list": [{"code": "a"}]}
    with pytest.raises(Invalid):
        read_posted(of, [("list-0-name", "mine")])


def test_a_row_number_that_is_no_number_is_refused():
    assert refusal(("risks", "first")) == "unknown_field"


@pytest.mark.parametrize("name", ["reason", "plan-owner", "risks-0-title", "why:few"])
def test_a_field_posted_twice_is_refused(name):
    assert refusal((name, "a"), (name, "b")) == "repeated_field"


def test_there_is_an_end_to_rows_pairs_and_text():
    assert refusal(*((f"risks-{n}-title", "x") for n in range(501))) == "too_many_rows"
    assert refusal(*((f"risks-{n % 9}-title", "x") for n in range(30_001))) in (
        "repeated_field",
        "too_many_fields",
    )
    assert refusal(*(("areas", "life") for _ in range(30_001))) == "too_many_fields"
    assert refusal(("reason", "x" * 100_001)) == "text_too_long"


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ("add-risks", RowChange("add", "risks")),
        ("copy-risks-3", RowChange("copy", "risks", 3)),
        ("remove-risks-0", RowChange("remove", "risks", 0)),
    ],
)
def test_a_row_button_says_what_it_changes(value, change):
    assert read_posted(FORM, [("row", value)]).change == change


@pytest.mark.parametrize(
    "value",
    ["", "add", "add-nothing", "add-reason", "add-risks-1", "copy-risks", "remove-risks-x",
     "drop-risks-1", "add-items", "remove-items-0", "remove-risks-99999"],
)  # fmt: skip
def test_a_row_button_we_never_drew_is_refused(value):
    assert refusal(("row", value)) == "unknown_field"


def test_rows_are_added_copied_and_removed_without_touching_what_was_given():
    raw = {"reason": "r", "risks": [{"title": "a"}, {"title": "b"}]}
    assert change_rows(FORM, raw, RowChange("add", "risks"))["risks"][2] == {}
    copied = change_rows(FORM, raw, RowChange("copy", "risks", 0))
    assert [row["title"] for row in copied["risks"]] == ["a", "a", "b"]
    removed = change_rows(FORM, raw, RowChange("remove", "risks", 0))
    undo = {"at": 0, "row": {"title": "a"}}
    assert removed == {"reason": "r", "risks": [{"title": "b"}], "undo:risks": undo}
    assert change_rows(FORM, removed, RowChange("undo", "risks")) == raw
    down = change_rows(FORM, raw, RowChange("down", "risks", 0))
    assert [row["title"] for row in down["risks"]] == ["b", "a"]
    assert change_rows(FORM, down, RowChange("up", "risks", 1)) == raw
    assert change_rows(FORM, raw, RowChange("up", "risks", 0)) == raw
    assert raw == {"reason": "r", "risks": [{"title": "a"}, {"title": "b"}]}
    with pytest.raises(Invalid):
        change_rows(FORM, raw, RowChange("remove", "risks", 2))


def test_a_reason_never_moves_to_another_row():
    raw = {"why:few": "few", "why:high:1": "high", "risks": [{}, {}, {}]}
    changed = change_rows(FORM, raw, RowChange("remove", "risks", 0))
    undo = {"at": 0, "row": {}}
    assert changed == {"why:few": "few", "risks": [{}, {}], "undo:risks": undo}


def test_a_list_holds_no_more_than_five_hundred_rows():
    with pytest.raises(Invalid) as refused:
        change_rows(FORM, {"risks": [{}] * 500}, RowChange("add", "risks"))
    assert refused.value.code == "too_many_rows"


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
ROW = st.fixed_dictionaries(
    {"title": TEXT, "areas": st.lists(st.sampled_from(["life", "function"]), unique=True)}
)
RAW = st.fixed_dictionaries(
    {
        "reason": TEXT,
        "plan": st.fixed_dictionaries({"owner": TEXT}),
        "areas": st.lists(st.sampled_from(["life", "function"]), unique=True),
        "risks": st.lists(ROW, min_size=1, max_size=4),
    }
)


def pairs_of(page):
    """What a browser would post of a page that nobody touched."""
    for section in page.sections:
        for field in section.fields:
            yield from _pairs(field)


def _pairs(field):
    if field.kind == "rows":
        for row in field.rows:
            yield field.name, str(row.index)
            if field.key_name:
                yield f"{field.name}-{row.index}-{field.key_name}", row.key
            for each in row.fields:
                yield from _pairs(each)
    elif field.kind == "group":
        for each in field.fields:
            yield from _pairs(each)
    elif field.kind == "choices":
        yield field.name, ""
        yield from ((field.name, each.value) for each in field.options if each.chosen)
    elif not field.read_only:
        yield field.name, field.value


@given(RAW)
def test_what_a_page_shows_is_what_an_untouched_page_posts(raw: Raw):
    page = view(FREE, raw, facts(), Language.SV)
    back: Raw = read_posted(FREE, pairs_of(page)).raw
    for row in back["risks"]:
        assert row.pop("value") == ""
    raw["areas"] = sorted(raw["areas"], key=["life", "function"].index)
    for row in raw["risks"]:
        row["areas"] = sorted(row["areas"], key=["life", "function"].index)
    assert back == raw


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=10))
def test_any_pairs_are_read_or_refused(pairs):
    with suppress(Invalid):
        assert set(read_posted(FORM, pairs).raw) <= {"reason", "areas", "risks", "items"}
