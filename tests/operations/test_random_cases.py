"""Random diagrams run by the verbs, from rows alone at times, as the token game says; and history
tells afterwards how each stood after every deed."""

import json
import random
from collections import Counter
from datetime import timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import NOON, SYSTEM
from tests.engine.random_diagrams import CONDITIONS, answers, blocks, drawn
from tests.engine.token_game import Game
from tests.folding import as_told, by_rows
from workflows.cases.models import CaseState
from workflows.engine.living import forget_all
from workflows.history.folding import folded
from workflows.history.models import Event
from workflows.operations import cases, publishing, tasks
from workflows.processes.packages import Package
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.models import Task

TASK = "[arshjul:role=security_coordinator,arshjul:form=p/again]"
WORDS = {"sv": "Igen?", "en": "Again?"}
FORM = json.dumps({
    "title": WORDS,
    "schema": {"type": "object", "properties": {"again": {"type": "boolean"}}},
    "labels": {"again": {"label": WORDS}},
    "layout": [{"id": "only", "fields": ["again"]}],
}).encode()  # fmt: skip


@settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
@given(blocks, answers, st.integers(0, 2**32))
def test_what_is_open_is_what_the_token_game_has_open(session, city, shape, data, seed):
    chance = random.Random(seed)  # noqa: S311  # which task comes first is no secret
    key = f"p{session.scalar(sa.text('SELECT count(*) FROM process'))}"
    drawing = drawn(shape, attributes=TASK, process=f'id="p" name="P" arshjul:key="{key}"')
    package = Package(key, drawing.xml(), {"p/again": FORM}, {})
    publishing.publish(session, package, by=SYSTEM, now=NOON)
    process, unit, alva = find(session, key), city.units["FARSTA"], city.actor("Alva")
    known = {**data, "again": False}
    case = cases.start(session, process, unit, 2027, by=alva, now=NOON, data=known)
    session.commit()
    game, stood = Game(drawing.net(), dict(known)), {NOON: by_rows(session, case)}
    for number in range(25):
        now = NOON + timedelta(hours=number + 1)
        wanted = sa.select(Task.id, Task.element).where(
            Task.case_id == case.id, Task.closed_at.is_(None)
        )
        rows = session.execute(wanted.order_by(Task.id)).all()
        assert Counter(element for _, element in rows) == +game.open
        if not rows:
            break
        task_id, element = chance.choice(rows)
        again = chance.random() < 0.3
        game.data["again"] = again
        game.complete(element)
        task = questions.task(session, task_id, by=alva, to_change=True)
        raw = {"again": str(again).lower()}
        if chance.random() < 0.3:
            tasks.claim(session, task, by=alva, now=now)
        tasks.complete(session, task, raw, command=f"{key}-{number}", by=alva, now=now)
        if chance.random() < 0.2:
            session.rollback()  # a process that died before it committed: it is done again
            task = questions.task(session, task_id, by=alva, to_change=True)
            tasks.complete(session, task, raw, command=f"{key}-{number}", by=alva, now=now)
        session.commit()
        stood[now] = by_rows(session, case)
        if chance.random() < 0.5:
            session.expire_all()
            forget_all()  # as after a restart: the rows are all there is
    assert (case.state is CaseState.FINISHED) == game.finished
    assert set(CONDITIONS) <= set(case.data)
    events = session.scalars(sa.select(Event).where(Event.case_id == case.id).order_by(Event.n))
    happened = events.all()
    for at, rows in stood.items():
        then = folded(happened, until=at)
        assert then is not None
        assert as_told(then) == rows
