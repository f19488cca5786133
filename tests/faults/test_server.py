"""The server is asked to end while somebody waits, and the database is away."""

import sqlite3
import threading
import time

import httpx
import pytest

from tests.cast import NOON, SYSTEM
from tests.faults.test_kill import PASSWORD, token_of
from tests.server import Server
from webapp import create_app
from webapp.settings import read
from workflows.database import Database
from workflows.operations import people
from workflows.organisation import passwords
from workflows.organisation.account_rows import account_of
from workflows.organisation.rows import PersonDetails
from workflows.upkeep.schema import migrate


@pytest.fixture
def server(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'arshjul.sqlite3'}")
    migrate(database)
    with database.writing() as session, session.begin():
        details = PersonDetails("alva@example.test", "Alva")
        person = people.add_person(session, details, by=SYSTEM, now=NOON)
        account_of(session, person.id).password_hash = passwords.hashed(PASSWORD)
    database.close()
    with Server(tmp_path, word="serve") as started:
        yield started


def test_a_request_in_flight_is_finished_before_the_server_ends(server):
    held = sqlite3.connect(server.data / "arshjul.sqlite3", isolation_level=None)
    answers = []
    with httpx.Client(base_url=server.url, timeout=30) as client:
        data = {
            "csrf_token": token_of(client.get("/sign-in").text),
            "email": "alva@example.test",
            "password": PASSWORD,
        }
        held.execute("BEGIN IMMEDIATE")  # so that the sign-in has to wait for its turn
        asking = threading.Thread(
            target=lambda: answers.append(client.post("/sign-in", data=data).status_code)
        )
        asking.start()
        time.sleep(1)
        ending = threading.Thread(target=lambda: answers.append(server.stop()))
        ending.start()
        time.sleep(1)
        assert answers == []
        held.execute("ROLLBACK")
        asking.join()
        ending.join()
    held.close()
    assert sorted(answers) == [0, 302]


def test_starting_again_keeps_what_is_there_and_publishes_nothing(tmp_path):
    counts = []
    for _ in range(2):
        with Server(tmp_path, word="run --empty") as server:
            assert server.stop() == 0
        with sqlite3.connect(tmp_path / "arshjul.sqlite3") as connection:
            events = connection.execute("SELECT count(*), max(n) FROM event").fetchone()
            versions = connection.execute("SELECT count(*) FROM version").fetchone()
        connection.close()
        counts.append((events, versions))
    assert counts[0] == counts[1]


def test_without_its_database_the_server_lives_is_not_ready_and_says_so(tmp_path):
    away = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    settings = read({"DATABASE_URL": away}, data=tmp_path)
    database = Database(away)
    client = create_app(settings, database).test_client()
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503
    page = client.get("/sign-in")
    assert page.status_code == 503
    assert "<h1>" in page.get_data(as_text=True)
    database.close()
