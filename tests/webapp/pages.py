"""Reading what a page of the tests holds: its hidden fields, its token, its words."""

import html
import re

from werkzeug.test import TestResponse

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?:[^>]*?) value="([^"]*)">')


def hidden(answer: TestResponse, action: str) -> dict[str, list[str]]:
    """The hidden fields of the form that posts to `action`."""
    for form in re.findall(r"<form[^>]*>.*?</form>", answer.text, re.DOTALL):
        if f'action="{action}"' in form.split(">", 1)[0]:
            found: dict[str, list[str]] = {}
            for name, value in HIDDEN.findall(form):
                found.setdefault(name, []).append(html.unescape(value))
            return found
    raise AssertionError(f"no form posts to {action}:\n{answer.text}")


def found(pattern: str, answer: TestResponse) -> str:
    """What the first group of `pattern` holds in a page that must have it."""
    match = re.search(pattern, answer.text)
    assert match, answer.text
    return html.unescape(match[1])


def token(answer: TestResponse) -> str:
    """The first CSRF token of a page."""
    return found(r'name="csrf_token" value="([^"]+)"', answer)
