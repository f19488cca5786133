"""The power goes while people complete tasks; afterwards everything is whole and goes on."""

import random
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import sqlalchemy as sa

from tests import cast, packages
from tests.chains import broken
from tests.faults.many import address, with_many_cases
from tests.server import Server
from workflows.cases.models import Case, CaseState
from workflows.database import Database
from workflows.history.models import Event
from workflows.language import local
from workflows.organisation import passwords
from workflows.organisation.accounts import Account
from workflows.tasks.models import Outcome, Task

CASES = 16
ROUNDS = 2
PASSWORD = "en lång mening för proven"  # long enough for the rules


@pytest.fixture
def installation(kind, tmp_path):
    """A database with many open letters, and two people who can sign in."""
    url = address(kind, tmp_path)
    database, city = with_many_cases(url, packages.letter(), CASES, now=cast.NOON)
    with database.writing() as session, session.begin():
        hashed = passwords.hashed(PASSWORD)
        for name in ("Alva", "Bo"):
            session.add(Account(person_id=city.people[name].id, password_hash=hashed))
    yield url, database
    database.close()


class Worker:
    """Somebody at a keyboard, who presses again when the connection breaks."""

    def __init__(self, server: Server, name: str) -> None:
        self.client = httpx.Client(base_url=server.url, timeout=20)
        page = self.client.get("/sign-in").text
        answer = self.client.post(
            "/sign-in",
            data={
                "csrf_token": token_of(page),
                "email": f"{name.lower()}@example.test",
                "password": PASSWORD,
            },
        )
        assert answer.status_code == 302, answer.text[:500]
        self.token = token_of(self.client.get("/").text)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def complete(self, task_id: int, answers: dict[str, str]) -> bool:
        """Hand in one task; whether the server said that it is done."""
        data = {"csrf_token": self.token, "command": f"press-{task_id}"} | answers
        try:
            answer = self.client.post(f"/tasks/{task_id}/completion", data=data)
        except httpx.HTTPError:
            return False
        assert answer.status_code in (302, 409, 503), answer.text[:500]
        return answer.status_code == 302


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def open_tasks(database: Database, element: str) -> list[int]:
    with database.reading() as session:
        wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
        return list(session.scalars(wanted))


def test_a_killed_server_loses_nothing_and_leaves_no_half_state(installation, tmp_path):
    url, database = installation
    told: set[int] = set()
    chance = random.Random(local(cast.NOON).year)  # noqa: S311 (no secret)
    server = Server(tmp_path, word="serve", database_url=url)
    for _ in range(ROUNDS):
        with server, Worker(server, "Alva") as worker:
            killer = threading.Timer(chance.uniform(0.05, 0.4), server.kill)
            killer.start()
            with ThreadPoolExecutor(4) as hands:
                work = [
                    (task, hands.submit(worker.complete, task, {"text": f"Brev {task}"}))
                    for task in open_tasks(database, "write")
                ]
            told |= {task for task, done in work if done.result()}
            killer.join()
        assert told <= completed(database)
        hold(database)
    finish(server, database)
    hold(database)


def completed(database: Database) -> set[int]:
    with database.reading() as session:
        wanted = sa.select(Task.id).where(Task.outcome == Outcome.COMPLETED)
        return set(session.scalars(wanted))


def hold(database: Database) -> None:
    """Every case stands at a step that its history explains, and no step was done twice."""
    with database.reading() as session:
        assert broken(session) == []
        for case in session.scalars(sa.select(Case)):
            tasks = session.scalars(sa.select(Task).where(Task.case_id == case.id)).all()
            done = [task.element for task in tasks if task.outcome is Outcome.COMPLETED]
            events = session.scalars(
                sa.select(Event.step)
                .where(Event.case_id == case.id, Event.kind == "task_completed")
                .order_by(Event.n)
            ).all()
            assert sorted(events) == sorted(done)
            is_open = [task.element for task in tasks if task.closed_at is None]
            assert is_open == {0: ["write"], 1: ["approve"], 2: []}[len(done)]


def finish(server: Server, database: Database) -> None:
    """What was left half-way goes on to its end as if nothing had happened."""
    with server, Worker(server, "Alva") as alva, Worker(server, "Bo") as bo:
        for task in open_tasks(database, "write"):
            assert alva.complete(task, {"text": "Efteråt"})
        for task in open_tasks(database, "approve"):
            assert bo.complete(task, {"approval": "yes"})
        assert server.stop() == 0
    with database.reading() as session:
        states = set(session.scalars(sa.select(Case.state)))
    assert states == {CaseState.FINISHED}
