"""A decision is sealed to what it rests on: what changes that afterwards is seen, and told once."""

from dataclasses import replace
from io import BytesIO

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.operations.town import package
from workflows.canonical import parse
from workflows.cases.models import Case
from workflows.documents.receiving import receive
from workflows.documents.rows import of_case as files_of
from workflows.errors import Conflict, Invalid
from workflows.history.models import Event
from workflows.notices.models import Notice
from workflows.operations import (
    approving,
    cases,
    files,
    migrations,
    operators,
    publishing,
    tasks,
)
from workflows.operations.operators import Order
from workflows.operations.tasks import Ruling
from workflows.organisation.actor import Held
from workflows.processes.models import PartKind, VersionPart
from workflows.processes.rows import compiled, find
from workflows.queries import approvals as questions
from workflows.queries import cases as case_questions
from workflows.queries import standing
from workflows.tasks.approvals import Approval
from workflows.tasks.models import Task
from workflows.upkeep.verifying import verify
from workflows.work import run_due

MONTH = approving.AGAIN
WRITER = "[arshjul:role=security_coordinator,arshjul:form=letter/{0}]"
NODES = (
    f"start:s user:plan{WRITER.format('plan')} user:write{WRITER.format('write')} "
    "user:approve[arshjul:role=director,arshjul:kind=review,arshjul:notBy=write,"
    f"arshjul:form=letter/approve] xor:good user:send{WRITER.format('send')} end:sent"
)
FLOWS = (
    "s plan; plan write; write approve; approve good; good send | approval == 'yes'; "
    "good write | default; send sent"
)
FORKED = "s plan; plan split; split write; split send; write join; send join; join approve"


def plan(end="sent"):
    """Plan, then write, then a review, then sending."""
    forms = dict(packages.letter().forms)
    for name in ("plan", "send"):
        forms[f"letter/{name}"] = forms["letter/write"].replace(b'"text"', f'"{name}"'.encode())
    drawn = package("letter", NODES.replace("sent", end), FLOWS.replace("sent", end))
    return replace(drawn, forms=forms)


@pytest.fixture
def case(session, city):
    """A letter of Alva's with a file, before Bo decides."""
    publishing.publish(session, plan(), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    session.add(
        VersionPart(
            version_id=process.active_version.id, kind=PartKind.TABLE, name="rate", content=b"1"
        )
    )
    made = cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)
    attach(session, city, made, "Underlaget")
    do(session, city, "plan", "Alva", {"plan": "Kort"})
    do(session, city, "write", "Alva", {"text": "Hej"})
    session.commit()
    return made


def attach(session, city, case, says, name="underlag.txt"):
    given = receive(name, BytesIO(says.encode()))
    return files.attach(session, case, given, by=city.actor("Alva"), now=NOON)


def opened(session, city, element, name):
    wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
    by = city.actor(name)
    return case_questions.task(session, session.scalars(wanted).one(), by=by, to_change=True)


def do(session, city, element, name, raw, ruling=None):
    task = opened(session, city, element, name)
    by, command = city.actor(name), f"{element}-{task.id}"
    tasks.complete(session, task, raw, command=command, ruling=ruling, by=by, now=NOON)
    return task


def approve(session, city):
    do(session, city, "approve", "Bo", {"approval": "yes"})
    session.commit()
    return session.scalars(sa.select(Approval).order_by(Approval.id.desc())).first()


def operate(session, city, case, verb, *given, name="Disa"):
    loaded = case_questions.case_to_operate(session, case.id, by=city.actor(name), to_change=True)
    order = Order("Det behövs", verb.__name__, loaded.revision)
    verb(session, loaded, *given, order, by=city.actor(name), now=NOON)


def told(session):
    wanted = sa.select(Notice.person_id).where(Notice.kind == "approval_broken")
    return sorted(session.scalars(wanted))


def parts(session, one):
    session.expire_all()
    found = questions.differences(session, session.get_one(Case, 1), [one])
    return {each.part for each in found[one.id]}


def correct(session, database, city, case):
    operate(session, city, case, operators.correct_data, {"text": "Hej då"})


def new_file(session, database, city, case):
    attach(session, city, case, "Ett annat")


def remove_file(session, database, city, case):
    (file,) = files_of(session, case.id)
    files.remove(session, file, "Fel fil", by=city.actor("Alva"), now=NOON)


def migrate(session, database, city, case):
    version = publishing.publish(session, plan("gone"), by=SYSTEM, now=NOON)
    made = migrations.prepare(session, version, by=city.actor("Gun"), now=NOON)
    migrations.apply(session, made, by=city.actor("Gun"), now=NOON)
    session.commit()
    run_due(database, now=NOON)


DEEDS = [
    (correct, {"data"}),
    (new_file, {"files"}),
    (remove_file, {"files"}),
    (migrate, {"diagram", "tables"}),
]


@pytest.mark.parametrize(("deed", "broken"), DEEDS, ids=lambda one: getattr(one, "__name__", ""))
def test_what_changes_the_sealed_breaks_the_approval_and_tells_once(
    database, session, city, case, deed, broken
):
    one = approve(session, city)
    assert questions.differences(session, case, [one]) == {one.id: []}
    deed(session, database, city, case)
    assert parts(session, one) == broken
    assert one.broken_at is not None
    people = sorted(city.people[name].id for name in ("Bo", "Gun"))
    assert told(session) == people
    event = session.scalars(sa.select(Event).where(Event.kind == "approval_broken")).one()
    assert parse(event.what)["parts"] == sorted(broken)
    session.commit()
    run_due(database, now=NOON + MONTH)
    session.expire_all()
    attach(session, city, case, "En till gång")
    assert told(session) == people
    assert not [one for one in verify(database).faults if one.code.startswith("approval")]


OTHER = '{"plan":"Kort","text":"Nej","approval":"yes"}'
BEHIND = {
    "data": ('UPDATE "case" SET data = :to', OTHER),
    "diagram": ("UPDATE version SET source = :to", b"<changed/>"),
    "tables": ("UPDATE version_part SET content = :to WHERE name = 'rate'", b"2"),
    "forms": ("UPDATE version_part SET content = :to WHERE name = 'letter/write'", b"{}"),
    "seal": ("UPDATE approval SET outcome = :to", "no"),
    "files": ("UPDATE file SET name = :to", "annat.txt"),
    "bytes": ("UPDATE chunk SET data = :to", b"Inget"),
}


@pytest.mark.parametrize("part", BEHIND)
def test_what_is_changed_behind_the_application_is_seen_on_the_page_by_verify_and_told_once(
    database, session, city, case, part
):
    one = approve(session, city)
    statement, to = BEHIND[part]
    session.execute(sa.text(statement), {"to": to})
    session.commit()
    if part != "bytes":
        assert parts(session, one) == {part}
    session.commit()
    faults = [fault for fault in verify(database).faults if fault.code.startswith("approval")]
    assert [(fault.code, fault.n) for fault in faults] == [
        ("approval_forged" if part == "seal" else "approval_changed", one.id)
    ]
    for day in (1, 2):
        run_due(database, now=NOON + day * MONTH)
    session.expire_all()
    assert len(told(session)) == 2


def test_what_later_steps_add_leaves_the_approval_whole(database, session, city, case):
    one = approve(session, city)
    do(session, city, "send", "Alva", {"send": "I går"})
    attach_refused = case.closed_at is not None
    session.commit()
    run_due(database, now=NOON + MONTH)
    session.expire_all()
    assert attach_refused
    assert parts(session, one) == set()
    assert told(session) == []
    assert one.check_at == NOON + MONTH + approving.AGAIN_WHEN_OVER  # the case is over
    report = verify(database)
    assert (report.faults, report.approvals) == ((), 1)


def test_the_record_tells_the_seal_and_who_decided_for_whom(session, city, case):
    alva, unit = city.people["Frida"].id, city.units["FARSTA"].id
    deputy = replace(city.actor("Jon"), held=frozenset({Held("director", unit, via_id=alva)}))
    task = case_questions.task(session, 3, by=deputy, to_change=True)
    tasks.complete(session, task, {"approval": "yes"}, command="x", by=deputy, now=NOON)
    one = session.scalars(sa.select(Approval)).one()
    event = session.scalars(sa.select(Event).where(Event.step == "approve")).one()
    assert parse(event.what)["approval"] == one.hash == questions.seal_of(one)
    assert (one.by_id, one.for_id, one.outcome, one.at) == (deputy.id, alva, "yes", NOON)
    assert one.content["data"] == {"plan": "Kort", "text": "Hej"}
    assert one.steps == ["plan", "write"]


def test_work_taken_up_again_by_the_diagram_overtakes_the_approval_and_breaks_nothing(
    session, city, case
):
    do(session, city, "approve", "Bo", {"approval": "no"}, Ruling("Skriv mer"))
    first = session.scalars(sa.select(Approval)).one()
    assert (first.is_approving, first.why, first.check_at) == (False, "Skriv mer", None)
    do(session, city, "write", "Alva", {"text": "Hej igen"})
    one = approve(session, city)
    assert questions.last_round(questions.of_case(session, case), one.task) is first
    assert [each.id for each in questions.in_force(session, case)] == [one.id]
    assert told(session) == []


def test_work_an_operator_moved_back_to_must_be_approved_anew(session, city, case):
    one = approve(session, city)
    (thing,) = standing.open_things(session, case)
    operate(session, city, case, operators.move, thing, "write")
    assert questions.in_force(session, case) == [one]  # moved, but still what was approved
    do(session, city, "write", "Alva", {"text": "Något annat"})
    assert questions.in_force(session, case) == []


def test_a_review_is_sent_back_to_an_earlier_step_that_the_diagram_leads_on_from(
    session, city, case
):
    task = opened(session, city, "approve", "Bo")
    assert questions.ways_back(session, task) == ["write", "plan"]
    for ruling, raw, error, code in (
        (Ruling("Tänk om", back_to="send"), {"approval": "no"}, Conflict, "cannot_move"),
        (Ruling("Tänk om", back_to="approve"), {"approval": "no"}, Conflict, "cannot_move"),
        (Ruling("Tänk om", back_to="plan"), {"approval": "yes"}, Conflict, "cannot_move"),
        (Ruling(" ", back_to="plan"), {"approval": "no"}, Invalid, "reason_missing"),
        (Ruling("", is_changed=True), {"approval": "yes"}, Invalid, "reason_missing"),
        (Ruling("Så", is_changed=True), {"approval": "no"}, Conflict, "cannot_move"),
    ):
        with pytest.raises(error) as refusal:
            do(session, city, "approve", "Bo", raw, ruling)
        assert refusal.value.code == code
        session.rollback()
    do(session, city, "approve", "Bo", {"approval": "no"}, Ruling("Tänk om", back_to="plan"))
    assert [one.element for one in standing.open_things(session, case)] == ["plan"]
    assert case.data["approval"] == "no"
    event = session.scalars(sa.select(Event).where(Event.step == "approve")).one()
    assert (event.kind, event.why) == ("task_completed", "Tänk om")
    do(session, city, "plan", "Alva", {"plan": "Långt"})
    do(session, city, "write", "Alva", {"text": "Hej"})
    do(session, city, "approve", "Bo", {"approval": "yes"})  # to send back is to decide, not to do


def test_an_approval_with_a_change_says_what_was_changed(session, city, case):
    ruling = Ruling("Stryk sista meningen", is_changed=True)
    do(session, city, "approve", "Bo", {"approval": "yes"}, ruling)
    one = session.scalars(sa.select(Approval)).one()
    assert (one.outcome, one.why, one.is_approving) == ("approved_changed", ruling.why, True)
    assert [each.element for each in standing.open_things(session, case)] == ["send"]


@pytest.mark.parametrize(
    ("element", "leads"), [("plan", True), ("write", False), ("send", False), ("approve", False)]
)
def test_a_join_waits_for_all_its_ways_so_one_way_alone_does_not_lead_back(
    session, city, element, leads
):
    nodes = NODES.replace("xor:good", "and:split and:join")
    drawn = package("letter", nodes, f"{FORKED}; approve sent")
    version = publishing.publish(session, replace(plan(), source=drawn.source), by=SYSTEM, now=NOON)
    assert questions.leads_back(compiled(version).description, element, "approve") is leads


def test_a_round_is_held_against_the_same_quarter_or_else_the_one_right_before(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process, farsta = find(session, "letter"), city.units["FARSTA"]
    made = {
        (year, occasion): cases.start(
            session, process, farsta, year, occasion=occasion, by=SYSTEM, now=NOON + n * MONTH
        )
        for n, (year, occasion) in enumerate(
            [(2026, "Q1"), (2026, "Q2"), (2027, "Q1"), (2027, "Q2"), (2027, "Q3")]
        )
    }
    session.flush()

    def before(*key):
        found = questions.case_before(session, made[key])
        return found and (found.year, found.occasion)

    assert before(2027, "Q2") == (2026, "Q2")
    assert before(2027, "Q3") == (2027, "Q2")
    assert before(2026, "Q2") == (2026, "Q1")
    assert before(2026, "Q1") is None
