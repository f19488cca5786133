import hashlib
import threading

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from workflows.canonical import canonical_text, instant_text
from workflows.history.models import CITY, Chain, Event
from workflows.history.rows import START, digest_of, hash_of, record


def events(session):
    return list(session.scalars(sa.select(Event).order_by(Event.id)))


def test_an_event_is_a_link_of_its_chain(session):
    record(session, "signed_in", by=SYSTEM, now=NOON, what={"how": "password"})
    record(session, "signed_out", by=SYSTEM, now=NOON)
    first, second = events(session)
    assert (first.chain, first.n, second.n) == (CITY, 1, 2)
    for event, previous in ((first, START), (second, first.hash)):
        header = {
            "chain": event.chain,
            "n": event.n,
            "at": event.at,
            "actor_id": event.actor_id,
            "acting_for_id": event.acting_for_id,
            "kind": event.kind,
            "case_id": event.case_id,
            "unit_id": event.unit_id,
            "step": event.step,
            "digest": event.digest,
        }
        assert event.hash == hash_of(previous, header)
    assert session.get_one(Chain, CITY).hash == second.hash


def test_the_digest_is_what_the_description_says_and_not_only_what_the_code_does(session):
    record(session, "signed_in", by=SYSTEM, now=NOON, what={"b": 1, "a": NOON}, why="för att")
    (event,) = events(session)
    told = canonical_text({"what": {"a": instant_text(NOON), "b": 1}, "why": "för att"})
    salted = bytes.fromhex(event.salt) + told.encode()
    assert event.digest == hashlib.sha256(salted).hexdigest()
    assert event.digest == digest_of(event.salt, event.what, event.why)


def test_two_events_that_tell_the_same_do_not_look_the_same(session):
    for _ in range(2):
        record(session, "signed_in", by=SYSTEM, now=NOON, what={"how": "password"})
    first, second = events(session)
    assert first.digest != second.digest


def test_a_kind_outside_the_list_is_refused(session):
    with pytest.raises(KeyError):
        record(session, "something_happened", by=SYSTEM, now=NOON)
    assert events(session) == []


def test_writers_at_the_same_time_make_one_unbroken_chain(database, session):
    def write() -> None:
        for _ in range(10):
            with database.writing() as mine, mine.begin():
                record(mine, "signed_in", by=SYSTEM, now=NOON)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.n for event in events(session)] == list(range(1, 41))
