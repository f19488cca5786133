"""The walking path over HTTP, and everything a browser should not send but somebody will."""

import re

import pytest
import sqlalchemy as sa
from markupsafe import escape

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.chains import broken
from workflows.cases.comments import Comment
from workflows.history.models import Event
from workflows.operations import cases, publishing
from workflows.processes.rows import find
from workflows.tasks.models import Draft, Task


@pytest.fixture
def task(session, city):
    """Alva's letter, waiting to be written."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    cases.start(session, process, city.units["FARSTA"], 2027, by=city.actor("Alva"), now=NOON)
    found = session.scalars(sa.select(Task)).one()
    session.commit()  # whoever writes holds the one turn to write
    return found


@pytest.fixture
def unchanged(database, task):
    """Check at the end that nothing at all was written."""
    before = _everything(database)
    yield
    assert _everything(database) == before


def _everything(database):
    with database.reading() as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(t)) for t in (Event, Draft)]
        tasks = session.execute(sa.select(Task.id, Task.revision, Task.closed_at)).all()
        return counts, [tuple(row) for row in tasks]


def _path(task, deed):
    return f"/tasks/{task.id}/{deed}"


def _answer(text="Hej", **more):
    return {"text": text, "command": "one", "seen": "0"} | more


def test_a_task_is_completed_and_the_case_and_the_record_tell_of_it(session, task, client_for):
    alva = client_for("Alva")
    page = alva.get(f"/tasks/{task.id}").get_data(as_text=True)
    assert "Skriv brevet" in page
    assert "Tis 11 maj 2027" in page
    assert "10 arbetsdagar före T1" in page
    answer = alva.post(_path(task, "completion"), _answer())
    assert answer.status_code == 302
    case = alva.get(answer.location).get_data(as_text=True)
    assert "Alva gjorde klart “Skriv brevet”" in case
    assert broken(session) == []


def test_the_page_speaks_english_to_those_who_want_it(task, client_for):
    alva = client_for("Alva")
    alva.post("/preferences/language", {"language": "en"})
    page = alva.get(f"/tasks/{task.id}").get_data(as_text=True)
    assert 'lang="en"' in page
    assert "Write the letter" in page
    assert "10 working days before T1" in page


def test_a_draft_is_saved_and_shown_again(session, task, client_for):
    alva = client_for("Alva")
    answer = alva.post(_path(task, "draft"), _answer("Halvfärdigt"))
    assert answer.status_code == 302
    assert "Halvfärdigt" in alva.get(f"/tasks/{task.id}").get_data(as_text=True)
    json = {"Accept": "application/json"}
    answer = alva.post(_path(task, "draft"), _answer("Mer", seen="1"), headers=json)
    assert answer.json["revision"] == 2


def test_the_same_post_twice_completes_once(session, task, client_for):
    alva = client_for("Alva")
    for _ in range(2):
        assert alva.post(_path(task, "completion"), _answer()).status_code == 302
    done = sa.select(sa.func.count()).where(Event.kind == "task_completed")
    assert session.scalar(done) == 1


def test_answers_that_do_not_hold_come_back_with_what_was_typed(unchanged, task, client_for):
    answer = client_for("Alva").post(_path(task, "completion"), _answer("x" * 201))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "x" * 201 in page
    assert re.search(r'href="#f-text"', page)
    assert 'aria-invalid="true"' in page


def test_an_unknown_field_is_refused(unchanged, task, client_for):
    answer = client_for("Alva").post(_path(task, "completion"), _answer(smuggled="1"))
    assert answer.status_code == 422


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_a_post_without_the_right_token_is_refused(unchanged, task, client_for, token):
    alva = client_for("Alva")
    data = _answer() | ({} if token is None else {"csrf_token": token})
    answer = alva.client.post(_path(task, "completion"), data=data)
    assert answer.status_code == 400
    assert "sidan" in answer.get_data(as_text=True)


def test_a_token_of_somebody_else_s_sign_in_is_refused(unchanged, task, client_for):
    alva, anton = client_for("Alva"), client_for("Anton")
    answer = alva.post(_path(task, "completion"), _answer() | {"csrf_token": anton.csrf})
    assert answer.status_code == 400


def test_two_drafts_are_chosen_between_and_nothing_is_written_over(database, task, client_for):
    alva, anton = client_for("Alva"), client_for("Anton")
    alva.post(_path(task, "draft"), _answer("Alvas"))
    for deed in ("draft", "completion"):  # handing in writes over what is saved as well
        answer = anton.post(_path(task, deed), _answer("Antons"))
        page = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert "hann före" in page
        assert "Alva sparade" in page
        assert ">Antons<" in page
        assert ">Alvas<" in page
    quiet = {"Accept": "application/json"}
    told = anton.post(_path(task, "draft"), _answer("Antons"), headers=quiet)
    assert (told.status_code, told.json) == (409, {"code": "draft_overtaken"})
    same = anton.post(_path(task, "draft"), _answer("Alvas"), headers=quiet)
    assert (same.status_code, same.json["revision"]) == (200, 1)  # both say the same
    chosen = _answer("Antons", seen="1") | {"pick:text": "both"}
    assert anton.post(_path(task, "merge"), chosen).status_code == 302
    assert _saved(database) == {"text": "Antons / Alvas"}
    assert anton.post(_path(task, "merge"), chosen).status_code == 409  # it has moved on
    assert "Alvas" in _saved(database)["text"]


def _saved(database):
    with database.reading() as session:
        return session.scalars(sa.select(Draft)).one().answers


def test_what_one_typed_is_shown_when_the_task_was_completed_or_taken_meanwhile(task, client_for):
    alva, anton = client_for("Alva"), client_for("Anton")
    alva.post(_path(task, "claim"))
    alva.post(_path(task, "draft"), _answer("Alvas utkast"))
    taken = anton.post(_path(task, "draft"), _answer("Antons långa text"))
    assert taken.status_code == 403
    assert "Antons långa text" in taken.get_data(as_text=True)
    assert "Alvas utkast" not in taken.get_data(as_text=True)
    alva.post(_path(task, "completion"), _answer("Alvas", seen="1"))
    for deed in ("draft", "completion", "merge"):
        answer = anton.post(_path(task, deed), _answer("Antons långa text", command="two"))
        page = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert "Antons långa text" in page
        assert "Alvas" in page
        assert "/merge" not in page


def test_whose_draft_it_is_is_said(task, client_for):
    client_for("Alva").post(_path(task, "draft"), _answer("Alvas"))
    assert "Alva har börjat" in client_for("Anton").get(f"/tasks/{task.id}").get_data(as_text=True)
    assert "har börjat" not in client_for("Alva").get(f"/tasks/{task.id}").get_data(as_text=True)


ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
TURNED = "שלום עולם 🚒🧯 مرحبا"


@pytest.mark.parametrize("text", [ATTACK, TURNED])
def test_every_text_of_a_task_is_shown_as_typed(task, city, client_for, text):
    alva, bo = client_for("Alva"), client_for("Bo")
    alva.post(_path(task, "claim"))
    alva.post(_path(task, "draft"), _answer(text))
    comment = {"text": f"{text} **fet**", "task": task.id, "mention": city.people["Bo"].id}
    sent = alva.post(f"/cases/{task.case_id}/comments", comment)
    assert sent.location.endswith(f"/tasks/{task.id}#comments")
    alva.post(_path(task, "suggestion"), {"why": text, "command": "one"})
    pages = [
        alva.get(f"/tasks/{task.id}"),
        bo.get(_path(task, "handover")),
        bo.get(f"/cases/{task.case_id}"),
        client_for("Anton").post(_path(task, "draft"), _answer(text + "2")),
    ]
    for page in (each.get_data(as_text=True) for each in pages):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert str(escape(text)) in page
    page = pages[0].get_data(as_text=True)
    assert page.count(str(escape(text))) == 4  # the draft, the comment, the reason and its record
    assert "@Bo " in page
    assert "<b>fet</b>" in page
    assert "Alva nämner dig" in bo.get("/notices").get_data(as_text=True)


def test_a_comment_is_taken_back_from_the_page(database, task, client_for):
    alva = client_for("Alva")
    alva.post(f"/cases/{task.case_id}/comments", {"text": "Hemligt", "mention": ""})
    with database.reading() as session:
        comment_id = session.scalars(sa.select(Comment.id)).one()
    assert client_for("Cleo").post(f"/comments/{comment_id}/withdrawal").status_code == 404
    assert alva.post(f"/comments/{comment_id}/withdrawal").status_code == 302
    page = alva.get(f"/tasks/{task.id}").get_data(as_text=True)
    assert "Hemligt" not in page
    assert "Tog tillbaka kommentaren" in page


def test_the_page_takes_few_statements_and_says_where_one_is(database, task, client_for):
    alva, statements = client_for("Alva"), []
    alva.post(_path(task, "draft"), _answer("Alvas"))
    listen = (database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    sa.event.listen(*listen)
    page = alva.get(f"/tasks/{task.id}").get_data(as_text=True)
    sa.event.remove(*listen)
    assert len(statements) <= 25, "\n".join(statements)
    picture = page[page.index('<svg class="here"') :]
    picture = picture[: picture.index("</svg>")]
    assert len(picture) < 15_000
    assert "Godkänn" in picture
    assert re.search(r"Sedan kommer</dt><dd>Godkänn", page)


@pytest.mark.parametrize("name", ["Cleo", "Jon", "Egil"])
def test_another_s_task_does_not_exist(unchanged, task, client_for, name):
    somebody = client_for(name)
    assert somebody.get(f"/tasks/{task.id}").status_code == 404
    for deed in ("claim", "release", "draft", "completion"):
        assert somebody.post(_path(task, deed), _answer()).status_code == 404


def test_who_may_see_but_not_do_is_refused(unchanged, task, client_for):
    disa = client_for("Disa")
    assert disa.get(f"/tasks/{task.id}").status_code == 200
    for deed in ("claim", "release", "draft", "completion"):
        assert disa.post(_path(task, deed), _answer()).status_code == 403


@pytest.mark.parametrize("path", ["/tasks/999999", "/cases/999999", f"/tasks/{10**30}", "/tasks/x"])
def test_what_does_not_exist_is_a_404_in_words(unchanged, task, client_for, path):
    answer = client_for("Alva").get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.get_data(as_text=True)


def test_nobody_signed_in_is_asked_to_sign_in(unchanged, app, task):
    answer = app.test_client().get(f"/tasks/{task.id}")
    assert answer.status_code == 401
    assert 'name="password"' in answer.get_data(as_text=True)


def test_a_body_of_ten_megabytes_is_refused(unchanged, task, client_for):
    answer = client_for("Alva").post(_path(task, "completion"), _answer("x" * 10_000_000))
    assert answer.status_code == 413


def test_an_upload_where_none_is_expected_is_refused(unchanged, task, client_for):
    import io

    data = _answer() | {"text": (io.BytesIO(b"%PDF-1.7"), "letter.pdf")}
    answer = client_for("Alva").post(_path(task, "completion"), data)
    assert answer.status_code == 422


@pytest.mark.parametrize("raw", [b"text=%ff%fe", b"text=%ed%a0%80", b"%ff=1", b"text=a%00b"])
def test_text_that_is_no_text_is_refused(unchanged, task, client_for, raw):
    alva = client_for("Alva")
    body = raw + b"&command=one&csrf_token=" + alva.csrf.encode()
    answer = alva.client.post(
        _path(task, "completion"), data=body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("seen", ["x", "-1", "9" * 40, ""])
def test_a_wrong_revision_in_a_hidden_field_is_refused(unchanged, task, client_for, seen):
    answer = client_for("Alva").post(_path(task, "draft"), _answer(seen=seen))
    assert answer.status_code in (400, 409)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(unchanged, task, client_for, method):
    alva = client_for("Alva")
    send = getattr(alva.client, method)
    assert send(f"/tasks/{task.id}").status_code == 405


@pytest.mark.parametrize("query", ["list=nothing", "after=x", "after=-1", f"after={9**30}"])
def test_an_impossible_list_is_refused_or_begun_anew(unchanged, task, client_for, query):
    assert client_for("Alva").get(f"/tasks/?{query}").status_code in (200, 400, 404)


def test_a_host_we_do_not_answer_to_is_refused(unchanged, task, client_for):
    answer = client_for("Alva").get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_every_page_carries_the_headers(task, client_for):
    for path in ("/", "/nope", f"/tasks/{task.id}", "/health/live"):
        headers = client_for("Alva").get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_a_get_writes_nothing(unchanged, task, client_for):
    alva = client_for("Alva")
    for path in ("/", "/tasks/", f"/tasks/{task.id}", f"/cases/{task.case_id}"):
        assert alva.get(path).status_code == 200


def test_reading_a_secret_case_is_kept_and_what_cannot_be_kept_is_not_shown(
    database, session, city, client_for, monkeypatch
):
    publishing.publish(session, packages.letter("sec", key="secret"), by=SYSTEM, now=NOON)
    process = find(session, "secret")
    case = cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)
    session.commit()
    hedda = client_for("Hedda")
    assert client_for("Disa").get(f"/cases/{case.id}").status_code == 404
    assert hedda.get(f"/cases/{case.id}").status_code == 200
    with database.reading() as other:
        read = sa.select(Event.actor_id).where(Event.kind == "secret_read")
        assert list(other.scalars(read)) == [city.people["Hedda"].id]
    monkeypatch.setattr("webapp.traces.record", _cannot)
    assert hedda.get(f"/cases/{case.id}").status_code == 503


def _cannot(*_given, **_named):
    raise TimeoutError
