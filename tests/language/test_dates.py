"""Days and moments as a Swede and an Englishman read them."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.language import (
    Language,
    clock,
    day,
    day_span,
    deadline,
    local,
    long_day,
    moment,
    near_day,
    near_moment,
    on,
    short_day,
)

SV, EN = Language.SV, Language.EN
TUESDAY = date(2027, 5, 11)
NOON = datetime(2027, 5, 18, 10, 0, tzinfo=UTC)  # 12:00 on the wall in May


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (day(TUESDAY, SV), "tis 11 maj 2027"),
        (day(TUESDAY, EN), "Tue 11 May 2027"),
        (long_day(TUESDAY, SV), "tisdag 11 maj 2027"),
        (long_day(TUESDAY, EN), "Tuesday 11 May 2027"),
        (short_day(date(2027, 9, 3), SV), "3 sep"),
        (short_day(date(2027, 9, 3), EN), "3 Sep"),
        (short_day(TUESDAY, SV, today=date(2026, 12, 1)), "11 maj 2027"),
        (day_span(date(2027, 2, 11), date(2027, 10, 20), SV), "11 feb–20 okt"),
        (day_span(date(2026, 12, 11), date(2027, 1, 20), SV), "11 dec 2026–20 jan 2027"),
        (day_span(TUESDAY, TUESDAY, SV), "11 maj"),
        (near_day(date(2027, 5, 18), SV, today=date(2027, 5, 18)), "i dag"),
        (near_day(date(2027, 5, 19), SV, today=date(2027, 5, 18)), "i morgon"),
        (near_day(date(2027, 5, 17), SV, today=date(2027, 5, 18)), "i går"),
        (near_day(date(2027, 5, 10), SV, today=date(2027, 5, 18)), "mån 10 maj"),
        (near_day(date(2026, 5, 11), EN, today=date(2027, 5, 18)), "Mon 11 May 2026"),
        (deadline(3, SV), "om 3 arbetsdagar"),
        (deadline(1, SV), "om 1 arbetsdag"),
        (deadline(0, SV), "i dag"),
        (deadline(-1, SV), "1 arbetsdag försenad"),
        (deadline(-2, EN), "2 working days late"),
    ],
)
def test_a_day_is_said_as_people_write_it(said, expected):
    assert said == expected


def test_an_instant_is_told_by_the_clock_on_the_wall_in_summer_and_winter():
    assert clock(datetime(2027, 7, 1, 12, 2, tzinfo=UTC)) == "14:02"
    assert clock(datetime(2027, 1, 1, 12, 2, tzinfo=UTC)) == "13:02"
    assert moment(datetime(2027, 5, 11, 12, 2, tzinfo=UTC), SV) == "tis 11 maj 2027 14:02"


def test_an_instant_late_in_the_utc_evening_falls_on_the_next_day_here():
    assert on(datetime(2027, 5, 10, 22, 30, tzinfo=UTC)) == TUESDAY
    assert day(datetime(2027, 5, 10, 22, 30, tzinfo=UTC), SV) == "tis 11 maj 2027"


def test_what_happened_just_now_is_told_as_today():
    assert near_moment(datetime(2027, 5, 18, 7, 2, tzinfo=UTC), SV, now=NOON) == "i dag 09:02"
    assert near_moment(datetime(2027, 5, 17, 22, 2, tzinfo=UTC), SV, now=NOON) == "i dag 00:02"
    assert near_moment(datetime(2027, 5, 17, 20, 2, tzinfo=UTC), SV, now=NOON) == "i går 22:02"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        local(datetime(2027, 5, 11, 12, 0))  # noqa: DTZ001 - the point of the test


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.sampled_from(Language))
def test_two_days_are_never_said_alike(when, language):
    assert all(
        day(one, language) != day(other, language)
        for one, other in pairwise(sorted({when, date(2027, 5, 11), date(2027, 3, 11)}))
    )
