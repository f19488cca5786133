"""The year begins by itself: exactly one case for each process, unit, year and occasion."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows import work
from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.models import Case
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.operations import calendar, cases, people, publishing, starting
from workflows.operations.exemptions import set_exempt
from workflows.organisation.models import Unit, UnitKind
from workflows.organisation.rows import UnitDetails
from workflows.processes.rows import find
from workflows.queries import starts as questions
from workflows.rehearsal.city import gathered
from workflows.rehearsal.playing import play
from workflows.steering import changes
from workflows.steering.rows import current, lineage
from workflows.work import attempts

DAY = timedelta(days=1)
T1, T2 = datetime(2027, 5, 26, 6, tzinfo=UTC), datetime(2027, 9, 27, 6, tzinfo=UTC)
TWICE = 'arshjul:starts="T1 + 1wd; T2 + 1wd" arshjul:per="district_board"'


def package(said=TWICE):
    letter = packages.letter()
    source = letter.source.decode().replace('arshjul:colour="slate"', said)
    return replace(letter, source=source.encode())


@pytest.fixture
def publish(session, city):
    def published(said=TWICE, now=NOON):
        publishing.publish(session, package(said), by=SYSTEM, now=now)
        session.commit()
        return find(session, "letter")

    return published


@pytest.fixture
def tick(session, database):
    def ticked(now):
        session.commit()
        done = work.run_due(database, now=now)
        session.expire_all()
        return done

    return ticked


def cases_of(session):
    wanted = sa.select(Unit.code, Case.year, Case.occasion).join(Case, Case.unit_id == Unit.id)
    return sorted(map(tuple, session.execute(wanted)))


def plan(session, *states):
    wanted = sa.select(Unit.code, PlannedStart.year, PlannedStart.occasion).join(
        PlannedStart, PlannedStart.unit_id == Unit.id
    )
    return sorted(map(tuple, session.execute(wanted.where(PlannedStart.state.in_(states)))))


def test_each_unit_of_the_kind_gets_one_case_when_the_day_comes(session, publish, tick):
    publish()
    tick(NOON)
    assert cases_of(session) == []
    tick(T1 - timedelta(seconds=1))
    assert cases_of(session) == []
    tick(T1)
    assert cases_of(session) == [("BROMMA", 2027, "T1"), ("FARSTA", 2027, "T1")]
    for later in (T1, T1 + DAY, T2 - DAY):
        tick(later)
    assert len(cases_of(session)) == 2
    told = session.scalars(sa.select(Event.what).where(Event.kind == "case_started")).first()
    assert '"rule":"T1 + 1wd"' in told
    assert "late_minutes" not in told


def test_more_than_one_look_finds_is_done_while_there_is_time(
    session, database, publish, monkeypatch
):
    for module in (work, attempts):
        monkeypatch.setattr(module, "MOST_AT_ONCE", 1)

    def tick(*time_left):
        session.commit()
        answers = iter(time_left)
        work.run_due(database, now=T1 + DAY, has_time=lambda: next(answers, False))
        session.expire_all()
        return len(cases_of(session))

    publish('arshjul:starts="T1 + 1wd" arshjul:per="city district_board"')
    assert [tick(), tick(True)] == [1, 3]


def test_two_clocks_that_plan_the_first_starts_at_once_plan_them_once(session, database, publish):
    publish()
    session.commit()
    with database.reading() as read:
        found, seen = questions.wanted(read, now=NOON), questions.word(read, now=NOON)

    def make_plan(_):
        with database.writing() as own, own.begin():
            return starting.plan(own, found, seen, now=NOON)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(make_plan, range(4))) == [False, False, False, True]


def test_next_year_starts_although_this_years_cases_are_still_open(session, publish, tick):
    publish()
    tick(T1)
    tick(T2)
    next_year = datetime(2028, 5, 26, 12, tzinfo=UTC)
    tick(datetime(2028, 1, 2, tzinfo=UTC))
    tick(next_year)
    assert ("FARSTA", 2028, "T1") in cases_of(session)
    assert len(cases_of(session)) == 6


def test_what_had_passed_before_the_process_came_is_not_started_unless_somebody_asks(
    session, city, publish, tick
):
    process = publish(now=T1 + 10 * DAY)
    tick(T1 + 11 * DAY)
    assert cases_of(session) == []
    assert plan(session, StartState.PASSED) == [("BROMMA", 2027, "T1"), ("FARSTA", 2027, "T1")]
    egil, now = city.actor("Egil"), T1 + 12 * DAY
    with pytest.raises(Forbidden):
        starting.start_late(session, process, 2027, "T1", by=city.actor("Alva"), now=now)
    assert starting.start_late(session, process, 2027, "T1", by=egil, now=now) == 2
    tick(now)
    assert cases_of(session) == [("BROMMA", 2027, "T1"), ("FARSTA", 2027, "T1")]
    with pytest.raises(Conflict, match="nothing_to_decide"):
        starting.start_late(session, process, 2027, "T1", by=egil, now=now)


def test_somebody_may_decide_that_what_had_passed_is_never_started(session, city, publish, tick):
    process = publish(now=T1 + 10 * DAY)
    tick(T1 + 11 * DAY)
    egil = city.actor("Egil")
    with pytest.raises(Invalid, match="reason_missing"):
        starting.start_never(session, process, 2027, "T1", why=" ", by=egil, now=T1 + 12 * DAY)
    starting.start_never(session, process, 2027, "T1", why="För sent.", by=egil, now=T1 + 12 * DAY)
    publish('arshjul:starts="T1 + 2wd; T2 + 2wd" arshjul:per="district_board"', T1 + 13 * DAY)
    tick(T1 + 14 * DAY)
    assert cases_of(session) == []
    assert len(plan(session, StartState.DROPPED)) == 2


def test_a_unit_that_comes_late_gets_the_case_the_others_began_last(session, city, publish, tick):
    publish()
    tick(T1)
    tick(T2)
    details = UnitDetails(
        "NYA", "Nya nämnden", UnitKind.DISTRICT_BOARD, parent_id=city.units["STAD"].id
    )
    people.add_unit(session, details, by=city.actor("Egil"), now=T2 + DAY)
    tick(T2 + DAY)
    tick(T2 + 2 * DAY)
    assert [one for one in cases_of(session) if one[0] == "NYA"] == [("NYA", 2027, "T2")]


def test_a_unit_that_begins_on_a_day_gets_its_case_that_morning(session, city, publish, tick):
    publish()
    tick(NOON)
    details = UnitDetails(
        "NYA",
        "Nya nämnden",
        UnitKind.DISTRICT_BOARD,
        parent_id=city.units["STAD"].id,
        valid_from=date(2027, 7, 1),
    )
    people.add_unit(session, details, by=city.actor("Egil"), now=NOON)
    tick(T1)
    assert ("NYA", 2027, "T1") not in cases_of(session)
    tick(datetime(2027, 7, 1, 6, 1, tzinfo=UTC))
    assert ("NYA", 2027, "T1") in cases_of(session)


def test_a_closed_unit_gets_none(session, city, publish, tick):
    publish()
    tick(NOON)
    assert ("BROMMA", 2027, "T1") in plan(session, StartState.WAITING)
    bromma = session.get_one(Unit, city.units["BROMMA"].id)
    bromma.valid_to = date(2027, 4, 30)
    tick(NOON + DAY)
    assert ("BROMMA", 2027, "T1") not in plan(session, StartState.WAITING)
    tick(T1)
    assert cases_of(session) == [("FARSTA", 2027, "T1")]


def test_a_case_somebody_started_first_is_the_one(session, city, publish, tick):
    process = publish()
    tick(NOON)
    farsta = session.get_one(Unit, city.units["FARSTA"].id)
    by_hand = cases.start(
        session, process, farsta, 2027, occasion="T1", by=city.actor("Alva"), now=NOON
    )
    tick(T1)
    assert len(cases_of(session)) == 2
    kept = session.scalars(sa.select(PlannedStart).filter_by(unit_id=farsta.id, year=2027))
    assert {one.occasion: one.case_id for one in kept} == {"T1": by_hand.id, "T2": None}


def test_a_condition_chooses_among_the_units_and_the_years(session, publish, tick):
    publish(
        'arshjul:starts="T1 + 1wd" arshjul:per="district_board city"'
        " arshjul:condition=\"unit.code != 'BROMMA' and year % 2 == 1\""
    )
    tick(NOON)
    assert plan(session, StartState.WAITING) == [("FARSTA", 2027, ""), ("STAD", 2027, "")]


def test_a_new_version_with_other_starts_plans_anew(session, publish, tick):
    publish()
    tick(NOON)
    publish('arshjul:starts="T2 - 20wd" arshjul:per="city"', NOON + DAY)
    tick(NOON + DAY)
    this_year = [one for one in plan(session, StartState.WAITING) if one[1] == 2027]
    assert this_year == [("STAD", 2027, "")]
    tick(T1)
    assert cases_of(session) == []


def t1_on(session, city, day):
    book = current(session)[1]
    desk = changes.Desk(book, lineage(session, city.units["STAD"].id), 2027)
    return changes.set_milestone(desk, "T1", on=day, exists=day is not None)


def test_a_moved_milestone_moves_what_has_not_started(session, city, publish, tick):
    publish()
    tick(NOON)
    change, by = t1_on(session, city, date(2027, 6, 8)), city.actor("Disa")
    moved = {
        (start.unit.code, start.year, start.occasion): due_at
        for start, due_at, _ in questions.redated(
            session,
            current(session)[1].changed(change.edits),
            units=set(session.scalars(sa.select(Unit.id))),
            now=NOON,
        )
    }
    later = datetime(2027, 6, 9, 6, tzinfo=UTC)
    assert moved[("FARSTA", 2027, "T1")] == later
    calendar.carry_out(session, change, why="Nytt datum.", by=by, now=NOON)
    tick(T1 + DAY)
    assert cases_of(session) == []
    tick(later)
    assert len(cases_of(session)) == 2


def test_where_the_city_says_so_nothing_starts_by_itself(session, city, publish, tick):
    process, by, unit = publish(), city.actor("Disa"), city.units["FARSTA"]

    def choose(*units, who=by, why="Börjar nästa år."):
        return set_exempt(session, process, units, why=why, by=who, now=NOON)

    tick(NOON)
    for name in ("Alva", "Bo", "Egil", "Hedda"):
        with pytest.raises(Forbidden):
            choose(unit, who=city.actor(name))
    with pytest.raises(Invalid, match="reason_missing"):
        choose(unit, why=" ")
    assert (choose(unit), choose(unit)) == (1, 0)
    tick(T1)
    assert cases_of(session) == [("BROMMA", 2027, "T1")]
    played = play(gathered(session, today=T1.date()), 2027)
    assert {case.body.code for case in played.cases} == {"BROMMA"}
    assert choose() == 1
    tick(T2)
    assert ("FARSTA", 2027, "T2") in cases_of(session)
    kinds = ("starts_exempted", "starts_resumed")
    told = sa.select(Event.kind, Event.unit_id, Event.why).where(Event.kind.in_(kinds))
    assert session.execute(told.order_by(Event.id)).all() == [
        (kind, unit.id, "Börjar nästa år.") for kind in kinds
    ]


def test_a_milestone_that_is_not_there_starts_nothing(session, city, publish, tick):
    publish()
    tick(NOON)
    change = t1_on(session, city, None)
    calendar.carry_out(session, change, why="Ingen T1.", by=city.actor("Disa"), now=NOON)
    tick(T1)
    assert cases_of(session) == []
    assert ("FARSTA", 2027, "T2") in plan(session, StartState.WAITING)


def test_a_year_without_a_calendar_waits_visibly_and_starts_when_there_is_one(
    session, city, publish, tick
):
    publish()
    change = t1_on(session, city, date(2027, 6, 8))  # from now on the city sets its years itself
    calendar.carry_out(session, change, why="Nytt datum.", by=city.actor("Disa"), now=NOON)
    tick(NOON)
    [waiting] = session.scalars(
        sa.select(PlannedStart).filter_by(unit_id=city.units["FARSTA"].id, year=2028, occasion="T1")
    )
    assert (waiting.due_at, waiting.because["unresolved"]) == (None, "no_calendar")
    book = current(session)[1]
    desk = changes.Desk(book, lineage(session, city.units["STAD"].id), 2028)
    calendar.carry_out(
        session, changes.draft(desk), why="Nytt år.", by=city.actor("Disa"), now=NOON
    )
    tick(NOON)
    session.refresh(waiting)
    assert waiting.due_at is not None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('arshjul:starts="T9 + 1wd" arshjul:per="board"', "unknown_milestone"),
        ('arshjul:starts="T1 + " arshjul:per="board"', "bad_deadline"),
        ('arshjul:starts="+5wd" arshjul:per="board"', "start_without_case"),
        ('arshjul:starts="case.day + 5wd" arshjul:per="board"', "start_without_case"),
        ('arshjul:starts="T1 + 1wd"', "per_missing"),
        ('arshjul:starts="T1 + 1wd" arshjul:per="supplier"', "unknown_per"),
        ('arshjul:per="board" arshjul:condition="unit.size > 4"', "condition_fails"),
        ('arshjul:per="board" arshjul:condition="risk > 4"', "condition_fails"),
    ],
)
def test_starts_that_could_never_be_are_refused(session, city, said, code):
    with pytest.raises(Invalid) as refused:
        publishing.publish(session, package(said), by=SYSTEM, now=NOON)
    assert [(one.code, one.element) for one in refused.value.problems] == [(code, "letter")]


def down_over_the_start(session, database, publish, tick, missed):
    """Publish, and let the clock look long before the starts and then on the day after."""
    publish(f'{TWICE} arshjul:missed="{missed}"')
    for moment in (NOON, T1 + DAY):  # and between the two no clock ran
        session.commit()
        work.beat(database, now=moment)
        tick(moment)
    told = sa.select(Event.kind, sa.func.count()).where(Event.kind.like("start%"))
    return dict(map(tuple, session.execute(told.group_by(Event.kind))))


def test_a_start_that_skips_is_listed_as_passed_when_no_clock_ran(session, database, publish, tick):
    assert down_over_the_start(session, database, publish, tick, "skip") == {"start_skipped": 2}
    assert cases_of(session) == []
    assert plan(session, StartState.PASSED) == [("BROMMA", 2027, "T1"), ("FARSTA", 2027, "T1")]
    tick(T2)
    assert cases_of(session) == [("BROMMA", 2027, "T2"), ("FARSTA", 2027, "T2")]


def test_a_start_that_asks_waits_for_somebody_who_lets_it_come(
    session, database, city, publish, tick
):
    told = down_over_the_start(session, database, publish, tick, "ask")
    assert told == {"start_held": 2}
    assert cases_of(session) == []
    assert len(plan(session, StartState.ASKING)) == 2
    process, now = find(session, "letter"), T1 + 2 * DAY
    assert starting.start_late(session, process, 2027, "T1", by=city.actor("Egil"), now=now) == 2
    tick(now)
    assert cases_of(session) == [("BROMMA", 2027, "T1"), ("FARSTA", 2027, "T1")]
