"""How long a change of the calendar takes with 20,000 open tasks: to show, to keep, to apply."""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import Figure
from workflows.calendar.because import plain
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.years import standard_calendar
from workflows.cases.models import Case, CaseState
from workflows.database import Base, Database
from workflows.history.rows import record_each
from workflows.operations import calendar as verbs
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.models import Process, Secrecy, Version, VersionState
from workflows.queries.redating import MOVES
from workflows.queries.replanning import preview
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.steering.models import Replanning
from workflows.tables import METADATA

NOW = datetime(2027, 3, 2, 12, tzinfo=UTC)
CITY = Actor.system("bench")
UNITS, TASKS_OF_A_CASE = 45, 4
PREVIEW_SECONDS, KEEP_SECONDS, APPLY_SECONDS = 5, 2, 20
# Half of the tasks hang on the date that is moved, as near a tertial report.
RULES = ("T1 - 10wd", "draft_stop(T1)", "+30wd", "T2 - 25wd")


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Move T1 in a city at work."""
    tasks = 2_000 if quick else 20_000
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        METADATA.create_all(database.engine)
        with database.writing() as session, session.begin():
            city_id = _settle(session, tasks)
        yield from _measured(database, city_id, tasks)
        database.close()


def _measured(database: Database, city_id: int, tasks: int) -> Iterator[Figure]:
    began = perf_counter()
    with database.reading() as session:
        desk = Desk(rows.current(session)[1], rows.lineage(session, city_id), 2027)
        change = changes.set_milestone(desk, "T1", on=date(2027, 5, 27))
        found = preview(session, change)
    moving = sum(move.fate == MOVES for move in found.moves)
    assert moving >= tasks // 4
    yield _figure(f"preview of {tasks:,} open tasks", began, PREVIEW_SECONDS)
    began = perf_counter()
    with database.writing() as session, session.begin():
        prepared = verbs.prepare(session, found, by=CITY, now=NOW).id
    yield _figure(f"the {moving:,} that move, kept", began, KEEP_SECONDS)
    began = perf_counter()
    with database.writing() as session, session.begin():
        kept = session.get_one(Replanning, prepared)
        verbs.apply(session, kept, why="Nämnden bytte dag", by=CITY, now=NOW)
    yield _figure(f"the {moving:,} that move, applied", began, APPLY_SECONDS)


def _figure(name: str, began: float, target: int) -> Figure:
    seconds = round(perf_counter() - began, 2)
    return Figure(name, seconds, "s", target, seconds <= target)


def _settle(session: Session, tasks: int) -> int:
    """Put units, cases and open tasks into an empty database, as the verbs would have."""
    city = Unit(code="STAD", name="Staden", sort_key="staden", kind=UnitKind.CITY)
    session.add(city)
    session.flush()
    units = [
        Unit(code=f"N{n}", name=f"Nämnd {n}", sort_key=f"{n:03}", kind=UnitKind.BOARD)
        for n in range(UNITS)
    ]
    for unit in units:
        unit.parent_id = city.id
    process = Process(
        key="bench", prefix="B", name_sv="Mätning", name_en="Bench", secrecy=Secrecy.OPEN
    )
    session.add_all([*units, process])
    session.flush()
    version = Version(
        process_id=process.id, number=1, state=VersionState.ACTIVE, content_hash="bench",
        is_shipped=False, source=b"", compiled=b"", made_at=NOW,
    )  # fmt: skip
    session.add(version)
    session.flush()
    cases = _insert_cases(session, tasks // TASKS_OF_A_CASE, process.id, version.id, units)
    _insert_tasks(session, cases, process.id)
    started = {case_id: (unit_id, {"began": True}) for case_id, unit_id in cases}
    record_each(session, "case_started", started, by=CITY, now=NOW)
    return city.id


def _insert_cases(
    session: Session, count: int, process_id: int, version_id: int, units: list[Unit]
) -> list[tuple[int, int]]:
    made = [
        {
            "key": f"B-{n}", "process_id": process_id, "version_id": version_id,
            "unit_id": units[n % UNITS].id, "year": 2027, "occasion": str(n),
            "state": CaseState.RUNNING, "secrecy": Secrecy.OPEN, "data": {}, "engine_state": b"",
            "opened_at": NOW, "revision": 1,
        }
        for n in range(count)
    ]  # fmt: skip
    session.execute(sa.insert(Base.metadata.tables["case"]), made)
    return [
        (case_id, unit_id) for case_id, unit_id in session.execute(sa.select(Case.id, Case.unit_id))
    ]


def _insert_tasks(session: Session, cases: list[tuple[int, int]], process_id: int) -> None:
    calendar, dated = standard_calendar(2027), {}
    for rule in RULES:
        found = evaluate(parse(rule), calendar, 2027, opened=NOW)
        assert isinstance(found, Deadline)
        dated[rule] = found.due_at, plain(found.because)
    made = [
        {
            "case_id": case_id, "process_id": process_id, "unit_id": unit_id, "step_id": f"s{n}",
            "element": f"step_{n}", "name_sv": "Steg", "name_en": "Step", "kind": "form",
            "secrecy": Secrecy.OPEN, "not_by": [], "opened_at": NOW, "due_at": dated[rule][0],
            "because": dated[rule][1], "is_legal": False, "revision": 1,
        }
        for case_id, unit_id in cases
        for n, rule in enumerate(RULES)
    ]  # fmt: skip
    session.execute(sa.insert(Base.metadata.tables["task"]), made)


if __name__ == "__main__":
    sys.exit("run it by: python3 dev.py bench replan")
