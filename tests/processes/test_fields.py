"""Every field of every shipped form takes what is good, takes what is just good enough, and refuses
what is not; and says what it asks in both languages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.processes.walking import ROOT
from workflows.forms import Answers, Facts, Field, Form, Kind, check, read_form
from workflows.forms.definition import Section, Words
from workflows.forms.schema import RICH_LENGTH, TEXT_LENGTH, inside

FORMS = {
    f"{path.parent.name}/{path.stem}": read_form(path.read_bytes())
    for path in sorted(Path(ROOT / "forms").glob("*/*.json"))
}
BEYOND = str(10**30)
# how a value is wrong by itself; a rule between fields, or one left out, is another matter
OF_A_FIELD = {"required", "rule", "justify", "too_few"}


def bare(form: Form) -> Form:
    """The form with every section shown and no rules between fields."""
    shown = tuple(replace(each, visible=None) for each in form.sections)
    return replace(form, sections=shown, rules=(), attest=None)


def known(form: Form) -> Facts:
    """Something to point at for each reference, and a row for each list that is given."""
    held: dict[str, object] = {"today": date(2027, 3, 2), "year": 2027}
    for top in form.fields:
        if top.fixed_rows:
            held[top.name] = [{top.key: "a"}]
        for one in (top, *top.fields):
            name, dot, column = one.reference.partition(".")
            if dot and name != "register":
                held.setdefault(name, [{column: "1"}])
    every = {one.reference: {"1": "a"} for top in form.fields for one in (top, *top.fields)}
    return Facts(names=held, choices=every | {"file": {"1": "a"}}, tier="full")


def schema_of(form: Form, top: Field, one: Field) -> Mapping[str, object]:
    schema = inside(inside(form.schema, "properties"), top.name)
    if one is top:
        return schema
    return inside(inside(inside(schema, "items") or schema, "properties"), one.name)


Tried = list[tuple[object, bool]]

PLAIN: dict[Kind, Tried] = {
    Kind.EMAIL: [("a@b.test", True), ("ingen adress", False)],
    Kind.DATE: [("2027-03-01", True), ("2028-02-29", True), ("2027-02-29", False)],
    Kind.INSTANT: [("2027-03-01 12:00", True), ("2027-03-01 25:00", False)],
    Kind.BOOLEAN: [("true", True), ("false", True), ("kanske", False)],
    Kind.TICK: [("true", True), ("kanske", False)],
    Kind.UNKNOWN: [("true", True), ("kanske", False)],
    Kind.REFERENCE: [("1", True), ("någon annan", False)],
    Kind.FILE: [("1", True), ("någon annan", False)],
}


def values(form: Form, top: Field, one: Field) -> Tried:
    """What the field is given, and whether it takes it."""
    schema = schema_of(form, top, one)
    if one.options:
        wrong = [("något annat", False), *((each.value, True) for each in one.options)]
        return [([value] if one.kind is Kind.CHOICES else value, ok) for value, ok in wrong]
    if one.kind in (Kind.INTEGER, Kind.NUMBER):
        edges = [(str(schema[edge]), True) for edge in ("minimum", "maximum") if edge in schema]
        return [
            ("7" if not edges else edges[0][0], True),
            *edges,
            ("många", False),
            (BEYOND, False),
        ]
    if one.kind in (Kind.TEXT, Kind.RICH):
        usual = RICH_LENGTH if one.kind is Kind.RICH else TEXT_LENGTH
        longest = int(str(schema.get("maxLength", usual)))
        some = (3, longest, longest + 1) if "pattern" not in schema else (longest + 1,)
        return [("x" * count, count <= longest) for count in some]
    return PLAIN[one.kind]


def refused(form: Form, facts: Facts, top: Field, one: Field, raw: object) -> list[str]:
    """What the form says of this value alone."""
    name, given = top.name, raw
    if top.kind is Kind.ROWS:
        key = {top.key: "a"} if top.fixed_rows else {}
        name, given = f"{top.name}-0-{one.name}", [key | {one.name: raw}]
    elif top.kind is Kind.GROUP:
        name, given = f"{top.name}-{one.name}", {one.name: raw}
    found = check(form, {top.name: given}, facts)
    errors = () if isinstance(found, Answers) else found.errors
    return [each.code for each in errors if each.name == name and each.code not in OF_A_FIELD]


@pytest.mark.parametrize("name", FORMS)
def test_every_field_takes_what_it_holds_and_refuses_what_it_cannot(name):
    form = bare(FORMS[name])
    facts = known(form)
    for top in form.fields:
        for one in (top, *top.fields):
            if top.read_only or one.read_only or one.fields or one.name == top.key:
                continue
            for raw, is_taken in values(form, top, one):
                said = refused(form, facts, top, one, raw)
                assert (said == []) is is_taken, (one.path, raw, said)


def words(form: Form) -> Iterator[tuple[str, Words]]:
    yield "title", form.title
    for section in form.sections:
        yield from _of_section(section)
    for rule in form.rules:
        yield rule.id, rule.message


def _of_section(section: Section) -> Iterator[tuple[str, Words]]:
    for top in section.fields:
        for one in (top, *top.fields):
            yield one.path, one.label
            if one.hint is not None:
                yield one.path, one.hint
            yield from ((f"{one.path}={each.value}", each.label) for each in one.options)


@pytest.mark.parametrize("name", FORMS)
def test_every_field_is_told_in_both_languages(name):
    for place, said in words(FORMS[name]):
        assert said.sv.strip(), place
        assert said.en.strip(), place
