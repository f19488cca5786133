from datetime import date

import pytest

from workflows.calendar.meetings import Meeting
from workflows.calendar.profiles import standard_year
from workflows.errors import Conflict, Invalid, NotFound
from workflows.organisation.models import UnitKind
from workflows.steering import changes
from workflows.steering.book import Book
from workflows.steering.changes import Desk
from workflows.steering.values import Habits, key_of

CITY = ((1, UnitKind.CITY),)
BOARD = ((2, UnitKind.BOARD), *CITY)


def desk(*rows, lineage=CITY, year=2027):
    return Desk(Book({key_of(unit, value): value for unit, value in rows}), lineage, year)


def year_of(number, unit=1):
    return [(unit, one) for one in standard_year(number)]


def test_the_first_date_the_city_sets_makes_the_whole_of_its_year():
    change = changes.set_milestone(desk(), "T1", on=date(2027, 5, 27))
    assert len(change.edits) == 18
    later = changes.set_milestone(desk(*year_of(2027)), "T1", on=date(2027, 5, 27))
    assert len(later.edits) == 1


def test_a_unit_sets_only_its_own_date():
    change = changes.set_milestone(desk(lineage=BOARD), "T1", on=date(2027, 5, 27))
    (edit,) = change.edits
    assert (edit.unit_id, edit.new.on) == (2, date(2027, 5, 27))


@pytest.mark.parametrize("on", [date(2027, 12, 24), date(2026, 5, 1), date(2027, 4, 20)])
def test_a_date_in_an_impossible_order_or_year_is_refused_with_the_reason(on):
    with pytest.raises(Invalid) as refused:
        changes.set_milestone(desk(), "T1", on=on)
    assert refused.value.problems


def test_setting_what_already_stands_is_refused():
    with pytest.raises(Conflict, match="nothing_changed"):
        changes.set_milestone(desk(), "T1", on=date(2027, 5, 25))


def test_a_quiet_period_leaves_some_of_the_year_to_work_in():
    with pytest.raises(Invalid, match="quiet_period_too_long"):
        changes.set_habits(desk(), Habits(quiet="01-01/12-31"))


def test_an_unknown_milestone_is_not_found():
    with pytest.raises(NotFound):
        changes.set_milestone(desk(), "T9", on=date(2027, 5, 25))


def test_a_milestone_without_a_date_cannot_be_confirmed():
    with pytest.raises(Conflict, match="milestone_undated"):
        changes.confirm(desk(), "STYREL")


def test_a_unit_goes_back_to_the_citys_date_only_if_it_has_one_of_its_own():
    with pytest.raises(Conflict, match="no_own_date"):
        changes.follow_city(desk(lineage=BOARD), "T1")


def test_a_new_year_is_drafted_from_the_last_and_none_of_it_is_confirmed():
    made = changes.draft(desk(*year_of(2027), year=2028))
    assert {edit.new.year for edit in made.edits} == {2028}
    assert not any(edit.new.confirmed for edit in made.edits)
    with pytest.raises(Conflict, match="year_exists"):
        changes.draft(desk(*year_of(2027)))


def test_a_units_year_is_drafted_from_its_own_dates_and_meetings():
    t1 = standard_year(2027)[7]
    had = desk((2, t1), (2, Meeting(date(2027, 5, 20))), lineage=BOARD, year=2028)
    drafted = [edit.new for edit in changes.draft(had).edits]
    assert [one.on for one in drafted] == [date(2028, 5, 25), date(2028, 5, 18)]
    with pytest.raises(Conflict, match="year_exists"):
        changes.draft(desk(lineage=BOARD, year=2028))


def test_a_file_of_meetings_takes_the_place_of_its_years_and_no_others():
    had = desk((2, Meeting(date(2026, 5, 20))), (2, Meeting(date(2027, 5, 20))), lineage=BOARD)
    change = changes.set_meetings(had, [Meeting(date(2027, 5, 27))])
    after = had.book.changed(change.edits)
    assert [one.on for one in after.meetings(2)] == [date(2026, 5, 20), date(2027, 5, 27)]


def test_a_meeting_whose_papers_go_out_after_it_is_refused():
    wrong = Meeting(date(2027, 5, 20), documents_out=date(2027, 5, 21))
    with pytest.raises(Invalid) as refused:
        changes.set_meeting(desk(lineage=BOARD), wrong)
    assert refused.value.problems[0].code == "meeting_dates_order"


def test_a_closed_day_has_a_name():
    with pytest.raises(Invalid, match="name_missing"):
        changes.close_day(desk(), date(2027, 5, 18), "  ")


def test_a_quiet_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(Invalid, match="quiet_period_order"):
        changes.set_habits(desk(), Habits(quiet="08-01/07-01"))


@pytest.mark.parametrize("year", [1989, 2101])
def test_years_beyond_the_rules_have_no_calendar(year):
    with pytest.raises(NotFound):
        desk(year=year)
