"""How a case stood at a moment, from its events alone: each event folded onto what was before.

Nothing is stored for this but the events. `tests/folding.py` holds it against the rows themselves
after every deed.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from workflows.history.as_it_stood import (
    CaseThen,
    Data,
    Happened,
    TaskThen,
    TimerThen,
    moment,
    places,
    read_into,
)
from workflows.history.contents import content

STATED = "case_stated"  # all of it at once
HANDED = ("task_delegated", "task_returned", "task_reassigned")
FREED = ("task_released", "task_freed")
OVER = {"case_finished": "finished", "case_cancelled": "cancelled", "case_called_off": "cancelled"}


def folded(events: Iterable[Happened], *, until: datetime | None = None) -> CaseThen | None:
    """Say how a case stood after its events up to `until`, in order; None before the first."""
    case: CaseThen | None = None
    for event in events:
        if until is not None and event.at > until:
            break
        if case is None:
            case = CaseThen()
        fold(case, event)
    return case


def fold(case: CaseThen, event: Happened) -> None:
    """Let one event happen to a case."""
    what: Any = None if event.what is None else content(event.what)
    if what and event.kind == STATED:
        read_into(case, what)
        return
    if case.unknown_since is not None:
        return
    if what is None or (event.kind == "case_started" and "about" not in what):
        case.unknown_since = case.unknown_since or event.at
        return
    if event.kind in _SPECIAL:
        _SPECIAL[event.kind](case, event, what)
    _move_dates(case, what)
    _open_and_close(case, event, what)
    _learn(case, event.kind, what)
    case.state = what.get("case_state", case.state)
    if event.kind in OVER:
        case.state, case.closed_at = OVER[event.kind], event.at
        case.timers.clear()


def changes_of(kind: str, before: Data, after: Data, what: Mapping[str, Any]) -> Data:
    """Say what an event must tell besides to give the data after it: what it `set`, what it put at
    the `end` of lists, and what is `gone`."""
    known = _known(kind, before, what)
    told: Data = {"set": {}, "end": {}}
    for name, new in after.items():
        old = known.get(name)
        if name in known and old == new:
            continue
        if isinstance(old, list) and isinstance(new, list) and old and new[: len(old)] == old:
            told["end"][name] = new[len(old) :]
        else:
            told["set"][name] = new
    told["gone"] = sorted(known.keys() - after.keys())
    return {name: value for name, value in told.items() if value}


def _known(kind: str, before: Data, what: Mapping[str, Any]) -> Data:
    """What a case knew before, with what its event tells of in words of its own."""
    match kind:
        case "case_started":
            return before | dict(what["data"])
        case "task_completed":
            return before | dict(what["answers"])
        case "data_corrected" | "incident_mended":
            return before | {name: new for name, (_, new) in what["changed"].items()}
    return before


def _learn(case: CaseThen, kind: str, what: Data) -> None:
    case.data = _known(kind, case.data, what) | what.get("set", {})
    for name, rows in what.get("end", {}).items():
        case.data[name] = [*case.data[name], *rows]
    for name in what.get("gone", ()):
        case.data.pop(name, None)


def _started(case: CaseThen, event: Happened, what: Data) -> None:
    about = what["about"]
    case.key, case.year = about["key"], about["year"]
    case.occasion, case.secrecy = about["occasion"], about["secrecy"]
    case.process, case.version = what["process"], what["version"]
    case.unit_id, case.opened_at = event.unit_id, event.at


def _stopped(case: CaseThen, _event: Happened, _what: Data) -> None:
    if case.state == "running":
        case.state = "stopped"


def _suspended(case: CaseThen, _event: Happened, _what: Data) -> None:
    case.state = "suspended"


def _claimed(case: CaseThen, event: Happened, what: Data) -> None:
    if task := case.tasks.get(what["step_id"]):
        task.assignee_id, task.claimed_for_id = event.actor_id, event.acting_for_id


def _handed(case: CaseThen, _event: Happened, what: Data) -> None:
    if task := case.tasks.get(what["step_id"]):
        task.assignee_id, task.claimed_for_id = what["person"], None


def _freed(case: CaseThen, _event: Happened, what: Data) -> None:
    if task := case.tasks.get(what["step_id"]):
        task.assignee_id = task.claimed_for_id = None


def _completed(case: CaseThen, event: Happened, what: Data) -> None:
    if task := case.tasks.get(what["step_id"]):
        task.closed_at, task.outcome = event.at, "completed"
        task.done_by_id, task.done_for_id = event.actor_id, event.acting_for_id


def _time_given(case: CaseThen, _event: Happened, what: Data) -> None:
    task, new = case.tasks.get(what["step_id"]), moment(what["new"])
    if task and task.due_at and new and task.due_at < new:
        task.due_at, task.because = new, what.get("because")


def _left_out(case: CaseThen, event: Happened, what: Data) -> None:
    _withdraw(case, event, what["step_id"])
    case.timers.pop(what["step_id"], None)


def _timer_over(case: CaseThen, _event: Happened, what: Data) -> None:
    case.timers.pop(what.get("id", ""), None)


def _migrated(case: CaseThen, _event: Happened, what: Data) -> None:
    """Let what was done count as the step it is now, and what is open be what it becomes."""
    mapping = what["mapping"]
    case.version = what["new"]
    for task in case.tasks.values():
        if task.closed_at is not None:
            task.element = mapping.get(task.element, task.element)
    for row in what["tasks"]:
        task = case.tasks[row["step_id"]]
        task.element, task.names = row.get("to", row["element"]), None
    for timer in case.timers.values():
        timer.element = mapping.get(timer.element, timer.element)
    for step_id, roles in what.get("roles", {}).items():
        case.tasks[step_id].roles = places(roles)


def _moved_back(case: CaseThen, _event: Happened, what: Data) -> None:
    case.version, case.closed_at = what["old"], None
    for row in what.get("back", ()):
        task = case.tasks[row["step_id"]]
        task.element, task.names = row["element"], row.get("names")
        task.due_at, task.because = moment(row["due_at"]), row.get("because")
        task.closed_at, task.outcome = moment(row.get("closed_at")), row.get("outcome")
        if "roles" in row:
            task.roles = places(row["roles"])


_SPECIAL: dict[str, Callable[[CaseThen, Happened, Data], None]] = {
    "case_started": _started,
    "case_stopped": _stopped,
    "case_suspended": _suspended,
    "task_claimed": _claimed,
    "task_completed": _completed,
    "time_given": _time_given,
    "step_left_out": _left_out,
    "timer_fired": _timer_over,
    "timer_woken": _timer_over,
    "timer_skipped": _timer_over,
    "case_migrated": _migrated,
    "case_moved_back": _moved_back,
    **dict.fromkeys(HANDED, _handed),
    **dict.fromkeys(FREED, _freed),
}


def _move_dates(case: CaseThen, what: Data) -> None:
    """Date anew what was open already."""
    for row in (*what.get("redated", ()), *_rows(what, "tasks"), *_rows(what, "timers")):
        key = row.get("step_id") or row.get("wait_id")
        if "new" not in row or key is None:
            continue
        if task := case.tasks.get(key):
            task.due_at, task.because = moment(row["new"]), row.get("because")
        elif timer := case.timers.get(key):
            timer.due_at = moment(row["new"])


def _open_and_close(case: CaseThen, event: Happened, what: Data) -> None:
    for row in what.get("withdrawn", ()):
        _withdraw(case, event, row.get("step_id"))
    if event.kind in OVER:
        for step_id in case.tasks:
            _withdraw(case, event, step_id)
    for wait_id in what.get("over", ()):
        case.timers.pop(wait_id, None)
    for row in what.get("opened", ()):
        case.tasks[row["step_id"]] = TaskThen(
            row["step_id"],
            row["element"],
            event.at,
            moment(row["due_at"]),
            row.get("because"),
            row.get("names"),
            places(row.get("roles", ())),
            row.get("person"),
        )
    for row in _rows(what, "timers"):
        if "id" in row:
            case.timers[row["id"]] = TimerThen(
                row.get("element", event.step or ""), moment(row["due_at"])
            )


def _withdraw(case: CaseThen, event: Happened, step_id: str | None) -> None:
    task = case.tasks.get(step_id or "")
    if task and task.closed_at is None:
        task.closed_at, task.outcome = event.at, "withdrawn"


def _rows(what: Data, name: str) -> list[Data]:
    """The rows of a list of an event; where it counts them instead there are none."""
    found = what.get(name)
    return found if isinstance(found, list) else []
