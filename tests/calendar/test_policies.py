from datetime import UTC, datetime

from tests.calendar.days import YEAR_2027, at
from workflows.calendar.policies import LEGAL, POLICIES, STANDARD, Call, calls

OPENED, DUE = at("2027-04-01"), at("2027-05-11", "16:00")


def test_a_task_reminds_its_holder_five_and_one_working_days_before():
    assert calls(STANDARD, YEAR_2027, opened=OPENED, due=DUE) == (
        Call(at("2027-05-03"), "reminder", "-5wd at 08:00", ("holder",)),
        Call(at("2027-05-10"), "reminder", "-1wd at 08:00", ("holder",)),
    )


def test_only_a_delivery_point_escalates_two_and_ten_working_days_late():
    found = calls(STANDARD, YEAR_2027, opened=OPENED, due=DUE, is_delivery=True)
    assert [(one.key, one.at, one.to) for one in found if one.occasion == "escalation"] == [
        ("E1", at("2027-05-13"), ("manager",)),
        ("E2", at("2027-05-25"), ("central",)),
    ]


def test_a_promised_date_lets_escalation_count_from_it():
    promised = at("2027-05-20", "16:00")
    found = calls(STANDARD, YEAR_2027, opened=OPENED, due=DUE, is_delivery=True, promised=promised)
    assert [one.at for one in found if one.occasion == "escalation"] == [
        at("2027-05-24"),
        at("2027-06-03"),
    ]
    before_due = calls(
        STANDARD, YEAR_2027, opened=OPENED, due=DUE, is_delivery=True, promised=OPENED
    )
    assert before_due == calls(STANDARD, YEAR_2027, opened=OPENED, due=DUE, is_delivery=True)


def test_nobody_is_reminded_before_the_task_is_there():
    found = calls(STANDARD, YEAR_2027, opened=at("2027-05-07"), due=DUE)
    assert [one.at for one in found] == [at("2027-05-10")]


def test_a_standard_reminder_never_falls_on_a_day_off_nor_in_the_quiet_period():
    found = calls(STANDARD, YEAR_2027, opened=OPENED, due=at("2027-08-03", "16:00"))
    assert [one.at for one in found] == [at("2027-06-24"), at("2027-08-02")]


def test_a_legal_clock_calls_at_shares_of_its_time_at_any_hour_and_on_expiry():
    opened = datetime(2027, 3, 26, 15, 30, tzinfo=UTC)
    due = datetime(2027, 3, 29, 15, 30, tzinfo=UTC)
    found = calls(LEGAL, YEAR_2027, opened=opened, due=due, is_delivery=True)
    assert [(one.key, one.at) for one in found] == [
        ("50%", datetime(2027, 3, 28, 3, 30, tzinfo=UTC)),
        ("75%", datetime(2027, 3, 28, 21, 30, tzinfo=UTC)),
        ("90%", datetime(2027, 3, 29, 8, 18, tzinfo=UTC)),
        ("100%", due),
    ]
    assert {one.to for one in found} == {("holder", "deputy", "duty_officer")}


def test_a_due_date_at_the_end_of_the_known_years_still_reminds():
    due = datetime(2100, 12, 30, 15, tzinfo=UTC)
    found = calls(STANDARD, YEAR_2027, opened=OPENED, due=due, is_delivery=True)
    assert [one.key for one in found] == ["-5wd at 08:00", "-1wd at 08:00"]


def test_policies_are_found_by_their_code():
    assert POLICIES == {"std": STANDARD, "legal": LEGAL}
