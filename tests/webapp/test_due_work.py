"""Due work as an administrator sees it: what fails, what is to decide about, what is measured."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.cast import SYSTEM
from tests.work.test_starts import T1, TWICE, package
from tests.work.test_timers import AFTER_A_DAY, NUDGE, drawn
from webapp import clock
from workflows import work
from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.models import Timer
from workflows.history.models import Event
from workflows.operations import cases, publishing
from workflows.processes.rows import find

PAGE = "/admin/due-work/"
DAY = timedelta(days=1)
BEGUN = clock.now() - 3 * DAY


@pytest.fixture
def timer(session, city):
    """A timer that is due, of a running case."""
    publishing.publish(session, drawn(NUDGE, AFTER_A_DAY, "ask"), by=SYSTEM, now=BEGUN)
    process = find(session, "letter")
    cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=BEGUN)
    made = session.scalars(sa.select(Timer)).one()
    session.commit()
    return made


def kinds(session):
    found = list(session.scalars(sa.select(Event.kind).order_by(Event.id)))
    session.commit()
    return found


def seen(session, timer):
    """The timer as it stands now; the test holds no lock afterwards."""
    session.refresh(timer)
    session.commit()
    return timer


def test_what_fails_is_shown_with_its_error_and_tried_at_once(
    session, database, client_for, timer, monkeypatch
):
    def broken(*_, **__):
        raise ZeroDivisionError("Anna Svensson, 19121212-1212")

    with monkeypatch.context() as patch:
        patch.setattr("workflows.operations.timers.fire", broken)
        work.run_due(database, now=BEGUN + 2 * DAY)
    assert (seen(session, timer).attempts, timer.error) == (1, "ZeroDivisionError")
    assert timer.retry_at > BEGUN + 2 * DAY
    client = client_for("Egil")
    page = client.get(PAGE).text
    assert "ZeroDivisionError" in page
    assert "Svensson" not in page
    assert client.post(f"{PAGE}timer/{timer.id}/attempt").status_code == 302
    assert seen(session, timer).retry_at is None
    work.run_due(database, now=BEGUN + 2 * DAY)
    assert kinds(session)[-2:] == ["work_retried", "timer_fired"]


def test_what_waits_for_a_decision_is_let_come(session, database, client_for, timer):
    work.beat(database, now=BEGUN)
    work.beat(database, now=BEGUN + 2 * DAY)
    work.run_due(database, now=BEGUN + 2 * DAY)
    client = client_for("Egil")
    assert "Låt den komma nu" in client.get(PAGE, headers={"Accept-Language": "sv"}).text
    assert client.post(f"{PAGE}timers/{timer.id}/firing").status_code == 302
    assert "timer_fired" in kinds(session)
    assert client.post(f"{PAGE}timers/{timer.id}/firing").status_code == 409


def test_what_waits_for_a_decision_is_gone_without_for_a_reason(
    session, database, client_for, timer
):
    work.beat(database, now=BEGUN)
    work.beat(database, now=BEGUN + 2 * DAY)
    work.run_due(database, now=BEGUN + 2 * DAY)
    client = client_for("Egil")
    assert client.post(f"{PAGE}timer/{timer.id}/end", data={"why": ""}).status_code == 422
    assert client.post(f"{PAGE}timer/{timer.id}/end", data={"why": "Nej."}).status_code == 302
    assert kinds(session)[-1] == "timer_skipped"


def test_starts_whose_time_had_passed_are_started_late(session, database, city, client_for):
    publishing.publish(session, package(TWICE), by=SYSTEM, now=T1 + 10 * DAY)
    session.commit()
    work.run_due(database, now=T1 + 11 * DAY)
    client = client_for("Egil")
    assert "Skriva brev 2027 T1" in client.get(PAGE).text
    answer = client.post(f"{PAGE}starts/letter/2027/late", data={"occasion": "T1"})
    assert answer.status_code == 302
    session.expire_all()
    due = session.scalars(sa.select(PlannedStart).filter_by(year=2027, occasion="T1")).all()
    assert {one.state for one in due} == {StartState.WAITING}
    session.commit()
    never = client.post(f"{PAGE}starts/letter/2027/never", data={"occasion": "T1", "why": "x"})
    assert never.status_code == 409


def test_the_measures_are_told_to_this_machine_only(database, client_for, timer):
    work.beat(database, now=clock.now())
    client = client_for("Jon")
    told = client.get("/health/metrics").text
    assert 'arshjul_due_work{kind="timer"}' in told
    assert "arshjul_clock_silence_seconds" in told
    assert client.get("/health/metrics", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 404
    elsewhere = client.get("/health/metrics", environ_base={"REMOTE_ADDR": "10.1.1.1"})
    assert elsewhere.status_code == 404
