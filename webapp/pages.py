"""Small things several pages ask of a request."""

from collections.abc import Iterable

from flask import flash, request
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp.format import language
from workflows.errors import Forbidden
from workflows.language import Sentence, on

LAST_PAGE = 100_000
FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_DIGITS = 18


def page_number() -> int:
    """Which page of a list is asked for; the first unless said."""
    text = request.args.get("page", "1")
    if not text.isdecimal() or not 1 <= int(text) <= LAST_PAGE:
        raise BadRequest
    return int(text)


def asked_year() -> int:
    """Which year the address asks for; this one unless said."""
    text = request.args.get("year", str(on(clock.now()).year))
    if not text.isdecimal() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise BadRequest
    return int(text)


def posted_pairs() -> list[tuple[str, str]]:
    """What a form sent, in the order of the page, without our own hidden fields."""
    ours = {"csrf_token", "command", "seen", "seen_as", "steps", "only", "typed_by"}
    ours |= {"ruling_how", "ruling_way", "ruling_why"}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in ours]


def number(text: str) -> int | None:
    """Read a number of ours; none where there is none."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def numbers(texts: Iterable[str]) -> list[int]:
    """Read numbers of ours, as from boxes that were ticked; what is none was not sent by a page."""
    found = [number(text) for text in texts]
    if None in found:
        raise BadRequest
    return [one for one in found if one is not None]


def number_if_said(text: str) -> int | None:
    """Read a number of ours that may be left out."""
    return numbers([text])[0] if text else None


def posted_number(name: str) -> int:
    """A number of ours in a hidden field."""
    return numbers([request.form.get(name, "0")])[0]


def must_be_typed_by(person_id: int | None) -> None:
    """Refuse what somebody else typed before a sign-in ended: it is not for the next one to send.

    :raises Forbidden: if the form was shown to another person
    """
    if request.form.get("typed_by", str(person_id)) != str(person_id):
        raise Forbidden("typed_by_another")


def tell(text: str, **params: object) -> None:
    """Say on the next page what was done; `text` is a key of the catalogs."""
    flash(Sentence(text, params).said(language()))
