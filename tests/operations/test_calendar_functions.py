"""What an expression of a case may ask of the calendar is asked of the unit's own."""

from datetime import date

import pytest

from tests.cast import NOON, SYSTEM
from tests.engine.drawing import diagram
from workflows.calendar.asking import functions
from workflows.calendar.meetings import Meeting
from workflows.calendar.workdays import workdays_between
from workflows.calendar.years import Calendar
from workflows.operations import cases, publishing
from workflows.operations.moving import facts
from workflows.processes.checking import check
from workflows.processes.packages import Package
from workflows.processes.rows import find
from workflows.steering.rows import calendar_of

NODES = "start:s xor:g user:a[arshjul:role=director] user:b[arshjul:role=director] script:x end:e"
SAID = {"x": "<script>day = milestone('T1')\nleft = workdays_between('2027-01-01', day)</script>"}


def package(condition, inside=SAID):
    flows = f"s x; x g; g a | {condition}; g b | default; a e; b e"
    source = diagram(NODES, flows, inside, process='id="p" name="P" arshjul:key="p"')
    return Package("p", source, {}, {})


def test_a_condition_and_a_script_ask_for_a_milestone_and_working_days(session, city):
    wanted = package("milestone('T1') > today and workdays_between(today, milestone('T1')) > 3")
    publishing.publish(session, wanted, by=SYSTEM, now=NOON)
    unit = city.units["FARSTA"]
    case = cases.start(session, find(session, "p"), unit, 2027, by=SYSTEM, now=NOON)
    calendar = calendar_of(session, unit.id, 2027)
    day = calendar.by_code["T1", 2027].on
    left = workdays_between(calendar.closed, date(2027, 1, 1), day)
    assert (case.incidents, case.data) == (None, {"day": day.isoformat(), "left": left})
    assert facts(case, now=NOON).functions["milestone"]("T1") == day


def test_what_is_referred_back_asks_for_the_first_meeting_one_can_still_write_for():
    calendar = Calendar(meetings=(Meeting(date(2027, 9, 24)), Meeting(date(2027, 10, 21))))
    asked = functions(lambda: calendar, 2027, date(2027, 9, 16))
    assert asked["is_meeting"]("2027-09-24")
    assert not asked["is_meeting"](date(2027, 9, 25))
    # draft stop 30 September: ten working days from the 16th, nine from the 17th
    assert asked["meeting_in_time"](10) == date(2027, 10, 21)
    late = functions(lambda: calendar, 2027, date(2027, 9, 17))
    assert late["meeting_in_time"](10) is None


def test_a_script_lists_the_units_of_some_kinds_that_stand_that_day(session, city):
    said = {"x": "<script>codes = [u['code'] for u in units_of_kind('district_board')]</script>"}
    publishing.publish(session, package("today > today", said), by=SYSTEM, now=NOON)
    city.units["BROMMA"].valid_to = date(2027, 1, 31)
    stad, process = city.units["STAD"], find(session, "p")
    case = cases.start(session, process, stad, 2027, by=SYSTEM, now=NOON)
    assert (case.incidents, case.data) == (None, {"codes": ["FARSTA"]})


@pytest.mark.parametrize("inside", [SAID, {"x": "<script>y = register('no_such')</script>"}])
def test_a_register_that_is_not_there_to_ask_is_refused_when_the_process_is_checked(inside):
    wrong = check(package("len(register('no_such')) > 0", inside)).errors
    assert [(one.code, one.params) for one in wrong] == [
        ("unknown_register", {"register": "no_such"})
    ]
