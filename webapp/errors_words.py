"""What a refusal or a fault is called, what happened and what one can do, in the reader's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.errors_texts import REASONS, STATUSES
from workflows.language import Language, Sentence


@dataclass(frozen=True)
class Difference:
    """A field two people wrote at the same time."""

    label: str
    yours: str
    theirs: str


@dataclass(frozen=True)
class Told:
    """A refusal in the words of its page."""

    title: str
    what: str
    todo: str
    link: str
    url: str
    differences: tuple[Difference, ...] = ()


def words(code: str, status: int, params: Mapping[str, object], language: Language) -> Told:
    """Word a refusal: by its code, else by its status, else as a request that cannot be read.

    `differences` among the params, (label, yours, theirs) for each field, become a table; `url`
    and `link` (a key of the catalogs) lead somewhere better than home.
    """
    found = REASONS.get(code) or STATUSES.get(status) or STATUSES[500 if status >= 500 else 400]
    return Told(
        title=Sentence(found.title, params).said(language),
        what=Sentence(found.what, params).said(language),
        todo=Sentence(found.todo, params).said(language) if found.todo else "",
        link=Sentence(str(params.get("link", found.link))).said(language),
        url=str(params.get("url", found.url)),
        differences=_differences(params.get("differences", ())),
    )


def _differences(given: object) -> tuple[Difference, ...]:
    if not isinstance(given, Iterable):
        return ()
    return tuple(Difference(str(label), str(yours), str(theirs)) for label, yours, theirs in given)
