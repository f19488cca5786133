"""What people can change in a calendar, worked out as edits before anything is written.

Nothing here moves a date that law has set, or makes a year whose dates cannot be right.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workflows.calendar.consistency import Problem, problems
from workflows.calendar.meetings import Meeting, draft_meetings
from workflows.calendar.milestones import Milestone
from workflows.calendar.profiles import Profile, draft_year
from workflows.calendar.workdays import FIRST_YEAR, LAST_YEAR
from workflows.errors import Conflict, Forbidden, Invalid, NotFound
from workflows.organisation.models import UnitKind
from workflows.steering.book import Book, Lineage
from workflows.steering.values import Change, ClosedDay, Edit, Habits, Value, key_of

LONGEST_QUIET = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Desk:
    """The calendar of one unit as it lies before whoever changes it."""

    book: Book
    lineage: Lineage
    year: int

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise NotFound

    @property
    def unit_id(self) -> int:
        return self.lineage[0][0]

    @property
    def is_citys(self) -> bool:
        return len(self.lineage) == 1

    @property
    def milestones(self) -> dict[str, Milestone]:
        """The year's milestones that hold here, by code."""
        laid = self.book.calendar(self.lineage, self.year).milestones
        return {one.code: one for one in laid if one.year == self.year}

    def sets(self, code: str) -> bool:
        """Tell whether the unit itself has set a milestone of the year."""
        own = self.book.milestones(self.unit_id)
        return any((one.code, one.year) == (code, self.year) for one in own)

    @property
    def can_be_drafted(self) -> bool:
        """Tell whether there is something of the year to draft from the one before."""
        try:
            draft(self)
        except (Conflict, Invalid):
            return False
        return True

    @property
    def own_closed_days(self) -> frozenset[date]:
        return frozenset(one.on for one in self.book.closed_days(self.unit_id))


def set_milestone(
    desk: Desk, code: str, *, on: date | None, exists: bool = True, confirmed: bool = False
) -> Change:
    """Give a milestone another date, none yet, or say that it does not exist here.

    :raises Forbidden: if law or the year itself has set it
    :raises Invalid: if the year cannot be right with it; `problems` says what
    """
    base = _movable(desk, code)
    new = replace(
        base, on=on if exists else None, exists=exists, confirmed=confirmed and on is not None
    )
    if new == base and (base.own or desk.is_citys):
        raise Conflict("nothing_changed")
    kind = "confirmed" if replace(new, confirmed=base.confirmed) == base else "milestone"
    return _changed(desk, kind, _with_year(desk, replace(new, own=False)))


def confirm(desk: Desk, code: str) -> Change:
    """Say that a milestone's date is decided.

    :raises Conflict: if it has no date
    """
    base = _movable(desk, code)
    if base.on is None:
        raise Conflict("milestone_undated", milestone=code)
    return set_milestone(desk, code, on=base.on, confirmed=True)


def follow_city(desk: Desk, code: str) -> Change:
    """Take the unit's own date of a milestone away, so that the city's holds again.

    :raises Conflict: if the unit has no date of its own
    """
    own = {one.code: one for one in desk.book.milestones(desk.unit_id) if one.year == desk.year}
    if desk.is_citys or code not in own:
        raise Conflict("no_own_date", milestone=code)
    return _changed(desk, "milestone", [Edit(desk.unit_id, own[code], None)])


def set_meetings(desk: Desk, held: Iterable[Meeting]) -> Change:
    """Let `held` be all meetings of the years they are in, as a file of them is read.

    :raises Invalid: if there are none, or their dates cannot be right
    """
    new = list(held)
    years = {one.on.year for one in new}
    if not years <= set(range(FIRST_YEAR, LAST_YEAR + 1)):
        raise Invalid("out_of_range")
    old = [one for one in desk.book.meetings(desk.unit_id) if one.on.year in years]
    return _changed(desk, "meetings", _replaced(desk, old, new))


def set_meeting(desk: Desk, meeting: Meeting, *, instead_of: date | None = None) -> Change:
    """Add a meeting, or change the one on the day `instead_of`.

    :raises Conflict: if there is one that day already
    :raises Invalid: if its dates cannot be right
    """
    held = {one.on: one for one in desk.book.meetings(desk.unit_id)}
    if meeting.on != instead_of and meeting.on in held:
        raise Conflict("meeting_exists", meeting=meeting.on)
    old = [_found(held, instead_of)] if instead_of else []
    return _changed(desk, "meetings", _replaced(desk, old, [meeting]))


def cancel_meeting(desk: Desk, on: date) -> Change:
    """Take a meeting away."""
    held = {one.on: one for one in desk.book.meetings(desk.unit_id)}
    return _changed(desk, "meetings", [Edit(desk.unit_id, _found(held, on), None)])


def close_day(desk: Desk, on: date, name: str) -> Change:
    """Say that nobody works here on a day, and what it is called.

    :raises Invalid: if it has no name
    """
    if not name.strip():
        raise Invalid("name_missing")
    new = ClosedDay(on, name.strip())
    old = [one for one in desk.book.closed_days(desk.unit_id) if one.on == on]
    return _changed(desk, "closed_days", _replaced(desk, old, [new]))


def open_day(desk: Desk, on: date) -> Change:
    """Say that people work here again on a day that was closed."""
    closed = {one.on: one for one in desk.book.closed_days(desk.unit_id)}
    return _changed(desk, "closed_days", [Edit(desk.unit_id, _found(closed, on), None)])


def set_habits(desk: Desk, habits: Habits) -> Change:
    """Say how the unit keeps its year: quiet period, squeeze days, days around meetings.

    :raises Invalid: if the quiet period is longer than a quarter: somebody must work at some time
    """
    if habits.quiet_days:
        first, last = (date(2000, *half) for half in habits.quiet_days)
        if last - first > LONGEST_QUIET:
            raise Invalid("quiet_period_too_long")
    old = desk.book.habits(desk.unit_id)
    before = None if old == Habits() else old
    after = None if habits == Habits() else habits
    edits = [Edit(desk.unit_id, before, after)] if before or after else []
    return _changed(desk, "habits", edits)


def draft(desk: Desk) -> Change:
    """Draft the year from the one before, to be confirmed date by date: the city's milestones, or
    the unit's own, and the meetings.

    :raises Conflict: if the year is there already, or there is nothing to draft from
    """
    last = [one for one in desk.book.milestones(desk.unit_id) if one.year == desk.year - 1]
    had = {one.code for one in last}
    if desk.is_citys:
        last = list(Desk(desk.book, desk.lineage, desk.year - 1).milestones.values())
    drafted: list[Value] = []
    if not desk.book.has_year(desk.unit_id, desk.year):
        is_company = desk.lineage[0][1] is UnitKind.COMPANY
        profile = Profile.COMPANY if is_company else desk.book.profile(desk.lineage)
        made = draft_year(last, desk.year, profile)
        drafted += [one for one in made if desk.is_citys or one.code in had]
    held = desk.book.meetings(desk.unit_id)
    if not any(one.on.year == desk.year for one in held):
        drafted += draft_meetings(one for one in held if one.on.year == desk.year - 1)
    if not drafted:
        raise Conflict("year_exists", year=str(desk.year))
    return _changed(desk, "year", [Edit(desk.unit_id, None, one) for one in drafted])


def undone(change: Change) -> Change:
    """Turn a change round."""
    edits = tuple(edit.reverse for edit in reversed(change.edits))
    return Change("undone", change.unit_id, change.year, edits)


def must_stand(book: Book, change: Change) -> None:
    """Refuse a change of rows that have become others since it was worked out.

    :raises Conflict: if one has
    """
    if any(book.rows.get(edit.key) != edit.old for edit in change.edits):
        raise Conflict("calendar_overtaken")


def _movable(desk: Desk, code: str) -> Milestone:
    base = desk.milestones.get(code)
    if base is None:
        raise NotFound
    if not base.is_movable:
        raise Forbidden("milestone_fixed", milestone=code)
    return base


def _with_year(desk: Desk, new: Milestone) -> list[Edit]:
    """Edit one milestone; the first one the city sets makes the whole of its year data."""
    old = desk.book.rows.get(key_of(desk.unit_id, new))
    if old or not desk.is_citys:
        return [Edit(desk.unit_id, old, new)]
    year = desk.milestones | {new.code: new}
    return [Edit(desk.unit_id, None, replace(one, own=False)) for one in year.values()]


def _replaced(desk: Desk, old: Iterable[Value], new: Iterable[Value]) -> list[Edit]:
    before = {key_of(desk.unit_id, one): one for one in old}
    after = {key_of(desk.unit_id, one): one for one in new}
    return [
        Edit(desk.unit_id, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
    ]


def _found(held: Mapping[date, Value], on: date) -> Value:
    if on not in held:
        raise NotFound
    return held[on]


def _changed(desk: Desk, kind: str, edits: Iterable[Edit]) -> Change:
    """Make the change, if it changes something and leaves a calendar that can be right."""
    change = Change(
        kind, desk.unit_id, desk.year, tuple(edit for edit in edits if edit.old != edit.new)
    )
    if not change.edits:
        raise Conflict("nothing_changed")
    if wrong := tuple(_new_problems(desk, change)):
        raise Invalid("calendar_wrong", problems=wrong)
    return change


def _new_problems(desk: Desk, change: Change) -> Iterator[Problem]:
    before = desk.book.calendar(desk.lineage, desk.year)
    after = desk.book.changed(change.edits).calendar(desk.lineage, desk.year)
    days = {edit.new.on for edit in change.edits if isinstance(edit.new, Meeting)}
    for year in sorted({desk.year, *(day.year for day in days)}):
        known = problems(before, year)
        for problem in problems(after, year):
            if not problem.is_warning and problem not in known and problem.code != "no_calendar":
                yield problem
