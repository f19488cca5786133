"""Whatever people answer, no shipped process stops: each is walked at random by the real verbs."""

import json
from random import Random

import pytest
import sqlalchemy as sa

from tests.cast import SYSTEM
from tests.processes.answering import answered
from tests.processes.walking import PACKAGES
from workflows.cases.models import CaseState, Timer
from workflows.history.models import Event
from workflows.operations.advance import task_facts
from workflows.operations.levels import choose_level
from workflows.processes.rows import compiled, find, form
from workflows.processes.starts import occasions
from workflows.registers.models import Entry, EntryState
from workflows.steering.levels import LEVELS
from workflows.tasks.models import Task

KEYS = sorted(PACKAGES.keys() - {"yearly_review"})  # its rows come from a list of the city
STARTS = {"rsa_annual": ["psa"], "exercise_plan": ["exercise"]}
MOST_STEPS = 60


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("key", KEYS)
def test_no_case_gets_stuck_whatever_is_answered(walk, key, seed):
    random = Random(f"{key} {seed}")  # noqa: S311 (tests need no secrets)
    walked = walk(key)
    walked.city.units["FARSTA"].has_geographic_area = random.random() < 0.5
    for other in STARTS.get(key, ()):
        walked.offer(other)
    drawn = compiled(find(walked.session, key).active_version).description
    at = walked.begin(
        "STAD" if "city" in drawn.per else "FARSTA",
        occasion=random.choice([*occasions(drawn.starts)] or [""]),
    )
    level = random.choice(LEVELS)  # every form can be completed at every level
    choose_level(at.session, at.case.unit, at.case.process, level, by=SYSTEM, now=at.now)
    for _ in range(MOST_STEPS):
        if at.case.state is CaseState.FINISHED:
            break
        wanted = sa.select(Task).where(Task.case_id == at.case.id, Task.closed_at.is_(None))
        if tasks := at.session.scalars(wanted.order_by(Task.id)).all():
            task = random.choice(tasks)
            asked = form(at.session, at.case.version, task.form)
            facts = task_facts(at.session, task, asked, now=at.now)
            at.do_task(task, answered(asked, facts, random))
            continue
        waiting = sa.select(Timer.element).where(
            Timer.case_id == at.case.id, Timer.closed_at.is_(None), Timer.fired_at.is_(None)
        )
        elements = at.session.scalars(waiting).all()
        assert elements, "nothing is open and nothing is waited for"
        at.let_pass(random.choice(elements))
    told = sa.select(Event.what).where(Event.case_id == at.case.id)
    known = {
        one["id"]
        for what in at.session.scalars(told)
        for one in json.loads(what or "{}").get("entries", ())
    }
    made = at.session.scalars(sa.select(Entry).where(Entry.case_id == at.case.id)).all()
    assert {entry.id for entry in made} <= known, "history tells of every row of a register"
    if at.case.state is CaseState.FINISHED:
        assert not [entry for entry in made if entry.state is EntryState.PROPOSED]
