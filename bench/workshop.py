"""What a process owner waits for: the check of a large diagram, whom it hits, and cases moved.

The cases are those of the order, made by its verbs at two stages and copied until there are enough.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import sqlalchemy as sa

from bench import Figure, stage
from bench.verbs import complete, open_tasks
from tests.cast import NOON, SYSTEM
from workflows.cases.models import Case
from workflows.database import Base, Database
from workflows.history.models import case_chain
from workflows.operations import advance, migrations, publishing
from workflows.organisation.actor import Actor
from workflows.processes.checking import check_draft
from workflows.processes.migrations import Migration
from workflows.processes.packages import Package, beside
from workflows.processes.rows import compiled_package, find
from workflows.queries import impact
from workflows.tasks.models import Task
from workflows.work import run_due

ROOT = Path(__file__).parents[1]
STEPS, CHECK_MS = 100, 300
CASES, IMPACT_SECONDS, A_SLICE = 10_000, 30, 1.0
MOVED, MOVED_A_SECOND = 2_000, 200
MODELS = 20


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Check, ask, move."""
    large = beside(ROOT / "bpmn" / "rsa_annual" / "rsa_annual.bpmn")
    yield _checked(f"check of a diagram of {STEPS} steps", long_one(STEPS), quick=quick)
    yield _checked("check of rsa_annual, as it is drawn on", large, quick=quick)
    with tempfile.TemporaryDirectory() as name, stage.database("sqlite", Path(name)) as url:
        database = Database(url)
        count = 400 if quick else CASES
        _fill(database, count)
        new = _changed()
        yield _asked(database, new, count)
        yield from _moved(database, new, min(count // 2, MOVED))
        database.close()


def _checked(name: str, package: Package, *, quick: bool) -> Figure:
    """Check it as often as somebody draws: each time the diagram is another one."""
    spent = []
    for number in range(3 if quick else 9):
        drawn = package.source.replace(b"</bpmn:definitions>", b"<!-- %d -->" % number)
        began = perf_counter()
        found = check_draft(replace(package, source=drawn + b"</bpmn:definitions>"))
        spent.append(1000 * (perf_counter() - began))
        assert found.compiled is not None
        assert not found.errors
    return _figure(name, median(spent), "ms", CHECK_MS)


def long_one(steps: int) -> Package:
    """Draw that many steps in a row, each with a form, a date, a role and a choice after it."""
    order = stage.order()
    drawn, ids = [], [f"s{n}" for n in range(steps)]
    for n, key in enumerate(ids):
        then = ids[n + 1] if n + 1 < steps else "end"
        drawn.append(
            f'<bpmn:userTask id="{key}" name="Steg {n}" arshjul:form="order/enter"'
            f' arshjul:due="T1 - {n % 40 + 1}wd"/>'
            f'<bpmn:sequenceFlow id="f{n}" sourceRef="{key}" targetRef="g{n}"/>'
            f'<bpmn:exclusiveGateway id="g{n}" default="n{n}"/>'
            f'<bpmn:sequenceFlow id="n{n}" sourceRef="g{n}" targetRef="{then}"/>'
            f'<bpmn:sequenceFlow id="y{n}" sourceRef="g{n}" targetRef="{ids[n // 2]}">'
            f"<bpmn:conditionExpression>amount &gt; {n}</bpmn:conditionExpression>"
            "</bpmn:sequenceFlow>"
        )
    source = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:arshjul="urn:arshjul:bpmn:1" id="d" targetNamespace="urn:arshjul:bench">'
        '<bpmn:process id="order" isExecutable="true" arshjul:key="order"><bpmn:laneSet id="l">'
        '<bpmn:lane id="all" arshjul:role="security_coordinator" arshjul:of="unit">'
        + "".join(f"<bpmn:flowNodeRef>{key}</bpmn:flowNodeRef>" for key in ids)
        + '</bpmn:lane></bpmn:laneSet><bpmn:startEvent id="start"/>'
        '<bpmn:sequenceFlow id="first" sourceRef="start" targetRef="s0"/>'
        + "".join(drawn)
        + '<bpmn:endEvent id="end"/></bpmn:process></bpmn:definitions>'
    )
    return replace(order, source=source.encode())


def _changed() -> Package:
    """Give the order with later dates for what is open, and one more word."""
    order = stage.order()
    source = order.source.replace(b"+5wd", b"+6wd").replace(b"T1 - 10wd", b"T1 - 8wd")
    return replace(order, source=source)


def _fill(database: Database, count: int) -> None:
    opened = stage.open_cases(database, MODELS)
    with database.reading() as session:
        actors = stage.actors(session)
    for case_id in opened[::2]:
        for task_id, element in open_tasks(database, case_id):
            complete(database, task_id, actors[stage.DOER[element]])
    names = ("case", "task", "task_role", "task_call")
    tables = {name: Base.metadata.tables[name] for name in names}
    with database.engine.begin() as connection:
        rows = {
            name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for name, table in tables.items()
        }
        last = {
            name: max(row["id"] for row in rows[name]) for name in ("case", "task", "task_call")
        }
        for copy in range(1, count // MODELS):
            shift = {name: copy * most for name, most in last.items()}
            for row in rows["case"]:
                row |= {
                    "key": f"{row['key'].split('/')[0]}/{copy}",
                    "occasion": f"{copy}-{row['id']}",
                }
            made = {
                name: [
                    row
                    | ({"id": row["id"] + shift[name]} if "id" in row else {})
                    | ({"case_id": row["case_id"] + shift["case"]} if "case_id" in row else {})
                    | ({"task_id": row["task_id"] + shift["task"]} if "task_id" in row else {})
                    for row in rows[name]
                ]
                for name in names
            }
            for name, table in tables.items():
                connection.execute(sa.insert(table), made[name])
            heads = [
                {"name": case_chain(row["id"]), "n": 1, "hash": f"{row['id']:064x}"}
                for row in made["case"]
            ]
            connection.execute(sa.insert(Base.metadata.tables["chain"]), heads)


def _asked(database: Database, new: Package, count: int) -> Figure:
    """Ask every case what would become of it, a slice of a second at a time as the page does."""
    began, found, last, asked = perf_counter(), impact.nothing(), 0, 0
    while asked < count:
        ends = perf_counter() + A_SLICE
        with database.reading() as session:
            process = find(session, "order")
            assert process is not None
            found, last, some = impact.ask(
                session,
                process,
                impact.target(new, compiled_package(new)),
                lambda case: advance.facts(case, now=NOON),
                found,
                after=last,
                goes_on=lambda: perf_counter() < ends,  # noqa: B023 - asked at once
            )
        asked += some
    assert sum(found["verdicts"].values()) == count
    assert found["dates"]
    return _figure(f"impact over {count:,} cases", perf_counter() - began, "s", IMPACT_SECONDS)


def _moved(database: Database, new: Package, count: int) -> Iterator[Figure]:
    """Look at some, then let the clock move each in a transaction of its own."""
    run_due(database, now=NOON, has_time=lambda: True)  # what the tasks call for is no part of it
    with database.writing() as session, session.begin():
        to = publishing.publish(session, new, by=SYSTEM, now=NOON)
        chosen = session.scalars(sa.select(Case.id).order_by(Case.id.desc()).limit(count)).all()
        owner: Actor = stage.actors(session)["Gun"]
        made = migrations.prepare(session, to, chosen, by=owner, now=NOON)
        migration_id = made.id
    began = perf_counter()
    run_due(database, now=NOON, has_time=lambda: True)
    yield Figure(f"dry run of {count:,} cases", perf_counter() - began, "s")
    with database.writing() as session, session.begin():
        made = session.get_one(Migration, migration_id)
        migrations.apply(session, made, by=owner, now=NOON)
    began, began_cpu = perf_counter(), process_time()
    run_due(database, now=NOON, has_time=lambda: True)
    spent = 1000 * (process_time() - began_cpu) / count
    rate = count / (perf_counter() - began)
    with database.reading() as session:
        version = sa.select(sa.func.max(Case.version_id)).scalar_subquery()
        moved = session.scalar(sa.select(sa.func.count()).where(Case.version_id == version))
        assert moved == count, moved
        assert session.scalar(sa.select(sa.func.count(Task.id)).where(Task.closed_at.is_(None)))
    yield Figure("a case moved", spent, "ms CPU")
    yield Figure("cases moved, SQLite", rate, "a second", MOVED_A_SECOND, rate >= MOVED_A_SECOND)


def _figure(name: str, value: float, unit: str, target: float) -> Figure:
    return Figure(name, value, unit, target, value <= target)
