"""Make the values that a form to fill in is drawn from."""

from collections.abc import Mapping
from dataclasses import replace

from workflows.canonical import canonical_text
from workflows.forms import carrying
from workflows.forms.answers import Answers, Errors, FieldError, Remark
from workflows.forms.checking import check
from workflows.forms.collecting import case_rows, collect, fitting
from workflows.forms.definition import DO_NOT_KNOW, Facts, Field, Form, Kind, Strength
from workflows.forms.last_time import LastTime
from workflows.forms.posted import Raw
from workflows.forms.telling import NO, YES, Reader, said, typed
from workflows.forms.values import as_text
from workflows.forms.views import (
    ErrorView,
    FieldView,
    FormView,
    OptionView,
    ReasonView,
    RowView,
    SectionView,
)
from workflows.language import Language, translator

MOST_IN_SELECT = 20


def prefilled(form: Form, facts: Facts) -> Raw:
    """Raw answers from what the case already holds, for somebody who has no draft."""
    return {
        one.name: typed(one, facts.names[one.name], facts)
        for one in form.fields
        if not one.read_only
        and not one.fresh
        and not one.fixed_rows
        and facts.names.get(one.name) is not None
    }


def view(
    form: Form,
    raw: Mapping[str, object],
    facts: Facts,
    language: Language,
    outcome: Answers | Errors | None = None,
) -> FormView:
    """The form as it is filled in; `outcome` is what `check` said about these raw answers.

    Raw answers that no longer fit the form are left out: they may be an old draft.
    """
    errors = outcome.errors if isinstance(outcome, Errors) else ()
    page = _Page(form, facts, language, {each.name: each for each in errors})
    fits = fitting(form, raw, facts)
    if outcome is None and any(name.startswith("why:") for name in raw):
        remarks = check(form, fits, facts).remarks
    else:
        remarks = outcome.remarks if outcome else ()
    shown = collect(form, fits, facts).shown
    sections = tuple(
        SectionView(
            section.id,
            said(section.heading, language),
            said(section.help, language),
            tuple(page.field(one, fits) for one in section.fields if page.is_shown(one)),
            tuple(
                page.reason(remark)
                for remark in remarks
                if remark.about.split("-")[0] in {one.name for one in section.fields}
            ),
        )
        for section in form.sections
        if section.id in shown
    )
    attest = page.attest(raw)
    return FormView(
        form.title[language],
        said(form.intro, language),
        sections,
        tuple(page.error(each) for each in errors),
        attest,
        form.has_files,
        page.lists,
    )


class _Page:
    """Tells what stands in each box, and what is wrong with it."""

    def __init__(
        self,
        form: Form,
        facts: Facts,
        language: Language,
        errors: Mapping[str, FieldError],
    ) -> None:
        self.form = form
        self.facts = facts
        self.language = language
        self.reader = Reader(facts, language)
        self.errors = errors
        self.last_time = LastTime(form, facts, self.reader, errors)
        self.labels: dict[str, str] = {}
        self.lists: dict[str, tuple[str, ...]] = {}

    def is_shown(self, one: Field) -> bool:
        if one.read_only:
            return self.facts.names.get(one.name) not in (None, "", [])
        return one.kind is not Kind.UNKNOWN and self.facts.offers(one)

    def field(self, one: Field, value: object, prefix: str = "", label: str = "") -> FieldView:
        """`value` holds the raw answers around the field."""
        name = prefix + one.name
        if one.read_only:
            shown = self.reader.field(one, self.facts.names)
            return replace(shown, id=f"f-{name}", name=name)
        raw = _raw_of(one, value)
        self.labels[name] = (
            f"{label}: {one.label[self.language]}" if label else one.label[self.language]
        )
        error = self.errors.get(name)
        base = FieldView(
            id=f"f-{name}",
            name=name,
            kind=one.kind,
            label=one.label[self.language],
            hint=said(one.hint, self.language),
            required=one.required,
            error=self.error(error) if error else None,
            autocomplete=one.autocomplete,
            unknown=self._unknown(one, name, value),
        )
        if not prefix and carrying.is_offered(self.form, one, self.facts):
            base = self.last_time.beside(base, one, raw)
        match one.kind:
            case Kind.ROWS:
                before = value.get(f"undo:{name}") if isinstance(value, Mapping) else None
                undo = canonical_text(before) if before else ""
                return replace(self._rows(base, one, raw), undo=undo)
            case Kind.GROUP:
                inner = raw if isinstance(raw, dict) else {}
                offered = (each for each in one.fields if self.is_shown(each))
                fields = tuple(self.field(each, inner, f"{name}-") for each in offered)
                return replace(base, fields=fields)
            case _:
                options = self._options(one, raw, base.id)
                return self._from_list(replace(base, value=self._box(raw), options=options), one)

    def _rows(self, base: FieldView, one: Field, raw: object) -> FieldView:
        rows = [row for row in raw if isinstance(row, dict)] if isinstance(raw, list) else []
        if one.fixed_rows:
            by_key = {str(row.get(one.key)): row for row in rows}
            held = typed(one, case_rows(one, self.facts), self.facts)
            rows = [
                {**row, **by_key.get(str(row.get(one.key)), {})}
                for row in (held if isinstance(held, list) else ())
            ]
        earlier = carrying.earlier_rows(self.form, one, self.facts)
        names = carrying.matched(self.form, one, rows, earlier)
        views = tuple(
            self.last_time.judged(self._row(one, row, index), one, row, name, earlier)
            for index, (row, name) in enumerate(zip(rows, names, strict=True))
        )
        left = () if one.fixed_rows else tuple(
            self.last_time.row(one, row, index)
            for index, (name, row) in enumerate(earlier.items())
            if name not in names
        )  # fmt: skip
        return replace(
            base,
            rows=views,
            left=left,
            fields=views[0].fields if views else tuple(self._row(one, {}, 0).fields),
            key_name=one.key if one.fixed_rows else "",
            fixed_rows=one.fixed_rows,
            as_table=one.as_table,
            row_word=said(one.row_word, self.language),
        )

    def _row(self, one: Field, row: Mapping[str, object], index: int) -> RowView:
        label = self.reader.row_label(one, row, index)
        fields = []
        for each in one.fields:
            if each.name in (one.key, one.row_label) and (each.read_only or one.fixed_rows):
                continue
            if each.read_only:
                if one.as_table or row.get(each.name) not in (None, ""):
                    fields.append(self.reader.field(each, row, f"{one.name}-{index}-"))
            elif self.is_shown(each):
                fields.append(self.field(each, row, f"{one.name}-{index}-", label))
        return RowView(index, label, str(row.get(one.key, "")), tuple(fields))

    def _box(self, raw: object) -> str:
        return raw if isinstance(raw, str) else as_text(raw, self.facts, self.language)

    def _options(self, one: Field, raw: object, prefix: str) -> tuple[OptionView, ...]:
        chosen = {self._box(each) for each in (raw if isinstance(raw, list) else [raw])}
        pairs: list[tuple[str, str]] = [
            (each.value, each.label[self.language]) for each in one.options
        ]
        if one.kind is Kind.REFERENCE:
            pairs = list(self.facts.among(one.reference).items())
        if one.kind is Kind.FILE:
            files = self.facts.among("file").items()
            pairs = [(value, name) for value, name in files if value in chosen]
        if one.kind is Kind.BOOLEAN:
            say = translator(self.language).gettext
            pairs = [("true", say(YES)), ("false", say(NO))]
        if one.kind in (Kind.CHOICE, Kind.REFERENCE):
            # What was pasted, or chosen before it was closed, is shown so that it can be mended.
            known = self.facts.known.get(one.reference, {})
            strange = sorted(chosen - {"", *(value for value, _ in pairs)})
            pairs += [(value, known.get(value, value)) for value in strange]
        return tuple(
            OptionView(f"{prefix}-{index}" if index else prefix, value, label, value in chosen)
            for index, (value, label) in enumerate(pairs)
        )

    def _from_list(self, view: FieldView, one: Field) -> FieldView:
        """A choice among many is typed, and found in one list that all fields of its kind share.

        For a day or a free text with a reference the list only suggests.
        """
        is_free = one.kind in (Kind.DATE, Kind.TEXT)
        is_suggested = is_free and bool(self.facts.among(one.reference))
        is_long = one.kind is Kind.REFERENCE and len(view.options) > MOST_IN_SELECT
        if not (is_suggested or is_long):
            return view
        list_id = "l-" + one.reference.replace(".", "-")
        self.lists.setdefault(list_id, tuple(self.facts.among(one.reference).values()))
        if is_suggested:
            return replace(view, list_id=list_id)
        chosen = [option.label for option in view.options if option.chosen]
        return replace(view, options=(), list_id=list_id, value=(*chosen, "")[0])

    def _unknown(self, one: Field, name: str, around: object) -> FieldView | None:
        if not one.may_be_unknown:
            return None
        name, told = f"{name}_unknown", _raw_of(one, around, "_unknown") in ("true", True)
        label = translator(self.language).gettext(DO_NOT_KNOW)
        return FieldView(f"f-{name}", name, Kind.UNKNOWN, label, value="true" if told else "")

    def error(self, error: FieldError) -> ErrorView:
        return ErrorView(
            href=f"#{control_id(error.name)}",
            label=self.labels.get(error.name, ""),
            code=error.code,
            params=error.params,
            text=said(error.message, self.language),
        )

    def reason(self, remark: Remark) -> ReasonView:
        error = self.errors.get(remark.name)
        self.labels[remark.name] = self.labels.get(remark.about, "")
        return ReasonView(
            id=control_id(remark.name),
            name=remark.name if remark.strength is Strength.JUSTIFY else "",
            message=remark.message[self.language],
            about=self.labels[remark.name],
            value=remark.reason,
            error=self.error(error) if error else None,
        )

    def attest(self, raw: Mapping[str, object]) -> FieldView | None:
        if self.form.attest is None:
            return None
        error = self.errors.get("attest")
        self.labels["attest"] = self.form.attest[self.language]
        return FieldView(
            id=control_id("attest"),
            name="attest",
            kind=Kind.TICK,
            label=self.form.attest[self.language],
            value="true" if raw.get("attest") in ("true", True) else "",
            required=True,
            error=self.error(error) if error else None,
        )


def control_id(name: str) -> str:
    """The id of the first control of the field posted as `name`."""
    return "f-" + name.replace(":", "-")


def _raw_of(one: Field, holder: object, ending: str = "") -> object:
    return holder.get(one.name + ending) if isinstance(holder, Mapping) else None
