"""Events as sentences in the reader's language."""

from flask import Flask

from webapp.format import language
from workflows.history.kinds import KINDS
from workflows.language import N_, Sentence, translator
from workflows.organisation.roles import ROLES
from workflows.processes.telling import incident_told
from workflows.queries.history import Told

SYSTEM = N_("The system")


def install(app: Flask) -> None:
    """Let templates write `event|told`."""
    app.jinja_env.filters["told"] = told


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
    if role := ROLES.get(str(event.what.get("role"))):
        named["role"] = words.gettext(role.name)
    return Sentence(KINDS[event.kind], event.what | named).said(language())
