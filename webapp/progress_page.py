"""The table in which one says how what one answers for goes: a row each, told in one go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from webapp.format import language
from webapp.register_page import Line
from workflows import forms
from workflows.forms import Errors, Field, Kind, Raw
from workflows.forms.views import FieldView
from workflows.registers import Definition
from workflows.registers.models import Entry
from workflows.registers.reading import changing

MOST = 50
Said = Mapping[int, tuple[Raw, Errors | None]]


@dataclass(frozen=True, slots=True)
class Row:
    line: Line
    fields: tuple[FieldView, ...]


def asked(register: Definition) -> tuple[Field, ...]:
    """What is asked of each row: what may be changed by hand, but for whose it is and long texts;
    nothing where no status is told by hand."""
    if register.status not in register.change:
        return ()
    fields = changing(register.id).fields
    return tuple(one for one in fields if one.name != register.owner and one.kind is not Kind.RICH)


def typed(register: Definition, entry: Entry, posted: Mapping[str, str]) -> Raw:
    """What stands, and on top of it what was typed in the row of the entry."""
    names = {one.name: f"{one.name}-{entry.id}" for one in asked(register)}
    said = {name: posted[box] for name, box in names.items() if box in posted}
    return _stored(register, entry) | said


def rows(register: Definition, lines: Iterable[Line], said: Said) -> list[Row]:
    """Make the table; `said` is what was typed and refused, by the entry."""
    form, wanted = changing(register.id), {one.name for one in asked(register)}
    found = []
    for line in lines:
        entry = line.entry
        raw, errors = said.get(entry.id, (_stored(register, entry), None))
        view = forms.view(form, raw, forms.Facts(names=entry.data), language(), errors)
        boxes = tuple(
            replace(
                one,
                id=f"{one.id}-{entry.id}",
                name=f"{one.name}-{entry.id}",
                hint="",
            )
            for section in view.sections
            for one in section.fields
            if one.name in wanted
        )
        found.append(Row(line, boxes))
    return found


def _stored(register: Definition, entry: Entry) -> Raw:
    facts = forms.Facts(names=entry.data, tier="full")
    return forms.prefilled(changing(register.id), facts)
