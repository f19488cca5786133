"""What an entry holds: a row of a form or a file made into its columns, and compared."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from workflows.language import fold, sort_key
from workflows.organisation.rows import named
from workflows.registers import Definition, definition
from workflows.registers.models import Entry, Marking

Values = Mapping[str, Any]
LONGEST_NAME = 300


def written(into: Values, renamed: Mapping[str, str], values: Values) -> dict[str, Any]:
    """Make a row of a form into one of its register."""
    return {renamed.get(name, name): value for name, value in into.items()} | dict(values)


def keyed(
    register: Definition, year: int, rows: Sequence[Values], by_id: Mapping[int, str]
) -> Iterator[tuple[str, Values]]:
    """Give each row its key; the second of two that are called the same is told by its number.

    A row that says which entry it came from (`entry`) is that entry, whatever it is called now.
    """
    seen: dict[str, int] = {}
    for row in rows:
        if not any(value not in (None, "", []) for value in row.values()):
            continue
        known = by_id.get(row["entry"]) if isinstance(row.get("entry"), int) else None
        parts = [fold(plain(row.get(name))) for name in register.key]
        key = known or " | ".join([str(year), *parts] if register.yearly else parts)
        seen[key] = seen.get(key, 0) + 1
        yield key if seen[key] == 1 else f"{key} #{seen[key]}", row


def merged(register: Definition, before: Values, row: Values) -> dict[str, Any]:
    """The columns the register has: what the row says, and what it says nothing of as it was."""
    data = dict(before)
    for one in register.form.fields:
        if one.name in row:
            if row[one.name] in (None, "", []):
                data.pop(one.name, None)
            else:
                data[one.name] = row[one.name]
    if register.initial and register.status not in data and register.status in before:
        data[register.status] = before[register.status]
    return data


def differences(before: Values, after: Values) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def differs(entry: Entry, values: Values) -> bool:
    """Tell whether values say anything that an entry does not say already."""
    return bool(differences(entry.data, merged(definition(entry.register), entry.data, values)))


def marking_of(row: Values, now: Marking) -> Marking:
    """A row may come marked; what is marked secret is never lowered so (that is a deed)."""
    said = row.get("secrecy")
    if now not in (Marking.OPEN, Marking.UNASSESSED) or said not in tuple(Marking):
        return now
    return Marking(said)


def fill(session: Session, register: Definition, entry: Entry, data: Mapping[str, Any]) -> None:
    """Let the columns that lists are made of say what the data says; an owner who is called as a
    person of the unit is that person."""
    entry.data = dict(data)
    entry.name = plain(data.get(register.name))[:LONGEST_NAME] or "–"
    entry.sort_key = sort_key(entry.name)
    entry.status = str(data.get(register.status) or "") if register.status else ""
    entry.is_open = entry.status not in register.closed
    entry.owner = plain(data.get(register.owner)) if register.owner else ""
    if fold(entry.owner) != entry.owner_key:  # the same words go on to mean the same person
        entry.owner_key = fold(entry.owner)
        with session.no_autoflush:
            entry.owner_id = named(session, entry.owner, near=entry.unit_id)
    # what is accepted instead of done has no day but the one it is to be reconsidered
    due = data.get(register.due) or data.get("review_by") if register.due else None
    entry.due_on = _day(due)
    said = [plain(data.get(one.name)) for one in register.form.fields if not one.options]
    entry.words = fold(" ".join(text for text in said if text))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def plain(value: Any) -> str:
    """A value as text; one that is said in both languages in Swedish."""
    if isinstance(value, Mapping):
        if "sv" in value:
            return str(value["sv"])
        return " ".join(plain(value[name]) for name in sorted(value))
    if isinstance(value, list):
        return " ".join(plain(each) for each in value)
    return "" if value is None else str(value)
