"""A city that grows beside its server is broken off with it, and goes on the next time."""

import time
from datetime import UTC, datetime

import httpx
import pytest

from tests.server import PATIENCE, Server
from webapp.prepare import plant_demo
from webapp.settings import read
from workflows import demo
from workflows.database import Database
from workflows.organisation.growth import growth

UNTIL = datetime(2027, 3, 19, 15, tzinfo=UTC)


@pytest.fixture
def planted(tmp_path):
    settings = read({}, data=tmp_path)
    database = Database(settings.database_url)
    plant_demo(settings, database, until=UNTIL, seed=1, size=demo.Size.CITY)  # not done in seconds
    yield database
    database.close()


def known(database):
    with database.reading() as session:
        return growth(session)


def wait_for(database, is_so):
    until = time.monotonic() + PATIENCE
    while not is_so(known(database)):
        assert time.monotonic() < until, f"it stands at {known(database).at}"
        time.sleep(0.1)


def test_the_server_answers_while_its_city_grows_which_goes_on_where_it_was(planted, tmp_path):
    begun = known(planted).at
    with Server(tmp_path, word="run") as server:
        assert "<progress" in httpx.get(f"{server.url}/sign-in", timeout=PATIENCE).text
        wait_for(planted, lambda growth: growth.at > begun)
        assert server.stop() == 0
    broken_off = known(planted)
    assert not broken_off.is_done
    with Server(tmp_path, word="run"):
        wait_for(planted, lambda growth: growth.at > broken_off.at)
