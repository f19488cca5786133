"""Processes that are killed, and processes that get in each other's way; more of it in bench/."""

from bench import crash, hammer


def test_what_twenty_kills_leave_behind_is_explained_by_history_and_goes_on(url, city, session):
    session.close()
    killed, done = crash.survive(url, kills=20)
    assert killed == 20
    assert done > 0


def test_each_completion_of_the_same_cases_is_told_to_one_process(url, city, session, kind):
    session.close()
    done, _late = hammer.hammer(url, 2 if kind == "sqlite" else 4, seconds=5)
    assert done > 0
