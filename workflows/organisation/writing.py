"""How codes, names and addresses are written, whether typed on a page or read from a file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as made

LONGEST = 200
CODE = re.compile(r"[A-ZÅÄÖ0-9][A-ZÅÄÖ0-9_-]{0,39}")
EMAIL = re.compile(r"[^@\s,;<>\"()]{1,64}@[^@\s,;<>\"()]{1,190}")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that does not hold: in which field, and why."""

    field: str
    code: str
    params: Mapping[str, object] = made(default_factory=dict)


def email_of(text: str) -> str:
    """Return the address in the one way we keep it, or nothing if it is none."""
    text = text.strip().lower()
    return text if EMAIL.fullmatch(text) else ""


def wrong_code(text: str) -> Iterator[Wrong]:
    """Say what is wrong with the code of a unit."""
    if not CODE.fullmatch(text):
        yield Wrong("code", "not_a_code")


def wrong_name(text: str) -> Iterator[Wrong]:
    """Say what is wrong with a name."""
    if not text.strip():
        yield Wrong("name", "missing")
    elif len(text) > LONGEST or not text.isprintable():
        yield Wrong("name", "too_long")
