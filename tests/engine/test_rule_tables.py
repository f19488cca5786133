"""Rule tables: every hit policy to the letter, decisions that rest on others, located problems."""

import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.engine.dmn import a_file, a_literal, a_table
from workflows.engine import Rejected
from workflows.engine.rule_tables import (
    DecisionFailed,
    answers,
    decide,
    read_tables,
)

PUBLIC = Path(__file__).parents[3] / "shared" / "conformance" / "public"
TODAY = date(2027, 1, 5)


def ask(source, inputs, id="decide"):
    return decide(read_tables(source), id, inputs, TODAY)


def problems_of(source):
    with pytest.raises(Rejected) as refusal:
        read_tables(source)
    return refusal.value.problems


# --- hit policies -----------------------------------------------------------------------------

STEPS = ["< 10 -> 1", "< 20 -> 2", "< 30 -> 2"]


@pytest.mark.parametrize(
    ("policy", "x", "expected"),
    [
        ("UNIQUE", 25, 2),
        ("UNIQUE", 5, "several_rules"),
        ("UNIQUE", 99, "no_rule"),
        ("ANY", 15, 2),
        ("ANY", 5, "contradiction"),
        ("ANY", 99, "no_rule"),
        ("FIRST", 5, 1),
        ("FIRST", 99, "no_rule"),
        ("PRIORITY", 5, 2),
        ("PRIORITY", 99, "no_rule"),
        ("RULE ORDER", 5, [1, 2, 2]),
        ("RULE ORDER", 99, []),
        ("OUTPUT ORDER", 5, [2, 2, 1]),
        ("COLLECT", 5, [1, 2, 2]),
        ("COLLECT", 99, []),
        ("COLLECT SUM", 5, 5),
        ("COLLECT MIN", 5, 1),
        ("COLLECT MAX", 5, 2),
        ("COLLECT COUNT", 5, 3),
        ("COLLECT COUNT", 99, 0),
        ("COLLECT SUM", 99, "no_rule"),
        ("COLLECT MAX", 99, "no_rule"),
    ],
)
def test_hit_policy(policy, x, expected):
    name, _, aggregation = policy.partition(" ") if "COLLECT" in policy else (policy, "", "")
    order = "2, 1" if name in ("PRIORITY", "OUTPUT ORDER") else None
    source = a_file(a_table(STEPS, policy=name, aggregation=aggregation, order=order))
    if isinstance(expected, str):
        with pytest.raises(DecisionFailed) as failure:
            ask(source, {"x": x})
        assert failure.value.code == expected
        assert failure.value.params["decision"] == "decide"
    else:
        assert ask(source, {"x": x}) == expected


def test_several_hits_are_named_by_their_rules():
    with pytest.raises(DecisionFailed) as failure:
        ask(a_file(a_table(STEPS)), {"x": 15})
    assert failure.value.params["rules"] == (2, 3)


def test_a_default_answers_when_no_rule_does():
    assert ask(a_file(a_table(["1 -> 2"], default="7")), {"x": 9}) == 7


def test_several_outputs_are_a_dict_and_one_is_its_value():
    two = read_tables(a_file(a_table(['- -> 1.50 | "z"'], outputs=("y", "z"))))
    assert decide(two, "decide", {"x": 1}) == {"y": Decimal("1.50"), "z": "z"}
    assert answers(two.decisions["decide"], {"y": 1, "z": "z"}) == {"y": 1, "z": "z"}
    one = read_tables(a_file(a_table(["- -> x * 2"])))
    assert decide(one, "decide", {"x": 4}) == 8
    assert answers(one.decisions["decide"], 8) == {"y": 8}
    rows = [{"y": 1, "z": 2}]
    assert answers(two.decisions["decide"], rows) == {"decide": rows}


# --- what goes in -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "x", "code"),
    [
        ("number", "5", "wrong_type"), ("number", True, "wrong_type"), ("string", 5, "wrong_type"),
        ("boolean", 1, "wrong_type"), ("date", "soon", "wrong_type"), ("number", 1.5, "wrong_type"),
        ("", 1.5, "wrong_type"), ("number", [1], "wrong_type"),
    ],
)  # fmt: skip
def test_an_input_of_another_type_is_an_error(type_, x, code):
    with pytest.raises(DecisionFailed) as failure:
        ask(a_file(a_table(["- -> 1"], inputs=(f"x:{type_}",))), {"x": x})
    assert (failure.value.code, failure.value.params["column"]) == (code, "x")


def test_a_date_may_come_as_it_is_stored():
    source = a_file(a_table(['> date("2027-01-01") -> 1'], inputs=("x:date",), default="0"))
    assert ask(source, {"x": "2027-01-02"}) == 1
    assert ask(source, {"x": date(2026, 12, 31)}) == 0


def test_a_value_that_is_not_allowed_is_an_error_and_null_is_none():
    source = a_file(a_table(['"a" -> 1', "null -> 0"], inputs=("x:string",), allowed='"a", "b"'))
    assert ask(source, {"x": None}) == 0
    with pytest.raises(DecisionFailed) as failure:
        ask(source, {"x": "c"})
    assert failure.value.code == "not_allowed"


def test_a_failure_tells_rule_and_column_but_no_value():
    with pytest.raises(DecisionFailed) as failure:
        ask(a_file(a_table(["1 -> 1", "< secret * 2 -> 2"])), {"x": 3, "secret": "Frost"})
    assert failure.value.params == {
        "decision": "decide", "rule": 2, "column": "x", "left": "string", "right": "number",
    }  # fmt: skip
    with pytest.raises(DecisionFailed) as failure:
        ask(a_file(a_table(["- -> 1"])), {})
    assert failure.value.params == {"name": "x", "column": "x", "decision": "decide"}


# --- decisions that rest on others ------------------------------------------------------------


def test_required_decisions_come_first_and_once():
    source = a_file(
        a_literal("left + right", id="decide", requires=["#left", "#right"]),
        a_literal("base * 2", id="left", requires=["#base"]),
        a_literal("base * 3", id="right", requires=["#base"]),
        a_table(["< 5 -> 1", ">= 5 -> 10"], id="base"),
    )
    assert ask(source, {"x": 7}) == 50
    tables = read_tables(source)
    assert tables.names("decide") == {"x"}
    assert ask(source, {"x": 7, "base": 1000}) == 50


def test_decisions_that_require_each_other_are_refused():
    source = a_file(
        a_literal("b", id="a", requires=["#b"]), a_literal("a", id="b", requires=["#a"])
    )
    assert [problem.code for problem in problems_of(source)] == ["decision_cycle"]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_decisions_too_long_to_follow_is_refused(backwards):
    chain = [a_literal("1", id=f"d{n}", requires=[f"#d{n + 1}"]) for n in range(60)]
    chain.append(a_literal("1", id="d60"))
    source = a_file(*(chain[::-1] if backwards else chain))
    assert {problem.code for problem in problems_of(source)} == {"too_deep"}


def test_decisions_that_rest_on_the_same_ones_again_and_again_are_asked_once():
    layers = [
        a_literal(f"a{n + 1} + b{n + 1}", id=f"{side}{n}", requires=[f"#a{n + 1}", f"#b{n + 1}"])
        for n in range(40)
        for side in "ab"
    ]
    source = a_file(*layers, a_literal("x", id="a40"), a_literal("x", id="b40"))
    assert read_tables(source).names("a0") == {"x"}
    assert ask(source, {"x": 1}, "a0") == 2**40


def test_a_file_of_ten_thousand_decisions_is_refused():
    source = a_file(*(a_literal("1", id=f"d{n}") for n in range(10_000)))
    assert [problem.code for problem in problems_of(source)] == ["too_large"]


# --- validity ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('arshjul:valid_from="2027-01-05" arshjul:valid_to="2027-01-05"', None),
        ('arshjul:valid_from="2027-01-06"', "not_valid"),
        ('arshjul:valid_to="2027-01-04"', "not_valid"),
    ],
)
def test_a_table_is_asked_only_in_its_time(attributes, code):
    for source in (
        a_file(a_table(["- -> 1"], attributes=attributes)),
        a_file(a_table(["- -> 1"]), attributes=attributes),
    ):
        if code is None:
            assert ask(source, {"x": 1}) == 1
            continue
        with pytest.raises(DecisionFailed) as failure:
            ask(source, {"x": 1})
        assert failure.value.code == code


# --- problems ---------------------------------------------------------------------------------


def test_a_cell_that_is_no_feel_is_located():
    source = a_file(a_table(["1 -> 1", '"a" == 3 -> 2']))
    [problem] = problems_of(source)
    assert problem.severity == "error"
    assert (problem.code, problem.element) == ("syntax", "decide_rule2")
    assert problem.params == {"position": 6, "rule": 2, "column": "x"}
    assert source.splitlines()[problem.line] == b"<text>&quot;a&quot; == 3</text></inputEntry>" \
        b"<outputEntry>"  # fmt: skip


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        ([], "no_decisions"),
        ([a_table(["- -> 1"], policy="MAYBE")], "unknown_hit_policy"),
        ([a_table(["- -> 1"], policy="PRIORITY")], "no_priorities"),
        ([a_table(["- -> 1"], policy="COLLECT", aggregation="AVERAGE")], "bad_aggregation"),
        ([a_table(["- -> 1"], policy="FIRST", aggregation="SUM")], "bad_aggregation"),
        ([a_table(["- -> 1"], outputs=())], "no_outputs"),
        ([a_table(["- -> 1 | 2"])], "cells_missing"),
        ([a_table(["- | - -> 1"])], "cells_missing"),
        ([a_table(['- -> "c"'], order='"a", "b"')], "not_allowed"),
        ([a_table(["- -> 1 | 2"], outputs=("y", "y"))], "output_names"),
        ([a_table(["- -> 1"], inputs=(":number",))], "no_expression"),
        ([a_table(["- -> 1"]), a_table(["- -> 1"])], "duplicate_id"),
        ([a_table(["- -> 1"], requires=["#nowhere"])], "no_such_decision"),
        ([a_table(["- -> 1"], requires=["other.dmn#a"])], "no_such_decision"),
        ([a_table(["- -> 1"], attributes='arshjul:valid_from="soon"')], "not_a_date"),
        ([a_table(["- -> 1"], attributes='arshjul:valid_from="2027-02-01" '
                                         'arshjul:valid_to="2027-01-01"')], "valid_never"),
        (['<decision id="d" name="d"/>'], "no_logic"),
        (['<decision id="d" name="d"><context/></decision>'], "not_supported"),
        (['<decision id="d" name="d"><literalExpression expressionLanguage="python"><text>1</text>'
          "</literalExpression></decision>"], "other_language"),
        ([a_table(["- -> 1"] * 2001)], "too_large"),
    ],
)  # fmt: skip
def test_what_cannot_be_decided_by_is_refused_with_a_reason(decisions, code):
    assert code in [problem.code for problem in problems_of(a_file(*decisions))]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "empty_file"),
        (b"PK\x03\x04", "not_xml"),
        (b"<definitions>", "not_xml"),
        (b"<definitions/>", "not_dmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not_dmn"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + a_file(a_table(["- -> 1"])), "document_type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + a_file(a_table(["- -> 1"])),
         "document_type"),
        (a_file(a_table(["- -> 1"])) + b" " * 5_000_000, "file_too_large"),
        (b"<a>" * 100_000, "not_xml"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_rule_table_is_refused(source, code):
    assert [problem.code for problem in problems_of(source)] == [code]


@pytest.mark.parametrize(
    "model",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_dmn_is_read(model):
    assert ask(a_file(a_table(["5 -> 6"]), model=model), {"x": 5}) == 6


def test_public_rule_tables_are_read_or_refused_with_located_reasons(record_property, capsys):
    files = sorted(PUBLIC.rglob("*.dmn"))
    refused = []
    for file in files:
        try:
            read_tables(file.read_bytes())
        except Rejected as refusal:
            refused.append((file, refusal.problems))
    said = f"{len(files)} public rule tables: {len(refused)} refused, the others read"
    if not files:
        said = f"NOT RUN: there are no public rule tables in {PUBLIC}"
    record_property("public_rule_tables", said)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert [file for file, problems in refused if not all(p.line for p in problems)] == []


# --- hostile tables ---------------------------------------------------------------------------

TEXT = "x" * 5_000_000
ROWS = [list(range(100))] * 500


@pytest.mark.parametrize(
    ("cell", "result", "x"),
    [
        ('contains(?, "xy{n}")', "1", TEXT),
        ('upper case(?) = "{n}"', "1", TEXT),
        ("sum(?) = {n}", "1", list(range(50_000))),
        ("list contains(?, -{n})", "1", list(range(50_000))),
        ("x", "1", ROWS),
        ("-", "x", ROWS),
        ("-", "[x, x, x, x, x, x, x, x, x, x]", TEXT),
        ("-", "9 ** 99 ** 99", 1),
        ("-", "x + x", ["a"] * 200_000),
        ("-", "x.__class__", {"a": 1}),
        ("-", "__class__", 1),
        ("-", "len", 1),
    ],
)
def test_a_hostile_table_is_bounded(cell, result, x):
    rules = [f"{cell.format(n=n + 1)} -> {result}" for n in range(300)]
    source = a_file(a_table(rules, inputs=("x",), policy="COLLECT"))
    began = time.monotonic()
    with pytest.raises(DecisionFailed):
        decide(read_tables(source), "decide", {"x": x})
    assert time.monotonic() - began < 2.0  # the promise of engine.md, not a measurement


@pytest.mark.parametrize("name", ["len", "__class__", "builtins", "sum", "constructor"])
def test_a_key_with_the_name_of_something_else_is_only_a_key(name):
    tables = read_tables(a_file(a_table(["- -> sum([1, 2]) + x"])))
    assert decide(tables, "decide", {"x": 1, name: 99}) == 4
