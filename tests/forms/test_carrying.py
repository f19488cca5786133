"""Last year's answers: brought along, kept, changed, dropped with a reason, and told."""

import pytest

from tests.forms.written import ITEMS, RISKS, facts, form, words
from workflows.forms import Answers, Errors, Facts, RowChange, change_rows, check, view
from workflows.language import Language

FORM = form(
    {"method": {"type": "string"}, "cost": {"type": "number"}, "risks": RISKS, "items": ITEMS},
    labels={
        "method": {"label": words("Metod")},
        "cost": {"label": words("Kostnad")},
        "risks": {"label": words("Risker"), "rows": {"name": "title"}},
        "risks.title": {"label": words("Risk")},
        "risks.value": {"label": words("Värde")},
        "risks.areas": {
            "label": words("Vad"), "enum": {"life": words("Liv"), "function": words("F")}
        },
        "items": {"label": words("Saker")},
        "items.code": {"label": words("Kod")},
        "items.status": {
            "label": words("Läge"), "enum": {"current": words("a"), "changed": words("b")}
        },
        "items.done_on": {"label": words("Dag")},
    },
    carry_over=["method", "cost", "risks", "items"],
)  # fmt: skip
LAST = {
    "method": "workshop",
    "cost": "12.5",
    "risks": [
        {"title": "El borta", "value": 9, "areas": ["life"]},
        {"title": "Brand", "value": 4, "areas": None},
        {"title": "Storm", "value": 2, "areas": None},
    ],
    "items": [{"code": "plan", "status": "current", "done_on": "2026-05-01"}],
}
HELD = Facts(
    names=dict(facts(items=[{"code": "plan"}, {"code": "list"}]).names),
    previous=LAST,
    since="2026",
)


def pressed(raw, deed, field="risks", index=-1):
    return change_rows(FORM, raw, RowChange(deed, field, index), HELD)


def done(raw):
    statuses = [{"code": each, "status": "current"} for each in ("plan", "list")]
    return check(FORM, {"items": statuses, **raw}, HELD)


def fates(answers, name):
    [found] = [each for each in answers.carried if each.name == name]
    return {fate: [one.sv for one in them] for fate, them in found.fates.items()}


def test_everything_is_brought_along_and_kept_by_one_press():
    raw = pressed({}, "bring")
    assert raw["risks"][0] == {
        "title": "El borta", "value": "9", "areas": ["life"], "_was": "el borta"
    }  # fmt: skip
    assert fates(done(raw), "risks") == {
        "kept": ["El borta", "Brand", "Storm"], "changed": [], "added": [], "dropped": []
    }  # fmt: skip


def test_a_row_is_kept_changed_renamed_new_or_gone_with_a_reason():
    raw = pressed({"risks": [{"title": "Ny"}]}, "bring")
    raw["risks"][1]["value"] = "10"
    raw["risks"][2]["title"] = "Brand i arkivet"
    raw = pressed(raw, "remove", index=3)
    refused = done(raw)
    assert isinstance(refused, Errors)
    assert [(each.name, each.code) for each in refused.errors] == [("why:gone:risks", "justify")]
    assert "”Storm”" in refused.remarks[0].message.sv
    taken = done(raw | {"why:gone:risks": "Vi har flyttat."})
    assert isinstance(taken, Answers)
    assert taken.remarks[0].reason == "Vi har flyttat."
    assert fates(taken, "risks") == {
        "kept": [],
        "changed": ["El borta", "Brand i arkivet"],
        "added": ["Ny"],
        "dropped": ["Storm"],
    }
    assert "_was" not in str(taken.values)


def test_one_row_is_brought_and_none_twice():
    raw = pressed({}, "bring", index=1)
    assert [row["title"] for row in raw["risks"]] == ["Brand"]
    raw = pressed(raw, "bring")
    assert [row["title"] for row in raw["risks"]] == ["Brand", "El borta", "Storm"]
    assert pressed(raw, "bring")["risks"] == raw["risks"]
    copy = pressed(raw, "copy", index=0)["risks"][1]
    assert copy == {"title": "Brand", "value": "4"}


def test_plain_fields_are_brought_and_told_together():
    raw = pressed(pressed({}, "bring", "method"), "bring", "cost") | {"why:gone:risks": "Nej."}
    assert (raw["method"], raw["cost"]) == ("workshop", "12,5")
    assert fates(done(raw), "")["kept"] == ["Metod", "Kostnad"]
    assert fates(done(raw | {"cost": "13"}), "")["changed"] == ["Kostnad"]
    assert fates(done(raw | {"cost": ""}), "")["dropped"] == ["Kostnad"]


def test_rows_of_the_case_get_what_they_had_where_nothing_is_answered():
    raw = pressed({"items": [{"code": "plan", "status": "changed"}]}, "bring", "items")
    assert raw["items"] == [
        {"code": "plan", "status": "changed", "done_on": "2026-05-01"},
        {"code": "list"},
    ]


def test_the_page_shows_what_was_and_what_became_of_it():
    shown = {
        each.name: each
        for section in view(FORM, pressed({}, "bring", index=0), HELD, Language.SV).sections
        for each in section.fields
    }
    assert (shown["cost"].previous, shown["cost"].since) == ("12,5", "2026")
    assert shown["cost"].bring == "bring-cost"
    risks = shown["risks"]
    assert [(row.label, row.verdict, row.was) for row in risks.rows] == [
        ("El borta", "kept", "el borta")
    ]
    assert [(row.index, row.label) for row in risks.left] == [(1, "Brand"), (2, "Storm")]


def test_the_verdict_is_told_in_both_languages():
    raw = pressed({}, "bring")
    raw["risks"][1]["value"] = "5"
    [told, _, _] = done(raw).told
    assert told["carried"]["changed"] == ["Brand"]
    assert "2026" in told["message"]["sv"]
    assert "“Brand”" in told["message"]["en"]


@pytest.mark.parametrize("previous", [{}, {"risks": None}, {"risks": "x"}, {"risks": [1]}])
def test_without_a_last_year_nothing_is_asked(previous):
    held = Facts(names=HELD.names, previous=previous)
    raw = {"items": [{"code": each, "status": "current"} for each in ("plan", "list")]}
    answers = check(FORM, raw, held)
    assert isinstance(answers, Answers)
    assert all(not each.fates["dropped"] for each in answers.carried)
