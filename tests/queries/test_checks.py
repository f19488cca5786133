"""Each check of the record finds what it is for, and passes over what only looks like it."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.errors import Forbidden, NotFound
from workflows.history.rows import record
from workflows.language import Language
from workflows.operations import cases, publishing
from workflows.organisation.models import Holding
from workflows.processes.models import Secrecy, Version
from workflows.processes.workshop import Proposal, ProposalState
from workflows.queries import checks
from workflows.registers.models import Entry, EntryState, Marking, Source
from workflows.tasks.approvals import Approval
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Outcome, Task, TaskRole

DAY = timedelta(days=1)


class Town:
    """A letter in Farsta, and ways to make rows of what has happened to it."""

    def __init__(self, session, city):
        self.session, self.city, self.numbers = session, city, count()
        self.letter = publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON).process
        self.case = self.start(self.letter, "FARSTA", 2027)
        session.execute(sa.update(Version).values(is_shipped=True))

    def start(self, process, unit, year):
        return cases.start(self.session, process, self.city.units[unit], year, by=SYSTEM, now=NOON)

    def id(self, name):
        return self.city.people[name].id

    def add(self, row):
        self.session.add(row)
        self.session.flush()
        return row

    def task(self, element="write", kind="form", who="Alva", late=None, case=None, **more):
        closed = None if who is None else NOON
        due = None if late is None else NOON - late
        case = case or self.case
        values = {
            "name_sv": element,
            "name_en": element,
            "not_by": [],
            "opened_at": NOON - 9 * DAY,
            "is_legal": False,
            "secrecy": case.secrecy,
            "step_id": f"t{next(self.numbers)}",
            "outcome": Outcome.COMPLETED if who else None,
            "process_id": case.process_id,
        } | more
        return self.add(
            Task(
                case_id=case.id,
                unit_id=case.unit_id,
                element=element,
                kind=kind,
                closed_at=closed,
                due_at=due,
                done_by_id=self.id(who) if who else None,
                **values,
            )
        )

    def approved(self, who, at=NOON, broken_at=None, case=None, **more):
        task = self.task("approve", "review", who, case=case, **more)
        self.add(
            Approval(
                case_id=task.case_id,
                task_id=task.id,
                element="approve",
                by_id=self.id(who),
                at=at,
                outcome="yes",
                is_approving=True,
                content={"data": {}},
                steps=[],
                since={},
                hash="x",
                broken_at=broken_at,
            )
        )
        return task

    def told(self, kind, who, **more):
        record(self.session, kind, by=self.city.actor(who), now=NOON - DAY, **more)

    def in_farsta(self, kind, who, step):
        about = {"case_id": self.case.id, "unit_id": self.case.unit_id}
        self.told(kind, who, step=step, why="För att", **about)

    def given(self, person, role, days, unit="FARSTA"):
        task = self.approved("Bo", at=NOON)
        self.add(TaskRole(task_id=task.id, role="director", unit_id=self.case.unit_id))
        what = {"person": self.id(person), "role": role}
        record(
            self.session,
            "role_given",
            by=SYSTEM,
            now=NOON - days * DAY,
            unit_id=self.city.units[unit].id,
            what=what,
        )

    def finding(self, status, age):
        self.add(
            Entry(
                register="finding",
                identity="f",
                number=1,
                unit_id=self.case.unit_id,
                year=2026,
                key="k",
                state=EntryState.APPROVED,
                level=Secrecy.OPEN,
                is_secret=False,
                secrecy=Marking.OPEN,
                name="Larmet hördes inte",
                sort_key="l",
                words="",
                owner="",
                status=status,
                is_open=True,
                owner_key="",
                data={},
                source=Source.HAND,
                element="",
                place="",
                made_at=NOON - age,
                approved_at=NOON - age,
            )
        )

    def asked(self, old_due_at, decided_at=None, who=None):
        self.add(
            Extension(
                task_id=self.task(who=who).id,
                asked_by_id=self.id("Alva"),
                asked_at=NOON - 5 * DAY,
                why="Sjukdom",
                old_due_at=old_due_at,
                new_due_at=NOON + 9 * DAY,
                decided_at=decided_at,
            )
        )

    def proposed(self, decider):
        version = publishing.publish(
            self.session, packages.letter(), by=self.city.actor("Gun"), now=NOON
        )
        self.add(
            Proposal(
                process_id=version.process_id,
                version_id=version.id,
                state=ProposalState.PUBLISHED,
                is_editorial=False,
                softens=[],
                note="",
                submitted_at=NOON,
                comments=[],
                answer="",
                submitted_by_id=self.id("Gun"),
                decided_by_id=self.id(decider),
            )
        )

    def analyses(self, *years):
        """Yearly analyses: Bromma's of both years, Farsta's of those named."""
        package = packages.letter(key="rsa_annual")
        named = b'arshjul:key="rsa_annual"'
        source = package.source.replace(named, named + b' arshjul:per="district_board"')
        made = publishing.publish(
            self.session, replace(package, source=source), by=SYSTEM, now=NOON
        )
        for unit, year in [("BROMMA", 2026), ("BROMMA", 2027), *(("FARSTA", y) for y in years)]:
            case = self.start(made.process, unit, year)
            if year == 2026:
                case.state, case.closed_at = "finished", NOON
        self.session.flush()


@pytest.fixture
def town(session, city):
    return Town(session, city)


LEGAL = {"is_legal": True}
# check -> what it must find once, and what it must pass over
HITS = {
    "prepared_too": (
        lambda t: (t.task(who="Bo"), t.approved("Bo")),
        lambda t: (
            t.task(who="Alva"),
            t.approved("Bo"),
            t.task(who="Bo", case=t.start(t.letter, "BROMMA", 2027)),
        ),
    ),
    "broken": (lambda t: t.approved("Bo", broken_at=NOON), lambda t: t.approved("Bo")),
    "late_decision": (
        lambda t: t.task("approve", "review", "Bo", late=DAY),
        lambda t: (t.task("approve", "review", "Bo", late=-DAY), t.task(who="Bo", late=DAY)),
    ),
    "undecided_time": (
        lambda t: t.asked(NOON - DAY),
        lambda t: (t.asked(NOON + DAY), t.asked(NOON - DAY, decided_at=NOON, who="Alva")),
    ),
    "late_legal": (
        lambda t: t.task("report", who=None, late=DAY, **LEGAL),
        lambda t: (
            t.task("report", late=-DAY, **LEGAL),
            t.task("report", late=DAY),
            t.task("report", late=DAY, **LEGAL | {"outcome": Outcome.WITHDRAWN}),
        ),
    ),
    "moved_by_hand": (
        lambda t: t.in_farsta("step_skipped", "Disa", "write"),
        lambda t: t.in_farsta("task_released", "Disa", "write"),
    ),
    "no_holder": (
        lambda t: t.session.execute(
            sa.delete(Holding).where(Holding.unit_id == t.city.units["BROMMA"].id)
        ),
        lambda t: None,
    ),
    "no_analysis": (lambda t: t.analyses(2026), lambda t: t.analyses(2026, 2027)),
    "finding_rests": (
        lambda t: t.finding("open", 366 * DAY),
        lambda t: t.finding("carried", 366 * DAY),
    ),
    "published_alone": (
        lambda t: t.proposed("Gun"),
        lambda t: t.proposed("Egil"),
    ),
    "role_just_before": (
        lambda t: t.given("Bo", "director", 6),
        lambda t: (t.given("Bo", "director", 8), t.given("Bo", "controller", 1)),
    ),
}


def found(town, name, by):
    return checks.run_one(town.session, name, by=by, now=NOON).hits


def test_every_check_is_tried():
    assert HITS.keys() == {one.name for one in checks.CHECKS}


@pytest.mark.parametrize("name", sorted(HITS))
def test_a_check_finds_what_it_is_for_and_nothing_near_it(town, city, name):
    hit, near = HITS[name]
    before = found(town, name, SYSTEM)
    with town.session.begin_nested() as tried:
        near(town)
        assert found(town, name, SYSTEM) == before
        tried.rollback()
    hit(town)
    caught = [one for one in found(town, name, SYSTEM) if one not in before]
    assert caught
    assert all(one.said.said(Language.SV) and one.place[1] for one in caught)


def test_a_draft_is_work_too(town):
    town.task()
    town.in_farsta("draft_saved", "Bo", "write")
    town.approved("Bo")
    assert [hit.who for hit in found(town, "prepared_too", SYSTEM)] == ["Bo"]


def test_only_what_one_may_see_is_found_and_by_those_who_read_the_record(town, city):
    secret = publishing.publish(
        town.session, packages.letter("sec", key="hidden"), by=SYSTEM, now=NOON
    )
    town.approved("Bo", broken_at=NOON, case=town.start(secret.process, "FARSTA", 2027))
    assert found(town, "broken", city.actor("Frida")) == ()
    assert len(found(town, "broken", SYSTEM)) == 1
    with pytest.raises(Forbidden):
        found(town, "broken", city.actor("Alva"))
    with pytest.raises(NotFound):
        found(town, "nothing", city.actor("Frida"))
