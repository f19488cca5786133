"""The languages of the product and their catalogs; the English text is the key of the Swedish."""

import gettext
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel import Locale

CATALOGS = Path(__file__).parent / "catalogs"
DOMAIN = "arshjul"


class Language(StrEnum):
    SV = "sv"
    EN = "en"


LOCALES = {Language.SV: Locale("sv", "SE"), Language.EN: Locale("en", "GB")}


def N_(text: str) -> str:  # noqa: N802 - the name every gettext tool knows
    """Mark `text` for the catalogs; it is translated later, where the language is known."""
    return text


@cache
def translator(language: Language) -> gettext.NullTranslations:
    """Open the catalog of `language`: gettext, ngettext, pgettext, npgettext."""
    with catalog_path(language, "mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled)


def catalog_path(language: Language, kind: str) -> Path:
    """Say where the catalog of `language` lies, as `po` (written) or `mo` (compiled)."""
    return CATALOGS / language.value / "LC_MESSAGES" / f"{DOMAIN}.{kind}"
