"""What a form is asked with: last year's answers, who may be chosen, the level, the secrecy."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.packages import listing
from workflows.errors import Invalid
from workflows.history.models import Event
from workflows.operations import advance, cases, publishing, tasks
from workflows.operations.levels import choose_level
from workflows.processes.models import Secrecy
from workflows.processes.rows import find, form
from workflows.tasks.models import Task
from workflows.tasks.rows import find as load

RISKS = [{"title": "El borta", "value": "9", "kind": "nature"}, {"title": "Brand", "value": "4"}]

_OPEN = sa.select(Task.id).where(Task.closed_at.is_(None))


@pytest.fixture
def step(session, city):
    """Start a case of a year and give its first task, with what its form knows."""
    made = {}

    def opened(year, *, secrecy="internal", unit="FARSTA"):
        if secrecy not in made:
            publishing.publish(session, listing(secrecy), by=SYSTEM, now=NOON)
            made[secrecy] = True
        now = NOON + timedelta(days=365 * (year - 2027))
        process = find(session, "listing")
        case = cases.start(session, process, city.units[unit], year, by=SYSTEM, now=now)
        return session.scalars(sa.select(Task).where(Task.case_id == case.id)).one()

    return opened


def facts(session, task):
    definition = form(session, task.case.version, task.form)
    return advance.task_facts(session, task, definition, now=NOON)


def done(session, city, task, **raw):
    raw = {"text": "workshop", "risks": RISKS} | raw
    task = load(session, task.id)
    tasks.complete(session, task, raw, command=f"c{task.id}", by=city.actor("Alva"), now=NOON)


def test_last_year_s_answers_come_along_and_the_verdict_is_kept(session, city, step):
    done(session, city, step(2026))
    task = step(2027)
    assert facts(session, task).since == "2026"
    assert facts(session, task).previous["risks"][0]["title"] == "El borta"
    with pytest.raises(Invalid):
        done(session, city, task, risks=RISKS[:1])
    reason = {"why:gone:risks": "Huset är sålt."}
    done(session, city, task, risks=[*RISKS[:1], {"title": "Ny"}], **reason)
    gone, told, plain = task.remarks
    assert (gone["rule"], gone["reason"]) == ("gone", "Huset är sålt.")
    assert told["carried"] == {
        "field": "risks", "since": "2026",
        "kept": ["El borta"], "changed": [], "added": ["Ny"], "dropped": ["Brand"],
    }  # fmt: skip
    assert plain["carried"]["kept"] == ["Metod"]
    event = session.scalars(sa.select(Event).where(Event.kind == "task_completed")).all()[-1]
    assert "Huset är sålt." in event.what


def test_a_cancelled_another_s_or_a_more_secret_case_is_no_last_year(session, city, step):
    assert facts(session, step(2025, unit="BROMMA")).previous.get("risks") in (None, [])
    done(session, city, step(2026))
    first = step(2027)
    assert facts(session, first).since == "2026"
    first.case.secrecy = Secrecy.SECRET
    session.flush()
    assert facts(session, step(2028)).since == "2026"


def test_those_near_the_case_who_may_see_it_can_be_chosen(session, city, step):
    names = set(facts(session, step(2027)).among("person").values())
    assert {"Alva", "Anton", "Bo", "Disa", "Frida"} <= names
    assert not {"Cleo", "Jon"} & names


def test_in_a_secret_case_only_who_sees_it_can_be_chosen(session, city, step):
    seen = facts(session, step(2027, secrecy="sec"))
    assert set(seen.among("person").values()) == {"Hedda"}
    assert seen.secret


def test_who_has_left_cannot_be_chosen_but_is_still_named(session, city, step):
    task, anton = step(2027), city.people["Anton"]
    lead = str(anton.id)
    done(session, city, task, risks=[RISKS[0] | {"lead": lead}])
    anton.closed_at = NOON
    session.flush()
    after = facts(session, task)
    assert lead not in after.among("person")
    assert after.known["person"][lead] == "Anton"
    with pytest.raises(Invalid) as refused:
        done(session, city, step(2028), risks=[RISKS[0] | {"lead": lead}])
    assert refused.value.problems.errors[0].code == "person_left"


def test_what_a_lower_level_does_not_ask_for_is_kept_from_the_round_before(session, city, step):
    task = step(2027)
    process = find(session, "listing")
    assert facts(session, task).tier == "min"
    by = city.actor("Alva")
    choose_level(session, city.units["FARSTA"], process, "full", by=by, now=NOON)
    done(session, city, task, risks=[RISKS[0] | {"deep": "Mer"}])
    choose_level(session, city.units["FARSTA"], process, "min", by=by, now=NOON)
    review = load(session, session.scalars(_OPEN).one())
    by_bo = city.actor("Bo")
    tasks.complete(session, review, {"approval": "no"}, command="r", by=by_bo, now=NOON)
    again = load(session, session.scalars(_OPEN).one())
    done(session, city, again, risks=[RISKS[0] | {"value": "10"}])
    assert again.case.data["risks"][0] | {"lead": None} == {
        "title": "El borta", "kind": "nature", "value": 10, "lead": None, "deep": "Mer"
    }  # fmt: skip


def test_no_draft_of_a_secret_case_keeps_what_looks_like_a_marking(session, city, step):
    task = load(session, step(2027, secrecy="sec").id)
    raw = {"risks": [{"title": "KVALIFICERAT HEMLIG"}]}
    with pytest.raises(Invalid, match="class_marking"):
        tasks.save_draft(session, task, raw, seen=0, by=city.actor("Alva"), now=NOON)
    tasks.save_draft(session, task, {"text": "x"}, seen=0, by=city.actor("Alva"), now=NOON)
