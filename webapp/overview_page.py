"""The overview in the reader's words: what each cell says, by letter and in full."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from webapp import clock
from webapp.format import language
from workflows.cases.models import CaseState
from workflows.language import N_, Sentence, counted, local, on, short_day, translator
from workflows.organisation.models import UnitKind
from workflows.queries.overview import Before, Cell, Column, Overview, Row, State

KINDS = {
    UnitKind.CITY: N_("The city"),
    UnitKind.BOARD: N_("Boards"),
    UnitKind.DISTRICT_BOARD: N_("District boards"),
    UnitKind.COMPANY: N_("Companies"),
    UnitKind.OFFICE: N_("Offices"),
}
WORDS = {
    State.DONE: N_("Done"),
    State.OPEN: N_("Under way"),
    State.PROMISED: N_("Promised"),
    State.HELP: N_("Needs support"),
    State.SILENT: N_("No word"),
    State.PLANNED: N_("Not opened"),
    State.CLOSED: N_("Not needed"),
}
RESTS = {
    CaseState.CANCELLED: N_("Cancelled"),
    CaseState.SUSPENDED: N_("Rests"),
    CaseState.STOPPED: N_("Stands still"),
    CaseState.FINISHED: N_("Finished"),
}


def letters() -> dict[State, str]:
    """The sign of each state: a letter, and so small a mark as may be for what is not there."""
    words = translator(language())
    return {
        State.DONE: words.pgettext("letter of a state", "D"),
        State.OPEN: words.pgettext("letter of a state", "U"),
        State.PROMISED: words.pgettext("letter of a state", "P"),
        State.HELP: words.pgettext("letter of a state", "S"),
        State.SILENT: words.pgettext("letter of a state", "N"),
        State.PLANNED: "·",
        State.CLOSED: "–",
    }


def word(state: State) -> str:
    return translator(language()).gettext(WORDS[state])


def step(column: Column) -> str:
    return column.names.get(language()) or column.names.get("sv") or column.element


def groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Some rows under the headings of the organisation."""
    for kind, heading in KINDS.items():
        if of_kind := [row for row in rows if row.unit.kind is kind]:
            yield translator(language()).gettext(heading), of_kind


def lead(found: Overview) -> str:
    """Say in a sentence or two how it stands."""
    count = len(found.rows)
    if not any(row.case_id for row in found.rows):
        return Sentence(N_("Nothing has begun yet.")).said(language())
    said = [Sentence(N_("{done} of {count} are through."), {"done": found.is_over, "count": count})]
    if silent := found.count(State.SILENT):
        said.append(
            counted(
                silent,
                "{count} is late with a step and has given no word.",
                "{count} are late with a step and have given no word.",
            )
        )
    if help_needed := found.count(State.HELP):
        said.append(counted(help_needed, "{count} needs support.", "{count} need support."))
    return " ".join(one.said(language()) for one in said)


def said(cell: Cell) -> str:
    """Say all that a cell knows: the state, its date, and what somebody said of it."""
    if cell.state is State.DONE and cell.closed_at:
        return _closed(Before(cell.due_at, cell.closed_at))
    words = translator(language()).gettext
    parts = [words(WORDS[cell.state])]
    if cell.words.until:
        by = N_("asks for time until {day}") if cell.words.asks_for_time else N_("by {day}")
        parts.append(words(by).format(day=_day(cell.words.until)))
    elif cell.due_at:
        due = N_("was due {day}") if cell.due_at < clock.now() else N_("due {day}")
        parts.append(words(due).format(day=_day(cell.due_at)))
    if cell.tasks > 1:
        of = words(N_("{done} of {count} done"))
        parts.append(of.format(done=cell.done, count=cell.tasks))
    if cell.words.asked_at:
        parts.append(words(N_("asked {day}")).format(day=_day(cell.words.asked_at)))
    return ", ".join(parts)


def last_year(cell: Cell) -> str:
    """Say how the same step went a year earlier; nothing if it was not done."""
    return _closed(cell.before) if cell.before else ""


def last_year_short(cell: Cell) -> str:
    """The same in as few signs as fit a cell: the day, and how many days late."""
    if cell.before is None:
        return ""
    day = local(cell.before.closed_at)
    late = f" +{cell.before.days_late}" if cell.before.days_late else ""
    return f"{day.day}/{day.month}{late}"


def now_said(found: Overview, row: Row, *, brief: bool = False) -> str:
    """Say where a body stands: the step that needs most, else that which is open first; `brief`
    without its name, where the column names it.
    """
    if row.case_id is None:
        return _starts(row.starts_at)
    if row.case_state in RESTS and row.case_state is not CaseState.STOPPED:
        return translator(language()).gettext(RESTS[row.case_state])
    order = [State.HELP, State.SILENT, State.PROMISED, State.OPEN]
    standing = [
        (order.index(cell.state), number)
        for number, cell in enumerate(row.cells)
        if cell.state in order
    ]
    if not standing:
        rests = row.case_state is CaseState.STOPPED
        return translator(language()).gettext(
            N_("Stands still") if rests else N_("Waits for its time")
        )
    number = min(standing)[1]
    told = said(row.cells[number])
    return told if brief else f"{step(found.columns[number])}: {told[:1].lower()}{told[1:]}"


def done_of(found: Overview, number: int) -> int:
    """Count the bodies that are done with a step."""
    return sum(row.cells[number].state is State.DONE for row in found.rows)


def to_ask(found: Overview, number: int) -> int:
    """Count the bodies that may be asked about a step."""
    return sum(bool(row.cells[number].to_ask) for row in found.rows if row.may_nudge)


def to_follow(found: Overview, rows: Iterable[Row]) -> list[tuple[Row, Column, Cell]]:
    """List the steps of some rows to follow up, those that ask for support first, then body by
    body."""
    follow = [
        (row, column, cell)
        for row in rows
        for column, cell in zip(found.columns, row.cells, strict=True)
        if cell.state in (State.HELP, State.SILENT)
    ]
    return sorted(follow, key=lambda one: one[2].state is not State.HELP)


def tally(row: Row) -> str:
    """Say how many steps stand how, for those who do not see the strip."""
    states = [cell.state for cell in row.cells]
    return ", ".join(f"{word(one)}: {states.count(one)}" for one in State if one in states)


def _starts(at: datetime | None) -> str:
    if at is None:
        return Sentence(N_("Not begun")).said(language())
    return Sentence(N_("Begins {day}"), {"day": _day(at)}).said(language())


def _closed(one: Before) -> str:
    words, day = translator(language()).gettext, _day(one.closed_at)
    if not one.days_late:
        return words(N_("Done {day}")).format(day=day)
    late = counted(one.days_late, "one day late", "{count} days late").said(language())
    return words(N_("Done {day}, {late}")).format(day=day, late=late)


def _day(when: date) -> str:
    return short_day(on(when), language(), today=on(clock.now()))


def table(found: Overview) -> tuple[list[str], list[list[str]]]:
    """The matrix as a file: what every cell says, and what it was a year earlier."""
    words = translator(language()).gettext
    header = [words(N_("Unit")), words(N_("Which one")), words(N_("Right now"))]
    for column in found.columns:
        header += [step(column), f"{step(column)} ({found.year - 1})"]
    rows = [
        [
            row.unit.name,
            row.occasion,
            now_said(found, row),
            *(text for cell in row.cells for text in (said(cell), last_year(cell))),
        ]
        for row in found.rows
    ]
    return header, rows
