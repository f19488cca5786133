"""From a draft to what runs: who may, what it takes, and what reaches running cases."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.operations.test_migrations import changed, start, tick
from workflows.cases.models import Case
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.notices.models import Notice
from workflows.operations import proposing, publishing, reviewing, shelving, workshop
from workflows.operations.workshop import Change
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Holding, Person
from workflows.permissions import Deed, may
from workflows.processes import judging
from workflows.processes.checking import check
from workflows.processes.rows import find
from workflows.processes.workshop import ProposalState
from workflows.queries import notices
from workflows.queries import workshop as questions
from workflows.tasks.models import Task

LETTER = packages.letter()
MANUAL = (b'name="Skriv brevet"', b'name="Skriv ett brev"')
LATER = (b"T1 - 10wd", b"T1 - 5wd")
DAY = timedelta(days=1)


@pytest.fixture
def owners(session, city):
    """Gun, and Jon who is made a process owner too."""
    stad = city.units["STAD"].id
    session.add(Holding(role="process_owner", unit_id=stad, person_id=city.people["Jon"].id))
    session.flush()
    jon = Actor(city.people["Jon"].id, "Jon", frozenset({Held("process_owner", stad)}))
    return city.actor("Gun"), jon


def letter(session, secrecy="internal"):
    publishing.publish(session, packages.letter(secrecy), by=SYSTEM, now=NOON)
    return find(session, "letter")


def draft(session, process, *pairs, by):
    source = changed(questions.newest(session, process), *pairs).source
    kept = questions.draft(session, process)
    seen = kept.revision if kept else 0
    return workshop.save(session, process, Change(source), seen=seen, by=by, now=NOON)


def propose(session, process, *pairs, by):
    kept = draft(session, process, *pairs, by=by)
    sent = proposing.ready(kept.package())
    return proposing.submit(session, process, sent, note="Bättre ord", by=by, now=NOON)


def approve(session, proposal, by, publish_at=None, now=NOON):
    reviewing.approve(session, proposal, answer="", publish_at=publish_at, by=by, now=now)


def test_neither_who_helped_to_make_it_nor_their_deputy_reviews_it(session, city, owners):
    gun, jon = owners
    process = letter(session)
    draft(session, process, LATER, by=jon)
    proposal = propose(session, process, MANUAL, by=gun)
    stad = city.units["STAD"].id
    deputy = city.people["Alva"].id
    for_jon = Held("process_owner", stad, via_id=jon.id)
    own = Held("process_owner", stad)
    assert may(Actor(deputy, "Alva", frozenset({own})), Deed.REVIEW_PROCESS, proposal)
    for refused in (gun, jon, Actor(deputy, "Alva", frozenset({for_jon}))):
        assert not may(refused, Deed.REVIEW_PROCESS, proposal)


def told(session):
    """What each person was told of reviews, by name."""
    wanted = sa.select(Person.name, Notice.kind).join(Person, Person.id == Notice.person_id)
    found = session.execute(wanted.where(Notice.kind.startswith("review")).order_by(Notice.id))
    return [tuple(row) for row in found]


def test_those_who_may_review_are_told_and_whoever_made_it_of_the_answer(session, city, owners):
    gun, jon = owners
    process = letter(session, "sec")
    proposal = propose(session, process, (b'secrecy="sec"', b'secrecy="internal"'), by=gun)
    assert sorted(told(session)) == [("Hedda", "review_waits"), ("Jon", "review_waits")]
    jons = session.get_one(Person, jon.id)
    (line,) = [line for notice, line in notices.mine(session, jon, now=NOON)]
    assert line.text == "Gun har skickat version 2 av Skriva brev för granskning"
    assert line.path == f"/processes/reviews/{proposal.id}"
    content = notices.preview(session, jon, now=NOON)
    assert [one.text for one in content.lines] == [line.text], jons.language
    reviewing.send_back(session, proposal, [], answer="För öppet", by=jon, now=NOON)
    assert told(session)[-1] == ("Gun", "review_returned")
    assert notices.preview(session, jon, now=NOON) is None  # it waits no more
    again = propose(session, process, LATER, by=gun)
    approve(session, again, jon)
    assert told(session)[-1] == ("Gun", "review_approved")


def test_a_version_is_rolled_back_to_and_sent_again_but_never_approved_by_its_makers(
    session, city, owners
):
    gun, jon = owners
    process = letter(session)
    first = propose(session, process, MANUAL, by=gun)
    approve(session, first, jon)
    approve(session, propose(session, process, LATER, by=jon), gun)
    assert process.active_version.number == 3
    second = questions.version(session, process, 2)
    back = proposing.submit_version(session, second, note="Blev fel", by=jon, now=NOON)
    with pytest.raises(Forbidden):
        approve(session, back, gun)  # who made it once
    proposing.withdraw(session, back, by=jon, now=NOON)
    first = questions.version(session, process, 1)
    back = proposing.submit_version(session, first, note="Blev fel", by=jon, now=NOON)
    approve(session, back, gun)
    assert process.active_version.number == 1


def form(**more):
    words = {"sv": "Namn", "en": "Name"}
    fields = {"sv": {"type": "string"}, "en": {"type": "string"}}
    told = {
        "title": words,
        "schema": {"type": "object", "properties": fields, "required": ["sv"]},
        "layout": [{"id": "all", "heading": words, "fields": ["sv", "en"]}],
        "labels": {name: {"label": words} for name in fields},
        "tiers": {"sv": "min", "en": "full"},
    }
    return json.dumps(told | more).encode()


@pytest.mark.parametrize(
    ("more", "is_words"),
    [
        ({"title": {"sv": "Annat", "en": "Other"}}, True),
        ({"tiers": {"sv": "min", "en": "min"}}, False),
        ({"labels": {"sv": {"label": {"sv": "B", "en": "B"}}}}, False),
        ({"schema": {"type": "object", "properties": {"sv": {}, "en": {}}}}, False),
    ],
)
def test_a_field_that_is_called_as_a_language_is_no_word(more, is_words):
    compiled = check(LETTER).compiled
    old, new = (replace(LETTER, forms={"letter/write": one}) for one in (form(), form(**more)))
    assert judging.is_editorial(old, new, compiled, compiled) is is_words


def kinds(session):
    return list(session.scalars(sa.select(Event.kind).where(Event.chain == "city")))


def test_words_alone_reach_running_cases_once_somebody_else_has_approved(
    session, city, database, owners
):
    gun, jon = owners
    process = letter(session)
    case = start(session, city)
    proposal = propose(session, process, MANUAL, by=gun)
    assert proposal.is_editorial
    with pytest.raises(Forbidden):
        approve(session, proposal, gun)
    approve(session, proposal, jon)
    assert proposal.state is ProposalState.PUBLISHED
    assert questions.draft(session, process) is None
    assert process.active_version.number == 2
    for _ in range(2):
        tick(session, database)
    assert session.get_one(Case, case.id).version.number == 2
    task = session.scalars(sa.select(Task).where(Task.case_id == case.id)).one()
    assert task.name_sv == "Skriv ett brev"
    assert kinds(session)[-4:] == [
        "version_submitted", "version_approved", "version_published", "migration_applied",
    ]  # fmt: skip


def test_what_changes_what_runs_leaves_running_cases_and_waits_for_its_day(
    session, city, database, owners
):
    gun, jon = owners
    process = letter(session)
    case = start(session, city)
    proposal = propose(session, process, LATER, by=gun)
    assert not proposal.is_editorial
    with pytest.raises(Conflict, match="under_review"):
        propose(session, process, MANUAL, by=gun)
    approve(session, proposal, jon, publish_at=NOON + DAY)
    tick(session, database)
    assert process.active_version.number == 1
    tick(session, database, now=NOON + DAY)
    session.refresh(process)
    assert process.active_version.number == 2
    assert session.get_one(Case, case.id).version.number == 1
    back = proposing.submit_version(
        session, questions.version(session, process, 1), note="Blev fel", by=jon, now=NOON
    )
    approve(session, back, gun)
    assert process.active_version.number == 1
    assert kinds(session)[-1] == "version_rolled_back"


def test_it_is_sent_back_with_comments_on_elements_and_can_be_sent_again(session, city, owners):
    gun, jon = owners
    process = letter(session)
    proposal = propose(session, process, LATER, by=gun)
    with pytest.raises(Invalid, match="reason_missing"):
        reviewing.send_back(session, proposal, [("write", " ")], answer="", by=jon, now=NOON)
    reviewing.send_back(session, proposal, [("write", "För kort")], answer="", by=jon, now=NOON)
    assert proposal.comments == [{"element": "write", "text": "För kort"}]
    again = propose(session, process, (b"T1 - 10wd", b"T1 - 7wd"), by=gun)
    proposing.withdraw(session, again, by=gun, now=NOON)
    with pytest.raises(Conflict, match="review_over"):
        approve(session, again, jon)


def test_nothing_with_errors_and_nothing_that_was_overtaken_is_published(session, city, owners):
    gun, jon = owners
    process = letter(session)
    broken = draft(
        session, process, (b'arshjul:form="letter/write"', b'arshjul:form="x/y"'), by=gun
    )
    with pytest.raises(Invalid, match="process_has_errors"):
        proposing.ready(broken.package())
    workshop.drop(session, process, by=gun, now=NOON)
    proposal = propose(session, process, LATER, by=gun)
    publishing.publish(session, changed(LETTER, MANUAL), by=SYSTEM, now=NOON)
    session.refresh(process)
    with pytest.raises(Conflict, match="base_overtaken"):
        approve(session, proposal, jon)


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        ((b'secrecy="sec"', b'secrecy="internal"'), "secrecy"),
        ((b'role="director security', b'role="employee director security'), "roles"),
        ((b' arshjul:notBy="write"', b""), "not_by"),
    ],
)
def test_a_secret_process_is_less_guarded_only_if_its_guardian_lets_it(
    session, city, owners, pair, code
):
    gun, jon = owners
    process = letter(session, "sec")
    proposal = propose(session, process, pair, by=gun)
    assert {one["code"] for one in proposal.softens} == {code}
    approve(session, proposal, jon)
    assert process.active_version.number == 1
    with pytest.raises(Forbidden):
        reviewing.clear(session, proposal, by=jon, now=NOON)
    reviewing.clear(session, proposal, by=city.actor("Hedda"), now=NOON)
    assert process.active_version.number == 2


def test_only_an_administrator_lets_one_person_publish_alone_and_says_why(session, city, owners):
    gun, jon = owners
    process, egil = letter(session), city.actor("Egil")
    set_eyes = {"is_on": False, "now": NOON}
    with pytest.raises(Forbidden):
        shelving.set_four_eyes(session, process, why="Bråttom", by=gun, **set_eyes)
    with pytest.raises(Invalid):
        shelving.set_four_eyes(session, process, why=" ", by=egil, **set_eyes)
    shelving.set_four_eyes(session, process, why="Bara en kvar", by=egil, **set_eyes)
    assert kinds(session)[-1] == "four_eyes_changed"
    approve(session, propose(session, process, LATER, by=gun), gun)
    assert process.active_version.number == 2
    shelving.name_publishers(session, process, [jon.id], by=egil, now=NOON)
    with pytest.raises(Forbidden):
        draft(session, process, MANUAL, by=gun)
    with pytest.raises(Invalid):
        shelving.name_publishers(session, process, [city.people["Alva"].id], by=egil, now=NOON)


def test_an_archived_process_starts_nothing_and_can_be_taken_back(session, city, owners):
    gun, _ = owners
    process = letter(session)
    case = start(session, city)
    shelving.archive(session, process, why="Ersatt", by=gun, now=NOON)
    assert process.active_version is None
    with pytest.raises(Invalid, match="process_not_published"):
        start(session, city, unit="BROMMA")
    assert case.version.number == 1
    shelving.restore(session, process, by=gun, now=NOON + DAY)
    assert process.archived_at is None
    assert process.active_version == case.version
