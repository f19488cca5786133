"""Numbers, money, sizes and lists as people write them."""

from collections.abc import Iterable
from decimal import Decimal

from babel.lists import format_list
from babel.numbers import format_decimal

from workflows.language.translate import LOCALES, Language

KILO = 1000
UNITS = ("byte", "kB", "MB", "GB", "TB")


def number(value: int | Decimal, language: Language) -> str:
    """Write a number: 12 000,5 in Swedish, 12,000.5 in English."""
    if isinstance(value, int) and 0 <= value < KILO:
        return str(value)  # as in both, and what pages are full of
    return format_decimal(value, locale=LOCALES[language], decimal_quantization=False)


def money(crowns: int, language: Language) -> str:
    """Write an amount in whole Swedish crowns."""
    amount = number(crowns, language)
    return f"{amount}\N{NO-BREAK SPACE}kr" if language is Language.SV else f"SEK {amount}"


def file_size(size: int, language: Language) -> str:
    """Write how large a file is, in the largest unit that keeps it at one or more."""
    value, unit = Decimal(size), 0
    while value >= KILO and unit < len(UNITS) - 1:
        value, unit = value / KILO, unit + 1
    rounded = value.quantize(Decimal("0.1")) if unit and value < 10 else value.quantize(Decimal(1))
    return f"{number(rounded.normalize(), language)}\N{NO-BREAK SPACE}{UNITS[unit]}"


def listed(parts: Iterable[object], language: Language) -> str:
    """Write a list: a, b och c."""
    return format_list([str(part) for part in parts], locale=LOCALES[language])


def capital(text: str) -> str:
    """Begin `text` with a capital letter and leave the rest as it is."""
    return text[:1].upper() + text[1:]
