"""Answers that no form asked for: refused in words, and the task is as open as before."""

import math

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.errors import Refused
from workflows.operations import cases, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.models import Task

BAD = {
    "an unknown key": {"text": "Hej", "more": "x"},
    "a function's name": {"text": "Hej", "len": "x"},
    "a class": {"text": "Hej", "__class__": "x"},
    "the built-in names": {"text": "Hej", "builtins": {"a": "b"}},
    "five megabytes": {"text": "x" * 5_000_000},
    "five megabytes of another field": {"text": "Hej", "more": "x" * 5_000_000},
    "not a number": {"text": math.nan},
    "a list": {"text": ["Hej"]},
    "a mapping": {"text": {"text": "Hej"}},
    "nothing at all": {"text": None},
    "deep lists": {"text": [[[[[[[[]]]]]]]]},
    "a null character": {"text": "He\0j"},
    "half a surrogate": {"text": "He\ud800j"},
}


@pytest.fixture
def case(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    alva = city.actor("Alva")
    made = cases.start(
        session, find(session, "letter"), city.units["FARSTA"], 2027, by=alva, now=NOON
    )
    session.commit()
    return made


def test_answers_nobody_asked_for_are_refused_and_nothing_is_lost(session, city, case):
    alva, before = city.actor("Alva"), (case.engine_state, dict(case.data))
    task_id = session.scalars(sa.select(Task.id).where(Task.case_id == case.id)).one()

    def complete(raw, command):
        task = questions.task(session, task_id, by=alva, to_change=True)
        tasks.complete(session, task, raw, command=command, by=alva, now=NOON)

    for what, raw in BAD.items():
        with pytest.raises(Refused) as refusal:
            complete(raw, "bad")
        assert refusal.value.code, what
        session.rollback()
        session.refresh(case)
        assert (case.engine_state, dict(case.data)) == before, what
    complete({"text": "Hej"}, "good")
    session.commit()
    assert case.data["text"] == "Hej"
