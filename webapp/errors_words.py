"""What a refusal or a fault is called, what happened and what one can do, in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.errors_texts import REASONS, STATUSES
from workflows.language import Language, Sentence


@dataclass(frozen=True)
class Told:
    """A refusal in the words of its page."""

    title: str
    what: str
    todo: str
    link: str
    url: str


def words(code: str, status: int, params: Mapping[str, object], language: Language) -> Told:
    """Word a refusal: by its code, else by its status, else as a request that cannot be read.

    `url` and `link` (a key of the catalogs) among the params lead somewhere better than home.
    """
    found = REASONS.get(code) or STATUSES.get(status) or STATUSES[500 if status >= 500 else 400]
    return Told(
        title=Sentence(found.title, params).said(language),
        what=Sentence(found.what, params).said(language),
        todo=Sentence(found.todo, params).said(language) if found.todo else "",
        link=Sentence(str(params.get("link", found.link))).said(language),
        url=str(params.get("url", found.url)),
    )
