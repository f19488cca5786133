"""A mail in words: the same few lines as text and as HTML, in the receiver's language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from itertools import groupby

from workflows.canonical import content_hash
from workflows.language import N_, Language, Sentence, capital, counted


@dataclass(frozen=True, slots=True)
class Line:
    """One thing told: under which heading, in which words, why then, and where it is shown."""

    heading: str
    text: str
    when: str
    path: str


@dataclass(frozen=True, slots=True)
class Content:
    """A mail before it is mail."""

    subject: str
    greeting: str
    lines: tuple[Line, ...]
    closing: str
    language: Language


@dataclass(frozen=True, slots=True)
class Post:
    """The way out: whom mails come from, where their links lead, and how one is handed over.

    `send` raises `AddressRefused`, or for what another attempt may mend `AddressBusy` or, when no
    mail at all goes out, `PostAway`.
    """

    sender: str
    url: str
    send: Callable[[EmailMessage], None]


class AddressRefused(Exception):
    """The server says for good that nobody is reached there."""


class AddressBusy(Exception):
    """The server asks to come back later with what is for this address."""


class PostAway(Exception):
    """No mail goes out just now."""


def content(name: str, lines: Sequence[Line], language: Language) -> Content:
    """Put lines into the frame of a mail."""
    subject = counted(len(lines), "{count} thing from Årshjul", "{count} things from Årshjul")
    alone = f"{lines[0].heading}: {lines[0].text}" if len(lines) == 1 else None
    return Content(
        subject=alone or subject.said(language),
        greeting=Sentence(N_("Hello {name},"), {"name": name}).said(language),
        lines=tuple(lines),
        closing=Sentence(N_("You choose how often you get mail:")).said(language),
        language=language,
    )


def message(
    told: Content, post: Post, *, to: tuple[str, str], message_id: str, at: datetime
) -> EmailMessage:
    """Make the mail: whenever it is made anew it is the same one."""
    mail = EmailMessage()
    mail["Message-ID"] = message_id
    mail["Date"] = format_datetime(at)
    mail["From"] = Address("Årshjul", addr_spec=post.sender)
    mail["To"] = Address(" ".join(to[0].split()), addr_spec=to[1])
    mail["Subject"] = " ".join(told.subject.split())
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(as_text(told, post.url))
    mail.add_alternative(as_html(told, post.url), subtype="html")
    mail["Content-Language"] = str(told.language)
    mail.set_boundary(f"=_{content_hash(message_id)[:32]}")
    return mail


def as_text(told: Content, url: str) -> str:
    """Write a mail as plain text."""
    written = [told.greeting, ""]
    for heading, lines in groupby(told.lines, lambda line: line.heading):
        written += [heading, "-" * len(heading)]
        for line in lines:
            written += [one for one in (line.text, line.when, url + line.path) if one]
            written.append("")
    return "\n".join([*written, told.closing, f"{url}/notices", ""])


def as_html(told: Content, url: str) -> str:
    """Write a mail as simple HTML."""
    written = [f'<!doctype html><html lang="{told.language}"><body>', _p(told.greeting)]
    for heading, lines in groupby(told.lines, lambda line: line.heading):
        written.append(f"<h2>{escape(heading)}</h2><ul>")
        for line in lines:
            when = f"<br>{escape(line.when)}" if line.when else ""
            link = f'<a href="{escape(url + line.path)}">{escape(line.text)}</a>'
            written.append(f"<li>{link}{when}</li>")
        written.append("</ul>")
    choose = f'{escape(told.closing)} <a href="{escape(url)}/notices">{escape(url)}/notices</a>'
    return "\n".join([*written, f"<p>{choose}</p></body></html>", ""])


def _p(text: str) -> str:
    return f"<p>{escape(capital(text))}</p>"
