"""A form taken apart into pieces, and written of them again."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from workflows.forms.editing import Doc, written
from workflows.processes.pieces import (
    PART,
    REGISTER,
    RULE,
    SAID,
    WHOLE,
    Piece,
    Pieces,
    kind_of,
    whole,
)  # fmt: skip

_APART = ("schema", "labels", "tiers", "carry_over", "layout", "rules", "registers")
_WITHIN = ("properties", "required")


def of_form(source: bytes) -> Pieces:
    """Take a form apart: its fields, parts, rules and registers, and what it says of itself."""
    try:
        doc = json.loads(source, parse_float=Decimal)
        pieces = _apart(doc)
        is_whole = _plain(_together(pieces, doc)) != _plain(doc)
    except (ValueError, KeyError, TypeError, AttributeError):
        is_whole = True  # no form yet: the problems say why
    return whole(source) if is_whole else pieces


def form_of(pieces: Pieces, like: bytes, *_others: bytes) -> bytes:
    """Write the form these pieces are of, its fields in the order of `like` as far as they go."""
    if WHOLE in pieces[""]:
        return str(pieces[""][WHOLE]).encode()
    return written(_together(pieces, json.loads(like, parse_float=Decimal))).encode()


def _apart(doc: Doc) -> Pieces:
    labels, tiers = dict(doc.get("labels", {})), dict(doc.get("tiers", {}))
    carried = list(doc.get("carry_over", []))
    schema = doc["schema"]

    def fields(
        holder: Doc, names: list[str], before: str, part: str
    ) -> Iterator[tuple[str, Piece]]:
        for name in names:
            path, field = f"{before}{name}", holder["properties"][name]
            inner = field.get("items", {}) if field.get("type") == "array" else field
            is_holder = "properties" in inner
            piece = {**_bare(field), **({"items": _bare(inner)} if inner is not field else {})}
            piece |= {f"{SAID}{key}": value for key, value in labels.pop(path, {}).items()}
            piece |= {"required": True} if name in holder.get("required", ()) else {}
            piece |= {"tier": tiers.pop(path)} if path in tiers else {}
            if path in carried:
                carried.remove(path)
                piece["carry_over"] = True
            yield path, piece | ({"part": part} if part else {})
            if is_holder:
                yield from fields(inner, list(inner["properties"]), f"{path}.", "")

    found: Pieces = {"": {}}
    left = list(schema["properties"])
    for section in doc["layout"]:
        own = f"{PART}{section['id']}"
        found[own] = {key: value for key, value in section.items() if key not in ("id", "fields")}
        found |= dict(fields(schema, section["fields"], "", own))
        left = [name for name in left if name not in section["fields"]]
    found |= dict(fields(schema, left, "", ""))
    for rule in doc.get("rules", []):
        found[f"{RULE}{rule['id']}"] = {key: rule[key] for key in rule if key != "id"}
    for one in doc.get("registers", []):
        found[f"{REGISTER}{one['register']}:{one['field']}"] = dict(one)
    found[""] = {key: value for key, value in doc.items() if key not in _APART}
    rest = {"schema": _bare(schema), "labels": labels, "tiers": tiers, "carry_over": carried}
    found[""] |= {key: value for key, value in rest.items() if value}
    return found


def _bare(schema: Doc) -> Doc:
    return {key: value for key, value in schema.items() if key not in _WITHIN}


def _together(pieces: Pieces, like: Doc) -> Doc:
    own = pieces[""]
    labels, tiers = dict(own.get("labels", {})), dict(own.get("tiers", {}))
    carried = list(own.get("carry_over", []))
    schema: Doc = {**own["schema"], "properties": {}}
    holders, parts = {"": schema}, {}
    rules, registers = [], []
    for key, piece in pieces.items():
        match kind_of(key):
            case "part":
                parts[key] = {"id": key.removeprefix(PART), **piece, "fields": []}
            case "rule":
                rules.append({"id": key.removeprefix(RULE), **piece})
            case "register":
                registers.append(dict(piece))
            case _ if key:
                _put(key, piece, holders, labels)
                tiers |= {key: piece["tier"]} if "tier" in piece else {}
                carried += [key] if "carry_over" in piece else []
                if part := piece.get("part"):
                    new = {"id": part.removeprefix(PART), "fields": []}
                    parts.setdefault(part, new)["fields"].append(key)
    before = list(like.get("schema", {}).get("properties", ()))
    rank = {name: place for place, name in enumerate(before)}
    schema["properties"] = dict(
        sorted(schema["properties"].items(), key=lambda one: rank.get(one[0], len(rank)))
    )
    made = {"schema": schema, "labels": labels, "tiers": tiers, "carry_over": carried,
            "layout": list(parts.values()), "rules": rules, "registers": registers}  # fmt: skip
    made = {key: value for key, value in made.items() if value or key in ("schema", "layout")}
    made |= {key: value for key, value in own.items() if key not in _APART}
    return {key: made[key] for key in [*(one for one in like if one in made), *made]}


def _put(path: str, piece: Piece, holders: dict[str, Doc], labels: Doc) -> None:
    """Write a field into the schema that holds it, and what its label says."""
    outer, _, name = path.rpartition(".")
    apart = {"required", "tier", "carry_over", "part"}
    field = {key: piece[key] for key in piece if key not in apart and not key.startswith(SAID)}
    inner = field
    if field.get("type") == "array" and field.get("items", {}).get("type") == "object":
        inner = field["items"] = {**field["items"], "properties": {}}
    elif field.get("type") == "object":
        inner["properties"] = {}
    holders[path] = inner
    holder = holders[outer]
    holder["properties"][name] = field
    if "required" in piece:
        holder.setdefault("required", []).append(name)
    said = {key.removeprefix(SAID): piece[key] for key in piece if key.startswith(SAID)}
    if said:
        labels[path] = said


def _plain(value: Any) -> Any:
    """A form without what says nothing: empty lists, and the order of names in a list."""
    if isinstance(value, dict):
        kept = {key: _plain(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in ([], {})}
    if isinstance(value, list):
        kept_ = [_plain(one) for one in value]
        return sorted(kept_) if all(isinstance(one, str) for one in kept_) else kept_
    return value
