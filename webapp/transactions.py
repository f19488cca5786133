"""One request, one session, one transaction; only an unsafe method that did not raise commits."""

from ipaddress import IPv6Address, ip_address

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from webapp.courier import Courier
from webapp.settings import Settings
from workflows.cases.listening import NEWS
from workflows.database import ADDRESS_FAMILY, LOCAL, Database

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class WebApp(Flask):
    """Flask, with the commit inside its error handling rather than after it."""

    database: Database
    settings: Settings
    courier: Courier | None = None  # only a server has one; elsewhere the clock delivers
    is_demo = False  # told on every page
    may_be_growing = False  # asked for each page only while it may be

    def log_exception(self, exc_info: object) -> None:
        """Leave the telling to our own log: the message of a fault may quote what people wrote."""

    def dispatch_request(self) -> ResponseReturnValue:
        answer = super().dispatch_request()
        if "session" in g and request.method not in SAFE:
            g.session.commit()
            if g.session.info.pop(NEWS, False) and self.courier is not None:
                self.courier.nudge()
        return answer


def this_app() -> WebApp:
    """Return the app that serves this request, with its type."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(app, WebApp)  # noqa: S101 (a narrowing for the reader of types)
    return app


def session() -> Session:
    """Return this request's session, opened when first asked for.

    A GET, and the page that tells of a refusal, get one that never takes the right to write.
    """
    if "session" not in g:
        database = this_app().database
        reads = request.method in SAFE or "abandoned" in g
        g.session = database.reading() if reads else writing()
    opened: Session = g.session
    return opened


def writing() -> Session:
    """Make a session that may write; what it records tells what kind of address was asked from."""
    return this_app().database.writing(info={ADDRESS_FAMILY: address_family()})


def address_family() -> str:
    """Say whether the request came by IPv4 or IPv6, or from this machine."""
    try:
        address = ip_address(request.remote_addr or "::1")
    except ValueError:
        return LOCAL  # a socket on this machine
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return LOCAL if address.is_loopback else f"ipv{address.version}"


def close(_error: BaseException | None = None) -> None:
    """Close the session; whatever was not committed is rolled back."""
    if opened := g.pop("session", None):
        opened.close()


def abandon() -> None:
    """Undo what a refused request began, so that its answer can be made without holding a lock."""
    close()
    g.abandoned = True
