from tests.calendar.days import YEAR_2027, at, on
from workflows.calendar.because import Reason
from workflows.calendar.milestones import Milestone
from workflows.calendar.parsing import parse
from workflows.calendar.windows import Step, Window, plan
from workflows.calendar.years import Calendar, overlay

RSA = (
    Step("scope", parse("+10wd")),
    Step("commit", parse("+20wd"), after=("scope",)),
    Step("vulnerability", parse("+10wd"), after=("commit",)),
    Step("screening", parse("+15wd"), after=("commit",)),
    Step("actions", parse("T2 - 18wd"), after=("vulnerability", "screening")),
    Step("review", parse("T2 - 15wd"), after=("actions", "later")),
    Step("later", after=("review",), opens=parse("VP - 5wd")),
)


def windows(calendar: Calendar = YEAR_2027, steps: tuple[Step, ...] = RSA) -> dict[str, Window]:
    return {one.key: one for one in plan(steps, calendar, 2027, start=parse("VB + 1wd"))}


def test_steps_open_one_after_another_from_the_cases_start():
    found = windows()
    assert found["scope"].opens_at == at("2027-02-11", "08:00")
    assert found["scope"].due_at == at("2027-02-25", "16:00")
    assert found["commit"].opens_at == found["scope"].due_at
    assert found["commit"].due_at == at("2027-03-25", "16:00")


def test_a_step_waits_for_the_last_of_those_before_it():
    found = windows()
    assert found["vulnerability"].due_at == at("2027-04-12", "16:00")
    assert found["actions"].opens_at == found["screening"].due_at == at("2027-04-19", "16:00")


def test_a_step_with_a_timer_of_its_own_opens_then_and_without_a_rule_is_never_due():
    later = windows()["later"]
    assert later == Window("later", at("2027-12-08", "08:00"))
    assert later.ends_at == later.opens_at


def test_a_loop_back_in_the_diagram_does_not_hold_the_plan():
    assert windows()["review"].opens_at == windows()["actions"].due_at


def test_a_legal_step_is_planned_by_the_legal_clock():
    (report,) = plan(
        [Step("report", parse("RSA_CITY"), legal=True)], YEAR_2027, 2027, start=at("2027-02-11")
    )
    assert report.due_at == at("2027-11-01", "23:59")


def test_every_planned_date_has_its_because():
    for window in windows().values():
        assert (window.due_at is None) == (window.because is None)


def test_a_deadline_before_the_steps_it_needs_is_seen():
    assert not any(window.is_due_before_opening for window in windows().values())
    late = (*RSA[:5], Step("review", parse("T2 - 20wd"), after=("actions",)))
    assert windows(steps=late)["review"].is_due_before_opening


def test_a_step_without_its_milestone_is_removed_and_the_next_opens_as_if_it_were_not_there():
    without = Calendar(overlay(YEAR_2027.milestones, [Milestone("T2", 2027, None, exists=False)]))
    found = windows(without)
    assert found["actions"].is_removed
    assert found["actions"].due_at is None
    assert found["later"].opens_at == at("2027-12-08", "08:00")
    assert not found["scope"].is_removed


def test_a_date_that_hangs_on_the_cases_own_data_is_not_known_yet():
    steps = (Step("order", parse("case.exercise_day - 40wd")), Step("do", after=("order",)))
    found = windows(steps=steps)
    assert found["order"].missing is not None
    assert found["order"].missing.reason is Reason.FIELD_MISSING
    assert found["do"].opens_at == found["order"].opens_at


def test_a_year_without_a_calendar_leaves_every_step_waiting_for_the_same_reason():
    found = plan(RSA, YEAR_2027, 2033, start=parse("VB + 1wd"))
    assert {one.opens_at for one in found} == {None}
    assert {one.missing.reason for one in found if one.missing} == {Reason.NO_CALENDAR}


def test_a_case_that_has_begun_is_planned_from_its_own_start():
    found = plan(RSA, YEAR_2027, 2027, start=at("2027-03-01"))
    assert found[0].opens_at == at("2027-03-01")
    assert found[0].due_at == at("2027-03-15", "16:00")
    assert found[0].because is not None
    assert found[0].because.parts[0].on == on("2027-03-01")
