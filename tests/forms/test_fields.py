"""The macros that draw a form: what a browser and a screen reader are given."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from tests.forms.written import ITEMS, RISKS, definition, facts, form, read, words
from webapp.format import dress
from workflows.forms import Errors, Facts, check, read_only, view
from workflows.forms.unknowns import unknowns
from workflows.language import Language

TEMPLATES = Path(__file__).parents[2] / "webapp" / "templates"
PAGE = """{% import "macros/fields.html" as fields %}
{{ fields.error_summary(view) }}{{ fields.form(view, "/draft") }}"""
READ = '{% import "macros/fields.html" as fields %}{{ fields.answers(view) }}'
FIELDS = {
    "reason": {"type": "string", "x-rich": True, "minLength": 3},
    "title": {"type": "string"},
    "mail": {"type": "string", "format": "email"},
    "cost": {"type": "number", "minimum": 1},
    "count_": {"type": "integer"},
    "when": {"type": "string", "format": "date"},
    "sure": {"type": "boolean"},
    "kind": {"type": "string", "enum": ["a", "b"]},
    "other": {"type": "string", "enum": ["a", "b"]},
    "areas": {"type": "array", "minItems": 2, "items": {"type": "string", "enum": ["x", "y"]}},
    "lead": {"type": "integer", "x-ref": "person"},
    "paper": {"type": "string", "x-file": True},
    "agreed": {"type": "boolean", "const": True},
    "plan": {"type": "object", "required": ["owner"], "properties": {"owner": {"type": "string"}}},
    "risks": RISKS,
    "items": ITEMS,
}
FORM = form(
    FIELDS,
    required=["reason", "kind", "plan"],
    attest=words("Inget hemligt"),
    rules=[
        {
            "id": "dear",
            "holds": "cost < 100",
            "message": words("Dyrt"),
            "fields": ["cost"],
            "strength": "justify",
        },
        {
            "id": "tip",
            "holds": "cost < 50",
            "message": words("Tänk efter"),
            "fields": ["cost"],
            "strength": "hint",
        },
    ],
)
HELD = Facts(
    names=dict(facts().names) | {"items": [{"code": "plan"}, {"code": "<b>"}]},
    choices={"person": {"7": "A. Ek"}},
)
BROKEN = {
    "reason": "a",
    "title": "x" * 201,
    "mail": "a",
    "cost": "200",
    "count_": "1.5",
    "when": "2027-02-30",
    "areas": ["x"],
    "lead": "8",
    "risks": [{"title": "Elavbrott", "value": "99"}, {"value": "x"}],
}


class Page(HTMLParser):
    """Every element with its attributes, and the text."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, *tags, **attributes):
        return [
            found
            for tag, found in self.elements
            if (not tags or tag in tags)
            and all(found.get(name) == value for name, value in attributes.items())
        ]

    @property
    def ids(self):
        return [found["id"] for _, found in self.elements if "id" in found]

    @property
    def controls(self):
        return [
            found
            for found in self.all("input", "select", "textarea")
            if found.get("type") != "hidden"
        ]


def drawn(source, shown, language=Language.SV):
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    dress(environment, lambda: language)
    environment.globals["asset_url"] = lambda path: f"/static/{path}"
    return Page(environment.from_string(source).render(view=shown))


@pytest.fixture(params=[Language.SV, Language.EN])
def language(request):
    return request.param


@pytest.fixture(params=[{}, BROKEN], ids=["empty", "broken"])
def page(request, language):
    outcome = check(FORM, request.param, HELD) if request.param else None
    return drawn(PAGE, view(FORM, request.param, HELD, language, outcome), language)


def test_every_control_has_a_label_of_its_own(page):
    labelled = {found["for"] for found in page.all("label") if "for" in found}
    for found in page.controls:
        in_label = found.get("type") in ("radio", "checkbox")
        assert in_label or found["id"] in labelled, found


def test_no_id_stands_twice_and_every_description_is_there(page):
    assert len(page.ids) == len(set(page.ids))
    for _, found in page.elements:
        for name in ("aria-describedby", "aria-labelledby"):
            assert set(found.get(name, "").split()) <= set(page.ids), found


def test_every_error_is_told_twice_and_its_link_leads_to_the_control(language):
    outcome = check(FORM, BROKEN, HELD)
    assert isinstance(outcome, Errors)
    page = drawn(PAGE, view(FORM, BROKEN, HELD, language, outcome), language)
    links = [found["href"] for found in page.all("a")]
    assert len(links) == len(outcome.errors) == 17
    for link in links:
        assert link[1:] in page.ids, link
        target = next(found for _, found in page.elements if found.get("id") == link[1:])
        assert "aria-describedby" in target or target.get("type") in ("radio", "checkbox"), link
    assert len(page.all("p", **{"class": "field__error"})) == len(links)
    summary = page.all("div", role="alert")
    assert [found["tabindex"] for found in summary] == ["-1"]


def test_a_wrong_answer_is_marked_as_wrong(language):
    outcome = check(FORM, BROKEN, HELD)
    page = drawn(PAGE, view(FORM, BROKEN, HELD, language, outcome), language)
    marked = {found.get("name") for found in page.controls if found.get("aria-invalid") == "true"}
    assert {"reason", "mail", "areas", "plan-owner", "risks-1-title", "agreed", "attest"} <= marked
    assert len(page.all("fieldset", role="radiogroup", **{"aria-invalid": "true"})) == 3


def test_optional_ones_say_so_and_the_others_are_marked_for_machines():
    page = drawn(PAGE, view(FORM, {}, HELD, Language.SV))
    needed = {found["name"] for found in page.controls if found.get("aria-required")}
    assert needed == {"reason", "plan-owner", "agreed", "attest"}
    assert "title (valfritt)" in page.text
    assert "reason (valfritt)" not in page.text


def test_what_people_typed_is_never_markup():
    raw = {"reason": "</textarea><script>", "title": '"><script>', "risks": [{"title": "<i>"}]}
    page = drawn(PAGE, view(FORM, raw, HELD, Language.SV, check(FORM, raw, HELD)))
    assert not page.all("script")
    assert not page.all("i")
    assert not page.all("b", **{"class": None})
    assert "</textarea><script>" in page.text
    values = {"title": "<script>", "items": [{"code": "<script>", "status": "current"}]}
    assert not drawn(READ, read_only(FORM, values, Language.SV)).all("script")


def test_there_is_neither_style_nor_script_in_the_markup(page):
    for tag, found in page.elements:
        assert tag not in ("script", "style")
        assert not any(name == "style" or name.startswith("on") for name in found)


def test_rows_post_their_number_and_the_key_of_the_case():
    raw = {"risks": [{"title": "a"}]}
    page = drawn(PAGE, view(FORM, raw, HELD, Language.SV))
    hidden = [(found["name"], found["value"]) for found in page.all("input", type="hidden")]
    assert ("risks", "0") in hidden
    assert ("items", "1") in hidden
    assert ("items-1-code", "<b>") in hidden
    assert ("areas", "") in hidden


def test_rows_change_by_plain_buttons_and_enter_saves_rather_than_removes():
    raw = {"risks": [{"title": "a"}, {}], "undo:risks": {"at": 0, "row": {"title": "x"}}}
    page = drawn(PAGE, view(FORM, raw, HELD, Language.SV))
    first, *buttons = page.all("button")
    assert first["formaction"] == "/draft"
    assert "name" not in first
    assert {(found["name"], found["formaction"]) for found in buttons} == {("row", "/draft")}
    assert [found["value"] for found in buttons] == [
        "copy-risks-0",
        "remove-risks-0",
        "down-risks-0",
        "copy-risks-1",
        "remove-risks-1",
        "up-risks-1",
        "add-risks",
        "undo-risks",
        "paste-risks",
    ]
    [undo] = page.all("input", name="undo:risks")
    assert undo["value"] == '{"at":0,"row":{"title":"x"}}'


def test_last_time_stands_beside_and_is_brought_along_by_plain_buttons():
    of = form({"title": {"type": "string"}, "risks": RISKS}, carry_over=["title", "risks"])
    last = {"title": "Förr", "risks": [{"title": "El borta"}, {"title": "Brand"}]}
    held = Facts(previous=last, since="2026")
    raw = {"title": "Nu", "risks": [{"title": "El borta"}]}
    page = drawn(PAGE, view(of, raw, held, Language.SV))
    assert [found["value"] for found in page.all("button", name="row")][:3] == [
        "bring-title",
        "bring-risks",
        "bring-risks-1",
    ]
    assert len(page.all("input", name="risks-0-_was")) == 1
    assert "oförändrad sedan 2026" in page.text
    assert len(page.ids) == len(set(page.ids))


def test_a_choice_among_many_is_typed_with_one_list_for_all():
    of = form(
        {
            "lead": {"type": "integer", "x-ref": "person"},
            "other": {"type": "integer", "x-ref": "person"},
        }
    )
    people = {"person": {str(n): f"Namn {n}" for n in range(40)}}
    page = drawn(PAGE, view(of, {"lead": "7"}, Facts(choices=people), Language.SV))
    assert [(found["list"], found["value"]) for found in page.all("input", list="l-person")] == [
        ("l-person", "Namn 7"),
        ("l-person", ""),
    ]
    assert len(page.all("datalist")) == 1
    assert check(of, {"lead": "namn 9"}, Facts(choices=people)).values["lead"] == 9


def test_what_cannot_be_chosen_any_more_is_told_with_its_name():
    of = form({"body": {"type": "string", "x-ref": "unit"}})
    held = Facts(choices={"unit": {"A": "Farsta"}}, known={"unit": {"B": "Skarpnäck"}})
    refused = check(of, {"body": "B"}, held)
    page = drawn(PAGE, view(of, {"body": "B"}, held, Language.SV, refused))
    assert [each.code for each in refused.errors] == ["unit_closed"]
    assert "Skarpnäck" in page.text
    assert "Den enheten är stängd" in page.text


def test_an_answer_nobody_knows_is_ticked_and_told():
    of = form({"hours": {"type": "integer", "x-unknown": True}}, required=["hours"])
    assert check(of, {}, Facts()).errors[0].code == "required"
    answers = check(of, {"hours_unknown": "true"}, Facts())
    assert answers.stored == {"hours": None, "hours_unknown": True}
    known = check(of, {"hours": "4", "hours_unknown": "true"}, Facts())
    assert known.stored == {"hours": 4, "hours_unknown": None}
    page = drawn(PAGE, view(of, {"hours_unknown": "true"}, Facts(), Language.SV))
    assert [found["type"] for found in page.all("input", name="hours_unknown")] == ["checkbox"]
    assert "Vet inte" in drawn(READ, read_only(of, answers.stored, Language.SV)).text


def test_rich_text_is_drawn_and_never_as_markup_of_its_own():
    of = form({"text": {"type": "string", "x-rich": True}})
    page = drawn(READ, read_only(of, {"text": "**Viktigt**\n\n- <b>ett</b>"}, Language.SV))
    assert len(page.all("b")) == 1
    assert len(page.all("li")) == 1
    assert "<b>ett</b>" in page.text


def test_answers_are_drawn_as_lists_and_tables():
    values = {"title": "Ett", "sure": True, "risks": [{"title": "Elavbrott", "value": 9}]}
    page = drawn(READ, read_only(FORM, values, Language.SV))
    assert len(page.all("dl")) == 2
    assert len(page.all("table")) == 1
    assert [found["data-l"] for found in page.all("td")] == ["title:", "value:"]
    assert "Ja" in page.text
    assert not page.controls


def test_what_is_to_be_found_out_is_called_as_people_call_it():
    states = {"type": "string", "enum": ["ok", "unknown"], "x-unknown": True}
    columns = {
        "code": {"type": "string", "readOnly": True},
        "what": {"type": "string", "enum": ["posts"]},
        "state": states,
    }
    items = {"type": "object", "properties": columns}
    told = definition(
        {"rows": {"type": "array", "x-rows": "fixed", "x-key": "code", "items": items}}
    )
    told["labels"]["rows"]["rows"] = {"name": "what"}
    told["labels"]["rows.what"]["enum"]["posts"] = words("Utsedda")
    (one,) = unknowns(read(told), {"rows": [{"code": "x1", "what": "posts", "state": "unknown"}]})
    assert (one.what, one.is_unknown) == ("state – Utsedda", True)
    both = {"sv": "Utsedda funktioner", "en": "Appointed functions"}  # as a fixed row may say it
    (one,) = unknowns(read(told), {"rows": [{"code": "x1", "what": both, "state": "unknown"}]})
    assert one.what == "state – Utsedda funktioner"
