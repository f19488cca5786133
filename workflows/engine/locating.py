"""Problems at an element: what its id and name are, and the line it begins on."""

from collections.abc import Iterator
from dataclasses import replace

from workflows.engine.problems import Problem
from workflows.engine.xml import Element, file_of, line_of
from workflows.expressions import ExpressionError

Found = Iterator[Problem]
KNOWN = ("name", "nearest", "function", "construct", "limit")


def located(element: Element, code: str, **params: object) -> Problem:
    """An error at an element."""
    return Problem(
        "error",
        code,
        element.get("id"),
        element.get("name"),
        line_of(element),
        params,
        file_of(element),
    )


def warning(element: Element, code: str, **params: object) -> Problem:
    """Something to look at that does not keep the diagram from running."""
    return replace(located(element, code, **params), severity="warning")


def invalid(element: Element, code: str, error: ExpressionError, **params: object) -> Problem:
    """An expression or script that cannot be used: `cause` says why, `at` on which of its lines."""
    known = {key: error.params[key] for key in KNOWN if error.params.get(key) is not None}
    if error.code == "unknown_name":  # a message or a person may still bring it
        return warning(element, "unknown_name", **params | known)
    return located(
        element, code, cause=error.code, at=error.params.get("line", 1), **params | known
    )
