"""Every refusal has words: what happened, and what one can do."""

import ast
from pathlib import Path

import pytest

from webapp.errors_texts import REASONS, STATUSES
from webapp.errors_words import words
from workflows.language import Language

ROOT = Path(__file__).parents[2]
KINDS = frozenset({"Refused", "NotFound", "Forbidden", "Conflict", "Invalid"})
FOLDERS = (
    "workflows/operations", "workflows/organisation", "workflows/cases", "workflows/tasks",
    "workflows/forms", "webapp",
)  # fmt: skip


def codes_raised():
    """Find the codes that the web may have to tell of, and where they are raised."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Raise(exc=ast.Call(func=ast.Name(id=kind), args=[first, *_])):
                        if kind in KINDS and isinstance(first, ast.Constant):
                            yield first.value, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_code_that_is_raised_has_words_of_its_own():
    raised = dict(codes_raised())
    assert raised, "nothing was found to look at"
    own_pages = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "webapp" / "templates").rglob("*.html"))
    )
    missing = {
        code: where
        for code, where in raised.items()
        if code not in REASONS and f'"{code}"' not in own_pages
    }
    assert not missing, f"give these words in webapp/errors_texts.py: {missing}"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503]
)
def test_every_status_has_words_in_both_languages(status, language):
    told = words("no such code", status, {}, language)
    assert all((told.title, told.what, told.todo, told.link, told.url))
    assert (told.title == STATUSES[status].title) is (language is Language.EN)


@pytest.mark.parametrize(("status", "as_if"), [(418, 400), (431, 400), (502, 500), (507, 500)])
def test_a_status_without_words_is_told_as_its_kind(status, as_if):
    assert words("", status, {}, Language.SV) == words("", as_if, {}, Language.SV)


def test_what_the_refusal_knows_is_in_its_words():
    told = words("case_exists", 409, {"unit": "Farsta", "year": "2027"}, Language.SV)
    assert told.what == "Det finns redan ett för Farsta, 2027."
