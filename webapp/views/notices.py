"""What one is told, how often by mail, one's calendar addresses, and the outbox of the mails."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor, visitor
from webapp.pages import tell
from webapp.transactions import session, this_app
from workflows.errors import Invalid, NotFound
from workflows.language import N_
from workflows.notices.letters import as_text
from workflows.notices.models import Choice, FeedKind, Letter
from workflows.notices.rows import choices
from workflows.operations import feeds
from workflows.operations import notices as verbs
from workflows.organisation.models import Person, Unit
from workflows.organisation.roles import ROLES
from workflows.queries import feeds as feed_questions
from workflows.queries import notices as questions

notices = Blueprint("notices", __name__, url_prefix="/notices")

CHOICES = {
    Choice.DIRECT: N_("At once"),
    Choice.DAILY: N_("Once a day, in the morning"),
    Choice.WEEKLY: N_("Once a week, on Monday morning"),
    Choice.NONE: N_("Never"),
}


@notices.get("")
def page() -> ResponseReturnValue:
    return _page()


@notices.post("/choice")
def choose() -> ResponseReturnValue:
    chosen = request.form.get("choice", "")
    if chosen not in set(Choice):
        raise Invalid("unknown_choice")
    me = session().get_one(Person, visitor().person_id)
    verbs.choose(session(), me, Choice(chosen), by=actor(), now=clock.now())
    tell(N_("Your choice is kept."))
    return redirect(url_for("notices.page"))


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
    return _page(f"{this_app().settings.url}/feeds/{token}.ics")


@notices.post("/feeds/<int:feed_id>/end")
def end_feed(feed_id: int) -> ResponseReturnValue:
    feed = feed_questions.feed(session(), feed_id, by=actor())
    feeds.end(session(), feed, by=actor(), now=clock.now())
    tell(N_("The address leads nowhere any more."))
    return redirect(url_for("notices.page"))


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


def _page(made: str = "") -> str:
    by = actor()
    held = {(each.role, each.unit_id) for each in by.held}
    units = {one: session().get_one(Unit, one) for one in {unit_id for _, unit_id in held}}
    return render_template(
        "notices/page.html",
        told=questions.mine(session(), by, now=clock.now()),
        choice=choices(session(), [visitor().person_id])[visitor().person_id],
        choices=CHOICES.items(),
        feeds=feed_questions.of_person(session(), by),
        role_names={code: role.name for code, role in ROLES.items()},
        places=sorted(held),
        units=units,
        made=made,
    )
