"""What an event tells, as text and back: canonical JSON, with why a date is that date said briefly.

Every step that opens says why it is due when it is, in parts that a task keeps at length
(`calendar.because`): half of all that events told. Here a part is a letter for its kind, how many
days it lies from the part before, and what the words need; what follows from those is left out.
Events from before 0.6 tell it at length, and both are read. The text is hashed as it is stored, so
that nothing rests upon this but the reading.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from workflows.canonical import canonical_text, instant_text, parse

LISTS = ("opened", "timers", "redated", "tasks", "back")  # whose rows may say why a date is so
LETTERS = {"opened": "o", "field": "f", "milestone": "m", "span": "s", "time": "t", "instant": "i"}
KINDS = {letter: kind for kind, letter in LETTERS.items()}
WHOLE_MINUTE = re.compile(r"(?<=T\d\d:\d\d):00\.000000Z$")


def content_text(what: Mapping[str, Any]) -> str:
    """Write what an event tells, to be hashed and stored."""
    return canonical_text(_each_because(dict(what), _short))


def content(text: str | None) -> dict[str, Any]:
    """Read what an event tells; nothing when a purge has taken it."""
    told: Any = parse(text) if text else {}
    return _each_because(told, _whole) if isinstance(told, dict) else {}


def _each_because(what: dict[str, Any], said: Callable[[Any], Any]) -> dict[str, Any]:
    """Say each because in another way, leaving what was given as it is."""
    told: dict[str, Any] = _row(what, said)
    for name in LISTS:
        if isinstance(rows := what.get(name), list):
            told = told | {name: [_row(one, said) for one in rows]}
    return told


def _row(row: Any, said: Callable[[Any], Any]) -> Any:
    if isinstance(row, dict) and row.get("because"):
        return row | {"because": said(row["because"])}
    return row


def _short(kept: Any) -> Any:
    """Say why a date is so in a list, if it can be read back to the letter; else as it was."""
    if not isinstance(kept, dict) or kept.keys() != {"rule", "parts"}:
        return kept
    if any(isinstance(part, dict) for part in kept["parts"]):  # of release 1
        return kept
    brief = [kept["rule"], *_short_parts(kept["parts"])]
    return brief if _whole(brief) == kept else kept


def _short_parts(parts: list[Any]) -> Iterator[list[Any]]:
    before: date | None = None
    for kind, label, on, *more in parts:
        day, params = date.fromisoformat(on), more[0] if more else []
        said = LETTERS.get(kind, kind)
        brief = [WHOLE_MINUTE.sub("Z", one) if isinstance(one, str) else one for one in params]
        start = before or _day_of(brief)
        yield [
            said if label == _label(kind, params) else [said, label],
            (day - start).days if start else on,
            *([brief] if more else []),
            *more[1:],
        ]
        before = day


def _whole(brief: Any) -> Any:
    if not isinstance(brief, list):
        return brief
    return {"rule": brief[0], "parts": list(_whole_parts(brief[1:]))}


def _whole_parts(parts: list[Any]) -> Iterator[list[Any]]:
    before: date | None = None
    for said, apart, *more in parts:
        letter, *label = said if isinstance(said, list) else (said,)
        kind = KINDS.get(str(letter)) or str(letter)
        params = [_whole_moment(one) for one in (more or [[]])[0]]
        if isinstance(apart, str):
            day = date.fromisoformat(apart)
        else:
            day = (before or _day_of(params) or date.min) + timedelta(days=apart)
        yield [
            kind,
            label[0] if label else _label(kind, params),
            day.isoformat(),
            *([params] if more else []),
            *more[1:],
        ]
        before = day


def _label(kind: str, params: list[Any]) -> str:
    """Give what a part is called in most rules."""
    match kind, params:
        case "opened", _:
            return "opened"
        case "milestone", [str(code), *_]:
            return code
        case "span", [int(count), str(unit), *_]:
            return f"{'-' if count < 0 else '+'} {abs(count)}{unit}"
    return ""


def _day_of(params: list[Any]) -> date | None:
    """Give the day of the moment that a first part began with."""
    first = params[0] if params else None
    is_moment = isinstance(first, str) and first.endswith("Z") and first[10:11] == "T"
    return date.fromisoformat(first[:10]) if is_moment and isinstance(first, str) else None


def _whole_moment(text: Any) -> Any:
    if isinstance(text, str) and len(text) == 17 and text[10] == "T" and text[-1] == "Z":
        return instant_text(datetime.fromisoformat(text))
    return text
