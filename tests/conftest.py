"""One database for each test, SQLite or PostgreSQL, and a permanent cast to fill it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from tests import cast
from tests.drawing import EVERYTHING, drawn
from tests.witness import watching
from workflows.database import Database

# How long an example takes says more of the machine than of us; CI tries the same ones each time.
settings.register_profile(
    "ours",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
    max_examples=100 if EVERYTHING else 30,
)
settings.load_profile("ours")

# Locks, races, what a database may hold and how it is moved: not the same thing on the two.
DIFFERS = (
    "tests/faults", "tests/upkeep", "tests/work", "tests/test_database", "tests/test_migrations",
    "tests/operations/test_calendar_races",
)  # fmt: skip
KINDS = {"sqlite": ["sqlite"], "postgresql": ["postgresql"], "both": ["sqlite", "postgresql"]}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=sorted(KINDS), default="sqlite")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", KINDS[metafunc.config.getoption("--database")])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try most on the one of the two databases that the commit draws, and on both what is likely
    to differ there; `--all` tries everything on both.
    """
    kinds = KINDS[config.getoption("--database")]
    out = [] if EVERYTHING or len(kinds) == 1 else [item for item in items if _is_out(item, kinds)]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in set(out)]


def _is_out(item: pytest.Item, kinds: list[str]) -> bool:
    if item.nodeid.startswith(DIFFERS) or not isinstance(item, pytest.Function):
        return False
    kind = item.callspec.params.get("kind") if hasattr(item, "callspec") else None
    return kind is not None and kind != kinds[drawn(item.originalname, len(kinds))]


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables and nothing in them, copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "arshjul.sqlite3"
    made = Database(f"sqlite:///{path}")
    make_tables(made)
    made.close()
    return path


@pytest.fixture(scope="session")
def settled_sqlite(empty_sqlite: Path) -> Path:
    """The same with the cast in it."""
    path = empty_sqlite.with_name("settled.sqlite3")
    shutil.copyfile(empty_sqlite, path)
    _settle(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def empty_postgresql() -> str:
    """The address of a PostgreSQL database with the tables and nothing in them."""
    from tests.postgres import fresh_url

    url = fresh_url()
    made = Database(url)
    make_tables(made)
    made.close()
    return url


@pytest.fixture(scope="session")
def settled_postgresql(empty_postgresql: str) -> str:
    """The same with the cast in it."""
    from tests.postgres import copy_url

    url = copy_url(empty_postgresql)
    _settle(url)
    return url


def _settle(url: str) -> None:
    made = Database(url)
    with made.writing() as session, session.begin():
        cast.settle(session)
    made.close()


def make_tables(database: Database) -> None:
    from workflows.tables import METADATA

    METADATA.create_all(database.engine)


@pytest.fixture
def url(
    kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a database that is this test's alone; the next test has it anew."""
    begun = "settled" if "city" in request.fixturenames else "empty"
    if kind == "sqlite":
        path = tmp_path_factory.getbasetemp() / "arshjul.sqlite3"
        for part in ("", "-wal", "-shm"):
            path.with_name(path.name + part).unlink(missing_ok=True)
        shutil.copyfile(request.getfixturevalue(f"{begun}_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    from tests.postgres import copy_url, drop_url

    model = request.getfixturevalue(f"{begun}_postgresql")
    copy = copy_url(model, name=f"{make_url(model).database}_copy")
    yield copy
    drop_url(copy)


@pytest.fixture(scope="session")
def _opened() -> Iterator[dict[str, Database]]:
    """The databases of this session by their address, closed at its end."""
    opened: dict[str, Database] = {}
    yield opened
    for database in opened.values():
        database.close()


@pytest.fixture
def database(url: str, _opened: dict[str, Database]) -> Iterator[Database]:
    """The database of this test; what SQLAlchemy learnt of such statements it keeps."""
    if url not in _opened:
        _opened[url] = Database(url)
    made = _opened[url]
    yield made
    made.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as opened:
        yield opened


@pytest.fixture
def city(session: Session) -> "cast.City":
    """The cast and their units, committed: there from the start when a test names them."""
    made = cast.settled(session) or cast.settle(session)
    session.commit()
    return made


@pytest.fixture(autouse=True)
def _no_surprises_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ARSHJUL_")]:
        if name != "ARSHJUL_ALL":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def _a_witness() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, watching(patch):
        yield
