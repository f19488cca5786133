"""Reading rows of a register that people type or send, as strictly as the answers of a form."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from workflows import forms
from workflows.forms import Facts, FieldError, Form
from workflows.forms.definition import Kind, Section
from workflows.forms.schema import inside
from workflows.registers import definition


@cache
def changing(register: str) -> Form:
    """Make the form for what may be changed by hand in an entry."""
    found = definition(register)
    form = found.form
    fields = tuple(one for one in form.fields if one.name in found.change)
    properties = inside(form.schema, "properties")
    schema = {
        **form.schema,
        "properties": {one.name: properties[one.name] for one in fields},
        "required": [],
    }
    return replace(form, intro=None, sections=(Section("row", fields),), schema=schema)


def read_row(
    register: str, cells: Mapping[str, object]
) -> tuple[dict[str, object], tuple[FieldError, ...]]:
    """Read one row of a file, each cell as its column is answered on a page."""
    form = replace(definition(register).form, rules=())  # which are for what one says today
    raw = {name: _answer(form, name, cell) for name, cell in cells.items()}
    checked = forms.check(form, raw, Facts(tier="full"))
    if isinstance(checked, forms.Errors):
        return {}, checked.errors
    return checked.stored, ()


def _answer(form: Form, name: str, cell: object) -> object:
    """What a form would have been posted: an option by its words, yes and no by theirs."""
    one = form.find(name)
    text = str(cell).strip() if cell is not None else ""
    if one is None or not text:
        return None
    folded = text.casefold()
    if one.kind in (Kind.BOOLEAN, Kind.TICK):
        return {"ja": "true", "yes": "true", "x": "true", "nej": "false", "no": "false"}.get(
            folded, folded
        )
    for option in one.options:
        if folded in (
            option.value.casefold(),
            option.label.sv.casefold(),
            option.label.en.casefold(),
        ):
            return option.value
    return text
