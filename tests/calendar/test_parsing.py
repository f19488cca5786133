from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendar.parsing import check, parse, parse_list
from workflows.calendar.rules import (
    MEETING_TERMS,
    OWNERS,
    UNITS,
    AtMeeting,
    AtMilestone,
    Choice,
    DayOfYear,
    Field,
    Opened,
    Span,
    Sum,
    names,
)
from workflows.calendar.tokens import BadRule, Mistake

MILESTONES = ["VB", "T1", "T1_END", "T2", "VP"]
FIELDS = ["case.exercise_day", "case.lead_time", "item.due"]

fields = st.builds(Field, st.sampled_from(OWNERS), st.sampled_from(["day", "sista_dag", "x2"]))
terms = st.one_of(
    st.just(Opened()),
    fields,
    st.builds(AtMilestone, st.sampled_from(["T1", "VP", "T1_END", "Å2"]), st.integers(-50, 50)),
    st.dates().map(lambda day: DayOfYear(day.month, day.day)),
)
counts = st.one_of(st.integers(0, 9999), fields)
spans = st.lists(
    st.builds(Span, st.sampled_from([1, -1]), counts, st.sampled_from(UNITS)), max_size=4
).map(tuple)
clocks = st.one_of(st.none(), st.builds(time, st.integers(0, 23), st.integers(0, 59)))


def sums(term):
    made = st.builds(Sum, term, spans, clocks)
    return made.filter(lambda rule: not (rule.at and any(s.unit == "h" for s in rule.spans)))


rules = st.recursive(
    sums(terms),
    lambda inner: st.one_of(
        sums(st.builds(AtMeeting, st.sampled_from(MEETING_TERMS), inner)),
        st.builds(
            Choice,
            st.sampled_from(["min", "max"]),
            st.lists(inner, min_size=1, max_size=3).map(tuple),
        ),
    ),
    max_leaves=6,
)


def mistake(text: str) -> Mistake:
    with pytest.raises(BadRule) as refused:
        parse(text)
    return refused.value.mistake


@given(rules)
def test_what_is_written_reads_back_as_the_same_rule(rule):
    if len(str(rule)) <= 500:
        assert parse(str(rule)) == rule


@given(st.text(alphabet="T1V-+ wdhm()[],.:case0at", max_size=30))
def test_any_text_is_a_rule_or_a_located_mistake(text: str):
    for one in check(text, milestones=MILESTONES):
        assert 0 <= one.position <= len(text)
        assert one.code


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("T1-10wd", "T1 - 10wd"),
        (" VP [ -1 ]-10 wd", "VP[-1] - 10wd"),
        ("VP_PREV - 10wd", "VP[-1] - 10wd"),
        ("T1 − 10wd", "T1 - 10wd"),
        ("opened + 5wd", "+5wd"),
        ("opened", "opened"),
        ("at 9:00", "opened at 09:00"),
        ("case.day - case.lead_time wd", "case.day - case.lead_time wd"),
        ("min( T1-5d,draft_stop(T2) )", "min(T1 - 5d, draft_stop(T2))"),
        ("next_meeting(+10wd)", "next_meeting(+10wd)"),
        ("date(6-30) at 12:00", "date(06-30) at 12:00"),
    ],
)
def test_a_rule_is_written_in_one_way(text: str, written: str):
    assert str(parse(text)) == written


@pytest.mark.parametrize(
    ("text", "code", "position", "suggestion"),
    [
        ("  ", "rule_empty", 0, ""),
        ("T1 -", "ended_early", 4, ""),
        ("min(T1", "ended_early", 6, ""),
        ("T1 5wd", "unexpected", 3, ""),
        ("T1 - 10wd)", "unexpected", 9, ""),
        ("t1 - 5wd", "unknown_word", 0, "T1"),
        ("draft_stp(T1)", "unknown_word", 0, "draft_stop"),
        ("T1 - 5wdd", "unknown_unit", 6, "wd"),
        ("T1 $ 5", "unknown_character", 3, ""),
        ("date(02-30)", "no_such_day", 5, ""),
        ("T1 at 25:00", "no_such_time", 6, ""),
        ("opened + 2h at 10:00", "time_with_hours", 12, ""),
        ("T1 - 10000wd", "number_too_large", 5, ""),
        ("T1[+51]", "number_too_large", 4, ""),
        ("min(" * 13 + "T1" + ")" * 13, "rule_too_deep", 48, ""),
        ("T1" + " + 1d" * 100, "rule_too_long", 500, ""),
    ],
)
def test_a_mistake_says_where_it_is_and_what_was_meant(
    text: str, code: str, position: int, suggestion: str
):
    found = mistake(text)
    assert (found.code, found.position, found.suggestion) == (code, position, suggestion)


def test_an_unexpected_end_says_what_could_have_come():
    assert mistake("T1 -").params["expected"] == ("number",)


def test_a_list_of_starts_is_read_and_its_mistakes_count_from_its_beginning():
    assert [str(rule) for rule in parse_list("VB - 25wd; T1 - 25wd")] == ["VB - 25wd", "T1 - 25wd"]
    with pytest.raises(BadRule) as bad:
        parse_list("VB - 25wd; T1 - 25xx")
    assert bad.value.mistake.position == 18


def test_a_milestone_that_does_not_exist_is_pointed_at_with_the_nearest_one():
    assert check("VB + T3 - 1wd", milestones=MILESTONES)[0].code == "unexpected"
    assert check("max(VB, T3 - 10wd)", milestones=MILESTONES) == (
        Mistake("unknown_milestone", 8, "T2", {"name": "T3"}),
    )


def test_a_field_that_does_not_exist_is_pointed_at_with_the_nearest_one():
    assert check("case.exercise_dya - 20wd", milestones=MILESTONES, fields=FIELDS) == (
        Mistake("unknown_field", 0, "case.exercise_day", {"name": "case.exercise_dya"}),
    )
    assert check("T1 - case.lead wd", milestones=MILESTONES, fields=FIELDS)[0].position == 5


def test_a_text_that_is_no_rule_is_a_mistake_too():
    assert check("T1 - 5xx", milestones=MILESTONES)[0].code == "unknown_unit"


def test_a_sound_rule_has_no_mistakes_and_unknown_fields_pass_when_nobody_lists_them():
    assert check("case.whatever + 5wd", milestones=MILESTONES) == ()
    assert check("max(T1_END + 1wd, T1 - 18wd)", milestones=MILESTONES, fields=FIELDS) == ()


def test_a_rule_names_what_it_needs_once_each():
    needs = names(parse("max(draft_stop(T2), VP[-1] - case.lead_time wd, T2, case.day, +1d)"))
    assert [str(one) for one in needs.milestones] == ["T2", "VP[-1]"]
    assert [str(one) for one in needs.fields] == ["case.lead_time", "case.day"]
    assert needs.opened
    assert needs.meetings
    assert not names(parse("T1 - 10wd")).opened
