"""Which status each refusal is, and the page that tells of it."""

from errno import ENOSPC

import structlog
from flask import Flask, g, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from webapp import clock, transactions
from webapp.errors_words import words
from webapp.format import language
from workflows.engine import BrokenState
from workflows.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from workflows.operations import unreadable
from workflows.organisation.actor import Actor

log = structlog.get_logger()

STATUS: dict[type[Refused], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    BrokenState: 409,
}


class SignInNeeded(Refused):
    """Somebody who is not signed in asked for what only the signed-in may have."""

    code = "sign_in_needed"


class SecondFactorNeeded(SignInNeeded):
    """They have come in by their password and have a second factor still to show."""

    code = "second_factor_needed"


class SecondFactorMissing(SignInNeeded):
    """Their roles demand a second factor, and they have none yet."""

    code = "second_factor_missing"


STATUS[SignInNeeded] = 401


def install(app: Flask) -> None:
    """Give every kind of refusal and fault its page."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(BrokenState, _unreadable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, _overtaken)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(TimeoutError, _database_away)
    app.register_error_handler(OSError, _no_room)


def page(status: int, code: str, **params: object) -> ResponseReturnValue:
    """Render the page of a refusal, after undoing what the request began."""
    transactions.abandon()
    told = words(code, status, params, language())
    if request_ctx.url_adapter is None:  # asked for by a host name that is not ours
        return f"{told.title}\n{told.what}\n", status, {"Content-Type": "text/plain"}
    return render_template("errors/page.html", status=status, told=told, params=params), status


def _refused(refusal: Refused) -> ResponseReturnValue:
    status = next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)
    return page(status, refusal.code, **refusal.params)


def _unreadable(broken: BrokenState) -> ResponseReturnValue:
    """Mark the case in a transaction of its own: what the request began is undone."""
    transactions.abandon()
    with transactions.writing() as opened, opened.begin():
        unreadable.mark(opened, broken, by=Actor.system("web"), now=clock.now())
    log.error("unreadable", request_id=g.get("request_id"), code=broken.code)
    return _refused(broken)


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, InternalServerError) and error.original_exception:
        log.error("unexpected", request_id=g.get("request_id"), exc_info=error.original_exception)
    return page(error.code or 500, f"http_{error.code}", path=request.path)


def _overtaken(_error: Exception) -> ResponseReturnValue:
    return page(409, "overtaken")


def _no_room(error: OSError) -> ResponseReturnValue:
    """Tell of a full disk, which may be where a file is laid while it comes in."""
    if error.errno != ENOSPC:
        raise error
    log.error("disk_full", request_id=g.get("request_id"))
    return page(507, "disk_full")


def _database_away(error: Exception) -> ResponseReturnValue:
    if _is_full(error):
        log.error("disk_full", request_id=g.get("request_id"))
        return page(507, "disk_full")
    log.error("database_away", request_id=g.get("request_id"), exc_info=error)
    g._login_user = AnonymousUserMixin()  # who it was stands in the database that is away
    return page(503, "database_away")


def _is_full(error: Exception) -> bool:
    """Tell whether the database could not write because its disk is full."""
    cause = getattr(error, "orig", None)
    name = getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", "")
    return name in ("SQLITE_FULL", "53100")
