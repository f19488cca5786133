"""Read a form definition from JSON, or say where in it every mistake lies."""

import re
from collections.abc import Mapping
from typing import cast

from workflows.canonical import parse
from workflows.errors import Invalid, Refused
from workflows.expressions import Expression, compile_expression
from workflows.forms.definition import (
    TIERS,
    Field,
    Form,
    Kind,
    Register,
    Rule,
    Section,
    Strength,
)
from workflows.forms.fields import read_fields
from workflows.forms.problems import Problem, Problems
from workflows.forms.schema import closed

MAX_BYTES = 1_000_000
_ID = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KEYS = (
    "$schema",
    "title",
    "intro",
    "schema",
    "layout",
    "labels",
    "rules",
    "tiers",
    "registers",
    "register",
    "carry_over",
    "attest",
)


class BadForm(Invalid):
    """The definition cannot be used; `problems` holds a `Problem` for each mistake."""

    code = "bad_form"
    problems: tuple[Problem, ...]


def read_form(data: bytes, known: frozenset[str] | None = None) -> Form:
    """Read a definition.

    With `known` – the names a case of the process holds – an expression that uses any other name
    is a mistake too.

    :raises BadForm: with every mistake found, each with its place in the JSON
    """
    problems = Problems()
    form = _form(_loaded(data, problems), known, problems)
    if problems.found:
        raise BadForm(problems=tuple(problems.found))
    return form


def _loaded(data: bytes, problems: Problems) -> Mapping[str, object]:
    if len(data) > MAX_BYTES:
        problems.add("", "too_large", most=MAX_BYTES)
        return {}
    try:
        loaded = parse(data.decode())
    except (ValueError, RecursionError):
        problems.add("", "not_json")
        return {}
    return problems.mapping(loaded, "", _KEYS)


def _form(source: Mapping[str, object], known: frozenset[str] | None, problems: Problems) -> Form:
    schema = problems.mapping(source.get("schema"), "/schema")
    labels = problems.mapping(source.get("labels"), "/labels")
    fields = read_fields(schema, labels, _tiers(source, problems), problems)
    names = None if known is None else known | {each.name for each in fields}
    return Form(
        title=problems.words(source.get("title"), "/title"),
        intro=problems.maybe_words(source.get("intro"), "/intro"),
        sections=_sections(source, fields, names, problems),
        rules=_rules(source, fields, names, problems),
        registers=_registers(source, fields, problems),
        carry_over=_carry_over(source, fields, problems),
        attest=problems.maybe_words(source.get("attest"), "/attest"),
        schema=closed(schema),
    )


def _tiers(source: Mapping[str, object], problems: Problems) -> Mapping[str, str]:
    tiers = problems.mapping(source.get("tiers", {}), "/tiers")
    for path, tier in tiers.items():
        if tier not in TIERS:
            problems.add(f"/tiers/{path}", "unknown_tier", value=str(tier))
    return {path: str(tier) for path, tier in tiers.items() if tier in TIERS}


def _sections(
    source: Mapping[str, object],
    fields: tuple[Field, ...],
    known: frozenset[str] | None,
    problems: Problems,
) -> tuple[Section, ...]:
    left = {each.name: each for each in fields}
    sections: list[Section] = []
    for where, item in problems.objects(
        source.get("layout"), "/layout", "id heading help fields visible"
    ):
        name = problems.text(item.get("id"), f"{where}/id")
        if not _ID.fullmatch(name) or name in {each.id for each in sections}:
            problems.add(f"{where}/id", "bad_id", value=name)
        members = []
        for place, field in problems.texts(item.get("fields"), f"{where}/fields"):
            if field in left:
                members.append(left.pop(field))
                if members[-1].may_be_unknown:
                    members.append(left.pop(f"{field}_unknown"))
            else:
                problems.add(place, "unknown_field", field=field)
        sections.append(
            Section(
                id=name,
                fields=tuple(members),
                heading=problems.maybe_words(item.get("heading"), f"{where}/heading"),
                help=problems.maybe_words(item.get("help"), f"{where}/help"),
                visible=_expression(item, "visible", where, known, problems),
            )
        )
    for name in left:
        problems.add("/layout", "in_no_section", field=name)
    return tuple(sections)


def _rules(
    source: Mapping[str, object],
    fields: tuple[Field, ...],
    known: frozenset[str] | None,
    problems: Problems,
) -> tuple[Rule, ...]:
    paths = {path for each in fields for path in (each.path, *(one.path for one in each.fields))}
    lists = {each.name for each in fields if each.kind is Kind.ROWS}
    rules: list[Rule] = []
    for where, item in problems.objects(
        source.get("rules", []), "/rules", "id each holds message fields strength"
    ):
        name = problems.text(item.get("id"), f"{where}/id")
        if not _ID.fullmatch(name) or name in {each.id for each in rules}:
            problems.add(f"{where}/id", "bad_id", value=name)
        each = problems.text(item.get("each", ""), f"{where}/each")
        if each and each not in lists:
            problems.add(f"{where}/each", "unknown_list", field=each)
        about = tuple(problems.texts(item.get("fields"), f"{where}/fields"))
        for place, path in about:
            if path not in paths or (each and not path.startswith(f"{each}.")):
                problems.add(place, "unknown_field", field=path)
        strength = item.get("strength")
        if strength not in tuple(Strength):
            problems.add(f"{where}/strength", "unknown_strength", value=str(strength))
            strength = Strength.STOP
        names = known | {"row"} if known is not None and each else known
        holds = _expression(item, "holds", where, names, problems)
        message = problems.words(item.get("message"), f"{where}/message")
        if holds is None:
            if "holds" not in item:
                problems.add(f"{where}/holds", "missing")
            continue
        rules.append(
            Rule(
                id=name,
                holds=holds,
                message=message,
                fields=tuple(path for _, path in about),
                strength=Strength(cast(str, strength)),
                each=each,
            )
        )
    return tuple(rules)


def _registers(
    source: Mapping[str, object], fields: tuple[Field, ...], problems: Problems
) -> tuple[Register, ...]:
    holders = {each.name: each.fields for each in fields if each.kind in (Kind.ROWS, Kind.GROUP)}
    holders["."] = tuple(each for each in fields if each.name not in holders)
    registers = []
    for where, item in problems.objects(
        source.get("registers", []), "/registers", "register field key as values"
    ):
        name = problems.text(item.get("field"), f"{where}/field")
        if name not in holders:
            problems.add(f"{where}/field", "unknown_list", field=name)
            continue
        columns = [each.name for each in holders[name]]
        key = problems.texts(item.get("key"), f"{where}/key")
        for place, column in key:
            if column not in columns:
                problems.add(place, "unknown_field", field=column)
        renamed = problems.mapping(item.get("as", {}), f"{where}/as", columns)
        registers.append(
            Register(
                register=problems.text(item.get("register"), f"{where}/register"),
                field=name,
                key=tuple(column for _, column in key),
                renamed={
                    column: problems.text(told, f"{where}/as/{column}")
                    for column, told in renamed.items()
                },
                values=problems.mapping(item.get("values", {}), f"{where}/values"),
            )
        )
    return tuple(registers)


def _carry_over(
    source: Mapping[str, object], fields: tuple[Field, ...], problems: Problems
) -> tuple[str, ...]:
    names = {each.name for each in fields}
    carried = problems.texts(source.get("carry_over", []), "/carry_over")
    for place, name in carried:
        if name not in names:
            problems.add(place, "unknown_field", field=name)
    return tuple(name for _, name in carried)


def _expression(
    item: Mapping[str, object],
    key: str,
    where: str,
    known: frozenset[str] | None,
    problems: Problems,
) -> Expression | None:
    if key not in item:
        return None
    try:
        return compile_expression(problems.text(item[key], f"{where}/{key}"), known)
    except Refused as refusal:
        params = {**refusal.params, "reason": refusal.code}
        problems.add(f"{where}/{key}", "bad_expression", **params)
        return None
