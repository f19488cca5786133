"""A form for putting right what a case knows: each value asked for as its own step asks for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from workflows.forms.definition import Field, Form, Kind, Section, Words
from workflows.forms.schema import closed
from workflows.language import N_, Language, translator

TITLE = N_("Correct data")
# What no step asks for and nobody has given yet: its kind follows from how it is written.
ANY_KIND = N_("A number such as 12 or 2.5, yes or no, a date such as 2027-05-11, or a text.")
NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,9})?")
TRUTHS = {"ja": True, "yes": True, "nej": False, "no": False}


def correction(known: Iterable[Form], names: Iterable[str], values: Mapping[str, object]) -> Form:
    """Make the form for `names`; what has no shape that a person could type is left out.

    `known` are the forms of the process; a value that none of them asks for is asked for by what
    it is now.
    """
    asked = {
        one.name: (one, properties[one.name])
        for form in known
        for properties in (_properties(form),)
        for one in form.fields
        if one.name in properties  # the rest are only shown there
    }
    fields: list[Field] = []
    properties: dict[str, object] = {}
    for name in dict.fromkeys(names):
        if name in asked:
            field, properties[name] = asked[name]
            fields.append(replace(field, required=False, read_only=False, fresh=False, tier="min"))
        elif (found := _by_value(name, values.get(name))) is not None:
            fields.append(found[0])
            properties[name] = found[1]
    schema = {"type": "object", "properties": properties, "required": []}
    return Form(
        title=_words(TITLE),
        intro=None,
        sections=(Section("correction", tuple(fields)),),
        rules=(),
        registers=(),
        carry_over=(),
        attest=None,
        schema=closed(schema),
    )


def understood(form: Form, values: Mapping[str, object]) -> dict[str, object]:
    """Take the answers to a correction: what could be of any kind becomes what it reads as."""
    free = {one.name for one in form.fields if one.hint == _words(ANY_KIND)}
    return {
        name: _read(value) if name in free and isinstance(value, str) else value
        for name, value in values.items()
    }


def _properties(form: Form) -> Mapping[str, object]:
    found = form.schema["properties"]
    assert isinstance(found, dict)  # noqa: S101 - `closed` made them
    return found


def _by_value(name: str, value: object) -> tuple[Field, dict[str, object]] | None:
    label = Words(name, name)
    match value:
        case bool():
            return Field(name, name, Kind.BOOLEAN, label), {"type": "boolean"}
        case int():
            return Field(name, name, Kind.INTEGER, label), {"type": "integer"}
        case Decimal():
            return Field(name, name, Kind.NUMBER, label), {"type": "number"}
        case str() if _is_day(value):
            return Field(name, name, Kind.DATE, label), {"type": "string", "format": "date"}
        case str():
            return Field(name, name, Kind.TEXT, label), {"type": "string"}
        case None:
            return Field(name, name, Kind.TEXT, label, hint=_words(ANY_KIND)), {"type": "string"}
        case _:
            return None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _read(text: str) -> object:
    if text.lower() in TRUTHS:
        return TRUTHS[text.lower()]
    if not NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("-").isdecimal() else Decimal(text.replace(",", "."))


def _words(text: str) -> Words:
    return Words(*(translator(language).gettext(text) for language in (Language.SV, Language.EN)))
