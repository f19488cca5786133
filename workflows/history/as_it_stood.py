"""A case as it stood at a moment: what folding its events gives, and how all of it is written down
at once in an event, where the events before say too little."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Protocol

Data = dict[str, Any]


class Happened(Protocol):
    """An event, as far as it is folded."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def step(self) -> str | None: ...
    @property
    def actor_id(self) -> int | None: ...
    @property
    def acting_for_id(self) -> int | None: ...
    @property
    def unit_id(self) -> int | None: ...
    @property
    def what(self) -> str | None: ...


@dataclass(slots=True)
class TaskThen:
    """A task: who had it, when it was to be done, and what became of it."""

    step_id: str
    element: str
    opened_at: datetime
    due_at: datetime | None = None
    because: Data | None = None
    names: Mapping[str, str] | None = None  # where they are not those of the diagram
    roles: frozenset[tuple[str, int]] = frozenset()
    assignee_id: int | None = None
    claimed_for_id: int | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    done_by_id: int | None = None
    done_for_id: int | None = None


@dataclass(slots=True)
class TimerThen:
    """Something that was waited for."""

    element: str
    due_at: datetime | None


@dataclass(slots=True)
class CaseThen:
    """A case as it stood; `unknown_since` is when something happened that its event says too little
    of to tell, such as one from before version 0.5 or whose content is purged."""

    key: str = ""
    process: str = ""
    version: int = 0
    unit_id: int | None = None
    year: int = 0
    occasion: str = ""
    secrecy: str = ""
    state: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    data: Data = field(default_factory=dict)
    tasks: dict[str, TaskThen] = field(default_factory=dict)
    timers: dict[str, TimerThen] = field(default_factory=dict)
    unknown_since: datetime | None = None


def written(case: CaseThen) -> Data:
    """Write all of it as an event tells it."""
    told = {name: value for name, value in asdict(case).items() if name != "unknown_since"}
    told["tasks"] = [
        {name: value for name, value in asdict(task).items() if value is not None}
        | {"roles": sorted(task.roles)}
        for task in case.tasks.values()
    ]
    told["timers"] = [
        {"id": wait_id, "element": timer.element, "due_at": timer.due_at}
        for wait_id, timer in case.timers.items()
    ]
    return {"stands": told}


def read_into(case: CaseThen, what: Data) -> None:
    """Let a case stand as an event tells all of it; from then on it is known."""
    told: Data = dict(what["stands"])
    tasks = [_task(row) for row in told.pop("tasks")]
    timers = {
        row["id"]: TimerThen(row["element"], moment(row["due_at"])) for row in told.pop("timers")
    }
    for name, value in told.items():
        setattr(case, name, moment(value) if name.endswith("_at") else value)
    case.tasks, case.timers = {one.step_id: one for one in tasks}, timers
    case.unknown_since = None


def _task(row: Data) -> TaskThen:
    known = {one.name for one in fields(TaskThen)}
    given = {name: value for name, value in row.items() if name in known}
    for name in ("opened_at", "due_at", "closed_at"):
        given[name] = moment(given.get(name))
    return TaskThen(**given | {"roles": places(row["roles"])})


def places(roles: Iterable[Any]) -> frozenset[tuple[str, int]]:
    return frozenset((role, unit_id) for role, unit_id in roles)


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
