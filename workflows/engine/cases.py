"""Begin a case and carry it on: the two functions everything else calls."""

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.diagrams import Compiled
from workflows.engine.evaluating import assign, own
from workflows.engine.events import boundary_error, escalate, raise_error
from workflows.engine.gateways import Join, settle_joins, settle_stuck
from workflows.engine.ledger import Waiting
from workflows.engine.listening import begin_scope, fire, settle_conditions
from workflows.engine.living import keep, take
from workflows.engine.problems import Failure
from workflows.engine.progress import (
    Command,
    Complete,
    Correct,
    Deliver,
    Done,
    Escalate,
    Facts,
    Failed,
    Fire,
    MoveTo,
    Progress,
    Retry,
    Skip,
)
from workflows.engine.specs import Activity, Catch, Throw
from workflows.engine.spiff import Case, Place
from workflows.engine.state import find, write_state
from workflows.errors import Conflict, Invalid


def begin(compiled: Compiled, data: Mapping[str, Any], facts: Facts) -> Progress:
    """Start a case with what is known from the beginning.

    :raises Invalid: if the data is not plain, or the case cannot begin to listen with it
    """
    case = Case(compiled.blueprint, own(data), facts)
    try:
        begin_scope(case)
    except Failure as failure:  # of an event sub-process: nothing has begun, nothing is stored
        raise Invalid("cannot_begin", code=failure.code, cause=failure.cause) from failure
    return settled(case)


def advance(compiled: Compiled, state: bytes, command: Command, facts: Facts) -> Progress:
    """Take one command and run until the case rests again.

    :raises Conflict: if what the command speaks of is no longer open
    :raises Invalid: if the data is not plain
    :raises BrokenState: if the state cannot be read
    """
    case = take(state, compiled.blueprint, facts)
    match command:
        case Complete(step_id, answers):
            place = _step(case, step_id)
            assign(place, answers)
            place.finish()
        case Done(action_id, answers):
            place = _action(case, action_id)
            result = place.node.result
            assign(place, {result: answers} if result else answers)
            place.finish()
        case Failed() | Escalate():
            _hear(case, command)
        case Fire(wait_id):
            fire(case, _wait(case, wait_id))
        case Deliver(wait_id, payload):
            fire(case, _wait(case, wait_id), payload)
        case Retry(incident_id, data):
            case.known.update(own(data))
            _try_again(case, _incident(case, incident_id))
        case Skip(key):
            _skip(case, key)
        case MoveTo(key, element, data):
            _move(case, key, element)
            case.known.update(own(data))
        case Correct(data):
            case.known.update(own(data))
    return settled(case)


def settled(case: Case) -> Progress:
    """Run until nothing moves, not even what only looks at what the others do."""
    moved = True
    while moved:
        case.go()
        moved = bool(case.joining) and settle_joins(case)
        moved = (bool(case.waits) and settle_conditions(case)) or moved
        moved = moved or bool(case.queue or case.late)
    if case.joining:
        settle_stuck(case)
    state = write_state(case)
    keep(state, case)
    return Progress(
        state=state,
        data=case.known,
        opened=tuple(case.opened.values()),
        closed=tuple(case.closed),
        waits_opened=tuple(case.waits_opened.values()),
        waits_closed=tuple(case.waits_closed),
        actions=tuple(case.actions.values()),
        calls=tuple(case.calls.values()),
        thrown=tuple(case.thrown),
        incidents_opened=tuple(case.incidents_opened.values()),
        incidents_closed=tuple(case.incidents_closed),
        passed=tuple(case.passed),
        finished=case.completed,
        error=case.error,
    )


# --- finding --------------------------------------------------------------------------------


def _place(case: Case, key: str) -> Place:
    place = find(case, key)
    if place is None:
        raise Conflict("not_open", id=key)
    return place


def _step(case: Case, key: str) -> Place:
    place = _place(case, key)
    if not place.task_spec.manual or place._state != TaskState.READY:
        raise Conflict("not_open", id=key)
    return place


def _action(case: Case, key: str) -> Place:
    place = _place(case, key)
    if "action" not in place.internal_data:
        raise Conflict("not_open", id=key)
    return place


def _incident(case: Case, key: str) -> Place:
    place = _place(case, key)
    if place._state != TaskState.ERROR:
        raise Conflict("not_open", id=key)
    return place


def _wait(case: Case, key: str) -> Waiting:
    waiting = case.waits.get(int(key)) if key.isdecimal() else None
    if waiting is None:
        raise Conflict("not_open", id=key)
    return waiting


# --- commands -------------------------------------------------------------------------------


def _hear(case: Case, told: Failed | Escalate) -> None:
    """Take what an action or a called case has to say besides that it is done."""
    if isinstance(told, Escalate):
        escalate(_action(case, told.call_id), told.code)
        return
    place, code = _action(case, told.action_id), told.code
    if boundary_error(place, code, any_code=False) or raise_error(place, code):
        return
    place.internal_data.pop("action", None)
    case.report(place, Failure(code, "", tuple(sorted(told.params))))


def _try_again(case: Case, place: Place) -> None:
    """Retry one incident; with one that came of the budget all that did, for they shared it."""
    stopped = [one for one in case.places.values() if one._state == TaskState.ERROR]
    budget = [one for one in stopped if one.internal_data["incident"][0] == "budget"]
    for one in budget if place in budget else [place]:
        _retry(case, one)


def _retry(case: Case, place: Place) -> None:
    if place.internal_data.pop("done", False):
        place.finish()
        return
    case.close(place)
    if place.many is not None or isinstance(place.task_spec, Join):
        place.task_spec._update(place)
        return
    live, node, via = place.workflow, place.node, place.via
    place.cancel()
    live.enter(node.id, via)


def _skip(case: Case, key: str) -> None:
    if key.isdecimal() and int(key) in case.waits:
        fire(case, case.waits[int(key)])
        return
    place = _place(case, key)
    kind = place.task_spec
    if not isinstance(kind, Activity | Catch | Throw) or place.internal_data.get("done"):
        raise Conflict("cannot_skip", element=place.node.id)
    place.cancel_rounds()
    inner = case.subprocesses.pop(place.id, None)
    if inner is not None:
        inner.clear()
    place.finish()


def _standing(case: Case, key: str) -> int | str:
    """The place a wait belongs to, for who knows only the wait."""
    waiting = case.waits.get(int(key)) if key.isdecimal() else None
    return key if waiting is None or waiting.place is None else waiting.place


def _move(case: Case, key: str, element: str) -> None:
    place = _place(case, str(_standing(case, key)))
    live = place.workflow
    target = case.blueprint.plan.nodes.get(element)
    if target is None or target.scope != live.spec.name or target.kind == "boundary":
        raise Conflict("cannot_move", element=element)
    if place.many is not None:
        raise Conflict("inside_a_loop", element=place.node.id)
    place.cancel()
    live.enter(target.id)
