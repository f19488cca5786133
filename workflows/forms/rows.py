"""What the buttons of a list do to the raw answers: add, copy, remove, move, bring along, paste."""

import re
from collections.abc import Mapping

from workflows.errors import Invalid
from workflows.forms.carrying import brought
from workflows.forms.definition import WAS, Facts, Form, Kind
from workflows.forms.posted import MOST_ROWS, Raw, RowChange
from workflows.forms.sheets import pasted


def change_rows(
    form: Form, raw: Mapping[str, object], change: RowChange, facts: Facts | None = None
) -> Raw:
    """The raw answers after a row button.

    :raises Invalid: `unknown_row`, `too_many_rows`; `nothing_pasted`
    """
    facts = facts or Facts()
    one = form.find(change.field)
    found = raw.get(change.field)
    rows: list[Raw] = [dict(row) for row in found] if isinstance(found, list) else []
    if one is None or (change.deed in ("copy", "remove", "up", "down") and (
        not 0 <= change.index < len(rows)
    )):  # fmt: skip
        raise Invalid("unknown_row", field=change.field, row=change.index)
    if one.kind is not Kind.ROWS or one.fixed_rows:
        return {**raw, change.field: brought(form, raw, one, facts, change.index)}
    undo: object = None
    match change.deed:
        case "add":
            rows.append({})
        case "copy":
            copy = {name: value for name, value in rows[change.index].items() if name != WAS}
            rows.insert(change.index + 1, copy)
        case "remove":
            undo = {"at": change.index, "row": rows.pop(change.index)}
        case "up" | "down":
            to = max(0, change.index + (1 if change.deed == "down" else -1))
            rows.insert(to, rows.pop(change.index))
        case "undo":
            rows = _undone(rows, raw.get(f"undo:{change.field}"))
        case "bring":
            undo, rows = {"rows": rows}, _rows(brought(form, raw, one, facts, change.index))
        case _:
            undo, rows = {"rows": rows}, pasted(one, rows, change, facts)
    if len(rows) > MOST_ROWS:
        raise Invalid("too_many_rows", field=change.field, most=MOST_ROWS)
    # A reason for one row was given at its number: whoever moves rows is asked again.
    kept = {
        name: value
        for name, value in raw.items()
        if change.deed == "add" or not re.fullmatch(r"why:.*:\d+", name)
    }
    kept.pop(f"undo:{change.field}", None)
    return kept | ({f"undo:{change.field}": undo} if undo else {}) | {change.field: rows}


def _undone(rows: list[Raw], before: object) -> list[Raw]:
    match before:
        case {"at": int(at), "row": dict(row)}:
            return [*rows[:at], row, *rows[at:]]
        case {"rows": list(old)}:
            return _rows(old)
        case _:
            return rows


def _rows(found: object) -> list[Raw]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
