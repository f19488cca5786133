from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.forms.written import form
from workflows.forms import Facts
from workflows.forms.values import Unreadable, as_text, clean, read_value, stored

FACTS = Facts(
    choices={"person": {"7": "A. Ek"}, "unit": {"FARSTA": "Farsta"}, "file": {"a" * 64: "x"}},
    names={"risks": [{"title": "Brand"}, {"title": "Storm"}, {"title": None}]},
)
FORM = form(
    {
        "text": {"type": "string"},
        "rich": {"type": "string", "x-rich": True},
        "mail": {"type": "string", "format": "email"},
        "whole": {"type": "integer"},
        "number": {"type": "number"},
        "day": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
        "truth": {"type": "boolean"},
        "areas": {"type": "array", "items": {"type": "string", "enum": ["life"]}},
        "person": {"type": "integer", "x-ref": "person"},
        "body": {"type": "string", "x-ref": "unit"},
        "paper": {"type": "string", "x-file": True},
        "risk": {"type": "string", "x-ref": "risks.title"},
        "stray": {"type": "string", "x-ref": "nothing.title"},
    }
)

FIELDS = {each.name: each for each in FORM.fields}
CENTURIES = (date(1900, 1, 1), date(2199, 12, 31))


def value(name, raw):
    return read_value(FIELDS[name], raw, FACTS)


def wrong(name, raw):
    with pytest.raises(Unreadable) as unreadable:
        value(name, raw)
    return unreadable.value.code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12", 12), ("-3", -3), ("+3", 3), ("\u22123", -3), ("1 200", 1200),
        ("1\u00a0200 000", 1_200_000),
        ("1\u202f200", 1200), (" 7 ", 7), ("007", 7), (5, 5),
    ],
)  # fmt: skip
def test_whole_numbers_are_read_as_people_write_them(typed, meant):
    found = value("whole", typed)
    assert found == meant
    assert type(found) is int


@pytest.mark.parametrize(
    "typed",
    ["NaN", "nan", "Infinity", "1e5", "0x10", "1_000", "12,5", "1 2", "12 00", "٣", "²", "1.0",
     "--1", "1" * 16, "a", "1;2", "None"],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(typed):
    assert wrong("whole", typed) == "not_a_whole_number"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("12,5", "12.5"), ("12.5", "12.5"), ("1 234,50", "1234.50"), ("-0,25", "-0.25"), ("7", "7"),
     (Decimal("1.10"), "1.10"), (3, "3")],
)  # fmt: skip
def test_decimals_are_exact_with_comma_or_point(typed, meant):
    found = value("number", typed)
    assert str(found) == meant
    assert type(found) is Decimal


@pytest.mark.parametrize(
    "typed", ["NaN", "sNaN", "inf", "1e999", "1,2,3", "1.234,5", "1,234.5", ",5", "5,", "1,1234567"]
)
def test_what_is_no_number_is_refused(typed):
    assert wrong("number", typed) == "not_a_number"


@pytest.mark.parametrize(
    "raw", [1.5, float("nan"), Decimal("NaN"), Decimal("Infinity"), True, [], {}, b"1", object()]
)
def test_a_float_or_another_thing_is_never_a_number(raw):
    assert wrong("number", raw) == "wrong_type"


@pytest.mark.parametrize(
    "typed",
    ["2027-05-11", "2027-5-11", "20270511", "11 maj 2027", "11 MAJ 2027", "den 11 maj 2027",
     "11 may 2027", " 2027-05-11 ", date(2027, 5, 11)],
)  # fmt: skip
def test_days_are_read_as_people_write_them(typed):
    assert value("day", typed) == date(2027, 5, 11)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2027-02-30", "no_such_day"), ("2027-13-01", "no_such_day"), ("0000-01-01", "no_such_day"),
        ("0207-05-11", "no_such_day"), ("20270-05-11", "not_a_date"),
        ("11/5 2027", "not_a_date"), ("2027-0511", "not_a_date"), ("2027511", "not_a_date"),
        ("i morgon", "not_a_date"), ("11 mai 2027", "not_a_date"), ("2027", "not_a_date"),
        ("２０２７-05-11", "not_a_date"), ("today", "not_a_date"),
    ],
)  # fmt: skip
def test_what_is_no_day_is_told_apart_from_a_day_that_is_not(typed, code):
    assert wrong("day", typed) == code


def test_a_moment_is_local_when_typed_and_utc_when_kept():
    moment = datetime(2027, 5, 11, 12, 30, tzinfo=UTC)
    for typed in ("2027-05-11 14:30", "11 maj 2027 kl 14.30", "2027-05-11T14:30"):
        assert value("moment", typed) == moment
    assert value("moment", "2027-05-11T12:30:00.000000Z") == moment
    assert value("moment", moment.astimezone(ZoneInfo("Asia/Tokyo"))) == moment
    assert as_text(moment, FACTS, "sv") == "2027-05-11 14:30"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2027-03-28 02:30", "no_such_time"), ("2027-05-11", "not_a_time"),
        ("2027-05-11 24:00", "not_a_time"), ("2027-05-11 12:60", "not_a_time"),
        ("2027-02-30 12:00", "no_such_day"), ("0001-01-01 00:10", "no_such_day"),
        ("Z", "not_a_time"), ("now", "not_a_time"),
        (datetime(2027, 5, 11), "wrong_type"),  # noqa: DTZ001 - that is what is refused
    ],
)  # fmt: skip
def test_a_moment_that_never_was_is_refused(typed, code):
    assert wrong("moment", typed) == code


@pytest.mark.parametrize("typed", ["a@b.se", "anna.ek+x@sub.example.se", "åsa@örebro.se"])
def test_an_address_is_read(typed):
    assert value("mail", typed) == typed


@pytest.mark.parametrize("typed", ["a", "a@b", "@b.se", "a b@c.se", "a@b..se", "a@b.se, c@d.se"])
def test_what_is_no_address_is_refused(typed):
    assert wrong("mail", typed) == "not_an_email"


def test_only_what_may_be_pointed_at_can_be_pointed_at():
    assert value("person", "7") == 7
    assert value("body", "FARSTA") == "FARSTA"
    assert value("paper", "a" * 64) == "a" * 64
    assert wrong("person", "8") == "not_an_option"
    assert wrong("person", "__class__") == "not_an_option"


def test_a_row_of_the_case_is_chosen_by_its_name():
    assert value("risk", "Storm") == "Storm"
    assert FACTS.among("risks.title") == {"Brand": "Brand", "Storm": "Storm"}
    assert wrong("risk", "None") == wrong("stray", "Storm") == "not_an_option"
    assert wrong("paper", "b" * 64) == "unknown_file"


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("truth", "yes", "not_yes_or_no"), ("truth", "True", "not_yes_or_no"),
        ("truth", 1, "wrong_type"), ("text", 5, "wrong_type"), ("text", ["a"], "wrong_type"),
        ("text", {"a": 1}, "wrong_type"), ("areas", [1], "wrong_type"),
        ("areas", [["a"]], "wrong_type"),
        ("day", 20270511, "wrong_type"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_refused(name, raw, code):
    assert wrong(name, raw) == code


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "a\x1bb",
        "a\x7fb",
        "a\x85b",
        "\ud800",
        "a\ufffdb",
        "a\u202eb",
        "a\u2066b",
        "a\u2028b",
    ],
)
def test_undecodable_hidden_and_turning_characters_are_refused(text):
    assert wrong("text", text) == "bad_characters"
    assert wrong("rich", text) == "bad_characters"


def test_text_that_looks_the_same_is_kept_the_same():
    assert value("text", "A\u030angstro\u0308m") == "Ångström"


def test_only_a_text_of_several_lines_has_lines():
    assert value("rich", "a\r\nb\rc\td") == "a\nb\nc\td"
    assert wrong("text", "a\nb") == "bad_characters"


def test_nothing_but_space_is_no_answer():
    for raw in ("", "   ", "\n", None):
        assert value("rich", raw) is None


@given(st.text(max_size=60))
def test_clean_text_stays_clean(text):
    try:
        once = clean(text, lines=True)
    except Unreadable:
        return
    assert clean(once, lines=True) == once


@given(st.text(max_size=40), st.sampled_from(sorted(FIELDS)))
def test_any_text_is_a_plain_value_or_refused(text, name):
    try:
        found = value(name, text)
    except Unreadable:
        return
    assert found is None or type(found) in (str, int, Decimal, date, datetime, bool)


@given(st.decimals(-(10**9), 10**9, places=4), st.sampled_from(["sv", "en"]))
def test_a_number_survives_being_shown_and_read(number, language):
    assert value("number", as_text(number, FACTS, language)) == number


@given(st.dates(*CENTURIES))
def test_a_day_survives_being_shown_and_read(day):
    assert value("day", as_text(day, FACTS, "sv")) == day


@given(st.dates(*CENTURIES), st.times())
def test_a_moment_survives_being_stored_and_read(day, clock):
    moment = datetime.combine(day, clock, UTC)
    assert value("moment", stored(moment)) == moment


def test_stored_values_hold_nothing_that_json_has_not():
    rows = [{"day": date(2027, 5, 11), "number": Decimal("1.5")}]
    assert stored({"rows": rows}) == {"rows": [{"day": "2027-05-11", "number": Decimal("1.5")}]}
