"""Swedish search and order."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.language import fold, sort_key


def test_å_ä_ö_sort_last_and_in_that_order():
    names = ["Österåker", "Ängby", "Ålsten", "Zinkensdamm", "Farsta", "älvsjö"]
    assert sorted(names, key=sort_key) == [
        "Farsta", "Zinkensdamm", "Ålsten", "älvsjö", "Ängby", "Österåker",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "cafe"),
        ("MÜLLER", "muller"),
        ("Ångström", unicodedata.normalize("NFD", "ångström")),
        ("  Två   ord ", "två ord"),
        ("Kjær", "kjär"),
        ("Sjølund", "sjölund"),
        ("Straße", "strasse"),
    ],
)
def test_what_a_swede_takes_for_the_same_is_found_by_either(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("å", "a"), ("ä", "a"), ("ö", "o"), ("å", "ä")])
def test_å_ä_ö_are_letters_of_their_own(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
