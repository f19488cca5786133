"""Make fields from the schema, the labels and the tiers of a definition."""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from workflows.expressions import RESERVED
from workflows.forms.definition import DO_NOT_KNOW, Field, Kind, Option, Words
from workflows.forms.problems import Problems
from workflows.forms.schema import check_keywords, inside, kind_of, says_unknown
from workflows.language import Language, translator

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# The posted form and the page around it use these names themselves.
_TAKEN = (
    frozenset({"row", "why", "attest", "csrf_token", "command", "seen", "seen_as", "steps", "only"})
    | RESERVED
)


@dataclass(frozen=True)
class _Place:
    """Where in the definition a field stands."""

    where: str = "/schema"
    prefix: str = ""
    in_fixed_rows: bool = False


@dataclass(frozen=True)
class _Told:
    labels: Mapping[str, object]
    tiers: Mapping[str, str]
    problems: Problems


def read_fields(
    schema: Mapping[str, object],
    labels: Mapping[str, object],
    tiers: Mapping[str, str],
    problems: Problems,
) -> tuple[Field, ...]:
    """The fields of the whole form, in the schema's order."""
    if schema and schema.get("type") != "object":
        problems.add("/schema/type", "not_an_object")
    fields = _members(schema, _Place(), _Told(labels, tiers, problems))
    paths = {path for each in fields for path in (each.path, *(one.path for one in each.fields))}
    for place, told in (("labels", labels), ("tiers", tiers)):
        for path in told:
            if path not in paths:
                problems.add(f"/{place}/{path}", "unknown_field", field=path)
    return fields


def _members(schema: Mapping[str, object], place: _Place, told: _Told) -> tuple[Field, ...]:
    where = f"{place.where}/properties"
    properties = told.problems.mapping(schema.get("properties"), where)
    required = told.problems.texts(schema.get("required", []), f"{place.where}/required")
    for position, name in required:
        if name not in properties:
            told.problems.add(position, "unknown_field", field=name)
    names = {name for _, name in required}
    made = (
        _field(name, raw, replace(place, where=f"{where}/{name}"), told, required=name in names)
        for name, raw in properties.items()
    )
    fields = tuple(part for each in made for part in _with_unknown(each))
    for name in properties:
        if sum(each.name == name for each in fields) > 1:
            told.problems.add(f"{where}/{name}", "reserved_name", field=name)
    return fields


def _with_unknown(one: Field) -> Iterator[Field]:
    """The field, and where the answer may be unknown the tick that says so."""
    yield one
    if one.may_be_unknown:
        said = (translator(each).gettext(DO_NOT_KNOW) for each in (Language.SV, Language.EN))
        name, path = f"{one.name}_unknown", f"{one.path}_unknown"
        yield Field(name, path, Kind.UNKNOWN, Words(*said), fresh=one.fresh, tier=one.tier)


def _field(name: str, raw: object, place: _Place, told: _Told, *, required: bool) -> Field:
    problems, where, path = told.problems, place.where, place.prefix + name
    schema = problems.mapping(raw, where)
    check_keywords(schema, where, problems)
    kind = kind_of(schema, where, problems)
    _check_place(name, kind, schema, place, problems)
    tier = told.tiers.get(path, "min")
    if required and tier != "min":
        problems.add(f"/tiers/{path}", "required_is_min", field=path)
    words_at = f"/labels/{path}"
    words = problems.mapping(
        told.labels.get(path), words_at, ("label", "hint", "enum", "autocomplete", "rows")
    )
    asks_on = "x-unknown" in schema and "readOnly" not in schema
    field = Field(
        name=name,
        path=path,
        kind=kind,
        label=problems.words(words.get("label"), f"{words_at}/label") if words else Words("", ""),
        hint=problems.maybe_words(words.get("hint"), f"{words_at}/hint"),
        required=required or kind is Kind.TICK,
        read_only="readOnly" in schema,
        fresh="x-fresh" in schema,
        tier=tier,
        autocomplete=problems.text(words.get("autocomplete", ""), f"{words_at}/autocomplete"),
        options=_options(schema, words, place, path, problems),
        reference=str(schema.get("x-ref", "")),
        whole_reference=schema.get("type") == "integer",
        may_be_unknown=asks_on and not says_unknown(schema),
        asks_on=asks_on,
    )
    if place.prefix:
        return field
    if kind is Kind.GROUP:
        return replace(field, fields=_members(schema, _Place(where, f"{path}."), told))
    return _with_rows(field, schema, words, where, told) if kind is Kind.ROWS else field


def _check_place(
    name: str, kind: Kind, schema: Mapping[str, object], place: _Place, problems: Problems
) -> None:
    if not _NAME.fullmatch(name):
        problems.add(place.where, "bad_name", field=name)
    elif not place.prefix and (name in _TAKEN or keyword.iskeyword(name)):
        problems.add(place.where, "reserved_name", field=name)
    if place.prefix and kind in (Kind.ROWS, Kind.GROUP):
        problems.add(place.where, "too_deep", field=name)
    if place.prefix and "readOnly" in schema and not place.in_fixed_rows:
        problems.add(f"{place.where}/readOnly", "read_only_in_fixed_rows", field=name)


def _options(
    schema: Mapping[str, object],
    words: Mapping[str, object],
    place: _Place,
    path: str,
    problems: Problems,
) -> tuple[Option, ...]:
    holder = inside(schema, "items") if schema.get("type") == "array" else schema
    if "enum" not in holder:
        return ()
    values = [value for _, value in problems.texts(holder["enum"], f"{place.where}/enum")]
    if not all(values) or not values or len(set(values)) < len(values):
        problems.add(f"{place.where}/enum", "bad_options")
    where = f"/labels/{path}/enum"
    texts = problems.mapping(words.get("enum"), where, values)
    return tuple(
        Option(each, problems.words(texts.get(each), f"{where}/{each}")) for each in values
    )


def _with_rows(
    field: Field,
    schema: Mapping[str, object],
    words: Mapping[str, object],
    where: str,
    told: _Told,
) -> Field:
    problems = told.problems
    fixed = schema.get("x-rows") == "fixed"
    if "x-rows" in schema and not fixed:
        problems.add(f"{where}/x-rows", "unknown_value", value=str(schema["x-rows"]))
    columns = _members(
        inside(schema, "items"), _Place(f"{where}/items", f"{field.path}.", fixed), told
    )
    names = {each.name for each in columns}
    at = f"/labels/{field.path}/rows"
    shown = problems.mapping(words.get("rows", {}), at, ("as", "name", "word"))
    key, name = str(schema.get("x-key", "")), str(shown.get("name", ""))
    if (key or fixed) and key not in names:
        problems.add(f"{where}/x-key", "unknown_field", field=key)
    if name and name not in names:
        problems.add(f"{at}/name", "unknown_field", field=name)
    if shown.get("as", "table") not in ("table", "blocks"):
        problems.add(f"{at}/as", "unknown_value", value=str(shown.get("as")))
    return replace(
        field,
        fields=columns,
        key=key,
        row_label=name,
        fixed_rows=fixed,
        as_table=shown.get("as") == "table",
        row_word=problems.maybe_words(shown.get("word"), f"{at}/word"),
    )
