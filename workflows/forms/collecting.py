"""From raw answers to typed values, field by field, before anything is compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.errors import Invalid
from workflows.expressions import evaluate
from workflows.forms.answers import FieldError
from workflows.forms.definition import WAS, Facts, Field, Form, Kind
from workflows.forms.posted import Raw
from workflows.forms.values import Unreadable, read_value

BESIDE = ("why:", "undo:")  # what is posted beside the answers


@dataclass
class Collected:
    """Typed values as they gather.

    `values` is what will be kept; `asked` only what the person could answer, which is what the
    schema is held against; `places` gives for each list the posted number of each kept row;
    `shown` names the sections that are visible.
    """

    values: dict[str, object] = field(default_factory=dict)
    asked: dict[str, object] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=dict)
    errors: dict[str, FieldError] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)

    def fail(self, name: str, code: str, /, **params: object) -> None:
        """Note an error; the first one of a field stands."""
        self.errors.setdefault(name, FieldError(name, code, params))


def collect(form: Form, raw: Mapping[str, object], facts: Facts) -> Collected:
    """Read every field of every visible section.

    :raises Invalid: `unknown_field`, `unknown_row` or `repeated_row` in the raw answers
    """
    _refuse_unknown(form, raw)
    into = Collected(
        {each.name: facts.names.get(each.name) if each.read_only else None for each in form.fields}
    )
    for section in form.sections:
        names = {**facts.names, **into.values}
        shown = section.visible is None or evaluate(section.visible, names, facts.functions)
        if shown:
            into.shown.add(section.id)
        for one in section.fields:
            if one.read_only:
                continue
            if not facts.offers(one):
                into.values[one.name] = facts.names.get(one.name)
            elif shown:
                into.names.append(one.name)
                _read(one, raw.get(one.name), facts, into)
                _forget_if_known(one, into.values)
    return into


def fitting(form: Form, raw: Mapping[str, object], facts: Facts) -> Raw:
    """The raw answers without what the form does not ask for: a draft may be older than its form
    or the rows of its case."""
    kept: Raw = {}
    for name, value in raw.items():
        one = form.find(name)
        if one is None or one.read_only:
            if name.startswith(BESIDE) or name == "attest":
                kept[name] = value
            continue
        wanted = {each.name for each in one.typed} | {one.key, WAS}
        keys = [str(row.get(one.key)) for row in case_rows(one, facts)]
        if isinstance(value, dict):
            kept[name] = {inner: each for inner, each in value.items() if inner in wanted}
        elif one.kind is Kind.ROWS:
            rows = [
                {inner: each for inner, each in row.items() if inner in wanted}
                for row in (value if isinstance(value, list) else ())
                if isinstance(row, dict)
            ]
            if one.fixed_rows:
                by_key = {str(row.get(one.key)): row for row in rows}
                rows = [row for key, row in by_key.items() if key in keys]
            kept[name] = rows
        else:
            kept[name] = value
    return kept


def _read(one: Field, raw: object, facts: Facts, into: Collected) -> None:
    if one.kind is Kind.GROUP:
        kept, asked = _members(one, _mapping(raw), f"{one.name}-", facts, into)
        into.values[one.name] = {**dict.fromkeys(each.name for each in one.fields), **kept}
        if asked or one.required:
            into.asked[one.name] = asked
    elif one.kind is Kind.ROWS:
        _read_rows(one, raw, facts, into)
    else:
        value = _one(one, raw, one.name, facts, into)
        into.values[one.name] = value
        if value is not None:
            into.asked[one.name] = value


def _read_rows(one: Field, raw: object, facts: Facts, into: Collected) -> None:
    if not isinstance(raw, list | None) or not all(isinstance(row, dict) for row in raw or ()):
        into.fail(one.name, "wrong_type")
        return
    kept_rows, asked_rows, places = [], [], []
    columns = [each.name for each in one.fields]
    for index, (base, row) in enumerate(_with_bases(one, raw or [], facts)):
        kept, asked = _members(one, row, f"{one.name}-{index}-", facts, into)
        blank = not asked and not any(
            name.startswith(f"{one.name}-{index}-") for name in into.errors
        )
        if one.fixed_rows or not blank:
            kept_rows.append({**dict.fromkeys(columns), **base, **kept})
            asked_rows.append(asked)
            places.append(index)
    into.values[one.name] = kept_rows
    into.places[one.name] = places
    if asked_rows:
        into.asked[one.name] = asked_rows


def _with_bases(
    one: Field, rows: list[Mapping[str, object]], facts: Facts
) -> list[tuple[Mapping[str, object], Mapping[str, object]]]:
    """Each row with the one of the case that it answers; other rows stand alone."""
    if not one.fixed_rows:
        # What a lower level does not ask for is kept as an earlier round answered it.
        unasked = [each.name for each in one.fields if not facts.offers(each)]
        held = {row.get(one.row_label): row for row in case_rows(one, facts) if unasked}
        bases = (held.get(row.get(one.row_label), {}) for row in rows)
        return [
            ({name: base[name] for name in unasked if name in base}, row)
            for base, row in zip(bases, rows, strict=True)
        ]
    by_key: dict[object, Mapping[str, object]] = {}
    for row in rows:
        key = str(row.get(one.key))
        if key in by_key:
            raise Invalid("repeated_row", field=one.name, row=key[:80])
        by_key[key] = row
    pairs = [(base, by_key.pop(str(base.get(one.key)), {})) for base in case_rows(one, facts)]
    if by_key:
        raise Invalid("unknown_row", field=one.name, row=str(next(iter(by_key)))[:80])
    return pairs


def case_rows(one: Field, facts: Facts) -> list[Mapping[str, object]]:
    """The rows the case holds under the list's name."""
    rows = facts.names.get(one.name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _members(
    holder: Field, raw: Mapping[str, object], prefix: str, facts: Facts, into: Collected
) -> tuple[dict[str, object], dict[str, object]]:
    kept: dict[str, object] = {}
    for each in holder.fields:
        if not each.read_only and facts.offers(each):
            kept[each.name] = _one(each, raw.get(each.name), prefix + each.name, facts, into)
            _forget_if_known(each, kept)
    return kept, {name: value for name, value in kept.items() if value is not None}


def _forget_if_known(one: Field, values: dict[str, object]) -> None:
    """Whoever ticks "I do not know" and answers all the same does know."""
    if one.kind is Kind.UNKNOWN and values.get(one.name.removesuffix("_unknown")) is not None:
        values[one.name] = None


def _one(one: Field, raw: object, name: str, facts: Facts, into: Collected) -> object:
    try:
        value = read_value(one, raw, facts)
    except Unreadable as unreadable:
        into.fail(name, unreadable.code, **unreadable.params)
        return None
    return False if value is None and one.kind is Kind.TICK else value


def _refuse_unknown(form: Form, raw: Mapping[str, object]) -> None:
    for name, value in raw.items():
        if name.startswith(BESIDE) or name == "attest":
            continue
        one = form.find(name)
        if one is None or one.read_only:
            raise Invalid("unknown_field", field=name[:80])
        if not isinstance(value, list | dict):
            continue
        inner = {each.name for each in one.typed} | {one.key, WAS}
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict) and (
                stranger := next((k for k in row if k not in inner), None)
            ):
                raise Invalid("unknown_field", field=f"{name}-{stranger}"[:80])


def _mapping(raw: object) -> Mapping[str, object]:
    return raw if isinstance(raw, dict) else {}
