"""Run the script of a script task through the one gate for what people type."""

from collections.abc import Callable, Mapping
from typing import Any

from workflows.engine.evaluating import Failure, Names

try:
    from workflows.expressions import ExpressionError, scripts
except ImportError:  # replaced as soon as the expressions are there
    from workflows.engine.no_expressions import ExpressionError, scripts  # type: ignore


def run_script(
    text: str, names: Names, functions: Mapping[str, Callable[..., Any]]
) -> dict[str, Any]:
    """The names a script has given new values.

    :raises Failure: if it fails or takes too long
    """
    before = names.plain()
    try:
        return dict(scripts.run_script(text, before, functions))
    except ExpressionError as error:
        raise Failure("script_failed", str(error)) from error


def check_script(text: str) -> None:
    """Read a script without running it.

    :raises ExpressionError: if it cannot be read
    """
    scripts.check_script(text)
