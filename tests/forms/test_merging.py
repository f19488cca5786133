"""Two drafts that have gone apart become one, and nobody's text is lost unless it is so picked."""

import pytest

from tests.forms.written import ITEMS, RISKS, definition, read, words
from workflows.forms import Facts, imprint, merge
from workflows.language import Language

WRITTEN = definition(
    {
        "text": {"type": "string"},
        "story": {"type": "string", "x-rich": True},
        "kind": {"type": "string", "enum": ["nature", "other"]},
        "areas": {"type": "array", "items": {"type": "string", "enum": ["life", "work"]}},
        "hours": {"type": "number", "x-unknown": True},
        "plan": {"type": "object", "properties": {"owner": {"type": "string"}}},
        "risks": RISKS,
    }
)
WRITTEN["labels"]["risks"] = {"label": words("Risker"), "rows": {"name": "title"}}
FORM = read(WRITTEN)


def merged(mine, theirs, **picks):
    found = merge(FORM, mine, theirs, Facts(), Language.SV, picks)
    return found.raw, [(one.name, one.mine, one.theirs, one.pick.value) for one in found.clashes]


@pytest.mark.parametrize(
    ("name", "mine", "theirs", "pick", "made"),
    [
        ("text", "Elen är borta", "", "mine", "Elen är borta"),
        ("text", "", "Elen är borta", "theirs", "Elen är borta"),
        ("text", "Elen", "Elen är borta", "theirs", "Elen är borta"),
        ("text", "Vatten", "El", "mine", "Vatten"),
        ("story", "Vatten", "El", "both", "Vatten\n\nEl"),
        ("story", "Vatten och el", "Vatten", "mine", "Vatten och el"),
        ("areas", ["life"], ["work"], "both", ["life", "work"]),
        ("kind", "nature", "other", "mine", "nature"),
        ("why:rule", "För att", "", "mine", "För att"),
    ],
)
def test_what_only_one_holds_is_proposed_and_of_long_texts_both(name, mine, theirs, pick, made):
    raw, [clash] = merged({name: mine}, {name: theirs})
    assert (clash[0], clash[3]) == (name, pick)
    assert raw[name] == made


@pytest.mark.parametrize(
    ("pick", "made"), [("mine", "A"), ("theirs", "B"), ("both", "A / B"), ("nonsense", "A")]
)
def test_what_is_picked_stands(pick, made):
    raw, _ = merged({"text": "A"}, {"text": "B"}, text=pick)
    assert raw["text"] == made


def test_what_is_the_same_however_it_is_written_is_not_asked_about():
    mine = {"text": "A", "areas": ["life"], "hours": "", "plan": {"owner": "x"}}
    theirs = {"text": "A", "areas": ["life"], "plan": {"owner": "x"}}
    assert merged(mine, theirs) == (mine, [])


def test_a_tick_that_nobody_knows_goes_along_with_its_answer():
    mine, theirs = {"hours": "", "hours_unknown": "true"}, {"hours": "12"}
    raw, [clash] = merged(mine, theirs)
    assert clash == ("hours", "Vet inte", "12", "mine")
    assert raw == mine
    assert merged(mine, theirs, hours="theirs")[0] == theirs


def test_rows_are_merged_by_their_name_cell_by_cell_and_those_of_one_are_kept():
    mine = {"risks": [{"title": "El", "value": "3"}, {"title": "Brand"}, {}]}
    theirs = {"risks": [{"title": "Snö", "value": "1"}, {"title": "El", "value": "9"}]}
    raw, clashes = merged(mine, theirs)
    assert clashes == [
        ("risks-0-value", "3", "9", "mine"),
        ("risks-1", "Brand", "", "mine"),
        ("risks-3", "", "Snö · 1", "theirs"),
    ]
    assert [row["title"] for row in raw["risks"]] == ["El", "Brand", "Snö"]
    picks = {"risks-0-value": "theirs", "risks-1": "theirs", "risks-3": "mine"}
    assert merged(mine, theirs, **picks)[0]["risks"] == [{"title": "El", "value": "9"}]


def test_a_group_is_merged_answer_by_answer():
    raw, [clash] = merged({"plan": {"owner": "Alva"}}, {"plan": {"owner": "Bo"}})
    assert clash[:3] == ("plan-owner", "Alva", "Bo")
    assert raw["plan"] == {"owner": "Alva"}


def test_a_row_of_the_case_is_called_what_the_case_calls_it():
    written = definition({"items": ITEMS})
    written["schema"]["properties"]["items"]["items"]["properties"] |= {
        "title": {"type": "string", "readOnly": True}
    }
    written["labels"]["items"] = {"label": words("Punkter"), "rows": {"name": "title"}}
    written["labels"]["items.title"] = {"label": words("Punkt")}
    known = Facts(names={"items": [{"code": "plan", "title": "Krisledningsplan"}]})
    mine, theirs = (
        {"items": [{"code": "plan", "status": each}]} for each in ("current", "changed")
    )
    [clash] = merge(read(written), mine, theirs, known, Language.SV).clashes
    assert clash.label == "Krisledningsplan: status"


OLD = {
    "text": "El",
    "plan": {"owner": "Alva"},
    "risks": [{"title": "El", "value": "3"}, {"title": "Brand"}],
}
PICKS_OF = [  # mine, theirs, what is proposed for each difference
    ({"text": "El", "risks": OLD["risks"][:1]}, {"risks": OLD["risks"]}, {"risks-1": "mine"}),
    ({"risks": OLD["risks"]}, {"risks": OLD["risks"][1:]}, {"risks-0": "theirs"}),
    # Taken away by one and changed by the other: nobody's words are left out.
    (
        {"risks": OLD["risks"][1:]},
        {"risks": [{"title": "El", "value": "9"}, {"title": "Brand"}]},
        {"risks-1": "theirs"},
    ),
    # Only one has changed it: that one stands, also where the other's is longer or not empty.
    ({"text": "", "risks": []}, {"text": "El", "risks": []}, {"text": "mine"}),
    ({"text": "El"}, {"text": "Vatten"}, {"text": "theirs"}),
    ({"plan": {"owner": "Alva"}}, {"plan": {"owner": ""}}, {"plan-owner": "theirs"}),
    (
        {"risks": [{"title": "El", "value": "3"}]},
        {"risks": [{"title": "El", "value": ""}]},
        {"risks-0-value": "theirs"},
    ),
    ({"text": "Snö"}, {"text": "Vatten"}, {"text": "mine"}),
]


@pytest.mark.parametrize(("mine", "theirs", "proposed"), PICKS_OF)
def test_what_one_has_changed_since_both_began_is_proposed(mine, theirs, proposed):
    """A row that somebody took away on purpose is not proposed back."""
    began = imprint(FORM, OLD)
    found = merge(FORM, OLD | mine, OLD | theirs, Facts(), Language.SV, began=began).clashes
    assert {one.name: one.pick.value for one in found} == proposed
