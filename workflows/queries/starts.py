"""Which cases are to start by themselves, for whom and when, as processes and calendar say."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.because import Unresolved, stored
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.rules import Rule
from workflows.calendar.windows import MORNING
from workflows.cases.clock import PlannedStart, StartPlan, StartState
from workflows.engine import Description
from workflows.errors import Invalid
from workflows.language import ZONE, on
from workflows.organisation.models import Unit
from workflows.processes.models import Process, Version, VersionState
from workflows.processes.rows import compiled
from workflows.processes.starts import facts_of, is_for, occasions
from workflows.steering.book import Book, Lineage
from workflows.steering.exemptions import exempt
from workflows.steering.models import CalendarToken
from workflows.steering.rows import current, lineages

MADE_AS = "1"  # another way of making the plan: another word


class Key(NamedTuple):
    """What there is at most one case for."""

    process_id: int
    unit_id: int
    year: int
    occasion: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case that is to start: by which rule, when and why."""

    key: Key
    rule: str
    due_at: datetime | None
    because: Mapping[str, Any]
    since: datetime  # from when the process has said so
    begins: bool = False  # it waits for its unit to begin, later than the rule says


def word(session: Session, *, now: datetime) -> str:
    """Tell what the plan rests on in a word that changes when anything of it does."""
    return _words(session, now=now)[1]


def is_planned(session: Session, *, now: datetime) -> bool:
    """Tell whether the plan rests on what there is."""
    planned, word = _words(session, now=now)
    return planned == word


def _words(session: Session, *, now: datetime) -> tuple[str | None, str]:
    planned, calendar, versions, *units = session.execute(_RESTS_ON).one()
    kept = "-".join(map(str, units))
    return planned, f"{MADE_AS}/{on(now).year}/{calendar}/{versions or ''}/{kept}"


# Every tick asks for these, of a server that may be elsewhere: one statement, written once.
_versions = (
    sa.select(sa.cast(Version.id, sa.Text).label("id"))
    .where(Version.state == VersionState.ACTIVE)
    .order_by(Version.id)
    .subquery()
)
_RESTS_ON = sa.select(
    sa.select(StartPlan.word).limit(1).scalar_subquery(),
    sa.select(CalendarToken.word).limit(1).scalar_subquery(),
    sa.select(sa.func.aggregate_strings(_versions.c.id, ",")).scalar_subquery(),
    sa.func.count(Unit.id),
    sa.func.sum(Unit.revision),
    sa.func.max(Unit.id),
)


def wanted(session: Session, *, now: datetime, book: Book | None = None) -> list[Wanted]:
    """List every start of last year, this and next, by the calendar as it is or as `book` says."""
    here = book or current(session)[1]
    dating = _Dating(here, lineages(session))
    units = list(session.scalars(sa.select(Unit).order_by(Unit.id)))
    years = range(on(now).year - 1, on(now).year + 2)
    not_here = exempt(session)
    return [
        start
        for version in session.scalars(_active())
        for unit in units
        if (version.process_id, unit.id) not in not_here
        for year in years
        for start in _of_unit(session, dating, version, unit, year)
    ]


def left_out(session: Session) -> frozenset[tuple[str, int]]:
    """Name every process, by its key, and unit where the city says it does not start by itself."""
    keys = dict(session.execute(sa.select(Process.id, Process.key)).all())
    return frozenset((keys[process_id], unit_id) for process_id, unit_id in exempt(session))


def redated(
    session: Session, book: Book, *, units: Collection[int], now: datetime
) -> Iterator[tuple[PlannedStart, datetime | None, Mapping[str, Any]]]:
    """Give each start of some units that waits with the time and the reason it would have by
    another calendar.
    """
    dating = _Dating(book, lineages(session))
    waiting = sa.select(PlannedStart).where(
        PlannedStart.state == StartState.WAITING,
        PlannedStart.unit_id.in_(units),
        sa.or_(PlannedStart.due_at.is_(None), PlannedStart.due_at > now),
    )
    for start in session.scalars(waiting.order_by(PlannedStart.due_at, PlannedStart.id)):
        yield start, *_told(dating.date(parse(start.rule), start.unit_id, start.year))


def _active() -> sa.Select[Version]:
    return sa.select(Version).where(Version.state == VersionState.ACTIVE).order_by(Version.id)


def _of_unit(
    session: Session, dating: "_Dating", version: Version, unit: Unit, year: int
) -> list[Wanted]:
    description = compiled(version).description
    if unit.kind.value not in description.per or not is_for(description, facts_of(unit), year):
        return []
    found: list[Wanted] = []
    begun: Wanted | None = None
    for occasion, rule in dating.occasions(description).items():
        why = dating.date(rule, unit.id, year)
        if isinstance(why, Unresolved) and why.removes_step:
            continue
        due_at, because = _told(why)
        key = Key(version.process_id, unit.id, year, occasion)
        since = dating.since(session, version, occasion)
        start = Wanted(key, str(rule), due_at, because, since)
        day = on(due_at) if due_at else date(year, 12, 31)
        if unit.valid_to is not None and unit.valid_to < day:
            continue
        if unit.valid_from is None or unit.valid_from <= day:
            found.append(start)
        elif unit.valid_from.year == year and (begun is None or _earlier(begun, start)):
            begun = start
    # A unit that begins in the middle of a year begins with what the others began last.
    if begun is not None and unit.valid_from is not None:
        first = datetime.combine(unit.valid_from, MORNING, ZONE).astimezone(UTC)
        found.append(replace(begun, due_at=first, begins=True))
    return found


def _earlier(one: Wanted, other: Wanted) -> bool:
    return one.due_at is not None and other.due_at is not None and one.due_at < other.due_at


def _told(why: Deadline | Unresolved) -> tuple[datetime | None, Mapping[str, Any]]:
    if isinstance(why, Deadline):
        return why.due_at, stored(why.because)
    return None, stored(why)


class _Dating:
    """Dates starts by a book; units that have set nothing of their own share what is worked out."""

    def __init__(self, book: Book, lines: Mapping[int, Lineage]) -> None:
        self.book = book
        self.lines = lines
        self._known: dict[tuple[object, ...], Deadline | Unresolved] = {}
        self._occasions: dict[tuple[str, ...], dict[str, Rule]] = {}
        self._since: dict[tuple[int, str], datetime] = {}

    def date(self, rule: Rule, unit_id: int, year: int) -> Deadline | Unresolved:
        """Say when a rule falls for a unit and year, in the morning if it says nothing else."""
        line = self.lines[unit_id]
        own = tuple((one in self.book.by_unit and one, kind) for one, kind in line)
        key = (str(rule), year, own)
        if (known := self._known.get(key)) is None:
            calendar = self.book.calendar(line, year)
            known = evaluate(rule, calendar, year, time_of_day=MORNING)
            self._known[key] = known
        return known

    def occasions(self, description: Description) -> dict[str, Rule]:
        """Name the starts of a process."""
        if (known := self._occasions.get(description.starts)) is None:
            known = self._occasions[description.starts] = occasions(description.starts)
        return known

    def since(self, session: Session, version: Version, occasion: str) -> datetime:
        """Say from when on the process has had this start, without a break."""
        key = (version.process_id, occasion)
        if key not in self._since:
            self._since[key] = _since(session, version, occasion)
        return self._since[key]


def _since(session: Session, version: Version, occasion: str) -> datetime:
    before = sa.select(Version).where(
        Version.process_id == version.process_id,
        Version.number < version.number,
        Version.published_at.is_not(None),
    )
    first = version.published_at or version.made_at
    for older in session.scalars(before.order_by(Version.number.desc())):
        description = compiled(older).description
        if not description.per or occasion not in _named(description.starts):
            break
        first = min(first, older.published_at or older.made_at)
    return first


def _named(starts: Iterable[str]) -> Mapping[str, Rule]:
    """Name the starts of an older version; one this program cannot read had none."""
    try:
        return occasions(starts)
    except Invalid:
        return {}
