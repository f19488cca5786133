"""What a button of a list did: in words to be heard, and where the focus goes afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.forms import Form, FormView, RowChange
from workflows.language import N_, Language, Sentence

TEXTS = {
    "add": N_("{row} is added."),
    "copy": N_("{row} is a copy."),
    "remove": N_("The row is removed. You can undo that."),
    "up": N_("{row} is now number {place} of {count}."),
    "down": N_("{row} is now number {place} of {count}."),
    "undo": N_("The last change is undone."),
    "bring": N_("Brought along. There are {count} rows now."),
    "paste": N_("Pasted. There are {count} rows now."),
}
SAME = N_("The answer is the same as last time.")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and the id of the control to go on with."""

    text: str
    focus: str


def after(form: Form, change: RowChange, raw: Mapping[str, object]) -> tuple[str, str]:
    """Say for the address what was done, to which row as they are numbered now, and the anchor."""
    rows, one = raw.get(change.field), form.find(change.field)
    count = len(rows) if isinstance(rows, list) else 0
    index = {
        "add": count - 1,
        "copy": change.index + 1,
        "up": max(0, change.index - 1),
        "down": min(count - 1, change.index + 1),
    }.get(change.deed, max(0, change.index))
    first = one.typed[0].name if one and one.typed else ""
    anchor = _focus(change.field, change.deed, index, count, f"f-{change.field}-{index}-{first}")
    return f"{change.deed}-{change.field}-{index}", anchor


def told(view: FormView | None, done: str, language: Language) -> Told | None:
    """Say what was done, if the address tells of something on this page."""
    deed, name, number = [*done.split("-"), "", ""][:3]
    sections = view.sections if view else ()
    fields = {each.name: each for section in sections for each in section.fields}
    if name not in fields or deed not in TEXTS or not number.isdecimal():
        return None
    one, index = fields[name], int(number)
    if one.kind != "rows":
        return Told(Sentence(SAME).said(language), one.id)
    row = one.rows[index] if index < len(one.rows) else None
    first = row.fields[0].id if row and row.fields else one.id
    params = {"row": row.label if row else "", "place": index + 1, "count": len(one.rows)}
    focus = _focus(name, deed, index, len(one.rows), first)
    return Told(Sentence(TEXTS[deed], params).said(language), focus)


def _focus(name: str, deed: str, index: int, count: int, first: str) -> str:
    match deed:
        case "add" | "copy":
            return first
        case "remove":
            return f"undo-{name}"
        case "up":
            return f"{'up' if index else 'down'}-{name}-{index}"
        case "down":
            return f"{'down' if index + 1 < count else 'up'}-{name}-{index}"
        case _:
            return f"f-{name}"
