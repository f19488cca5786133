"""Tell answers in words: for the page of a case, for a decision, for last year beside this one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from workflows.forms.definition import DO_NOT_KNOW, Facts, Field, Form, Kind, Words
from workflows.forms.values import Unreadable, read_value
from workflows.forms.views import FieldView, FormView, RowView, SectionView
from workflows.language import N_, Language, day, listed, moment, number, translator
from workflows.language.rich import rich

YES, NO = N_("Yes"), N_("No")
_NO_FACTS = Facts()


def read_only(
    form: Form, values: Mapping[str, object], language: Language, facts: Facts = _NO_FACTS
) -> FormView:
    """The answers in words; what nobody answered is left out."""
    reader = Reader(facts, language)
    sections = tuple(
        SectionView(section.id, said(section.heading, language), "", fields)
        for section in form.sections
        if (fields := tuple(reader.answered(section.fields, values)))
    )
    return FormView(form.title[language], "", sections)


def called(names: Mapping[str, str], form: Form, item: object) -> Mapping[str, str]:
    """What a step about one row is called: its own name, then the row by its first shown choice."""
    row = item if isinstance(item, Mapping) else {}
    for one in form.fields:
        for option in one.options if one.read_only else ():
            if option.value == row.get(one.name):
                return {lang: f"{name}: {option.label[lang]}" for lang, name in names.items()}
    return names


class Reader:
    """Tells values in words."""

    def __init__(self, facts: Facts, language: Language) -> None:
        self.facts = facts
        self.language = language

    def answered(
        self, fields: Sequence[Field], values: Mapping[str, object], prefix: str = ""
    ) -> list[FieldView]:
        return [self.field(one, values, prefix) for one in fields if _is_told(one, values)]

    def field(self, one: Field, around: Mapping[str, object], prefix: str = "") -> FieldView:
        """`around` holds the answer to the field, and to those beside it."""
        name, value = prefix + one.name, around.get(one.name)
        is_rich = one.kind is Kind.RICH
        base = FieldView(
            f"r-{name}", name, one.kind, one.label[self.language], read_only=True,
            as_table=one.as_table,
            row_word=said(one.row_word, self.language),
        )  # fmt: skip
        match one.kind, value:
            case Kind.GROUP, dict():
                return replace(base, fields=tuple(self.answered(one.fields, value, f"{name}-")))
            case Kind.ROWS, list():
                return self._rows(base, one, [row for row in value if isinstance(row, dict)])
            case Kind.FILE, str():
                return replace(base, value=self.words(one, value), file=value)
            case _:
                words = self.words(one, value)
                if not words and around.get(f"{one.name}_unknown") is True:
                    words = translator(self.language).gettext(DO_NOT_KNOW)
                return replace(base, value=words, blocks=rich(words) if is_rich else ())

    def _rows(self, base: FieldView, one: Field, rows: Sequence[Mapping[str, object]]) -> FieldView:
        """The rows, without the columns that nobody answered."""
        columns = [
            each
            for each in one.fields
            if each.name not in (one.key, one.row_label)
            and any(_is_told(each, row) for row in rows)
        ]
        views = [
            RowView(
                index,
                self.row_label(one, row, index),
                "",
                tuple(self.field(each, row, f"{base.name}-{index}-") for each in columns),
            )
            for index, row in enumerate(rows)
        ]
        heads = tuple(self.field(each, {}, f"{base.name}-") for each in columns)
        return replace(base, rows=tuple(views), fields=heads)

    def row_label(self, one: Field, row: Mapping[str, object], index: int) -> str:
        """What a row is called: its own name, or its number."""
        if one.row_label and row.get(one.row_label):
            return self.words(one.column(one.row_label), row[one.row_label])
        word = (one.row_word or one.label)[self.language]
        return f"{word[:1].upper()}{word[1:]} {index + 1}"

    def words(self, one: Field, value: object) -> str:
        """A value as a person would say it."""
        options = {each.value: each.label[self.language] for each in one.options}
        match typed(one, value, self.facts):
            case None:
                return ""
            case bool(truth):
                return translator(self.language).gettext(YES if truth else NO)
            case list(several):
                return listed(
                    [options.get(str(each), str(each)) for each in several], self.language
                )
            case datetime() as instant:
                return moment(instant, self.language)
            case date() as when:
                return day(when, self.language)
            case int() | Decimal() as amount if one.kind is not Kind.REFERENCE:
                return number(amount, self.language)
            case dict() as told:
                return str(told.get(self.language, ""))
            case other:
                key, kind = str(other), "file" if one.kind is Kind.FILE else one.reference
                known = {**self.facts.known.get(kind, {}), **self.facts.among(kind)}
                return options.get(key) or known.get(key) or key


def _is_told(one: Field, values: Mapping[str, object]) -> bool:
    if one.kind is Kind.UNKNOWN:
        return False
    is_unknown = one.may_be_unknown and values.get(f"{one.name}_unknown") is True
    return is_unknown or values.get(one.name) not in (None, "", [])


def typed(one: Field, value: object, facts: Facts) -> object:
    """A value of the case as the form reads it: stored days and decimals are text there."""
    match one.kind, value:
        case Kind.GROUP, dict():
            return {**value, **_typed_members(one, value, facts)}
        case Kind.ROWS, list():
            return [
                {**row, **_typed_members(one, row, facts)} for row in value if isinstance(row, dict)
            ]
        case ((Kind.REFERENCE | Kind.FILE), _):
            return value
    try:
        return read_value(one, value, facts)
    except Unreadable:
        return value


def _typed_members(holder: Field, values: Mapping[str, object], facts: Facts) -> dict[str, object]:
    return {
        each.name: typed(each, values[each.name], facts)
        for each in holder.fields
        if each.name in values
    }


def said(words: Words | None, language: Language) -> str:
    """The words, or nothing."""
    return words[language] if words else ""
