"""A city with a million cases behind it: shipped processes walked once, then multiplied in SQL.

Each unit has the same load whatever the size, so that a coordinator's page shows the same amount in
a small city and in a large one; only what lies around it differs.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bench import stage
from tests import cast
from tests.processes.answering import answered
from tests.processes.walking import Walk
from workflows.database import Base, Database, Instant
from workflows.language import sort_key
from workflows.operations.advance import task_facts
from workflows.organisation.models import Holding, Person, Unit, UnitKind
from workflows.processes.models import Process
from workflows.processes.rows import form
from workflows.tasks.models import Task
from workflows.upkeep.schema import migrate

KEPT = os.environ.get("ARSHJUL_BENCH_KEPT", "")
NOW = datetime(2027, 5, 18, 8, tzinfo=UTC)
KEYS = ("rsa_annual", "exercise", "exercise_plan", "action_followup", "sua")
STEPS = 4  # tasks of a case, of which the last may be open
UNIT_CASES = 3_333  # of a unit over the years, of all processes
UNIT_OPEN = 67
PEOPLE = 33  # in a unit
RECENT = 2  # years of which all is kept; of older ones, what a million cases can do without
ROLES = ("security_coordinator", "director", "unit_manager", "security_coordinator")
# Where the invented ids begin, so that those of the cast and of the models stay below.
BASE = 10_000
TABLES = [Base.metadata.tables[name] for name in ("case", "task", "task_role", "event", "chain")]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a city is; `years` end with this one."""

    cases: int
    units: int
    years: int

    @property
    def of_process(self) -> int:
        return self.cases // len(KEYS)

    @property
    def open_of_process(self) -> int:
        return self.units * UNIT_OPEN // len(KEYS)

    @classmethod
    def of(cls, cases: int) -> "Size":
        """So many cases, a thousand in three units over two years, a million in 300 over twenty."""
        units = max(3, round(cases / UNIT_CASES))
        return cls(cases, units, max(2, min(20, round(cases / units / (UNIT_CASES / 20)))))


@contextmanager
def city(kind: str, folder: Path, size: Size) -> Iterator[str]:
    """Give the address of a database with a city in it.

    A copy of one that was kept from before saves the minutes of making it. ARSHJUL_BENCH_KEPT names
    the folder of SQLite's; PostgreSQL's stay on the server that DATABASE_URL names.
    """
    if not KEPT or (kind == "postgresql" and "DATABASE_URL" not in os.environ):
        with _made(kind, folder, size) as url:
            yield url
        return
    with (_copied if kind == "sqlite" else _copied_there)(folder, size) as url:
        migrate(copy := Database(url))
        copy.close()
        yield url


@contextmanager
def _copied(folder: Path, size: Size) -> Iterator[str]:
    kept = Path(KEPT) / f"{size.cases}.sqlite3"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        with _made("sqlite", folder, size):
            copyfile(folder / "arshjul.sqlite3", kept)  # its connections are closed
    copyfile(kept, folder / "arshjul.sqlite3")
    yield f"sqlite:///{folder / 'arshjul.sqlite3'}"


@contextmanager
def _copied_there(folder: Path, size: Size) -> Iterator[str]:
    from tests import postgres

    kept = postgres.server_url().set(database=f"arshjul_kept_{size.cases}")
    engine = sa.create_engine(postgres.server_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        known = server.scalars(sa.text("SELECT datname FROM pg_database")).all()
        if kept.database not in known:
            with _made("postgresql", folder, size) as url:
                made = sa.make_url(url).database
                server.exec_driver_sql(f"ALTER DATABASE {made} RENAME TO {kept.database}")
    engine.dispose()
    url = postgres.copy_url(kept.render_as_string(hide_password=False))
    yield url
    postgres.drop_url(url)


@contextmanager
def _made(kind: str, folder: Path, size: Size) -> Iterator[str]:
    with stage.database(kind, folder) as url:
        made = Database(url)
        with made.writing() as session, session.begin():
            farsta = _walk(session)
            _settle(session, size)
        made.close()
        _multiply(url, size, farsta)
        yield url


def _walk(session: Session) -> int:
    """Bring a case of each process to its fourth step by the real verbs; gives their unit."""
    units = {unit.code: unit for unit in session.scalars(sa.select(Unit))}
    people = {person.name: person for person in session.scalars(sa.select(Person))}
    for key in KEYS:
        walked = Walk(session, cast.City(units, people), key).begin()
        random = Random(key)
        for _ in range(STEPS - 1):
            task = next(iter(walked.open.values()))
            asked = form(session, walked.case.version, task.form or "")
            facts = task_facts(session, task, asked, now=walked.now)
            walked.do_task(task, answered(asked, facts, random))
    return units["FARSTA"].id


def _settle(session: Session, size: Size) -> None:
    """Put units, people and the roles of some of them into the city."""
    city_id = session.scalars(sa.select(Unit.id).where(Unit.kind == UnitKind.CITY)).one()
    session.execute(
        sa.insert(Unit),
        [
            {
                "id": BASE + n, "code": f"N{n}", "name": f"Nämnd {n}", "kind": UnitKind.BOARD,
                "sort_key": sort_key(f"nämnd {n:03}"), "parent_id": city_id,
                "has_geographic_area": False, "revision": 1,
            }
            for n in range(size.units)
        ],
    )  # fmt: skip
    session.execute(
        sa.insert(Person),
        [
            {
                "id": BASE + n, "email": f"p{n}@example.test", "name": f"Person {n}",
                "sort_key": sort_key(f"person {n:05}"), "language": "sv", "is_demo": True,
                "unit_id": BASE + n % size.units, "revision": 1,
            }
            for n in range(size.units * PEOPLE)
        ],
    )  # fmt: skip
    session.execute(
        sa.insert(Holding),
        [
            {
                "role": role, "unit_id": BASE + unit, "revision": 1,
                "person_id": BASE + unit + rank * size.units,
            }
            for rank, role in enumerate(ROLES)
            for unit in range(size.units)
        ],
    )  # fmt: skip


# --- multiplying ------------------------------------------------------------------------------


def _multiply(url: str, size: Size, farsta: int) -> None:
    """Copy the models; without indexes, foreign keys or a journal, which are put back after."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    is_sqlite = engine.dialect.name == "sqlite"
    hasty = (
        ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000")
        if is_sqlite
        else ("SET session_replication_role = replica", "SET synchronous_commit = off")
    )
    indexes = [index for table in TABLES for index in table.indexes]
    with engine.connect() as connection:
        for order in hasty:
            connection.exec_driver_sql(order)
        for index in indexes:
            index.drop(connection)
        days = _days(connection, size)
        for place, key in enumerate(KEYS):
            _copy(connection, size, place, key, farsta, days)
        for index in indexes:
            index.create(connection)
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        else:
            for name in ("unit", "person", "case", "task", "event"):
                last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id))"
                connection.exec_driver_sql(f'{last} FROM "{name}"')
            for order in ("VACUUM ANALYZE", "CHECKPOINT"):  # nothing of it is left for later
                connection.exec_driver_sql(order)
    engine.dispose()


def _days(connection: Connection, size: Size) -> sa.Table:
    """Make a list of days, counted from the first of the oldest year."""
    days = sa.Table(
        "days", sa.MetaData(), sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("at", Instant()), prefixes=["TEMPORARY"],
    )  # fmt: skip
    days.create(connection)
    first = datetime(NOW.year - size.years + 1, 1, 4, 8, tzinfo=UTC)
    made = [{"n": n, "at": first + timedelta(days=n)} for n in range((size.years + 1) * 366)]
    connection.execute(sa.insert(days), made)
    return days


def _copy(
    connection: Connection, size: Size, place: int, key: str, farsta: int, days: sa.Table
) -> None:
    """Copy the walked case of one process with its tasks, and the events of those of this year."""
    case, task, role, _, _ = TABLES
    process_id = sa.select(Process.id).where(Process.key == key).scalar_subquery()
    model_id = connection.scalar(
        sa.select(sa.func.min(case.c.id)).where(case.c.process_id == process_id)
    )
    tasks = connection.scalars(
        sa.select(Task.id).where(Task.case_id == model_id).order_by(Task.id).limit(STEPS)
    ).all()
    n = _numbers(size.of_process)
    unit, back = n % size.units, n // size.units % size.years
    occasion = n // size.units // size.years
    is_open = sa.and_(back == 0, occasion * size.units + unit < size.open_of_process)
    year_began = (size.years - 1 - back) * 365
    case_id = BASE + place * size.of_process + n
    unit_id, coordinator = BASE + unit, BASE + unit
    opened_on = year_began + n * 7 % 90

    def at(day: Any) -> Any:
        return sa.select(days.c.at).where(days.c.n == day).scalar_subquery()

    model = _kept(connection, case, case.c.id == model_id)
    _insert(
        connection, case, model, n,
        id=case_id,
        key=sa.func.upper(sa.literal(key)) + "-N" + _text(unit) + "-"
        + _text(NOW.year - back) + "-" + _text(occasion),
        unit_id=unit_id, year=NOW.year - back, occasion=_text(occasion),
        state=sa.case((is_open, "running"), else_="finished"),
        data=sa.case((is_open, model.c.data), else_=sa.literal({}, sa.JSON)),
        opened_at=at(opened_on),
        closed_at=sa.case((is_open, None), else_=at(opened_on + 40 + n % 60)),
    )  # fmt: skip
    kept = _kept(connection, task, task.c.id.in_(tasks))
    reason = sa.select(Task.because).where(Task.because.is_not(sa.null())).limit(1)
    has_none = kept.c.because.is_(sa.null())  # of a date the calendar did not know yet
    connection.execute(sa.update(kept).where(has_none).values(because=connection.scalar(reason)))
    number = sum(sa.case((kept.c.id == each, k), else_=0) for k, each in enumerate(tasks))
    is_last_open = sa.and_(is_open, kept.c.id == tasks[-1])
    doer = sa.case((is_last_open, coordinator), else_=coordinator + kept.c.id % 3 * size.units)
    task_id = BASE + (place * size.of_process + n) * STEPS + number
    _insert(
        connection, task, kept, n,
        id=task_id, case_id=case_id, unit_id=unit_id,
        opened_at=at(opened_on + 10 * number),
        due_at=sa.case(
            (is_last_open, at(year_began + 120 + n * 13 % 220)),
            else_=at(opened_on + 12 + 10 * number),
        ),
        closed_at=sa.case((is_last_open, None), else_=at(opened_on + 10 + 10 * number)),
        outcome=sa.case((is_last_open, None), else_="completed"),
        because=sa.case((back < RECENT, kept.c.because), else_=sa.null()),
        assignee_id=sa.case((sa.and_(is_last_open, occasion % 3 != 0), None), else_=doer),
        done_by_id=sa.case((is_last_open, None), else_=doer),
        command=sa.null(),
    )  # fmt: skip
    roles = _kept(connection, role, role.c.task_id.in_(tasks))
    number = sum(sa.case((roles.c.task_id == each, k), else_=0) for k, each in enumerate(tasks))
    _insert(
        connection, role, roles, n,
        task_id=BASE + (place * size.of_process + n) * STEPS + number,
        unit_id=sa.case((roles.c.unit_id == farsta, unit_id), else_=roles.c.unit_id),
        is_open=sa.and_(roles.c.is_open, is_open),
    )  # fmt: skip
    _tell(connection, size, place, model_id or 0, n, back == 0, at, opened_on)


def _tell(
    connection: Connection, size: Size, place: int, model_id: int, n: Any, is_recent: Any, at: Any,
    opened_on: Any,
) -> None:  # fmt: skip
    """Copy the events, and the heads of their chains, for the cases of this year."""
    _, _, _, event, chain = TABLES
    told = _kept(connection, event, event.c.case_id == model_id)
    case_id = BASE + place * size.of_process + n
    name = "case:" + _text(case_id)
    head = _kept(connection, chain, chain.c.name == f"case:{model_id}")
    _insert(connection, chain, head, n, where=is_recent, name=name)
    _insert(
        connection, event, told, n, where=is_recent,
        id=BASE + (place * size.of_process + n) * 10 + told.c.n, chain=name, case_id=case_id,
        unit_id=BASE + n % size.units, actor_id=BASE + n % size.units,
        at=at(opened_on + 10 * told.c.n),
    )  # fmt: skip


def _kept(connection: Connection, table: sa.Table, where: Any) -> sa.Table:
    """Put the rows to be multiplied aside, where nothing is written while they are read."""
    aside = sa.Table(
        f"{table.name}_model", sa.MetaData(),
        *(sa.Column(column.name, column.type) for column in table.columns),
        prefixes=["TEMPORARY"],
    )  # fmt: skip
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {aside.name}")
    aside.create(connection)
    connection.execute(
        sa.insert(aside).from_select(list(table.columns.keys()), sa.select(table).where(where))
    )
    return aside


def _insert(
    connection: Connection, table: sa.Table, model: sa.Table, n: Any, *, where: Any = None,
    **given: Any,
) -> None:  # fmt: skip
    """Insert a copy of every row of the model for each number, but for what is given."""
    columns = [
        given.get(column.name, model.c[column.name]).label(column.name) for column in table.columns
    ]
    wanted = sa.select(*columns).select_from(n.table.join(model, sa.true()))
    wanted = wanted if where is None else wanted.where(where)
    connection.execute(sa.insert(table).from_select([one.name for one in table.columns], wanted))


def _numbers(count: int) -> sa.ColumnElement[int]:
    counted = sa.select(sa.literal(0).label("n")).cte("numbers", recursive=True)
    counted = counted.union_all(sa.select(counted.c.n + 1).where(counted.c.n < count - 1))
    return counted.c.n


def _text(number: Any) -> Any:
    return sa.cast(number, sa.Text)
