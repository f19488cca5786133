"""Expressions: what they mean, and what is refused with a reason one can act on."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import simpleeval
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.errors import Refused
from workflows.expressions import (
    RESERVED,
    ExpressionError,
    ExpressionFailed,
    compile_expression,
    evaluate,
)

DATA = {
    "amount": Decimal("1500.50"), "kind": "purchase", "approved": True, "nothing": None,
    "case": {"exercise_day": date(2027, 4, 14), "handler": None, "len": 3},
    "risks": [{"value": 10, "band": "orange"}, {"value": 4, "band": "green"}],
    "today": date(2027, 1, 5), "opened_on": "2026-12-24",
}  # fmt: skip


def value(text, names=DATA, **functions):
    return evaluate(compile_expression(text), names, functions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount > 1000 and kind == 'purchase'", True),
        ("amount > 1000\n  and kind == 'sale'", False),
        ("not approved or amount < 1", False),
        ("1 < amount <= 1500.50", True),
        ("1.1 + 2.2 == 3.3", True),
        ("0.1 * 3", Decimal("0.3")),
        ("10 / 4", Decimal("2.5")),
        ("10 / 5", 2),
        ("-7 // 2", -4),
        ("-7.0 // 2", -4),
        ("-7 % 3", 2),
        ("-7.5 % 2", Decimal("0.5")),
        ("2 ** 10", 1024),
        ("round(2.5)", 2),
        ("round(3.5)", 4),
        ("round(2.345, 2)", Decimal("2.34")),
        ("nothing is None and nothing == null", True),
        ("true and not false", True),
        ("kind in ['purchase', 'sale']", True),
        ("kind in ('sale', 'lease')", False),
        ("'chase' in kind", True),
        ("'exercise_day' in case", True),
        ("case.exercise_day - today", 99),
        ("case['exercise_day'] > today", True),
        ("today - opened_on", 12),
        ("opened_on < today", True),
        ("opened_on == date(2026, 12, 24)", True),
        ("today + 10", date(2027, 1, 15)),
        ("date('2027-02-01') > today", True),
        ("risks[0].value", 10),
        ("risks[-1].band", "green"),
        ("max(r.value for r in risks)", 10),
        ("sum([r.value for r in risks if r.band == 'orange'])", 10),
        ("count([r for r in risks if r.value > 3]) == len(risks)", True),
        ("any(r.band == 'red' for r in risks)", False),
        ("[a.value * b.value for a in risks for b in risks]", [100, 40, 40, 16]),
        ("[[x + y for x in [1, 2]] for y in [10, 20]]", [[11, 12], [21, 22]]),
        ("{'total': sum([1, 2]), 'kind': kind}", {"total": 3, "kind": "purchase"}),
        ("'a' + 'b' if approved else nothing", "ab"),
        ("lower('ÅÄÖ')", "åäö"),
        ("kind + ':' + len(risks)", "purchase:2"),
        ("min(3, 1, 2)", 1),
        ("case.len", 3),
        ("approved and kind", "purchase"),
        ("1 == '1'", False),
    ],
)
def test_an_expression_is_worth_what_it_says(text, expected):
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "empty", 1, 1),
        ("  \n ", "empty", 1, 1),
        ("amount >", "syntax", 1, 9),
        ("amount\n> > 3", "syntax", 2, 3),
        ("a) + (b", "syntax", 1, 1),
        ("1, 2", "syntax", 1, 1),
        ("x for x in y", "syntax", 1, 1),
        ("a = 1", "syntax", 1, 1),
        ("1 + _hidden", "private_name", 1, 5),
        ("amount.__class__", "private_name", 1, 1),
        ("len > 3", "function_as_value", 1, 1),
        ("[sum for sum in risks]", "shadows", 1, 10),
        ("[case for case in risks]", "shadows", 1, 11),
        ("frobnicate(1)", "unknown_function", 1, 1),
        ("len(1, 2)", "wrong_arguments", 1, 1),
        ("len(x=1)", "wrong_arguments", 1, 1),
        ("sum(*risks)", "forbidden", 1, 5),
        ("risks[0:1]", "forbidden", 1, 7),
        ("kind is 'x'", "forbidden", 1, 9),
        ("{1: 2}", "forbidden", 1, 2),
        ("{**case}", "forbidden", 1, 1),
        ("1e999", "bad_number", 1, 1),
        ("x" * 5000, "too_long", 1, 1),
    ],
)
def test_what_is_no_expression_is_refused_where_it_is_wrong(text, code, line, column):
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(text)
    found = refusal.value
    assert (found.code, found.params["line"], found.params["column"]) == (code, line, column)


def test_a_misspelt_name_is_met_with_the_nearest_one():
    with pytest.raises(ExpressionError) as refusal:
        compile_expression("kind == 'x' and\n  amont > 3", {"amount", "kind"})
    assert refusal.value.code == "unknown_name"
    assert refusal.value.params == {"name": "amont", "nearest": "amount", "line": 2, "column": 3}


def test_an_expression_tells_what_it_needs():
    expression = compile_expression("milestone('T1') > today and any(r.x for r in risks)")
    assert expression.names == {"today", "risks"}
    assert expression.calls == {("milestone", "T1")}
    assert expression == compile_expression(expression.text)
    assert len({expression, compile_expression(expression.text)}) == 1


def test_every_function_and_constant_is_a_reserved_name():
    assert {"len", "true", "null", "None", "milestone", "case", "today", "date"} <= RESERVED


def test_data_never_take_the_place_of_a_function():
    names = {**DATA, "len": 7, "milestone": 8, "sum": "x", "__class__": 1, "builtins": 2}
    assert value("len(risks) + case.len", names) == 5
    assert value("milestone('T1')", names, milestone=lambda code: f"<{code}>") == "<T1>"
    assert value("builtins", names) == 2


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        ("missing + 1", "no_value", {"name": "missing", "names": ("missing",)}),
        ("case.missing", "no_key", {"key": "missing", "names": ("case",)}),
        ("case.handler.name", "not_a_mapping", None),
        ("risks[9]", "no_item", None),
        ("nothing > 3", "not_comparable", {"left": "NoneType", "right": "int",
                                           "names": ("nothing",)}),
        ("kind > 3", "not_comparable", None),
        ("kind * 3", "not_computable", None),
        ("approved + 1", "not_computable", None),
        ("amount / 0", "not_computable", None),
        ("amount / 0.0", "not_computable", None),
        ("kind.upper", "not_a_mapping", None),
        ("[r for r in kind]", "not_a_list", None),
        ("sum(['a'])", "not_computable", None),
        ("max([])", "no_item", None),
        ("date('2027-13-01')", "not_a_date", None),
        ("date(2027, 2, 30)", "not_a_date", None),
        ("today + 99999999999", "failed", None),
        ("milestone('T1')", "no_function", {"function": "milestone", "names": ()}),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_fails_with_names_and_kinds(text, code, params):
    with pytest.raises(ExpressionFailed) as failure:
        value(text)
    assert failure.value.code == code
    if params is not None:
        assert failure.value.params == params


def test_a_failure_never_tells_a_value():
    names = {"secret": "Operation Frost", "other": 3}
    for text in ("other + secret", "secret.key", "secret > other", "date(secret)", "[secret][3]"):
        with pytest.raises(ExpressionFailed) as failure:
            value(text, names)
        assert "Frost" not in f"{failure.value} {failure.value.params} {failure.value!r}"


def test_a_function_of_the_caller_that_refuses_or_breaks_is_a_failure():
    def refuses(code):
        raise Refused("no_such_milestone")

    for function, cause in ((refuses, "no_such_milestone"), (lambda: 1, "TypeError")):
        with pytest.raises(ExpressionFailed) as failure:
            value("milestone('T9')", milestone=function)
        assert failure.value.params == {"function": "milestone", "cause": cause, "names": ()}


@pytest.mark.parametrize(
    "wrong",
    [1.5, float("nan"), Decimal("NaN"), Decimal("1e5000"), object(), len, {1, 2}, b"x", 2**600],
)
def test_only_plain_data_come_in_and_go_out(wrong):
    for text, names in (
        ("x", {"x": wrong}), ("x[0]", {"x": [wrong]}), ("x.y", {"x": {"y": wrong}}),
        ("x", {"x": [{"y": wrong}]}), ("[y for y in x]", {"x": [wrong]}),
    ):  # fmt: skip
        with pytest.raises(ExpressionFailed) as failure:
            value(text, names)
        assert failure.value.code in ("not_plain", "too_large")
    with pytest.raises(ExpressionFailed):
        value("milestone(1)", milestone=lambda one: wrong)


def test_what_comes_out_shares_nothing_with_the_data():
    risks = [{"value": 10}]
    value("x", {"x": risks})[0]["value"] = 99
    assert risks == [{"value": 10}]


def test_moments_are_compared_but_not_with_one_that_has_no_zone():
    names = {"at": datetime(2027, 1, 5, 12, tzinfo=UTC), "naive": datetime(2027, 1, 5)}  # noqa: DTZ001  # what is tested
    assert value("date(at) == date(naive)", names) is True
    with pytest.raises(ExpressionFailed, match="not_comparable"):
        value("at < naive", names)


def test_one_expression_serves_many_threads():
    expression = compile_expression("sum([x * y for x in xs for y in xs])")
    found: list[bool] = []

    def work(top):
        names = {"xs": list(range(top))}
        found.extend(evaluate(expression, names) == sum(range(top)) ** 2 for _ in range(20))

    threads = [threading.Thread(target=work, args=(10 + n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 120


_names = st.sampled_from(["a", "b", "c"])
_trees = st.recursive(
    st.integers(-9, 9).map(lambda n: f"({n})") | _names,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "<", "<=", "==", "!="]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        inner.map(lambda part: f"(not {part})"),
        st.lists(inner, max_size=3).map(lambda parts: f"({' + '.join(parts) or '0'})"),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(_trees, st.tuples(*[st.integers(-50, 50)] * 3))
def test_it_agrees_with_another_evaluator_wherever_it_answers(text, values):
    names = dict(zip("abc", values, strict=True))
    try:
        ours = value(text, names)
    except ExpressionFailed:
        return  # a truth value in arithmetic: refused here, 0 or 1 there
    assert ours == simpleeval.simple_eval(text, names=names)
