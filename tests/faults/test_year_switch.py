"""The change of year killed in the middle: asked again it goes on, and nothing is done twice."""

import os
import subprocess
import sys
from collections import Counter
from contextlib import closing

import pytest
import sqlalchemy as sa

from tests.cast import settle
from tests.chains import broken
from tests.faults.many import address
from tests.faults.test_workers import PATIENCE, ROOT, wait_until
from tests.follow_up.shelf import YEAR, put
from webapp.cli import main
from workflows.database import Database
from workflows.follow_up.year_models import Switch
from workflows.history.models import Event
from workflows.organisation.models import Unit, UnitKind
from workflows.registers.models import Entry, EntryState
from workflows.upkeep.schema import migrate

BODIES, ROWS = 20, 15


@pytest.fixture
def installation(kind, tmp_path):
    url = address(kind, tmp_path)
    with closing(Database(url)) as database:
        migrate(database)
        with database.writing() as session, session.begin():
            city = settle(session).units["STAD"]
            for number in range(BODIES):
                unit = Unit(
                    code=f"N{number}", name=f"Nämnd {number}", sort_key=f"{number:02}",
                    kind=UnitKind.BOARD, parent_id=city.id,
                )  # fmt: skip
                session.add(unit)
                session.flush()
                for row in range(ROWS):
                    put(session, unit, "risk", f"Risk {row}", band="red")
        yield url, database


def carrying(url, folder):
    """Carry every body over, as somebody does at a terminal."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ARSHJUL_", "DATABASE_"))}
    program = [sys.executable, "-m", "webapp.cli", "year", "carry", str(YEAR)]
    return subprocess.Popen(
        [*program, "--data", str(folder)],
        cwd=ROOT,
        env=clean | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def done(database):
    with database.reading() as session:
        wanted = sa.select(sa.func.count(Switch.id)).where(Switch.applied_at.is_not(None))
        return session.scalar(wanted)


def test_a_change_of_year_that_is_killed_goes_on_and_carries_nothing_twice(
    installation, tmp_path, monkeypatch
):
    url, database = installation
    first = carrying(url, tmp_path)
    wait_until(lambda: done(database) > 1 or first.poll() is not None)
    first.kill()
    first.communicate(timeout=PATIENCE)
    bodies = BODIES + 3  # with those of the cast
    assert 1 < done(database) < bodies, "it was not killed in the middle"
    monkeypatch.setenv("DATABASE_URL", url)
    for _ in range(2):  # what was left, and then nothing
        assert main(["year", "carry", str(YEAR), "--data", str(tmp_path)]) == 0
    with database.reading() as session:
        applied = session.execute(sa.select(Switch.unit_id, Switch.applied_at)).all()
        assert (len(applied), len({unit for unit, _ in applied})) == (bodies, bodies)
        assert all(at for _, at in applied)
        rows = sa.select(Entry.state, Entry.year, sa.func.count())
        counted = session.execute(rows.group_by(Entry.state, Entry.year)).all()
        assert Counter({(state, year): n for state, year, n in counted}) == {
            (EntryState.SUPERSEDED, YEAR): BODIES * ROWS,
            (EntryState.APPROVED, YEAR + 1): BODIES * ROWS,
        }
        told = session.scalars(sa.select(Event.unit_id).where(Event.kind == "year_carried")).all()
        assert len(told) == len(set(told)) == bodies
        assert broken(session) == []
