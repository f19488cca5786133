"""A year played in memory: what it finds in small processes, and in those we ship."""

from pathlib import Path

import pytest

from tests.engine.drawing import diagram, event, timer
from webapp.demo_organisation import organisation
from workflows.language import Language
from workflows.processes.packages import Package, shipped
from workflows.rehearsal.city import from_package
from workflows.rehearsal.looking import look, rehearse
from workflows.rehearsal.playing import play
from workflows.rehearsal.report import MEND, plain
from workflows.rehearsal.telling import told
from workflows.rehearsal.tracing import traced

ROOT = Path(__file__).parents[2]
BOARD = "role=security_coordinator"


def drawn(key, nodes, flows, inside=None, *, starts="T1 - 30wd", per="district_board", **more):
    """A process that starts each year in Farsta, whose steps the coordinator takes."""
    lane = (
        '<laneSet id="lanes"><lane id="lane" arshjul:role="security_coordinator"'
        ' arshjul:of="unit"/></laneSet>'
    )
    about = f'id="{key}" isExecutable="true" arshjul:key="{key}" arshjul:prefix="{key.upper()}"'
    if starts:
        about += f' arshjul:starts="{starts}" arshjul:per="{per}"'
    source = diagram(nodes, flows, inside, process=about, more=lane + more.pop("more", ""), **more)
    return from_package(Package(key, source, {}, {}))


def rehearsed(*processes, only="FARSTA", year=2027, most=8):
    city = organisation(year, processes, seed=1, only=only)
    return plain(rehearse(city, year, most=most))


def found(report, severity=MEND):
    return {
        (one["code"], one["element"]) for one in report["findings"] if one["severity"] == severity
    }


def due(step, rule, more=""):
    return f"user:{step}[arshjul:due={rule},arshjul:role=security_coordinator{more}]"


TWO = f"start:s {due('a', 'T1 - 10wd')} {due('b', 'T1 - 12wd')} end:e"
LATE = drawn("late", TWO, "s a; a b; b e")


def test_a_step_due_before_the_one_it_waits_for_must_be_mended():
    report = rehearsed(LATE)
    assert found(report) == {("before_its_steps", "b")}
    [one] = report["findings"]
    assert one["units"] == ["FARSTA"]
    assert (one["params"]["due"], one["params"]["opened"]) == ("2027-05-07", "2027-05-11")
    assert told(report, one, Language.EN) == (
        "“b” is due Fri 7 May 2027, but opens Tue 11 May 2027 at the latest, when “a” is done."
    )
    assert not report["is_good"]


def test_one_that_cannot_reach_its_meeting_is_told_apart():
    steps = f"start:s {due('a', 'T1 - 10wd')} {due('b', 'draft_stop(T1)')} end:e"
    report = rehearsed(drawn("text", steps, "s a; a b; b e"))
    assert found(report) == {("misses_its_meeting", "b")}


def test_a_report_due_before_its_period_is_over_must_be_mended():
    steps = f"start:s {due('a', 'T1_END - 2wd', ',arshjul:kind=report')} end:e"
    text = drawn("text", steps, "s a; a e", starts="VB; T1 - 40wd")
    assert found(rehearsed(text)) == {("before_its_period", "a")}


def test_a_day_that_somebody_typed_is_only_told_of():
    steps = f"start:s script:x {due('a', '+5wd')} {due('b', 'case.day - 1d')} end:e"
    script = {"x": "<script>day = '2027-04-01'</script>"}
    report = rehearsed(drawn("typed", steps, "s x; x a; a b; b e", script))
    assert found(report) == set()
    assert found(report, "note") == {("before_its_steps", "b")}


def test_a_step_nobody_came_to_is_told_of_by_the_calendar_alone():
    steps = f"start:s {due('a', 'T1 - 10wd')} xor:g {due('b', 'T1 - 12wd')} end:e"
    way = drawn("way", steps, "s a; a g; g b | year < 2000; g e | default; b e")
    report = rehearsed(way)
    assert (found(report), found(report, "note")) == (set(), {("before_its_steps", "b")})


STOPS = {
    "stopped": ("script:x", {"x": "<script>y = nobody.knows</script>"}),
    "stuck": ("catch:x", {"x": event("message", "never")}),
}


@pytest.mark.parametrize("code", STOPS)
def test_a_case_that_ends_nowhere_must_be_mended(code):
    node, inside = STOPS[code]
    beside = '<message id="never" name="never"/>'
    report = rehearsed(drawn("rests", f"start:s {node} end:e", "s x; x e", inside, beside=beside))
    assert found(report) == {(code, "x")}
    assert [one["stuck"] for one in report["counts"]] == [1]


def test_a_case_that_goes_round_for_ever_is_cut():
    steps = f"start:s {due('a', '+1wd')} xor:g end:e"
    again = drawn("round", steps, "s a; a g; g e | year < 2000; g a | default")
    report = rehearsed(again, most=999)
    assert {code for code, _ in found(report)} == {"endless"}


def test_what_one_process_sends_another_receives_also_when_it_comes_later():
    message = '<message id="done" name="done"><extensionElements><arshjul:correlation>year'
    message += "</arshjul:correlation></extensionElements></message>"
    sends = drawn("sends", "start:s throw:t end:e", "s t; t e", {"t": event("message", "done")},
                  beside=message)  # fmt: skip
    waits = drawn("waits", "start:s catch:c end:e", "s c; c e", {"c": event("message", "done")},
                  beside=message, starts="T1")  # fmt: skip
    report = rehearsed(sends, waits)
    assert report["findings"] == []
    assert [one["cases"] for one in report["counts"]] == [1, 1]
    assert found(rehearsed(sends), "note") == {("lost", "")}


def test_a_case_starts_and_calls_others():
    action = (
        '<extensionElements><arshjul:action name="start_cases">'
        "<arshjul:param name=\"process\">'other'</arshjul:param>"
        "<arshjul:param name=\"occasion\">'x'</arshjul:param></arshjul:action></extensionElements>"
    )
    first = drawn("first", "start:s service:a call:c[calledElement=other,arshjul:case=own] end:e",
                  "s a; a c; c e", {"a": action})  # fmt: skip
    other = drawn("other", f"start:s {due('b', '+3wd')} end:e", "s b; b e", starts="")
    report = rehearsed(first, other)
    assert report["findings"] == []
    assert [(one["cases"], one["stuck"]) for one in report["counts"]] == [(1, 0), (2, 0)]


def test_nobody_who_may_do_a_step_and_too_much_for_one_who_may():
    steps = "start:s and:g " + " ".join(due(f"a{n}", "T1 - 10wd") for n in range(9))
    flows = "s g; " + "; ".join(f"g a{n}" for n in range(9))
    many = drawn("many", steps, flows)
    report = rehearsed(many)
    assert found(report) == {("too_much", "security_coordinator")}
    assert rehearsed(many, most=9)["is_good"]
    alone = drawn("alone", "start:s user:a[arshjul:role=city_insurer] end:e", "s a; a e")
    assert found(rehearsed(alone)) == {("nobody", "a")}


def test_a_step_whose_milestone_does_not_exist_is_left_out():
    steps = f"start:s {due('a', 'T1_KS')} {due('b', 'T1')} end:e"
    report = rehearsed(drawn("company", steps, "s a; a b; b e", per="company"), only="SISAB")
    assert (report["findings"], report["counts"][0]["tasks"]) == ([], 1)


def test_a_timer_is_waited_for_and_the_case_told_step_by_step():
    steps = f"start:s catch:t {due('a', 'T1')} end:e"
    timed = drawn("timed", steps, "s t; t a; a e", {"t": timer("T1 - 5wd", "timeDate")})
    city = organisation(2027, [timed], seed=1, only="FARSTA")
    [case] = play(city, 2027).cases
    trace = traced(case, Language.SV)
    assert trace["waits"][0]["at"].startswith("2027-05-18")
    assert trace["steps"][0] | {"closed_at": None} == {
        "element": "a", "name": "a", "opened_at": trace["waits"][0]["at"],
        "due_at": "2027-05-25T14:00:00.000000Z", "because": "T1", "closed_at": None,
        "is_done": True,
    }  # fmt: skip
    assert trace["ended_at"]


def test_the_shipped_processes_come_to_their_end_in_a_small_city():
    processes = [from_package(package) for package in shipped(ROOT)]
    city = organisation(2027, processes, seed=1, only="FARSTA")
    played = play(city, 2027)
    report = look(city, played)
    bad = {"stopped", "no_answer", "stuck", "endless", "nobody", "second"}
    assert [one for one in report.findings if one.code in bad] == []
    every = {one.key for one in processes}
    assert {case.process.key for case in played.cases} >= every - {"styrel"}
    checks = [case for case in played.cases if case.process.key == "yearly_review"]
    for case in checks:  # each wrote what it asked about, and not what the other quarters did
        asked = {one["code"] for one in case.run.progress.data["items"]}
        assert {row["code"] for row in case.wrote["review_item"].values()} == asked
    assert len(checks) == 4


def test_the_same_seed_gives_the_same_year():
    city = organisation(2027, [LATE], seed=1)
    assert rehearse(city, 2027) == rehearse(city, 2027)
    assert len(rehearse(city, 2027).units) > 40
