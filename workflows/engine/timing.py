"""The shape of a timer's rule, so that it can be told from an expression; never its meaning."""

import re

_DURATION = r"-?P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?"
_DATE = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
_CYCLE = re.compile(rf"R(?P<times>\d*)/((?P<first>{_DATE})/)?(?P<interval>{_DURATION})")
_SPAN = re.compile(r"[1-9]\d{0,3}[dwh]")
_ISO = re.compile(rf"{_DURATION}|{_DATE}")

# The deadline language of the calendar, by its words alone: the calendar reads what it means.
_WORD = (
    r"((meeting|next_meeting|draft_stop|chair_prep|union_coop|documents|min|max|date|opened"
    r"|(case|item)\.[^\W_]\w*(\s+(d|wd|w|m|h))?|[A-ZÅÄÖ][A-Z0-9ÅÄÖ_]*(\[[+-]?\d+\])?"
    r"|\d+(d|wd|w|m|h)|\d\d-\d\d|at\s+\d{1,2}:\d{2})(?!\w)|[-+(),])"
)  # a word ends where it ends: one way to read it
_DEADLINE = re.compile(rf"({_WORD}\s*)+")


def is_rule(text: str) -> bool:
    """Whether `text` is a date, duration, cycle or deadline as it stands."""
    text = text.strip()
    return bool(_ISO.fullmatch(text) or _CYCLE.fullmatch(text) or _DEADLINE.fullmatch(text))


def is_exact(text: str) -> bool:
    """Whether `text` is an ISO date, instant or duration, which no calendar moves."""
    return bool(_ISO.fullmatch(text.strip()))


def is_span(text: str) -> bool:
    """Whether `text` is a length of time as a message may be kept: `60d`, `2w`, `12h`."""
    return bool(_SPAN.fullmatch(text))


def is_cycle(text: str) -> bool:
    """Whether `text` is a repetition: `R3/PT1H`, `R/P1D`, `R2/2027-01-01/P1M`."""
    return bool(_CYCLE.fullmatch(text.strip()))


def split_cycle(text: str) -> tuple[int, str | None, str]:
    """How often (-1: for ever), the first date if it has one, and the interval.

    A plain interval or deadline repeats for ever.
    """
    match = _CYCLE.fullmatch(text.strip())
    if match is None:
        return -1, None, text
    times = int(match["times"]) if match["times"] else -1
    return times, match["first"], match["interval"]
