"""Every form and diagram that is shipped: readable, in both languages, and fit for each other."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.forms.written import facts
from workflows.forms import Answers, Errors, Kind, check, read_form, read_posted, view
from workflows.language import Language
from workflows.language.checking import forbidden

ROOT = Path(__file__).parents[2]
FORMS = {f"{path.parent.name}/{path.stem}": path for path in sorted(ROOT.glob("forms/*/*.json"))}
DIAGRAMS = sorted(ROOT.glob("bpmn/*/*.bpmn"))
OURS = "{urn:arshjul:bpmn:1}"
UNREAD = ("message", "inputDataItem")  # names that nobody reads
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CASE = frozenset({"case", "unit", "year", "today"})


def shipped(name):
    return read_form(FORMS[name].read_bytes())


@pytest.mark.parametrize("name", FORMS)
def test_a_shipped_form_has_no_mistake(name):
    assert read_form(FORMS[name].read_bytes(), CASE)


@pytest.mark.parametrize("path", [*FORMS.values(), *DIAGRAMS])
def test_shipped_words_are_plain(path):
    if path.suffix == ".bpmn":
        tree = etree.parse(path)
        texts = {
            Language.SV: [e.get("name", "") for e in tree.iter(f"{BPMN}*")]
            + [e.text or "" for e in tree.iter(f"{BPMN}documentation")],
            Language.EN: [e.text or "" for e in tree.iter(f"{OURS}name", f"{OURS}text")],
        }
    else:
        found = list(_words(json.loads(path.read_text())))
        texts = {Language.SV: [sv for sv, _ in found], Language.EN: [en for _, en in found]}
    for language, said in texts.items():
        assert [bad for text in said for bad in forbidden(text, language)] == []


def _words(node):
    if isinstance(node, dict):
        if set(node) == {"sv", "en"}:
            yield node["sv"], node["en"]
        else:
            for each in node.values():
                yield from _words(each)
    elif isinstance(node, list):
        for each in node:
            yield from _words(each)


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_a_shipped_diagram_is_named_in_both_languages_and_drawn_whole(path):
    root = etree.parse(path).getroot()
    drawn = {each.get("bpmnElement") for each in root.iter() if each.get("bpmnElement")}
    for element in root.iter(f"{BPMN}*"):
        kind = etree.QName(element).localname
        if element.get("name") and kind not in UNREAD:
            english = element.find(f"{BPMN}extensionElements/{OURS}name[@lang='en']")
            assert english is not None, element.get("id")
            assert english.text, element.get("id")
        if element.find(f"{BPMN}documentation") is not None:
            english = element.find(f"{BPMN}extensionElements/{OURS}text[@lang='en']")
            assert english is not None, element.get("id")
        if kind.endswith(("Task", "Event", "Gateway", "Flow")) or kind in ("lane", "participant"):
            assert element.get("id") in drawn, element.get("id")


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_every_form_a_diagram_names_is_shipped(path):
    named = {each.get(f"{OURS}form") for each in etree.parse(path).iter(f"{BPMN}userTask")}
    assert named
    assert named <= set(FORMS)


# --- the quarterly check -------------------------------------------------------------------

QUARTERS = ("Q1", "Q2", "Q3", "Q4")


def items():
    """The rows of the table, each with its quarters."""
    table = etree.parse(ROOT / "bpmn/yearly_review/items_due.dmn")
    for rule in table.iter("{*}rule"):
        quarters, _, *cells = ("".join(cell.itertext()).strip() for cell in rule)
        code, sv, en, months, approve = (json.loads(cell) for cell in cells)
        said = QUARTERS if quarters == "-" else json.loads(f"[{quarters}]")
        item = {"code": code, "title": {"sv": sv, "en": en}, "interval_months": months}
        yield said, item | {"approve": approve}


ITEMS = list(items())
ROWS: list[dict[str, Any]] = [item for _, item in ITEMS[:3]]


def test_the_items_a_city_begins_with_are_spread_over_the_year():
    assert len({item["code"] for _, item in ITEMS}) == len(ITEMS)
    for quarters, item in ITEMS:
        assert len(quarters) == max(1, min(4, 12 // item["interval_months"]))
        assert set(quarters) <= set(QUARTERS)
    for quarter in QUARTERS:
        assert 5 <= sum(quarter in quarters for quarters, _ in ITEMS) <= 12


def checked(*rows, **more):
    posted = []
    for index, (item, row) in enumerate(zip(ROWS, rows, strict=True)):
        posted += [("items", str(index)), (f"items-{index}-code", item["code"])]
        posted += [(f"items-{index}-{name}", value) for name, value in row.items()]
    of = shipped("yearly_review/check")
    raw = read_posted(of, posted).raw | more
    return check(of, raw, facts(items=ROWS, today=date(2027, 1, 20)))


def test_a_check_keeps_the_rows_with_what_was_answered():
    found = checked(
        {"status": "changed", "reference": "SLK 2027/12", "done_on": "2027-01-18"},
        {"status": "current"},
        {"status": "unknown", "known_by_staff": "no"},
    )
    assert isinstance(found, Answers)
    assert found.stored["items"][0] == ROWS[0] | {
        "status": "changed",
        "reference": "SLK 2027/12",
        "done_on": "2027-01-18",
        "known_by_staff": None,
        "exercised_on": None,
        "note": None,
    }
    assert [each.rule for each in found.remarks] == ["staff_should_know"]


def test_a_changed_item_says_where_the_new_version_is():
    found = checked({"status": "changed"}, {"status": "current"}, {})
    assert isinstance(found, Errors)
    assert [(each.name, each.code) for each in found.errors] == [
        ("items-0-reference", "rule"),
        ("items-2-status", "required"),
    ]


def test_a_day_that_has_not_been_is_refused():
    late = {"status": "current", "done_on": "2027-01-21", "exercised_on": "2028-01-01"}
    found = checked(late, {"status": "current"}, {"status": "current"})
    assert isinstance(found, Errors)
    assert [each.name for each in found.errors] == ["items-0-done_on", "items-0-exercised_on"]


def test_mostly_not_knowing_asks_for_a_reason():
    unsure = [{"status": "unknown"}, {"status": "unknown"}, {"status": "current"}]
    found = checked(*unsure)
    assert isinstance(found, Errors)
    assert [each.name for each in found.errors] == ["why:many_unknown"]
    assert isinstance(checked(*unsure, **{"why:many_unknown": "Ny på jobbet."}), Answers)


def test_the_comment_of_the_director_is_shown_when_it_came_back():
    of = shipped("yearly_review/check")
    first = view(of, {}, facts(items=ROWS), Language.SV)
    again = view(of, {}, facts(items=ROWS, approval_comment="Se över."), Language.SV)
    assert [each.id for each in first.sections] == ["review"]
    assert [each.id for each in again.sections] == ["returned", "review"]
    assert again.sections[0].fields[0].value == "Se över."


def test_sending_back_needs_a_reason_and_approving_does_not():
    of = shipped("yearly_review/approve")
    refused = check(of, {"approval": "returned"}, facts())
    assert isinstance(refused, Errors)
    assert [each.name for each in refused.errors] == ["approval_comment"]
    assert isinstance(check(of, {"approval": "approved"}, facts()), Answers)
    asked = [each for each in of.fields if not each.read_only]
    assert [(each.kind, each.fresh) for each in asked] == [(Kind.CHOICE, True), (Kind.RICH, True)]


def test_the_director_reads_what_was_answered_before_deciding():
    rows = [ROWS[0] | {"status": "changed", "reference": "SLK 2027/12"}]
    page = view(shipped("yearly_review/approve"), {}, facts(items=rows), Language.SV)
    [table] = page.sections[0].fields
    assert table.read_only
    assert [each.label for each in table.fields] == ["Hur ser det ut?", "Ny version"]
    [row] = table.rows
    assert (row.label, [each.value for each in row.fields]) == (
        "Krisledningsplan",
        ["Ändrad", "SLK 2027/12"],
    )
