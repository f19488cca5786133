"""The headers every answer carries: nothing inline, nothing from elsewhere, nothing guessed."""

from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


NOT_TEXT = "\ufffd"  # what Werkzeug puts where bytes were no UTF-8
LARGEST_ID = 2**63 - 1


class RowId(IntegerConverter):
    """A number in an address that a row could have; a larger one names nothing."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options | {"max": LARGEST_ID})


def _refuse_unless_text(body: bytes) -> None:
    """Refuse bytes that are no UTF-8; Werkzeug would keep them as percent signs and letters."""
    try:
        unquote_to_bytes(body).decode()
    except UnicodeDecodeError as error:
        raise BadRequest from error


def install(app: Flask, *, is_https: bool) -> None:
    """Put the headers on every answer of `app`, and refuse bytes that are no text."""
    app.url_map.converters["int"] = RowId

    @app.before_request
    def refuse_broken_text() -> None:
        if request.mimetype == "application/x-www-form-urlencoded":
            _refuse_unless_text(request.get_data())
        elif any(NOT_TEXT in part for pair in request.form.items(multi=True) for part in pair):
            raise BadRequest

    @app.after_request
    def add_headers(answer: Response) -> Response:
        headers = answer.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "assets.asset":
            headers.setdefault("Cache-Control", "no-store")
        return answer
