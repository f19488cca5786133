"""The headers every answer carries: nothing inline, nothing from elsewhere, nothing guessed."""

from typing import Any

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


def install(app: Flask, *, is_https: bool) -> None:
    """Put the headers on every answer of `app`, and refuse bytes that are no text."""
    app.url_map.converters["int"] = RowId

    @app.before_request
    def refuse_broken_text() -> None:
        for name, value in request.form.items(multi=True):
            if NOT_TEXT in name or NOT_TEXT in value:
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
