from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendar.days import on
from workflows.calendar.consistency import problems
from workflows.calendar.milestones import Kind, Milestone, moved
from workflows.calendar.profiles import (
    AT_BOARD,
    CODES,
    Profile,
    draft_year,
    is_election_year,
    is_first_year,
    standard_year,
)
from workflows.calendar.workdays import ClosedDays, same_weekday
from workflows.calendar.years import standard_calendar


def dates(year: int, profile: Profile = Profile.LARGE_CITY) -> dict[str, str | None]:
    return {
        one.code: one.on.isoformat() if one.on else None for one in standard_year(year, profile)
    }


def test_the_large_citys_common_year_has_the_dates_of_the_reference():
    assert dates(2027) == {
        "YEAR_START": "2027-01-01",
        "VB": "2027-02-10",
        "LST_FOLLOWUP": "2027-02-15",
        "AVST": "2027-03-01",
        "AR_SUBMIT": "2027-04-15",
        "T1_END": "2027-04-30",
        "AR_KF": "2027-05-03",
        "T1": "2027-05-25",
        "T1_KS": "2027-06-15",
        "T2_END": "2027-08-31",
        "T2": "2027-09-25",
        "BUDGET_KS": "2027-10-31",
        "INTERIM_DUE": "2027-10-31",
        "RSA_CITY": "2027-10-31",
        "T2_KF": "2027-11-29",
        "BUDGET_KF": "2027-11-30",
        "VP": "2027-12-15",
        "STYREL": None,
    }


def test_movable_mondays_match_what_the_council_did():
    assert dates(2025)["AR_KF"] == "2025-05-05"
    assert dates(2020)["AVST"] == "2020-03-02"
    assert dates(2011)["T2_KF"] == "2011-11-28"


def test_elections_come_every_fourth_year_and_move_budget_and_plan():
    assert [year for year in range(2020, 2032) if is_election_year(year)] == [2022, 2026, 2030]
    assert [year for year in range(2020, 2032) if is_first_year(year)] == [2023, 2027, 2031]
    assert dates(2026)["BUDGET_KF"] == "2026-12-31"
    assert dates(2026)["VP"] == "2027-01-31"


def test_the_city_wide_analysis_is_due_in_the_first_year_of_a_mandate_only():
    for year in range(2022, 2030):
        found = {one.code: one for one in standard_year(year)}["RSA_CITY"]
        assert found.exists is (year in (2023, 2027))


def test_nothing_in_a_new_year_is_confirmed_and_only_law_is_law():
    year = standard_year(2027)
    assert not any(one.confirmed for one in year)
    assert {one.code for one in year if one.kind is Kind.LEGAL} == {
        "LST_FOLLOWUP",
        "AR_SUBMIT",
        "INTERIM_DUE",
        "RSA_CITY",
    }


def test_every_profile_names_every_milestone_so_that_a_rule_finds_it_or_finds_it_absent():
    for profile in Profile:
        assert tuple(one.code for one in standard_year(2027, profile)) == CODES
    assert set(CODES) >= AT_BOARD


def test_a_small_municipality_has_no_first_tertial_and_a_budget_in_june():
    small = dates(2027, Profile.SMALL_MUNICIPALITY)
    assert small["T1"] is None
    assert small["T1_END"] is None
    assert small["BUDGET_KF"] == "2027-06-20"
    assert small["T2"] == "2027-09-25"


def test_a_municipality_lets_the_new_council_decide_the_budget_in_november():
    assert dates(2025, Profile.MUNICIPALITY)["BUDGET_KF"] == "2025-06-20"
    assert dates(2026, Profile.MUNICIPALITY)["BUDGET_KF"] == "2026-11-30"


def test_a_company_plans_in_december_whatever_the_election_and_owes_the_council_nothing():
    company = dates(2026, Profile.COMPANY)
    assert company["VP"] == "2026-12-15"
    assert company["T1"] == "2026-05-25"
    assert company["BUDGET_KF"] is None
    assert company["RSA_CITY"] is None


@pytest.mark.parametrize("profile", Profile)
def test_every_year_made_by_rule_is_consistent(profile: Profile):
    for year in range(2020, 2040):
        assert problems(standard_calendar(year, profile), year) == ()


@pytest.mark.parametrize(
    ("rule", "legal", "expected"),
    [
        (Kind.INTERNAL, False, "2027-10-29"),
        (Kind.INTERNAL, True, "2027-10-29"),
        (Kind.LEGAL, False, "2027-10-29"),
        (Kind.LEGAL, True, "2027-11-01"),
        (Kind.FIXED, False, "2027-10-31"),
        (Kind.FIXED, True, "2027-10-31"),
    ],
)
def test_a_milestone_moves_by_its_own_rule(rule: Kind, legal: bool, expected: str):
    assert moved(on("2027-10-31"), rule, ClosedDays(), legal=legal) == on(expected)


def test_a_decision_a_board_has_put_in_july_stays_there():
    assert moved(on("2027-07-06"), Kind.INTERNAL, ClosedDays(), legal=False) == on("2027-07-06")


def test_a_year_drafted_from_an_untouched_one_is_the_year_by_rule():
    for year in (2026, 2027, 2028):
        assert draft_year(standard_year(year - 1), year) == standard_year(year)


def test_a_drafted_year_keeps_own_weekdays_absences_and_own_milestones_but_no_confirmation():
    last = {one.code: one for one in standard_year(2027)}
    last["T1"] = replace(last["T1"], on=on("2027-05-20"), confirmed=True)
    last["AVST"] = replace(last["AVST"], exists=False, on=None)
    last["STYREL"] = replace(last["STYREL"], exists=True, on=on("2027-09-15"))
    last["RSA_CITY"] = replace(last["RSA_CITY"], on=on("2027-10-29"))
    last["OWN"] = Milestone("OWN", 2027, on("2027-03-10"), basis="instruction", confirmed=True)
    drafted = {one.code: one for one in draft_year(last.values(), 2028)}
    assert drafted["T1"].on == on("2028-05-18")
    assert drafted["T1"].confirmed is False
    assert drafted["AVST"].exists is False
    assert drafted["OWN"] == Milestone("OWN", 2028, on("2028-03-08"), basis="instruction")
    assert drafted["STYREL"].on == on("2028-09-13")
    assert drafted["RSA_CITY"].exists is False
    assert drafted["VB"].on == on("2028-02-10")


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.integers(1, 4))
def test_the_same_weekday_in_a_later_year_is_within_three_days(day: date, years: int):
    later = same_weekday(day, years)
    assert later.weekday() == day.weekday()
    anchor = date(day.year + years, day.month, min(day.day, 28 if day.month == 2 else 31))
    assert abs(later - anchor) <= timedelta(days=4)
