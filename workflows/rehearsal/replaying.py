"""A test made of a real case that has ended: how it was answered, and nothing of who did or wrote.

Kept are choices, ticks and small numbers, and how many rows a list had. Texts, people, files, dates
and large numbers are left out: what stands there is made up anew whenever the test runs.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows import forms
from workflows.canonical import parse
from workflows.cases.models import Case, CaseState
from workflows.errors import NotFound
from workflows.forms import Field, Kind
from workflows.history.models import Event
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, may
from workflows.processes.models import Process, Secrecy
from workflows.processes.packages import Package
from workflows.processes.rows import compiled_package
from workflows.rehearsal.trials import Answers, Tried, Wish

SHOWN = 30
LARGEST = 100_000  # no number of a person or a telephone is less


def ended(session: Session, process: Process, *, by: Actor) -> list[Case]:
    """List the cases that have ended and that `by` may see, the latest first; none that is secret,
    for its answers must not be read where diagrams are."""
    wanted = (
        sa.select(Case)
        .where(
            Case.process_id == process.id,
            Case.state == CaseState.FINISHED,
            Case.secrecy != Secrecy.SECRET,
            Case.purged_at.is_(None),
        )
        .options(joinedload(Case.unit), joinedload(Case.process))
        .order_by(Case.id.desc())
        .limit(SHOWN)
    )
    return [case for case in session.scalars(wanted) if may(by, Deed.SEE_CASE, case)]


def as_it_went(
    session: Session, process: Process, case_id: int, package: Package, *, by: Actor
) -> tuple[Wish, list[str]]:
    """Give what a case was answered, as a try of a draft, and the steps that were done in it.

    :raises NotFound: if there is no such case, or not for them
    :raises Invalid: if the draft has errors
    """
    case = next((one for one in ended(session, process, by=by) if one.id == case_id), None)
    if case is None:
        raise NotFound
    wanted = sa.select(Event.step, Event.what).where(
        Event.case_id == case.id, Event.kind == "task_completed"
    )
    done = [(row.step or "", row.what) for row in session.execute(wanted.order_by(Event.id))]
    steps = compiled_package(package).description.steps
    forms_of = {key: step.form for key, step in steps.items()}
    rounds: dict[str, list[dict[str, Any]]] = {}
    for element, what in done:
        told: Any = parse(what) if what else {}
        form = forms_of.get(element)
        said = _cleaned(package, form, told.get("answers", {})) if form else {}
        rounds.setdefault(element, []).append(said)
    answers: Answers = {
        element: all_of[0] if all(one == all_of[0] for one in all_of) else all_of
        for element, all_of in rounds.items()
        if any(all_of)
    }
    return Wish(case.unit.code, case.year, answers), [element for element, _ in done]


def otherwise(found: Tried, done: Iterable[str]) -> tuple[list[str], list[str]]:
    """Say which steps a case did that the try of it does not, and which the try does besides."""
    tried = Counter(one["element"] for one in found.told["steps"] if one["is_done"])
    real = Counter(done)
    return sorted((real - tried).elements()), sorted((tried - real).elements())


def _cleaned(package: Package, form: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_kept(forms.read_form(package.forms[form]).fields, answers))


def _kept(fields: Iterable[Field], answers: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for one in fields:
        value = answers.get(one.name)
        if one.kind is Kind.GROUP and isinstance(value, Mapping):
            yield from _kept(one.fields, value)
        elif one.kind is Kind.ROWS and isinstance(value, list):
            yield one.path, len(value)
        elif _says_nothing_of_anybody(one, value):
            yield one.path, _raw(value)


def _says_nothing_of_anybody(one: Field, value: Any) -> bool:
    offered = {each.value for each in one.options}
    match one.kind:
        case Kind.CHOICE:
            return value in offered
        case Kind.CHOICES:
            return isinstance(value, list) and set(value) <= offered
        case Kind.BOOLEAN | Kind.TICK:
            return isinstance(value, bool)
        case Kind.INTEGER:
            return isinstance(value, int) and abs(value) < LARGEST
        case _:
            return False


def _raw(value: Any) -> Any:
    """Give an answer as a browser posts it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return [str(one) for one in value] if isinstance(value, list) else str(value)
