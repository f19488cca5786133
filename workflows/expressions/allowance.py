"""How much work one evaluation may cost: counted, not timed, so it ends the same everywhere."""

from collections.abc import Mapping
from typing import Any

from workflows.expressions.failures import ExpressionFailed

# Steps, list items and 64 characters of text are one each: well under a second in all.
ENOUGH = 500_000


class Allowance:
    """The work that is left."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = ENOUGH

    def charge(self, amount: int) -> None:
        """Take work from the allowance.

        :raises ExpressionFailed: when it is used up
        """
        self.left -= amount
        if self.left < 0:
            raise ExpressionFailed("too_much_work")

    def weigh(self, value: Any) -> None:
        """Charge for looking through a value."""
        if type(value) is str:
            self.charge(1 + (len(value) >> 6))
            return
        pending = [value]
        while pending:
            one = pending.pop()
            if isinstance(one, list):
                self.charge(1 + len(one))
                pending.extend(one)
            elif isinstance(one, Mapping):
                self.charge(1 + len(one))
                pending.extend(one.values())
            elif type(one) is str and len(one) > 64:
                self.charge(len(one) >> 6)
