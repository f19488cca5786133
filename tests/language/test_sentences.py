"""Texts named in one place and said in another."""

from datetime import UTC, date, datetime

import pytest

from workflows.language import Language, Sentence, counted, spoken, translator

SV, EN = Language.SV, Language.EN


def test_a_sentence_is_said_in_the_language_of_its_reader():
    started = Sentence("{actor} started {case}", {"actor": "Anna Ek", "case": "RSA-FARSTA-2027-1"})
    assert started.said(SV) == "Anna Ek startade RSA-FARSTA-2027-1"
    assert started.said(EN) == "Anna Ek started RSA-FARSTA-2027-1"


def test_a_number_chooses_the_form():
    assert counted(1, "{count} working day", "{count} working days").said(SV) == "1 arbetsdag"
    assert counted(0, "{count} working day", "{count} working days").said(EN) == "0 working days"


def test_what_fills_a_place_is_said_in_the_same_language():
    inner = counted(3, "{count} week", "{count} weeks")
    assert Sentence("{length} before {base}", {"length": inner, "base": "T1"}).said(SV) == (
        "3 veckor före T1"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "–"),
        ("text", "text"),
        (12000, "12\N{NO-BREAK SPACE}000"),
        (date(2027, 5, 11), "tis 11 maj 2027"),
        (datetime(2027, 5, 11, 12, 0, tzinfo=UTC), "tis 11 maj 2027 14:00"),
        (["a", 2], "a och 2"),
        (Sentence("today"), "i dag"),
    ],
)
def test_a_value_in_a_sentence_is_spoken(value, expected):
    assert spoken(value, SV) == expected


def test_a_place_whose_filling_was_weeded_out_does_not_break_the_sentence():
    assert Sentence("{actor} started {case}", {"actor": "Anna Ek"}).said(EN) == "Anna Ek started –"


def test_braces_in_what_a_person_wrote_are_left_alone():
    assert Sentence("{field}: {when}", {"field": "{actor}", "when": "%(x)s"}).said(EN) == (
        "{actor}: %(x)s"
    )


def test_a_text_that_is_not_in_the_catalog_is_said_as_it_is():
    assert translator(SV).gettext("no such text") == "no such text"
