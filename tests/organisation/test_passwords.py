"""Which passwords are taken, and that comparing tells nothing by its time."""

import pytest
from argon2 import PasswordHasher

from workflows.organisation import passwords

KNOWN = ("Alva Lindqvist", "alva.lindqvist@stad.example.test")


@pytest.mark.parametrize(
    "password",
    [
        "fyra gröna hästar",
        "correct horse battery staple",
        "Sommaren med Göran var kort",
        "x9!kQ2#vLm4z",
        "ååå bord fågel lampa",
    ],
)
def test_a_long_password_that_nobody_guesses_is_good(password):
    assert passwords.problem(password, known=KNOWN) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("kort lösen", "password_too_short"),
        ("a b c d e f" * 20, "password_too_long"),
        ("aaaaaaaaaaaaaaaa", "password_too_common"),
        ("Password123456", "password_too_common"),
        ("lösenord2027!!", "password_too_common"),
        ("Sommar2026Stockholm", "password_too_common"),
        ("qwertyuiopåasdf", "password_too_common"),
        ("1234567890123456", "password_too_common"),
        ("abcdefghijklmnop", "password_too_common"),
        ("AlvaLindqvist2027", "password_too_personal"),
        ("lindqvist.alva.1", "password_too_personal"),
    ],
)
def test_a_password_that_others_would_guess_is_refused_with_its_reason(password, code):
    assert passwords.problem(password, known=KNOWN) == code


def test_the_length_is_counted_in_letters_as_a_person_sees_them():
    apart = "ga\u030as ra\u0308v o\u0308l"
    assert len(apart) == passwords.SHORTEST + 1
    assert passwords.problem(apart) == "password_too_short"


def test_a_password_matches_its_hash_however_its_letters_are_composed():
    stored = passwords.hashed("gröna hästar på ön")
    assert passwords.matches(stored, "gro\u0308na ha\u0308star pa\u030a o\u0308n")
    assert not passwords.matches(stored, "grona hastar pa on")


def test_the_same_password_has_another_hash_each_time():
    assert passwords.hashed("fyra gröna hästar") != passwords.hashed("fyra gröna hästar")


def test_an_unknown_person_costs_a_comparison_like_any_other(monkeypatch):
    compared = []

    class Counting(PasswordHasher):
        def verify(self, stored, password):
            compared.append(stored)
            return super().verify(stored, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    assert not passwords.matches(None, "fyra gröna hästar")
    assert not passwords.matches(None, "nobody has this password")
    assert len(compared) == 2
    assert compared[0].startswith("$argon2id$")


def test_a_hash_that_is_none_matches_nothing():
    assert not passwords.matches("plain text", "plain text")


def test_a_hash_of_weaker_parameters_is_outdated():
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    assert passwords.is_outdated(weaker.hash("fyra gröna hästar"))
    assert not passwords.is_outdated(passwords.hashed("fyra gröna hästar"))
