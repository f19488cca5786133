"""The words and marks a rule is made of, and the mistake that says where one is wrong."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflows.errors import Invalid

SIGNS = {"+": 1, "-": -1, "−": -1, "–": -1}  # typed, and pasted from a document
END = "end"

TOKEN = re.compile(r"(?P<number>\d+)|(?P<word>[^\W\d]\w*)|(?P<mark>[+\-−–()\[\],.:])|(?P<gap>\s+)")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with a rule, at a character (from 0) of its text."""

    code: str
    position: int
    suggestion: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


class BadRule(Invalid):
    """A text is not a rule."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.code, problems=(mistake,), **mistake.params)
        self.mistake = mistake


def bad(code: str, position: int, suggestion: str = "", /, **params: object) -> BadRule:
    """Make the refusal of a text that is not a rule."""
    return BadRule(Mistake(code, position, suggestion, params))


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a word, a mark or the end, and the character it begins at."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> Iterator[Token]:
    """Cut a rule into its tokens, the end last.

    :raises BadRule: at a character no rule uses
    """
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise bad("unknown_character", position, found=text[position])
        kind = str(match.lastgroup)
        if kind != "gap":
            yield Token(kind, match.group(), position)
        position = match.end()
    yield Token(END, "", len(text))
