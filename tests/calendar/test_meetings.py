from dataclasses import replace

import pytest

from tests.calendar.days import YEAR_2027, on
from workflows.calendar.consistency import Problem, problems
from workflows.calendar.meetings import (
    Meeting,
    MeetingDays,
    draft_meetings,
    filled,
    first_to_reach,
)
from workflows.calendar.milestones import Milestone
from workflows.calendar.workdays import ClosedDays
from workflows.calendar.years import Calendar, overlay


def with_meetings(*meetings: Meeting) -> Calendar:
    return Calendar(milestones=YEAR_2027.milestones, meetings=meetings)


def with_own(*own: Milestone) -> Calendar:
    return Calendar(milestones=overlay(YEAR_2027.milestones, own))


def codes(calendar: Calendar) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in problems(calendar, 2027)]


def test_the_dates_around_a_meeting_follow_from_the_bodys_days_and_fall_on_working_days():
    meeting = filled(Meeting(on("2027-05-20")), MeetingDays(), ClosedDays())
    assert meeting == Meeting(
        on("2027-05-20"),
        draft_stop=on("2027-04-29"),
        chair_prep=on("2027-05-05"),  # 6 May is Ascension Day
        union_coop=on("2027-05-10"),
        documents_out=on("2027-05-13"),
        adjusted=on("2027-06-03"),
    )


def test_a_date_of_its_own_stands():
    meeting = filled(
        Meeting(on("2027-05-20"), draft_stop=on("2027-05-01")), MeetingDays(), ClosedDays()
    )
    assert meeting.draft_stop == on("2027-05-01")


def test_the_agenda_is_in_order_and_assumes_meetings_only_in_years_that_have_none():
    agenda = with_meetings(Meeting(on("2027-09-23")), Meeting(on("2027-05-20"))).agenda
    assert [one.on for one in agenda if one.on.year == 2027] == [on("2027-05-20"), on("2027-09-23")]
    assert [one.on for one in agenda if one.on.year == 2028] == [
        on("2028-02-10"),
        on("2028-05-24"),  # the 25th is Ascension Day
        on("2028-09-25"),
        on("2028-12-15"),
    ]
    assert all(one.assumed == (one.on.year != 2027) for one in agenda)


def test_what_is_referred_back_goes_to_the_first_meeting_one_can_still_write_for():
    agenda = with_meetings(Meeting(on("2027-09-23")), Meeting(on("2027-10-21"))).agenda
    reached = first_to_reach(agenda, on("2027-09-10"))
    assert reached is not None
    assert reached.on == on("2027-10-21")
    assert first_to_reach(agenda[:-8], on("2028-09-10")) is None


def test_next_years_meetings_are_drafted_on_the_same_weekdays():
    last = [Meeting(on("2027-05-20"), draft_stop=on("2027-04-20")), Meeting(on("2027-09-23"))]
    assert draft_meetings(last) == (Meeting(on("2028-05-18")), Meeting(on("2028-09-21")))
    assert draft_meetings([Meeting(on("2027-05-20"), assumed=True)]) == ()


def test_a_year_nobody_has_made_a_calendar_for_is_one_problem():
    assert problems(YEAR_2027, 2033) == (Problem("no_calendar", "2033", {"year": 2033}),)


def test_milestones_in_impossible_order_are_named_with_both_dates():
    assert problems(with_own(Milestone("T1", 2027, on("2027-04-20"))), 2027) == (
        Problem(
            "milestone_order",
            "T1",
            {
                "first": "T1_END",
                "second": "T1",
                "before": on("2027-04-30"),
                "after": on("2027-04-20"),
            },
        ),
    )


@pytest.mark.parametrize(
    ("milestone", "code"),
    [
        (Milestone("VB", 2027, on("2026-02-10")), "milestone_outside_year"),
        (Milestone("VP", 2027, on("2028-06-15")), "milestone_outside_year"),
        (Milestone("T1_KS", 2027, None), "milestone_undated"),
        (Milestone("T1_KS", 2027, on("2027-06-19"), confirmed=True), "milestone_on_day_off"),
    ],
)
def test_a_milestone_with_a_date_that_cannot_be_is_pointed_at(milestone: Milestone, code: str):
    assert (code, milestone.code) in codes(with_own(milestone))


def test_a_milestone_that_does_not_exist_is_no_problem():
    assert codes(with_own(Milestone("T1", 2027, None, exists=False))) == []


def test_the_same_milestone_twice_is_a_problem():
    twice = Calendar(milestones=(*YEAR_2027.milestones, YEAR_2027.by_code["VB", 2027]))
    assert codes(twice) == [("milestone_twice", "VB")]


def test_a_meeting_just_after_the_milestone_it_should_decide_is_a_problem():
    meetings = [
        Meeting(on(day))
        for day in ("2027-02-09", "2027-04-27", "2027-05-27", "2027-09-23", "2027-12-14")
    ]
    assert problems(with_meetings(*meetings), 2027) == (
        Problem(
            "meeting_after_milestone",
            "T1",
            {"milestone": "T1", "date": on("2027-05-25"), "meeting": on("2027-05-27")},
            is_warning=True,
        ),
    )
    in_time = [replace(one, on=on("2027-05-20")) if one.on.month == 5 else one for one in meetings]
    assert problems(with_meetings(*in_time), 2027) == ()


@pytest.mark.parametrize(
    ("meeting", "code"),
    [
        (Meeting(on("2027-09-25")), "meeting_on_day_off"),
        (Meeting(on("2027-09-23"), adjusted=on("2027-10-08")), "minutes_too_late"),
        (Meeting(on("2027-09-23"), draft_stop=on("2027-09-20")), "meeting_dates_order"),
        (Meeting(on("2027-09-23"), documents_out=on("2027-09-24")), "meeting_dates_order"),
        (Meeting(on("2027-09-23"), adjusted=on("2027-09-22")), "meeting_dates_order"),
    ],
)
def test_a_meeting_with_dates_that_cannot_be_is_pointed_at(meeting: Meeting, code: str):
    assert (code, meeting.on.isoformat()) in codes(with_meetings(meeting))


def test_two_meetings_on_one_day_are_a_problem():
    twice = with_meetings(Meeting(on("2027-09-23")), Meeting(on("2027-09-23")))
    assert ("meeting_twice", "2027-09-23") in codes(twice)
