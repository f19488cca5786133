"""Weeding out: two people, exactly what was shown, and a record that still holds afterwards."""

from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.cases.comments import Comment
from workflows.cases.models import Case
from workflows.database import Base
from workflows.documents.models import Chunk, File
from workflows.documents.receiving import receive
from workflows.errors import Conflict, Forbidden, Invalid, NotFound
from workflows.history.models import Event
from workflows.history.rows import record
from workflows.operations import (
    cases,
    comments,
    disposing,
    files,
    people,
    publishing,
    role_handovers,
    tasks,
)
from workflows.organisation.handing_over import RoleHandover
from workflows.organisation.models import Person
from workflows.organisation.rows import PersonDetails
from workflows.processes.models import Secrecy
from workflows.queries import cases as case_questions
from workflows.queries import retention as questions
from workflows.registers.models import Entry, EntryState, Marking, Source
from workflows.retention.models import Fate, Kind, LegalHold, Outcome
from workflows.retention.rows import GOES_WITH_CASE, GOES_WITH_PERSON, STAYS
from workflows.search.rows import strays
from workflows.tasks.models import Task
from workflows.upkeep.verifying import verify
from workflows.work import BY_NAME, attempt, run_due

LATER = NOON + timedelta(days=3 * 366)
YEARS = 2


@pytest.fixture
def case(session, city):
    """A letter of Farsta's that was finished long ago, with a comment and a file twice."""
    letter = publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON).process
    made = cases.start(session, letter, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)
    alva = city.actor("Alva")
    for says in ("Hemliga utkastet", "Hemliga underlaget"):
        given = receive("underlag.txt", BytesIO(says.encode()))
        files.attach(session, made, given, by=alva, now=NOON)
    comments.add(session, made, "Hemliga kommentaren", element=None, by=alva, now=NOON)
    for name, answers in (("Alva", {"text": "Hemliga brevet"}), ("Bo", {"approval": "yes"})):
        open_ = session.scalars(sa.select(Task.id).where(Task.closed_at.is_(None))).one()
        by = city.actor(name)
        task = case_questions.task(session, open_, by=by, to_change=True)
        tasks.complete(session, task, answers, command=name, by=by, now=NOON)
    session.commit()
    return made


def rule(session, city, kind, key, fate=Fate.PURGE, years=YEARS):
    disposing.set_rule(
        session, kind, key, fate, years, "KS 2027:1", by=city.actor("Egil"), now=NOON
    )


def listed(session, city, now=LATER, name="Egil"):
    return disposing.draw_up(session, by=city.actor(name), now=now)


def carried_out(database, session, city, disposal, now=LATER):
    disposing.approve(session, disposal, by=city.actor("Hedda"), now=now)
    listed_ids = [item.id for item in questions.items(session, disposal)]
    session.commit()  # and asks nothing more: on SQLite it would hold the only turn to write
    for item_id in listed_ids:
        attempt(database, BY_NAME["disposal"], item_id, now=now)
    session.expire_all()
    return [one.outcome for one in questions.items(session, disposal)]


def everything(session, *, but=()):
    """Every row of every table as text."""
    return {
        (table.name, str(row))
        for table in Base.metadata.sorted_tables
        if table.name not in but
        for row in session.execute(sa.select(table))
    }


def test_a_case_goes_with_all_it_held_and_the_record_holds(database, session, city, case):
    rule(session, city, Kind.CASES, "letter")
    assert questions.preview(session, by=city.actor("Egil"), now=NOON + timedelta(days=700)) == []
    [part] = questions.preview(session, by=city.actor("Egil"), now=LATER)
    assert [one.label for one in part.going] == [case.key]
    egil_s = listed(session, city)
    with pytest.raises(Forbidden):
        disposing.approve(session, egil_s, by=city.actor("Egil"), now=LATER)
    with pytest.raises(Conflict):
        listed(session, city)  # it is on a list already
    assert carried_out(database, session, city, egil_s) == [Outcome.PURGED]
    told = "".join(row for name, row in everything(session, but=("version", "version_part")))
    assert "Hemliga" not in told
    assert session.scalars(sa.select(Chunk)).all() == []
    shell = session.get_one(Case, case.id)
    assert (shell.data, shell.purged_at, shell.key) == ({}, LATER, case.key)
    last = session.scalars(sa.select(Event).where(Event.case_id == case.id)).all()[-1]
    assert (last.kind, '"numbers":[[1,' in last.what) == ("content_purged", True)
    report = verify(database)
    assert (report.faults, report.purged) == ((), last.n - 1)


def test_a_stop_keeps_a_case_from_the_list_and_on_it(database, session, city, case):
    rule(session, city, Kind.CASES, "letter")
    egil, stad = city.actor("Egil"), city.units["STAD"]
    stop = disposing.hold(session, stad, "Tvist", by=egil, now=NOON)
    [part] = questions.preview(session, by=egil, now=LATER)
    assert (len(part.things), part.going) == (1, ())  # what lies below a unit is stopped with it
    with pytest.raises(Conflict):
        listed(session, city)
    disposing.lift(session, stop, by=egil, now=NOON)
    disposal = listed(session, city)
    disposing.hold(session, case, "Tvist", by=egil, now=NOON)
    assert carried_out(database, session, city, disposal) == [Outcome.HELD]
    assert session.get_one(Case, case.id).data
    assert session.scalars(sa.select(LegalHold.why).where(LegalHold.lifted_at.is_(None))).all()


def test_a_rule_that_changed_meanwhile_keeps_what_was_listed(database, session, city, case):
    rule(session, city, Kind.CASES, "letter")
    disposal = listed(session, city)
    rule(session, city, Kind.CASES, "letter", Fate.KEEP)
    assert carried_out(database, session, city, disposal) == [Outcome.GONE]
    assert session.get_one(Case, case.id).data


def test_what_the_archive_is_to_have_waits_for_its_receipt(database, session, city, case):
    rule(session, city, Kind.CASES, "letter", Fate.ARCHIVE)
    disposal = listed(session, city)
    assert carried_out(database, session, city, disposal) == [None]
    with pytest.raises(Forbidden):
        disposing.receive(session, disposal, "SSA 2030-17", by=city.actor("Egil"), now=LATER)
    disposing.receive(session, disposal, "SSA 2030-17", by=city.actor("Hedda"), now=LATER)
    session.commit()
    run_due(database, now=LATER)
    session.expire_all()
    assert session.get_one(Case, case.id).purged_at == LATER


def test_working_papers_go_and_what_was_approved_stays(database, session, city, case):
    rule(session, city, Kind.PAPERS, "letter")
    assert carried_out(database, session, city, listed(session, city)) == [Outcome.PURGED]
    assert session.scalars(sa.select(Comment)).all() == []
    kept = session.scalars(sa.select(File.removed_at).order_by(File.id)).all()
    assert kept == [LATER, None]
    assert session.get_one(Case, case.id).data
    assert verify(database).faults == ()
    assert questions.preview(session, by=city.actor("Egil"), now=LATER) == []


def test_a_row_of_a_register_goes_when_no_version_of_it_stands(database, session, city):
    rule(session, city, Kind.REGISTER, "risk")
    stood = {EntryState.SUPERSEDED: "a", EntryState.ENDED: "a", EntryState.APPROVED: "b"}
    for state, identity in [*stood.items(), (EntryState.SUPERSEDED, "b")]:
        session.add(
            Entry(
                register="risk",
                identity=identity,
                unit_id=city.units["FARSTA"].id,
                year=2026,
                key=identity,
                state=state,
                level=Secrecy.INTERNAL,
                is_secret=False,
                secrecy=Marking.OPEN,
                name=f"Risken {identity}",
                sort_key="r",
                words="",
                status="",
                is_open=True,
                owner="",
                owner_key="",
                data={},
                source=Source.HAND,
                element="",
                place="",
                made_at=NOON,
                closed_at=NOON,
            )
        )
        session.flush()
    entry = session.scalars(sa.select(Entry).where(Entry.identity == "a")).first()
    what = {"register": "risk", "identity": "a", "id": entry.id, "name": "Risken a"}
    record(session, "entry_changed", by=SYSTEM, now=NOON, what=what)
    assert carried_out(database, session, city, listed(session, city)) == [Outcome.PURGED]
    assert set(session.scalars(sa.select(Entry.identity))) == {"b"}
    assert list(strays(session)) == []
    told = [what for what in session.scalars(sa.select(Event.what)) if what]
    assert not [one for one in told if "Risken a" in one]
    assert verify(database).faults == ()


def test_a_person_becomes_nobody_and_nothing_else_changes(database, session, city, case):
    anton, egil = city.people["Anton"], city.actor("Egil")
    details = PersonDetails(name="Anton Berg", email="anton@example.test", unit_id=None)
    people.change_person(session, anton, details, seen=anton.revision, by=egil, now=NOON)
    left = RoleHandover(
        role="security_coordinator", unit_id=city.units["FARSTA"].id, from_id=anton.id
    )
    own = city.actor("Anton")
    role_handovers.hand_over(session, left, "Fråga Anton Berg", None, by=own, now=NOON)
    people.close_person(session, anton, by=egil, now=NOON)
    rule(session, city, Kind.PEOPLE, "")
    disposal = listed(session, city)
    session.commit()
    ours = ("event", "chain", "disposal", "disposal_item", "event_text", *GOES_WITH_PERSON)
    before = everything(session, but=ours)
    assert carried_out(database, session, city, disposal) == [Outcome.PURGED]
    changed = {name for name, _ in everything(session, but=ours) ^ before}
    assert changed == {"person", "role_handover"}  # what they left is told neither there nor then
    assert (left.from_id, left.note) == (anton.id, "")
    then = session.get_one(Person, anton.id)
    assert (then.name, then.purged_at) == (f"Pseudonym {anton.id}", LATER)
    assert "Berg" not in "".join(row for _, row in everything(session))
    assert verify(database).faults == ()


def test_a_person_reads_what_is_held_of_them_and_no_secret_of_their_account(session, city, case):
    alva = city.people["Alva"]
    found = questions.held_of(session, alva, by=city.actor("Alva"))
    assert {"task.done_by_id", "comment.by_id", "file.by_id", "holding.person_id"} <= found.keys()
    columns = {name for rows in found.values() for row in rows for name in row}
    assert not [name for name in columns if "hash" in name or "secret" in name]
    with pytest.raises(NotFound):
        questions.held_of(session, alva, by=city.actor("Anton"))


def test_who_has_something_open_or_is_still_here_stays_who_they_are(session, city, case):
    rule(session, city, Kind.PEOPLE, "")
    session.execute(sa.update(Person).where(Person.name == "Alva").values(closed_at=NOON))
    cases.start(session, case.process, city.units["FARSTA"], 2028, by=SYSTEM, now=NOON)
    egil = city.actor("Egil")
    [part] = questions.preview(session, by=egil, now=LATER)
    assert [one.thing_id for one in part.going] == [city.people["Alva"].id]
    session.execute(
        sa.update(Task).where(Task.closed_at.is_(None)).values(done_for_id=part.going[0].thing_id)
    )
    assert questions.preview(session, by=egil, now=LATER) == []


@pytest.mark.parametrize(
    ("of", "key", "fate", "years"),
    [
        (Kind.CASES, "nothing", Fate.PURGE, 2),
        (Kind.REGISTER, "letter", Fate.PURGE, 2),
        (Kind.CASES, "letter", Fate.PURGE, 101),
        (Kind.PAPERS, "letter", Fate.ARCHIVE, 2),
    ],
)
def test_a_rule_that_says_nothing_sensible_is_refused(session, city, case, of, key, fate, years):
    with pytest.raises(Invalid):
        rule(session, city, of, key, fate, years)


def test_who_may_not_see_it_neither_lists_nor_approves_it(session, city, case):
    rule(session, city, Kind.CASES, "letter")
    with pytest.raises(Forbidden):
        listed(session, city, name="Alva")
    disposal = listed(session, city)
    session.execute(sa.update(Case).values(secrecy=Secrecy.SECRET))
    assert questions.preview(session, by=city.actor("Egil"), now=LATER) == []
    egil = disposal.made_by_id
    disposal.made_by_id = city.people["Hedda"].id
    with pytest.raises(Forbidden, match="not_all_seen"):
        disposing.approve(session, disposal, by=city.actor("Egil"), now=LATER)
    disposal.made_by_id = egil
    disposing.approve(session, disposal, by=city.actor("Hedda"), now=LATER)


def test_each_rule_that_changes_is_an_event(session, city, case):
    rule(session, city, Kind.CASES, "letter", years=5)
    rule(session, city, Kind.CASES, "letter", years=5)
    rule(session, city, Kind.CASES, "letter", years=7)
    wanted = sa.select(Event.what).where(Event.kind == "retention_rule_set").order_by(Event.id)
    told = session.scalars(wanted).all()
    assert ['"years":5' in one for one in told] == [True, True]
    assert '"years":7' in told[1]


def test_every_table_that_points_at_a_case_either_goes_with_it_or_is_known_to_stay():
    pointing = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in ("case", "task")
    }
    assert pointing == set(GOES_WITH_CASE) | STAYS
