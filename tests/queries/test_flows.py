"""How a process runs: ways, durations, what is done again; and the log for other programs."""

from datetime import timedelta
from io import BytesIO
from itertools import count
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from webapp import xes
from workflows.cases.models import Case, CaseState
from workflows.errors import Forbidden, NotFound
from workflows.operations import cases, publishing
from workflows.queries import flows
from workflows.queries.flows import Spread, spread
from workflows.tasks.models import Outcome, Task

DAY = timedelta(days=1)
NUMBERS = count()
XES = "{http://www.xes-standard.org/}"
SENT_BACK = [("write", 2, 1), ("approve", 1, 0), ("write", 4, 0), ("approve", 1, 0)]


@pytest.fixture
def letters(session, city):
    """Farsta's of 2026 went straight, of 2027 was sent back; Bromma’s has begun; one is secret."""
    letter = publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON).process
    hidden = publishing.publish(
        session, packages.letter("sec", key="hidden"), by=SYSTEM, now=NOON
    ).process
    for process, unit, year, steps in (
        (letter, "FARSTA", 2026, [("write", 2, 0), ("approve", 1, 0)]),
        (letter, "FARSTA", 2027, SENT_BACK),
        (letter, "BROMMA", 2027, []),
        (hidden, "FARSTA", 2027, [("write", 9, 0)]),
    ):
        case = cases.start(session, process, city.units[unit], year, by=SYSTEM, now=NOON)
        at = NOON
        for element, days, waited in steps:
            session.add(done(case, element, at, at + days * DAY, waited, city))
            at += days * DAY
        if steps:
            case.state, case.closed_at = CaseState.FINISHED, at
    session.commit()
    return letter


def done(case, element, opened_at, closed_at, waited, city):
    return Task(
        case_id=case.id,
        process_id=case.process_id,
        unit_id=case.unit_id,
        step_id=f"s{next(NUMBERS)}",
        element=element,
        name_sv=f"Steg <{element}> & mer",
        name_en=element,
        kind="form",
        secrecy=case.secrecy,
        not_by=[],
        opened_at=opened_at,
        is_legal=False,
        claimed_at=opened_at + waited * DAY if waited else None,
        closed_at=closed_at,
        outcome=Outcome.COMPLETED,
        done_by_id=city.people["Alva"].id,
    )


def test_the_ways_the_durations_and_what_was_done_again(session, city, letters):
    flow = flows.of_process(session, "letter", by=city.actor("Frida"))
    assert flow.variants == (
        (("write", "approve"), 1),
        (("write", "approve", "write", "approve"), 1),
    )
    write, approve = flow.steps
    day = 24 * 60 * 60
    assert write.stood == Spread(3, 2 * day, 2 * day)
    assert write.waited == Spread(1, day, day)
    assert (write.again, approve.again, approve.waited) == (1, 1, None)
    told = [(one.year, one.cases, one.finished, one.took) for one in flow.years]
    assert told == [
        (2026, 1, 1, Spread(1, 3 * day, 3 * day)),
        (2027, 2, 1, Spread(1, 8 * day, 8 * day)),
    ]
    assert flow.years[1].steps == {"write": 2 * day, "approve": day}
    only = flows.of_process(session, "letter", by=city.actor("Frida"), last=2026)
    assert (only.cases, [one.year for one in only.years]) == (1, [2026])


@pytest.mark.parametrize(
    ("durations", "median", "p90"),
    [([5], 5, 5), ([1, 2], 1, 1), (list(range(1, 12)), 6, 10), ([3] * 9 + [99, 99], 3, 99)],
)
def test_nine_of_ten_is_one_that_happened(durations, median, p90):
    assert spread(durations) == Spread(len(durations), median, p90)


def test_only_what_one_may_see_counts_and_only_for_who_reads_the_record(session, city, letters):
    frida = city.actor("Frida")
    assert [(one.key, n) for one, n in flows.processes(session, by=frida)] == [("letter", 3)]
    assert flows.of_process(session, "hidden", by=frida).cases == 0
    assert list(flows.traces(session, "hidden", by=frida)) == []
    with pytest.raises(Forbidden):
        flows.of_process(session, "letter", by=city.actor("Alva"))
    with pytest.raises(NotFound):
        flows.of_process(session, "nothing", by=frida)


def test_the_log_is_what_the_standard_says(session, city, letters):
    out = BytesIO()
    told = flows.traces(session, "letter", by=city.actor("Frida"))
    assert xes.write(out, told, name="letter") == (3, 16)
    log = ET.fromstring(out.getvalue())  # noqa: S314 (our own)
    assert (log.tag, log.get("xes.version")) == (f"{XES}log", "1849-2016")
    order = [child.tag.removeprefix(XES) for child in log]
    of_schema = ["extension", "global", "classifier", "string", "trace"]
    assert order == sorted(order, key=of_schema.index)
    declared = {one.get("prefix") for one in log.iter(f"{XES}extension")}
    assert declared == {"concept", "lifecycle", "org", "time"}
    trace = log.findall(f"{XES}trace")[1]
    assert value(trace, "concept:name") == "LETTER-FARSTA-2027-1"
    events = trace.findall(f"{XES}event")
    assert [value(one, "lifecycle:transition") for one in events[:3]] == [
        "schedule",
        "schedule",
        "start",
    ]
    last = events[-1]
    assert value(last, "lifecycle:transition") == "complete"
    assert value(last, "concept:name") == "Steg <approve> & mer"
    assert value(last, "org:resource") == "Alva"
    assert value(last, "time:timestamp") == "2027-03-10T12:00:00.000+00:00"
    prefixes = {
        one.get("key", "").partition(":")[0] for one in log.iter() if ":" in one.get("key", "")
    }
    assert prefixes <= declared


def value(of, key):
    return next(one.get("value") for one in of if one.get("key") == key)


def test_a_case_that_was_weeded_out_is_not_counted(session, city, letters):
    session.execute(sa.update(Case).values(purged_at=NOON))
    session.execute(sa.update(Task).values(outcome=Outcome.WITHDRAWN))
    flow = flows.of_process(session, "letter", by=city.actor("Frida"))
    assert (flow.cases, flow.years) == (0, ())
