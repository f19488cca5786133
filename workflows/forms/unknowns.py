"""Which answers say that nobody knows yet; each is something to find out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.forms.definition import Field, Form, Kind
from workflows.forms.schema import UNKNOWN
from workflows.language import Language


@dataclass(frozen=True)
class Unknown:
    """Something that may be unknown: what it is, in words, and whether it is unknown now."""

    what: str
    is_unknown: bool
    secrecy: Any = None  # of the row it stands in


def unknowns(form: Form, answers: Mapping[str, Any]) -> Iterator[Unknown]:
    """Find the answers that may be unknown (`x-unknown`), row by row, known or not."""
    for top in form.fields:
        held = answers.get(top.name)
        for row in held if isinstance(held, list) else [held]:
            if top.kind in (Kind.ROWS, Kind.GROUP) and isinstance(row, Mapping):
                yield from _in(form, top, row)
        if top.asks_on and top.name in answers:
            yield _one(top, answers, "")


def _in(form: Form, top: Field, row: Mapping[str, Any]) -> Iterator[Unknown]:
    known = {one.name: one for one in top.fields}
    keys = form.identity(top) if top.kind is Kind.ROWS else ()
    if top.fixed_rows and top.row_label:  # told apart by a code that nobody says
        keys = (top.row_label,)
    named = [_said(known.get(key), row.get(key)) for key in keys]
    name = ", ".join(each for each in reversed(named) if each)
    for one in top.fields:
        if one.asks_on:
            yield _one(one, row, name)


def _said(one: Field | None, value: object) -> str:
    """Say a value as people do: one of a list by its label."""
    if isinstance(value, Mapping):  # a name in two languages
        value = value.get(Language.SV)
    labels = {each.value: each.label[Language.SV] for each in one.options} if one else {}
    return str(labels.get(str(value), value)) if value else ""


def _one(one: Field, around: Mapping[str, Any], name: str) -> Unknown:
    told = around.get(f"{one.name}_unknown") is True or around.get(one.name) == UNKNOWN
    label = one.label[Language.SV].rstrip("?")
    return Unknown(f"{label} – {name}" if name else label, told, around.get("secrecy"))
