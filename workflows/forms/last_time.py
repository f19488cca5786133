"""What a page shows of last time: beside a field, at a row, and the rows that are not here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workflows.forms import carrying
from workflows.forms.answers import FieldError
from workflows.forms.definition import Facts, Field, Form, Kind
from workflows.forms.posted import Raw
from workflows.forms.telling import Reader
from workflows.forms.views import FieldView, RowView


class LastTime:
    """Tells what was answered last time, and what has become of it."""

    def __init__(
        self, form: Form, facts: Facts, reader: Reader, errors: Mapping[str, FieldError]
    ) -> None:
        self.form = form
        self.facts = facts
        self.reader = reader
        self.errors = errors

    def beside(self, base: FieldView, one: Field, raw: object) -> FieldView:
        """The field with last time's answer, and the button that brings it along."""
        was = self.facts.previous[one.name]
        differs = one.kind is Kind.ROWS or not carrying.same(one, raw, was, self.facts)
        told = self.reader.field(one, self.facts.previous)
        texts = [told.value, *(f"{each.label}: {each.value}" for each in told.fields)]
        return replace(
            base,
            since=self.facts.since,
            previous="" if one.kind is Kind.ROWS else ", ".join(filter(None, texts)),
            bring=f"bring-{one.name}" if differs else "",
        )

    def judged(
        self, view: RowView, one: Field, row: Raw, name: str, earlier: Mapping[str, carrying.Row]
    ) -> RowView:
        """The row with what became of it since last time, and whether something in it is wrong."""
        start = f"{one.name}-{view.index}-"
        was = earlier.get(name, {})
        verdict = "" if not earlier else "added" if not name else "changed"
        if name and carrying.is_kept(one, row, was, self.facts):
            verdict = "kept"
        told = [each for each in one.typed if each.required and each.name != one.row_label]
        differing = [
            each
            for each in one.typed
            if (each.kind is not Kind.UNKNOWN and self.facts.offers(each))
            and not carrying.same(each, row.get(each.name), was.get(each.name), self.facts)
        ]
        return replace(
            view,
            was="" if one.fixed_rows else name,
            verdict=verdict,
            brief=self._in_brief(told, row),
            before=self._in_brief(differing, was),
            has_error=any(each.startswith(start) for each in self.errors),
        )

    def _in_brief(self, fields: Sequence[Field], row: Mapping[str, object]) -> str:
        """The answers on one line."""
        told = self.reader.answered(fields, {name: value or None for name, value in row.items()})
        return " · ".join(f"{each.label}: {each.value}" for each in told if each.value)

    def row(self, one: Field, row: carrying.Row, index: int) -> RowView:
        """A row of last time that is not here."""
        answers = tuple(self.reader.answered(one.fields, row))
        return RowView(index, self.reader.row_label(one, row, index), "", answers)
