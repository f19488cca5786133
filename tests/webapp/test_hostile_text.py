"""A text that is code stays a text in every page, picture, calendar and sheet it comes to."""

import re
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.operations import (
    cases,
    comments,
    handovers,
    promises,
    publishing,
    role_handovers,
    tasks,
)
from workflows.organisation.handing_over import RoleHandover
from workflows.processes.rows import find
from workflows.queries import cases as questions
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
