from datetime import date

import pytest

from workflows.calendar.meetings import Meeting, MeetingDays
from workflows.calendar.milestones import Milestone
from workflows.calendar.profiles import Profile, standard_year
from workflows.organisation.models import UnitKind
from workflows.steering.book import Book
from workflows.steering.values import Change, ClosedDay, Edit, Habits, key_of, plain, read

CITY = ((1, UnitKind.CITY),)
BOARD = ((2, UnitKind.BOARD), *CITY)
OFFICE = ((3, UnitKind.OFFICE), *BOARD)
COMPANY = ((4, UnitKind.COMPANY), *CITY)


def book(*rows):
    return Book({key_of(unit_id, value): value for unit_id, value in rows})


def t1(day, year=2027, **more):
    return Milestone("T1", year, day, **more)


def on(calendar, code, year=2027):
    return calendar.by_code[code, year].on


def test_with_nothing_set_the_rules_of_the_profile_hold_and_nothing_is_confirmed():
    calendar = book().calendar(BOARD, 2027)
    assert calendar.years == {2026, 2027, 2028}
    assert calendar.milestones[18:36] == standard_year(2027)
    assert not any(one.confirmed for one in calendar.milestones)


def test_a_year_after_those_set_has_no_calendar_and_one_before_stands_by_rule():
    set_up = book(*((1, one) for one in standard_year(2027)))
    assert set_up.calendar(CITY, 2027).years == {2026, 2027}
    assert set_up.calendar(CITY, 2028).years == {2026, 2027}
    assert set_up.calendar(CITY, 2025).years == {2024, 2025, 2026, 2027}


def test_the_nearest_units_date_wins_and_is_marked_as_its_own():
    own = book((1, t1(date(2027, 5, 20))), (2, t1(date(2027, 5, 27))))
    assert on(own.calendar(CITY, 2027), "T1") == date(2027, 5, 20)
    for lineage in (BOARD, OFFICE):
        found = own.calendar(lineage, 2027).by_code["T1", 2027]
        assert (found.on, found.own) == (date(2027, 5, 27), True)


def test_a_company_plans_by_its_own_rules_and_has_none_of_the_councils_dates():
    calendar = book().calendar(COMPANY, 2026)
    assert on(calendar, "VP", 2026) == date(2026, 12, 15)
    assert calendar.by_code["BUDGET_KF", 2026].exists is False
    assert on(book().calendar(BOARD, 2026), "VP", 2026) == date(2027, 1, 31)


def test_the_profile_of_the_city_decides_the_years_that_stand_by_rule():
    small = book((1, Habits(profile=Profile.SMALL_MUNICIPALITY)))
    assert small.calendar(BOARD, 2027).by_code["T1", 2027].exists is False


def test_a_units_meetings_are_those_of_the_nearest_body_and_never_the_citys():
    held = book((1, Meeting(date(2027, 5, 3))), (2, Meeting(date(2027, 5, 20))))
    assert [one.on for one in held.calendar(OFFICE, 2027).meetings] == [date(2027, 5, 20)]
    assert held.calendar(COMPANY, 2027).meetings == ()
    assert [one.on for one in held.calendar(CITY, 2027).meetings] == [date(2027, 5, 3)]


def test_closed_days_add_up_and_habits_are_taken_from_the_nearest_that_has_any():
    days = MeetingDays(draft_stop=28)
    kept = book(
        (1, ClosedDay(date(2027, 5, 18), "Stadens dag")),
        (2, ClosedDay(date(2027, 5, 19), "Nämndens dag")),
        (1, Habits(quiet="06-28/08-08", squeeze=True)),
        (2, Habits(quiet="", days=days)),
    )
    closed = kept.calendar(OFFICE, 2027).closed
    assert [name for _, name in closed.own] == ["Stadens dag", "Nämndens dag"]
    assert (closed.quiet, closed.squeeze) == (None, True)
    assert kept.calendar(OFFICE, 2027).days == days
    assert kept.calendar(COMPANY, 2027).closed.quiet == ((6, 28), (8, 8))


@pytest.mark.parametrize(
    "value",
    [
        t1(date(2027, 5, 27), confirmed=True),
        t1(None, exists=False),
        Meeting(date(2027, 5, 20), draft_stop=date(2027, 4, 27)),
        ClosedDay(date(2027, 5, 18), "Dag"),
        Habits("kommun", False, "07-01/07-31", MeetingDays(None, 12)),
    ],
)
def test_a_change_is_read_as_it_was_written_and_turned_round(value):
    change = Change("milestone", 1, 2027, (Edit(1, None, value), Edit(2, value, None)))
    assert read(plain(change)) == change
    before = book((2, value))
    after = before.changed(change.edits)
    assert after.rows == {key_of(1, value): value}
    assert after.changed(edit.reverse for edit in change.edits).rows == before.rows
