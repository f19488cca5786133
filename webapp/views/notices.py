"""What one is told, how often by mail, one's calendar addresses, and the outbox of the mails."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import account_page, clock
from webapp.auth import actor, visitor
from webapp.pages import tell
from webapp.transactions import session, this_app
from workflows.errors import Invalid, NotFound
from workflows.language import N_
from workflows.notices.letters import as_text
from workflows.notices.models import Choice, FeedKind, Letter
from workflows.operations import feeds
from workflows.operations import notices as verbs
from workflows.organisation.models import Person
from workflows.queries import feeds as feed_questions
from workflows.queries import notices as questions

notices = Blueprint("notices", __name__, url_prefix="/notices")


@notices.get("")
def page() -> ResponseReturnValue:
    told = questions.mine(session(), actor(), now=clock.now())
    return render_template("notices/page.html", told=told)


@notices.post("/choice")
def choose() -> ResponseReturnValue:
    chosen = request.form.get("choice", "")
    if chosen not in set(Choice):
        raise Invalid("unknown_choice")
    me = session().get_one(Person, visitor().person_id)
    verbs.choose(session(), me, Choice(chosen), by=actor(), now=clock.now())
    tell(N_("Your choice is kept."))
    return redirect(url_for("account.page"))


@notices.get("/preview")
def preview() -> ResponseReturnValue:
    """Show the next mail as it would be sent now."""
    told = questions.preview(session(), actor(), now=clock.now())
    url = this_app().settings.url
    return render_template(
        "notices/preview.html", told=told, url=url, text=as_text(told, url) if told else ""
    )


@notices.post("/feeds")
def make_feed() -> ResponseReturnValue:
    """Show the address once; it is kept hashed, so this page cannot be opened again."""
    kind, _, rest = request.form.get("feed", "").partition(":")
    role, _, unit = rest.rpartition(":")
    if kind not in set(FeedKind) or (unit and not unit.isdecimal()):
        raise Invalid("unknown_feed")
    token = feeds.make(
        session(),
        FeedKind(kind),
        role=role or None,
        unit_id=int(unit) if unit else None,
        by=actor(),
        now=clock.now(),
    )
    return account_page.shown(made=_address(token))


@notices.post("/feeds/<int:feed_id>/renewal")
def renew_feed(feed_id: int) -> ResponseReturnValue:
    """Let an address that others may have seen lead nowhere, and show the one in its place."""
    feed = feed_questions.feed(session(), feed_id, by=actor())
    token = feeds.renew(session(), feed, by=actor(), now=clock.now())
    return account_page.shown(made=_address(token))


@notices.post("/feeds/<int:feed_id>/end")
def end_feed(feed_id: int) -> ResponseReturnValue:
    feed = feed_questions.feed(session(), feed_id, by=actor())
    feeds.end(session(), feed, by=actor(), now=clock.now())
    tell(N_("The address leads nowhere any more."))
    return redirect(url_for("account.page"))


@notices.get("/outbox")
def outbox() -> ResponseReturnValue:
    return render_template(
        "notices/outbox.html",
        letters=questions.troubled(session(), by=actor()),
        waiting=questions.waiting_mails(session(), by=actor()),
        has_server=this_app().settings.smtp is not None,
    )


@notices.post("/outbox/<int:letter_id>/retry")
def retry(letter_id: int) -> ResponseReturnValue:
    verbs.retry(session(), _letter(letter_id), by=actor(), now=clock.now())
    tell(N_("The mail is sent again within a minute."))
    return redirect(url_for("notices.outbox"))


@notices.post("/outbox/<int:letter_id>/drop")
def drop(letter_id: int) -> ResponseReturnValue:
    why = request.form.get("why", "")
    verbs.drop(session(), _letter(letter_id), why, by=actor(), now=clock.now())
    tell(N_("The mail is not sent."))
    return redirect(url_for("notices.outbox"))


def _letter(letter_id: int) -> Letter:
    found = session().get(Letter, letter_id)
    if found is None:
        raise NotFound
    return found


def _address(token: str) -> str:
    return f"{this_app().settings.url}/feeds/{token}.ics"
