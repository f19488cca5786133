"""From the name and value pairs a browser posts to nested raw answers, and changes of rows.

A field is called `reason`, one inside a group `plan-owner`, one in a list `items-0-status`; each
row also posts its number under the list's own name, so that a row whose boxes are all empty still
exists. A reason for going on is called `why:rule` or `why:rule:0`. Raw answers are JSON: a draft
keeps them as they are.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.errors import Invalid
from workflows.forms.definition import Field, Form, Kind, Strength

MOST_PAIRS = 30_000
MOST_ROWS = 500
LONGEST_TEXT = 100_000
ROW_BUTTON = "row"

Raw = dict[str, Any]
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class RowChange:
    """A row button: `add`, `copy` or `remove` in the list `field`."""

    deed: str
    field: str
    index: int = 0


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
    change = None
    for count, (name, value) in enumerate(pairs):
        if count >= MOST_PAIRS:
            raise Invalid("too_many_fields", most=MOST_PAIRS)
        if len(value) > LONGEST_TEXT:
            raise Invalid("text_too_long", field=name[:80], most=LONGEST_TEXT)
        if name == ROW_BUTTON:
            change = _row_change(form, value)
        elif name.startswith("why:"):
            _put(raw, _reason_name(form, name), value)
        elif name == "attest" and form.attest:
            _put(raw, name, value)
        else:
            _place(form, name, value, raw, rows)
    for list_name, by_number in rows.items():
        raw[list_name] = list(by_number.values())
    return Posted(raw, change)


def change_rows(form: Form, raw: Mapping[str, object], change: RowChange) -> Raw:
    """The raw answers after a row button.

    :raises Invalid: `unknown_row`, `too_many_rows`
    """
    found = raw.get(change.field)
    rows = list(found) if isinstance(found, list) else []
    if change.deed == "add":
        rows.append({})
    elif change.index >= len(rows):
        raise Invalid("unknown_row", field=change.field, row=change.index)
    elif change.deed == "copy":
        rows.insert(change.index + 1, dict(rows[change.index]))
    else:
        del rows[change.index]
    if len(rows) > MOST_ROWS:
        raise Invalid("too_many_rows", field=change.field, most=MOST_ROWS)
    reasons_moved = {
        name: value
        for name, value in raw.items()
        if not (name.startswith("why:") and name.count(":") > 1 and change.deed != "add")
    }
    return reasons_moved | {change.field: rows}


def _place(form: Form, name: str, value: str, raw: Raw, rows: dict[str, dict[str, Raw]]) -> None:
    head, *rest = name.split("-")
    top = form.find(head)
    if top is None or top.read_only:
        raise _unknown(name)
    match top.kind, rest:
        case Kind.ROWS, []:
            _row(rows, head, value)
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


def _put(holder: Raw, name: str, value: str) -> None:
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
    _, rule_id, *row = name.split(":")
    for rule in form.rules:
        if rule.id == rule_id and rule.strength is Strength.JUSTIFY:
            expected = 1 if rule.each else 0
            if len(row) == expected and all(_NUMBER.fullmatch(each) for each in row):
                return name
    raise _unknown(name)


def _row_change(form: Form, value: str) -> RowChange:
    deed, _, rest = value.partition("-")
    name, _, number = rest.partition("-")
    field = form.find(name)
    if field is None or field.kind is not Kind.ROWS or field.fixed_rows or field.read_only:
        raise _unknown(ROW_BUTTON)
    if deed == "add" and not number:
        return RowChange("add", name)
    if deed in ("copy", "remove") and _NUMBER.fullmatch(number):
        return RowChange(deed, name, int(number))
    raise _unknown(ROW_BUTTON)


def _unknown(name: str) -> Invalid:
    return Invalid("unknown_field", field=name[:80])
