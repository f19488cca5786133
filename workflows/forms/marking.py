"""Whether a text looks like the marking of a security class, which may not be kept here at all.

The law forbids what is security-classified in a system that is not approved for it; a marking is
what somebody copies along by mistake. The words alone are no marking: “konfidentiell” in a sentence
is a word, KONFIDENTIELL on a line of its own is a stamp.
"""

import re
from collections.abc import Iterator, Mapping

from workflows.language import N_, Language, translator

LOOKS_MARKED = N_(
    "A text here looks like the marking of a security class. What is security-classified must not"
    " be written here."
)
# Stamps are written in capitals; what names a class with its level is one however it is written.
_STAMPS = re.compile(
    r"\b(?:KVALIFICERAT\s+HEMLIG|BEGRÄNSAT\s+HEMLIG|HEMLIG|KONFIDENTIELL|(?:TOP\s+)?SECRET"
    r"|CONFIDENTIAL|RESTRICTED|SÄKERHETSSKYDDSKLASS(?:IFICERAD)?)\b"
)
_CLASSES = re.compile(
    r"\bsäkerhetsskyddsklass(?:en|ificerad[et]?)?\s*[:=–-]?\s*\(?(?:kvalificerat\s+hemlig"
    r"|begränsat\s+hemlig|hemlig|konfidentiell)\b",
    re.IGNORECASE,
)


def looks_marked(text: str) -> bool:
    """Whether the text holds what looks like the marking of a class."""
    return bool(_STAMPS.search(text) or _CLASSES.search(text))


def marked(answers: object, name: str = "") -> Iterator[str]:
    """The posted names of the answers that look marked."""
    match answers:
        case str():
            if looks_marked(answers):
                yield name
        case Mapping():
            for key, value in answers.items():
                yield from marked(value, f"{name}-{key}" if name else str(key))
        case list():
            for index, value in enumerate(answers):
                place = f"{name}-{index}" if isinstance(value, dict) else name
                yield from marked(value, place)
        case _:
            pass


def warning() -> tuple[str, str]:
    """What is said of it where it stops nobody, in both languages."""
    sv, en = (translator(each).gettext(LOOKS_MARKED) for each in (Language.SV, Language.EN))
    return sv, en
