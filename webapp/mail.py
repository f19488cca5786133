"""Handing mail to an SMTP server, in the words that the due work understands."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from workflows.notices.letters import AddressBusy, AddressRefused, Post, PostAway

SECONDS = 10
PORTS = {"smtp": 25, "smtps": 465}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    """One SMTP server, as `smtp://user:password@host:587?from=arshjul@example.org` names it.

    `smtps` speaks TLS from the first byte; `smtp` turns to TLS when the server offers it, and
    sends a password to no other machine without it. `&seals=`, once or more, says whom each new
    seal upon the record is mailed to.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str
    seals: tuple[str, ...] = ()


def read(url: str) -> Server:
    """Read the address of a server.

    :raises ValueError: if it is none, or says no sender, or seals are to go to what is no address
    """
    parts = urlsplit(url)
    told = parse_qs(parts.query, keep_blank_values=True)
    sender, seals = told.get("from", [""])[0], tuple(told.get("seals", []))
    if parts.scheme not in PORTS or not parts.hostname or "@" not in sender:
        raise ValueError("an address such as smtp://host:587?from=arshjul@example.org is needed")
    if wrong := [one for one in seals if "@" not in one or not one.isascii()]:
        raise ValueError(f"seals cannot be mailed to {', '.join(wrong) or 'nobody'}")
    return Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=_unquoted(parts, "username"),
        password=_unquoted(parts, "password"),
        sender=sender,
        seals=seals,
    )


def post(url: str, *, links: str) -> Post:
    """Make the way out to a server; links in the mails lead to `links`."""
    server = read(url)
    return Post(sender=server.sender, url=links, send=_sending(server))


def _sending(server: Server) -> Callable[[EmailMessage], None]:
    def send(mail: EmailMessage) -> None:
        try:
            with _opened(server) as connection:
                connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as refused:
            (code, said), *_ = refused.recipients.values()
            raise _refusal(code, said) from refused
        except smtplib.SMTPNotSupportedError as refused:
            raise AddressRefused("the server cannot write to such an address") from refused
        except smtplib.SMTPResponseException as answer:
            raise PostAway(f"{answer.smtp_code} {_said(answer.smtp_error)}") from answer
        except (smtplib.SMTPException, OSError) as fault:
            raise PostAway(type(fault).__name__) from fault

    return send


def _opened(server: Server) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS, context=trusted
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        _greet(connection, server, trusted)
    except BaseException:
        connection.close()
        raise
    return connection


def _greet(connection: smtplib.SMTP, server: Server, trusted: ssl.SSLContext) -> None:
    connection.ehlo_or_helo_if_needed()
    is_safe = server.scheme == "smtps" or server.host in LOOPBACK
    if server.scheme == "smtp" and connection.has_extn("starttls"):
        connection.starttls(context=trusted)
        is_safe = True
    if server.user:
        if not is_safe:
            raise PostAway("the server offers no TLS, so the password is not sent to it")
        connection.login(server.user, server.password)


def _refusal(code: int, said: bytes) -> Exception:
    text = f"{code} {_said(said)}"
    return AddressRefused(text) if code >= 500 else AddressBusy(text)


def _said(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:300]


def _unquoted(parts: SplitResult, name: str) -> str:
    return unquote(getattr(parts, name) or "")
