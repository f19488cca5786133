"""What goes between cases, in the reader's words."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from webapp.auth import actor
from webapp.case_words import message_said
from webapp.format import language
from webapp.transactions import session
from workflows.cases.messages import Message, Outcome, Sent, Wait
from workflows.cases.models import Case
from workflows.language import N_, Sentence, local
from workflows.permissions import Deed, may
from workflows.processes.models import Process
from workflows.queries import messages as questions

SENT = {
    Sent.MESSAGE: N_("Sent the message “{name}”"),
    Sent.SIGNAL: N_("Sent the signal “{name}”"),
    Sent.START: N_("Starts {process} in {unit}"),
    Sent.CALL: N_("Needs the answer of {process} in {unit}"),
}
RECEIVED = {
    Sent.MESSAGE: N_("Received the message “{name}”"),
    Sent.SIGNAL: N_("Heard the signal “{name}”"),
    Sent.START: N_("Started by another case"),
    Sent.CALL: N_("Another case waits for the end of this one"),
}
BECAME = {
    Outcome.DELIVERED: N_("It has arrived."),
    Outcome.EXPIRED: N_("Nobody received it in time."),
    Outcome.MISSED: N_("The case it was for was past it."),
    Outcome.REFUSED: N_("It could not be done."),
}
WAITS = {
    Sent.MESSAGE: N_("Waits for the message “{name}”"),
    Sent.SIGNAL: N_("Waits for the signal “{name}”"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that goes between two cases; the other is named to those who may see it."""

    text: str
    status: str
    at: datetime
    is_late: bool = False
    name: str = ""
    url: str = ""


def lines(case: Case) -> list[Line]:
    """Tell what a case sent, received and waits for, in the order it happened."""
    found = questions.between(session(), case)
    processes = questions.process_names(session(), found.sent)
    told = [_sent(one, processes) for one in found.sent]
    told += [_line(RECEIVED[one.kind], one, one.from_case, {}) for one in found.received]
    return sorted(told + [_wait(one) for one in found.waits], key=lambda line: line.at)


def not_received() -> list[Line]:
    """Tell what nobody has received, with the case that sent it."""
    found = questions.not_received(session(), by=actor())
    processes = questions.process_names(session(), found)
    return [_line(SENT[one.kind], one, one.from_case, processes) for one in found]


def _sent(one: Message, processes: dict[str, Process]) -> Line:
    return _line(SENT[one.kind], one, one.to_case, processes)


def _line(text: str, one: Message, other: Case | None, processes: dict[str, Process]) -> Line:
    process = processes.get(one.name)
    said = {
        "name": message_said(one.name),
        "process": process.name(language()) if process else one.name,
        "unit": one.unit.name if one.unit else "",
    }
    seen = other is not None and may(actor(), Deed.SEE_CASE, other)
    return Line(
        Sentence(text, said).said(language()),
        _status(one),
        one.sent_at,
        is_late=one.outcome in (Outcome.EXPIRED, Outcome.REFUSED),
        name=other.key if other is not None and seen else "",
        url=url_for("cases.show", case_id=other.id) if other is not None and seen else "",
    )


def _status(one: Message) -> str:
    if one.outcome is Outcome.DELIVERED and one.kind in (Sent.START, Sent.CALL):
        over = one.to_case is None or one.to_case.closed_at is not None
        said = Sentence(N_("It is over.") if over else N_("It is under way."))
    elif one.outcome is not None:
        said = Sentence(BECAME[one.outcome])
    elif one.due_at is None and one.expires_at is not None:
        said = Sentence(
            N_("Nobody waits for it yet. It is kept until {day}."),
            {"day": local(one.expires_at).date()},
        )
    else:
        said = Sentence(N_("It is on its way."))
    return said.said(language())


def _wait(one: Wait) -> Line:
    key = Sentence(N_("The key is {key}."), {"key": one.key}).said(language()) if one.key else ""
    said = Sentence(WAITS[one.kind], {"name": message_said(one.name)}).said(language())
    return Line(said, key, one.opened_at)
