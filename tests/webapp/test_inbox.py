"""The lists of tasks over HTTP: filters in the address, kept views, files, approving several."""

import csv
import io
from dataclasses import replace
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.chains import broken
from workflows.history.models import Event
from workflows.operations import cases, publishing
from workflows.operations import tasks as verbs
from workflows.processes.rows import find
from workflows.tasks import rows
from workflows.tasks.filters import SavedFilter
from workflows.tasks.models import Task


def letters(session, city, *, secrecy="internal", key="letter"):
    """A process in which whoever approves says `approved`, as those we ship do."""
    made = packages.letter(secrecy, key=key)
    forms = {name: text.replace(b'"yes"', b'"approved"') for name, text in made.forms.items()}
    source = made.source.replace(b"'yes'", b"'approved'")
    publishing.publish(session, replace(made, source=source, forms=forms), by=SYSTEM, now=NOON)
    return find(session, key)


def written(session, city, process, year, *, by="Alva"):
    """A letter that waits for an approval; returns the id of that task."""
    case = cases.start(session, process, city.units["FARSTA"], year, by=SYSTEM, now=NOON)
    task = rows.find(session, _open(session, case))
    verbs.complete(session, task, {"text": "Hej"}, command="w", by=city.actor(by), now=NOON)
    return _open(session, case)


def _open(session, case):
    wanted = sa.select(Task.id).where(Task.case_id == case.id, Task.closed_at.is_(None))
    return session.scalars(wanted).one()


@pytest.fixture
def reviews(session, city):
    """Three letters of Alva's that wait for an approval, and one that she has not written yet."""
    process = letters(session, city)
    ids = [written(session, city, process, year) for year in (2027, 2028, 2029)]
    cases.start(session, process, city.units["FARSTA"], 2030, by=SYSTEM, now=NOON)
    session.commit()
    return ids


def titles(page):
    return page.get_data(as_text=True).count('class="row__t"')


def test_the_address_says_which_tasks_are_shown(client_for, reviews):
    bo = client_for("Bo")
    shown = [
        ("list=role", 3), ("list=role&year=2028", 1), ("list=role&text=godkänn", 3),
        ("list=role&text=skriv+brev", 3), ("list=role&text=xyz", 0), ("list=role&state=begun", 0),
        ("list=role&state=new", 3), ("list=role&unit=x&year=&process=999", 0), ("list=mine", 0),
        ("list=role&milestone=T1&order=milestone", 3), ("list=done", 0), ("list=waiting", 0),
    ]  # fmt: skip
    for query, count in shown:
        page = bo.get(f"/tasks/?{query}")
        assert (page.status_code, titles(page)) == (200, count), query
    for wrong in ("list=all", "list=role&after=999999"):
        assert bo.get(f"/tasks/?{wrong}").status_code == 404


def test_what_is_taken_away_is_what_is_seen_no_formula_and_is_told_of(session, client_for, reviews):
    session.execute(sa.update(Task).where(Task.id == reviews[1]).values(name_sv="=cmd()"))
    session.commit()
    for query, count in (("list=role", 3), ("list=role&year=2028", 1), ("list=done", 0)):
        answer = client_for("Bo").get(f"/tasks/export.csv?{query}")
        header, *table = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
        assert header[:4] == ["Uppgift", "Ärende", "Enhet", "Ska göras"]
        assert len(table) == count
        assert {row[0] for row in table} <= {"Godkänn brevet", "'=cmd()"}
    told = session.scalars(sa.select(Event).where(Event.kind == "exported")).all()
    session.commit()
    assert '"rows":1' in told[1].what.replace(" ", "")
    assert client_for("Bo").get("/tasks/export.xlsx").data[:2] == b"PK"
    assert client_for("Bo").get("/tasks/export.pdf").status_code == 404


def test_a_view_is_kept_under_a_name_and_forgotten_again_by_its_owner_alone(
    session, client_for, reviews
):
    bo, alva = client_for("Bo"), client_for("Alva")
    query = urlencode({"list": "role", "year": "2028", "nonsense": "1"})
    assert bo.post("/tasks/filters", {"name": " Nästa  år ", "query": query}).status_code == 302
    for name in ("", " ", "x" * 61):
        assert bo.post("/tasks/filters", {"name": name, "query": query}).status_code == 422
    saved = session.scalars(sa.select(SavedFilter)).one()
    session.commit()
    assert (saved.name, saved.query) == ("Nästa år", "list=role&year=2028")
    page = bo.get(f"/tasks/?{saved.query}").text
    assert ">Nästa år</a>" in page
    assert ">Nästa år</a>" not in alva.get("/tasks/?list=role").text
    path = f"/tasks/filters/{saved.id}/removal"
    assert alva.post(path).status_code == 404
    assert bo.post(path).status_code == 302
    session.expire_all()
    assert session.scalars(sa.select(SavedFilter)).all() == []


def test_several_reviews_are_approved_each_by_itself(session, client_for, reviews):
    bo = client_for("Bo")
    page = bo.get("/tasks/approvals?" + "&".join(f"task={one}" for one in reviews[:2])).text
    assert "Godkänn 2 uppgifter" in page
    for _ in range(2):  # the same post twice approves once
        answer = bo.post(
            "/tasks/approvals", {"task": [str(r) for r in reviews[:2]], "command": "a"}
        )
        assert answer.status_code == 302
    session.expire_all()
    done = [session.get(Task, one).done_by_id is not None for one in reviews]
    assert done == [True, True, False]
    told = sa.select(sa.func.count()).where(Event.kind == "task_completed", Event.step == "approve")
    assert session.scalar(told) == 2
    assert broken(session) == []


def test_what_is_not_safe_to_approve_with_others_is_left_and_said_why(
    session, city, client_for, reviews
):
    asks_more = packages.letter(key="other")  # its answer is yes or no
    publishing.publish(session, asks_more, by=SYSTEM, now=NOON)
    secret = letters(session, city, secrecy="sec", key="note")
    others = {
        "Den frågar efter mer än ett ja.": written(session, city, find(session, "other"), 2027),
        "Ärendet är hemligt.": written(session, city, secret, 2027),
        "Den är ingen granskning.": session.scalars(
            sa.select(Task.id).where(Task.element == "write", Task.closed_at.is_(None))
        ).one(),
        "Någon har börjat skriva i den.": reviews[1],
    }
    begun = rows.find(session, reviews[1])
    verbs.save_draft(session, begun, {"approval": "no"}, seen=0, by=city.actor("Bo"), now=NOON)
    session.commit()
    bo = client_for("Bo")
    every = [str(one) for one in (*others.values(), reviews[0])]
    page = bo.get("/tasks/approvals?" + "&".join(f"task={one}" for one in every)).text
    assert "Godkänn 1 uppgift" in page
    bo.post("/tasks/approvals", {"task": every, "command": "a"})
    told = bo.get("/tasks/?list=role").text
    assert "En uppgift är godkänd." in told
    for why in others:
        assert why in page, why
        assert why in told, why
    session.expire_all()
    assert session.get(Task, reviews[0]).closed_at is not None
    assert all(session.get(Task, one).closed_at is None for one in others.values())


@pytest.mark.parametrize(
    ("who", "why"),
    [("Alva", "Du har själv gjort ett tidigare steg."), ("Disa", "Den är inte din att göra.")],
)
def test_nobody_approves_their_own_or_another_s_work_among_others(
    session, client_for, reviews, who, why
):
    somebody, every = client_for(who), [str(one) for one in reviews]
    page = somebody.get("/tasks/approvals?" + "&".join(f"task={one}" for one in every)).text
    assert page.count(why) == 3
    somebody.post("/tasks/approvals", {"task": every, "command": "a"})
    session.expire_all()
    assert all(session.get(Task, one).closed_at is None for one in reviews)


def test_who_may_not_see_a_task_is_not_told_that_there_is_one(session, client_for, reviews):
    cleo, every = client_for("Cleo"), [str(one) for one in reviews]
    page = cleo.get("/tasks/approvals?" + "&".join(f"task={one}" for one in every)).text
    assert "Godkänn brevet" not in page
    cleo.post("/tasks/approvals", {"task": every, "command": "a"})
    assert "Godkänn brevet" not in cleo.get("/tasks/").text
    session.expire_all()
    assert all(session.get(Task, one).closed_at is None for one in reviews)


def test_a_list_costs_few_statements(database, client_for, reviews):
    bo, seen = client_for("Bo"), []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *all: seen.append(all[2]))
    for path in (
        "/tasks/?list=role&text=brev&order=unit",
        "/tasks/?list=waiting",
        "/search?q=brev",
    ):
        seen.clear()
        assert bo.get(path).status_code == 200
        assert len(seen) <= 25, (path, seen)
