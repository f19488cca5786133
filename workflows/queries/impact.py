"""Whom a new version would hit: the running cases, asked slice by slice, alike ones only once.

Cases that stand alike on the same version follow alike; only their dates are each their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.canonical import content_hash, instant_text
from workflows.cases.models import OPEN, Case
from workflows.engine import BrokenState, Compiled
from workflows.processes.migrations import Verdict
from workflows.processes.models import Process, Secrecy, Version
from workflows.processes.packages import Package
from workflows.queries.following import Between, Followed, Standing, follow, redated
from workflows.queries.migrating import FactsOf, between_this, standings
from workflows.steering.rows import hold

EXAMPLES = 20  # dates that are told one by one
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What would run: a version, or the draft."""

    compiled: Compiled
    forms: Mapping[str, str]  # a hash of each
    hash: str


def target(package: Package, compiled: Compiled) -> Target:
    """Give what would run if a package were published."""
    forms = {name: content_hash(content) for name, content in package.forms.items()}
    return Target(compiled, forms, package.hash)


def nothing() -> Found:
    """What is found before any case is asked."""
    return {"verdicts": {}, "groups": {}, "dates": {}, "units": {}, "examples": [], "hidden": 0}


def running(session: Session, process: Process) -> int:
    """Count the running cases of a process."""
    wanted = sa.select(sa.func.count()).where(Case.process_id == process.id, Case.state.in_(OPEN))
    return session.scalar(wanted) or 0


def ask(
    session: Session,
    process: Process,
    new: Target,
    facts_of: FactsOf,
    found: Found,
    *,
    after: int,
    goes_on: Callable[[], bool],
    at_once: int = 100,
) -> tuple[Found, int, int]:
    """Ask running cases after one with this id, as long as it `goes_on`; found anew what was found,
    the last case asked, and how many were.
    """
    hold(session)
    asking = _Asking(session, new, facts_of, found)
    asked = 0
    while goes_on():
        wanted = (
            sa.select(Case.id)
            .where(Case.process_id == process.id, Case.state.in_(OPEN), Case.id > after)
            .order_by(Case.id)
            .limit(at_once)
        )
        ids = list(session.scalars(wanted))
        if not ids:
            break
        for standing in standings(session, ids):
            asking.of(standing)
        session.expunge_all()  # thousands of cases need not be held at once
        after, asked = ids[-1], asked + len(ids)
    return asking.found, after, asked


class _Asking:
    def __init__(self, session: Session, new: Target, facts_of: FactsOf, found: Found) -> None:
        self.session, self.new, self.facts_of, self.found = session, new, facts_of, found
        self.pairs: dict[int, tuple[int, Between]] = {}
        self.tried: dict[tuple[int, str], Followed] = {}

    def of(self, standing: Standing) -> None:
        """Ask one case; the first of its shape is really moved, in memory."""
        case = standing.case
        number, pair = self._pair(case.version_id)
        try:
            key = (case.version_id, engine.shape(case.engine_state))
        except BrokenState:
            key = (case.version_id, f"broken {case.id}")
        known = self.tried.get(key)
        if known is None:
            known = follow(self.session, standing, pair, self.facts_of(case))
            self.tried[key] = known
        self._count(case, known)
        self._group(known, number)
        if known.verdict is not Verdict.CANNOT:
            self._dates(standing, pair, known)

    def _pair(self, version_id: int) -> tuple[int, Between]:
        if version_id not in self.pairs:
            old = self.session.get_one(Version, version_id)
            pair = between_this(self.session, old, self.new.compiled, self.new.forms)
            self.pairs[version_id] = old.number, pair
        return self.pairs[version_id]

    def _count(self, case: Case, known: Followed) -> None:
        found = self.found
        found["verdicts"][known.verdict] = found["verdicts"].get(known.verdict, 0) + 1
        if case.secrecy is Secrecy.SECRET:
            found["hidden"] += 1  # where a secret case is says something already
            return
        unit = str(case.unit_id)
        found["units"][unit] = found["units"].get(unit, 0) + 1

    def _group(self, known: Followed, number: int) -> None:
        """Add a case to those to which the same would happen."""
        told = known.told
        tasks = [
            {"element": one["element"]} | {key: one[key] for key in ("to", "form") if key in one}
            for one in told.get("tasks", ())
            if "to" in one or "form" in one
        ]
        same: Found = {
            "version": number,
            "verdict": known.verdict.value,
            "misfits": list(told.get("misfits", ())),
            "tasks": tasks,
            **{key: list(told.get(key, ())) for key in ("closed", "opened", "stopped")},
            "ends": bool(told.get("ends")),
        }
        name = content_hash(str(same))[:16]
        group = self.found["groups"].setdefault(name, same | {"cases": 0})
        group["cases"] += 1

    def _dates(self, standing: Standing, pair: Between, known: Followed) -> None:
        case = standing.case
        closed = set(known.told.get("closed", ()))
        for task in standing.tasks:
            if task.element in closed or not _is_redated(pair, task.element):
                continue
            dated = redated(self.session, case, task, pair, self.facts_of(case))
            if dated is None or dated.due_at == task.due_at:
                continue
            row = self.found["dates"].setdefault(task.element, {"count": 0, "sooner": 0})
            row["count"] += 1
            if dated.due_at and (task.due_at is None or dated.due_at < task.due_at):
                row["sooner"] += 1
            examples = self.found["examples"]
            if case.secrecy is not Secrecy.SECRET and len(examples) < EXAMPLES:
                old, new = (at and instant_text(at) for at in (task.due_at, dated.due_at))
                examples.append(
                    {"unit": case.unit_id, "element": task.element, "old": old, "new": new,
                     "because": dated.because}
                )  # fmt: skip


def _is_redated(pair: Between, element: str) -> bool:
    old = pair.old.description.steps.get(element)
    new = pair.new.description.steps.get(pair.of(element))
    return new is not None and (old is None or (old.due, old.legal) != (new.due, new.legal))
