import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.chains import broken
from tests.folding import agree
from tests.operations.test_messages import SIMPLE, calling
from tests.operations.town import ROLE, Town, package, param, receiving, sending
from workflows.cases.messages import Wait
from workflows.cases.models import Case, Timer
from workflows.engine import diagrams, plan
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.notices.models import Call
from workflows.operations import advance, cases, migrations, publishing, tasks
from workflows.processes.migrations import Fate, Follower, Verdict
from workflows.processes.models import Version
from workflows.processes.packages import Package
from workflows.processes.rows import compiled, find
from workflows.queries import cases as case_queries
from workflows.queries import migrations as questions
from workflows.tasks.models import Draft, Task
from workflows.work import KINDS, run_due
from workflows.work.attempts import attempt, due_ids

LATER = NOON + timedelta(minutes=1)
CHECKED = b"""<bpmn:boundaryEvent id="nag" attachedToRef="approve" cancelActivity="false">
      <bpmn:outgoing>f9</bpmn:outgoing>
      <bpmn:timerEventDefinition><bpmn:timeDuration>+3wd</bpmn:timeDuration>
      </bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f9" sourceRef="nag" targetRef="nagged"/>
    <bpmn:endEvent id="nagged"><bpmn:incoming>f9</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="sent\""""


def changed(package, *pairs):
    source = package.source
    for old, new in pairs:
        assert old in source
        source = source.replace(old, new)
    return Package(package.key, source, package.forms, package.tables)


FIRST = packages.letter()
RENAMED = changed(
    FIRST,
    (b'"write"', b'"compose"'),
    (b">write<", b">compose<"),
    (b"T1 - 10wd", b"T1 - 5wd"),
)
NAGGING = changed(FIRST, (b'<bpmn:endEvent id="sent"', CHECKED))
SHORTER = changed(
    FIRST,
    (b"<bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing>", b""),
)


@pytest.fixture
def letter(session, city):
    publishing.publish(session, FIRST, by=SYSTEM, now=NOON)
    made = start(session, city)
    session.commit()
    return made


def start(session, city, unit="FARSTA", **more):
    process = find(session, "letter")
    return cases.start(session, process, city.units[unit], 2027, by=SYSTEM, now=NOON, **more)


def publish(session, package):
    return publishing.publish(session, package, by=SYSTEM, now=NOON)


def look(session, city, key="letter", **more):
    version = find(session, key).active_version
    return migrations.prepare(session, version, by=city.actor("Gun"), now=NOON, **more)


def rows(session, migration):
    wanted = sa.select(Follower).where(Follower.migration_id == migration.id)
    return list(session.scalars(wanted.order_by(Follower.id)))


def tick(session, database, now=LATER):
    session.commit()
    done = run_due(database, now=now)
    session.expire_all()
    return done


def move(session, database, city, **more):
    """Look, apply, and let the clock do it."""
    migration = look(session, city, **more)
    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    tick(session, database)
    return migration


def the_task(session, case, element):
    wanted = sa.select(Task.id).where(
        Task.case_id == case.id, Task.element == element, Task.closed_at.is_(None)
    )
    return case_queries.task(session, session.scalars(wanted).one(), by=SYSTEM, to_change=True)


def complete(session, city, case, element, name, **answers):
    by, task = city.actor(name), the_task(session, case, element)
    tasks.complete(session, task, answers, command=f"{element}{task.id}", by=by, now=LATER)
    session.commit()


def kinds(session, case):
    wanted = sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.n)
    return list(session.scalars(wanted))


def test_a_case_follows_and_whoever_has_a_task_keeps_it(session, city, database, letter):
    alva = city.actor("Alva")
    task = the_task(session, letter, "write")
    tasks.claim(session, task, by=alva, now=NOON)
    tasks.save_draft(session, task, {"text": "Hej"}, seen=0, by=alva, now=NOON)
    due_at = task.due_at
    publish(session, RENAMED)
    migration = look(session, city)
    (row,) = rows(session, migration)
    assert row.verdict is Verdict.MAPPED
    (shown,) = row.told["tasks"]
    assert (shown["element"], shown["to"], shown["new"]) == (
        "write",
        "compose",
        "2027-05-18T14:00:00.000000Z",
    )
    assert shown["because"]["rule"] == "T1 - 5wd"
    assert the_task(session, letter, "write").due_at == due_at  # nothing is written yet

    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    assert tick(session, database) >= 1
    assert letter.version.number == 2
    moved = the_task(session, letter, "compose")
    assert (moved.id, moved.assignee_id, moved.name_sv) == (task.id, alva.id, "Skriv brevet")
    assert moved.due_at == datetime(2027, 5, 18, 14, tzinfo=UTC)
    assert session.get_one(Draft, task.id).answers == {"text": "Hej"}
    reminders = session.scalars(sa.select(Call.due_at).where(Call.task_id == task.id)).all()
    assert max(reminders) >= datetime(2027, 5, 17, tzinfo=UTC)
    assert "case_migrated" in kinds(session, letter)
    assert broken(session) == []
    complete(session, city, letter, "compose", "Alva", text="Hej")
    complete(session, city, letter, "approve", "Bo", approval="yes")
    assert kinds(session, letter)[-1] == "case_finished"
    agree(session)


def test_four_eyes_hold_over_a_step_that_has_got_another_name(session, city, database, letter):
    complete(session, city, letter, "write", "Alva", text="Hej")
    publish(session, RENAMED)
    move(session, database, city)
    with pytest.raises(Forbidden):
        complete(session, city, letter, "approve", "Alva", approval="yes")
    session.rollback()
    complete(session, city, letter, "approve", "Anton", approval="yes")


def test_what_stays_the_same_keeps_its_date_and_its_longer_time(session, city, database, letter):
    task = the_task(session, letter, "write")
    task.due_at = task.due_at + timedelta(days=3)  # longer time has been given
    before = (task.due_at, task.because)
    publish(session, changed(FIRST, (b"+5wd", b"+6wd")))
    move(session, database, city)
    task = the_task(session, letter, "write")
    assert letter.version.number == 2
    assert (task.due_at, task.because) == before


def test_a_case_with_nowhere_to_stand_cannot_follow(session, city, letter):
    complete(session, city, letter, "write", "Alva", text="Hej")
    gone = changed(
        FIRST,
        (b'<bpmn:userTask id="approve"', b'<bpmn:task id="approve"'),
        (b"<bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing>\n    "
         b"</bpmn:userTask>", b"<bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3"
         b"</bpmn:outgoing>\n    </bpmn:task>"),
    )  # fmt: skip
    script = gone.source.replace(b"bpmn:task ", b"bpmn:scriptTask ").replace(
        b"</bpmn:task>", b"<bpmn:script>approval = 'yes'</bpmn:script></bpmn:scriptTask>"
    )
    publish(session, Package("letter", script, FIRST.forms, {}))
    migration = look(session, city)
    (row,) = rows(session, migration)
    assert row.verdict is Verdict.CANNOT
    assert row.told["misfits"] == [{"element": "approve", "code": "other_kind"}]
    with pytest.raises(Conflict) as refused:
        migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    assert refused.value.code == "no_cases_to_move"


def test_people_can_say_which_element_is_which(session, city, database, letter):
    both = changed(RENAMED, (b'name="Skriv brevet"', b'name="Ny text"'), (b"f1", b"g1"))
    publish(session, both)
    version = letter.version_id
    with pytest.raises(Invalid):
        look(session, city, edits={version: {"write": "good"}})
    with pytest.raises(Invalid):
        look(session, city, edits={version: {"nowhere": "compose"}})
    move(session, database, city, edits={version: {"write": "compose"}})
    assert the_task(session, letter, "compose").name_sv == "Ny text"


def test_a_case_that_went_on_is_left_where_it_is(session, city, database, letter):
    other = start(session, city, "BROMMA")
    publish(session, RENAMED)
    migration = look(session, city)
    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    session.commit()
    complete(session, city, letter, "write", "Alva", text="Hej")
    tick(session, database)
    assert [row.fate for row in rows(session, migration)] == [Fate.OUTDATED, Fate.MOVED]
    assert (letter.version.number, other.version.number) == (1, 2)


def as_stored(session, case):
    """Everything of a case that moving may change."""
    session.expire_all()
    rows = session.scalars(sa.select(Task).where(Task.case_id == case.id).order_by(Task.id))
    timers = session.scalars(sa.select(Timer).where(Timer.case_id == case.id).order_by(Timer.id))
    return (
        case.version_id,
        case.state,
        case.data,
        [
            (t.element, t.name_sv, t.form, t.not_by, t.due_at, t.because, t.closed_at,
             sorted((role.role, role.unit_id) for role in t.roles))
            for t in rows
        ],
        [(t.wait_id, t.element, t.rule, t.due_at, t.because, t.closed_at) for t in timers],
    )  # fmt: skip


def test_a_migration_can_be_taken_back_while_nothing_has_happened(session, city, database, letter):
    complete(session, city, letter, "write", "Alva", text="Hej")
    other = start(session, city, "BROMMA")
    publish(session, changed(
        RENAMED,
        (b'<bpmn:endEvent id="sent"', CHECKED),
        (b"director security_coordinator", b"director"),
    ))  # fmt: skip
    before = as_stored(session, letter)
    migration = move(session, database, city)
    assert letter.version.number == other.version.number == 2
    assert session.scalars(sa.select(Timer.element)).all() == ["nag"]
    assert the_task(session, other, "compose").element == "compose"
    migrations.revert(session, migration, by=city.actor("Gun"), now=LATER)
    tick(session, database)
    after = as_stored(session, letter)
    assert after[:4] == before[:4]
    assert [row[5] for row in after[4]] == [LATER]  # the timer that was new is closed
    assert {row.fate for row in rows(session, migration)} == {Fate.RETURNED}
    assert kinds(session, letter)[-1] == "case_moved_back"
    assert broken(session) == []
    complete(session, city, letter, "approve", "Bo", approval="no")
    complete(session, city, letter, "write", "Alva", text="Hej igen")
    complete(session, city, letter, "approve", "Anton", approval="yes")
    assert kinds(session, letter)[-1] == "case_finished"
    agree(session)


def test_what_has_gone_on_is_not_taken_back(session, city, database, letter):
    publish(session, RENAMED)
    migration = move(session, database, city)
    complete(session, city, letter, "compose", "Alva", text="Hej")
    gun = city.actor("Gun")
    with pytest.raises(Conflict) as refused:
        migrations.revert_case(session, migration, letter.id, by=gun, now=LATER)
    assert refused.value.code == "happened_since"
    session.rollback()
    migrations.revert(session, migration, by=gun, now=LATER)
    tick(session, database)
    assert [row.fate for row in rows(session, migration)] == [Fate.KEPT]
    assert letter.version.number == 2


def test_how_a_case_stood_is_forgotten_when_it_has_gone_on(session, city, database, letter):
    publish(session, RENAMED)
    other = start(session, city, "BROMMA")
    migration = move(session, database, city)
    (row,) = rows(session, migration)
    assert row.before is not None
    complete(session, city, letter, "compose", "Alva", text="Hej")
    publish(session, NAGGING)
    look(session, city)
    session.expire_all()
    assert (row.before, row.fate) == (None, Fate.MOVED)
    with pytest.raises(Conflict):
        migrations.revert_case(session, migration, letter.id, by=city.actor("Gun"), now=LATER)
    assert other.version.number == 2


def test_one_case_can_be_taken_back_alone(session, city, database, letter):
    calls = sa.select(Call.due_at, Call.key).where(Call.occasion != "opened").order_by(Call.due_at)
    first = session.execute(calls).all()
    publish(session, RENAMED)
    migration = move(session, database, city)
    before = letter.engine_state
    migrations.revert_case(session, migration, letter.id, by=city.actor("Gun"), now=LATER)
    session.commit()
    assert (letter.version.number, letter.engine_state != before) == (1, True)
    assert session.execute(calls).all() == first  # people are reminded of the old date again
    with pytest.raises(Conflict):
        migrations.revert_case(session, migration, letter.id, by=city.actor("Gun"), now=LATER)


def test_timers_follow_their_rules_and_what_has_fired_stays_fired(session, city, database):
    publish(session, NAGGING)
    first, second = start(session, city), start(session, city, "BROMMA")
    session.commit()
    complete(session, city, first, "write", "Alva", text="Hej")
    tick(session, database, NOON + timedelta(days=9))
    complete(session, city, second, "write", "Cleo", text="Hej")
    timer = session.scalars(sa.select(Timer).where(Timer.case_id == second.id)).one()
    wait_id = timer.wait_id
    assert timer.due_at == datetime(2027, 3, 5, 15, tzinfo=UTC)
    publish(session, changed(NAGGING, (b"+3wd", b"+4wd")))
    session.commit()
    migration = look(session, city)
    told = [row.told.get("timers") for row in rows(session, migration)]
    assert told[0] is None  # it has fired
    assert told[1][0]["new"] == "2027-03-08T15:00:00.000000Z"
    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    tick(session, database)
    assert (timer.wait_id, timer.rule, timer.due_at) == (
        wait_id,
        "+4wd",
        datetime(2027, 3, 8, 15, tzinfo=UTC),
    )
    tick(session, database, NOON + timedelta(days=20))
    fired = sa.select(Event.case_id).where(Event.kind == "timer_fired").order_by(Event.id)
    assert session.scalars(fired).all() == [first.id, second.id]
    agree(session)


def test_a_form_that_changed_under_a_draft_is_told(session, city, letter):
    alva, task = city.actor("Alva"), the_task(session, letter, "write")
    tasks.claim(session, task, by=alva, now=NOON)
    tasks.save_draft(session, task, {"text": "Hej"}, seen=0, by=alva, now=NOON)
    forms = dict(FIRST.forms)
    forms["letter/write"] = forms["letter/write"].replace(b"200", b"300")
    publish(session, Package("letter", FIRST.source, forms, {}))
    (row,) = rows(session, look(session, city))
    assert row.told["tasks"][0]["form"] == "drafted"


def test_only_who_owns_processes_moves_cases(session, city, letter):
    publish(session, RENAMED)
    migration = look(session, city)
    for name in ("Jon", "Alva", "Egil"):
        by = city.actor(name)
        with pytest.raises(Forbidden):
            questions.find(session, migration.id, by=by)
        for deed in (migrations.apply, migrations.revert):
            with pytest.raises(Forbidden):
                deed(session, migration, by=by, now=NOON)
    assert rows(session, migration)[0].fate is Fate.PREPARED


def test_what_was_only_looked_at_can_be_thrown_away(session, city, database, letter):
    publish(session, RENAMED)
    migration = look(session, city)
    migrations.forget(session, migration, by=city.actor("Gun"))
    assert session.scalars(sa.select(Follower)).all() == []
    applied = move(session, database, city)
    with pytest.raises(Conflict):
        migrations.forget(session, applied, by=city.actor("Gun"))
    with pytest.raises(Conflict):
        migrations.apply(session, applied, by=city.actor("Gun"), now=NOON)


def only_move(database):
    kind = next(kind for kind in KINDS if kind.name == "migration")
    for row_id in due_ids(database, kind, now=LATER):
        attempt(database, kind, row_id, now=LATER)  # false where another was faster


def test_one_that_fails_keeps_none_of_those_beside_it(session, city, database, letter, monkeypatch):
    others = [start(session, city, unit=unit) for unit in ("BROMMA", "STAD")]
    broken_id = others[0].id
    publish(session, changed(FIRST, (b"T1 - 10wd", b"T1 - 8wd")))
    settle = advance.settle

    def failing(session, case, *rest, **more):
        settle(session, case, *rest, **more)
        if case.id == broken_id:
            raise OSError("the disk is full")

    monkeypatch.setattr(advance, "settle", failing)
    migration = move(session, database, city)
    tick(session, database)
    tick(session, database)
    fates = {row.case_id: (row.fate, row.attempts) for row in rows(session, migration)}
    assert fates[others[0].id] == (Fate.WAITING, 1)
    assert {fates[one.id] for one in (letter, others[1])} == {(Fate.MOVED, 0)}
    assert kinds(session, others[0]).count("case_migrated") == 0
    assert kinds(session, letter).count("case_migrated") == 1
    monkeypatch.undo()
    tick(session, database, now=LATER + timedelta(hours=1))
    assert kinds(session, others[0]).count("case_migrated") == 1


def test_two_clocks_move_each_case_once(session, city, database, letter):
    others = [start(session, city, occasion=str(number)) for number in range(12)]
    publish(session, RENAMED)
    migration = look(session, city)
    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    session.commit()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: only_move(database), range(3)))
    session.expire_all()
    assert {row.fate for row in rows(session, migration)} == {Fate.MOVED}
    for case in (letter, *others):
        assert kinds(session, case).count("case_migrated") == 1
    assert broken(session) == []


def killed_half_way(database, url, wanted):
    """Let a clock work in a process of its own, and kill it when some is done; how much was."""
    program = (
        "from datetime import datetime; from workflows.database import Database\n"
        "from workflows.work import run_due\n"
        f"run_due(Database({url!r}), now=datetime.fromisoformat({LATER.isoformat()!r}))"
    )
    running, until = subprocess.Popen([sys.executable, "-c", program]), time.monotonic() + 60
    done = 0
    while running.poll() is None and time.monotonic() < until and not done:
        time.sleep(0.01)
        with database.reading() as session:
            done = session.scalar(wanted)
    running.kill()
    running.wait()
    return done


def test_a_clock_that_is_killed_half_way_is_carried_on(session, city, database, letter, url):
    for number in range(60):
        start(session, city, occasion=str(number))
    publish(session, RENAMED)
    migration = look(session, city)
    with pytest.raises(Conflict) as refused:
        migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    assert refused.value.code == "migration_asks"
    session.commit()
    counted = sa.select(sa.func.count()).select_from(Follower)
    assert killed_half_way(database, url, counted.where(Follower.verdict == Verdict.MAPPED)) > 0
    tick(session, database)
    assert {row.verdict for row in rows(session, migration)} == {Verdict.MAPPED}
    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    session.commit()
    assert 0 < killed_half_way(database, url, counted.where(Follower.fate == Fate.MOVED)) <= 61
    tick(session, database)
    assert {row.fate for row in rows(session, migration)} == {Fate.MOVED}
    for case in session.scalars(sa.select(Case)):
        assert kinds(session, case).count("case_migrated") == 1
        assert the_task(session, case, "compose").closed_at is None
    assert broken(session) == []


def test_a_case_that_listens_hears_what_the_new_version_asks_for(database, session, city):
    town = Town(database, session, city)
    town.publish(receiving())
    receiver = town.start("receiver")
    town.publish(sending(correlation="'B'"))
    town.start("sender", data={"amount": 3})
    town.work()
    assert town.outcomes() == [None]  # kept: nobody listens for B
    newer = receiving(correlation="'B'")
    source = newer.source.replace(b'"c"', b'"hear"').replace(b"f0_s", b"g0_s")
    town.publish(Package("receiver", source, {}, {}))
    migration = look(session, city, key="receiver")
    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    town.work(LATER, rounds=2)
    (wait,) = session.scalars(sa.select(Wait)).all()
    assert (wait.element, wait.key, wait.closed_at is None) == ("hear", "B", False)
    assert (town.open(receiver), receiver.data) == (["done"], {"amount": 3})


def test_a_case_that_listens_for_the_same_goes_on_listening(database, session, city):
    town = Town(database, session, city)
    town.publish(receiving(), sending())
    receiver = town.start("receiver")
    town.start("sender", data={"amount": 3})  # on its way while the case is moved
    town.publish(receiving())
    migration = look(session, city, key="receiver")
    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    session.commit()
    only_move(database)  # before the message is delivered
    town.work(LATER, rounds=2)
    assert receiver.version.number == 2
    assert (town.open(receiver), town.outcomes()) == (["done"], ["delivered"])


def test_a_case_that_waits_for_one_it_called_gets_its_answer(database, session, city):
    town = Town(database, session, city)
    town.publish(SIMPLE, calling())
    caller = town.start("caller")
    town.work()
    call = "call:d[calledElement=simple,arshjul:case=own]"
    newer = package(
        "caller",
        f"start:s {call} user:more[{ROLE}] end:e",
        "s d; d more; more e",
        {"d": param(amount="2")},
    )
    town.publish(newer)
    migration = look(session, city, key="caller", edits={caller.version_id: {"c": "d"}})
    assert [row.verdict for row in rows(session, migration)] == [Verdict.MAPPED]
    migrations.apply(session, migration, by=city.actor("Gun"), now=NOON)
    town.work(LATER)
    town.complete("done")
    town.work(LATER, rounds=3)
    assert (caller.version.number, caller.data, town.open(caller)) == (2, {"amount": 2}, ["more"])
    agree(session)


def test_a_version_of_an_older_compiler_is_compiled_anew_and_followed(
    session, city, database, letter, monkeypatch
):
    gun, process = city.actor("Gun"), find(session, "letter")
    with pytest.raises(Conflict):
        publishing.recompile(session, process, by=gun, now=NOON)
    for module in (plan, diagrams):  # a newer program is installed
        monkeypatch.setattr(module, "COMPILER", 2)
    publishing.recompile(session, process, by=gun, now=NOON)
    first, second = session.scalars(sa.select(Version).order_by(Version.number)).all()
    assert first.content_hash == second.content_hash
    assert b'"compiler":1' in compiled(first).blob  # what runs keeps the form it began with
    assert b'"compiler":2' in compiled(second).blob
    assert letter.version is first
    move(session, database, city)
    assert letter.version.number == 2
    complete(session, city, letter, "write", "Alva", text="Hej")
    complete(session, city, letter, "approve", "Bo", approval="yes")
    assert kinds(session, letter)[-1] == "case_finished"
