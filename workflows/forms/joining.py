"""The forms of steps that follow each other as one form, to be filled in on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workflows.forms.definition import Form, Section, Words
from workflows.forms.posted import Raw


def may_follow(before: Form, form: Form) -> bool:
    """Tell whether a form can stand on the page of another: it shows and points at nothing that is
    only being typed there, asks for nothing twice, and neither is handed in with a signature."""
    typed = {one.name for one in before.fields if not one.read_only}
    inside = [each for top in form.fields for each in (top, *top.fields)]
    asks = {one.name for one in form.fields} | {one.reference.partition(".")[0] for one in inside}
    rules = {rule.id for rule in before.rules} & {rule.id for rule in form.rules}
    return not (typed & asks or rules or before.attest or form.attest or form.has_files)


def joined(forms: Sequence[Form]) -> Form:
    """Make one form of several; each but the first begins under its own name."""
    first, *others = forms
    sections = [*first.sections, *(each for one in others for each in _named(one))]
    lists = ("properties", "required")
    schemas = [one.schema for one in forms]
    properties = {k: v for one in schemas for k, v in _dict(one["properties"]).items()}
    required = [name for one in schemas for name in _list(one["required"])]
    plain = {k: v for k, v in first.schema.items() if k not in lists}
    return replace(
        first,
        sections=tuple(sections),
        rules=tuple(each for one in forms for each in one.rules),
        registers=tuple(each for one in forms for each in one.registers),
        carry_over=tuple(each for one in forms for each in one.carry_over),
        schema=plain | {"properties": properties, "required": required},
    )


def split(forms: Sequence[Form], raw: Mapping[str, object]) -> list[Raw]:
    """Give each form the answers that are its own; what none asks for goes to the first."""
    found: list[Raw] = [{} for _ in forms]
    for name, value in raw.items():
        places = (n for n, one in enumerate(forms) if _is_of(one, name))
        found[next(places, 0)][name] = value
    return found


def _is_of(form: Form, name: str) -> bool:
    head, _, of = name.partition(":")
    if head == "why":
        rule, _, row = of.partition(":")
        return any(one.id == rule for one in form.rules) or form.find(row) is not None
    return form.find(of or head) is not None


def _named(form: Form) -> list[Section]:
    first, *others = form.sections
    title = form.title
    if first.heading:
        title = Words(f"{title.sv}: {first.heading.sv}", f"{title.en}: {first.heading.en}")
    # Of two forms of a process, sections may be called the same.
    begun = replace(first, heading=title, help=first.help or form.intro)
    return [replace(one, id=f"{form.title.sv}-{one.id}") for one in (begun, *others)]


def _dict(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
