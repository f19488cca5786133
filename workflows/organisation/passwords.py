"""Which passwords are good enough, and how they are kept.

Hashing takes a twentieth of a second by design: never do it while holding the right to write.
"""

import re
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200

# The words people reach for. A password is refused when nothing much is left beside them.
COMMON_WORDS = (
    "password", "passw0rd", "losenord", "lösenord", "hemligt", "hemlig", "secret", "welcome",
    "valkommen", "välkommen", "admin", "administrator", "letmein", "qwerty", "qwertyuiop", "asdfgh",
    "asdfghjkl", "zxcvbn", "zxcvbnm", "iloveyou", "jagalskardig", "monkey", "dragon", "football",
    "fotboll", "hockey", "master", "login", "princess", "sunshine", "shadow", "superman", "batman",
    "trustno", "whatever", "computer", "dator", "internet", "sommar", "vinter", "hosten", "hösten",
    "varen", "våren", "summer", "winter", "autumn", "spring", "januari", "februari", "mars",
    "april", "juni", "juli", "augusti", "september", "oktober", "november", "december", "mandag",
    "måndag", "fredag", "stockholm", "goteborg", "göteborg", "malmo", "malmö", "sverige", "sweden",
    "kommun", "arshjul", "årshjul", "sakerhet", "säkerhet", "security", "test", "testing",
    "changeme", "default", "guest", "hello", "hejsan", "hejhej", "abc", "the", "och", "jag", "min",
    "mitt", "my", "user", "account", "konto",
)  # fmt: skip
_RUNS = ("0123456789" * 2, "9876543210" * 2, "abcdefghijklmnopqrstuvwxyzåäö",
         "qwertyuiopåasdfghjklöäzxcvbnm")  # fmt: skip
LEFT_OVER = 6  # so many characters beside the common words make a password of its own

_hasher = PasswordHasher()


def problem(password: str, *, known: tuple[str, ...] = ()) -> str | None:
    """Return the code of what is wrong with a new password, or None; no rule asks for signs.

    `known` is what an acquaintance would try: the person's name and e-mail address.
    """
    text = unicodedata.normalize("NFC", password)
    if len(text) < SHORTEST:
        return "password_too_short"
    if len(text) > LONGEST:
        return "password_too_long"
    plain = text.casefold()
    if len(set(plain)) < 5:
        return "password_too_common"
    if _left_over(plain, COMMON_WORDS) < LEFT_OVER:
        return "password_too_common"
    if _left_over(plain, COMMON_WORDS + _parts(known)) < LEFT_OVER:
        return "password_too_personal"
    return None


def hashed(password: str) -> str:
    """Hash a password with a salt of its own."""
    return _hasher.hash(unicodedata.normalize("NFC", password))


def matches(stored: str | None, password: str) -> bool:
    """Tell whether the password is right; takes as long when there is none to compare with."""
    try:
        right = _hasher.verify(
            stored or _nobodys(), unicodedata.normalize("NFC", password[: LONGEST + 1])
        )
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    """Hash something, to compare with when the person is unknown."""
    return _hasher.hash("nobody has this password")


def _parts(known: tuple[str, ...]) -> tuple[str, ...]:
    words = re.split(r"[\W_]+", " ".join(known).casefold())
    return tuple(word for word in words if len(word) >= 3)


def _left_over(plain: str, words: tuple[str, ...]) -> int:
    """Count the letters that are left when words, runs, years and repeats are taken away."""
    for word in sorted(words, key=len, reverse=True):
        plain = plain.replace(word, " ")
    for run in _RUNS:
        for length in range(10, 2, -1):
            for start in range(len(run) - length + 1):
                plain = plain.replace(run[start : start + length], " ")
    plain = re.sub(r"(.)\1+", r"\1", re.sub(r"(19|20)\d\d", " ", plain))
    return len(re.sub(r"[\W_]+", "", plain))
