"""Structured logs with a request id; never the content of a form, a cookie or a secret path."""

import logging
import secrets
import sys
import time
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

# Paths whose last part opens a door; the log says only that somebody came through it.
SECRET_PATHS = ("/invitations/", "/feeds/")

log = structlog.get_logger()


class Lines:
    """Writes each line to wherever standard error leads at that moment."""

    def __init__(self, *_: object) -> None: ...

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


def configure() -> None:
    """Write every log line of this process as one line of JSON."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_content,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=Lines,
        cache_logger_on_first_use=True,
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def without_content(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Tell an exception by its kind and where it arose, never by its message or its variables.

    Those may hold what somebody wrote: PostgreSQL quotes the whole row in its errors.
    """
    told = line.pop("exc_info", None)
    fault = told if isinstance(told, BaseException) else sys.exc_info()[1] if told else None
    if fault is not None:
        line["fault"] = type(fault).__qualname__
        if code := getattr(getattr(fault, "orig", None), "sqlstate", None):
            line["sqlstate"] = code
        line["at"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(fault.__traceback__)
        ]
    return line


def install(app: Flask) -> None:
    """Give each request an id, and log one line when it is answered."""

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()

    @app.after_request
    def tell(answer: Response) -> Response:
        if "request_id" not in g:  # refused before anything began, for its host name
            begin()
        answer.headers["X-Request-Id"] = g.request_id
        log.info(
            "request",
            request_id=g.request_id,
            method=request.method,
            path=masked(request.path),
            status=answer.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
        )
        return answer


def masked(path: str) -> str:
    """Hide what a path must not tell the log."""
    for prefix in SECRET_PATHS:
        if path.startswith(prefix):
            return f"{prefix}…"
    return path
