"""The pages of the auditor: what is found links to its place, and what is taken away is told."""

from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.cases.models import Case
from workflows.history.models import Event
from workflows.operations import cases, publishing
from workflows.tasks.models import Task


@pytest.fixture
def letter(session, city):
    """A letter of Farsta's whose first step was done a day late, and was law's."""
    process = publishing.publish(session, packages.letter("open"), by=SYSTEM, now=NOON).process
    case = cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)
    late = {"closed_at": NOON, "outcome": "completed", "due_at": NOON.replace(day=1)}
    session.execute(sa.update(Case).values(opened_at=NOON.replace(year=2026)))
    session.execute(sa.update(Task).values(is_legal=True, opened_at=NOON.replace(day=1), **late))
    session.commit()
    return case


def kinds(database):
    with database.reading() as session:
        return set(session.scalars(sa.select(Event.kind)))


def test_a_hit_links_to_its_place_and_can_be_taken_away(client_for, database, letter):
    frida = client_for("Frida")
    page = frida.get("/history/checks/late_legal").text
    assert '<a href="/tasks/1">LETTER-FARSTA-2027-1</a>' in page
    assert "LETTER-FARSTA-2027-1" in frida.get("/history/checks/late_legal.csv").text
    assert "exported" in kinds(database)


def test_a_sample_is_drawn_judged_and_shown(client_for, database, letter):
    frida = client_for("Frida")
    wanted = {"of": "cases", "per": "unit", "size": "5", "seed": "frö 1"}
    url = frida.post("/history/samples/", wanted).headers["Location"]
    frida.post(f"{url}/conclusions/1", {"verdict": "deviation", "note": "Saknar §"})
    page = frida.get(url).text
    assert all(said in page for said in ("frö 1", "Saknar §", "/evidence/package.zip?case=1"))
    assert client_for("Disa").get(url).status_code == 404
    assert {"sample_drawn", "sample_judged"} <= kinds(database)


def test_a_flow_is_drawn_and_its_log_taken_away(client_for, database, letter):
    frida = client_for("Frida")
    page = frida.get("/history/flows/letter").text
    assert all(said in page for said in ('class="flow__bar"', "24 timmar"))
    log = frida.get("/history/flows/letter/log.xes?first=2027", buffered=True)
    assert log.text.count("<event>") == 2
    assert list(faults_of_log(log.data)) == []
    assert "exported" in kinds(database)
    assert frida.get("/history/flows/letter?first=abc").status_code == 400


XES = "{http://www.xes-standard.org/}"
ORDER = ("extension", "global", "classifier", "string", "date", "int", "trace")
TOLD = {"concept:name", "lifecycle:transition", "time:timestamp"}


def faults_of_log(content):
    """What is not as IEEE 1849 says: the order of the parts, what every event must tell, keys of
    extensions that nobody declares, values that are not of their type."""
    log = ET.fromstring(content)  # noqa: S314 (our own)
    parts = [ORDER.index(one.tag.removeprefix(XES)) for one in log]
    if log.tag != f"{XES}log" or not log.get("xes.version") or parts != sorted(parts):
        yield "order"
    declared = {one.get("prefix") for one in log.iter(f"{XES}extension")}
    for one in log.iter():
        if (key := one.get("key", "")) and ":" in key and key.split(":")[0] not in declared:
            yield f"extension {key}"
        if one.tag == f"{XES}date":
            datetime.fromisoformat(one.get("value"))
        if one.tag == f"{XES}int":
            int(one.get("value"))
    for event in log.iter(f"{XES}event"):
        yield from TOLD - {one.get("key") for one in event}


def test_what_was_weeded_out_is_still_told_of(client_for, session, letter):
    session.execute(sa.update(Case).values(purged_at=NOON, data={}, engine_state=b""))
    session.commit()
    assert "gallrades" in client_for("Frida").get("/cases/1").text
