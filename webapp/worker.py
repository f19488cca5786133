"""The clock in processes of their own: one alone, or several that share the work by Procrastinate.

Procrastinate only says who does which row when; the rows are the truth. So its tables, in a schema
of their own, may be made anew at any time, and a row that two of them got is still done once.
"""

import asyncio
import signal
import threading
from asyncio import FIRST_COMPLETED
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version

import procrastinate
import psycopg
import structlog
from procrastinate import BaseConnector, PsycopgConnector, SyncPsycopgConnector
from procrastinate.worker import Worker
from sqlalchemy import make_url

from webapp import clock, scheduler, sealing
from webapp.settings import Clock, Settings
from workflows import work
from workflows.database import Database

SCHEMA = "arshjul_work"
ONE_SHARES = 0x41727368  # the advisory lock of whoever hands the work out
LOST = 30  # seconds without a sign of life, and what a worker had is given to another
AT_WORK = 4  # rows one worker does at the same time

log = structlog.get_logger()


def run_worker(settings: Settings) -> None:
    """Do due work until asked to end by SIGTERM or Ctrl+C."""
    database = Database(settings.database_url, threads=AT_WORK)
    try:
        if settings.clock is Clock.WORKERS:
            _share(database, settings)
        else:
            _alone(database, settings)
    finally:
        database.close()


def _alone(database: Database, settings: Settings) -> None:
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    while not is_over.is_set():
        try:
            scheduler.tick(database, settings)
        except Exception:  # the database is away: the next tick tries again
            log.exception("tick_failed")
        is_over.wait(scheduler.TICK.total_seconds())


def _share(database: Database, settings: Settings) -> None:
    """Hand out what is due, if nobody else does, and do what is handed out."""
    where = _address(settings.database_url)
    _make_schema(where)
    is_over = threading.Event()
    hands = threading.Thread(target=_hand_out, args=(where, database, settings, is_over))
    hands.start()
    try:
        asyncio.run(_work(database, where))
    finally:
        is_over.set()
        hands.join()


async def _work(database: Database, where: str) -> None:
    """Do what is handed out, with a new worker whenever one has died or stands still, until asked
    to end.
    """
    is_over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, is_over.set)
    while not is_over.is_set():
        try:
            await _work_while_well(database, where, is_over)
        except Exception:  # the database is away
            log.exception("worker_failed")
            await _wait_for(is_over, scheduler.TICK.total_seconds())


async def _work_while_well(database: Database, where: str, is_over: asyncio.Event) -> None:
    connector = PsycopgConnector(conninfo=where, min_size=1, max_size=AT_WORK + 4)
    async with _app(connector, database).open_async() as app:
        worker = Worker(
            app,
            concurrency=AT_WORK,
            delete_jobs="always",
            fetch_job_polling_interval=2,
            install_signal_handlers=False,
            shutdown_graceful_timeout=LOST,
            update_heartbeat_interval=LOST / 3,
            stalled_worker_timeout=LOST,
        )
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        asked = asyncio.create_task(is_over.wait())
        try:
            while not (running.done() or is_over.is_set()):
                await asyncio.wait((running, asked), timeout=LOST, return_when=FIRST_COMPLETED)
                if worker.worker_id is not None and await _is_still(where, worker.worker_id):
                    log.error("worker_stands_still", worker=worker.worker_id)
                    break
        finally:
            asked.cancel()
            worker.stop()  # type: ignore[no-untyped-call]
            # One that stands still may never end; what it had is given to another.
            await asyncio.wait((running,), timeout=2 * LOST)
            running.cancel()
        if running.done() and not running.cancelled() and (failed := running.exception()):
            raise failed


async def _is_still(where: str, worker_id: int) -> bool:
    """Tell whether a worker has given no sign of life for long, though the database answers."""
    seen = (
        "SELECT last_heartbeat > now() - make_interval(secs => %s)"
        " FROM procrastinate_workers WHERE id = %s"
    )
    async with await psycopg.AsyncConnection.connect(where, autocommit=True) as connection:
        row = await (await connection.execute(seen, [3 * LOST, worker_id])).fetchone()
    return row is None or not row[0]


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _app(connector: BaseConnector, database: Database) -> procrastinate.App:
    app = procrastinate.App(connector=connector)

    @app.task(name="attempt")
    def attempt(kind: str, row_id: int) -> None:
        work.attempt(database, work.BY_NAME[kind], row_id, now=clock.now())

    return app


def _hand_out(where: str, database: Database, settings: Settings, is_over: threading.Event) -> None:
    while not is_over.is_set():
        try:
            with psycopg.connect(where, autocommit=True) as held, _alone_at(held) as is_mine:
                # An app of its own: the worker's lives in another thread's event loop.
                connector = SyncPsycopgConnector(conninfo=where, min_size=1)
                with _app(connector, database).open() as sharing:
                    while is_mine and not is_over.is_set():
                        held.execute("SELECT 1")  # without the connection the lock is gone
                        _hand_out_once(sharing, held, database, settings)
                        is_over.wait(1)
        except Exception:  # the database is away
            log.exception("handing_out_failed")
        is_over.wait(scheduler.TICK.total_seconds())


def _hand_out_once(
    app: procrastinate.App, held: psycopg.Connection, database: Database, settings: Settings
) -> None:
    now = clock.now()
    if scheduler.is_growing(database):  # a demo has a clock of its own
        return
    work.beat(database, now=now)
    work.plan_starts(database, now=now)
    _take_back(app)
    taken = {row[0] for row in held.execute("SELECT queueing_lock FROM procrastinate_jobs")}
    for kind in work.KINDS:
        with database.reading() as session:
            due = [tuple(row) for row in session.execute(kind.shares(now))]
        for row_id, case_id in due:
            name = f"{kind.name}:{row_id}"
            if name not in taken:
                lock = name if case_id is None else f"case:{case_id}"
                one = app.configure_task("attempt", lock=lock, queueing_lock=name)
                one.defer(kind=kind.name, row_id=row_id)
    if (post := scheduler.post(settings)) is not None:
        work.send_mail(database, post, now=now)
    sealing.set_seal_if_due(database, settings)
    sealing.mail_seal_if_due(database, settings)


def _take_back(app: procrastinate.App) -> None:
    """Let others do what a worker had that has given no sign of life."""
    query = (
        "SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND (worker_id IS NULL OR"
        " worker_id IN (SELECT id FROM procrastinate_workers"
        " WHERE last_heartbeat < now() - make_interval(secs => %(lost)s)))"
    )
    for row in app.connector.get_sync_connector().execute_query_all(query, lost=LOST):
        app.job_manager.retry_job_by_id(row["id"], retry_at=clock.now())


@contextmanager
def _alone_at(held: psycopg.Connection) -> Iterator[bool]:
    row = held.execute("SELECT pg_try_advisory_lock(%s)", [ONE_SHARES]).fetchone()
    yield bool(row and row[0])


def _address(url: str) -> str:
    """Write the database's address for psycopg, with our own schema as the place to look in."""
    parts = make_url(url).set(drivername="postgresql")
    there = parts.update_query_dict({"options": f"-csearch_path={SCHEMA}"})
    return there.render_as_string(hide_password=False)


def _make_schema(where: str) -> None:
    """Make the tables of this Procrastinate, in the place of those of another."""
    mine = f"procrastinate {version('procrastinate')}"
    with psycopg.connect(where) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_SHARES + 1])
        found = connection.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
            [SCHEMA],
        ).fetchone()
        if found is not None and found[0] == mine:
            return
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(procrastinate.schema.SchemaManager.get_schema().encode())
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{mine}'".encode())
