"""Pages speak the language of their request."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask, g, render_template_string

from webapp import format as formatting
from workflows.language import Language, Sentence

NOW = datetime(2027, 5, 18, 10, 0, tzinfo=UTC)


@pytest.fixture
def app():
    made = Flask("format only", static_folder=None)
    formatting.dress(made.jinja_env, formatting.language)
    return made


@pytest.mark.parametrize(
    ("asked", "cookie", "chosen", "expected"),
    [
        ("en-GB,en;q=0.8", None, None, Language.EN),
        ("sv-SE,sv;q=0.9,en;q=0.8", None, None, Language.SV),
        ("de", None, None, Language.SV),
        ("en", "sv", None, Language.SV),
        ("en", "sv", Language.EN, Language.EN),
        ("en", "klingon", None, Language.SV),
        ("", None, None, Language.SV),
    ],
)
def test_a_persons_own_choice_wins_then_the_cookie_then_the_browser(
    app, asked, cookie, chosen, expected
):
    headers = {"Accept-Language": asked}
    if cookie:
        headers["Cookie"] = f"{formatting.LANGUAGE_COOKIE}={cookie}"
    with app.test_request_context(headers=headers):
        if chosen:
            g.language = chosen
        assert formatting.language() is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ when|day|capital }}", "Tis 11 maj 2027"),
        ("{{ when|short_day }}", "11 maj"),
        ("{{ at|near_moment(now) }}", "i dag 09:02"),
        ("{{ at|near_day(now) }}", "i dag"),
        ("{{ at|iso }}", "2027-05-18T09:02+02:00"),
        ("{{ when|iso }}", "2027-05-11"),
        ("{{ at|clock }}", "09:02"),
        ("{{ 12000|number }}", "12\N{NO-BREAK SPACE}000"),
        ("{{ ['a', 'b']|listed }}", "a och b"),
        ("{{ 3|deadline }}", "om 3 arbetsdagar"),
        ("{{ sentence|spoken }}", "i dag"),
        ("{{ _('today') }}", "i dag"),
        ("{% trans count=2 %}{{ count }} days{% endtrans %}", "2 days"),
        ("{{ _('%(who)s has this task.', who='<b>') }}", "&lt;b&gt; har den här uppgiften."),
    ],
)
def test_a_filter_says_it_in_the_language_of_the_request(app, source, expected):
    values = {
        "when": date(2027, 5, 11),
        "at": datetime(2027, 5, 18, 7, 2, tzinfo=UTC),
        "now": NOW,
        "sentence": Sentence("today"),
    }
    with app.test_request_context():
        assert render_template_string(source, **values) == expected


def test_a_deadline_says_why_and_a_missing_one_what_is_missing(app):
    because = {
        "rule": "T2 - 10wd",
        "zone": "Europe/Stockholm",
        "parts": [
            {
                "kind": "milestone",
                "label": "T2",
                "date": "2027-09-24",
                "params": {"code": "T2", "year": 2027},
                "skipped": [],
            },
            {
                "kind": "span",
                "label": "- 10wd",
                "date": "2027-09-10",
                "params": {"count": -10, "unit": "wd"},
                "skipped": [],
            },
        ],
    }
    missing = {"rule": "T2", "unresolved": "no_calendar", "params": {"year": 2028}}
    with app.test_request_context():
        said = render_template_string("{{ a|because }} | {{ b|because }}", a=because, b=missing)
    assert said == "10 arbetsdagar före T2 | det finns ingen kalender för 2028 än"
