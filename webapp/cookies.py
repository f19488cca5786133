"""The two cookies of a browser: which sign-in it has, and that it has been here before."""

import hashlib
import hmac
from datetime import timedelta

import flask
from flask import Flask, Request, g, has_request_context, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from webapp.transactions import this_app

COOKIE_LIVES = timedelta(days=31)  # longer than any sign-in, so that a late form is still ours
DEVICE_LIVES = timedelta(days=400)
TOKEN = "sign_in"  # noqa: S105 (the name of a field)
CSRF = "csrf_token"


class BoundSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, with the CSRF token made from the sign-in instead of kept beside it.

    So a token belongs to one sign-in, needs no time limit, and ends with it.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        opened = super().open_session(app, request)
        if opened and (token := opened.get(TOKEN)):
            dict.__setitem__(opened, CSRF, csrf_of(app, token))
        return opened


def device_token() -> str | None:
    """Return the token this browser was given when somebody first signed in there."""
    return request.cookies.get(device_cookie()) if has_request_context() else None


def take(token: str, device: str) -> None:
    flask.session.clear()
    flask.session[TOKEN] = token
    flask.session[CSRF] = csrf_of(this_app(), token)
    g.pop(CSRF, None)  # Flask-WTF keeps the token of the request here

    @flask.after_this_request
    def remember_device(answer: flask.Response) -> flask.Response:
        answer.set_cookie(
            device_cookie(),
            device,
            max_age=DEVICE_LIVES,
            httponly=True,
            samesite="Lax",
            secure=this_app().settings.is_https,
        )
        return answer


def device_cookie() -> str:
    return "__Host-device" if this_app().settings.is_https else "device"


def csrf_of(app: Flask, token: str) -> str:
    key = app.secret_key if isinstance(app.secret_key, bytes) else str(app.secret_key).encode()
    return hmac.new(key, b"csrf:" + token.encode(), hashlib.sha256).hexdigest()
