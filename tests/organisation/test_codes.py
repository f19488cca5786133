"""Codes of a generator and recovery codes."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from workflows.organisation import codes
from workflows.organisation.sealing import Unreadable, seal, unseal

# From RFC 6238, appendix B, cut to six digits: the secret is "12345678901234567890".
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(seconds, code):
    moment = datetime.fromtimestamp(seconds, UTC)
    assert codes.step_of(SECRET, code, used=None, now=moment) == seconds // 30


def test_a_code_may_be_one_step_early_or_late_and_no_more():
    now = datetime(2027, 3, 2, 12, tzinfo=UTC)
    code = pyotp.TOTP(SECRET).at(now)
    for seconds, is_taken in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        moment = now + timedelta(seconds=seconds)
        assert (codes.step_of(SECRET, code, used=None, now=moment) is not None) is is_taken


def test_a_code_is_not_taken_twice_nor_one_older_than_the_last():
    now = datetime(2027, 3, 2, 12, tzinfo=UTC)
    step = codes.step_of(SECRET, pyotp.TOTP(SECRET).at(now), used=None, now=now)
    assert codes.step_of(SECRET, pyotp.TOTP(SECRET).at(now), used=step, now=now) is None
    older = pyotp.TOTP(SECRET).at(now - timedelta(seconds=30))
    assert codes.step_of(SECRET, older, used=step, now=now) is None


def test_a_code_may_be_typed_in_two_groups():
    now = datetime.fromtimestamp(59, UTC)
    assert codes.step_of(SECRET, " 287 082 ", used=None, now=now) == 1


@pytest.mark.parametrize("code", ["", "28708", "2870822", "åäöåäö", "２８７０８２"])
def test_what_is_no_code_is_refused(code):
    assert codes.step_of(SECRET, code, used=None, now=datetime.fromtimestamp(59, UTC)) is None


def test_recovery_codes_differ_and_are_known_however_they_are_typed():
    made = codes.new_recovery_codes()
    assert len(set(made)) == codes.RECOVERY_CODES
    typed = made[0].upper().replace("-", " ")
    assert codes.recovery_hash(typed) == codes.recovery_hash(made[0])
    assert codes.recovery_hash(made[0]) != codes.recovery_hash(made[1])


def test_what_is_sealed_opens_with_the_same_key_for_the_same_person_only():
    key = b"k" * 32
    sealed = seal("hemligt", key=key, whose=7)
    assert "hemligt" not in sealed
    assert unseal(sealed, key=key, whose=7) == "hemligt"
    for other_key, whose in ((b"x" * 32, 7), (key, 8)):
        with pytest.raises(Unreadable):
            unseal(sealed, key=other_key, whose=whose)


@pytest.mark.parametrize("sealed", ["", "åäö", "aaaa", "not base64!"])
def test_what_was_never_sealed_does_not_open(sealed):
    with pytest.raises(Unreadable):
        unseal(sealed, key=b"k" * 32, whose=7)
