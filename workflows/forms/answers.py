"""What comes of checking a form: answers to keep, or errors to mend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.forms.definition import Strength, Words
from workflows.forms.values import stored
from workflows.language import N_, Language, Sentence


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


FATES = ("kept", "changed", "added", "dropped")
_MOST_NAMES = 12
_LEFT = N_("{label}: {names} was there in {since} and is not any more. Why?")
_TOLD = N_(
    "{label}, compared with {since}. Unchanged: {kept}. Changed: {changed}. New: {added}."
    " Gone: {dropped}."
)


@dataclass(frozen=True)
class Carried:
    """What became of last time's answers to a list, or (without `name`) to all plain fields: by
    fate the rows or the fields."""

    name: str
    label: Words
    since: str
    fates: Mapping[str, list[Words]] = field(default_factory=lambda: {each: [] for each in FATES})

    @property
    def left_rows(self) -> bool:
        """Whether rows of a list were there last time and are not now."""
        return bool(self.name and self.fates["dropped"])

    @property
    def told(self) -> dict[str, Any]:
        """The verdict as it is kept with the task and in history."""
        message = in_both(_TOLD, self)
        lists = {fate: [name.sv for name in names] for fate, names in self.fates.items()}
        return {
            "rule": "carried",
            "row": None,
            "message": {"sv": message.sv, "en": message.en},
            "reason": "",
            "carried": {"field": self.name, "since": self.since, **lists},
        }

    @property
    def question(self) -> Words:
        """What is asked where rows of last time have been left out."""
        return in_both(_LEFT, self)


def in_both(text: str, each: Carried) -> Words:
    """The sentence in both languages, with how many have each fate and which they are."""

    def said(language: Language) -> str:
        fates = {fate: _counted(names, language) for fate, names in each.fates.items()}
        params = {
            "label": each.label[language],
            "since": each.since,
            **fates,
            "kept": str(len(each.fates["kept"])),
            "names": _names(each.fates["dropped"], language),
        }
        return Sentence(text, params).said(language)

    return Words(said(Language.SV), said(Language.EN))


def _counted(names: Sequence[Words], language: Language) -> str:
    shown = ", ".join(_names(names, language))
    return f"{len(names)} ({shown})" if names else "0"


def _names(names: Sequence[Words], language: Language) -> list[str]:
    opening = "“" if language is Language.EN else "”"
    shown = [f"{opening}{name[language]}”" for name in names[:_MOST_NAMES]]
    return shown + ([f"+ {len(names) - _MOST_NAMES}"] if len(names) > _MOST_NAMES else [])


@dataclass(frozen=True)
class Answers:
    """Typed values by field name; a field that was hidden or left empty is None."""

    values: Mapping[str, object]
    remarks: tuple[Remark, ...] = ()
    attested: bool = False
    carried: tuple[Carried, ...] = ()

    @property
    def stored(self) -> dict[str, Any]:
        """The values as the case keeps them: days and instants as their text."""
        return {name: stored(value) for name, value in self.values.items()}

    @property
    def told(self) -> list[dict[str, Any]]:
        """What those who review the answers should read: reasons given, and what last time's
        answers became."""
        reasons = [
            {
                "rule": each.rule,
                "row": each.row,
                "message": {"sv": each.message.sv, "en": each.message.en},
                "reason": each.reason,
            }
            for each in self.remarks
            if each.reason
        ]
        return reasons + [each.told for each in self.carried]


@dataclass(frozen=True)
class Errors:
    """Every error in the order of the page, at most one for each field."""

    errors: tuple[FieldError, ...]
    remarks: tuple[Remark, ...] = ()
