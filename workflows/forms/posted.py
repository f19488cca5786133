"""From the name and value pairs a browser posts to nested raw answers, and changes of rows.

A field is called `reason`, one inside a group `plan-owner`, one in a list `items-0-status`; each
row also posts its number under the list's own name, so that a row whose boxes are all empty still
exists, and `list-0-_was` when it goes on from a row of last time. A reason for going on is called
`why:rule` or `why:rule:0`; what a button of the rows needs is called `undo:list` and `paste:list`.
Raw answers are JSON: a draft keeps them as they are.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.canonical import parse
from workflows.errors import Invalid
from workflows.forms.definition import WAS, Field, Form, Kind, Strength

MOST_PAIRS = 30_000
MOST_ROWS = 500
LONGEST_TEXT = 100_000
LONGEST_TABLE = 2_000_000
ROW_BUTTON = "row"
DEEDS = ("add", "copy", "remove", "up", "down", "undo", "bring", "paste")

Raw = dict[str, Any]
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class RowChange:
    """A button of the list `field`: `add`, `undo`, `paste` and `bring` (all of last time), or one
    of its row `index`: `copy`, `remove`, `up`, `down`; `bring` one of last time's rows. For another
    field only `bring`. What is pasted begins at the column `name`.
    """

    deed: str
    field: str
    index: int = -1
    name: str = ""
    text: str = ""


@dataclass(frozen=True)
class Posted:
    raw: Raw
    change: RowChange | None = None


def read_posted(form: Form, pairs: Iterable[tuple[str, str]]) -> Posted:
    """Sort the pairs of a posted form into raw answers; rows keep the order they came in.

    :raises Invalid: `unknown_field`, `repeated_field`, `too_many_fields`, `too_many_rows`,
        `text_too_long` – things our own page never posts
    """
    raw: Raw = {}
    rows: dict[str, dict[str, Raw]] = {}
    pasted: dict[str, str] = {}
    button: str | None = None
    for count, (name, value) in enumerate(pairs):
        if count >= MOST_PAIRS:
            raise Invalid("too_many_fields", most=MOST_PAIRS)
        most = LONGEST_TABLE if name.startswith(("undo:", "paste:")) else LONGEST_TEXT
        if len(value) > most:
            raise Invalid("text_too_long", field=name[:80], most=most)
        if name == ROW_BUTTON:
            button = value
        elif name.startswith("paste:"):
            pasted[_list_name(form, name)] = value
        elif ":" in name or (name == "attest" and form.attest):
            _beside(form, name, value, raw)
        else:
            _place(form, name, value, raw, rows)
    for list_name, by_number in rows.items():
        raw[list_name] = list(by_number.values())
    return Posted(raw, None if button is None else _row_change(form, button, pasted))


def _beside(form: Form, name: str, value: str, raw: Raw) -> None:
    if name.startswith("undo:"):
        if value:
            _put(raw, f"undo:{_list_name(form, name)}", _undone(name, value))
    else:
        _put(raw, name if name == "attest" else _reason_name(form, name), value)


def _place(form: Form, name: str, value: str, raw: Raw, rows: dict[str, dict[str, Raw]]) -> None:
    head, *rest = name.split("-")
    top = form.find(head)
    if top is None or top.read_only:
        raise _unknown(name)
    match top.kind, rest:
        case Kind.ROWS, []:
            _row(rows, head, value)
        case Kind.ROWS, [number, str(mark)] if mark == WAS:
            _put(_row(rows, head, number), WAS, value)
        case Kind.ROWS, [number, inner]:
            column = _member(top, inner, name)
            _answer(_row(rows, head, number), column, value)
        case Kind.GROUP, [inner]:
            group = raw.setdefault(head, {})
            if isinstance(group, dict):
                _answer(group, _member(top, inner, name), value)
        case ((Kind.ROWS | Kind.GROUP), _):
            raise _unknown(name)
        case _, []:
            _answer(raw, top, value)
        case _:
            raise _unknown(name)


def _answer(holder: Raw, field: Field, value: str) -> None:
    if field.kind is not Kind.CHOICES:
        _put(holder, field.name, value)
        return
    chosen = holder.setdefault(field.name, [])
    # The empty value is the hidden one that says "the boxes were there, none was ticked".
    if value and isinstance(chosen, list):
        chosen.append(value)


def _put(holder: Raw, name: str, value: object) -> None:
    if name in holder:
        raise Invalid("repeated_field", field=name)
    holder[name] = value


def _row(rows: dict[str, dict[str, Raw]], name: str, number: str) -> Raw:
    if not _NUMBER.fullmatch(number):
        raise _unknown(f"{name}-{number}")
    by_number = rows.setdefault(name, {})
    if number not in by_number and len(by_number) >= MOST_ROWS:
        raise Invalid("too_many_rows", field=name, most=MOST_ROWS)
    return by_number.setdefault(number, {})


def _member(holder: Field, name: str, whole: str) -> Field:
    for each in holder.fields:
        if each.name == name and (not each.read_only or name == holder.key):
            return each
    raise _unknown(whole)


def _reason_name(form: Form, name: str) -> str:
    why, rule_id, *row = name.split(":")
    if why != "why":
        raise _unknown(name)
    if rule_id == "gone" and row and form.list_called(row[0]) and row[0] in form.carry_over:
        return name
    for rule in form.rules:
        if rule.id == rule_id and rule.strength is Strength.JUSTIFY:
            expected = 1 if rule.each else 0
            if len(row) == expected and all(_NUMBER.fullmatch(each) for each in row):
                return name
    raise _unknown(name)


def _list_name(form: Form, name: str) -> str:
    found = form.list_called(name.partition(":")[2])
    if found is None or found.fixed_rows:
        raise _unknown(name)
    return found.name


def _undone(name: str, text: str) -> Raw:
    """What the page kept of the list as it was before a button."""
    try:
        found = parse(text)
    except ValueError:
        found = None
    match found:
        case {"at": int(at), "row": dict(row)}:
            return {"at": max(0, at), "row": _plain_row(row)}
        case {"rows": list(rows)} if len(rows) <= MOST_ROWS:
            return {"rows": [_plain_row(row) for row in rows if isinstance(row, dict)]}
        case _:
            raise _unknown(name)


def posted_rows(name: str, text: str) -> list[Raw]:
    """The rows of a list that a page of ours kept as JSON.

    :raises Invalid: if it is something else, or too many
    """
    try:
        found = parse(text) if len(text) <= LONGEST_TABLE else None
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) > MOST_ROWS:
        raise _unknown(name)
    return [_plain_row(row) for row in found if isinstance(row, dict)]


def _plain_row(row: Mapping[object, object]) -> Raw:
    return {
        str(name): value
        for name, value in row.items()
        if isinstance(value, str)
        or (isinstance(value, list) and all(isinstance(each, str) for each in value))
    }


def _row_change(form: Form, value: str, pasted: Mapping[str, str]) -> RowChange:
    deed, name, number, column, *more = [*value.split("-"), "", "", ""]
    one = form.find(name)
    if one is None or one.read_only or any(more) or deed not in DEEDS:
        raise _unknown(ROW_BUTTON)
    if number and not _NUMBER.fullmatch(number):
        raise _unknown(ROW_BUTTON)
    if deed == "bring":
        is_there = name in form.carry_over and not column and (not number or not one.fixed_rows)
    elif one.kind is not Kind.ROWS or one.fixed_rows:
        is_there = False
    elif deed == "paste":
        is_there = not column or any(each.name == column for each in one.fields)
    else:
        is_there = not column and bool(number) == (deed not in ("add", "undo"))
    if not is_there:
        raise _unknown(ROW_BUTTON)
    index = int(number) if number else -1
    return RowChange(deed, name, index, column, pasted.get(name, ""))


def _unknown(name: str) -> Invalid:
    return Invalid("unknown_field", field=name[:80])
