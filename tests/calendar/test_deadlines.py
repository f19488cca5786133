from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendar.days import STOCKHOLM, YEAR_2027, at, because, day, due, on, outcome
from workflows.calendar.because import Reason, Unresolved, are_same, plain, read, stored
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.meetings import Meeting, MeetingDays
from workflows.calendar.milestones import Kind, Milestone
from workflows.calendar.parsing import parse
from workflows.calendar.years import Calendar, overlay
from workflows.canonical import canonical_text
from workflows.canonical import parse as read_json

MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
RULES = st.sampled_from(
    [
        "T1 - 10wd",
        "T2",
        "VP[-1] - 60wd",
        "draft_stop(T2) - 2wd",
        "next_meeting(+10wd)",
        "max(T1_END + 1wd, T1 - 18wd, STYREL)",
        "min(+1m, T1 - 5d)",
        "+5wd",
        "+1m + 3w - 2d",
        "+30h",
        "+2d + 30h",
        "date(07-15)",
        "date(12-24) at 12:00",
        "opened",
        "case.day + case.count wd",
        "case.moment + 72h",
        "RSA_CITY",
    ]
)
DATA = {"case": {"day": "2027-04-14", "count": 7, "moment": "2027-03-26T16:30:00+01:00"}}


def test_a_task_is_due_at_four_and_a_legal_one_before_the_day_is_over():
    assert due("T1").strftime("%H:%M") == "16:00"
    assert due("T1", legal=True).strftime("%H:%M") == "23:59"


def test_a_rule_may_give_its_own_time_of_day():
    assert due("T1 - 1wd at 09:30").isoformat() == "2027-05-24T09:30:00+02:00"
    assert due("LST_FOLLOWUP at 12:00", legal=True).strftime("%H:%M") == "12:00"


def test_whoever_asks_may_set_the_usual_time_of_day():
    found = evaluate(parse("VB + 1wd"), YEAR_2027, 2027, time_of_day=time(6))
    assert isinstance(found, Deadline)
    assert found.due_at == datetime(2027, 2, 11, 5, tzinfo=UTC)


def test_the_answer_is_an_aware_instant_in_utc():
    found = outcome("T1 - 10wd")
    assert isinstance(found, Deadline)
    assert found.due_at == datetime(2027, 5, 11, 14, tzinfo=UTC)
    assert found.due_at.tzinfo is UTC


def test_another_zone_has_its_own_midnight():
    helsinki = Calendar(milestones=YEAR_2027.milestones, zone="Europe/Helsinki")
    assert due("T1", helsinki).isoformat() == "2027-05-25T15:00:00+02:00"


def test_spans_count_from_left_to_right():
    assert day("date(01-31) + 1m + 1d") == "2027-03-01"
    assert day("date(01-31) + 1d + 1m") == "2027-03-01"
    assert day("date(03-31) + 1m + 1d") == "2027-04-30"  # 1 May, a Saturday, moved back
    assert day("date(03-31) + 1m + 1d", legal=True) == "2027-05-03"


def test_the_29th_of_february_is_the_28th_in_a_common_year():
    assert because("date(02-29)").parts[0].on == on("2027-02-28")


def test_hours_are_exact_and_never_moved_even_from_a_date():
    assert due("T2_END + 24h").isoformat() == "2027-09-01T16:00:00+02:00"
    saturday = due("+24h", opened=at("2027-05-14", "10:00"))
    assert saturday.isoformat() == "2027-05-15T10:00:00+02:00"


def test_hours_after_days_keep_the_time_of_day_they_began_with():
    found = due("+1d + 2h", opened=at("2027-03-27", "10:00"))
    assert found.isoformat() == "2027-03-28T12:00:00+02:00"  # the clocks changed that night


def test_an_instant_with_nothing_added_stays_as_it_is():
    opened = at("2027-07-10", "10:15")  # a Saturday in July
    assert due("opened", opened=opened) == opened
    assert due("opened at 09:00", opened=opened).isoformat() == "2027-06-30T09:00:00+02:00"


def test_a_time_that_the_clocks_skip_is_an_hour_later():
    fields = {"case": {"at": "2027-03-28T02:30"}}
    assert due("case.at", fields=fields).isoformat() == "2027-03-28T03:30:00+02:00"


def test_a_field_may_be_a_date_an_instant_or_their_text():
    for value in (on("2027-04-14"), "2027-04-14"):
        assert day("case.day + 1wd", fields={"case": {"day": value}}) == "2027-04-15"
    for value in (at("2027-04-14"), "2027-04-14T06:00:00.000000Z", "2027-04-14T08:00"):
        assert due("case.day + 1h", fields={"case": {"day": value}}) == at("2027-04-14", "09:00")


def test_a_row_of_a_list_has_fields_of_its_own():
    fields = {"case": {"due": "2027-01-04"}, "item": {"due": "2027-04-14"}}
    assert day("item.due - 1wd", fields=fields) == "2027-04-13"


@pytest.mark.parametrize("count", [40, Decimal(40), Decimal("40.0")])
def test_a_span_may_take_its_number_from_the_case(count: object):
    fields = {"case": {"day": "2027-04-14", "lead_time": count}}
    assert day("case.day - case.lead_time wd", fields=fields) == "2027-02-15"


@pytest.mark.parametrize(
    ("rule", "fields", "reason", "params"),
    [
        ("case.day", {}, Reason.FIELD_MISSING, {"field": "case.day"}),
        ("case.day", {"day": None}, Reason.FIELD_MISSING, {"field": "case.day"}),
        ("case.day", {"day": ""}, Reason.FIELD_MISSING, {"field": "case.day"}),
        ("case.day", {"day": "14 april"}, Reason.FIELD_UNUSABLE, {"field": "case.day"}),
        ("case.day", {"day": 14}, Reason.FIELD_UNUSABLE, {"field": "case.day"}),
        ("T1 - case.n wd", {}, Reason.FIELD_MISSING, {"field": "case.n"}),
        ("T1 - case.n wd", {"n": Decimal("1.5")}, Reason.FIELD_UNUSABLE, {"field": "case.n"}),
        ("T1 - case.n wd", {"n": True}, Reason.FIELD_UNUSABLE, {"field": "case.n"}),
        ("T1 - case.n wd", {"n": 10**12}, Reason.OUT_OF_RANGE, {}),
        ("T1 - case.n m", {"n": 10**12}, Reason.OUT_OF_RANGE, {}),
        ("T1 - case.n h", {"n": 10**12}, Reason.OUT_OF_RANGE, {}),
        ("T1 + 9999w", {}, Reason.OUT_OF_RANGE, {}),
        ("+5wd", {}, Reason.NOT_OPENED, {}),
        ("T1[+3]", {}, Reason.NO_CALENDAR, {"year": 2030}),
        ("T9", {}, Reason.NO_MILESTONE, {"milestone": "T9", "year": 2027}),
        ("STYREL - 5wd", {}, Reason.MILESTONE_ABSENT, {"milestone": "STYREL", "year": 2027}),
    ],
)
def test_what_is_missing_has_a_name(
    rule: str, fields: dict[str, object], reason: Reason, params: dict[str, object]
):
    found = outcome(rule, fields={"case": fields})
    assert found == Unresolved(reason, str(parse(rule)), params)
    assert read(stored(found)) == found


@pytest.mark.parametrize("year", [1989, 2101, 99999])
def test_a_year_outside_the_known_ones_is_said_so(year: int):
    found = evaluate(parse("date(06-30)"), YEAR_2027, year)
    assert isinstance(found, Unresolved)
    assert found.reason is Reason.OUT_OF_RANGE


def test_only_a_milestone_that_does_not_exist_removes_its_step():
    absent, undated = (
        Calendar(milestones=(Milestone("X", 2027, None, exists=exists),))
        for exists in (False, True)
    )
    for calendar, removes in ((absent, True), (undated, False)):
        found = outcome("X - 1wd", calendar)
        assert isinstance(found, Unresolved)
        assert found.removes_step is removes
    assert outcome("X", undated) == Unresolved(
        Reason.MILESTONE_UNDATED, "X", {"milestone": "X", "year": 2027}
    )


def test_last_years_decision_comes_in_january_after_an_election():
    assert because("VP[-1]").parts[0].on == on("2027-01-31")
    assert day("VP[-1]") == "2027-01-29"
    assert day("VP_PREV - 10wd") == day("VP[-1] - 10wd") == "2027-01-15"


def test_a_fixed_milestone_does_not_move_but_a_task_on_it_does():
    saturday = Calendar(milestones=(Milestone("END", 2027, on("2027-07-31"), Kind.FIXED),))
    assert because("END + 1wd", saturday).parts[0].on == on("2027-07-31")
    assert day("END + 1wd", saturday) == "2027-08-02"
    assert day("END", saturday) == "2027-06-30"


def test_the_units_own_date_wins_over_the_citys_and_is_said_to_be_its_own():
    own = (Milestone("T1", 2027, on("2027-05-20"), confirmed=True),)
    unit = Calendar(milestones=overlay(YEAR_2027.milestones, own))
    assert day("T1 - 10wd", unit) == "2027-05-05"
    assert because("T1", unit).parts[0].params["own"] is True
    assert day("T2 - 10wd", unit) == day("T2 - 10wd")


MEETINGS = Calendar(
    milestones=YEAR_2027.milestones,
    meetings=(
        Meeting(on("2027-09-23"), draft_stop=on("2027-08-30")),
        Meeting(on("2027-05-20")),
        Meeting(on("2027-10-21")),
    ),
)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("meeting(T2)", "2027-09-23"),
        ("meeting(T2 - 2d)", "2027-05-20"),
        ("next_meeting(T2)", "2027-10-21"),
        ("next_meeting(date(10-21))", "2027-10-21"),
        ("meeting(date(10-31))", "2027-10-21"),
        ("draft_stop(T2)", "2027-08-30"),
        ("draft_stop(T1)", "2027-04-29"),
        ("chair_prep(T1)", "2027-05-05"),  # 6 May is Ascension Day
        ("union_coop(T1)", "2027-05-10"),
        ("documents(T1)", "2027-05-13"),
        ("documents(T1) - 2wd", "2027-05-11"),
        ("draft_stop(next_meeting(date(10-01)))", "2027-09-30"),
        ("min(case.reply_by - 20wd, draft_stop(T1))", "2027-04-16"),
    ],
)
def test_rules_hang_on_the_meetings_of_the_unit(rule: str, expected: str):
    assert day(rule, MEETINGS, fields={"case": {"reply_by": "2027-05-17"}}) == expected


def test_a_body_without_a_draft_stop_stops_ten_working_days_before_the_papers_go_out():
    body = Calendar(
        milestones=YEAR_2027.milestones,
        meetings=(Meeting(on("2027-09-23")),),
        days=MeetingDays(draft_stop=None, documents_out=8),
    )
    assert day("documents(T2)", body) == "2027-09-15"
    assert day("draft_stop(T2)", body) == "2027-09-01"


def test_without_any_meeting_before_the_date_there_is_no_answer():
    assert outcome("meeting(VB)", MEETINGS) == Unresolved(
        Reason.NO_MEETING, "meeting(VB)", {"date": "2027-02-10"}
    )
    bare = Calendar(milestones=(Milestone("X", 2027, on("2027-05-25")),))
    for rule in ("meeting(X)", "next_meeting(X)"):
        assert isinstance(outcome(rule, bare), Unresolved)


def test_an_earlier_years_meeting_does_not_stand_in_for_one_nobody_has_given():
    old = Calendar(
        milestones=(Milestone("X", 2027, on("2027-05-25")),), meetings=(Meeting(on("2026-12-10")),)
    )
    assert isinstance(outcome("meeting(X)", old), Unresolved)
    assert (
        day(
            "meeting(date(01-07))",
            replace(
                MEETINGS,
                meetings=(
                    Meeting(on("2026-12-10")),
                    Meeting(on("2027-02-04")),
                ),
            ),
        )
        == "2026-12-10"
    )


def test_until_the_years_meetings_are_given_the_board_is_assumed_to_meet_when_it_must_decide():
    assert day("draft_stop(T2)") == "2027-09-03"
    assert because("meeting(T2)").parts[-2].params == {"meeting": "2027-09-24", "assumed": True}
    assert because("meeting(T2)", MEETINGS).parts[-2].params["assumed"] is False


def test_an_alternative_that_hangs_on_an_absent_milestone_falls_away():
    assert day("min(STYREL, T1)") == "2027-05-25"
    why = because("min(STYREL, T1 - 1wd, T2)").parts[-2]
    assert why.params == {
        "chosen": "T1 - 1wd",
        "others": [{"rule": "T2", "date": "2027-09-24"}],
        "absent": ["STYREL"],
    }
    assert isinstance(outcome("min(STYREL, STYREL[+1])"), Unresolved)


def test_an_alternative_that_lacks_its_date_keeps_the_whole_waiting():
    found = outcome("min(case.reply_by, T1)")
    assert isinstance(found, Unresolved)
    assert found.reason is Reason.FIELD_MISSING


def test_the_because_tells_each_step_its_date_and_the_days_not_counted():
    assert plain(because("T1 - 18wd")) == {
        "rule": "T1 - 18wd",
        "zone": "Europe/Stockholm",
        "parts": [
            {
                "kind": "milestone",
                "label": "T1",
                "date": "2027-05-25",
                "params": {
                    "code": "T1",
                    "year": 2027,
                    "kind": "internal",
                    "basis": "city_programme",
                    "confirmed": False,
                    "own": False,
                },
                "skipped": [],
            },
            {
                "kind": "span",
                "label": "- 18wd",
                "date": "2027-04-28",
                "params": {"count": -18, "unit": "wd"},
                "skipped": [{"date": "2027-05-06", "name": "Ascension Day"}],
            },
            {
                "kind": "time",
                "label": "",
                "date": "2027-04-28",
                "params": {"clock": "16:00", "legal": False, "given": False},
                "skipped": [],
            },
        ],
    }


def test_a_period_that_was_not_counted_survives_storing():
    why = because("+30wd", opened=at("2027-06-09"))
    assert read(stored(why)) == why
    assert plain(why)["parts"][1]["skipped"] == [
        {"date": "2027-06-25", "name": "Midsummer Eve"},
        {"date": "2027-07-01", "name": "quiet period", "until": "2027-07-31"},
    ]


def test_a_move_is_told_with_the_day_it_left_and_why():
    moved = [part for part in because("RSA_CITY", legal=True).parts if part.kind == "moved"]
    assert [(one.on, one.params) for one in moved] == [
        (on("2027-11-01"), {"from": "2027-10-31", "name": "weekend"})
    ]


@given(RULES, MOMENTS, st.booleans())
def test_every_date_has_a_because_that_ends_on_it_and_survives_storing(
    rule: str, opened: datetime, legal: bool
):
    found = evaluate(parse(rule), YEAR_2027, 2027, opened=opened, fields=DATA, legal=legal)
    if isinstance(found, Deadline):
        assert found.because.parts[-1].on == found.due_at.astimezone(STOCKHOLM).date()
        kept, of_release_1 = (
            read_json(canonical_text(write(found.because))) for write in (stored, plain)
        )
        assert isinstance(kept, dict)
        assert isinstance(of_release_1, dict)
        assert read(kept) == read(of_release_1) == found.because
        assert are_same(kept, of_release_1)
    else:
        assert found.reason is Reason.NO_MEETING


@given(
    MOMENTS,
    st.integers(0, 60 * 24 * 200),
    st.integers(0, 300),
    st.sampled_from(["d", "wd", "w", "m", "h"]),
    st.booleans(),
)
def test_what_opens_later_is_never_due_earlier(
    opened: datetime, minutes: int, count: int, unit: str, legal: bool
):
    rule = parse(f"+{count}{unit}")
    early, late = (
        evaluate(rule, YEAR_2027, 2027, opened=moment, legal=legal)
        for moment in (opened, opened + timedelta(minutes=minutes))
    )
    assert isinstance(early, Deadline)
    assert isinstance(late, Deadline)
    assert early.due_at <= late.due_at


@given(MOMENTS, st.integers(0, 300), st.sampled_from(["d", "wd", "w", "m", "h"]), st.booleans())
def test_a_longer_span_never_ends_earlier(opened: datetime, count: int, unit: str, legal: bool):
    shorter, longer = (
        evaluate(parse(f"+{length}{unit}"), YEAR_2027, 2027, opened=opened, legal=legal)
        for length in (count, count + 1)
    )
    assert isinstance(shorter, Deadline)
    assert isinstance(longer, Deadline)
    assert shorter.due_at <= longer.due_at


@given(MOMENTS, st.integers(-9999, 9999))
def test_hours_are_elapsed_time_whatever_the_clocks_do(opened: datetime, hours: int):
    sign = "+" if hours >= 0 else "-"
    found = evaluate(parse(f"{sign}{abs(hours)}h"), YEAR_2027, 2027, opened=opened, legal=True)
    assert isinstance(found, Deadline)
    assert found.due_at - opened == timedelta(hours=hours)


@given(MOMENTS, st.integers(0, 300), st.sampled_from(["d", "wd", "w", "m"]))
def test_days_end_at_the_same_time_on_the_wall_whatever_the_clocks_do(
    opened: datetime, count: int, unit: str
):
    assert due(f"+{count}{unit}", opened=opened).strftime("%H:%M") == "16:00"


@given(MOMENTS, st.lists(RULES, min_size=1, max_size=3), st.booleans())
def test_the_earliest_is_no_later_than_any_and_the_latest_no_earlier(
    opened: datetime, rules: list[str], legal: bool
):
    def ends(rule: str) -> datetime | None:
        found = evaluate(parse(rule), YEAR_2027, 2027, opened=opened, fields=DATA, legal=legal)
        return found.due_at if isinstance(found, Deadline) else None

    each = [ends(rule) for rule in rules]
    earliest, latest = ends(f"min({', '.join(rules)})"), ends(f"max({', '.join(rules)})")
    if None in each:
        assert earliest is None
        return
    known = [one for one in each if one]
    assert earliest is not None
    assert latest is not None
    assert earliest <= min(known)
    assert latest >= max(known)
