"""The import contracts, each broken once on purpose: a contract that catches nothing is none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = Path(sys.executable).parent / "lint-imports"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the house to break things in."""
    copy = tmp_path_factory.mktemp("house")
    for name in ("workflows", "webapp"):
        shutil.copytree(
            ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo")
        )
    shutil.copyfile(ROOT / "pyproject.toml", copy / "pyproject.toml")
    return copy


def lint(house):
    return subprocess.run(
        [LINT, "--no-cache"], cwd=house, capture_output=True, text=True, check=False
    )


def test_the_house_as_it_stands_keeps_every_contract():
    told = lint(ROOT)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [
        ("webapp stands on workflows", "workflows/permissions.py", "import webapp.clock"),
        ("the floors of workflows", "workflows/history/rows.py", "import workflows.operations"),
        ("the floors of workflows", "workflows/forms/views.py", "import workflows.engine"),
        ("only the engine knows SpiffWorkflow", "workflows/tasks/rows.py", "import SpiffWorkflow"),
        ("the domain knows no web", "workflows/operations/tasks.py", "import flask"),
        ("the domain knows no web", "workflows/permissions.py", "import apscheduler"),
        ("know no database", "workflows/calendar/workdays.py", "import sqlalchemy"),
        ("no cycles", "workflows/calendar/workdays.py", "import workflows.calendar.deadlines"),
    ],
)
def test_an_import_that_goes_up_is_caught(house, contract, file, line):
    path = house / file
    whole = path.read_text()
    path.write_text(f"{whole}\n{line}\n")
    told = lint(house)
    path.write_text(whole)
    assert told.returncode == 1
    broken = [said for said in told.stdout.splitlines() if "BROKEN" in said]
    assert any(contract in said for said in broken), told.stdout


def test_a_package_without_a_floor_is_caught(house):
    (house / "workflows" / "helpers.py").write_text('"""Nobody knows where this belongs."""\n')
    told = lint(house)
    (house / "workflows" / "helpers.py").unlink()
    assert told.returncode == 1
    assert "helpers" in told.stdout
