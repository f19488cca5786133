"""The promises of the plugin `tests.budget`, kept in a test run of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.budget import part_of

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("nodeid", "part"),
    [
        ("tests/operations/test_tasks.py::test_it[sqlite]", "domain on SQLite"),
        ("tests/operations/test_tasks.py::test_it[sv-postgresql]", "domain on PostgreSQL"),
        ("tests/test_canonical.py::test_it", "domain on SQLite"),
        ("tests/browser/test_walk.py::test_it[postgresql]", "browser"),
        ("tests/processes/p11/test_paths.py::test_it", "processes"),
        ("tests/conformance/test_betsy.py::test_it", "conformance"),
    ],
)
def test_a_test_counts_for_one_part(nodeid, part):
    assert part_of(nodeid) == part


def run(folder, text):
    (folder / "test_it.py").write_text(text)
    words = ["-m", "pytest", "-p", "tests.budget", "-p", "no:cacheprovider", "--rootdir", folder]
    return subprocess.run(
        [sys.executable, *words, folder], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("where", ["in it", "before it"])
def test_a_skipped_test_fails_the_run_and_says_why(tmp_path, where):
    skip = "pytest.skip('no browser here')"
    mark = "@pytest.mark.skip(reason='no browser here')"
    text = {"in it": f"def test_it():\n    {skip}", "before it": f"{mark}\ndef test_it(): pass"}
    done = run(tmp_path, f"import pytest\n{text[where]}\n")
    assert done.returncode == 1
    assert "A test may not be skipped" in done.stdout
    assert "no browser here" in done.stdout


def test_each_part_is_shown_beside_its_budget_before_pytests_own_last_line(tmp_path):
    done = run(tmp_path, "def test_it(): pass\n")
    assert done.returncode == 0
    *_, last = lines = done.stdout.strip().splitlines()
    assert "1 passed" in last
    assert any(
        line.startswith("domain on SQLite") and "of 150 s  tests: 1" in line for line in lines
    )
    assert any(line.startswith("browser") and "tests: none" in line for line in lines)
