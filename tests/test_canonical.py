from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.canonical import canonical_text, content_hash, instant_text, parse

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_keys_are_sorted_and_nothing_is_spaced():
    assert canonical_text({"b": [1, True, None], "a": "å"}) == '{"a":"å","b":[1,true,null]}'


def test_an_instant_is_written_in_utc_with_microseconds():
    stockholm = timezone(timedelta(hours=2))
    moment = datetime(2027, 5, 11, 16, 0, tzinfo=stockholm)
    assert instant_text(moment) == "2027-05-11T14:00:00.000000Z"
    assert canonical_text([moment, date(2027, 5, 11)]) == (
        '["2027-05-11T14:00:00.000000Z","2027-05-11"]'
    )


def test_an_early_year_still_has_four_digits():
    assert instant_text(datetime(7, 1, 1, tzinfo=UTC)) == "0007-01-01T00:00:00.000000Z"


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        instant_text(datetime(2027, 5, 11))  # noqa: DTZ001 (that is the point)


def test_a_float_is_refused_because_two_machines_may_write_it_differently():
    with pytest.raises(TypeError):
        canonical_text({"share": 0.1})


def test_a_decimal_is_written_as_text_without_an_exponent():
    assert canonical_text(Decimal("1E+3")) == '"1000"'


def test_composed_and_decomposed_letters_are_the_same_text():
    assert canonical_text("A\u030a") == canonical_text("Å")


def test_a_number_with_a_fraction_is_read_as_decimal_and_nan_is_refused():
    assert parse("[1.10]") == [Decimal("1.10")]
    with pytest.raises(ValueError, match="NaN"):
        parse("NaN")


@given(PLAIN)
def test_what_is_read_back_is_written_the_same(value):
    text = canonical_text(value)
    assert canonical_text(parse(text)) == text


def test_the_golden_text_and_hash_stand_for_ever():
    """The offline verifier holds the same line; if this changes, every old proof breaks."""
    value = {
        "when": datetime(2027, 1, 31, 23, 59, 59, 123456, tzinfo=UTC),
        "day": date(2027, 2, 1),
        "sum": Decimal("12.50"),
        "name": "Åsa Öberg",
        "none": None,
        "list": [True, 3, "x"],
    }
    text = canonical_text(value)
    assert text == (
        '{"day":"2027-02-01","list":[true,3,"x"],"name":"Åsa Öberg","none":null,'
        '"sum":"12.50","when":"2027-01-31T23:59:59.123456Z"}'
    )
    assert content_hash(text) == "a7abce7b05e9bc095aa726d72fa1d9a4e8f892ab3cdf1d434705cda75af0023a"
