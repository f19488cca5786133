"""Last year's answers beside this year's: what can be brought along, and what became of each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.forms.answers import Carried
from workflows.forms.collecting import Collected, case_rows
from workflows.forms.definition import WAS, Facts, Field, Form, Kind, Words
from workflows.forms.posted import Raw
from workflows.forms.telling import Reader, typed
from workflows.forms.values import Unreadable, as_text, read_value, stored
from workflows.language import Language, fold

GONE = "gone"  # the reason asked for what was there last time and is not now: `why:gone:risks`
Row = Mapping[str, object]


def earlier_rows(form: Form, one: Field, facts: Facts) -> dict[str, Row]:
    """The rows the list held last time, by what makes each the row it is."""
    rows = facts.previous.get(one.name) if one.name in form.carry_over else None
    found: dict[str, Row] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            found.setdefault(own_name(form, one, row), row)
    return found


def matched(form: Form, one: Field, rows: Sequence[Row], earlier: Mapping[str, Row]) -> list[str]:
    """For each row the earlier one it goes on from, or nothing: as it says itself, else by name."""
    free = dict.fromkeys(earlier)
    found = [""] * len(rows)
    marks = [str(row.get(WAS, "")) for row in rows]
    for names in (marks, [own_name(form, one, row) for row in rows]):
        for index, name in enumerate(names):
            if not found[index] and name in free:
                found[index] = name
                del free[name]
    return found


def is_kept(one: Field, row: Row, was: Row, facts: Facts) -> bool:
    """Whether every answer of the row is what it was, among those that this form asks for."""
    return all(
        same(each, row.get(each.name), was.get(each.name), facts)
        for each in one.typed
        if facts.offers(each) and not each.fresh
    )


def same(one: Field, this: object, that: object, facts: Facts) -> bool:
    """Whether two answers mean the same, however each is written."""
    return _plain(one, this, facts) == _plain(one, that, facts)


def is_offered(form: Form, one: Field, facts: Facts) -> bool:
    """Whether last time holds something for the field that may be brought along."""
    return (
        one.name in form.carry_over
        and not one.fresh
        and facts.previous.get(one.name) not in (None, "", [])
    )


def brought(form: Form, raw: Mapping[str, object], one: Field, facts: Facts, index: int) -> object:
    """The raw answer with what last time held: one row of it, or (-1) all that is not here."""
    if one.kind is not Kind.ROWS:
        return as_raw(one, facts.previous.get(one.name), facts)
    found = raw.get(one.name)
    rows: list[Raw] = [dict(row) for row in found if isinstance(row, dict)] if (
        isinstance(found, list)
    ) else []  # fmt: skip
    earlier = earlier_rows(form, one, facts)
    if one.fixed_rows:
        return _filled_in(form, one, rows, earlier, facts)
    taken = set(matched(form, one, rows, earlier))
    chosen = list(earlier)[index : index + 1] if index >= 0 else earlier
    return rows + [
        {**_row_as_raw(one, earlier[name], facts), WAS: name}
        for name in chosen
        if name not in taken
    ]


def carried(
    form: Form, raw: Mapping[str, object], facts: Facts, collected: Collected
) -> Iterator[Carried]:
    """What became of last time's answers: list by list, and of all other fields together."""
    plain = Carried("", form.title, facts.since)
    for one in form.fields:
        if one.name not in collected.names or one.name not in form.carry_over:
            continue
        if one.kind is not Kind.ROWS:
            if fate := _fate(one, collected.values[one.name], facts):
                plain.fates[fate].append(one.label)
        elif facts.previous.get(one.name):
            yield _of_list(form, raw, one, facts, collected)
    if facts.previous and any(plain.fates.values()):
        yield plain


def reason_name(each: Carried) -> str:
    """What the reason for leaving rows of last time out is posted as."""
    return f"why:{GONE}:{each.name}"


def begun(form: Form, facts: Facts) -> Raw:
    """What a page posts that nobody has typed in yet: what the case holds already."""
    return {
        one.name: as_raw(one, facts.names[one.name], facts)
        for one in form.fields
        if not one.read_only
        and not one.fresh
        and not one.fixed_rows
        and facts.names.get(one.name) is not None
    }


def shown_rows(one: Field, raw: object, facts: Facts) -> list[Raw]:
    """The rows of a list as they stand on the page, those of the case with what was typed."""
    rows: list[Raw] = [dict(row) for row in raw if isinstance(row, dict)] if (
        isinstance(raw, list)
    ) else []  # fmt: skip
    if not one.fixed_rows:
        return rows
    by_key = {str(row.get(one.key)): row for row in rows}
    return [
        {**{each.name: as_raw(each, row.get(each.name), facts) for each in one.fields}, **typed_in}
        for row in case_rows(one, facts)
        for typed_in in (by_key.get(str(row.get(one.key)), {}),)
    ]


def as_raw(one: Field, value: object, facts: Facts) -> Any:
    """A stored value as a browser would post it."""
    match typed(one, value, facts):
        case list(rows) if one.kind is Kind.ROWS:
            return [_row_as_raw(one, row, facts) for row in rows if isinstance(row, dict)]
        case list(several):
            return [str(each) for each in several]
        case dict(inner):
            return _row_as_raw(one, inner, facts)
        case other:
            return as_text(other, facts, Language.SV)


def _row_as_raw(one: Field, row: Row, facts: Facts) -> Raw:
    return {
        each.name: as_raw(each, row.get(each.name), facts)
        for each in one.typed
        if not each.fresh and row.get(each.name) is not None
    }


def _filled_in(
    form: Form, one: Field, rows: list[Raw], earlier: Mapping[str, Row], facts: Facts
) -> list[Raw]:
    """The rows of the case, with last time's answers where nothing has been answered yet."""
    by_key = {str(row.get(one.key)): row for row in rows}
    held = [{**row, **by_key.get(str(row.get(one.key)), {})} for row in case_rows(one, facts)]
    filled = []
    for row, name in zip(held, matched(form, one, held, earlier), strict=True):
        was = _row_as_raw(one, earlier.get(name, {}), facts)
        here = {each.name: row[each.name] for each in one.typed if row.get(each.name)}
        filled.append({**was, **here, one.key: str(row.get(one.key))})
    return filled


def _of_list(
    form: Form, raw: Mapping[str, object], one: Field, facts: Facts, collected: Collected
) -> Carried:
    reader = {language: Reader(facts, language) for language in Language}
    posted = raw.get(one.name)
    marks = [str(row.get(WAS, "")) for row in posted] if isinstance(posted, list) else []
    values = collected.values[one.name]
    rows: list[Raw] = [
        {**row, WAS: marks[place] if place < len(marks) else ""}
        for row, place in zip(values, collected.places[one.name], strict=True)
    ] if isinstance(values, list) else []  # fmt: skip
    earlier = earlier_rows(form, one, facts)
    found = Carried(one.name, one.label, facts.since)
    names = matched(form, one, rows, earlier)
    for index, (row, name) in enumerate(zip(rows, names, strict=True)):
        fate = "added"
        if name:
            fate = "kept" if is_kept(one, row, earlier[name], facts) else "changed"
        found.fates[fate].append(_label(reader, one, row, index))
    found.fates["dropped"].extend(
        _label(reader, one, row, index)
        for index, (name, row) in enumerate(earlier.items())
        if name not in names and not one.fixed_rows
    )
    return found


def _fate(one: Field, value: object, facts: Facts) -> str:
    now, was = (_plain(one, each, facts) for each in (value, facts.previous.get(one.name)))
    if now == was:
        return "" if now is None else "kept"
    return "added" if was is None else "dropped" if now is None else "changed"


def _plain(one: Field, value: object, facts: Facts) -> object:
    """The value so that two can be compared, however each was written."""
    if one.kind is Kind.GROUP:
        inner = value if isinstance(value, Mapping) else {}
        made = {each.name: _plain(each, inner.get(each.name), facts) for each in one.typed}
        return made if any(each is not None for each in made.values()) else None
    if one.kind in (Kind.REFERENCE, Kind.FILE):
        return str(value) if value not in (None, "") else None
    try:
        return stored(read_value(one, value, facts)) or None
    except Unreadable:
        return value


def own_name(form: Form, one: Field, row: Row) -> str:
    """What makes the row the row it is."""
    return " · ".join(fold(_said(row.get(name))) for name in form.identity(one))


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _label(reader: Mapping[Language, Reader], one: Field, row: Row, index: int) -> Words:
    return Words(*(reader[each].row_label(one, row, index) for each in (Language.SV, Language.EN)))
