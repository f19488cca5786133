"""Every date of the domain reference that was worked out by hand for 2027."""

from datetime import UTC, datetime

import pytest

from tests.calendar.days import YEAR_2027, at, day, due
from workflows.calendar.milestones import moved
from workflows.calendar.workdays import workday_on_or_before


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("VB + 1wd", "2027-02-11"),
        ("VB - 25wd", "2027-01-05"),
        ("VB - 10wd", "2027-01-27"),
        ("T1 - 10wd", "2027-05-11"),
        ("T1 - 18wd", "2027-04-28"),
        ("T1 - 25wd", "2027-04-19"),
        ("T2", "2027-09-24"),
        ("T2 - 10wd", "2027-09-10"),
        ("T2 - 15wd", "2027-09-03"),
        ("T2 - 18wd", "2027-08-31"),
        ("T2 - 20wd", "2027-08-27"),
        ("T2 - 25wd", "2027-08-20"),
        ("VP - 5wd", "2027-12-08"),
        ("VP - 20wd", "2027-11-17"),
        ("VP - 60wd", "2027-09-22"),
        ("LST_FOLLOWUP", "2027-02-15"),
        ("T2 + 20wd", "2027-10-22"),
        # The situation picture goes out 25 working days after the period's end.
        ("T1_END + 25wd", "2027-06-07"),
        ("T2_END + 25wd", "2027-10-05"),
        # Action owners are not asked before the period is over.
        ("max(T1_END + 1wd, T1 - 18wd)", "2027-05-03"),
        ("max(T2_END + 1wd, T2 - 18wd)", "2027-09-01"),
        ("max(T1_END + 3wd, T1 - 14wd)", "2027-05-05"),
        ("max(T2_END + 3wd, T2 - 14wd)", "2027-09-06"),
    ],
)
def test_internal_dates_of_2027(rule: str, expected: str):
    assert day(rule) == expected


@pytest.mark.parametrize("code", ["RSA_CITY", "INTERIM_DUE"])
def test_a_legal_date_on_a_sunday_is_prepared_by_friday_and_late_from_tuesday(code: str):
    assert day(code) == "2027-10-29"
    assert due(code, legal=True).isoformat() == "2027-11-01T23:59:00+01:00"


def test_a_legal_date_on_a_working_day_does_not_move():
    assert day("LST_FOLLOWUP", legal=True) == "2027-02-15"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("case.exercise_day - 40wd", "2027-02-15"),
        ("case.exercise_day - 20wd", "2027-03-15"),
        ("case.exercise_day + 30wd", "2027-05-27"),
    ],
)
def test_an_exercise_is_planned_back_from_its_day(rule: str, expected: str):
    assert day(rule, fields={"case": {"exercise_day": "2027-04-14"}}) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("case.reply_by - 20wd", "2027-04-16"), ("case.reply_by - 1wd", "2027-05-14")],
)
def test_a_consultation_is_planned_back_from_its_reply_date(rule: str, expected: str):
    assert day(rule, fields={"case": {"reply_by": "2027-05-17"}}) == expected


@pytest.mark.parametrize(
    ("known_at", "rule", "expected"),
    [
        ("2027-03-26T16:30:00+01:00", "case.known_at + 24h", "2027-03-27T16:30:00+01:00"),
        ("2027-03-26T16:30:00+01:00", "case.known_at + 72h", "2027-03-29T17:30:00+02:00"),
        ("2027-10-29T16:30:00+02:00", "case.known_at + 24h", "2027-10-30T16:30:00+02:00"),
        ("2027-10-29T16:30:00+02:00", "case.known_at + 72h", "2027-11-01T15:30:00+01:00"),
    ],
)
def test_incident_clocks_run_through_weekends_and_clock_changes(
    known_at: str, rule: str, expected: str
):
    found = due(rule, fields={"case": {"known_at": known_at}}, legal=True)
    assert found.isoformat() == expected


def test_a_month_after_the_31st_is_the_last_of_february_moved_to_monday():
    sent = datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert due("+1m", opened=sent, legal=True).isoformat() == "2027-03-01T23:59:00+01:00"
    assert day("+1m", opened=sent) == "2027-02-26"


@pytest.mark.parametrize(
    ("opened", "expected"), [("2027-06-09", "2027-08-23"), ("2027-05-27", "2027-08-10")]
)
def test_july_is_quiet_for_working_days(opened: str, expected: str):
    assert day("+30wd", opened=at(opened)) == expected


def test_july_does_not_hold_back_a_legal_clock():
    assert day("+30wd", opened=at("2027-06-09"), legal=True) == "2027-07-22"


@pytest.mark.parametrize(
    ("rule", "opened"), [("+5w", "2027-06-09"), ("+1m", "2027-06-09"), ("+40d", "2027-06-09")]
)
def test_a_date_that_falls_in_july_moves_to_the_day_before(rule: str, opened: str):
    assert day(rule, opened=at(opened)) == "2027-06-30"


def test_the_second_tertial_of_2027_ends_on_a_saturday_and_is_decided_on_the_friday():
    t2 = YEAR_2027.by_code["T2", 2027]
    assert t2.on is not None
    assert t2.on.isoformat() == "2027-09-25"
    decided = moved(t2.on, t2.kind, YEAR_2027.closed, legal=False)
    assert decided == workday_on_or_before(YEAR_2027.closed, t2.on)
    assert decided.isoformat() == "2027-09-24"
