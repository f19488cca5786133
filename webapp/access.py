"""Who may knock on which door: every route is listed here, or the app does not start.

This says only whether one must be signed in; what one may do is asked in the domain, where the deed
is done (`workflows/permissions.py`).
"""

from enum import StrEnum

from flask import Flask, request
from flask_login import current_user

from webapp.errors import SignInNeeded


class Access(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed in"


ACCESS: dict[str, Access] = {
    "assets.asset": Access.PUBLIC,
    "health.live": Access.PUBLIC,
    "health.ready": Access.PUBLIC,
    "sign_in.page": Access.PUBLIC,
    "sign_in.submit": Access.PUBLIC,
    "preferences.language": Access.PUBLIC,
    "preferences.theme": Access.PUBLIC,
    "sign_out.submit": Access.SIGNED_IN,
    "home.page": Access.SIGNED_IN,
    "tasks.index": Access.SIGNED_IN,
    "tasks.show": Access.SIGNED_IN,
    "tasks.claim": Access.SIGNED_IN,
    "tasks.release": Access.SIGNED_IN,
    "tasks.complete": Access.SIGNED_IN,
    "tasks.save_draft": Access.SIGNED_IN,
    "cases.show": Access.SIGNED_IN,
    "cases.diagram": Access.SIGNED_IN,
    "history.index": Access.SIGNED_IN,
}


def install(app: Flask) -> None:
    """Ask for a sign-in before every route that needs one."""

    @app.before_request
    def ask() -> None:
        if request.endpoint is None:
            return  # no such page; the error handler answers
        if ACCESS[request.endpoint] is Access.SIGNED_IN and not current_user.is_authenticated:
            raise SignInNeeded


def check(app: Flask) -> None:
    """Refuse to start with a route nobody has thought about, or a line that names none."""
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    if missing := routes ^ ACCESS.keys():
        raise LookupError(f"routes and webapp/access.py differ: {', '.join(sorted(missing))}")
