"""Values of the expressions in a diagram, over the case's data and the facts of this run."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workflows.errors import Invalid

if TYPE_CHECKING:
    from workflows.engine.running import Run


class Failure(Exception):
    """A step cannot be taken; becomes an error event if somebody listens, else an incident."""

    def __init__(self, code: str, cause: str, keys: tuple[str, ...] = ()) -> None:
        self.code = code
        self.cause = cause
        self.keys = keys
        super().__init__(cause)


def truth(run: Run, text: str, frame: int) -> bool:
    """Whether a condition holds now."""
    raise Failure("no_expressions", f"cannot read {text!r} yet in {frame} of {run.plan.main}")


def own(values: Any, depth: int = 0) -> Any:
    """A copy of plain data that shares nothing with what it was made from.

    :raises Invalid: for a float or anything else that has no place in stored data
    """
    if values is None or isinstance(values, str | bool | int):
        return values
    if isinstance(values, Decimal) and values.is_finite():
        return values
    if depth > 50:
        raise Invalid("data_too_deep")
    if isinstance(values, Mapping):
        if not all(isinstance(key, str) for key in values):
            raise Invalid("data_key_not_text")
        return {key: own(item, depth + 1) for key, item in values.items()}
    if isinstance(values, list | tuple):
        return [own(item, depth + 1) for item in values]
    raise Invalid("data_not_plain", type=type(values).__name__)
