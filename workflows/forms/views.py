"""Frozen values that a page is made from: no rule of the form is left for a template to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.language.rich import Block


@dataclass(frozen=True)
class ErrorView:
    """One error: `href` leads to the control to mend; `text` is the form's own sentence, if any."""

    href: str
    label: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True)
class OptionView:
    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class RowView:
    index: int
    label: str
    key: str
    fields: tuple["FieldView", ...]
    was: str = ""
    verdict: str = ""
    brief: str = ""
    before: str = ""
    has_error: bool = False


@dataclass(frozen=True)
class FieldView:
    """A field as it is shown; `value` is what stands in the box, or the answer in words."""

    id: str
    name: str
    kind: str
    label: str
    hint: str = ""
    value: str = ""
    options: tuple[OptionView, ...] = ()
    required: bool = False
    read_only: bool = False
    error: ErrorView | None = None
    autocomplete: str = ""
    previous: str = ""
    file: str = ""  # the number of the file that was sent
    fields: tuple["FieldView", ...] = ()
    rows: tuple[RowView, ...] = ()
    key_name: str = ""
    fixed_rows: bool = False
    as_table: bool = False
    row_word: str = ""
    unknown: "FieldView | None" = None
    blocks: tuple[Block, ...] = ()
    since: str = ""
    bring: str = ""
    left: tuple[RowView, ...] = ()
    undo: str = ""
    list_id: str = ""

    @property
    def described_by(self) -> str:
        """The ids of hint and error, for `aria-describedby`."""
        parts = [f"{self.id}-hint"] * bool(self.hint) + [f"{self.id}-error"] * bool(self.error)
        return " ".join(parts)


@dataclass(frozen=True)
class ReasonView:
    """A rule that does not hold: a hint to read, or a reason to give (`name` is then set)."""

    id: str
    name: str
    message: str
    about: str
    value: str = ""
    error: ErrorView | None = None


@dataclass(frozen=True)
class SectionView:
    id: str
    heading: str
    help: str
    fields: tuple[FieldView, ...]
    reasons: tuple[ReasonView, ...] = ()


@dataclass(frozen=True)
class FormView:
    title: str
    intro: str
    sections: tuple[SectionView, ...]
    errors: tuple[ErrorView, ...] = ()
    attest: FieldView | None = None
    has_files: bool = False
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
