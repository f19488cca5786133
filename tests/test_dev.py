"""The commands of dev.py, tried as a person at a shell would meet them."""

import ast
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev
from requirements import environment

ROOT = Path(dev.__file__).parent
DIST = ROOT / "webapp" / "static" / "dist"


def shell(*words, **surroundings):
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """An empty tree in the place of ours, with a lock that asks for a package nobody has."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.lock").write_text(
        f"arshjul-no-such-package==1.0 --hash=sha256:{'0' * 64}\n"
    )
    for name, place in (
        ("ROOT", tmp_path),
        ("VENV", tmp_path / ".venv"),
        ("PYTHON", tmp_path / ".venv" / "bin" / "python"),
        ("UNFINISHED", tmp_path / ".venv" / ".unfinished"),
    ):
        monkeypatch.setattr(environment, name, place)
    monkeypatch.setattr(shutil, "which", lambda _name: None)  # no uv
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tmp_path


def test_help_names_every_command():
    told = shell("dev.py", "--help")
    assert told.returncode == 0
    for word in ("run", *dev.OWN_COMMANDS):
        assert f"python3 dev.py {word}" in told.stdout


def test_no_command_at_all_is_used_wrongly():
    assert shell("dev.py").returncode == 2


def test_a_python_too_old_can_read_the_file_and_is_told_so():
    for name in ("dev.py", "requirements/environment.py"):
        ast.parse((ROOT / name).read_text(), feature_version=(3, 7))
    as_old = "import sys, runpy; sys.version_info = (3, 9, 2); sys.version = '3.9.2 (old)'; "
    told = shell(
        "-c", as_old + "sys.argv = ['dev.py', 'run']; runpy.run_path('dev.py', None, '__main__')"
    )
    assert told.returncode == 1
    assert told.stderr == "Årshjul needs Python 3.11 or newer; this is 3.9.2.\n"


def test_packages_that_cannot_be_had_are_told_in_one_sentence(nowhere, capfd):
    with pytest.raises(SystemExit) as left:
        environment.prepare("run")
    assert left.value.code == 1
    *progress, told = capfd.readouterr().err.splitlines()
    assert all(line.startswith("· ") for line in progress)
    assert told.startswith("The packages could not be installed:")
    assert "arshjul-no-such-package" in told


def test_an_installation_cut_off_is_made_anew(nowhere):
    (nowhere / "requirements" / "run.lock").write_text("")
    environment.prepare("run")
    left_over = nowhere / ".venv" / "half a package"
    left_over.touch()
    environment.prepare("run")
    assert left_over.exists()  # all was in place: nothing was touched
    environment.UNFINISHED.touch()
    environment.prepare("run")
    assert not left_over.exists()
    assert not environment.UNFINISHED.exists()
    assert environment.PYTHON.exists()


def test_a_lock_that_changed_is_installed_again(nowhere, capfd):
    lock = nowhere / "requirements" / "run.lock"
    lock.write_text("")
    environment.prepare("run")
    capfd.readouterr()
    environment.prepare("run")
    assert capfd.readouterr().err == ""
    lock.write_text("# another\n")
    environment.prepare("run")
    assert "Installing" in capfd.readouterr().err


def test_a_lock_that_is_gone_is_told_in_one_sentence(nowhere, capfd):
    (nowhere / "requirements" / "run.lock").unlink()
    with pytest.raises(SystemExit) as left:
        dev.main(["run"])
    assert left.value.code == 1
    assert capfd.readouterr().err.startswith("No such file or directory: ")


def test_too_little_room_on_the_disk_is_told_before_anything_is_made(nowhere, monkeypatch, capfd):
    monkeypatch.setitem(environment.NEEDED_ON_DISK, "run", 10**18)
    with pytest.raises(SystemExit):
        environment.prepare("run")
    assert "too little room on the disk" in capfd.readouterr().err
    assert not environment.VENV.exists()


def test_a_check_that_finds_something_or_is_missing_fails_the_whole(monkeypatch, capsys):
    monkeypatch.setattr(
        dev,
        "CHECKS",
        {
            "fine": ["python", "-c", "pass"],
            "broken": ["python", "-c", "print('this is wrong'); raise SystemExit(3)"],
            "gone": ["no-such-tool"],
        },
    )
    monkeypatch.setattr(dev, "prepare", lambda name: None)
    assert dev.check([]) == 1
    told = capsys.readouterr().out
    assert "ok     fine" in told
    assert "FAILED broken" in told
    assert "this is wrong" in told
    assert "no-such-tool is missing in .venv" in told
    assert told.endswith("check: broken, gone failed\n")


def test_the_bundle_is_what_its_sources_give(tmp_path):
    environment.npm_install(ROOT / "frontend")
    subprocess.run(
        [environment.node(), "build.mjs", tmp_path / "dist"], cwd=ROOT / "frontend", check=True
    )
    assert _contents(tmp_path / "dist") == _contents(DIST)


def _contents(folder):
    """The hash of every file; of a gzip file of what is in it: its packing differs by machine."""
    return {
        path.name: hashlib.sha256(
            gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        ).hexdigest()
        for path in folder.iterdir()
    }
