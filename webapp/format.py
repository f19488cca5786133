"""Words, dates and numbers in the pages: the filters, and which language a request is in."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from flask import Flask, g, has_request_context, request, url_for
from jinja2 import Environment
from markupsafe import Markup

from webapp.assets import asset_url
from workflows import language as words
from workflows.calendar.because import Unresolved, instant_of, read
from workflows.calendar.words import missing, reason
from workflows.cases.models import occasion_name
from workflows.language import Language, translator

LANGUAGE_COOKIE = "language"
MARK = 8_000_000_000_000_000  # a number that stands in no address
LANGUAGES = {each.value: each for each in Language}  # asked for a thousand times on a page


def install(app: Flask) -> None:
    """Let the pages of `app` speak the language of each request."""
    dress(app.jinja_env, language)
    app.jinja_env.globals |= {"asset_url": asset_url, "url_for": address}


def address(endpoint: str, /, **values: Any) -> str:
    """Give the address of a page. Of those of rows, which a page has hundreds of, the form is
    asked of the router once.
    """
    if values and all(type(value) is int for value in values.values()):
        return _form_of(request.script_root, endpoint, *values) % values
    return url_for(endpoint, **values)


@cache  # there are as many as our templates write
def _form_of(_root: str, endpoint: str, /, *names: str) -> str:
    """Give an address with a place for each number."""
    marks: dict[str, Any] = {name: MARK + number for number, name in enumerate(names)}
    form = url_for(endpoint, **marks).replace("%", "%%")
    for name, mark in marks.items():
        form = form.replace(str(mark), f"%({name})d")
    return form


def language() -> Language:
    """Say which language the request is in.

    A person's own choice (`g.language`, set when they are known), else the cookie of this browser,
    else what the browser asks for, else Swedish.
    """
    if not has_request_context():
        return Language.SV
    if chosen := g.get("language") or request.cookies.get(LANGUAGE_COOKIE):
        return LANGUAGES.get(chosen, Language.SV)
    return Language(request.accept_languages.best_match([*Language], Language.SV))


def dress(environment: Environment, language_of: Callable[[], Language]) -> None:
    """Give `environment` the translations, filters and names that the templates use."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: translator(language_of()).gettext(text),
        lambda one, many, n: translator(language_of()).ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: translator(language_of()).pgettext(context, text),
        npgettext=lambda c, one, many, n: translator(language_of()).npgettext(c, one, many, n),
    )
    environment.filters.update(_filters(language_of))
    said = _gettext(language_of)
    environment.globals |= {"language": language_of, "gettext": said, "_": said}


def _gettext(language_of: Callable[[], Language]) -> Callable[..., Markup]:
    """Say a text as Jinja would, but what has no places only once: a page says it for each row."""

    @lru_cache(10_000)
    def known(text: str, language: Language) -> Markup:
        return Markup(translator(language).gettext(text)) % {}  # noqa: S704 (our own catalogs)

    def gettext(text: str, /, **places: object) -> Markup:
        if not places:
            return known(text, language_of())
        return Markup(translator(language_of()).gettext(text)) % places  # noqa: S704

    return gettext


def _filters(language_of: Callable[[], Language]) -> dict[str, Callable[..., str | bool]]:
    """Make the filters; each asks for the language when it is used, not when it is made."""

    def near_day(when: date, today: date) -> str:
        return words.near_day(when, language_of(), today=words.on(today))

    def short_day(when: date, today: date | None = None) -> str:
        return words.short_day(when, language_of(), today=today)

    def near_moment(instant: datetime, now: datetime) -> str:
        return words.near_moment(instant, language_of(), now=now)

    def spoken(value: object) -> str:
        return words.spoken(value, language_of())

    plain: tuple[Callable[[Any, Language], str], ...] = (
        words.long_day, words.day, words.moment, words.deadline,
        words.number, words.money, words.file_size, words.listed, because,
    )  # fmt: skip
    return {
        "occasion": _with_language(occasion_name, language_of),
        **{each.__name__: _with_language(each, language_of) for each in plain},
        "short_day": short_day,
        "near_day": near_day,
        "near_moment": near_moment,
        "spoken": spoken,
        "capital": words.capital,
        "clock": words.clock,
        "iso": _iso,
        "is_exact": is_exact,
    }


def because(stored: Mapping[str, Any], language: Language) -> str:
    """Say why a date is that date, or what it still waits for."""
    why = read(stored)
    return missing(why, language) if isinstance(why, Unresolved) else reason(why, language)


def is_exact(stored: Mapping[str, Any] | None) -> bool:
    """Tell whether the time of day of a date counts too, by why it is that date."""
    return stored is not None and instant_of(stored, "instant") is not None


def _with_language(
    say: Callable[[Any, Language], str], language_of: Callable[[], Language]
) -> Callable[[Any], str]:
    return lambda value: say(value, language_of())


def _iso(when: date) -> str:
    """Write a day or an instant for a machine, in a `datetime` attribute."""
    return words.local(when).isoformat("T", "minutes") if isinstance(when, datetime) else str(when)
