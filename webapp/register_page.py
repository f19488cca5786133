"""What the pages of registers show: entries in words, in a list, one by one, and taken away."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for

from webapp.format import language
from webapp.pages import number
from workflows import forms
from workflows.forms.telling import Reader
from workflows.language import N_, Sentence, translator
from workflows.queries.registers import Wanted
from workflows.registers import Definition
from workflows.registers.models import Entry, EntryState, Marking, Source

MARKINGS = {
    Marking.OPEN: N_("Not secret"),
    Marking.UNASSESSED: N_("Not assessed"),
    Marking.CRISIS: N_("Secret, OSL 18:13"),
    Marking.DEFENCE: N_("Secret, OSL 15:2"),
    Marking.OTHER: N_("Secret, other ground"),
}
STATES = {
    EntryState.PROPOSED: N_("Proposed"),
    EntryState.APPROVED: N_("Stands"),
    EntryState.SUPERSEDED: N_("Replaced"),
    EntryState.WITHDRAWN: N_("Withdrawn"),
    EntryState.ENDED: N_("Ended"),
}
SOURCES = {
    Source.CASE: N_("A case"),
    Source.IMPORT: N_("Read from a file"),
    Source.HAND: N_("Changed by hand"),
}
SOON = timedelta(days=60)
MARKS = {
    "late": N_("Late"),
    "unowned": N_("Nobody is responsible"),
    "soon": N_("Within 60 days"),
    "waiting": N_("Begun"),
    "planned": N_("Open"),
    "closed": N_("Closed"),
}
CUT = N_("Only the first {count} rows are here. Ask for less at a time.")
NOT_OPEN = N_("Not here because it is not open: {count}")
FEW = 5
AROUND = (N_("Unit"), N_("Year"), N_("Secrecy"), N_("Validity"), N_("Version"))


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in a list."""

    entry: Entry
    url: str
    name: str
    cells: tuple[str, ...]
    status: str
    mark: str  # a key of MARKS
    begins: date | None

    @property
    def is_late(self) -> bool:
        return self.mark == "late"


@dataclass(frozen=True, slots=True)
class Difference:
    """A column of which two versions say different things."""

    label: str
    old: str
    new: str


def lines(register: Definition, entries: Iterable[Entry], *, today: date) -> list[Line]:
    """Say entries as a list shows them."""
    return [
        Line(
            entry=entry,
            url=url_for("registers.show", name=register.id, entry_id=entry.id),
            name=said(register, register.name, entry) or entry.name,
            cells=tuple(said(register, column, entry) for column in register.shown),
            status=said(register, register.status, entry) if register.status else "",
            mark=mark(register, entry, today),
            begins=_day(entry.data.get("start")),
        )
        for entry in entries
    ]


def mark(register: Definition, entry: Entry, today: date) -> str:
    """Say how it stands, the gravest first: late, nobody's, or soon and not begun."""
    is_begun = entry.status != register.initial
    if not entry.is_open:
        return "closed"
    if entry.due_on is not None and entry.due_on < today:
        return "late"
    if register.owner and register.status and not entry.owner:
        return "unowned"
    if entry.due_on is not None and entry.due_on < today + SOON and not is_begun:
        return "soon"
    return "waiting" if is_begun else "planned"


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def said(register: Definition, column: str, entry: Entry) -> str:
    """Say what an entry has in a column."""
    one = register.column(column)
    return Reader(forms.Facts(), language()).words(one, entry.data.get(column)) if one else ""


def heads(register: Definition) -> list[str]:
    """Name the columns that a list of the register shows."""
    return [label(register, column) for column in register.shown]


def label(register: Definition, column: str) -> str:
    one = register.column(column)
    return one.label[language()] if one else column


def answers(register: Definition, entry: Entry) -> forms.FormView:
    """Say everything an entry holds."""
    return forms.read_only(register.form, entry.data, language())


def differences(register: Definition, older: Entry, newer: Entry) -> list[Difference]:
    """Say where two versions differ."""
    found = [
        Difference(
            label(register, one.name), *(said(register, one.name, e) for e in (older, newer))
        )
        for one in register.form.fields
        if older.data.get(one.name) != newer.data.get(one.name)
    ]
    if older.secrecy is not newer.secrecy:
        words = [worded(MARKINGS[each.secrecy]) for each in (older, newer)]
        found.append(Difference(worded(N_("Secrecy")), *words))
    return found


def header(register: Definition) -> list[str]:
    """Name the columns of a file: all that the register has, and what lies around."""
    return [one.label[language()] for one in register.form.fields] + [worded(t) for t in AROUND]


def cells(register: Definition, entry: Entry) -> list[str]:
    """Say an entry as a row of a file; dates so that a spreadsheet can sort them."""
    own = [
        str(entry.data[one.name])
        if one.kind is forms.Kind.DATE and entry.data.get(one.name)
        else said(register, one.name, entry)
        for one in register.form.fields
    ]
    around = (
        entry.unit.name,
        str(entry.year),
        worded(MARKINGS[entry.secrecy]),
        worded(STATES[entry.state]),
        str(entry.number or ""),
    )
    return [*own, *around]


def not_open(count: int) -> list[list[str]]:
    """Say of rows that must not go out of the house only how many they are, and of few not that."""
    said = f"<{FEW}" if count < FEW else str(count)
    return [[Sentence(NOT_OPEN, {"count": said}).said(language())]] if count else []


def wanted(arguments: Mapping[str, str], register: Definition) -> Wanted:
    """Read what is asked for from the address, which can be kept and sent."""
    secrecy = arguments.get("secrecy", "")
    return Wanted(
        unit_id=number(arguments.get("unit", "")),
        status=arguments.get("status", "any_open" if register.status else ""),
        year=number(arguments.get("year", "")),
        owner=arguments.get("owner", "")[:100],
        text=arguments.get("text", "")[:100],
        state=arguments.get("state", "standing"),
        secrecy=Marking(secrecy) if secrecy in tuple(Marking) else None,
        late=arguments.get("late") == "1",
        grade=arguments.get("grade", ""),
        whose=arguments.get("whose", ""),
        sort=arguments.get("sort", "due" if register.due and register.owner else "name"),
    )


def worded(text: str) -> str:
    return translator(language()).gettext(text)


def said_row(register: Definition, values: Mapping[str, object]) -> str:
    """Say a row of a file in one line."""
    reader = Reader(forms.Facts(), language())
    told = [
        reader.words(one, values[one.name])
        for one in register.form.fields
        if values.get(one.name) not in (None, "", [])
    ]
    return " · ".join(told)
