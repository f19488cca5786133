"""Attacks on four eyes: every way round to approve what one has had a hand in."""

import contextlib
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.engine.drawing import event
from tests.operations.town import ASK, package
from workflows.cases.messages import Wait
from workflows.errors import Forbidden, Invalid
from workflows.operations import cases, handovers, messages, publishing, tasks
from workflows.operations.operators import Order
from workflows.organisation.actor import Held
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.models import Task


class Attack:
    """The letter of Farsta, and people with whatever roles an attack gives them."""

    def __init__(self, session, city):
        self.session, self.city = session, city
        self.farsta = city.units["FARSTA"].id

    def by(self, name, *roles, instead_of=None):
        """Somebody with more roles in Farsta, perhaps in the place of somebody absent."""
        via = self.city.people[instead_of].id if instead_of else None
        more = {Held(role, self.farsta, via_id=via) for role in roles}
        person = self.city.actor(name)
        return replace(person, held=person.held | more)

    def task(self, element, by):
        wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
        return questions.task(
            self.session, self.session.scalars(wanted).one(), by=by, to_change=True
        )

    def write(self, by):
        task = self.task("write", by)
        tasks.complete(self.session, task, {"text": "Hej"}, command=f"w{task.id}", by=by, now=NOON)

    def draft(self, by):
        tasks.save_draft(
            self.session, self.task("write", by), {"text": "He"}, seen=0, by=by, now=NOON
        )

    def decide(self, by, answer="yes"):
        task, raw = self.task("approve", by), {"approval": answer}
        tasks.complete(self.session, task, raw, command=f"a{task.id}", by=by, now=NOON)

    def claim(self, by):
        tasks.claim(self.session, self.task("approve", by), by=by, now=NOON)

    def give(self, verb, by, to):
        task, person = self.task("approve", by), self.city.people[to]
        verb(self.session, task, person, "Du hinner", command="give", by=by, now=NOON)


def own_work(at):
    at.write(at.by("Alva"))
    at.decide(at.by("Alva"))


def own_work_in_another_role(at):
    at.write(at.by("Alva"))
    at.decide(at.by("Alva", "director"))


def own_work_as_a_deputy(at):
    at.write(at.by("Alva"))
    at.decide(at.by("Alva", "director", instead_of="Bo"))


def the_work_of_whom_one_stands_in_for(at):
    at.write(at.by("Alva"))
    at.decide(at.by("Jon", "security_coordinator", instead_of="Alva"))


def work_done_in_ones_name(at):
    at.write(at.by("Jon", "security_coordinator", instead_of="Anton"))
    at.decide(at.by("Anton"))


def work_done_in_the_name_of_another(at):
    at.write(at.by("Jon", "security_coordinator", instead_of="Alva"))
    at.decide(at.by("Jon", "director", instead_of="Bo"))


def own_work_taken_first(at):
    at.write(at.by("Alva"))
    at.claim(at.by("Alva"))
    at.decide(at.by("Alva"))


def own_work_given_to_oneself_as_a_leader(at):
    at.write(at.by("Alva"))
    at.give(handovers.reassign, at.by("Alva", "director"), "Alva")


def own_work_handed_over_by_who_may(at):
    at.write(at.by("Alva"))
    at.claim(at.by("Bo"))
    at.give(handovers.delegate, at.by("Bo"), "Alva")


def a_draft_one_typed_and_another_handed_in(at):
    at.draft(at.by("Anton"))
    at.write(at.by("Alva"))
    at.decide(at.by("Anton"))


def a_draft_one_typed_as_a_stand_in(at):
    at.draft(at.by("Jon", "security_coordinator", instead_of="Anton"))
    at.write(at.by("Alva"))
    at.decide(at.by("Jon", "director", instead_of="Bo"))


def a_draft_somebody_typed_in_ones_name(at):
    at.draft(at.by("Jon", "security_coordinator", instead_of="Anton"))
    at.write(at.by("Alva"))
    at.decide(at.by("Anton"))


def work_done_after_one_sent_it_back_oneself(at):
    at.write(at.by("Alva"))
    both = at.by("Bo", "security_coordinator")
    at.decide(both, "no")
    at.write(both)
    at.decide(both)


def a_decision_taken_while_one_had_the_role(at):
    at.write(at.by("Alva"))
    at.claim(at.by("Bo"))
    at.decide(replace(at.by("Bo"), held=frozenset({Held("legal", at.farsta)})))


ATTACKS = [
    own_work,
    own_work_in_another_role,
    own_work_as_a_deputy,
    the_work_of_whom_one_stands_in_for,
    work_done_in_ones_name,
    work_done_in_the_name_of_another,
    own_work_taken_first,
    own_work_given_to_oneself_as_a_leader,
    own_work_handed_over_by_who_may,
    a_draft_one_typed_and_another_handed_in,
    a_draft_one_typed_as_a_stand_in,
    a_draft_somebody_typed_in_ones_name,
    work_done_after_one_sent_it_back_oneself,
    a_decision_taken_while_one_had_the_role,
]


def test_nobody_approves_what_they_have_had_a_hand_in(session, city):
    """All the attacks on one city: each on a letter of its own, which another may then approve."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    at, stood = Attack(session, city), []
    for year, attack in enumerate(ATTACKS, 2030):
        letter = find(session, "letter")
        cases.start(session, letter, city.units["FARSTA"], year, by=SYSTEM, now=NOON)
        session.commit()
        with contextlib.suppress(Forbidden, Invalid):
            attack(at)
            stood.append(attack.__name__)
            continue
        at.task("approve", at.by("Bo")).assignee_id = None
        at.decide(at.by("Disa", "director"))  # from outside, with the role and no hand in it
    assert stood == []


def test_who_told_a_case_by_a_message_does_not_review_what_it_said(session, city):
    nodes = (
        "start:s user:write[arshjul:role=security_coordinator] catch:c "
        "user:approve[arshjul:role=director,arshjul:kind=review,arshjul:notBy=write] end:e"
    )
    drawn = package(
        "told", nodes, "s write; write c; c approve; approve e", {"c": event("message", "ask")},
        beside=ASK.replace("{key}", "'A'"),
    )  # fmt: skip
    publishing.publish(session, drawn, by=SYSTEM, now=NOON)
    case = cases.start(
        session, find(session, "told"), city.units["FARSTA"], 2027, by=SYSTEM, now=NOON
    )
    at = Attack(session, city)
    writing = at.task("write", at.by("Alva"))
    tasks.complete(session, writing, {}, command="w", by=at.by("Alva"), now=NOON)
    central = Held("central_security", city.units["STAD"].id)
    bo = replace(city.actor("Bo"), held=city.actor("Bo").held | {central})
    loaded = questions.case_to_operate(session, case.id, by=bo, to_change=True)
    order = Order("Per telefon", "m", loaded.revision)
    wait = session.scalars(sa.select(Wait)).one()
    messages.send_message(session, loaded, wait, {"amount": 3}, order, by=bo, now=NOON)
    with pytest.raises(Forbidden):
        at.decide(bo)
