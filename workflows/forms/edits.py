"""The definition of a form after a change: one goes in and another comes out.

What the page does not know of stays as it was written.
"""

import copy
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from workflows.forms.edit_deeds import DEEDS
from workflows.forms.editing import (
    KINDS,
    LANGUAGES,
    LIMITS,
    TIERS,
    Doc,
    dict_of,
    holder_of,
    keep,
    kind_of,
    listed,
)

FLAGS = ("readOnly", "x-unknown", "x-fresh", "x-free")


def changed(doc: Doc, posted: Mapping[str, str], deed: str = "") -> Doc:
    """The definition with what was posted, after a deed such as `up:reason` or `add:main`."""
    doc = copy.deepcopy(doc)
    doc["title"] = _words(posted, "title")
    keep(doc, "intro", _words(posted, "intro"))
    keep(doc, "attest", _words(posted, "attest"))
    for section in doc["layout"]:
        own = section.get("id", "")
        keep(section, "heading", _words(posted, f"heading:{own}"))
        keep(section, "help", _words(posted, f"help:{own}"))
        keep(section, "visible", posted.get(f"visible:{own}", "").strip())
    for path in list(_paths(doc)):
        if f"kind:{path}" in posted:
            _change_field(doc, path, posted)
    _change_rules(doc, posted)
    _change_registers(doc, posted)
    what, _, about = deed.partition(":")
    if what in DEEDS:
        DEEDS[what](doc, about, posted)
    return doc


def _paths(doc: Doc) -> Iterator[str]:
    for name in dict_of(doc["schema"].get("properties")):
        yield name
        yield from (
            f"{name}.{one}" for one in dict_of(holder_of(doc, f"{name}.").get("properties"))
        )


def _change_field(doc: Doc, path: str, posted: Mapping[str, str]) -> None:
    holder, name = holder_of(doc, path), path.rpartition(".")[2]
    schema = holder["properties"][name]
    kind = posted[f"kind:{path}"]
    if kind in KINDS and kind != kind_of(schema):
        schema = copy.deepcopy(KINDS[kind][1])
    for key, value in zip(LIMITS.get(kind, ()), ("least", "most"), strict=False):
        keep(schema, key, _number(posted.get(f"{value}:{path}", "")))
    if kind in ("text", "rich"):
        keep(schema, "pattern", posted.get(f"pattern:{path}", "").strip())
    if kind == "reference" or posted.get(f"reference:{path}", "").strip():
        keep(schema, "x-ref", posted.get(f"reference:{path}", "").strip())
    for flag in FLAGS:
        keep(schema, flag, f"{flag}:{path}" in posted)
    told = dict_of(doc["labels"].get(path))
    told["label"] = _words(posted, f"label:{path}")
    keep(told, "hint", _words(posted, f"hint:{path}"))
    if kind in ("choice", "choices"):
        said = _options(posted.get(f"options:{path}", ""))
        (schema if kind == "choice" else schema["items"])["enum"] = list(said)
        told["enum"] = said
    else:
        told.pop("enum", None)
    holder["properties"][name] = schema
    doc["labels"][path] = told
    listed(holder, "required", name, wanted=f"required:{path}" in posted)
    listed(doc, "carry_over", path, wanted=f"carried:{path}" in posted)
    tiers = dict_of(doc.get("tiers"))
    tier = posted.get(f"tier:{path}", "min")
    keep(tiers, path, tier if tier in TIERS[1:] else "")
    keep(doc, "tiers", tiers)


def _change_rules(doc: Doc, posted: Mapping[str, str]) -> None:
    for place, rule in enumerate(doc.get("rules") or []):
        if f"holds:{place}" not in posted:
            continue
        rule["holds"] = posted[f"holds:{place}"].strip()
        rule["message"] = _words(posted, f"message:{place}")
        rule["fields"] = posted.get(f"about:{place}", "").replace(",", " ").split()
        rule["strength"] = posted.get(f"strength:{place}", "stop")
        keep(rule, "each", posted.get(f"each:{place}", "").strip())


def _change_registers(doc: Doc, posted: Mapping[str, str]) -> None:
    for place, one in enumerate(doc.get("registers") or []):
        if f"register:{place}" not in posted:
            continue
        one["register"] = posted[f"register:{place}"].strip()
        one["field"] = posted.get(f"from:{place}", "").strip()
        one["key"] = posted.get(f"key:{place}", "").replace(",", " ").split()
        pairs = (pair.partition("=") for pair in posted.get(f"as:{place}", "").splitlines())
        keep(one, "as", {a.strip(): b.strip() for a, _, b in pairs if a.strip()})


def _words(posted: Mapping[str, str], name: str) -> Doc:
    said = {one: posted.get(f"{name}:{one}", "").strip() for one in LANGUAGES}
    return said if any(said.values()) else {}


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
