"""A form of a draft as it is changed: its fields, what is wrong, and how it looks when asked."""

from collections.abc import Mapping
from typing import Any

from webapp.format import language
from workflows import forms
from workflows.calendar import asking
from workflows.engine import Problem
from workflows.errors import Invalid
from workflows.forms import Facts, editing, registers
from workflows.forms.edits import changed
from workflows.processes.telling import problem_told


def new(title: str) -> str:
    """A form that asks one thing."""
    doc = editing.new_form(title)
    doc = changed(
        doc,
        {"title:sv": title, "title:en": title, "new-name:main": "note", "new-kind:main": "rich"},
        "add:main",
    )
    return editing.written(doc)


def form(source: bytes, name: str) -> dict[str, Any]:
    """A form as it is changed, what is wrong with it, and how it looks to whoever fills it in."""
    doc = editing.opened(source)
    sections = [
        (one, editing.lines(doc, one.get("fields", [])))
        for one in doc["layout"]
        if isinstance(one, dict)
    ]
    try:
        read = forms.read_form(source)
    except Invalid as bad:
        wrong = [_form_problem(name, one) for one in bad.problems]
        return {"doc": doc, "sections": sections, "problems": wrong, "view": None}
    wrong = [
        _form_problem(name, forms.Problem(path, code, params))
        for path, code, params in registers.problems(read)
    ]
    view = forms.view(read, {}, _nothing(read), language())
    return {"doc": doc, "sections": sections, "problems": wrong, "view": view}


def _nothing(read: forms.Form) -> Facts:
    """What a preview knows: the highest level, and a row in each list that people fill in."""
    given: dict[str, Any] = {
        name: (lambda *_: []) for name in (*asking.NAMES, "register", "done_as")
    }
    return Facts(names={"case": {}, "unit": {}, "year": 2027}, functions=given, tier="full")


def _form_problem(name: str, one: forms.Problem) -> tuple[str, str]:
    params = {**one.params, "path": one.path or "/", "cause": one.code}
    try:
        problem = Problem("error", "bad_form", name, None, None, params, f"{name}.json")
        words = problem_told(problem, language()).what
    except KeyError:
        words = one.code
    return one.path, words


def posted(source: bytes, said: Mapping[str, str]) -> bytes:
    """The form with what was typed and done.

    :raises Invalid: if it is no form at all, or that cannot be done
    """
    doc = editing.opened(source)
    if "title:sv" not in said:
        return source
    try:
        return editing.written(changed(doc, said, said.get("deed", ""))).encode()
    except (AttributeError, KeyError, TypeError):  # JSON, but of something else
        raise Invalid("bad_draft", field="form") from None
