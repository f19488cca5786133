"""Tell how one played case went: step by step, with dates and why, what it sent, how it ended."""

from datetime import datetime
from typing import Any

from workflows.calendar.deadlines import Deadline
from workflows.calendar.words import reason
from workflows.canonical import instant_text
from workflows.engine.simulating import Taken
from workflows.language import Language
from workflows.rehearsal.cases import Case


def traced(case: Case, language: Language) -> dict[str, Any]:
    """Write down a case as what JSON can hold."""
    trace = case.run.trace()
    description = case.process.description
    return {
        "case": case.key,
        "process": description.key,
        "name": description.names.get(language, description.key),
        "unit": case.body.code,
        "occasion": case.occasion,
        "began_at": instant_text(case.began_at),
        "steps": [_step(case, taken, language) for taken in trace.steps],
        "waits": [
            {"element": wait.element, "kind": wait.kind, "rule": wait.rule, "at": instant_text(at)}
            for wait, at in trace.waited
        ],
        "sent": [
            {"kind": one.kind, "name": one.name, "key": one.key, "at": instant_text(at)}
            for one, at in trace.thrown
        ],
        "actions": [{"element": one.element, "name": one.name} for one in trace.actions],
        "incidents": [
            {"element": one.element, "code": one.code, "cause": one.cause}
            for one in trace.incidents
        ],
        "waiting_for": [{"element": one.element, "kind": one.kind} for one in trace.waits]
        if trace.ended is None
        else [],
        "ended_at": _text(trace.ended),
    }


def _step(case: Case, taken: Taken, language: Language) -> dict[str, Any]:
    element, found = taken.step.element, case.dates.get(taken.step.id)
    names = case.process.description.names_of(element)
    return {
        "element": element,
        "name": names.get(language) or element,
        "opened_at": instant_text(taken.opened),
        "due_at": _text(taken.due),
        "because": reason(found.because, language) if isinstance(found, Deadline) else "",
        "closed_at": _text(taken.closed),
        "is_done": taken.is_done,
    }


def _text(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment else None
