"""Building the demo city: its invented years played in small steps, each a transaction.

The clock of the demo is simulated; the verbs are the real ones. Where a build was broken off it
goes on from the last step that was finished, and ends as the same city.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic, sleep

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, sessionmaker

from workflows.calendar.workdays import ClosedDays
from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.listening import NEWS
from workflows.cases.models import Timer
from workflows.database import WRITES, Database, Instant
from workflows.demo import bodies, settling, story, years
from workflows.demo.bodies import CITY, Body
from workflows.demo.cast import PASSWORD, colleagues
from workflows.demo.moments import Scripted, at
from workflows.demo.playing import STUCK, Player
from workflows.language import on
from workflows.organisation import passwords
from workflows.organisation.growth import THE_CITY, Growth, growth
from workflows.work import deliver, run_due

SATURDAY = 5
# Seconds one transaction takes at most, a single piece of work aside.
STEP, STEP_BESIDE_OTHERS = 1.0, 0.1
DAY, HALF_AN_HOUR = timedelta(days=1), timedelta(minutes=30)
CLOSED = ClosedDays()


class Size(StrEnum):
    """How much of a demo: the whole city for two years, or a few bodies for some months."""

    CITY = "city"
    FEW = "few"


FIRST = {Size.CITY: bodies.FIRST, Size.FEW: bodies.FEW}
LATER = {Size.CITY: bodies.LATER, Size.FEW: ()}
# What a body runs in its first year: the year of risks, and how its actions go.
BEGIN_WITH = ("rsa_annual", "action_followup")


def begins(until: datetime, size: Size) -> datetime:
    """Say from when on the demo's years are played."""
    if size is Size.CITY:
        return at(on(until).year - 1, 1, 2, 8)
    first = on(until) - 100 * DAY
    return at(first.year, first.month, 1, 8)


def plant(database: Database, *, until: datetime, seed: int, size: Size) -> None:
    """Make what somebody needs to sign in and look; the rest grows."""
    password = passwords.hashed(PASSWORD)  # takes its time: before anything is locked
    begin = begins(until, size)
    with database.writing() as session, session.begin():
        session.add(
            Growth(
                id=THE_CITY, seed=seed, size=size, begins_at=begin, until=until, at=begin,
                is_done=False,
            )
        )  # fmt: skip
        settling.found(session, FIRST[size], password, now=begin)


def grow(
    database: Database, *, rest: float = 0, tell: Callable[[int], bool] = lambda _percent: True
) -> Player:
    """Play the years of a planted demo from where they stand to their end.

    After each step `tell` hears how far it is, and may say that it is enough; `rest` seconds are
    left to others who want to write.
    """
    with database.reading() as session:
        known = growth(session)
    if known is None:
        raise LookupError("there is no demo here")
    building = _Building(database, known, STEP_BESIDE_OTHERS if rest else STEP)
    while not building.growth.is_done and tell(building.growth.percent):
        building.step()
        sleep(rest)
    return building.player


class _Piece(Database):
    """The database within one transaction: what is done in several there, is done together."""

    def __init__(self, connection: Connection) -> None:
        self.engine = connection.engine
        self.reading, self.writing = (
            sessionmaker(connection, expire_on_commit=False, join_transaction_mode=mode)
            for mode in ("rollback_only", "create_savepoint")  # what only reads needs none
        )


Do = Callable[[_Piece, datetime], None]


class _Building:
    def __init__(self, database: Database, known: Growth, seconds: float) -> None:
        self.growth, self.seconds = known, seconds
        lively = [body.code for body in FIRST[Size(known.size)]]
        self.player = Player(known.seed, known.until, lively)
        self.size = Size(known.size)
        self._writing = database.engine.execution_options(**{WRITES: True})
        self._agenda: list[tuple[datetime, Do]] = []
        self.span = range(on(known.begins_at).year, on(known.until).year + 2)
        last = on(known.until).year
        told = [
            (known.begins_at + timedelta(seconds=1), self._settle),
            *years.scripted(known.begins_at, last),
            *(story.scripted(last) if self.size is Size.CITY else ()),
        ]
        if LATER[self.size]:
            told.append((at(last, 1, 2, 8), self._widen))
        self._told: list[Scripted] = sorted(told, key=lambda one: one[0])

    def step(self) -> None:
        """Do what comes next, as much as a step may hold, and note how far that is."""
        over = monotonic() + self.seconds
        with self._writing.connect() as connection, connection.begin():
            piece, now = _Piece(connection), self.growth.at
            while now < self.growth.until:
                if not self._agenda:
                    self._agenda = self._day(piece, now)
                now, do = self._agenda.pop(0)
                do(piece, now)
                if monotonic() >= over:
                    break
            is_done = now >= self.growth.until
            mine = sa.update(Growth).where(Growth.id == THE_CITY)
            connection.execute(mine.values(at=now, is_done=is_done))
        self.growth.at, self.growth.is_done = now, is_done

    def _day(self, piece: _Piece, now: datetime) -> list[tuple[datetime, Do]]:
        """Say what happens from now to the end of the day, and that then the day is over."""
        end = min(_end_of_day(now), self.growth.until)
        if self.player.is_pressed:  # what is done may have to be followed up at once
            end = min(end, now + HALF_AN_HOUR)
        agenda: list[tuple[datetime, Do]] = [(end, _nothing)]
        with piece.reading() as session:
            agenda += [(when, self._clock) for when in _clock_moments(session, now, end)]
            due = self.player.due(session, now, end)
            agenda += [(when, self._task(task_id)) for when, task_id in due]
        agenda += [(when, self._deed(do)) for when, do in self._told if now < when <= end]
        return sorted(agenda, key=lambda one: (one[0], one[1] is _nothing))

    def _clock(self, piece: _Piece, now: datetime) -> None:
        run_due(piece, now=now, has_time=lambda: True)
        with piece.reading() as session:
            self.player.crew.look(session, now)

    def _task(self, task_id: int) -> Do:
        def do(piece: _Piece, now: datetime) -> None:
            try:
                with piece.writing() as session, session.begin():
                    self.player.do(session, task_id, now)
            except STUCK as why:  # told at the end; the others go on
                self.player.stuck[task_id] = str(why)
            if session.info.get(NEWS):
                deliver(piece, now=now)

        return do

    def _deed(self, told: Callable[[Session, datetime], None]) -> Do:
        def do(piece: _Piece, now: datetime) -> None:
            with piece.writing() as session, session.begin():
                told(session, now)
            deliver(piece, now=now)
            self.player.crew.forget()
            self.player.is_pressed = True
            self._agenda.clear()  # what it led to may have to be done the same day

        return do

    def _settle(self, session: Session, now: datetime) -> None:
        self._move_in(session, FIRST[self.size], {CITY}, now)

    def _widen(self, session: Session, now: datetime) -> None:
        self._move_in(session, LATER[self.size], set(), now)
        settling.begin_with(session, LATER[self.size], BEGIN_WITH, now=now)

    def _move_in(
        self, session: Session, some: tuple[Body, ...], also: set[str], now: datetime
    ) -> None:
        here = {body.code for body in some} | also
        everybody = colleagues(FIRST[self.size] + LATER[self.size], self.growth.seed)
        come = [person for person in everybody if person.unit in here]
        settling.settle(session, some, come, self.span, self.growth.seed, now=now)


def _nothing(_piece: _Piece, _now: datetime) -> None:
    """Let the day be over."""


def _end_of_day(now: datetime) -> datetime:
    """Give the last moment of the day `now` is in, or of the next when that has come."""
    day = on(now + timedelta(minutes=1))
    return at(day.year, day.month, day.day, 23, 59)


_after, _until = (sa.bindparam(name, type_=Instant()) for name in ("after", "until"))
_MOMENTS = sa.union(
    sa.select(PlannedStart.due_at).where(
        PlannedStart.state == StartState.WAITING,
        PlannedStart.due_at > _after,
        PlannedStart.due_at <= _until,
    ),
    sa.select(Timer.due_at).where(
        Timer.fired_at.is_(None),
        Timer.closed_at.is_(None),
        Timer.due_at > _after,
        Timer.due_at <= _until,
    ),
)


def _clock_moments(session: Session, after: datetime, until: datetime) -> set[datetime]:
    """Say when the clock ticks: at eight on weekdays, and when a case starts or a timer comes."""
    which = {"after": after, "until": until}
    found = {when for when in session.connection().execute(_MOMENTS, which).scalars() if when}
    day = on(until)
    if day.weekday() < SATURDAY:
        found.add(at(day.year, day.month, day.day, 8))
    return {when for when in found if after < when <= until}
