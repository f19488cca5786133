"""Events as sentences in the reader's language."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from flask import Flask

from webapp.case_words import message_said
from webapp.format import because, language
from workflows import registers
from workflows.calendar.words import milestone_said
from workflows.cases.models import occasion_name
from workflows.history.kinds import KINDS
from workflows.language import (
    N_,
    Language,
    Sentence,
    counted,
    day,
    listed,
    moment,
    sort_key,
    translator,
)
from workflows.organisation.roles import ROLES
from workflows.processes.telling import incident_told
from workflows.queries.history import Told
from workflows.steering.levels import NAMES
from workflows.tasks.approvals import PARTS
from workflows.work import BY_NAME

SYSTEM = N_("The system")
DAYS = {"from_on", "to_on", "until"}
LATE = N_("{told}, {late} late")
DOWN = N_("{told}, {late} late: the service was down")


def install(app: Flask) -> None:
    """Let templates write `event|told` and `event|dates_told`."""
    app.jinja_env.filters |= {"told": told, "dates_told": dates_told}


def told(event: Told) -> str:
    """Say what happened."""
    words = translator(language())
    actor = event.actor or words.gettext(SYSTEM)
    if event.acting_for:
        actor = words.gettext(N_("{actor}, standing in for {other},")).format(
            actor=actor, other=event.acting_for
        )
    step = event.step.get(language()) or event.step.get("sv")
    named = {"actor": actor, "step": step and f"“{step}”", "unit": event.unit, "case": event.case}
    if event.person:
        named["person"] = event.person
    if event.to:
        named["to"] = f"“{event.to.get(language()) or event.to.get('sv')}”"
    if event.kind == "case_stopped":
        code, cause = str(event.what.get("code")), str(event.what.get("cause"))
        named["reason"] = incident_told(code, cause, event.what.get("keys", ()), language()).what
    named |= _called(event.what) | _in_words(event.what)
    if process := event.process.get(language()):
        named["message" if event.kind == "start_refused" else "process"] = process
    if since := event.what.get("since"):
        named["since"] = moment(datetime.fromisoformat(str(since)), language())
    said = Sentence(KINDS[event.kind], event.what | named)
    minutes = event.what.get("late_minutes")
    if isinstance(minutes, int):
        said = Sentence(
            DOWN if event.what.get("was_down") else LATE, {"told": said, "late": lasting(minutes)}
        )
    return said.said(language())


@cache
def kinds_named(spoken: Language) -> list[tuple[str, str]]:
    """Name every kind of event by its sentence, with … for what differs; in the order of words."""
    words = translator(spoken)
    named = [(kind, re.sub(r"\{\w+\}", "…", words.gettext(said))) for kind, said in KINDS.items()]
    return sorted(named, key=lambda one: sort_key(one[1].strip("…“” ,")))


def _called(what: Mapping[str, Any]) -> dict[str, str]:
    """What an event names by a code, as people call it."""
    words, named = translator(language()), {}
    if role := ROLES.get(str(what.get("role"))):
        named["role"] = words.gettext(role.name)
    if level := NAMES.get(str(what.get("level"))):
        named["level"] = f"“{words.gettext(level)}”"
    if work := BY_NAME.get(str(what.get("work"))):
        named["work"] = words.gettext(work.title)
    if (register := str(what.get("register"))) in registers.names():
        named["register"] = registers.definition(register).title[language()]
    if parts := [PARTS[one] for one in what.get("parts", ()) if one in PARTS]:
        named["parts"] = listed([words.gettext(one) for one in parts], language())
    return named


def _in_words(what: Mapping[str, Any]) -> dict[str, str]:
    """What an event says by a code or a day for machines, as people say it."""
    named = {}
    if message := what.get("message"):
        named["message"] = f"“{message_said(str(message))}”"
    if milestone := what.get("milestone"):
        named["milestone"] = milestone_said(str(milestone), language())
    if occasion := what.get("occasion"):
        named["occasion"] = occasion_name(str(occasion), language())
    for name in DAYS:
        if when := what.get(name):
            named[name] = day(date.fromisoformat(str(when)), language())
    return named


def dates_told(event: Told) -> list[str]:
    """Say each date the event gave, the one before it, and why it was that day."""
    words = translator(language())
    said = []
    for one in event.dates:
        step = one.step.get(language()) or one.step.get("sv", "")
        days = [moment(each, language()) for each in (one.due_at, one.old) if each]
        text = N_("{step}: {day}") if one.old is None else N_("{step}: {day} (before: {old})")
        if one.due_at is None:
            text = N_("{step}: no date")
        told = words.gettext(text).format(
            step=step, day=days[0] if days else "", old=days[-1] if days else ""
        )
        said.append(f"{told} · {because(one.because, language())}")
    return said


def lasting(minutes: int) -> Sentence:
    """Say how long something was, or how late, no closer than it matters."""
    if minutes < 2 * 60:
        return counted(minutes, "{count} minute", "{count} minutes")
    if minutes < 2 * 24 * 60:
        return counted(minutes // 60, "{count} hour", "{count} hours")
    return counted(minutes // (24 * 60), "{count} day", "{count} days")
