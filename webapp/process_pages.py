"""What the pages of migrations show: cases with what becomes of them, in the reader's words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.format import because, language
from workflows import engine
from workflows.errors import NotFound
from workflows.language import N_, Sentence
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, may
from workflows.processes.migrations import Fate, Follower, Migration, Verdict
from workflows.processes.models import Process, Version
from workflows.processes.rows import compiled
from workflows.queries import migrating
from workflows.queries.migrations import Shown

VERDICTS = {
    Verdict.UNASKED: (N_("not looked at yet"), "planned"),
    Verdict.FOLLOWS: (N_("can follow"), "done"),
    Verdict.MAPPED: (N_("can follow with the mapping"), "done"),
    Verdict.CANNOT: (N_("cannot follow"), "late"),
}
FATES = {
    Fate.WAITING: (N_("waits to be moved"), "planned"),
    Fate.MOVED: (N_("moved"), "done"),
    Fate.OUTDATED: (N_("not moved: the preview is out of date"), "soon"),
    Fate.RETURNING: (N_("waits to be moved back"), "planned"),
    Fate.RETURNED: (N_("moved back"), "closed"),
    Fate.KEPT: (N_("not moved back: something has happened since"), "soon"),
}
MISFITS = {
    "gone": N_("“{element}” is open and is not in the new version."),
    "other_kind": N_("“{element}” is open and is something else in the new version."),
    "other_scope": N_("“{element}” is open and lies in another part of the new version."),
    "two_in_one": N_("“{element}” is open, and another open step would become the same one."),
    "way_gone": N_("A branch has come from “{element}”, which no longer leads there."),
    "join_never_fires": N_("“{element}” would wait for a branch that was never begun."),
    "broken_state": N_("What is stored of the case cannot be read."),
    "case_closed": N_("The case is over."),
    "gone_on": N_("The case is over, or has been moved meanwhile."),
}
OTHERWISE = N_("A rule at “{element}” gives nothing in this case ({code}).")


@dataclass(frozen=True, slots=True)
class DateMove:
    """A date of the case that moves, and why it becomes that one."""

    name: str
    old: datetime | None
    new: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a migration."""

    case_id: int
    name: str
    unit: str
    version: int
    url: bool  # whether the reader may open it
    tag: str
    state: str
    said: tuple[str, ...]
    dates: tuple[DateMove, ...]
    can_return: bool


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something open in cases of an old version that has no like by its id."""

    field: str
    version: int
    name: str
    options: tuple[tuple[str, str, bool], ...]  # id, name, whether it is the one found


def active(process: Process) -> Version:
    """Give the version that new cases run.

    :raises NotFound: if there is none
    """
    if process.active_version is None:
        raise NotFound
    return process.active_version


def unclear(session: Session, process: Process) -> list[Unclear]:
    """List what people may have to say: which element is which."""
    target = active(process)
    new = compiled(target)
    found: list[Unclear] = []
    for version, elements in migrating.open_elements(session, process, target):
        old = compiled(version)
        mapping = engine.align(old, new)
        for element in sorted(elements):
            kept = new.plan.nodes.get(element)
            if element not in mapping and kept and kept.kind == old.plan.nodes[element].kind:
                continue
            options = tuple(
                (one, _name(new, one), mapping.get(element) == one)
                for one in engine.candidates(old, new, element)
            )
            field = f"is:{version.id}:{element}"
            found.append(Unclear(field, version.number, _name(old, element), options))
    return found


def row(session: Session, migration: Migration, shown: Shown, *, by: Actor) -> Row:
    """Say of one case what becomes of it."""
    follower, case = shown.row, shown.case
    old, new = compiled(shown.old), compiled(migration.version)
    word, state = FATES.get(follower.fate) or VERDICTS[follower.verdict]
    if follower.verdict is Verdict.CANNOT:
        word, state = VERDICTS[Verdict.CANNOT]
    return Row(
        case.id,
        case.name(language()),
        shown.unit.name,
        shown.old.number,
        may(by, Deed.SEE_CASE, case),
        _said(word),
        state,
        tuple(_sentences(follower, old, new)),
        tuple(_dates(follower, old)),
        follower.fate is Fate.MOVED,
    )


def _sentences(row: Follower, old: engine.Compiled, new: engine.Compiled) -> Iterator[str]:
    told = row.told
    for one in told.get("misfits", ()):
        is_join = one["code"] == "join_never_fires"
        name = _name(new if is_join else old, one["element"])
        yield _said(MISFITS.get(one["code"], OTHERWISE), element=name, code=one["code"])
    yield from _of_tasks(told.get("tasks", ()), old, new)
    for key, (text, version) in {
        "closed": (N_("“{element}” is closed."), old),
        "opened": (N_("“{element}” is opened."), new),
        "not_awaited": (N_("“{element}” is no longer waited for."), old),
        "awaited": (N_("“{element}” is waited for."), new),
        "stopped": (N_("The case stops at “{element}”."), new),
    }.items():
        for element in told.get(key, ()):
            yield _said(text, element=_name(version, element))
    if told.get("ends"):
        yield _said(N_("The case ends."))


def _of_tasks(
    rows: Iterable[dict[str, Any]], old: engine.Compiled, new: engine.Compiled
) -> Iterator[str]:
    for one in rows:
        name = _name(old, one["element"])
        if "to" in one and _name(new, one["to"]) != name:
            yield _said(N_("“{old}” becomes “{new}”."), old=name, new=_name(new, one["to"]))
        if one.get("form") == "drafted":
            yield _said(N_("The form of “{element}” has changed under a draft."), element=name)
        elif "form" in one:
            yield _said(N_("The form of “{element}” has changed."), element=name)


def _dates(row: Follower, old: engine.Compiled) -> Iterator[DateMove]:
    for one in (*row.told.get("tasks", ()), *row.told.get("timers", ())):
        if "new" in one or "old" in one:
            why = because(one["because"], language()) if one.get("because") else ""
            yield DateMove(_name(old, one["element"]), _at(one, "old"), _at(one, "new"), why)


def _at(one: dict[str, Any], key: str) -> datetime | None:
    return datetime.fromisoformat(one[key]) if one.get(key) else None


def _name(version: engine.Compiled, element: str) -> str:
    names = version.description.names_of(element)
    return names.get(language()) or names.get("sv") or element


def _said(text: str, **params: object) -> str:
    return Sentence(text, params).said(language())
