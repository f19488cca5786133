"""The pages people work in, with a million cases behind them and with a thousand.

The server's own time: the app is asked in this process, by one client, the two cities in turn, so
that what else the machine does slows both alike.
"""

import logging
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from unittest.mock import patch
from urllib.parse import urljoin

import sqlalchemy as sa
import structlog
from flask import Flask
from flask.testing import FlaskClient

from bench import Figure, city, stage
from bench.city import BASE, KEYS, NOW, Size
from bench.http import NOT_COUNTED, PASSWORD, signed_in
from webapp import clock, create_app
from webapp.settings import read
from workflows.cases.models import Case, CaseState
from workflows.database import Database
from workflows.organisation import passwords
from workflows.organisation.accounts import Account
from workflows.organisation.models import Person
from workflows.processes.models import Secrecy
from workflows.tasks.models import Task

SMALL, LARGE, QUICK = 1_000, 1_000_000, 50_000
TIMES, WARM = 60, 6
P95_MS, STATEMENTS, TIMES_SMALL, AUTOSAVE_MS = 150, 25, 1.5, 30
FIRST_VISIT, LATER_VISIT = 150_000, 40_000
COORDINATOR, CENTRAL = "p0", "disa"
KINDS = os.environ.get("ARSHJUL_BENCH_KINDS", " ".join(stage.KINDS)).split()


@dataclass
class Town:
    """One city with the app over it, and two people signed in."""

    url: str
    folder: Path
    people: dict[str, tuple[FlaskClient, str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    pages: dict[str, tuple[str, Sequence[str]]] = field(default_factory=dict)

    def open(self) -> None:
        """Let the two in, and find what they will look at."""
        self.database = Database(self.url)
        with self.database.writing() as session, session.begin():
            wanted = [f"{name}@example.test" for name in (COORDINATOR, CENTRAL)]
            hashed = passwords.hashed(PASSWORD)
            for person in session.scalars(sa.select(Person).where(Person.email.in_(wanted))):
                person.is_demo = True  # asked for no second factor on this machine
                session.merge(Account(person_id=person.id, password_hash=hashed))
        self.app = create_app(read({"DATABASE_URL": self.url}, data=self.folder), self.database)
        sa.event.listen(self.database.engine, "before_cursor_execute", self._hear)
        self.people = {name: signed_in(self.app, name) for name in (COORDINATOR, CENTRAL)}
        self.pages = dict(_pages(self.app, self.database))

    def _hear(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(NOT_COUNTED):
            self.said.append(statement)

    def look(self, page: str, number: int) -> float:
        """Show a page; gives the seconds it took."""
        who, paths = self.pages[page]
        self.said.clear()
        began = perf_counter()
        answer = self.people[who][0].get(paths[number % len(paths)])
        spent = perf_counter() - began
        assert answer.status_code == 200, (page, answer.status, answer.text[:500])
        return spent


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Measure every page in a small and in a large city, on both databases."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for kind in KINDS:
        with ExitStack() as held:
            towns = []
            for cases in (SMALL, QUICK if quick else LARGE):
                folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
                began = perf_counter()
                url = held.enter_context(city.city(kind, folder, Size.of(cases)))
                yield Figure(f"{cases:,} cases made, {kind}", perf_counter() - began, "s")
                towns.append(Town(url, folder))
            yield from measured(kind, *towns, times=20 if quick else TIMES)


def measured(kind: str, small: Town, large: Town, *, times: int) -> Iterator[Figure]:
    """Measure two cities on one kind of database."""
    with patch.object(clock, "now", lambda: NOW):
        for town in (small, large):
            town.open()
        for page in large.pages:
            yield from _looked(kind, page, small, large, times)
        yield from _saved(kind, large, times)
        if kind == stage.KINDS[0]:
            yield from _weighed(large)
    for town in (small, large):
        town.database.close()


def _looked(kind: str, page: str, small: Town, large: Town, times: int) -> Iterator[Figure]:
    spent: dict[str, list[float]] = {small.url: [], large.url: []}
    statements = 0
    for number in range(WARM + times):
        for town in (small, large):
            spent[town.url].append(town.look(page, number))
        statements = max(statements, len(large.said)) if number >= WARM else 0
    few, many = (sorted(spent[town.url][WARM:]) for town in (small, large))
    slow, times_small = many[int(len(many) * 0.95)] * 1000, median(many) / median(few)
    yield Figure(f"{page}, p95, {kind}", slow, "ms", P95_MS, slow <= P95_MS)
    is_as_quick = times_small <= TIMES_SMALL
    yield Figure(f"{page}, {kind}", times_small, "x small", TIMES_SMALL, is_as_quick)
    is_few = statements <= STATEMENTS
    yield Figure(f"{page}, {kind}", statements, "statements", STATEMENTS, is_few)


def _pages(app: Flask, database: Database) -> Iterator[tuple[str, tuple[str, Sequence[str]]]]:
    """Name each page, with who looks and at which of them, one after the other."""
    with database.reading() as session:
        open_tasks = session.execute(
            sa.select(Task.id, Task.case_id)
            .where(Task.unit_id == BASE, Task.closed_at.is_(None), Task.secrecy != Secrecy.SECRET)
            .order_by(Task.id)
        ).all()
        over = session.scalars(
            sa.select(Case.id)
            .where(Case.unit_id == BASE, Case.state == CaseState.FINISHED)
            .where(Case.year == NOW.year - 1, Case.secrecy != Secrecy.SECRET)
            .limit(12)
        ).all()
    for name, who, path in (
        ("Home", COORDINATOR, "/"),
        ("Home, one's own year", COORDINATOR, "/?view=person"),
        ("Home, the whole city", CENTRAL, "/?view=city"),
        ("Tasks, mine", COORDINATOR, "/tasks/"),
        ("Tasks of my role", COORDINATOR, "/tasks/?list=role"),
        ("Tasks waiting for others", COORDINATOR, "/tasks/?list=waiting"),
        ("Tasks, done", COORDINATOR, "/tasks/?list=done"),
        ("Overview", CENTRAL, f"/overview/?process={KEYS[0]}&year={NOW.year}"),
        ("Search", CENTRAL, "/search?q=granska"),
    ):
        yield name, (who, [path])
    yield "One task", (COORDINATOR, [f"/tasks/{one.id}" for one in open_tasks])
    yield "One case", (COORDINATOR, [f"/cases/{one.case_id}" for one in open_tasks])
    yield "One case that is over", (COORDINATOR, [f"/cases/{each}" for each in over])


# --- saving -----------------------------------------------------------------------------------


def _saved(kind: str, town: Town, times: int) -> Iterator[Figure]:
    """Save a draft again and again, as a page left open does."""
    client, token = town.people[COORDINATOR]
    for path in town.pages["One task"][1]:
        page = client.get(path).get_data(as_text=True)
        form = page.partition("data-draft=")[2].partition("</form>")[0]
        box = re.search(r'<textarea[^>]* name="([^"]+)"', form)
        if box:
            break
    assert box is not None
    spent, seen = [], "0"
    for number in range(WARM + times):
        data = {"csrf_token": token, "seen": seen, box[1]: f"Så här långt har vi kommit: {number}"}
        began = perf_counter()
        answer = client.post(f"{path}/draft", data=data, headers={"Accept": "application/json"})
        spent.append(perf_counter() - began)
        assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
        seen = str(answer.get_json()["revision"])
    slow = sorted(spent[WARM:])[int(times * 0.95)] * 1000
    yield Figure(f"a draft saved, p95, {kind}", slow, "ms", AUTOSAVE_MS, slow <= AUTOSAVE_MS)


# --- page weight ------------------------------------------------------------------------------


def _weighed(town: Town) -> Iterator[Figure]:
    """Count the bytes of a first visit, all that the page draws in, and of a later one."""
    for page, (who, paths) in town.pages.items():
        client = town.people[who][0]
        later, body = _fetched(client, paths[0])
        first = later + sum(_fetched(client, path)[0] for path in _drawn_in(client, paths[0], body))
        yield Figure(f"{page}: first visit", first, "bytes", FIRST_VISIT, first <= FIRST_VISIT)
        yield Figure(f"{page}: later visit", later, "bytes", LATER_VISIT, later <= LATER_VISIT)


def _fetched(client: FlaskClient, path: str) -> tuple[int, str]:
    """Give what a file weighs on its way, and what it says."""
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    weight = len(packed.get_data()) + len(str(packed.headers))
    plain = client.get(path).get_data()
    return weight, plain.decode() if (packed.mimetype or "").startswith("text/") else ""


def _drawn_in(client: FlaskClient, path: str, body: str) -> set[str]:
    """Find the files a page loads at once, and those that they load."""
    found: set[str] = set()
    left = [urljoin(path, one) for one in re.findall(r'(?:href|src)="(/assets/[^"#]+)', body)]
    while left:
        one = left.pop()
        if one not in found and "/viewer-" not in one:
            found.add(one)
            said = _fetched(client, one)[1] if one.endswith((".css", ".js")) else ""
            more = re.findall(r"""url\(["']?([^"')#]+)|(?:from|import) ?["'](\.[^"']+)""", said)
            left += [urljoin(one, a or b) for a, b in more if not (a or b).startswith("data:")]
    return found
