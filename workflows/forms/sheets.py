"""A list of a form as a table: taken away, pasted or sent back, and held against what is there."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO

from workflows.errors import Invalid
from workflows.forms.carrying import as_raw, own_name, same
from workflows.forms.definition import DO_NOT_KNOW, Facts, Field, Form, Kind, Option
from workflows.forms.posted import MOST_ROWS, Raw, RowChange
from workflows.forms.telling import NO, YES, Reader
from workflows.language import Language, fold, translator

TEXTS = {"true": YES, "false": NO}


@dataclass(frozen=True)
class Table:
    """A list to take away: a heading, what may stand there, and the cells, for each column."""

    title: str
    heads: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class Cell:
    """A cell that cannot be read: which row of the sheet, under which heading, and why."""

    row: int
    head: str
    code: str


@dataclass(frozen=True)
class Change:
    """A row that is there and in the sheet, with what differs: heading, before, after."""

    label: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Difference:
    """What taking a sheet in would do; `rows` is the raw list after it."""

    rows: tuple[Raw, ...]
    added: tuple[str, ...]
    changed: tuple[Change, ...]
    removed: tuple[str, ...]
    kept: int
    wrong: tuple[Cell, ...] = ()


def columns(one: Field, facts: Facts) -> list[Field]:
    """The columns that a sheet has: those asked for, and what tells the rows apart."""
    return [
        each
        for each in one.fields
        if each.kind not in (Kind.FILE, Kind.UNKNOWN)
        and (facts.offers(each) or each.name in (one.key, one.row_label))
    ]


def table(one: Field, rows: Sequence[Mapping[str, object]], facts: Facts, lang: Language) -> Table:
    """The raw rows as a sheet; numbers stay numbers, all else is text."""
    shown = columns(one, facts)
    return Table(
        one.label[lang],
        tuple(each.label[lang] for each in shown),
        tuple(_choices(each, facts, lang) for each in shown),
        tuple(tuple(in_words(each, row, facts, lang) for each in shown) for row in rows),
    )


def read_table(one: Field, cells: Sequence[Sequence[object]], facts: Facts) -> Difference:
    """The rows of a sheet that begins with its headings, in any order.

    :raises Invalid: `no_headings`, `too_many_rows`
    """
    lines = [line for line in cells if any(cell not in (None, "") for cell in line)]
    heads = _headings(one, lines[0], facts) if lines else []
    if not any(heads):
        raise Invalid("no_headings")
    if len(lines) - 1 > MOST_ROWS:
        raise Invalid("too_many_rows", field=one.name, most=MOST_ROWS)
    rows, wrong = [], []
    for number, line in enumerate(lines[1:], start=2):
        row: Raw = {}
        for each, cell in zip(heads, line, strict=False):
            if each is None or (each.read_only and each.name != one.key):
                continue
            if isinstance(cell, str | int | float | Decimal | date | None):
                row |= _answer(each, cell, facts)
            else:
                wrong.append(Cell(number, each.label.sv, "formula"))
        rows.append(row)
    return Difference(tuple(rows), (), (), (), 0, tuple(wrong))


def difference(
    form: Form,
    one: Field,
    now: Sequence[Mapping[str, object]],
    sheet: Difference,
    facts: Facts,
    lang: Language,
) -> Difference:
    """What would change if the list became what the sheet says; columns it lacks stay."""
    reader = Reader(facts, lang)
    there = {own_name(form, one, row): row for row in reversed(now)}
    rows, added, changed, wrong, kept = list[Raw](), [], [], list(sheet.wrong), 0
    for index, new in enumerate(sheet.rows):
        old = there.pop(own_name(form, one, new), None)
        label = reader.row_label(one, new, index)
        if old is None and one.fixed_rows:
            wrong.append(Cell(index + 2, label, "unknown_row"))
            continue
        rows.append({**(old or {}), **new})
        cells = _cells_changed(one, old or {}, new, facts, lang) if old is not None else ()
        if old is None:
            added.append(label)
        elif cells:
            changed.append(Change(label, cells))
        else:
            kept += 1
    left = [row for row in now if any(row is each for each in there.values())]
    if one.fixed_rows:
        rows += [dict(row) for row in left]
        kept += len(left)
    gone = () if one.fixed_rows else left
    removed = tuple(reader.row_label(one, row, index) for index, row in enumerate(gone))
    return Difference(tuple(rows), tuple(added), tuple(changed), removed, kept, tuple(wrong))


def pasted(one: Field, rows: list[Raw], change: RowChange, facts: Facts) -> list[Raw]:
    """The rows with cells of a spreadsheet laid over them, from a cell on or after the last row.

    :raises Invalid: `nothing_pasted`
    """
    try:
        reader = csv.reader(StringIO(change.text, newline=""), delimiter="\t")
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error:
        raise Invalid("nothing_pasted") from None
    heads = _headings(one, lines[0], facts) if lines else []
    if heads and all(heads):
        lines = lines[1:]
    else:
        shown = [each for each in columns(one, facts) if not each.read_only]
        begin = next((i for i, each in enumerate(shown) if each.name == change.name), 0)
        heads = list(shown[begin:])
    if not lines:
        raise Invalid("nothing_pasted")
    laid = [dict(row) for row in rows]
    while change.index < 0 and laid and not any(laid[-1].values()):
        laid.pop()
    start = change.index if 0 <= change.index <= len(laid) else len(laid)
    for offset, line in enumerate(lines):
        if start + offset == len(laid):
            laid.append({})
        for each, cell in zip(heads, line, strict=False):
            if each is not None and not each.read_only:
                laid[start + offset] |= _answer(each, cell, facts)
    return laid


def _headings(one: Field, line: Sequence[object], facts: Facts) -> list[Field | None]:
    known = {
        fold(said): each
        for each in columns(one, facts)
        for said in (each.name, each.label.en, each.label.sv)
    }
    return [known.get(fold(str(cell or ""))) for cell in line]


def _choices(one: Field, facts: Facts, lang: Language) -> tuple[str, ...]:
    match one.kind:
        case Kind.CHOICE:
            return tuple(each.label[lang] for each in one.options)
        case Kind.BOOLEAN | Kind.TICK:
            return tuple(translator(lang).gettext(each) for each in (YES, NO))
        case Kind.REFERENCE:
            return tuple(facts.among(one.reference).values())
        case _:
            return ()


def in_words(one: Field, row: Mapping[str, object], facts: Facts, lang: Language) -> object:
    """What was typed in one field, as a person reads it; a number stays one."""
    if row.get(f"{one.name}_unknown") in ("true", True):
        return translator(lang).gettext(DO_NOT_KNOW)
    value = as_raw(one, row.get(one.name), facts) if row.get(one.name) is not None else ""
    labels = {each.value: each.label[lang] for each in one.options}
    if one.kind is Kind.CHOICES and isinstance(value, list):
        return "; ".join(labels.get(str(each), str(each)) for each in value)
    text = str(value)
    if one.kind in (Kind.INTEGER, Kind.NUMBER) and re.fullmatch(r"-?\d{1,15}([,.]\d+)?", text):
        return Decimal(text.replace(",", "."))
    if one.kind in (Kind.BOOLEAN, Kind.TICK) and text in TEXTS:
        return translator(lang).gettext(TEXTS[text])
    reference = "file" if one.kind is Kind.FILE else one.reference
    return labels.get(text) or facts.among(reference).get(text, text)


def _answer(one: Field, cell: object, facts: Facts) -> Raw:
    """What a cell answers, as a browser would post it; a text nobody knows stays as it is."""
    text = _text(cell)
    if one.may_be_unknown:
        unknown = fold(text) in {fold(DO_NOT_KNOW), *_in_all(DO_NOT_KNOW)}
        return {one.name: "" if unknown else text, f"{one.name}_unknown": "true" * unknown}
    match one.kind:
        case Kind.CHOICES:
            parts = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
            return {one.name: [_option(one.options, part) for part in parts]}
        case Kind.CHOICE:
            return {one.name: _option(one.options, text)}
        case Kind.BOOLEAN | Kind.TICK:
            meant = [value for value, said in TEXTS.items() if fold(text) in _in_all(said)]
            return {one.name: (["true"] if fold(text) == "x" else meant or [text])[0]}
        case Kind.REFERENCE:
            among = facts.among(one.reference).items()
            return {one.name: next((key for key, name in among if fold(name) == fold(text)), text)}
        case _:
            return {one.name: text}


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            is_day = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
            return cell.strftime("%Y-%m-%d" if is_day else "%Y-%m-%d %H:%M")
        case float() | Decimal():
            plain = f"{Decimal(str(cell)):f}"
            return plain.rstrip("0").rstrip(".") if "." in plain else plain
        case _:
            return str(cell).strip()


def _option(options: Sequence[Option], text: str) -> str:
    wanted = fold(text)
    for each in options:
        if wanted in (each.value, fold(each.label.sv), fold(each.label.en)):
            return each.value
    return text


def _in_all(text: str) -> set[str]:
    return {fold(translator(language).gettext(text)) for language in Language} | {fold(text)}


def _cells_changed(
    one: Field, old: Mapping[str, object], new: Raw, facts: Facts, lang: Language
) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (
            each.label[lang],
            str(in_words(each, old, facts, lang)),
            str(in_words(each, {**old, **new}, facts, lang)),
        )
        for each in columns(one, facts)
        if not each.read_only
        and (each.name in new or f"{each.name}_unknown" in new)
        and not (
            same(each, old.get(each.name), new.get(each.name), facts)
            and (old.get(f"{each.name}_unknown") or "") == (new.get(f"{each.name}_unknown") or "")
        )
    )
