"""A text that is code stays a text in every page, picture, mail, calendar and sheet it comes to."""

import re
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import sqlalchemy as sa
from openpyxl import load_workbook

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows import work
from workflows.notices.letters import as_html
from workflows.notices.models import FeedKind
from workflows.operations import (
    cases,
    comments,
    feeds,
    handovers,
    promises,
    publishing,
    role_handovers,
    tasks,
)
from workflows.organisation.handing_over import RoleHandover
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.queries import feeds as calendars
from workflows.queries import notices
from workflows.tasks.models import Task

SIGN = "alert(4711)"
HOSTILE = f"=1+1\"'><script>{SIGN}</script><img src=x onerror={SIGN}>{{{{7*191}}}}"
LINES = f"{HOSTILE}\r\nBEGIN:VEVENT"
MOST_PAGES = 14  # for each of them
BROKEN = (f"<script>{SIGN}", "<img src=x")  # where a tag is one


def filled(session, city):
    """Write it wherever somebody may write."""
    farsta, alva, bo = city.units["FARSTA"], city.actor("Alva"), city.actor("Bo")
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    case = cases.start(session, process, farsta, 2027, occasion=HOSTILE[:40], by=SYSTEM, now=NOON)
    cases.start(session, process, farsta, 2028, by=SYSTEM, now=NOON)
    farsta.name = f"{HOSTILE} Farsta"
    process.name_sv = f"{HOSTILE} Brev"
    for name in ("Alva", "Bo", "Anton"):
        city.people[name].name = f"{name} {HOSTILE}"
        city.people[name].title = HOSTILE
    first, second = session.scalars(sa.select(Task.id).order_by(Task.id)).all()
    task = questions.task(session, first, by=alva, to_change=True)
    comments.add(session, case, LINES, element=None, by=alva, now=NOON)
    tasks.claim(session, task, by=alva, now=NOON)
    promises.promise(session, task, NOON.date(), LINES, by=alva, now=NOON)
    given = city.people["Anton"]
    handovers.delegate(session, task, given, LINES, command="x", by=alva, now=NOON)
    tasks.complete(session, task, {"text": HOSTILE}, command="y", by=city.actor("Anton"), now=NOON)
    other = questions.task(session, second, by=alva, to_change=True)
    tasks.save_draft(session, other, {"text": HOSTILE}, seen=0, by=alva, now=NOON)
    place = RoleHandover(role="security_coordinator", unit_id=farsta.id, from_id=alva.id)
    role_handovers.hand_over(session, place, LINES, None, by=bo, now=NOON)
    session.commit()


def test_a_text_that_is_code_is_a_text_wherever_it_is_shown(session, city, client_for):
    filled(session, city)
    farsta, alva = city.units["FARSTA"].id, city.people["Alva"].id
    session.commit()
    handover = f"/units/{farsta}/handover/security_coordinator/{alva}"
    seen, met = set(), set()
    for who, roots in (
        ("Alva", ["/", "/tasks/", "/tasks/1", "/cases/1", "/account", handover]),
        ("Bo", ["/", "/tasks/?list=role", "/tasks/?list=unit"]),
        ("Disa", ["/", "/overview/", "/history/", "/search?q=brev"]),
        ("Egil", ["/admin/", "/admin/people"]),
    ):
        client, waiting, count = client_for(who), list(roots), 0
        while waiting and count < MOST_PAGES:
            path = waiting.pop(0)
            kind = re.sub(r"\d+", "0", path.partition("?")[0])
            if path not in roots and kind in seen:
                continue
            seen.add(kind)
            count += 1
            answer = client.get(path)
            assert answer.status_code < 500, path
            said = answer.get_data()
            if said[:2] == b"PK":
                said = b"".join(
                    ZipFile(BytesIO(said)).read(n) for n in ZipFile(BytesIO(said)).namelist()
                )
            text = said.decode("utf-8", "replace")
            if SIGN in unescape(text):
                met.add(kind)
            if answer.mimetype not in ("text/csv", "text/calendar"):
                assert not [one for one in BROKEN if one in text], path
            assert "1337" not in text, path  # nobody worked it out
            if answer.mimetype == "text/csv":
                assert not re.search(r"(^|[;,\n])\"?=1", text), path  # a sheet would work it out
            found = re.findall(r'href="(/[^"#]*)', text) if answer.mimetype == "text/html" else []
            waiting += [unescape(one) for one in found if not one.startswith("/assets")]
    assert {"/", "/tasks/", "/tasks/0", "/cases/0", "/account"} <= met
    assert any("handover" in one for one in met)


def test_in_mails_calendars_and_sheets_it_is_a_text_too(session, database, city, client_for):
    filled(session, city)
    farsta, alva = city.units["FARSTA"], city.actor("Alva")
    farsta.name = f"{LINES} Farsta"
    secret = feeds.make(session, FeedKind.UNIT, unit_id=farsta.id, by=alva, now=NOON)
    session.commit()
    work.run_due(database, now=NOON)
    people = [city.actor(name) for name in ("Alva", "Anton", "Bo")]
    mails = [notices.preview(session, by, now=NOON) for by in people]
    for mail in (as_html(one, "https://arshjul.test") for one in mails if one):
        assert SIGN in unescape(mail)
        assert not [one for one in BROKEN if one in mail]
    assert any(mails)
    written = calendars.read(session, secret, url="https://arshjul.test", now=NOON).decode()
    session.commit()
    lines = written.replace("\r\n ", "").split("\r\n")
    assert any(SIGN in line for line in lines)
    assert lines.count("BEGIN:VEVENT") == sum(line.startswith("UID:") for line in lines)
    sheet = client_for("Alva").get("/tasks/export.xlsx?list=role").get_data()
    cells = [cell for row in load_workbook(BytesIO(sheet)).active.rows for cell in row]
    assert any(SIGN in str(cell.value) for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n"}  # "n" of those that are empty
    assert all(isinstance(cell.value, str | None) for cell in cells)
