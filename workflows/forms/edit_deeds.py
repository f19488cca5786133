"""What is done to the definition of a form besides typing: fields, parts and rules come and go."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from workflows.errors import Invalid
from workflows.forms.editing import KINDS, LANGUAGES, Doc, dict_of, holder_of, keep, listed

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def _add(doc: Doc, about: str, posted: Mapping[str, str]) -> None:
    """A field in a section, or as `list.` a column of a list.

    :raises Invalid: if the name is none, or taken
    """
    outer = about.rstrip(".") if about.endswith(".") else ""
    holder = holder_of(doc, f"{outer}." if outer else "x")
    name = posted.get(f"new-name:{about}", "").strip().lower()
    kind = posted.get(f"new-kind:{about}", "text")
    known = holder.setdefault("properties", {})
    if not _NAME.fullmatch(name) or name in known or kind not in KINDS:
        raise Invalid("part_name", name=name)
    known[name] = copy.deepcopy(KINDS[kind][1])
    path = f"{outer}.{name}" if outer else name
    label = posted.get(f"new-label:{about}", "").strip() or name
    doc["labels"][path] = {"label": {"sv": label, "en": label}}
    if not outer:
        _section(doc, about)["fields"].append(name)


def _remove(doc: Doc, path: str, _posted: Mapping[str, str]) -> None:
    holder, name = holder_of(doc, path), path.rpartition(".")[2]
    dict_of(holder.get("properties")).pop(name, None)
    listed(holder, "required", name, wanted=False)
    for one in [p for p in doc["labels"] if p == path or p.startswith(f"{path}.")]:
        del doc["labels"][one]
        dict_of(doc.get("tiers")).pop(one, None)
    listed(doc, "carry_over", path, wanted=False)
    for section in doc["layout"]:
        listed(section, "fields", path, wanted=False, keep_empty=True)


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
    keep(doc, key, rows)


def _swap(names: list[str], at: int, by: int) -> None:
    if 0 <= at + by < len(names):
        names[at], names[at + by] = names[at + by], names[at]


def _section(doc: Doc, own: str) -> Doc:
    found = next((one for one in doc["layout"] if one.get("id") == own), None)
    if found is None:
        found = {"id": own, "fields": []}
        doc["layout"].append(found)
    found.setdefault("fields", [])
    return dict_of(found)


DEEDS: dict[str, Any] = {
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
