"""A text named where something happens and said later, where the reader's language is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from workflows.language.dates import day, moment
from workflows.language.translate import Language, translator
from workflows.language.values import listed, number

UNKNOWN = "–"


@dataclass(frozen=True)
class Sentence:
    """A text of the catalogs with what goes into its `{places}`.

    A place may hold a date, an instant, a number, a list or another sentence: each is said in the
    reader's language. A place that nothing fills says that it is not known, because what it told
    of may have been weeded out of the history.
    """

    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    plural: str = ""
    count: int = 1

    def said(self, language: Language) -> str:
        """Say the sentence in `language`."""
        words = translator(language)
        if self.plural:
            form = words.ngettext(self.text, self.plural, self.count)
        else:
            form = words.gettext(self.text)
        params = {"count": self.count, **self.params} if self.plural else self.params
        return form.format_map(_Places({k: spoken(v, language) for k, v in params.items()}))


def counted(count: int, one: str, many: str, /, **params: object) -> Sentence:
    """Make a sentence that depends on a number; `{count}` is its place."""
    return Sentence(one, params, many, count)


def spoken(value: object, language: Language) -> str:
    """Say a value the way it stands in a sentence."""
    match value:
        case None:
            return UNKNOWN
        case Sentence():
            return value.said(language)
        case bool() | str():
            return str(value)
        case int() | Decimal():
            return number(value, language)
        case datetime():
            return moment(value, language)
        case date():
            return day(value, language)
        case list() | tuple() | set() | frozenset():
            return listed([spoken(part, language) for part in value], language)
        case _:
            return str(value)


class _Places(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return UNKNOWN
