"""Which regular expressions an author may write: those that cannot be made to run for ages."""

import re

LONGEST = 100
_MOST_REPEATS = 3
_REPEAT = re.compile(r"(?<!\\)(?:[*+?]|\{[0-9,]*\})")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)[*+{]")


def is_safe(pattern: str) -> bool:
    """Whether the pattern compiles, is short, repeats little and repeats no group."""
    if len(pattern) > LONGEST or _REPEATED_GROUP.search(pattern):
        return False
    if len(_REPEAT.findall(pattern)) > _MOST_REPEATS or "(?" in pattern:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
