"""A form's definition as a page shows it to be changed.

Whether it can be used is said by `read_form`, not here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from workflows.language import N_

Doc = dict[str, Any]

# The kinds of field one may choose among: what the schema of one says.
KINDS: Final[Mapping[str, tuple[str, Doc]]] = {
    "text": (N_("Text of one line"), {"type": "string"}),
    "rich": (N_("Text of several lines"), {"type": "string", "x-rich": True}),
    "email": (N_("E-mail address"), {"type": "string", "format": "email"}),
    "date": (N_("Day"), {"type": "string", "format": "date"}),
    "instant": (N_("Day and time"), {"type": "string", "format": "date-time"}),
    "integer": (N_("Whole number"), {"type": "integer"}),
    "number": (N_("Number with decimals"), {"type": "number"}),
    "boolean": (N_("Yes or no"), {"type": "boolean"}),
    "tick": (N_("A box to tick"), {"type": "boolean", "const": True}),
    "choice": (N_("One of several"), {"type": "string", "enum": []}),
    "choices": (
        N_("Any of several"),
        {"type": "array", "items": {"type": "string", "enum": []}, "uniqueItems": True},
    ),
    "reference": (N_("Person, unit or row of a register"), {"type": "string", "x-ref": "person"}),
    "file": (N_("File"), {"type": "string", "x-file": True}),
    "group": (N_("Group"), {"type": "object", "properties": {}}),
    "rows": (N_("Table"), {"type": "array", "items": {"type": "object", "properties": {}}}),
}
TIERS = ("min", "standard", "full")
LANGUAGES = ("sv", "en")
_MARKS = (("enum", "choice"), ("x-file", "file"), ("x-rich", "rich"), ("const", "tick"))
_FORMATS = {"email": "email", "date": "date", "date-time": "instant"}
_PLAIN = {"string": "text", "object": "group"}
LIMITS = {"text": ("minLength", "maxLength"), "rich": ("minLength", "maxLength"),
           "integer": ("minimum", "maximum"), "number": ("minimum", "maximum"),
           "choices": ("minItems", "maxItems"), "rows": ("minItems", "maxItems")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One field as it is shown to be changed; `inside` are the columns of a table or a group."""

    path: str
    kind: str
    schema: Doc
    label: Doc
    hint: Doc
    options: str  # one a line: value = Swedish = English
    limits: tuple[str, str]  # the least and the most, as they are typed
    required: bool
    tier: str
    carried: bool
    inside: tuple["Line", ...] = ()

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


def opened(source: bytes) -> Doc:
    """Read a definition to be changed; one that is none begins as an empty form."""
    try:
        doc = json.loads(source, parse_float=Decimal)
    except ValueError:
        doc = None
    if not isinstance(doc, dict):
        doc = {}
    empty = {"title": {"sv": "", "en": ""}, "schema": {}, "layout": [], "labels": {}}
    doc = empty | doc
    doc["schema"] = {"type": "object", "properties": {}} | dict_of(doc["schema"])
    doc["labels"] = dict_of(doc["labels"])
    if not isinstance(doc["layout"], list):
        doc["layout"] = []
    return doc


def written(doc: Doc) -> str:
    """Write a definition as it is kept."""
    return json.dumps(doc, ensure_ascii=False, indent=2, default=float) + "\n"


def new_form(title: str) -> Doc:
    """Begin a form with one section."""
    doc = opened(b"{}")
    doc["title"] = {"sv": title, "en": title}
    doc["layout"] = [{"id": "main", "fields": []}]
    return doc


def lines(doc: Doc, names: list[str]) -> list[Line]:
    """The fields called so, with what lies in them."""
    properties = dict_of(doc["schema"].get("properties"))
    return [_line(doc, name, doc["schema"]) for name in names if name in properties]


def holder_of(doc: Doc, path: str) -> Doc:
    """The schema whose properties hold a field."""
    outer, dot, _ = path.rpartition(".")
    if not dot:
        return dict_of(doc["schema"])
    schema = dict_of(dict_of(doc["schema"].get("properties")).get(outer))
    return dict_of(schema.get("items")) if schema.get("type") == "array" else schema


def kind_of(schema: Doc) -> str:
    """Which kind of field a schema is."""
    written_ = schema.get("type")
    if written_ == "array":
        return "rows" if dict_of(schema.get("items")).get("type") == "object" else "choices"
    for mark, kind in _MARKS:
        if mark in schema:
            return kind
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "x-ref" in schema:
        return "reference"
    return _PLAIN.get(str(written_), str(written_) if str(written_) in KINDS else "text")


def _line(doc: Doc, path: str, holder: Doc) -> Line:
    name = path.rpartition(".")[2]
    schema = dict_of(dict_of(holder.get("properties")).get(name))
    told = dict_of(doc["labels"].get(path))
    kind = kind_of(schema)
    inner = holder_of(doc, f"{path}.") if "." not in path and kind in ("rows", "group") else {}
    options = schema.get("enum") or dict_of(schema.get("items")).get("enum") or []
    said = dict_of(told.get("enum"))
    least, most = (schema.get(key) for key in LIMITS.get(kind, ("", "")))
    return Line(
        path=path,
        kind=kind,
        schema=schema,
        label=dict_of(told.get("label")),
        hint=dict_of(told.get("hint")),
        options="\n".join(
            " = ".join([str(one), *(str(dict_of(said.get(one)).get(x, "")) for x in LANGUAGES)])
            for one in options
        ),
        limits=("" if least is None else str(least), "" if most is None else str(most)),
        required=name in (holder.get("required") or []),
        tier=str(dict_of(doc.get("tiers")).get(path, "min")),
        carried=path in (doc.get("carry_over") or []),
        inside=tuple(
            _line(doc, f"{path}.{one}", inner) for one in dict_of(inner.get("properties"))
        ),
    )


def dict_of(value: object) -> Doc:
    return value if isinstance(value, dict) else {}


def keep(holder: Doc, key: str, value: object) -> None:
    """Set what says something; what says nothing is left out."""
    says_nothing = value is None or value is False or (not value and value != 0)
    if not says_nothing:
        holder[key] = value
    else:
        holder.pop(key, None)


def listed(holder: Doc, key: str, name: str, *, wanted: bool, keep_empty: bool = False) -> None:
    names = [one for one in holder.get(key) or [] if one != name or wanted]
    names += [name] if wanted and name not in names else []
    if names or keep_empty:
        holder[key] = names
    else:
        holder.pop(key, None)
