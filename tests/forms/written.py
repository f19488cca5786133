"""Form definitions for the tests, written short."""

import json
from datetime import date

from workflows.forms import Facts, Form, read_form


def words(text):
    return {"sv": text, "en": f"{text} (en)"}


def definition(properties, *, required=(), **more):
    """A definition with one section and a plain label for everything."""
    return {
        "title": words("Prov"),
        "schema": {"type": "object", "required": list(required), "properties": properties},
        "layout": [{"id": "all", "fields": list(properties)}],
        "labels": _labels(properties),
    } | more


def _labels(properties, prefix=""):
    labels = {}
    for name, schema in properties.items():
        path = prefix + name
        labels[path] = {"label": words(name)}
        items = schema.get("items", {})
        options = schema.get("enum") or items.get("enum")
        if options:
            labels[path]["enum"] = {each: words(each) for each in options}
        inner = schema.get("properties") or items.get("properties")
        if inner:
            labels |= _labels(inner, f"{path}.")
    return labels


def form(properties, *, required=(), **more) -> Form:
    return read(definition(properties, required=required, **more))


def read(written) -> Form:
    return read_form(json.dumps(written).encode())


def facts(**names) -> Facts:
    """Facts of a Tuesday in May; `names` are what the case holds."""
    held: dict[str, object] = {"today": date(2027, 5, 18), "year": 2027}
    return Facts(names=held | names)


RISKS: dict[str, object] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": {"type": "string"},
            "value": {"type": "integer", "minimum": 1, "maximum": 25},
            "areas": {"type": "array", "items": {"type": "string", "enum": ["life", "function"]}},
        },
    },
}
ITEMS: dict[str, object] = {
    "type": "array",
    "x-rows": "fixed",
    "x-key": "code",
    "items": {
        "type": "object",
        "required": ["status"],
        "properties": {
            "code": {"type": "string", "readOnly": True},
            "status": {"type": "string", "enum": ["current", "changed"]},
            "done_on": {"type": "string", "format": "date"},
        },
    },
}
