from datetime import timedelta

import sqlalchemy as sa

from tests.cast import NOON
from workflows.organisation.accounts import Attempts, Invitation, SignIn
from workflows.organisation.forgetting import forget_old
from workflows.work import beat

DAY = timedelta(days=1)


def settle(session, city, age):
    alva = city.people["Alva"].id
    at, key = NOON - age, str(age)
    session.add_all([
        SignIn(token_hash=key, person_id=alva, began_at=at, seen_at=at, expires_at=at,
               device_hash="d", browser="b"),
        Invitation(token_hash=key, person_id=alva, made_at=at, expires_at=at),
        Attempts(key=key, failures=1, last_at=at, until_at=at),
    ])  # fmt: skip
    session.flush()


def left(session):
    return [
        session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in (SignIn, Invitation, Attempts)
    ]


def test_what_nobody_can_need_any_more_is_forgotten_and_nothing_else(session, city):
    for age in (DAY, 40 * DAY, 200 * DAY):
        settle(session, city, age)
    assert forget_old(session, now=NOON) == 5
    assert left(session) == [2, 1, 1]
    assert forget_old(session, now=NOON) == 0


def test_the_clock_forgets_while_it_beats(session, database, city):
    settle(session, city, 200 * DAY)
    session.commit()
    beat(database, now=NOON)
    session.expire_all()
    assert left(session) == [0, 0, 0]
