"""The clock in processes of its own: one is killed at work, and nothing is lost or doubled."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.chains import broken
from tests.faults.many import address, with_many_cases
from tests.work.test_timers import PAUSE, drawn
from webapp import clock
from workflows.cases.models import Case, Timer
from workflows.history.models import Event
from workflows.tasks.models import Task
from workflows.upkeep.schema import differences

ROOT = Path(__file__).parents[2]
CASES = 60
PATIENCE = 120  # a busy machine takes its time to start a program
# What a worker had that died is given to another soon enough for a test.
RUN = (
    "import sys, webapp.worker as w; w.LOST = {lost}; from webapp.cli import main; sys.exit(main())"
)
# The first worker that signs in gets nothing done and gives no sign of life, yet never ends.
STILL = """
import asyncio, procrastinate.manager as manager
def still(real):
    async def asked(self, *args, worker_id=None, **rest):
        if (worker_id or args[0]) == 1:
            await asyncio.Event().wait()
        return await real(self, *args, **rest, **({"worker_id": worker_id} if worker_id else {}))
    return asked
for name in ("fetch_job", "update_heartbeat"):
    setattr(manager.JobManager, name, still(getattr(manager.JobManager, name)))
"""


@pytest.fixture
def installation(kind, tmp_path):
    """A database with many timers that are due."""
    url = address(kind, tmp_path)
    with closing(with_due_timers(url)) as database:
        yield url, database


def with_due_timers(url):
    package = drawn(PAUSE, "<bpmn:timeDuration>PT1H</bpmn:timeDuration>")
    return with_many_cases(url, package, CASES, now=clock.now() - timedelta(hours=3))[0]


def worker(url, tmp_path, how, *, before="", lost=3):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ARSHJUL_", "DATABASE_"))}
    with (tmp_path / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                before + RUN.format(lost=lost),
                "worker",
                "--data",
                str(tmp_path),
            ],
            cwd=ROOT,
            env=clean | {"DATABASE_URL": url, "ARSHJUL_CLOCK": how},
            stdout=log,
            stderr=log,
        )


def fired(database):
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count(Timer.id)).where(Timer.fired_at.is_not(None)))


def wait_until(said, *, patience=PATIENCE):
    until = time.monotonic() + patience
    while not said():
        assert time.monotonic() < until, "it was not done in time"
        time.sleep(0.05)


def test_a_killed_worker_is_taken_over_from_and_nothing_is_done_twice(kind, installation, tmp_path):
    url, database = installation
    how = "worker" if kind == "sqlite" else "workers"
    first = worker(url, tmp_path, how)
    second = worker(url, tmp_path, how) if how == "workers" else None
    try:
        wait_until(lambda: fired(database) > CASES // 10)
        first.kill()
        first.wait()
        if second is None:
            second = worker(url, tmp_path, how)
        wait_until(lambda: fired(database) == CASES)
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=PATIENCE) == 0, (tmp_path / "worker.log").read_text()[-2000:]
    finally:
        for process in (first, second):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
    with database.reading() as session:
        assert broken(session) == []
        events = sa.select(Event.case_id, sa.func.count()).where(Event.kind == "timer_fired")
        once = dict.fromkeys(session.scalars(sa.select(Case.id)), 1)
        assert dict(map(tuple, session.execute(events.group_by(Event.case_id)))) == once
        opened = sa.select(Task.case_id).where(Task.element == "write", Task.closed_at.is_(None))
        assert sorted(session.scalars(opened)) == sorted(once)
    assert differences(database) == []  # what Procrastinate keeps is no difference


def test_a_worker_that_stands_still_is_replaced_in_its_own_process(tmp_path):
    url = address("postgresql", tmp_path)
    with closing(with_due_timers(url)) as database:
        process = worker(url, tmp_path, "workers", before=STILL, lost=1)
        try:
            wait_until(lambda: fired(database) == CASES)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            process.kill()
            process.wait()
    assert "worker_stands_still" in (tmp_path / "worker.log").read_text()
