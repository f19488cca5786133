"""The one way to write data as text, so that a hash of it means something.

UTF-8, NFC, sorted keys, no spaces; instants as UTC with microseconds; decimals as strings; no
floats, because two machines may not agree on how to write one.
"""

import hashlib
import json
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def instant_text(moment: datetime) -> str:
    """Write a moment as `YYYY-MM-DDTHH:MM:SS.ffffffZ`; refuses a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def canonical_text(value: object) -> str:
    """Write `value` as canonical JSON.

    :raises TypeError: for a float, or anything else that has no canonical form
    """
    return _write(_plain(value))


def content_hash(value: bytes | str) -> str:
    """Hash bytes, or text as UTF-8, with SHA-256."""
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()


def parse(text: str | bytes) -> object:
    """Read JSON; numbers with a fraction become Decimal, never float."""
    return _READER.decode(text if isinstance(text, str) else _decoded(text))


def _decoded(text: bytes) -> str:
    if not isinstance(text, bytes | bytearray):
        raise TypeError(f"JSON is text, not {type(text).__name__}")
    return text.decode(json.detect_encoding(text), "surrogatepass")


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number one can store")


_READER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)  # made once


def _plain(value: object) -> object:
    # All we store passes here: what most values are is asked first, and cheaply.
    kind = type(value)
    if kind is str:
        return _text(value)  # type: ignore[arg-type]
    if kind is int or kind is bool or value is None:
        return value
    if kind is dict:
        return _mapping(value)  # type: ignore[arg-type]
    if kind is list:
        return [_plain(item) for item in value]  # type: ignore[attr-defined]
    return _plain_rarer(value)


def _plain_rarer(value: object) -> object:
    match value:
        case Enum():
            return _plain(value.value)
        case Decimal():
            return format(value, "f")
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case str():
            return _text(value)
        case dict():
            return _mapping(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case int():
            return value
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def _text(value: str) -> str:
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _mapping(value: dict[object, object]) -> dict[str, object]:
    return {_key(key): _plain(item) for key, item in value.items()}


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be text, not {type(key).__name__}")
    return _text(key)
