"""Problems at an element: what its id and name are, and the line it begins on."""

from collections.abc import Iterator
from typing import Any

from workflows.engine.problems import Problem
from workflows.engine.xml import Element, line_of

Found = Iterator[Problem]


def located(element: Element, code: str, **params: object) -> Problem:
    """An error at an element."""
    return Problem("error", code, element.get("id"), element.get("name"), line_of(element), params)


def warning(element: Element, code: str, **params: Any) -> Problem:
    """Something to look at that does not keep the diagram from running."""
    error = located(element, code, **params)
    return Problem("warning", code, error.element, error.name, error.line, params)
