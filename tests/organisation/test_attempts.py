"""Counting failed sign-ins: how long one waits, and that two at once are two."""

import threading
from datetime import timedelta

import pytest

from tests.cast import NOON
from workflows.organisation import attempts
from workflows.organisation.attempts import ACCOUNT, ADDRESS, Count, Limit

ALVA = Count("account:alva", ACCOUNT)
HALL = Count("address:town hall", ADDRESS)


def fail(session, count, times, now=NOON):
    for _ in range(times):
        while wait := attempts.begin(session, [count], now=now):
            now += wait
    return now


def test_the_wait_doubles_and_has_a_longest():
    limit = Limit(free=2, longest=timedelta(seconds=60))
    waits = [limit.wait_after(failures).total_seconds() for failures in range(10)]
    assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 60, 60]
    assert limit.wait_after(10**6) == timedelta(seconds=60)


def test_nobody_waits_more_than_a_minute_for_an_account_whatever_others_do():
    assert ACCOUNT.wait_after(10**6) == timedelta(seconds=60)


def test_free_failures_cost_nothing_and_the_next_one_does(session):
    for _ in range(ACCOUNT.free + 1):
        assert not attempts.begin(session, [ALVA], now=NOON)
    assert attempts.begin(session, [ALVA], now=NOON) == timedelta(seconds=2)


def test_whoever_waits_as_told_may_try(session):
    fail(session, ALVA, ACCOUNT.free + 1)
    wait = attempts.begin(session, [ALVA], now=NOON)
    assert wait == timedelta(seconds=2)
    assert not attempts.begin(session, [ALVA], now=NOON + wait)


def test_trying_while_barred_does_not_lengthen_the_wait(session):
    fail(session, ALVA, ACCOUNT.free + 1)
    first = attempts.begin(session, [ALVA], now=NOON)
    assert attempts.begin(session, [ALVA], now=NOON) == first
    assert attempts.failures(session, ALVA) == ACCOUNT.free + 1


def test_success_forgets_the_failures_of_an_account(session):
    now = fail(session, ALVA, ACCOUNT.free + 2)
    attempts.succeeded(session, [ALVA], now=now)
    assert attempts.failures(session, ALVA) == 0
    assert not attempts.begin(session, [ALVA], now=now)


def test_success_takes_back_only_its_own_attempt_on_an_address(session):
    fail(session, HALL, 10)
    attempts.succeeded(session, [HALL], now=NOON)
    assert attempts.failures(session, HALL) == 9


def test_failures_are_forgotten_after_a_quiet_hour(session):
    now = fail(session, ALVA, ACCOUNT.free + 3) + attempts.FORGOTTEN_AFTER
    assert not attempts.begin(session, [ALVA], now=now)
    assert attempts.failures(session, ALVA) == 1


def test_the_longest_of_several_waits_counts_and_a_barred_attempt_counts_on_none(session):
    fail(session, ALVA, ACCOUNT.free + 1)
    assert attempts.begin(session, [ALVA, HALL], now=NOON) == timedelta(seconds=2)
    assert attempts.failures(session, HALL) == 0


@pytest.mark.parametrize("order", [(ALVA, HALL), (HALL, ALVA)])
def test_attempts_sent_at_once_are_all_counted(database, order):
    """Each opens its own transaction, as two processes would; none may slip past the others."""
    passed, begin = [], threading.Barrier(8)

    def attempt():
        begin.wait()
        with database.writing() as session, session.begin():
            passed.append(not attempts.begin(session, order, now=NOON))

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == ACCOUNT.free + 1
    with database.reading() as session:
        assert attempts.failures(session, ALVA) == ACCOUNT.free + 1
