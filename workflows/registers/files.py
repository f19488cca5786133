"""Rows of a register in a file that somebody sends: which column means what, and what is wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflows.errors import Invalid
from workflows.forms import FieldError
from workflows.registers import Definition
from workflows.registers.reading import read_row
from workflows.spreadsheets import (
    MOST_ROWS,
    Dates,
    Formula,
    NotATable,
    UnreadableDate,
    bare,
    tables,
)

UNIT = "unit"  # a column that says which unit a row is of
FORMULA = {"formula": True}
# What people call the name, the owner, the day and the status of a row, whatever it is.
USUAL = (
    ("namn", "titel", "rubrik", "benämning", "name", "title"),
    ("ansvarig", "ägare", "handläggare", "responsible", "owner"),
    ("datum", "klart senast", "slutdatum", "när", "due", "date"),
    ("status", "läge", "state"),
)
Cells = list[Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, read by the mapping: what it says, or what is wrong with it."""

    line: int
    values: Mapping[str, object]
    unit: str
    errors: tuple[FieldError, ...]


def read(name: str, content: bytes) -> tuple[list[str], list[Cells]]:
    """Read the first table of a file: its header, and its rows as they stand.

    :raises Invalid: if it is no table, is empty or has too many rows
    """
    try:
        found = next((table for _, table in tables(name, content) if table), None)
    except NotATable as refusal:
        raise Invalid(refusal.code) from None
    rows = [row for row in found or [] if any(cell not in (None, "") for cell in row)]
    if len(rows) < 2:
        raise Invalid("file_has_no_rows")
    if len(rows) > MOST_ROWS + 1:
        raise Invalid("too_many_rows", most=MOST_ROWS)
    width = max(len(row) for row in rows)
    header = [str(cell or "").strip()[:200] for cell in rows[0]]
    header += [""] * (width - len(header))
    return header, [[_kept(cell) for cell in row] for row in rows[1:]]


def proposed(
    register: Definition, header: Sequence[str], kept: Mapping[str, str]
) -> dict[str, str]:
    """Say which column of the register each of the file means: as last time, or by its title."""
    titles = {bare(UNIT): UNIT, bare("enhet"): UNIT}
    for one in register.form.fields:
        for title in (one.name, one.label.sv, one.label.en):
            titles.setdefault(bare(title), one.name)
    for column, said in zip(
        (register.name, register.owner, register.due, register.status), USUAL, strict=True
    ):
        for title in said if column else ():
            titles.setdefault(bare(title), column)
    known = {bare(title): column for title, column in kept.items()}
    mapping: dict[str, str] = {}
    for place, title in enumerate(header):
        column = known.get(bare(title), titles.get(bare(title), ""))
        if column not in mapping.values() or not column:
            mapping[str(place)] = column
    return mapping


def checked(register: Definition, mapping: Mapping[str, str], rows: Sequence[Cells]) -> list[Row]:
    """Read every row as strictly as a form, and say what is wrong in each."""
    return [_row(register, mapping, cells, line) for line, cells in enumerate(rows, start=2)]


def _row(register: Definition, mapping: Mapping[str, str], cells: Cells, line: int) -> Row:
    said = {
        column: cells[int(place)]
        for place, column in mapping.items()
        if int(place) < len(cells) and column
    }
    wrong = tuple(FieldError(name, "formula") for name, cell in said.items() if cell == FORMULA)
    unit = str(said.pop(UNIT, None) or "").strip()
    if wrong:
        return Row(line, {}, unit, wrong)
    values, errors = read_row(register.id, said)
    return Row(line, values, unit, errors)


def counted(
    register: Definition, header: Sequence[str], rows: Sequence[Cells], asked: Mapping[str, str]
) -> tuple[list[str], list[Cells]]:
    """Count reports by unit, kind and month; nothing else of them is kept.

    `asked` says what the columns of day, kind and unit are called in the file.

    :raises Invalid: if a column is missing or a day cannot be read
    """
    titles = [bare(title) for title in header]
    places = {
        name: titles.index(bare(title)) for name, title in asked.items() if bare(title) in titles
    }
    if missing := [title for name, title in asked.items() if name not in places and name != UNIT]:
        raise Invalid("columns_missing", missing=missing, header=[one for one in header if one])
    dates, counts = Dates(), Counter[tuple[str, str, str]]()
    for line, cells in enumerate(rows, start=2):
        said = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            day = dates.read(_day(said["day"]))
        except UnreadableDate as unreadable:
            raise Invalid("day_unreadable", line=line, value=str(said["day"])[:40]) from unreadable
        unit = str(said.get(UNIT) or "").strip()
        counts[unit, str(said["kind"]).strip()[:120], f"{day:%Y-%m}"] += 1
    month, number = register.counts["month"], register.counts["into"]
    made = [[unit, kind, when, str(count)] for (unit, kind, when), count in sorted(counts.items())]
    return [UNIT, register.name, month, number], made


def _day(cell: Any) -> object:
    text = str(cell)
    return text[:10] if len(text) > 10 and text[4:5] == "-" else cell


def _kept(cell: object) -> Any:
    match cell:
        case Formula():
            return FORMULA
        case None:
            return ""
        case bool():
            return "ja" if cell else "nej"
        case datetime():
            return (cell.date() if cell.time().isoformat() == "00:00:00" else cell).isoformat()[:16]
        case date():
            return cell.isoformat()
        case float():
            return str(int(cell)) if cell.is_integer() else str(Decimal(str(cell)))
        case _:
            return str(cell).strip()
