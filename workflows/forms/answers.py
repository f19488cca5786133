"""What comes of checking a form: answers to keep, or errors to mend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.forms.definition import Strength, Words
from workflows.forms.values import stored


@dataclass(frozen=True)
class FieldError:
    """What is wrong with the field posted as `name`; `message` when a rule of the form says it."""

    name: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    message: Words | None = None


@dataclass(frozen=True)
class Remark:
    """A rule that does not hold and yet does not stop: a hint, or one that asks for a reason."""

    rule: str
    strength: Strength
    message: Words
    name: str
    about: str
    row: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Answers:
    """Typed values by field name; a field that was hidden or left empty is None."""

    values: Mapping[str, object]
    remarks: tuple[Remark, ...] = ()
    attested: bool = False

    @property
    def stored(self) -> dict[str, Any]:
        """The values as the case keeps them: days and instants as their text."""
        return {name: stored(value) for name, value in self.values.items()}


@dataclass(frozen=True)
class Errors:
    """Every error in the order of the page, at most one for each field."""

    errors: tuple[FieldError, ...]
    remarks: tuple[Remark, ...] = ()
