"""Cut FEEL into tokens; names may have spaces in them where they are declared."""

import re
from dataclasses import dataclass
from functools import lru_cache

from workflows.engine.rule_tables.feel_functions import FUNCTIONS

LONGEST = 2_000
MOST = 500
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?![\w]))
      | (?P<string>"(?:[^"\\\n]|\\["\\nrt'/]|\\u[0-9a-fA-F]{4})*")
      | (?P<word>[^\W\d]\w*)
      | (?P<sign>\.\.|<=|>=|!=|\*\*|[-+*/<>=()\[\],?@.])
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_KEYWORDS = frozenset({
    "and", "between", "else", "every", "external", "false", "for", "function", "if", "in",
    "instance", "null", "or", "return", "satisfies", "some", "then", "true",
})  # fmt: skip
_SPACED = frozenset(name for name in FUNCTIONS if " " in name)


class FeelError(Exception):
    """The text is not FEEL as we know it; `column` says where, from 1."""

    def __init__(self, code: str, column: int, **params: object) -> None:
        self.code = code
        self.column = column
        self.params = params
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text; `sort` is number, string, name, keyword, sign or end."""

    sort: str
    text: str
    column: int


@lru_cache(maxsize=512)
def _spaced(declared: frozenset[str]) -> re.Pattern[str]:
    """Finds the names with spaces or signs in them, the longest first."""
    several = (name for name in declared | _SPACED if re.match(r"[^\W\d]\w*[\W]", name))
    longest_first = sorted(several, key=len, reverse=True)
    patterns = (r"\s+".join(map(re.escape, name.split())) for name in longest_first)
    return re.compile(rf"\s*({'|'.join(patterns)})(?!\w)")


def tokens_of(text: str, declared: frozenset[str]) -> list[Token]:
    """The tokens of a text, the last one `end`.

    :raises FeelError: if it is too long, or holds what is no token
    """
    if len(text) > LONGEST:
        raise FeelError("too_long", 1, limit=LONGEST)
    spaced = _spaced(declared)
    tokens, place = [], 0
    while text[place:].strip():
        found = spaced.match(text, place)
        if found is not None:
            tokens.append(Token("name", " ".join(found[1].split()), found.start(1) + 1))
            place = found.end()
            continue
        found = _TOKEN.match(text, place)
        if found is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise FeelError("syntax", start + 1)
        sort = str(found.lastgroup)
        word = found[sort]
        if sort == "word":
            sort = "keyword" if word in _KEYWORDS else "name"
        tokens.append(Token(sort, word, found.start(str(found.lastgroup)) + 1))
        place = found.end()
    tokens.append(Token("end", "", len(text) + 1))
    if len(tokens) > MOST:
        raise FeelError("too_long", tokens[MOST].column, limit=MOST)
    return tokens


def unescaped(text: str) -> str:
    """What stands between the quotes of a string."""

    def replaced(found: re.Match[str]) -> str:
        mark = found[1]
        return chr(int(mark[1:], 16)) if len(mark) > 1 else _ESCAPED.get(mark, mark)

    return _ESCAPE.sub(replaced, text[1:-1])
