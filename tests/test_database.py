import threading
import time
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm.exc import StaleDataError

from tests import cast
from workflows.database import Database, Turn
from workflows.organisation.models import Holding, Person, Unit


def test_an_instant_without_a_zone_is_refused(session, city):
    city.people["Jon"].closed_at = datetime(2027, 3, 2)  # noqa: DTZ001 (that is the point)
    with pytest.raises(StatementError, match="no time zone"):
        session.flush()


def test_an_instant_comes_back_in_utc(database, session, city):
    city.people["Jon"].closed_at = cast.NOON
    session.commit()
    with database.reading() as other:
        jon = other.get_one(Person, city.people["Jon"].id)
        assert jon.closed_at == cast.NOON
        assert jon.closed_at.tzinfo is UTC


def test_foreign_keys_are_kept(session):
    session.add(Holding(role="director", unit_id=999, person_id=998))
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_id_is_never_used_again(session, city):
    jon = city.people["Jon"]
    last = jon.id
    session.delete(jon)
    session.commit()
    new = Person(email="new@example.test", name="New", sort_key="new")
    session.add(new)
    session.flush()
    assert new.id > last


def test_two_who_change_the_same_row_do_not_overwrite_each_other(database, session, city):
    with database.writing() as other:
        unit = other.get_one(Unit, city.units["FARSTA"].id)
        other.commit()
        city.units["FARSTA"].name = "First"
        session.commit()
        unit.name = "Second"
        with pytest.raises(StaleDataError):
            other.flush()


def test_no_update_is_lost_between_threads(database: Database, session, city):
    unit_id = city.units["FARSTA"].id
    session.execute(sa.update(Unit).values(name="0"))
    session.commit()

    def count() -> None:
        for _ in range(25):
            with database.writing() as mine, mine.begin():
                row = sa.select(Unit.name).where(Unit.id == unit_id).with_for_update()
                number = int(mine.scalars(row).one())
                changed = sa.update(Unit).where(Unit.id == unit_id).values(name=str(number + 1))
                mine.execute(changed)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.scalar(sa.select(Unit.name).where(Unit.id == unit_id)) == "100"


def test_the_turn_goes_to_whoever_has_waited_longest():
    turn = Turn()
    assert turn.take(1)
    order: list[int] = []

    def wait(number: int) -> None:
        assert turn.take(5)
        order.append(number)
        turn.give()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        while len(turn._waiting) <= number:
            time.sleep(0.001)
    turn.give()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_that_does_not_come_is_given_up_and_does_not_block_the_next():
    turn = Turn()
    assert turn.take(1)
    assert not turn.take(0.01)
    turn.give()
    assert turn.take(1)
