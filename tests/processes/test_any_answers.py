"""Whatever people answer, no shipped process stops: each is walked at random by the real verbs."""

from datetime import date
from random import Random

import pytest
import sqlalchemy as sa

from tests.processes.answering import answered, broken
from tests.processes.walking import PACKAGES
from workflows.cases.models import CaseState, Timer
from workflows.forms import Answers, Facts, check, read_form
from workflows.operations.advance import form_facts
from workflows.processes.rows import compiled, find, form
from workflows.processes.starts import occasions
from workflows.tasks.models import Task

KEYS = sorted(PACKAGES.keys() - {"yearly_review"})  # its rows come from a list of the city
MOST_STEPS = 60
FORMS = {
    name: read_form(content)
    for package in PACKAGES.values()
    for name, content in package.forms.items()
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("key", KEYS)
def test_no_case_gets_stuck_whatever_is_answered(walk, key, seed):
    random = Random(f"{key} {seed}")  # noqa: S311 (tests need no secrets)
    walked = walk(key)
    walked.city.units["FARSTA"].has_geographic_area = random.random() < 0.5
    if key == "exercise_plan":
        walked.also("exercise")
    drawn = compiled(find(walked.session, key).active_version).description
    at = walked.begin(
        "STAD" if "city" in drawn.per else "FARSTA",
        occasion=random.choice([*occasions(drawn.starts)] or [""]),
    )
    for _ in range(MOST_STEPS):
        if at.case.state is CaseState.FINISHED:
            break
        wanted = sa.select(Task).where(Task.case_id == at.case.id, Task.closed_at.is_(None))
        if tasks := at.session.scalars(wanted.order_by(Task.id)).all():
            task = random.choice(tasks)
            asked = form(at.session, at.case.version, task.form)
            facts = form_facts(at.case, now=at.now, item=task.item)
            at.do_task(task, answered(asked, facts, random))
            continue
        waiting = sa.select(Timer.element).where(
            Timer.case_id == at.case.id, Timer.closed_at.is_(None), Timer.fired_at.is_(None)
        )
        elements = at.session.scalars(waiting).all()
        assert elements, "nothing is open and nothing is waited for"
        at.let_pass(random.choice(elements))


@pytest.mark.parametrize("name", FORMS)
def test_every_field_refuses_what_it_cannot_hold(name):
    known = {"today": date(2027, 3, 2), "year": 2027, "case": {"decider": "board"},
             "unit": {"has_geographic_area": True}}  # fmt: skip
    held = {one.name: [] for one in FORMS[name].fields if one.kind == "rows"}
    facts = Facts(names=held | known)
    for field, raw in broken(FORMS[name]):
        found = check(FORMS[name], {field: raw}, facts)
        assert not isinstance(found, Answers)
        if not any(each.name == field for each in found.errors):
            shown = [one for section in FORMS[name].sections for one in section.fields]
            assert any(one.name == field and not facts.offers(one) for one in shown), field
