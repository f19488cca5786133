"""How one wants the pages: language, light or dark, shortcuts; also before one has signed in."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import clock
from webapp.auth import actor
from webapp.carrying import safe_next
from webapp.context import SHORTCUTS_COOKIE, THEME_COOKIE, THEMES
from webapp.format import LANGUAGE_COOKIE
from webapp.transactions import session, this_app
from workflows.errors import Invalid
from workflows.language import Language
from workflows.operations import profile

preferences = Blueprint("preferences", __name__, url_prefix="/preferences")

YEAR = 365 * 24 * 3600


@preferences.post("/language")
def language() -> ResponseReturnValue:
    chosen = request.form.get("language", "")
    if chosen not in set(Language):
        raise Invalid("unknown_language")
    if current_user.is_authenticated and not current_user.is_half_way:
        by = actor()
        profile.speak(session(), by.id, chosen, by=by, now=clock.now())
    return _remember(LANGUAGE_COOKIE, chosen)


@preferences.post("/theme")
def theme() -> ResponseReturnValue:
    chosen = request.form.get("theme", "")
    return _remember(THEME_COOKIE, chosen if chosen in THEMES else "")


@preferences.get("/shortcuts")
def shortcuts() -> ResponseReturnValue:
    return render_template("preferences/shortcuts.html")


@preferences.post("/shortcuts")
def switch_shortcuts() -> ResponseReturnValue:
    return _remember(SHORTCUTS_COOKIE, "off" if request.form.get("shortcuts") == "off" else "")


def _remember(cookie: str, value: str) -> ResponseReturnValue:
    answer = redirect(safe_next(request.form.get("next")))
    settings = this_app().settings
    answer.set_cookie(
        cookie, value, max_age=YEAR, secure=settings.is_https, httponly=True, samesite="Lax"
    )
    return answer
