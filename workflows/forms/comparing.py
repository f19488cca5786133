"""Mark what differs between answers as they stood before and as they stand now, in words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from workflows.forms.definition import Field, Form
from workflows.forms.views import FieldView, FormView, RowView

State = Literal["same", "added", "changed", "removed"]
TEXT = 6  # words or more
WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Marked:
    """An answer, what became of it, and its text in pieces of which each is kept, new or gone."""

    now: FieldView
    state: State = "same"
    pieces: tuple[tuple[State, str], ...] = ()
    rows: tuple["MarkedRow", ...] = ()
    heads: tuple[FieldView, ...] = ()

    @property
    def count(self) -> int:
        """How many things are marked."""
        inner = sum(row.state != "same" for row in self.rows)
        return inner if self.rows else int(self.state != "same")


@dataclass(frozen=True)
class MarkedRow:
    label: str
    state: State
    cells: tuple[Marked, ...]


def part_of(form: Form, *, read_only: bool, but: Iterable[str] = ()) -> Form:
    """The part of a form that is only shown, or that people answer, but what is named."""
    left_out = set(but)

    def fits(one: Field) -> bool:
        return one.read_only is read_only and one.name not in left_out

    sections = (
        replace(section, fields=tuple(filter(fits, section.fields))) for section in form.sections
    )
    return replace(form, sections=tuple(one for one in sections if one.fields))


def marked(
    now: FormView, before: FormView | None, *, is_same_occasion: bool = True
) -> list[tuple[str, list[Marked]]]:
    """Mark each section of answers; without `before` nothing is marked. Of another occasion, such
    as the quarter before, what only one of them asks about is no change: it is not marked either.
    """
    earlier = _flat(before) if before else None
    if earlier is not None and not is_same_occasion:
        earlier = {name: _asked(one, earlier.get(name, one)) for name, one in _flat(now).items()}
    sections = [
        (section.heading, [_compared(one, earlier) for one in flat(section.fields)])
        for section in now.sections
    ]
    here = {one.name for section in now.sections for one in flat(section.fields)}
    gone = [_gone(one) for name, one in (earlier or {}).items() if name not in here]
    return [*sections, *([("", gone)] if gone else [])]


def flat(fields: Iterable[FieldView], label: str = "") -> list[FieldView]:
    """Answers one by one: those in a group under the name of the group too."""
    return [
        each
        for one in fields
        for each in (
            flat(one.fields, f"{one.label}: ")
            if one.kind == "group"
            else [replace(one, label=f"{label}{one.label}")]
        )
    ]


def _asked(now: FieldView, before: FieldView) -> FieldView:
    """What was answered before, as if the rows had been those of now; a new one is as it is now."""
    earlier = _by_label(before.rows)
    rows = tuple(earlier.get(key, row) for key, row in _by_label(now.rows).items())
    return replace(before, rows=rows)


def _compared(now: FieldView, earlier: Mapping[str, FieldView] | None) -> Marked:
    before = earlier.get(now.name) if earlier is not None else now
    if now.kind == "rows":
        return _rows(now, before)
    if before is not None and before.value == now.value:
        return Marked(now)
    if before is None:
        return Marked(now, "added", (("added", now.value),))
    return Marked(now, "changed", tuple(_pieces(before.value, now.value)))


def _gone(before: FieldView) -> Marked:
    if before.kind == "rows":
        heads = {_column(one): one for one in before.fields}
        rows = tuple(_row_gone(row, heads) for row in before.rows)
        return Marked(before, "removed", rows=rows, heads=before.fields)
    return Marked(before, "removed", (("removed", before.value),))


def _rows(now: FieldView, before: FieldView | None) -> Marked:
    earlier, here = (_by_label(one.rows if one else ()) for one in (before, now))
    heads = {_column(one): one for one in (*now.fields, *(before.fields if before else ()))}
    rows = [_row(row, earlier.get(key), heads) for key, row in here.items()]
    rows += [_row_gone(row, heads) for key, row in earlier.items() if key not in here]
    is_same = all(one.state == "same" for one in rows)
    state: State = "same" if is_same else "changed"
    return Marked(now, state, rows=tuple(rows), heads=tuple(heads.values()))


def _row(now: RowView, before: RowView | None, heads: Mapping[str, FieldView]) -> MarkedRow:
    cells, olds = (
        {_column(one): one for one in row.fields} if row else {} for row in (now, before)
    )
    compared = tuple(
        _cell(cells.get(name), olds.get(name) if before else cells.get(name), head)
        for name, head in heads.items()
    )
    is_same = all(one.state == "same" for one in compared)
    return MarkedRow(
        now.label, "added" if not before else "same" if is_same else "changed", compared
    )


def _cell(now: FieldView | None, before: FieldView | None, head: FieldView) -> Marked:
    new, old = (one.value if one else "" for one in (now, before))
    shown = now or replace(head, value="")
    return Marked(shown) if new == old else Marked(shown, "changed", tuple(_pieces(old, new)))


def _row_gone(row: RowView, heads: Mapping[str, FieldView]) -> MarkedRow:
    cells = {_column(one): one for one in row.fields}
    shown = (cells.get(name) or replace(one, value="") for name, one in heads.items())
    return MarkedRow(row.label, "removed", tuple(Marked(one) for one in shown))


def _by_label(rows: Sequence[RowView]) -> dict[tuple[str, int], RowView]:
    """Rows by what they are called; of those called the same, by their order."""
    found: dict[tuple[str, int], RowView] = {}
    count: dict[str, int] = {}
    for row in rows:
        count[row.label] = count.get(row.label, 0) + 1
        found[row.label, count[row.label]] = row
    return found


def _column(one: FieldView) -> str:
    return one.name.rpartition("-")[2]


def _flat(view: FormView) -> dict[str, FieldView]:
    return {one.name: one for section in view.sections for one in flat(section.fields)}


def _pieces(old: str, new: str) -> Iterable[tuple[State, str]]:
    """What stayed, went and came: word by word in a text, all at once in what is no text."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    if max(len(before), len(after)) < TEXT:
        before, after = [old] * bool(old), [new] * bool(new)
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(after[c:d])
            continue
        if a < b:
            yield "removed", "".join(before[a:b])
        if c < d:
            yield "added", "".join(after[c:d])
