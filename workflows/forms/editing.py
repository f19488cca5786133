"""A form's definition as a page shows it to be changed, and the definition after a change.

What the page does not know of stays as it was written: a definition goes in and another comes out.
Whether it can be used is said by `read_form`, not here.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
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
_LIMITS = {"text": ("minLength", "maxLength"), "rich": ("minLength", "maxLength"),
           "integer": ("minimum", "maximum"), "number": ("minimum", "maximum"),
           "choices": ("minItems", "maxItems"), "rows": ("minItems", "maxItems")}  # fmt: skip
FLAGS = ("readOnly", "x-unknown", "x-fresh", "x-free")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


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
    doc["schema"] = {"type": "object", "properties": {}} | _dict(doc["schema"])
    doc["labels"] = _dict(doc["labels"])
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
    properties = _dict(doc["schema"].get("properties"))
    return [_line(doc, name, doc["schema"]) for name in names if name in properties]


def holder_of(doc: Doc, path: str) -> Doc:
    """The schema whose properties hold a field."""
    outer, dot, _ = path.rpartition(".")
    if not dot:
        return _dict(doc["schema"])
    schema = _dict(_dict(doc["schema"].get("properties")).get(outer))
    return _dict(schema.get("items")) if schema.get("type") == "array" else schema


def kind_of(schema: Doc) -> str:
    """Which kind of field a schema is."""
    written_ = schema.get("type")
    if written_ == "array":
        return "rows" if _dict(schema.get("items")).get("type") == "object" else "choices"
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
    schema = _dict(_dict(holder.get("properties")).get(name))
    told = _dict(doc["labels"].get(path))
    kind = kind_of(schema)
    inner = holder_of(doc, f"{path}.") if "." not in path and kind in ("rows", "group") else {}
    options = schema.get("enum") or _dict(schema.get("items")).get("enum") or []
    said = _dict(told.get("enum"))
    least, most = (schema.get(key) for key in _LIMITS.get(kind, ("", "")))
    return Line(
        path=path,
        kind=kind,
        schema=schema,
        label=_dict(told.get("label")),
        hint=_dict(told.get("hint")),
        options="\n".join(
            " = ".join([str(one), *(str(_dict(said.get(one)).get(x, "")) for x in LANGUAGES)])
            for one in options
        ),
        limits=("" if least is None else str(least), "" if most is None else str(most)),
        required=name in (holder.get("required") or []),
        tier=str(_dict(doc.get("tiers")).get(path, "min")),
        carried=path in (doc.get("carry_over") or []),
        inside=tuple(_line(doc, f"{path}.{one}", inner) for one in _dict(inner.get("properties"))),
    )


def changed(doc: Doc, posted: Mapping[str, str], deed: str = "") -> Doc:
    """The definition with what was posted, after a deed such as `up:reason` or `add:main`."""
    doc = copy.deepcopy(doc)
    doc["title"] = _words(posted, "title")
    _keep(doc, "intro", _words(posted, "intro"))
    _keep(doc, "attest", _words(posted, "attest"))
    for section in doc["layout"]:
        own = section.get("id", "")
        _keep(section, "heading", _words(posted, f"heading:{own}"))
        _keep(section, "help", _words(posted, f"help:{own}"))
        _keep(section, "visible", posted.get(f"visible:{own}", "").strip())
    for path in list(_paths(doc)):
        if f"kind:{path}" in posted:
            _change_field(doc, path, posted)
    _change_rules(doc, posted)
    _change_registers(doc, posted)
    what, _, about = deed.partition(":")
    if what in _DEEDS:
        _DEEDS[what](doc, about, posted)
    return doc


def _paths(doc: Doc) -> Iterator[str]:
    for name in _dict(doc["schema"].get("properties")):
        yield name
        yield from (f"{name}.{one}" for one in _dict(holder_of(doc, f"{name}.").get("properties")))


def _change_field(doc: Doc, path: str, posted: Mapping[str, str]) -> None:
    holder, name = holder_of(doc, path), path.rpartition(".")[2]
    schema = holder["properties"][name]
    kind = posted[f"kind:{path}"]
    if kind in KINDS and kind != kind_of(schema):
        schema = copy.deepcopy(KINDS[kind][1])
    for key, value in zip(_LIMITS.get(kind, ()), ("least", "most"), strict=False):
        _keep(schema, key, _number(posted.get(f"{value}:{path}", "")))
    if kind in ("text", "rich"):
        _keep(schema, "pattern", posted.get(f"pattern:{path}", "").strip())
    if kind == "reference" or posted.get(f"reference:{path}", "").strip():
        _keep(schema, "x-ref", posted.get(f"reference:{path}", "").strip())
    for flag in FLAGS:
        _keep(schema, flag, f"{flag}:{path}" in posted)
    told = _dict(doc["labels"].get(path))
    told["label"] = _words(posted, f"label:{path}")
    _keep(told, "hint", _words(posted, f"hint:{path}"))
    if kind in ("choice", "choices"):
        said = _options(posted.get(f"options:{path}", ""))
        (schema if kind == "choice" else schema["items"])["enum"] = list(said)
        told["enum"] = said
    else:
        told.pop("enum", None)
    holder["properties"][name] = schema
    doc["labels"][path] = told
    _listed(holder, "required", name, wanted=f"required:{path}" in posted)
    _listed(doc, "carry_over", path, wanted=f"carried:{path}" in posted)
    tiers = _dict(doc.get("tiers"))
    tier = posted.get(f"tier:{path}", "min")
    _keep(tiers, path, tier if tier in TIERS[1:] else "")
    _keep(doc, "tiers", tiers)


def _change_rules(doc: Doc, posted: Mapping[str, str]) -> None:
    for place, rule in enumerate(doc.get("rules") or []):
        if f"holds:{place}" not in posted:
            continue
        rule["holds"] = posted[f"holds:{place}"].strip()
        rule["message"] = _words(posted, f"message:{place}")
        rule["fields"] = posted.get(f"about:{place}", "").replace(",", " ").split()
        rule["strength"] = posted.get(f"strength:{place}", "stop")
        _keep(rule, "each", posted.get(f"each:{place}", "").strip())


def _change_registers(doc: Doc, posted: Mapping[str, str]) -> None:
    for place, one in enumerate(doc.get("registers") or []):
        if f"register:{place}" not in posted:
            continue
        one["register"] = posted[f"register:{place}"].strip()
        one["field"] = posted.get(f"from:{place}", "").strip()
        one["key"] = posted.get(f"key:{place}", "").replace(",", " ").split()
        pairs = (pair.partition("=") for pair in posted.get(f"as:{place}", "").splitlines())
        _keep(one, "as", {a.strip(): b.strip() for a, _, b in pairs if a.strip()})


# --- deeds ----------------------------------------------------------------------------------


def _add(doc: Doc, about: str, posted: Mapping[str, str]) -> None:
    """A field in a section, or as `list.` a column of a list."""
    outer = about.rstrip(".") if about.endswith(".") else ""
    holder = holder_of(doc, f"{outer}." if outer else "x")
    name = posted.get(f"new-name:{about}", "").strip().lower()
    kind = posted.get(f"new-kind:{about}", "text")
    known = holder.setdefault("properties", {})
    if not _NAME.fullmatch(name) or name in known or kind not in KINDS:
        return
    known[name] = copy.deepcopy(KINDS[kind][1])
    path = f"{outer}.{name}" if outer else name
    label = posted.get(f"new-label:{about}", "").strip() or name
    doc["labels"][path] = {"label": {"sv": label, "en": label}}
    if not outer:
        _section(doc, about)["fields"].append(name)


def _remove(doc: Doc, path: str, _posted: Mapping[str, str]) -> None:
    holder, name = holder_of(doc, path), path.rpartition(".")[2]
    _dict(holder.get("properties")).pop(name, None)
    _listed(holder, "required", name, wanted=False)
    for one in [p for p in doc["labels"] if p == path or p.startswith(f"{path}.")]:
        del doc["labels"][one]
        _dict(doc.get("tiers")).pop(one, None)
    _listed(doc, "carry_over", path, wanted=False)
    for section in doc["layout"]:
        _listed(section, "fields", path, wanted=False, keep_empty=True)


def _move(doc: Doc, path: str, by: int) -> None:
    if "." in path:
        holder, name = holder_of(doc, path), path.rpartition(".")[2]
        names = list(holder["properties"])
        _swap(names, names.index(name), by)
        holder["properties"] = {one: holder["properties"][one] for one in names}
        return
    for place, section in enumerate(doc["layout"]):
        fields = section.get("fields", [])
        if path not in fields:
            continue
        at, beside = fields.index(path), place + by
        if not 0 <= at + by < len(fields) and 0 <= beside < len(doc["layout"]):
            fields.remove(path)
            target = doc["layout"][beside].setdefault("fields", [])
            target.insert(0 if by > 0 else len(target), path)
        else:
            _swap(fields, at, by)
        return


def _add_section(doc: Doc, _about: str, posted: Mapping[str, str]) -> None:
    taken = {section.get("id") for section in doc["layout"]}
    own = next(f"part_{n}" for n in range(1, len(taken) + 2) if f"part_{n}" not in taken)
    heading = posted.get("new-section", "").strip()
    section: Doc = {"id": own, "fields": []}
    doc["layout"].append(
        section | ({"heading": dict.fromkeys(LANGUAGES, heading)} if heading else {})
    )


def _remove_section(doc: Doc, own: str, _posted: Mapping[str, str]) -> None:
    """An empty section goes; one with fields stays, for they would stand in none."""
    doc["layout"] = [s for s in doc["layout"] if s.get("id") != own or s.get("fields")]


def _add_rule(doc: Doc, _about: str, _posted: Mapping[str, str]) -> None:
    rules = doc.setdefault("rules", [])
    taken = {rule.get("id") for rule in rules}
    own = next(f"rule_{n}" for n in range(1, len(rules) + 2) if f"rule_{n}" not in taken)
    rules.append({"id": own, "holds": "", "message": {"sv": "", "en": ""}, "fields": [],
                  "strength": "stop"})  # fmt: skip


def _add_register(doc: Doc, _about: str, _posted: Mapping[str, str]) -> None:
    doc.setdefault("registers", []).append({"register": "", "field": "", "key": []})


def _drop(key: str, doc: Doc, about: str) -> None:
    rows = doc.get(key) or []
    if about.isdecimal() and int(about) < len(rows):
        del rows[int(about)]
    _keep(doc, key, rows)


_DEEDS: dict[str, Any] = {
    "add": _add,
    "remove": _remove,
    "up": lambda doc, path, _: _move(doc, path, -1),
    "down": lambda doc, path, _: _move(doc, path, 1),
    "section-add": _add_section,
    "section-remove": _remove_section,
    "rule-add": _add_rule,
    "rule-remove": lambda doc, about, _: _drop("rules", doc, about),
    "register-add": _add_register,
    "register-remove": lambda doc, about, _: _drop("registers", doc, about),
}


# --- small things ---------------------------------------------------------------------------


def _dict(value: object) -> Doc:
    return value if isinstance(value, dict) else {}


def _words(posted: Mapping[str, str], name: str) -> Doc:
    said = {one: posted.get(f"{name}:{one}", "").strip() for one in LANGUAGES}
    return said if any(said.values()) else {}


def _keep(holder: Doc, key: str, value: object) -> None:
    """Set what says something; what says nothing is left out."""
    says_nothing = value is None or value is False or (not value and value != 0)
    if not says_nothing:
        holder[key] = value
    else:
        holder.pop(key, None)


def _listed(holder: Doc, key: str, name: str, *, wanted: bool, keep_empty: bool = False) -> None:
    names = [one for one in holder.get(key) or [] if one != name or wanted]
    names += [name] if wanted and name not in names else []
    if names or keep_empty:
        holder[key] = names
    else:
        holder.pop(key, None)


def _swap(names: list[str], at: int, by: int) -> None:
    if 0 <= at + by < len(names):
        names[at], names[at + by] = names[at + by], names[at]


def _section(doc: Doc, own: str) -> Doc:
    found = next((one for one in doc["layout"] if one.get("id") == own), None)
    if found is None:
        found = {"id": own, "fields": []}
        doc["layout"].append(found)
    found.setdefault("fields", [])
    return _dict(found)


def _number(text: str) -> int | Decimal | None:
    try:
        value = Decimal(text.replace(",", ".").strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > 10**12:
        return None
    return int(value) if value == value.to_integral_value() else value


def _options(text: str) -> Doc:
    said: Doc = {}
    for line in text.splitlines():
        value, *words = (part.strip() for part in line.split("="))
        if value:
            sv = words[0] if words and words[0] else value
            said[value] = {"sv": sv, "en": words[1] if len(words) > 1 and words[1] else sv}
    return said
