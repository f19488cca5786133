"""FEEL as rule tables use it: what expressions and tests mean, and what is refused."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from workflows.engine.rule_tables.feel import DecisionFailed, Scope
from workflows.engine.rule_tables.feel_reading import names_in, read_expression, read_tests
from workflows.engine.rule_tables.feel_tokens import FeelError
from workflows.engine.rule_tables.feel_values import Months

NAMES = {
    "amount": 10, "price": Decimal("2.50"), "kind": "a", "none": None, "day": date(2027, 1, 31),
    "at": datetime(2027, 1, 31, 12, tzinfo=UTC), "risks": [3, 1, 2], "yes": True,
    "unit": {"code": "FARSTA", "name": None}, "prioriterat åtagande": 7, "pre-score": 5,
}  # fmt: skip


def worth(text):
    return read_expression(text, NAMES).worth(Scope(NAMES, date(2027, 1, 5)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ** 3", 8),
        ("-amount + 1", -9),
        ("10 / 4", Decimal("2.5")),
        ("0.1 + 0.2", Decimal("0.3")),
        (".5 * 2", Decimal("1.0")),
        ('"a" + "b"', "ab"),
        (r'"quote \" and é"', 'quote " and é'),
        ("prioriterat  åtagande + 1", 8),
        ("pre-score - 1", 4),
        ("unit.code", "FARSTA"),
        ("none.code", None),
        ("risks[1]", 3),
        ("risks[-1]", 2),
        ("risks[9]", None),
        ("[1, 2, 3][2]", 2),
        ("amount > 5 and kind = \"a\"", True),
        ("none > 5", None),
        ("none > 5 and false", False),
        ("none > 5 or true", True),
        ("kind > 5", None),
        ("kind = 5", None),
        ("none = null", True),
        ("amount != null", True),
        ("amount between 1 and 10", True),
        ("amount in [1..10]", True),
        ("amount in [1..10)", False),
        ("amount in ]1..10[", False),
        ("amount in (1..10]", True),
        ("amount in (1, 5, > 9)", True),
        ("kind in (\"b\", \"c\")", False),
        ("if amount > 5 then \"big\" else \"small\"", "big"),
        ("if none > 5 then 1 else 2", 2),
        ("not(yes)", False),
        ("not(none)", None),
        ("max(risks) + min(1, 2) + sum(risks) + count(risks)", 13),
        ("mean([1, 2])", Decimal("1.5")),
        ("sum([])", None),
        ("decimal(2.345, 2)", Decimal("2.34")),
        ("floor(-2.5)", -3),
        ("ceiling(-2.5)", -2),
        ("modulo(-7, 3)", 2),
        ("abs(-2)", 2),
        ("contains(\"foobar\", \"oba\")", True),
        ("starts with(\"foobar\", \"foo\") and ends with(\"foobar\", \"bar\")", True),
        ("upper case(lower case(\"ÅÄÖ\"))", "ÅÄÖ"),
        ("string length(\"åäö\")", 3),
        ("substring(\"foobar\", 3, 2)", "ob"),
        ("substring(\"foobar\", -2)", "ar"),
        ("list contains(risks, 2)", True),
        ("all([true, true]) and any([false, true])", True),
        ("string(1.50)", "1.50"),
        ("number(\"12.5\")", Decimal("12.5")),
        ('date("2027-02-28")', date(2027, 2, 28)),
        ("date(2027, 2, 28)", date(2027, 2, 28)),
        ('@"2027-02-28"', date(2027, 2, 28)),
        ("date(at)", date(2027, 1, 31)),
        ('time("12:30:00")', time(12, 30)),
        ('date and time("2027-01-31T12:00:00")', datetime(2027, 1, 31, 12)),  # noqa: DTZ001  # local
        ('duration("P1DT2H")', timedelta(days=1, hours=2)),
        ('duration("-P1Y2M")', Months(-14)),
        ('day + duration("P1M")', date(2027, 2, 28)),
        ('day - duration("P2D")', date(2027, 1, 29)),
        ('day - date("2027-01-01") > duration("P29D")', True),
        ('duration("PT24H") = duration("P1D")', True),
        ('duration("P1M") * 2', Months(2)),
        ('duration("P1D") / 2', timedelta(hours=12)),
        ("day.year", 2027),
        ("day.weekday", 7),
        ("today() < day", True),
    ],
)  # fmt: skip
def test_an_expression_is_worth_what_feel_says(text, expected):
    found = worth(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "holds", "fails"),
    [
        ("-", [1, None, "a"], []),
        ("", [1, None], []),
        ("5", [5, Decimal("5.0")], [4, None, "5", True]),
        ("-5", [-5], [5]),
        ('"a", "b"', ["a", "b"], ["c", None]),
        ('not("a", "b")', ["c", None], ["a", "b"]),
        ("not(> 5)", [5, 1], [6]),
        ("< 5", [4, Decimal("4.9")], [5, None, "a"]),
        (">= 3, < 0", [3, -1], [0, 2]),
        ("[1..5]", [1, 5], [0, 6]),
        ("(1..5)", [2], [1, 5]),
        ("]1..5[", [2], [1, 5]),
        ("[1..3], [7..9]", [2, 8], [5]),
        ("true", [True], [False, None, 1]),
        ("null", [None], [0, False, ""]),
        ("!= null", [1], [None]),
        ("amount", [10], [11]),
        ("< amount * 2", [19], [20]),
        ("risks", [1, 2, 3], [4]),
        ("[1, 2]", [1, 2], [3]),
        ('date("2027-01-01")', [date(2027, 1, 1)], [date(2027, 1, 2), "2027-01-01"]),
        ('[date("2027-01-01")..date("2027-12-31")]', [date(2027, 6, 1)], [date(2028, 1, 1)]),
        ('> @"P1D"', [timedelta(days=2)], [timedelta(days=1), 5]),
        ("? > 5 and ? < amount", [6], [5, 10]),
        ("not(? = 3)", [2], [3]),
        ('contains(?, "x")', ["axb"], ["ab"]),
        ('["a".."c"]', ["b"], ["d"]),
    ],
)
def test_a_cell_holds_for_what_it_says_and_nothing_else(text, holds, fails):
    tests = read_tests(text, NAMES)
    assert [v for v in holds if not tests.worth(Scope(NAMES, None, v))] == []
    assert [v for v in fails if tests.worth(Scope(NAMES, None, v))] == []


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("1 +", "syntax", 4),
        ("amount == 3", "syntax", 9),
        ("'a'", "syntax", 1),
        ('"open', "syntax", 1),
        ("1 2", "syntax", 3),
        ("[1..5", "syntax", 6),
        ("f(1)", "unknown_function", 1),
        ("__import__(1)", "unknown_function", 1),
        ("abs()", "wrong_arguments", 1),
        ('date("2027-02-30")', "not_a_date", 1),
        ('duration("3 days")', "not_a_date", 1),
        ('@"hello"', "not_a_date", 2),
        ("for x in risks return x", "not_supported", 1),
        ("some x in risks satisfies x > 1", "not_supported", 1),
        ("{a: 1}", "syntax", 1),
        ("(" * 60 + "1" + ")" * 60, "too_deep", 41),
        ("1" + " + 1" * 400, "too_long", 1001),
        ("1 + " * 600 + "1", "too_long", 1),
    ],
)
def test_what_is_not_our_feel_is_refused_where_it_is(text, code, column):
    with pytest.raises(FeelError) as refusal:
        read_expression(text, NAMES)
    assert (refusal.value.code, refusal.value.column) == (code, column)


@pytest.mark.parametrize(
    "text",
    ["missing", "amount + kind", "amount / 0", "amount ** 9999", "10 ** 100 ** 100", "-kind",
     "kind[1]", "unit.colour", "upper case(amount)", "day + 1000000000000", "abs(kind)",
     'day + duration("P99999Y")', "number(kind)", "mean([])"],
)  # fmt: skip
def test_arithmetic_that_makes_no_sense_fails_instead_of_guessing(text):
    with pytest.raises(DecisionFailed):
        worth(text)


def test_names_are_known_before_anything_is_worked_out():
    node = read_expression("amount + prioriterat åtagande * max(unit.code, ?)", NAMES)
    assert names_in(node) == {"amount", "prioriterat åtagande", "unit"}
