"""What is doubtful about a rule table: found with an example, and the example is a true one."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.dmn import a_file, a_table
from workflows.engine.rule_tables import DecisionFailed, check, decide, read_tables

SHIPPED = Path(__file__).parents[2] / "bpmn"


def doubts(*args, **options):
    return [(one.code, one.params) for one in check(read_tables(a_file(a_table(*args, **options))))]


def test_two_rules_that_meet_are_reported_with_where_they_do():
    assert doubts(["< 10 -> 1", ">= 10 -> 2", "[5..7] -> 3"]) == [
        ("rules_overlap", {"rules": (1, 3), "example": {"x": "5"}})
    ]


def test_the_end_of_a_range_counts_only_when_it_belongs():
    assert doubts(["[1..5] -> 1", "(5..9] -> 2", "< 1 -> 3", "> 9 -> 4"]) == []
    assert doubts(["<= 5 -> 1", ">= 5 -> 2"]) == [
        ("rules_overlap", {"rules": (1, 2), "example": {"x": "5"}})
    ]


def test_a_case_no_rule_covers_is_reported_with_an_example():
    assert doubts(["< 10 -> 1", "> 10 -> 2"]) == [("no_rule_for", {"example": {"x": "10"}})]
    assert doubts(['"a" -> 1', '"b" -> 2'], inputs=("x:string",)) == [
        ("no_rule_for", {"example": {"x": "…"}})
    ]


def test_allowed_values_are_all_there_is_to_cover():
    rules = ['"a" -> 1', '"b" -> 2']
    assert doubts(rules, inputs=("x:string",), allowed='"a", "b"') == []
    assert doubts(rules, inputs=("x:string",), allowed='"a", "b", "c"') == [
        ("no_rule_for", {"example": {"x": '"c"'}})
    ]
    assert doubts(["1 -> 1", "2 -> 2", "3 -> 3"], inputs=("x:integer",), allowed="[1..3]") == []


def test_columns_are_looked_at_together():
    rules = ["< 5 | true -> 1", ">= 5 | - -> 2"]
    assert doubts(rules, inputs=("x:number", "b:boolean")) == [
        ("no_rule_for", {"example": {"x": "4", "b": "false"}})
    ]


def test_days_have_no_gap_between_them():
    first, second = 'date("2027-01-01")', 'date("2027-01-02")'
    assert doubts([f"<= {first} -> 1", f">= {second} -> 2"], inputs=("x:date",)) == []
    assert doubts([f"< {first} -> 1", f"> {second} -> 2"], inputs=("x:date",))[0] == (
        "no_rule_for", {"example": {"x": '@"2027-01-01"'}},
    )  # fmt: skip


def test_rules_of_any_may_meet_when_they_agree():
    assert doubts(["< 10 -> 1", "< 20 -> 1", ">= 20 -> 2"], policy="ANY") == []
    assert doubts(["< 10 -> 1", "- -> 2"], policy="ANY")[0][0] == "rules_overlap"


def test_a_rule_behind_another_is_never_reached():
    assert doubts(["< 20 -> 1", "< 10 -> 2", "- -> 3"], policy="FIRST") == [
        ("rule_never_reached", {"rule": 2, "by": 1})
    ]


def test_a_default_or_a_policy_of_many_leaves_no_gap():
    assert doubts(["< 10 -> 1"], default="2") == []
    assert doubts(["< 10 -> 1"], policy="COLLECT") == []


def test_a_column_that_looks_at_other_names_is_said_not_to_be_analysed():
    assert doubts(["< limit -> 1"]) == [("not_analysed", {"column": "x"})]


def test_a_doubt_is_located():
    [problem] = check(read_tables(a_file(a_table(["<= 5 -> 1", ">= 5 -> 2"]))))
    assert (problem.severity, problem.element) == ("warning", "decide")
    assert problem.line is not None


def test_a_table_of_a_thousand_rules_is_analysed_in_bounded_work():
    rules = [f"{n // 100} | {n // 10 % 10} | {n % 10} -> {n}" for n in range(999)]
    inputs = ("a:integer", "b:integer", "c:integer")
    assert doubts(rules, inputs=inputs, allowed="[0..9]") == [
        ("no_rule_for", {"example": {"a": "9", "b": "9", "c": "9"}})
    ]
    assert doubts([*rules, "9 | - | 7 -> 0"], inputs=inputs, allowed="[0..9]")[0] == (
        "rules_overlap", {"rules": (908, 1000), "example": {"a": "9", "b": "0", "c": "7"}},
    )  # fmt: skip


def test_a_table_too_large_to_analyse_says_so():
    assert doubts([f"{n} -> {n}" for n in range(1000)]) == [("not_analysed", {"column": "x"})]


def test_the_tables_that_are_shipped_leave_no_doubt():
    found = [
        (file.name, problem.element, problem.code)
        for file in sorted(SHIPPED.glob("*/*.dmn"))
        for problem in check(read_tables(file.read_bytes()))
    ]
    assert found == []


_cells = st.one_of(
    st.just("-"),
    st.integers(0, 6).map(str),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 6)).map(
        lambda p: f"{p[0]} {p[1]}"
    ),
    st.tuples(st.sampled_from("[("), st.integers(0, 3), st.integers(3, 6), st.sampled_from("])"))
    .map(lambda p: f"{p[0]}{p[1]}..{p[2]}{p[3]}"),
    st.integers(0, 6).map(lambda n: f"not({n})"),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=5))
def test_the_analysis_agrees_with_the_table_asked_everywhere(cells):
    rules = [f"{a} | {b} -> {n}" for n, (a, b) in enumerate(cells)]
    tables = read_tables(a_file(a_table(rules, inputs=("a:number", "b:number"))))
    seen = set()
    halves = [Decimal(n) / 2 for n in range(-2, 15)]
    for a in halves:
        for b in halves:
            try:
                decide(tables, "decide", {"a": a, "b": b})
            except DecisionFailed as failure:
                seen.add(failure.code)
    found = {problem.code for problem in check(tables)}
    assert ("no_rule" in seen) == ("no_rule_for" in found)
    assert ("several_rules" in seen) == ("rules_overlap" in found)


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST"])
def test_an_example_of_a_gap_is_a_gap(policy):
    source = a_file(a_table(["[0..4) -> 1", "(4..9] -> 2"], policy=policy, allowed="[0..9]"))
    tables = read_tables(source)
    [problem] = check(tables)
    assert problem.params == {"example": {"x": "4"}}
    with pytest.raises(DecisionFailed, match="no_rule"):
        decide(tables, "decide", {"x": 4})
