from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendar.days import on
from workflows.calendar.workdays import (
    QUIET,
    SQUEEZE,
    ClosedDays,
    OutOfRange,
    add_workdays,
    holidays_of,
    is_workday,
    skipped_between,
    why_closed,
    workdays_between,
)
from workflows.errors import Invalid

PLAIN = ClosedDays(quiet=None)
JULY_OFF = ClosedDays()
OWN = ClosedDays(
    own=((on("2027-05-12"), "Planeringsdag"), (on("2027-05-15"), "Lördag")), squeeze=True
)
ANY_CALENDAR = st.sampled_from([PLAIN, JULY_OFF, OWN])
ANY_DAY = st.dates(date(1995, 1, 1), date(2095, 12, 31))
ANY_COUNT = st.integers(-300, 300)


def test_easter_and_the_movable_days_of_2027_fall_where_the_church_year_puts_them():
    names = holidays_of(2027)
    assert names[on("2027-03-28")] == "Easter Sunday"
    assert names[on("2027-03-26")] == "Good Friday"
    assert names[on("2027-03-29")] == "Easter Monday"
    assert names[on("2027-05-06")] == "Ascension Day"
    assert names[on("2027-06-25")] == "Midsummer Eve"
    assert names[on("2027-11-06")] == "All Saints' Day"


@pytest.mark.parametrize(
    "eve", ["2026-06-19", "2027-06-25", "2026-12-24", "2027-12-24", "2026-12-31", "2027-12-31"]
)
def test_nobody_works_on_the_eves_that_are_days_off_in_fact(eve: str):
    assert not is_workday(PLAIN, on(eve))


def test_national_day_is_a_day_off_from_2005_and_whit_monday_until_2004():
    assert is_workday(PLAIN, on("2003-06-06"))
    assert not is_workday(PLAIN, on("2005-06-06"))
    assert not is_workday(PLAIN, on("2004-05-31"))
    assert is_workday(PLAIN, on("2005-05-16"))


def test_the_day_of_two_holidays_has_one_name():
    assert holidays_of(2008)[on("2008-05-01")] == "Ascension Day"


def test_every_year_from_1990_to_2100_has_250_working_days_more_or_less():
    lengths = {len(PLAIN.year(year).workdays) for year in range(1990, 2101)}
    assert min(lengths) >= 248
    assert max(lengths) <= 255


@pytest.mark.parametrize("day", ["1989-12-29", "2101-01-03"])
def test_a_year_whose_holidays_nobody_knows_is_refused(day: str):
    with pytest.raises(OutOfRange):
        is_workday(PLAIN, on(day))


def test_counting_past_the_last_known_year_is_refused():
    with pytest.raises(OutOfRange):
        add_workdays(PLAIN, on("2100-12-30"), 5)


def test_a_squeeze_day_is_closed_only_where_the_unit_says_so():
    friday_after_ascension = on("2027-05-07")
    assert is_workday(PLAIN, friday_after_ascension)
    assert not is_workday(ClosedDays(squeeze=True), friday_after_ascension)
    assert why_closed(ClosedDays(squeeze=True), friday_after_ascension) == SQUEEZE


def test_two_weekdays_between_days_off_are_no_squeeze_days():
    assert is_workday(ClosedDays(squeeze=True), on("2026-12-28"))


def test_an_own_closed_day_is_not_counted_and_is_named():
    closed = ClosedDays(own=((on("2027-05-12"), "Planeringsdag"),))
    assert add_workdays(closed, on("2027-05-11"), 1) == on("2027-05-13")
    assert [one.name for one in skipped_between(closed, on("2027-05-11"), on("2027-05-13"))] == [
        "Planeringsdag"
    ]


def test_the_quiet_period_closes_its_days_both_ways_and_is_named_once():
    assert add_workdays(JULY_OFF, on("2027-06-30"), 1) == on("2027-08-02")
    assert add_workdays(JULY_OFF, on("2027-08-02"), -1) == on("2027-06-30")
    named = skipped_between(JULY_OFF, on("2027-06-30"), on("2027-08-02"))
    assert [(one.name, one.on, one.until) for one in named] == [
        (QUIET, on("2027-07-01"), on("2027-07-31"))
    ]


def test_a_quiet_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(Invalid) as refused:
        ClosedDays(quiet=((12, 20), (1, 6)))
    assert refused.value.code == "quiet_period_order"


def test_a_holiday_between_two_others_keeps_its_name_where_squeeze_days_are_closed():
    assert why_closed(ClosedDays(squeeze=True), on("2026-12-25")) == "Christmas Day"


def test_the_days_one_counts_between_are_not_among_those_skipped():
    assert skipped_between(PLAIN, on("2027-05-06"), on("2027-05-07")) == ()
    assert skipped_between(PLAIN, on("2027-05-05"), on("2027-05-06")) == ()


def test_a_count_that_begins_in_the_quiet_period_names_it():
    named = skipped_between(JULY_OFF, on("2027-07-10"), on("2027-08-02"))
    assert [one.name for one in named] == [QUIET]


def test_weekends_go_unsaid_and_holidays_on_weekends_too():
    assert skipped_between(PLAIN, on("2027-05-14"), on("2027-05-17")) == ()


@given(ANY_CALENDAR, ANY_DAY, ANY_COUNT)
def test_counting_back_what_was_added_gives_the_number_added(
    closed: ClosedDays, day: date, count: int
):
    assert workdays_between(closed, day, add_workdays(closed, day, count)) == count


@given(ANY_CALENDAR, ANY_DAY, ANY_COUNT)
def test_adding_lands_on_a_working_day_and_a_working_day_comes_back(
    closed: ClosedDays, day: date, count: int
):
    there = add_workdays(closed, day, count)
    assert count == 0 or is_workday(closed, there)
    if is_workday(closed, day):
        assert add_workdays(closed, there, -count) == day


@given(ANY_CALENDAR, ANY_DAY, st.integers(0, 30), ANY_COUNT)
def test_a_later_day_never_gives_an_earlier_one(
    closed: ClosedDays, day: date, later: int, count: int
):
    assert add_workdays(closed, day, count) <= add_workdays(
        closed, day + timedelta(days=later), count
    )


@given(ANY_CALENDAR, ANY_DAY, st.integers(0, 200))
def test_counting_agrees_with_looking_at_every_day(closed: ClosedDays, day: date, length: int):
    end = day + timedelta(days=length)
    every = [day + timedelta(days=step) for step in range(1, length + 1)]
    assert workdays_between(closed, day, end) == sum(is_workday(closed, one) for one in every)
    assert workdays_between(closed, end, day) == -sum(
        is_workday(closed, one - timedelta(days=1)) for one in every
    )
