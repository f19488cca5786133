"""The record at ten million events: searched, checked, weighed; and what writing it costs.

ARSHJUL_BENCH_EVENTS says how many events, ARSHJUL_BENCH_KINDS on which databases,
ARSHJUL_BENCH_KEPT in which folder to keep that of SQLite for the next run. Events are copies of
those of a real order, hashed as all are.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from statistics import median
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
import structlog
from flask import Flask
from flask.testing import FlaskClient

from bench import Figure, stage
from bench.http import _let_in, _open_tasks, signed_in
from bench.pages import KINDS
from bench.record_made import fill
from tests.cast import NOON
from webapp import clock, create_app
from webapp.settings import read
from workflows.database import Database
from workflows.history import rows
from workflows.history.models import Event
from workflows.organisation.models import Person, Unit
from workflows.upkeep.verifying import verify

EVENTS, QUICK = int(os.environ.get("ARSHJUL_BENCH_EVENTS", 10_000_000)), 20_000
PAGE_MS, DEEPER, SHARE, VERIFY_SECONDS, BYTES = 200, 1.3, 15, 20, 400
TIMES = 7
KEPT = os.environ.get("ARSHJUL_BENCH_KEPT", "")
# What people answered, and what the case and its registers hold of that.
ANSWERED = ("answers", "set", "end", "entries", "changed")
READER = "egil"  # an administrator: what an auditor reads is written down as well
SEARCHES = {
    "everything": "",
    "a unit": "&unit={unit}",
    "a kind": "&event=case_finished",
    "a process": "&process=1",
    "a person": "&person=alva",
    "words": "&text=laptop",
    "a unit, a kind and words": "&unit={unit}&event=task_completed&text=lap",
    "a week": "&first=2027-03-01&last=2027-03-07",
    "a case": "&case=ORDER-FARSTA-2027-N3",
}


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    count = QUICK if quick else EVENTS
    for kind in KINDS:
        with (
            tempfile.TemporaryDirectory() as folder,
            stage.database(kind, Path(folder)) as url,
            _asked(url, Path(folder), is_new=True) as (database, app),
        ):
            people = {name: signed_in(app, name) for name in set(stage.DOER.values())}
            yield from _share(kind, database, people, 12 if quick else 60)
        with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
            began = perf_counter()
            url = held.enter_context(_record(kind, Path(folder), count))
            yield Figure(f"record, {kind}: {count:,} events made", perf_counter() - began, "s")
            with _asked(url, Path(folder)) as (database, app):
                yield from _weighed(kind, database)
                yield from _searched(kind, database, signed_in(app, READER)[0])
                yield from _verified(kind, database)


@contextmanager
def _asked(url: str, folder: Path, *, is_new: bool = False) -> Iterator[tuple[Database, Flask]]:
    """Give the app over a database, a day after all of it happened."""
    database = Database(url)
    if is_new:
        _let_in(database)
        with database.writing() as session, session.begin():  # asked for no second factor
            session.execute(sa.update(Person).values(is_demo=True))
    app = create_app(read({"DATABASE_URL": url}, data=folder), database)
    with patch.object(clock, "now", lambda: NOON + timedelta(days=1)):
        yield database, app
    database.close()


@contextmanager
def _record(kind: str, folder: Path, count: int) -> Iterator[str]:
    """Give the address of a database with so many events. A copy of one that was kept from before
    (ARSHJUL_BENCH_KEPT names the folder, of SQLite only) saves the minutes of making it."""
    kept = Path(KEPT) / f"record-{count}.sqlite3" if KEPT and kind == "sqlite" else None
    if kept is not None and kept.exists():
        copyfile(kept, folder / "arshjul.sqlite3")
        yield f"sqlite:///{folder / 'arshjul.sqlite3'}"
        return
    with stage.database(kind, folder) as url:
        with _asked(url, folder, is_new=True) as (database, app):
            people = {name: signed_in(app, name) for name in set(stage.DOER.values())}
            (case_id,) = stage.open_cases(database, 1, prefix="m")
            _complete(database, people, case_id)
            with database.writing() as session:
                fill(session, count)
                session.commit()
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            copyfile(folder / "arshjul.sqlite3", kept)  # its connections are closed
        yield url


def _complete(
    database: Database, people: dict[str, tuple[FlaskClient, str]], case_id: int
) -> list[tuple[str, float]]:
    """Complete every task of an order over HTTP; gives the CPU time each took."""
    spent = []
    while found := _open_tasks(database, sa.literal_column("task.case_id") == case_id):
        for task_id, element in found:
            client, token = people[stage.DOER[element]]
            data = {"csrf_token": token, "command": f"r-{task_id}", **stage.ANSWERS}
            began = process_time()  # what else the machine does is not ours
            answer = client.post(f"/tasks/{task_id}/completion", data=data)
            spent.append((element, process_time() - began))
            assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
    return spent


# --- what writing costs ------------------------------------------------------------------------


def _share(
    kind: str, database: Database, people: dict[str, tuple[FlaskClient, str]], count: int
) -> Iterator[Figure]:
    """Complete orders with and without history, in turn; without it nothing else is left out."""
    spent: dict[tuple[str, bool], list[float]] = {}
    with _Switch() as switch:
        for number, case_id in enumerate(stage.open_cases(database, count, prefix="s")):
            switch["on"] = number % 2 == 0
            for element, taken in _complete(database, people, case_id):
                if number > 3:  # the first ones read forms
                    spent.setdefault((element, switch["on"]), []).append(taken)
    on, off = (
        sum(median(times) for (_, is_on), times in spent.items() if is_on is wanted)
        for wanted in (True, False)
    )
    share = (on - off) / on * 100
    yield Figure(f"record, {kind}: a completion with history, CPU", on / 4 * 1000, "ms")
    yield Figure(f"record, {kind}: and without", off / 4 * 1000, "ms")
    yield Figure(f"record, {kind}: history's share of it", share, "%", SHARE, share <= SHARE)


class _Switch:
    """Let every module's `record` be one that can be switched off."""

    def __enter__(self) -> dict[str, bool]:
        self.state, self.kept = {"on": True}, rows.record

        def record(*given: Any, **named: Any) -> None:
            if self.state["on"]:
                self.kept(*given, **named)

        self._put(self.kept, record)
        self.mine = record
        return self.state

    def __exit__(self, *_: object) -> None:
        self._put(self.mine, self.kept)

    def _put(self, old: Any, new: Any) -> None:
        for module in [one for name, one in sys.modules.items() if name.startswith("workflows")]:
            for name, value in list(vars(module).items()):
                if value is old:
                    setattr(module, name, new)


# --- ten million -------------------------------------------------------------------------------


def _weighed(kind: str, database: Database) -> Iterator[Figure]:
    """Count the bytes on disk of the events with their indexes, and of their words."""
    if not database.is_sqlite:
        whole = "pg_table_size('event') + pg_indexes_size('event')"
        sizes = (whole, "pg_relation_size('event_text')")
    else:
        parts = "(SELECT sum(pgsize) FROM dbstat WHERE name {})"
        of_event = "IN (SELECT name FROM sqlite_master WHERE tbl_name = 'event')"
        sizes = (parts.format(of_event), parts.format("LIKE 'event_text%'"))
    get = "what::json ->> '{}'" if not database.is_sqlite else "what ->> '$.{}'"
    said = " + ".join(f"length(coalesce({get.format(name)}, ''))" for name in ANSWERED)
    asked = (
        f"SELECT {sizes[0]}, {sizes[1]}, (SELECT sum({said}) FROM event),"
        " sum(length(what)), count(*) FROM event"
    )
    with database.reading() as session:
        every, words, answered, content, count = session.execute(sa.text(asked)).one()
    if not database.is_sqlite:
        every -= words
    besides = (every - answered) / count
    yield Figure(
        f"record, {kind}: an event besides its answers", besides, "bytes", BYTES, besides <= BYTES
    )
    yield Figure(f"record, {kind}: of it what it tells", (content - answered) / count, "bytes")
    yield Figure(f"record, {kind}: its answers", answered / count, "bytes")
    yield Figure(f"record, {kind}: the index of its words", words / count, "bytes")


def _searched(kind: str, database: Database, client: FlaskClient) -> Iterator[Figure]:
    """Ask for the first page of each search, and for one half way back."""
    with database.reading() as session:
        unit = session.scalar(sa.select(Unit.id).where(Unit.code == "FARSTA"))
        half = (session.scalar(sa.select(sa.func.max(Event.id))) or 0) // 2
    for name, asked in SEARCHES.items():
        path = "/history/?" + asked.format(unit=unit).lstrip("&")
        first = _least(client, path)
        ok = first <= PAGE_MS
        yield Figure(f"record, {kind}: first page of {name}", first, "ms", PAGE_MS, ok)
        if name not in ("a week", "a case"):
            deep = _least(client, f"{path}&before={half}")
            most = max(first * DEEPER, first + 20)
            yield Figure(f"record, {kind}: deep page of {name}", deep, "ms", most, deep <= most)


def _least(client: FlaskClient, path: str) -> float:
    """Give the middle of several looks, in milliseconds."""
    spent = []
    for _ in range(TIMES):
        began = perf_counter()
        answer = client.get(path)
        spent.append((perf_counter() - began) * 1000)
        assert answer.status_code == 200, (path, answer.status)
    return median(spent)


def _verified(kind: str, database: Database) -> Iterator[Figure]:
    began = process_time()
    report = verify(database)
    spent = process_time() - began
    assert not report.faults, report.faults[:3]
    per_million = spent / report.events * 1_000_000
    ok = per_million <= VERIFY_SECONDS
    yield Figure(f"record, {kind}: {report.events:,} events checked, CPU", spent, "s")
    yield Figure(
        f"record, {kind}: a million events checked, CPU", per_million, "s", VERIFY_SECONDS, ok
    )
