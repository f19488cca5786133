"""What stops a case, and where a deed would lead, in the reader's words."""

from collections.abc import Iterable, Iterator

from webapp.format import language
from workflows.cases.incidents import Open
from workflows.cases.models import Case
from workflows.engine import Incident, Progress
from workflows.language import N_, Sentence, translator
from workflows.processes.rows import compiled
from workflows.processes.telling import Told, incident_told
from workflows.queries.standing import Thing

# The messages of the shipped processes; one that a city has added is read as it is written.
MESSAGES = {
    "rsa_decided": N_("the analysis is decided"),
    "rsa_city_merged": N_("the city's analysis is put together"),
    "rsa_instruction_published": N_("the instruction for the analysis is out"),
    "situation_contribution": N_("a contribution to the situation picture"),
    "situation_published": N_("the situation picture is out"),
    "sua_done": N_("the procurement is done"),
}


def message_said(name: str) -> str:
    """Say which message between cases it is."""
    known = MESSAGES.get(name)
    return translator(language()).gettext(known) if known else name.replace("_", " ")


def why_stopped(one: Incident | Open) -> Told:
    """Say why a step could not be taken, and how to go on."""
    return incident_told(one.code, one.cause, one.keys, language())


def name_of(case: Case, element: str) -> str:
    """Name an element of a case's diagram."""
    names = compiled(case.version).description.names_of(element)
    return names.get(language()) or names.get("sv") or element


def effects(case: Case, things: Iterable[Thing], seen: Progress) -> list[str]:
    """Say where a deed would lead: what closes for whom, what opens, and whether it would stop."""
    found = [*_closing(case, {one.id: one for one in things}, seen), *_opening(case, seen)]
    nothing = Sentence(N_("Nothing opens and nothing closes."))
    return [one.said(language()) for one in found or [nothing]]


def closes(case: Case, thing: Thing, held: str, free: str) -> Sentence:
    """Say that a thing closes: by `held` for a task somebody has, else by `free`."""
    step = {"step": _quoted(case, thing.element)}
    if thing.task is not None and thing.task.assignee is not None:
        return Sentence(held, step | {"who": thing.task.assignee.name})
    return Sentence(free, step)


def _closing(case: Case, things: dict[str, Thing], seen: Progress) -> Iterator[Sentence]:
    for one in (*seen.closed, *seen.waits_closed):
        if (thing := things.get(one)) is not None:
            held = N_("{step} closes. {who} has it, and what is typed in it goes.")
            yield closes(case, thing, held, N_("{step} closes."))


def _opening(case: Case, seen: Progress) -> Iterator[Sentence]:
    for told, elements in (
        (N_("{step} opens."), [one.element for one in seen.opened]),
        (
            N_("The case waits at {step}."),
            [one.element for one in seen.waits_opened] + [one.element for one in seen.calls],
        ),
        (
            N_("The system does {step}, and the case goes on from there."),
            [one.element for one in seen.actions],
        ),
    ):
        yield from (Sentence(told, {"step": _quoted(case, element)}) for element in elements)
    for stop in seen.incidents_opened:
        place = {"step": _quoted(case, stop.element), "reason": why_stopped(stop).what}
        yield Sentence(N_("The case stops at {step}: {reason}"), place)
    if seen.finished:
        yield Sentence(N_("The case is finished."))


def _quoted(case: Case, element: str) -> str:
    return f"“{name_of(case, element)}”"
