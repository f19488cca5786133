"""The lists of tasks: what lies in each for whom, what is asked for, in which order, by pages."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.errors import NotFound
from workflows.operations import cases, handovers, publishing
from workflows.operations import tasks as verbs
from workflows.processes.rows import find
from workflows.queries import inbox
from workflows.queries.inbox import Wanted
from workflows.tasks import rows
from workflows.tasks.models import Task


@pytest.fixture
def town(session, city):
    """Letters in Farsta and Bromma, an open memo in Farsta, and a secret note there."""
    made = {}
    for key, secrecy in (("letter", "internal"), ("memo", "open"), ("note", "sec")):
        publishing.publish(session, packages.letter(secrecy, key=key), by=SYSTEM, now=NOON)
    for key, code, year in (
        ("letter", "FARSTA", 2027), ("letter", "BROMMA", 2027), ("letter", "FARSTA", 2028),
        ("memo", "FARSTA", 2027), ("note", "FARSTA", 2027),
    ):  # fmt: skip
        unit = city.units[code]
        case = cases.start(session, find(session, key), unit, year, by=SYSTEM, now=NOON)
        made[f"{key} {code} {year}"] = case
    session.flush()
    return made


def named(session, city, who, name, **wanted):
    found = inbox.listed(session, name, Wanted(**wanted), by=city.actor(who))
    return [f"{t.process.key} {t.unit.code} {t.case.year} {t.element}" for t in found.tasks]


def task_of(session, case, element):
    wanted = sa.select(Task.id).where(Task.case_id == case.id, Task.element == element)
    return rows.find(session, session.scalars(wanted.order_by(Task.id.desc())).first())


def write(session, city, who, case):
    task = task_of(session, case, "write")
    verbs.complete(session, task, {"text": "Hej"}, command="x", by=city.actor(who), now=NOON)


FARSTA = ["letter FARSTA 2027 write", "memo FARSTA 2027 write", "letter FARSTA 2028 write"]


def test_each_list_holds_what_it_says_and_nothing_that_one_may_not_see(session, city, town):
    noted = ["note FARSTA 2027 write"]
    assert sorted(named(session, city, "Alva", "role")) == sorted(FARSTA + noted)
    assert named(session, city, "Cleo", "role") == ["letter BROMMA 2027 write"]
    for case in ("letter FARSTA 2027", "note FARSTA 2027"):
        write(session, city, "Alva", town[case])
    done = ["letter FARSTA 2027 write", "note FARSTA 2027 write"]
    assert sorted(named(session, city, "Alva", "done")) == done
    assert named(session, city, "Alva", "waiting") == []  # her own role may take what comes next
    bo = task_of(session, town["letter FARSTA 2027"], "approve")
    verbs.claim(session, bo, by=city.actor("Bo"), now=NOON)
    assert named(session, city, "Alva", "waiting") == ["letter FARSTA 2027 approve"]
    assert named(session, city, "Bo", "mine") == ["letter FARSTA 2027 approve"]
    assert named(session, city, "Cleo", "waiting") == named(session, city, "Jon", "waiting") == []
    assert inbox.counts(session, by=city.actor("Alva")) == {"mine": 0, "role": 3, "waiting": 1}
    # Bo leads Farsta: all that is open there but what is secret and not for his role.
    all_of_it = named(session, city, "Bo", "unit")
    assert sorted(all_of_it) == sorted(
        ["letter FARSTA 2027 approve", "note FARSTA 2027 approve", *FARSTA[1:]]
    )
    assert inbox.counts(session, by=city.actor("Bo"))["unit"] == len(all_of_it)
    assert named(session, city, "Alva", "unit") == []


def test_who_has_lost_the_role_no_longer_sees_what_they_did_there(session, city, town):
    write(session, city, "Alva", town["note FARSTA 2027"])
    write(session, city, "Alva", town["memo FARSTA 2027"])
    without = city.actor("Jon")
    now_elsewhere = type(without)(id=city.people["Alva"].id, name="Alva", held=without.held)
    found = inbox.listed(session, "done", by=now_elsewhere).tasks
    assert [task.process.key for task in found] == ["memo"]


def test_what_one_has_handed_on_is_waited_for(session, city, town):
    task = task_of(session, town["letter FARSTA 2027"], "write")
    alva, anton = city.actor("Alva"), city.people["Anton"]
    verbs.claim(session, task, by=alva, now=NOON)
    handovers.delegate(session, task, anton, "", command="", by=alva, now=NOON)
    assert named(session, city, "Alva", "waiting") == ["letter FARSTA 2027 write"]
    assert named(session, city, "Anton", "waiting") == []


ASKED = [
    ({"year": 2028}, FARSTA[2:]),
    ({"text": "memo"}, FARSTA[1:2]),
    ({"text": "skriv BREV"}, FARSTA),
    ({"text": "brevet 2028"}, FARSTA[2:]),
    ({"text": "farsta Stadsdel"}, FARSTA),
    ({"text": "bromma"}, []),
    ({"text": "rev"}, []),  # begins no word
    ({"text": "%"}, FARSTA),  # no word at all
    ({"text": "write"}, FARSTA),
    ({"due_before": NOON}, []),
    ({"due_before": NOON + timedelta(days=200)}, FARSTA[:2]),
    ({"begun": True}, FARSTA[:1]),
    ({"begun": False}, FARSTA[1:]),
    ({"order": "unit"}, FARSTA),
    ({"order": "process"}, [FARSTA[0], FARSTA[2], FARSTA[1]]),
    ({"order": "opened"}, [FARSTA[1], FARSTA[2], FARSTA[0]]),
    ({"order": "nonsense"}, FARSTA),
]


def test_a_list_is_asked_for_and_ordered(session, city, town):
    first = task_of(session, town["letter FARSTA 2027"], "write")
    verbs.save_draft(session, first, {"text": "H"}, seen=0, by=city.actor("Alva"), now=NOON)
    letters = {"unit_id": city.units["FARSTA"].id, "process_id": find(session, "letter").id}
    for wanted, found in [*ASKED, (letters, [FARSTA[0], FARSTA[2]])]:
        shown = named(session, city, "Alva", "role", **wanted)
        assert [one for one in shown if not one.startswith("note")] == found, wanted


def test_the_pages_of_a_list_hold_every_task_once(session, city, town):
    task_of(session, town["memo FARSTA 2027"], "write").due_at = None
    session.flush()
    for order in ("due", "unit", "process", "opened"):
        wanted, seen, after = Wanted(order=order), [], None
        while not seen or after is not None:
            alva = city.actor("Alva")
            page = inbox.listed(session, "role", wanted, by=alva, after=after, most=1)
            seen += [task.id for task in page.tasks]
            after = page.more
            assert page.total == 4
        whole = inbox.listed(session, "role", wanted, by=city.actor("Alva")).tasks
        assert seen == [task.id for task in whole]
        assert len(set(seen)) == 4


def test_a_list_or_a_place_that_is_not_there_is_not_found(session, city, town):
    for name, after in (("all", None), ("mine", 999_999)):
        with pytest.raises(NotFound):
            inbox.listed(session, name, by=city.actor("Alva"), after=after)
