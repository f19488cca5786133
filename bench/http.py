"""A completion over HTTP – sign-in, CSRF, form, history, commit – beside a Flask hello-world.

Both run under gunicorn as we serve, one client after the other on connections kept open; the
hello-world is asked between any two completions.
"""

import http.client
import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.parse import urlencode

import sqlalchemy as sa
import structlog
from flask import Flask
from flask.testing import FlaskClient

from bench import Figure, stage
from tests.server import ROOT, Server, free_port
from webapp import create_app
from webapp.settings import read
from workflows.cases.models import Case
from workflows.database import Database
from workflows.organisation import passwords
from workflows.organisation.accounts import Account
from workflows.tasks.models import Task

PASSWORD = "en lång mening för mätningen"  # noqa: S105 (of invented people)
TIMES_HELLO = {"sqlite": 5, "postgresql": 8}
STATEMENTS = 14
NOT_COUNTED = ("BEGIN", "COMMIT", "PRAGMA", "ROLLBACK")


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Complete orders over HTTP on both databases, and count what each asks of the database."""
    cases = 10 if quick else 100
    with _hello() as port:
        for kind in stage.KINDS:
            with tempfile.TemporaryDirectory() as folder, stage.database(kind, Path(folder)) as url:
                database = Database(url)
                _let_in(database)
                stage.open_cases(database, cases)
                yield from _raced(kind, url, database, Path(folder), port)
                yield from _counted(kind, url, database, Path(folder))
                database.close()


def _let_in(database: Database) -> None:
    hashed = passwords.hashed(PASSWORD)
    with database.writing() as session, session.begin():
        for actor in stage.actors(session).values():
            session.add(Account(person_id=actor.id, password_hash=hashed))


# --- how long ---------------------------------------------------------------------------------


def _raced(
    kind: str, url: str, database: Database, folder: Path, hello_port: int
) -> Iterator[Figure]:
    hello = http.client.HTTPConnection("127.0.0.1", hello_port)
    greetings, completions = [], []
    with Server(folder, word="serve", database_url=url) as server:
        people = {name: Browser(server.port, name) for name in set(stage.DOER.values())}
        for task_id, element in _tasks(database):
            began = perf_counter()
            hello.request("GET", "/")
            hello.getresponse().read()
            greetings.append(perf_counter() - began)
            completions.append(people[stage.DOER[element]].complete(task_id))
    greeting, completion = (median(each[5:]) * 1000 for each in (greetings, completions))
    ratio, target = completion / greeting, TIMES_HELLO[kind]
    slow = sorted(completions)[int(len(completions) * 0.95)] * 1000
    yield Figure(f"hello-world, p50, beside {kind}", greeting, "ms")
    yield Figure(f"completion over HTTP, p50, {kind}", completion, "ms")
    yield Figure(f"completion over HTTP, p95, {kind}", slow, "ms")
    yield Figure(f"completion over HTTP, {kind}", ratio, "x hello", target, ratio <= target)


def _tasks(database: Database) -> Iterator[tuple[int, str]]:
    """Give every task to be done, case by case, of all cases but the last two."""
    for case_id in _case_ids(database)[:-2]:
        while found := _open_tasks(database, Task.case_id == case_id):
            yield from found


def _case_ids(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Case.id).order_by(Case.id)))


def _open_tasks(database: Database, which: sa.ColumnElement[bool]) -> list[tuple[int, str]]:
    wanted = sa.select(Task.id, Task.element).where(Task.closed_at.is_(None), which)
    with database.reading() as session:
        return [(row.id, row.element) for row in session.execute(wanted)]


class Browser:
    """Somebody who is signed in, on one connection."""

    def __init__(self, port: int, name: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookies: dict[str, str] = {}
        token = token_of(self.ask("GET", "/sign-in")[1])
        data = {
            "csrf_token": token,
            "email": f"{name.lower()}@example.test",
            "password": PASSWORD,
        }
        status, said = self.ask("POST", "/sign-in", data)
        assert status == 302, said[:500]
        self.token = token_of(self.ask("GET", "/")[1])

    def complete(self, task_id: int) -> float:
        """Hand in a task; gives how long it took."""
        data = {"csrf_token": self.token, "command": f"bench-{task_id}", **stage.ANSWERS}
        began = perf_counter()
        status, said = self.ask("POST", f"/tasks/{task_id}/completion", data)
        spent = perf_counter() - began
        assert status == 302, said[:500]
        return spent

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(data) if data else None, headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()


def token_of(page: str) -> str:
    """Find the CSRF token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


@contextmanager
def _hello() -> Iterator[int]:
    port = free_port()
    order = f"from bench.http import serve_hello; serve_hello({port})"
    with subprocess.Popen([sys.executable, "-c", order], cwd=ROOT) as process:
        while process.poll() is None:
            with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port)) as asked:
                asked.request("GET", "/")
                break
            sleep(0.1)
        try:
            yield port
        finally:
            process.terminate()


def serve_hello(port: int) -> None:
    """Serve the smallest Flask there is, with our own server and its settings but no clock."""
    from webapp.serve import Server as Ours

    class Hello(Ours):
        def load_config(self) -> None:
            del self.options["post_worker_init"], self.options["worker_exit"]
            super().load_config()

        def load(self) -> Flask:  # type: ignore[override]
            app = Flask("hello")
            app.add_url_rule("/", view_func=lambda: "hello, world\n", endpoint="hello")
            return app

    Hello(read({}, data=Path(tempfile.gettempdir())), host="127.0.0.1", port=port).run()


# --- how many statements ----------------------------------------------------------------------


def _counted(kind: str, url: str, database: Database, folder: Path) -> Iterator[Figure]:
    """Count the statements of the last case's four completions, reading the sign-in included."""
    cases = _case_ids(database)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    app = create_app(read({"DATABASE_URL": url}, data=folder), database)
    people = {name: signed_in(app, name) for name in set(stage.DOER.values())}
    said: list[str] = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(NOT_COUNTED):
            said.append(statement)

    for case_id in cases[-2:]:  # the one before the last reads forms, once for the process
        most = 0
        while found := _open_tasks(database, Task.case_id == case_id):
            for task_id, element in found:
                client, token = people[stage.DOER[element]]
                data = {"csrf_token": token, "command": f"count-{task_id}", **stage.ANSWERS}
                said.clear()
                answer = client.post(f"/tasks/{task_id}/completion", data=data)
                assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
                most = max(most, len(said))
    sa.event.remove(database.engine, "before_cursor_execute", hear)
    ok = most <= STATEMENTS
    yield Figure(f"SQL statements of a completion, {kind}", most, "at most", STATEMENTS, ok)


def signed_in(app: Flask, name: str) -> tuple[FlaskClient, str]:
    """Sign somebody in; gives their client and the token of its pages."""
    client = app.test_client()
    data = {"email": f"{name.lower()}@example.test", "password": PASSWORD}
    data["csrf_token"] = token_of(client.get("/sign-in").get_data(as_text=True))
    assert client.post("/sign-in", data=data).status_code == 302
    return client, token_of(client.get("/").get_data(as_text=True))
