"""Check raw answers against the form: types, schema, rules; the result is answers or errors."""

import math
from collections.abc import Iterator, Mapping

from workflows.errors import Refused
from workflows.expressions import evaluate
from workflows.forms import carrying
from workflows.forms.answers import Answers, Carried, Errors, FieldError, Remark
from workflows.forms.collecting import Collected, collect
from workflows.forms.definition import Facts, Form, Kind, Rule, Strength, Words
from workflows.forms.holding import Fault, faults
from workflows.forms.marking import marked, warning
from workflows.forms.schema import RICH_LENGTH
from workflows.forms.values import Unreadable, clean, stored

# What each keyword of the schema is called in our own messages, and the number that goes with it.
_CODES = {
    "maxLength": ("too_long", "most"),
    "minLength": ("too_short", "least"),
    "minimum": ("too_small", "least"),
    "exclusiveMinimum": ("must_exceed", "limit"),
    "maximum": ("too_big", "most"),
    "exclusiveMaximum": ("must_be_below", "limit"),
    "minItems": ("too_few", "least"),
    "maxItems": ("too_many", "most"),
    "pattern": ("wrong_pattern", ""),
    "enum": ("not_an_option", ""),
    "const": ("must_tick", ""),
    "uniqueItems": ("repeated", ""),
}


def check(form: Form, raw: Mapping[str, object], facts: Facts) -> Answers | Errors:
    """Say what the raw answers mean, or everything that is wrong with them.

    :raises Invalid: when the answers hold a field or a row that the form does not have
    """
    collected = collect(form, raw, facts)
    _hold_against_schema(form, collected)
    remarks = [*_ask_rules(form, raw, facts, collected)]
    since = tuple(carrying.carried(form, raw, facts, collected))
    remarks += [_ask_why_gone(each, raw, collected) for each in since if each.left_rows]
    remarks += _look_for_markings(raw, facts, collected)
    attested = raw.get("attest") in ("true", True)
    if form.attest and not attested:
        collected.fail("attest", "must_tick")
    if collected.errors:
        return Errors(_in_page_order(form, collected.errors), tuple(remarks))
    return Answers(collected.values, tuple(remarks), attested, since)


def _look_for_markings(
    raw: Mapping[str, object], facts: Facts, collected: Collected
) -> Iterator[Remark]:
    """What looks like the marking of a class stops a secret case, and elsewhere is pointed out."""
    found = [name for name in marked(raw) if not name.startswith("undo:")]
    if facts.secret:
        for name in found:
            collected.fail(name, "class_marking")
    elif found:
        yield Remark("class_marking", Strength.HINT, Words(*warning()), "", found[0])


def _hold_against_schema(form: Form, collected: Collected) -> None:
    properties = form.schema["properties"]
    required = form.schema["required"]
    assert isinstance(properties, dict)  # noqa: S101 - `closed` made them
    assert isinstance(required, list)  # noqa: S101
    schema = {
        **form.schema,
        "properties": {name: properties[name] for name in collected.names},
        "required": [name for name in required if name in collected.names],
    }
    for fault in faults(schema, stored(collected.asked)):
        for name, code, params in _told(fault, collected):
            collected.fail(name, code, **params)


def _told(fault: Fault, collected: Collected) -> Iterator[tuple[str, str, dict[str, object]]]:
    """The fault in our own words: field name, code and numbers."""
    path, limit, given = list(fault.path), fault.limit, fault.given
    if fault.keyword == "required":
        for missing in limit:
            if missing not in given and not given.get(f"{missing}_unknown"):
                yield _name([*path, missing], collected), "required", {}
        return
    code, param = _CODES.get(fault.keyword, ("wrong_type", ""))
    params = {param: limit} if param else {}
    if code == "too_long":
        params["actual"] = len(given)
    yield _name(path, collected), code, params


def _name(path: list[str | int], collected: Collected) -> str:
    """The posted name of the place a schema path points at."""
    match path:
        case [str(top), int(index), str(column), *_]:
            return f"{top}-{collected.places[top][index]}-{column}"
        case [str(top), str(inner), *_]:
            return f"{top}-{inner}"
        case [top, *_]:
            return str(top)
        case _:
            return ""


def _ask_rules(
    form: Form, raw: Mapping[str, object], facts: Facts, collected: Collected
) -> Iterator[Remark]:
    names = {**facts.names, **collected.values}
    for rule in form.rules:
        if not {path.partition(".")[0] for path in rule.fields} & set(collected.names):
            continue
        if not rule.each:
            yield from _ask(rule, names, None, raw, facts, collected)
            continue
        rows = collected.values[rule.each]
        for row, values in enumerate(rows if isinstance(rows, list) else ()):
            yield from _ask(rule, {**names, "row": values}, row, raw, facts, collected)


def _ask(
    rule: Rule,
    names: Mapping[str, object],
    row: int | None,
    raw: Mapping[str, object],
    facts: Facts,
    collected: Collected,
) -> Iterator[Remark]:
    place = None if row is None else collected.places[rule.each][row]
    about = [_about(path, place) for path in rule.fields]
    if any(name in collected.errors for name in about) or _holds(rule, names, facts):
        return
    if rule.strength is Strength.STOP:
        collected.errors[about[0]] = FieldError(about[0], "rule", {}, rule.message)
        return
    name = f"why:{rule.id}" if place is None else f"why:{rule.id}:{place}"
    must = rule.strength is Strength.JUSTIFY
    reason = _reason(raw.get(name), name, rule.message, collected) if must else ""
    yield Remark(rule.id, rule.strength, rule.message, name, about[0], row, reason)


def _ask_why_gone(each: Carried, raw: Mapping[str, object], collected: Collected) -> Remark:
    """Rows of last time that are not here any more need a reason, one for all of a list."""
    name, message = carrying.reason_name(each), each.question
    reason = _reason(raw.get(name), name, message, collected)
    return Remark(carrying.GONE, Strength.JUSTIFY, message, name, each.name, None, reason)


def _holds(rule: Rule, names: Mapping[str, object], facts: Facts) -> bool:
    """Whether the rule holds; one that cannot be judged because an answer is missing does."""
    try:
        return bool(evaluate(rule.holds, names, facts.functions))
    except Refused:
        row = names.get("row")
        for path in rule.fields:
            top, _, inner = path.partition(".")
            holder = row if rule.each else names.get(top)
            if holder is None or (inner and isinstance(holder, dict) and holder.get(inner) is None):
                return True
        raise


def _reason(raw: object, name: str, message: Words, collected: Collected) -> str:
    try:
        text = clean(raw, lines=True) if isinstance(raw, str) else ""
    except Unreadable as unreadable:
        collected.fail(name, unreadable.code)
        return ""
    if not text:
        collected.errors[name] = FieldError(name, "justify", {}, message)
    elif len(text) > RICH_LENGTH:
        collected.fail(name, "too_long", most=RICH_LENGTH, actual=len(text))
    return text


def _about(path: str, place: int | None) -> str:
    top, _, inner = path.partition(".")
    if place is not None:
        return f"{top}-{place}-{inner}"
    return path.replace(".", "-")


def _in_page_order(form: Form, errors: Mapping[str, FieldError]) -> tuple[FieldError, ...]:
    tops = {each.name: (index, each) for index, each in enumerate(form.fields)}

    def place(error: FieldError) -> tuple[float, int, int]:
        top, *rest = error.name.split("-")
        if top not in tops:
            return (math.inf, 0, 0)
        index, one = tops[top]
        row = int(rest[0]) if one.kind is Kind.ROWS and rest else 0
        columns = [each.name for each in one.fields]
        return (index, row, columns.index(rest[-1]) if rest else -1)

    return tuple(sorted(errors.values(), key=place))
