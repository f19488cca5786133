"""Texts that look like the marking of a security class, and texts that only speak of one."""

import pytest

from tests.forms.written import RISKS, form
from workflows.forms import Answers, Errors, Facts, check
from workflows.forms.marking import looks_marked

FORM = form(
    {"text": {"type": "string", "x-rich": True}, "risks": RISKS},
    rules=[
        {
            "id": "short",
            "holds": "text == None",
            "message": {"sv": "a", "en": "a"},
            "fields": ["text"],
            "strength": "justify",
        }
    ],
)


@pytest.mark.parametrize(
    "text",
    [
        "HEMLIG",
        "Se bilagan (KVALIFICERAT HEMLIG)",
        "BEGRÄNSAT  HEMLIG",
        "KONFIDENTIELL\nsidan 1",
        "Säkerhetsskyddsklass: konfidentiell",
        "säkerhetsskyddsklassificerad hemlig",
        "säkerhetsskyddsklass begränsat hemlig",
        "SÄKERHETSSKYDDSKLASS",
        "TOP SECRET",
    ],
)
def test_a_marking_is_seen(text):
    assert looks_marked(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Samtalet är konfidentiellt",
        "En hemlig plats för ungdomar",
        "Vi har ingen säkerhetsskyddsklassificerad information",
        "Hemligheten är god planering",
        "säkerhetsskyddsklassning pågår",
        "secretariat",
    ],
)
def test_a_word_is_no_marking(text):
    assert not looks_marked(text)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"text": "HEMLIG", "why:short": "x"}, "text"),
        ({"risks": [{"title": "a"}, {"title": "b HEMLIG"}]}, "risks-1-title"),
        ({"text": "a", "why:short": "HEMLIG"}, "why:short"),
    ],
)
def test_it_stops_a_secret_case_and_is_pointed_out_elsewhere(raw, name):
    stopped = check(FORM, raw, Facts(secret=True))
    assert isinstance(stopped, Errors)
    assert [(each.name, each.code) for each in stopped.errors] == [(name, "class_marking")]
    warned = check(FORM, raw, Facts())
    assert isinstance(warned, Answers)
    [hint] = [each for each in warned.remarks if each.rule == "class_marking"]
    assert (hint.about, hint.strength) == (name, "hint")
