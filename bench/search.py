"""Searching everything in a city of a million cases: each word asked of the index by two people.

What is found is loaded and asked of the permission table, as on the page.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from bench import Figure
from bench.city import BASE, Size, city
from bench.pages import KINDS
from workflows.database import Database
from workflows.organisation.actor import Actor, Held
from workflows.queries.search import search
from workflows.search import rows
from workflows.search.models import SearchRow

SIZE, QUICK = 1_000_000, 20_000
TIMES, P95_MS = 10, 150
# rare, common, a whole key, begun, two common ones, and one that nothing has
TEXTS = ("N17", "2027", "RSA-N17-2027-1", "öv", "rsa 2026", "risk nämnd 2", "xyzzy")


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    size = Size.of(QUICK if quick else SIZE)
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder, city(kind, Path(folder), size) as url:
            database = Database(url)
            yield from _searched(database, kind)
            database.close()


def _searched(database: Database, kind: str) -> Iterator[Figure]:
    began = perf_counter()
    with database.writing() as session, session.begin():
        count = rows.rebuild(session)
    yield Figure(
        f"search, {kind}: rows of the index made a second", count / (perf_counter() - began), "rows"
    )
    with database.writing() as session, session.begin():
        session.execute(sa.text("ANALYZE"))
        central = Held("central_security", 1)
    coordinator = Held("security_coordinator", BASE + 17)
    for who, held in (("coordinator", coordinator), ("central", central)):
        by = Actor(BASE, who, frozenset({held}))
        slowest = 0.0
        for text in TEXTS:
            spent = sorted(_once(database, text, by) for _ in range(TIMES))
            slowest = max(slowest, spent[-1])
        yield Figure(
            f"search, {kind}: slowest word of a {who}", slowest, "ms", P95_MS, slowest <= P95_MS
        )
    with database.reading() as session:
        there = session.scalar(sa.select(sa.func.count()).select_from(SearchRow)) or 0
    yield Figure(f"search, {kind}: rows in the index", there, "rows")


def _once(database: Database, text: str, by: Actor) -> float:
    began = perf_counter()
    with database.reading() as session:
        search(session, text, by=by)
    return (perf_counter() - began) * 1000
