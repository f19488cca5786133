"""The rows of the calendar as frozen values, and a change as the values before and after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from workflows.calendar.meetings import Meeting, MeetingDays
from workflows.calendar.milestones import Kind, Milestone
from workflows.calendar.workdays import MonthDay
from workflows.steering.models import ClosedDayRow, HabitsRow, MeetingRow, MilestoneRow


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day nobody works here, and what it is called."""

    on: date
    name: str


@dataclass(frozen=True, slots=True)
class Habits:
    """How a unit keeps its year; None where it does as the unit above it."""

    profile: str | None = None
    squeeze: bool | None = None
    quiet: str | None = None
    days: MeetingDays | None = None

    @property
    def quiet_days(self) -> tuple[MonthDay, MonthDay] | None:
        """Give the first and the last day of the quiet period as (month, day)."""
        if not self.quiet:
            return None
        first, last = (date.fromisoformat(f"2000-{half}") for half in self.quiet.split("/"))
        return (first.month, first.day), (last.month, last.day)


Value = Milestone | Meeting | ClosedDay | Habits
Key = tuple[str, int, str]  # what it is, whose, which one

Row = MilestoneRow | MeetingRow | ClosedDayRow | HabitsRow

ROWS: dict[str, type[Row]] = {
    "milestone": MilestoneRow,
    "meeting": MeetingRow,
    "closed_day": ClosedDayRow,
    "habits": HabitsRow,
}
VALUES: dict[str, type[Value]] = {
    "milestone": Milestone,
    "meeting": Meeting,
    "closed_day": ClosedDay,
    "habits": Habits,
}
DATES = ("on", "draft_stop", "chair_prep", "union_coop", "documents_out", "adjusted")
_NAMES = {value: name for name, value in VALUES.items()}
_NOT_STORED = {"own", "assumed"}  # what the calendar itself finds out


def key_of(unit_id: int, value: Value) -> Key:
    """Say which row a value is."""
    which = " ".join(str(one) for one in identity(value).values())
    return _NAMES[type(value)], unit_id, which


def identity(value: Value) -> dict[str, Any]:
    """Give what tells a row from the others of its unit."""
    match value:
        case Milestone():
            return {"year": value.year, "code": value.code}
        case Habits():
            return {}
        case _:
            return {"on": value.on}


@dataclass(frozen=True, slots=True)
class Edit:
    """One row before and after; nothing before: a new row, nothing after: it goes."""

    unit_id: int
    old: Value | None
    new: Value | None

    @property
    def key(self) -> Key:
        value = self.new or self.old
        if value is None:
            raise ValueError("an edit with neither a before nor an after")
        return key_of(self.unit_id, value)

    @property
    def is_nothing(self) -> bool:
        """Tell whether people see no difference."""
        return self.old == self.new

    @property
    def reverse(self) -> "Edit":
        return Edit(self.unit_id, self.new, self.old)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one unit's calendar (the city's, for the city): what people call it, and its
    edits. `kind`: milestone, confirmed, meetings, closed_days, habits, year, undone.
    """

    kind: str
    unit_id: int
    year: int
    edits: tuple[Edit, ...]


def plain(change: Change) -> dict[str, Any]:
    """Write a change as what JSON can hold."""
    return {
        "kind": change.kind,
        "unit_id": change.unit_id,
        "year": change.year,
        "edits": [
            {
                "table": edit.key[0],
                "unit_id": edit.unit_id,
                "old": told(edit.old),
                "new": told(edit.new),
            }
            for edit in change.edits
        ],
    }


def read(stored: Mapping[str, Any]) -> Change:
    """Read what `plain` wrote."""
    return Change(
        stored["kind"],
        stored["unit_id"],
        stored["year"],
        tuple(
            Edit(
                edit["unit_id"],
                _value(edit["table"], edit["old"]),
                _value(edit["table"], edit["new"]),
            )
            for edit in stored["edits"]
        ),
    )


def told(value: Value | None) -> dict[str, Any] | None:
    """Write one value as what JSON can hold."""
    if value is None:
        return None
    return {
        name: one.isoformat() if isinstance(one, date) else one
        for name, one in asdict(value).items()
        if name not in _NOT_STORED
    }


def _value(table: str, stored: Mapping[str, Any] | None) -> Value | None:
    if stored is None:
        return None
    said: dict[str, Any] = {
        name: date.fromisoformat(one) if name in DATES and isinstance(one, str) else one
        for name, one in stored.items()
    }
    if table == "milestone":
        said["kind"] = Kind(said["kind"])
    if table == "habits" and said["days"] is not None:
        said["days"] = MeetingDays(**said["days"])
    made: Value = VALUES[table](**said)
    return made


def columns(value: Value) -> dict[str, Any]:
    """Give what a row of the value holds, by the names of its model."""
    if isinstance(value, Habits):
        said = {name: getattr(value, name) for name in ("profile", "squeeze", "quiet")}
        days = asdict(value.days) if value.days else {one.name: None for one in fields(MeetingDays)}
        return said | days
    return {
        one.name: getattr(value, one.name) for one in fields(value) if one.name not in _NOT_STORED
    }


def from_row(row: Row) -> Value:
    """Give the value of a row."""
    match row:
        case MilestoneRow():
            return Milestone(
                row.code, row.year, row.on, row.kind, row.basis, row.confirmed, row.exists
            )
        case MeetingRow():
            return Meeting(**{name: getattr(row, name) for name in DATES})
        case ClosedDayRow():
            return ClosedDay(row.on, row.name)
        case HabitsRow():
            named = {one.name: getattr(row, one.name) for one in fields(MeetingDays)}
            days = MeetingDays(**named) if row.chair_prep is not None else None
            return Habits(row.profile, row.squeeze, row.quiet, days)
