"""What a rehearsal plays with: units, processes, calendars and holders as plain values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine, forms
from workflows.calendar.years import Calendar
from workflows.errors import NotFound
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.models import Process, Version, VersionState
from workflows.processes.packages import Package
from workflows.processes.rows import compiled, form
from workflows.processes.starts import facts_of
from workflows.queries.role_check import Holders, who_holds
from workflows.queries.starts import left_out
from workflows.steering.rows import current, lineages


@dataclass(frozen=True, slots=True)
class Body:
    """A unit; `told` is what expressions may know of it."""

    id: int
    code: str
    kind: UnitKind
    parent_id: int | None
    told: Mapping[str, Any]
    begins_on: date | None = None
    ends_on: date | None = None

    def stands_on(self, day: date) -> bool:
        return (self.begins_on is None or self.begins_on <= day) and (
            self.ends_on is None or self.ends_on >= day
        )


@dataclass(frozen=True)
class Played:
    """A process as it is played: its runnable form, and its forms when they are asked for."""

    runs: engine.Compiled
    form: Callable[[str], forms.Form]

    @property
    def key(self) -> str:
        return self.runs.description.key

    @property
    def description(self) -> engine.Description:
        return self.runs.description


@dataclass(frozen=True)
class City:
    """Everything the year rests on."""

    bodies: tuple[Body, ...]
    processes: tuple[Played, ...]
    calendar: Callable[[int, int], Calendar]  # of a unit, for cases of a year
    holders: Holders
    exempt: frozenset[tuple[str, int]] = frozenset()  # a process, and a body it does not start in

    @cached_property
    def by_id(self) -> dict[int, Body]:
        return {body.id: body for body in self.bodies}

    @cached_property
    def by_code(self) -> dict[str, Body]:
        return {body.code: body for body in self.bodies}

    @cached_property
    def by_key(self) -> dict[str, Played]:
        return {process.key: process for process in self.processes}

    @cached_property
    def top(self) -> Body | None:
        """The unit that is the city."""
        return next((body for body in self.bodies if body.kind is UnitKind.CITY), None)


def gathered(session: Session, processes: Iterable[Played] | None = None, *, today: date) -> City:
    """Read the city as it is; the processes new cases run, unless others are given."""
    units = session.scalars(sa.select(Unit).order_by(Unit.sort_key, Unit.id)).all()
    book, lines = current(session)[1], lineages(session)
    return City(
        bodies=tuple(_body(unit) for unit in units),
        processes=tuple(_active(session) if processes is None else processes),
        calendar=lambda unit_id, year: book.calendar(lines[unit_id], year),
        holders=who_holds(session, today=today),
        exempt=left_out(session),
    )


def from_package(package: Package) -> Played:
    """Take a process from its files.

    :raises Rejected: when the diagram cannot run
    """
    kept: dict[str, forms.Form] = {}

    def read(name: str) -> forms.Form:
        if name not in package.forms:
            raise NotFound("unknown_form", form=name)
        if name not in kept:
            kept[name] = forms.read_form(package.forms[name])
        return kept[name]

    return Played(engine.compile_diagram(package.source, decisions=package.tables), read)


def _active(session: Session) -> Iterable[Played]:
    wanted = sa.select(Version).join(Version.process).where(Version.state == VersionState.ACTIVE)
    for version in session.scalars(wanted.order_by(Process.key)).all():
        yield Played(compiled(version), partial(form, session, version))


def _body(unit: Unit) -> Body:
    return Body(
        unit.id,
        unit.code,
        unit.kind,
        unit.parent_id,
        facts_of(unit),
        unit.valid_from,
        unit.valid_to,
    )
