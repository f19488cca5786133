"""Checking the whole record in a process beside the server, which tells how far it is."""

import os
import subprocess
import sys
from dataclasses import asdict

from webapp import clock
from webapp.settings import Settings
from workflows.database import Database
from workflows.history.checks import RecordCheck, note
from workflows.history.proof import read_seals
from workflows.operations import record_checks
from workflows.upkeep.schema import ROOT
from workflows.upkeep.verifying import verify

TOLD_EVERY = 100_000  # events


def begin(settings: Settings, check_id: int) -> None:
    """Let a process of its own do a check that was asked for."""
    words = ["verify", "--data", str(settings.data), "--check", str(check_id)]
    subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "webapp.cli", *words],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": settings.database_url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def run(database: Database, check_id: int) -> None:
    """Do a check that was asked for, and keep what it found."""
    with database.reading() as session:
        anchors = read_seals(session.get_one(RecordCheck, check_id).anchors)
    told = 0

    def tell(seen: int) -> None:
        nonlocal told
        if seen - told >= TOLD_EVERY:
            told = seen
            with database.writing() as session, session.begin():
                note(session, check_id, seen, now=clock.now())

    report = asdict(verify(database, held_outside=anchors, progress=tell))
    with database.writing() as session, session.begin():
        check = session.get_one(RecordCheck, check_id)
        record_checks.finish(session, check, report, now=clock.now())
