"""What a request sends to another case is delivered right after it, beside the requests."""

import time

import pytest
import sqlalchemy as sa

from tests.operations.town import Town, receiving, sending
from webapp import clock
from webapp.courier import Courier
from workflows.cases.listening import NEWS
from workflows.cases.messages import Message, Outcome

PATIENCE = 600  # looks, until a machine in trouble is given up


@pytest.fixture
def courier(database):
    made = Courier(database)
    made.start()
    yield made
    made.stop()


def test_what_is_sent_is_delivered_once_somebody_says_so(database, session, city, courier):
    town = Town(database, session, city)
    town.publish(receiving(), sending())
    receiver = town.start("receiver", now=clock.now())
    town.start("sender", now=clock.now(), data={"amount": 3})
    assert session.info.pop(NEWS)
    courier.nudge()
    for _ in range(PATIENCE):
        with database.reading() as reading:
            if reading.scalar(sa.select(Message.outcome)) is not None:
                break
        time.sleep(0.05)
    session.expire_all()
    assert town.outcomes() == [Outcome.DELIVERED]
    assert town.open(receiver) == ["done"]


def test_a_courier_that_could_not_deliver_goes_on(database, monkeypatch, courier):
    tried = []

    def broken(_database, *, now):
        tried.append(now)
        raise ConnectionError

    monkeypatch.setattr("webapp.courier.work.deliver", broken)
    courier.nudge()
    for _ in range(PATIENCE):
        if tried:
            break
        time.sleep(0.05)
    assert tried
    assert courier.is_alive()
