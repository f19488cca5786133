"""What every page may know: who is signed in, which rooms there are, and what one may do."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, request, url_for
from flask_login import current_user

from webapp import clock
from webapp.auth import actor
from webapp.format import language
from webapp.transactions import session, this_app
from workflows.language import N_, capital, translator
from workflows.organisation.actor import Actor
from workflows.organisation.growth import growth
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, may

THEME_COOKIE = "theme"
SHORTCUTS_COOKIE = "shortcuts"
THEMES = ("light", "dark")

# label, endpoint, the deed that opens the room (None: everybody who is signed in)
ROOMS: tuple[tuple[str, str, Deed | None], ...] = (
    (N_("Home"), "home.page", None),
    (N_("Tasks"), "tasks.index", None),
    (N_("Overview"), "overview.page", None),
    (N_("Calendar"), "calendar.index", None),
    (N_("Registers"), "registers.index", None),
    (N_("Follow-up"), "follow_up.index", None),
    (N_("Processes"), "processes.index", Deed.SEE_PROCESSES),
    (N_("History"), "history.index", Deed.SEE_HISTORY),
    (N_("Administration"), "organisation.index", Deed.CHANGE_ORGANISATION),
)


def install(app: Flask) -> None:
    """Give every template its surroundings."""
    app.context_processor(_surroundings)
    app.jinja_env.filters["roles_said"] = roles_said


def _surroundings() -> dict[str, object]:
    theme = request.cookies.get(THEME_COOKIE)
    known: dict[str, Any] = {
        "now": clock.now(),
        "theme": theme if theme in THEMES else None,
        "has_shortcuts": request.cookies.get(SHORTCUTS_COOKIE) != "off",
        "places": {
            "home": url_for("home.page"),
            "language": url_for("preferences.language"),
            "theme": url_for("preferences.theme"),
            "here": request.full_path.rstrip("?") if request.method == "GET" else "",
        },
        "me": None,
        "is_demo": this_app().is_demo,
        "grown": _grown(),
    }
    if current_user.is_authenticated and not current_user.is_half_way:
        by = actor()
        known["me"] = {
            "id": by.id,
            "name": by.name,
            "role": roles_said({held.role for held in by.held}),
        }
        known["rooms"] = [
            (
                translator(language()).gettext(label),
                url_for(endpoint),
                _is_in(url_for(endpoint)),
                None,
            )
            for label, endpoint, deed in ROOMS
            if deed is None or may(by, deed, None)
        ]
        known["places"] |= {
            "search": url_for("search.page"),
            "shortcuts": url_for("preferences.shortcuts"),
            "profile": url_for("account.page"),
            "notices": url_for("notices.page"),
            "absences": url_for("absences.page"),
            "library": url_for("library.index"),
            "sign_out": url_for("sign_out.submit"),
            "retention": _without_the_room(by),
        }
        known["may"] = lambda deed, thing: may(by, Deed(deed), thing)
    return known


def _without_the_room(by: Actor) -> str:
    """The way to what is weeded out, for those who look after it and do not enter the room."""
    is_outside = may(by, Deed.KEEP_RETENTION, None) and not may(by, Deed.SEE_HISTORY, None)
    return url_for("retention.index") if is_outside else ""


def _grown() -> int | None:
    """How much of a demo has grown, in percent, while it still grows."""
    app = this_app()
    if not app.may_be_growing:
        return None
    known = growth(session())
    app.may_be_growing = known is not None and not known.is_done
    return known.percent if known and app.may_be_growing else None


def _is_in(room: str) -> bool:
    """Tell whether the page lies in a room; the first page is a room of its own."""
    return request.path == room if room == "/" else request.path.startswith(room.rstrip("/"))


def roles_said(codes: Iterable[str]) -> str:
    """Say roles in the reader's language, each once."""
    words = translator(language())
    names = [words.gettext(ROLES[code].name) for code in sorted(set(codes)) if code in ROLES]
    return capital(", ".join(names))
