"""From the text a person typed to a typed value, and back; never a float."""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import get_month_names

from workflows.canonical import instant_text
from workflows.errors import Invalid
from workflows.forms.definition import Facts, Field, Kind
from workflows.language import LOCALES, Language, fold

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,6})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?: [0-9]{3})*(?:[.,][0-9]+)?")
_DAY = re.compile(r"([0-9]{4})-?([0-9]{1,2})-?([0-9]{1,2})")
_DAY_IN_WORDS = re.compile(r"(?:den )?([0-9]{1,2})\.? ([a-z]{3,9})\.? ([0-9]{4})")
_CLOCK = re.compile(r"(.+?)(?:[ T]| kl\.? )([0-9]{1,2})[:.]([0-9]{2})")
_EMAIL = re.compile(r"[^@\s<>\"(),;:]{1,64}@(?:[^@\s.<>\"(),;:]{1,63}\.)+[^@\s.<>\"(),;:]{2,63}")
_MONTHS = {
    text.casefold(): number
    for language in Language
    for number, name in get_month_names("wide", locale=LOCALES[language]).items()
    for text in (name, name[:3])
}
_YEARS = (1900, 2199)
_SHAPES = {
    Kind.BOOLEAN: (re.compile("true|false"), "not_yes_or_no"),
    Kind.TICK: (re.compile("true|false"), "not_yes_or_no"),
    Kind.UNKNOWN: (re.compile("true"), "not_yes_or_no"),
    Kind.EMAIL: (_EMAIL, "not_an_email"),
}
GONE = {"person": "person_left", "unit": "unit_closed"}
TRUTHS = (Kind.BOOLEAN, Kind.TICK, Kind.UNKNOWN)
# Marks that turn the direction of text can make a name read as another one.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Unreadable(Invalid):
    """The text is not a value of the kind asked for; the code says how."""


def clean(text: str, *, lines: bool) -> str:
    """The text in NFC with plain line ends, trimmed.

    :raises Unreadable: `bad_characters` for control characters, undecodable bytes and the like
    """
    whole = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if whole.isprintable() and "\ufffd" not in whole:
        return whole  # as most answers: nothing of the kind is printable but that one
    for one in whole:
        if one in "\n\t" and lines:
            continue
        # U+FFFD is what undecodable bytes have become before they reach us.
        if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") or one in _TURNING | {"\ufffd"}:
            raise Unreadable("bad_characters")
    return whole


def read_value(field: Field, raw: object, facts: Facts) -> object:
    """The typed value of one field, None when nothing was answered.

    :raises Unreadable: with the code of what is wrong
    """
    if isinstance(raw, str):
        text = clean(raw, lines=field.kind is Kind.RICH)
        return _from_text(field, text, facts) if text else None
    if raw is None:
        return None
    return _typed_already(field, raw, facts)


def _from_text(field: Field, text: str, facts: Facts) -> object:
    match field.kind:
        case Kind.INTEGER:
            return int(_digits(text, _WHOLE, "not_a_whole_number"))
        case Kind.NUMBER:
            return Decimal(_digits(text, _DECIMAL, "not_a_number").replace(",", "."))
        case Kind.DATE:
            return _day(text)
        case Kind.INSTANT:
            return _instant(text, facts)
        case Kind.REFERENCE | Kind.FILE:
            return _reference(field, text, facts)
        case kind:
            wanted, code = _SHAPES.get(kind, (None, ""))
            if wanted and not wanted.fullmatch(text):
                raise Unreadable(code)
            return text == "true" if kind in TRUTHS else text


def _reference(field: Field, text: str, facts: Facts) -> object:
    """What is pointed at, by its key or by its name as a long list shows it."""
    kind, code = (field.reference, "not_an_option") if field.reference else ("file", "unknown_file")
    among = facts.among(kind)
    if text not in among:
        if text in facts.known.get(kind, ()):
            raise Unreadable(GONE.get(kind, "entry_gone"))
        wanted = fold(text)
        named = [key for key, name in among.items() if fold(name) == wanted]
        if not named:
            raise Unreadable(code)
        text = named[0]
    return int(text) if field.whole_reference else text


def _typed_already(field: Field, raw: object, facts: Facts) -> object:
    match field.kind, raw:
        case Kind.CHOICES, list() if all(isinstance(one, str) for one in raw):
            return [clean(one, lines=False) for one in raw] or None
        case ((Kind.BOOLEAN | Kind.TICK | Kind.UNKNOWN), bool()):
            return raw
        case ((Kind.INTEGER | Kind.NUMBER | Kind.REFERENCE), int()) if not isinstance(raw, bool):
            return _from_text(field, str(raw), facts)
        case Kind.NUMBER, Decimal() if raw.is_finite():
            return _from_text(field, format(raw, "f"), facts)
        case Kind.INSTANT, datetime() if raw.tzinfo is not None:
            return raw.astimezone(UTC)
        case Kind.DATE, date() if not isinstance(raw, datetime):
            return raw
        case _:
            raise Unreadable("wrong_type")


def _digits(text: str, wanted: re.Pattern[str], code: str) -> str:
    spaced = _SPACES.sub(" ", text).replace("\u2212", "-")
    bare = spaced.replace(" ", "") if _THOUSANDS.fullmatch(spaced) else spaced
    if not wanted.fullmatch(bare):
        raise Unreadable(code)
    return bare


def _day(text: str) -> date:
    plain = _SPACES.sub(" ", text.casefold())
    if found := _DAY.fullmatch(plain):
        year, month, day = (int(part) for part in found.groups())
        if plain.count("-") == 1 or (plain.isdigit() and len(plain) < len("20270511")):
            raise Unreadable("not_a_date")
    elif (found := _DAY_IN_WORDS.fullmatch(plain)) and found[2] in _MONTHS:
        year, month, day = int(found[3]), _MONTHS[found[2]], int(found[1])
    else:
        raise Unreadable("not_a_date")
    if not _YEARS[0] <= year <= _YEARS[1]:  # a slip of the finger; no city keeps such days
        raise Unreadable("no_such_day")
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable("no_such_day") from None


def _instant(text: str, facts: Facts) -> datetime:
    if text.endswith("Z"):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except ValueError:
            raise Unreadable("not_a_time") from None
    found = _CLOCK.fullmatch(text)
    if not found or int(found[2]) > 23 or int(found[3]) > 59:
        raise Unreadable("not_a_time")
    day = _day(found[1])
    local = datetime(day.year, day.month, day.day, int(found[2]), int(found[3]), tzinfo=facts.zone)
    moment = local.astimezone(UTC)
    # The hour that is skipped in spring does not come back as it went in.
    if moment.astimezone(facts.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Unreadable("no_such_time")
    return moment


def as_text(value: object, facts: Facts, language: str) -> str:
    """What stands in the box for a typed value."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            plain = format(value, "f")
            return plain if language == "en" else plain.replace(".", ",")
        case datetime():
            return value.astimezone(facts.zone).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def stored(value: object) -> Any:
    """The value as a case keeps it and expressions see it: days and instants as their text."""
    match value:
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case dict():
            return {key: stored(each) for key, each in value.items()}
        case list():
            return [stored(each) for each in value]
        case _:
            return value
