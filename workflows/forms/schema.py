"""The subset of JSON Schema a form may use: its keywords, and the closed form answers must fit."""

from collections.abc import Mapping
from decimal import Decimal

from workflows.forms.definition import Kind
from workflows.forms.patterns import is_safe
from workflows.forms.problems import Problems

TEXT_LENGTH = 200
RICH_LENGTH = 8_000
MOST_ROWS = 500
UNKNOWN = "unknown"

_COMMON = {"type", "title", "description", "readOnly", "x-fresh"}
_LIMITS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_LENGTHS = {"minLength", "maxLength", "minItems", "maxItems"}
_FLAGS = {"readOnly", "uniqueItems", "const", "x-fresh", "x-rich", "x-file", "x-unknown", "x-free"}
_TEXTS = {"minLength", "maxLength", "pattern", "format"}
_KEYWORDS = {
    "string": _TEXTS | {"enum", "x-ref", "x-free", "x-file", "x-rich", "x-unknown"},
    "integer": _LIMITS | {"x-ref", "x-unknown"},
    "number": _LIMITS | {"x-unknown"},
    "boolean": {"const"},
    "array": {"items", "minItems", "maxItems", "uniqueItems", "x-key", "x-rows"},
    "object": {"properties", "required", "additionalProperties"},
}
_FORMATS = {"date": Kind.DATE, "date-time": Kind.INSTANT, "email": Kind.EMAIL}
_PLAIN = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "object": Kind.GROUP,
}
_MARKS = (
    ("enum", Kind.CHOICE),
    ("x-ref", Kind.REFERENCE),
    ("x-file", Kind.FILE),
    ("x-rich", Kind.RICH),
    ("const", Kind.TICK),
)


def kind_of(schema: Mapping[str, object], where: str, problems: Problems) -> Kind:
    """How a field with this schema is asked."""
    written = str(schema.get("type"))
    if written == "array":
        return _list_kind(schema, where, problems)
    if written not in _PLAIN:
        problems.add(f"{where}/type", "unknown_type", value=written)
        return Kind.TEXT
    for mark, kind in _MARKS:
        if mark in schema and mark in _KEYWORDS[written] and not _only_suggests(mark, schema):
            return kind
    if "format" not in schema:
        return _PLAIN[written]
    if schema["format"] not in _FORMATS:
        problems.add(f"{where}/format", "unknown_format", value=str(schema["format"]))
    return _FORMATS.get(str(schema["format"]), Kind.TEXT)


def _only_suggests(mark: str, schema: Mapping[str, object]) -> bool:
    """Tell of a day or a free text with a reference: it is what it is, and some are suggested."""
    return "format" in schema or (mark == "x-ref" and "x-free" in schema)


def _list_kind(schema: Mapping[str, object], where: str, problems: Problems) -> Kind:
    items = inside(schema, "items")
    if items.get("type") == "object":
        return Kind.ROWS
    if items.get("type") != "string" or "enum" not in items:
        problems.add(f"{where}/items", "not_rows_or_options")
    return Kind.CHOICES


def check_keywords(schema: Mapping[str, object], where: str, problems: Problems) -> None:
    """Note every keyword outside the subset and every value it cannot have."""
    written = str(schema.get("type"))
    allowed = _COMMON | _KEYWORDS.get(written, set(schema))
    for key, value in schema.items():
        if key not in allowed:
            problems.add(f"{where}/{key}", "unknown_keyword", keyword=key)
        elif key in _FLAGS and value is not True:
            problems.add(f"{where}/{key}", "flag_is_true")
        elif key in _LENGTHS and not (type(value) is int and value >= 0):
            problems.add(f"{where}/{key}", "not_a_count")
        elif key in _LIMITS and not (type(value) is int or isinstance(value, Decimal)):
            problems.add(f"{where}/{key}", "not_a_number")
    if "pattern" in schema and not _is_safe_here(schema):
        problems.add(f"{where}/pattern", "bad_pattern")


def _is_safe_here(schema: Mapping[str, object]) -> bool:
    pattern, longest = schema["pattern"], schema.get("maxLength", TEXT_LENGTH)
    short = "x-rich" not in schema and isinstance(longest, int) and longest <= TEXT_LENGTH
    return short and isinstance(pattern, str) and is_safe(pattern)


def closed(schema: Mapping[str, object]) -> dict[str, object]:
    """The schema answers are held against: nothing unknown, default lengths, nothing only shown."""
    made = dict(schema)
    if "properties" in schema:
        asked = {
            name: closed(each)
            for name, each in inside(schema, "properties").items()
            if isinstance(each, dict) and not each.get("readOnly")
        }
        unknown = [
            name for name, each in asked.items() if "x-unknown" in each and not says_unknown(each)
        ]
        asked |= {f"{name}_unknown": {"const": True} for name in unknown}
        required = schema.get("required", [])
        made |= {
            "properties": asked,
            "additionalProperties": False,
            "required": [name for name in required if name in asked]
            if isinstance(required, list)
            else [],
        }
    if "items" in schema:
        made |= {"items": closed(inside(schema, "items"))}
        made.setdefault("maxItems", MOST_ROWS)
    if schema.get("type") == "string" and "enum" not in schema:
        made.setdefault("maxLength", RICH_LENGTH if "x-rich" in schema else TEXT_LENGTH)
    return made


def says_unknown(schema: Mapping[str, object]) -> bool:
    """Tell of a choice that has an option of its own for what nobody knows: it needs no tick."""
    options = schema.get("enum")
    return isinstance(options, list) and UNKNOWN in options


def inside(schema: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The object under `key`, or an empty one."""
    found = schema.get(key)
    return found if isinstance(found, dict) else {}
