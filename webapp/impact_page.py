"""Whom a version would hit, in words; and next year with it, beside what it is without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.format import because, language
from webapp.process_pages import MISFITS, OTHERWISE, VERDICTS, DateMove
from workflows.engine import Compiled
from workflows.language import N_, Sentence, on
from workflows.organisation.models import Unit
from workflows.processes.migrations import Verdict
from workflows.processes.models import Process
from workflows.processes.packages import Package
from workflows.processes.rows import compiled, compiled_package, stored
from workflows.processes.workshop import Impact
from workflows.rehearsal.city import from_package, gathered
from workflows.rehearsal.looking import look
from workflows.rehearsal.playing import play
from workflows.rehearsal.report import MEND, plain
from workflows.rehearsal.telling import title, told


@dataclass(frozen=True, slots=True)
class Group:
    """Cases to which the same would happen."""

    cases: int
    version: int
    tag: str
    state: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is found so far."""

    groups: list[Group]
    dates: list[tuple[str, int, int]]  # step, how many dates move, how many of them to be sooner
    examples: list[tuple[str, DateMove]]
    units: list[tuple[str, int]]
    hidden: int


def shown(session: Session, impact: Impact, new: Compiled) -> Shown:
    """Put what is found into words; the worst first."""
    found = impact.found
    running = impact.process.active_version
    old = compiled(running) if running is not None else new
    units = _units(session, [*found["units"], *(str(one["unit"]) for one in found["examples"])])
    groups = [_group(one, old, new) for one in found["groups"].values()]
    examples = [
        (units[str(one["unit"])], DateMove(
            _name(one["element"], old, new), _at(one["old"]), _at(one["new"]),
            because(one["because"], language()) if one["because"] else ""))
        for one in found["examples"]
    ]  # fmt: skip
    return Shown(
        sorted(groups, key=lambda one: (one.state != "late", -one.cases)),
        [
            (_name(key, old, new), row["count"], row["sooner"])
            for key, row in found["dates"].items()
        ],
        examples,
        sorted(((units[key], count) for key, count in found["units"].items()),
               key=lambda one: (-one[1], one[0])),
        found["hidden"],
    )  # fmt: skip


def _group(one: Mapping[str, Any], old: Compiled, new: Compiled) -> Group:
    word, state = VERDICTS[Verdict(one["verdict"])]
    said = [
        _said(MISFITS.get(bad["code"], OTHERWISE), old, new, bad["element"], code=bad["code"])
        for bad in one["misfits"]
    ]
    for task in one["tasks"]:
        if "to" in task:
            target = _name(task["to"], new, old)
            text = N_("“{element}” becomes “{target}”.")
            said.append(_said(text, old, new, task["element"], target=target))
        if "form" in task:
            said.append(_said(N_("The form of “{element}” changes."), old, new, task["element"]))
    for key, text in (
        ("closed", N_("“{element}” is replaced: it is closed.")),
        ("opened", N_("“{element}” is opened.")),
        ("stopped", N_("The case would stop at “{element}”.")),
    ):
        said += [_said(text, old, new, element) for element in one[key]]
    return Group(one["cases"], one["version"], _word(word), state, tuple(said))


def _said(text: str, old: Compiled, new: Compiled, element: str, **more: str) -> str:
    return Sentence(text, {"element": _name(element, old, new), **more}).said(language())


def _word(text: str) -> str:
    return Sentence(text).said(language())


def _name(element: str, *versions: Compiled) -> str:
    for version in versions:
        if names := version.description.names_of(element):
            return names.get(language()) or names["sv"]
    return element


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _units(session: Session, ids: list[str]) -> dict[str, str]:
    wanted = sa.select(Unit.id, Unit.name).where(Unit.id.in_({int(one) for one in ids}))
    return {str(row.id): row.name for row in session.execute(wanted)}


@dataclass(frozen=True, slots=True)
class Played:
    """How a year went with one version: numbers, when each step was due first, what is to mend."""

    numbers: Mapping[str, int]
    dates: Mapping[str, date]
    found: Sequence[str]


@dataclass(frozen=True, slots=True)
class NextYear:
    """A year of one body with what runs and with what would: numbers, dates, and what is found."""

    unit: str
    year: int
    numbers: list[tuple[str, int, int]]
    dates: list[tuple[str, date | None, date | None]]  # those that differ
    gone: list[str]
    new: list[str]


def next_year(
    session: Session, process: Process, package: Package, unit: Unit, year: int, today: date
) -> NextYear:
    """Rehearse a year of a process for one body, with what runs and with what would."""
    running = process.active_version
    after = _played(session, package, unit, year, today)
    before = _played(session, stored(running), unit, year, today) if running else NEVER
    moved = [
        (key, before.dates.get(key), after.dates.get(key))
        for key in dict.fromkeys([*after.dates, *before.dates])
        if before.dates.get(key) != after.dates.get(key)
    ]
    old, new = compiled(running) if running else None, compiled_package(package)
    versions = [one for one in (new, old) if one is not None]
    return NextYear(
        unit.name,
        year,
        [
            (_word(name), before.numbers.get(name, 0), count)
            for name, count in after.numbers.items()
        ],
        [(_name(key, *versions), was, is_) for key, was, is_ in moved],
        [one for one in before.found if one not in after.found],
        [one for one in after.found if one not in before.found],
    )


def _played(session: Session, package: Package, unit: Unit, year: int, today: date) -> Played:
    city = gathered(session, [from_package(package)], today=today)
    year_played = play(city, year, units=[unit.code])
    report = plain(look(city, year_played, units=[unit.code]))
    counted: Any = report["counts"]
    dates: dict[str, date] = {}
    for case in year_played.cases:
        for taken in case.run.trace().steps:
            if taken.due is not None:
                dates.setdefault(taken.step.element, on(taken.due))
    found: Any = report["findings"]
    return Played(
        {
            N_("Cases"): sum(one["cases"] for one in counted),
            N_("Tasks"): sum(one["tasks"] for one in counted),
            N_("Cases that do not end"): sum(one["stuck"] for one in counted),
            N_("Most due in one week"): max((one["due"] for one in report["weeks"]), default=0),
        },
        dates,
        [
            f"{title(one['code'], language())}: {told(report, one, language())}"
            for one in found
            if one["severity"] == MEND
        ],
    )


NEVER = Played({}, {}, ())
