"""The yearly analysis as people walk it: what the board decides is recorded in a browser."""

import json

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.cast import SYSTEM
from tests.processes import test_rsa_annual as rsa
from webapp import clock
from workflows.database import opened
from workflows.operations import cases, tasks
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Person, Unit
from workflows.organisation.roles import ROLES
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.models import Task

STEPS = (
    ("p1_scope", rsa.SCOPE | {"why:decides_by_rule": "Nämnden vill själv."}),
    ("p1_commit", rsa.COMMITMENTS), ("p1_crit", rsa.CRITICALITY),
    ("p1_area", {"area_functions": []}), ("p1_risk", rsa.RISKS), ("p1_vuln", rsa.VULNERABILITIES),
    ("p1_dep", rsa.DEPENDENCIES), ("p1_comm", rsa.COMMUNICATION), ("p1_actions", rsa.ACTIONS),
    ("p1_rev", {"approval": "approved"}), ("p1_secr", rsa.SECRECY), ("p1_tju", rsa.REPORT),
)  # fmt: skip


def this_year(raw):
    """What the tests answer in 2027, as if this were that year."""
    year, told = clock.now().year, json.dumps(raw)
    days = {
        "2027-03-09": f"{year}-03-09", "2027-09-01": f"{year}-12-30",
        "2028-05-31": f"{year + 1}-05-31", "2028-06-30": f"{year + 1}-06-30",
    }  # fmt: skip
    for then, now in days.items():
        told = told.replace(then, now)
    return json.loads(told)


@pytest.fixture
def analysis(server):
    """An analysis in Farsta, done up to a step; returns the addresses of its case and that step."""

    def start(upto):
        url = f"sqlite:///{server.data / 'arshjul.sqlite3'}"
        with opened(url) as database, database.writing() as session, session.begin():
            farsta = session.scalars(sa.select(Unit).where(Unit.code == "FARSTA")).one()
            held = frozenset(Held(role, farsta.id) for role in ROLES)
            people = [
                Actor(id=person.id, name=person.name, held=held)
                for person in session.scalars(sa.select(Person).order_by(Person.id).limit(2))
            ]
            case = cases.start(
                session, find(session, "rsa_annual"), farsta, clock.now().year,
                occasion=f"till {upto}", by=SYSTEM, now=clock.now(),
            )  # fmt: skip
            for element, raw in STEPS:
                if element == upto:
                    break
                wanted = sa.select(Task).where(
                    Task.case_id == case.id, Task.element == element, Task.closed_at.is_(None)
                )
                task = session.scalars(wanted).one_or_none()
                if task is None:
                    continue
                by = people[bool(task.not_by)]
                seen = questions.task(session, task.id, by=by, to_change=True)
                given, now = this_year(raw), clock.now()
                tasks.complete(session, seen, given, command=element, by=by, now=now)
            step = sa.select(Task.id).where(Task.case_id == case.id, Task.element == upto)
            return f"/cases/{case.id}", f"/tasks/{session.scalars(step).one()}"

    return start


def test_a_decision_is_recorded_word_for_word_and_referred_back_it_comes_again(visit, analysis):
    case, step = analysis("p1_board")
    one = visit().sign_in("samordnare@demo.test")
    page = one.go(step)
    one.look("decision")
    page.get_by_label("Rubrik i protokollet").fill("RSA")
    page.get_by_label("Nämnden eller styrelsen").check()
    page.get_by_label("Samordnare, med protokollsutdrag").check()
    page.get_by_label("Dag", exact=True).fill(f"{clock.now().year}-10-21")
    page.get_by_label("Paragraf").fill("§ 12")
    page.get_by_label("Återremiss").check()
    page.get_by_label("Beslutet, ordagrant").fill("Återremitteras.")
    page.get_by_role("button", name="Klar", exact=True).click()
    # what the board wants answered is asked for, and the extract that proves it
    expect(page.get_by_role("alert")).to_contain_text("Protokollsutdragets diarienummer")
    one.look("decision-refused")
    page.get_by_role("button", name="Lägg till").first.click()
    page.get_by_label("Punkt", exact=True).fill("Vad kostar det?")
    page.get_by_label("Protokollsutdragets diarienummer").fill("FAR 9")
    page.get_by_role("button", name="Klar", exact=True).click()
    page = one.go(case)
    expect(page.get_by_text("Ta fram handlingsplan").first).to_be_visible()
    assert one.axe() == []
