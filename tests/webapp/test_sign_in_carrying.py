"""What was typed when a sign-in ended goes along past the next one, and becomes a draft at most."""

import pytest
import sqlalchemy as sa

from tests.webapp.pages import hidden, token
from tests.webapp.signing import PASSWORD, browser, give_password
from webapp import clock
from webapp.carrying import MOST
from workflows.history.models import Event
from workflows.organisation.accounts import SignIn

TYPED = {"text": "Åtta rader\n<b>& mer</b>", "rows.0.name": "Ett", "seen": "3"}
ORIGIN = {"Origin": "http://127.0.0.1:8000"}


@pytest.fixture(autouse=True)
def known(database, city):
    for name in ("Alva", "Bo"):
        give_password(database, city.people[name].id)


def end_all(database):
    with database.writing() as session, session.begin():
        session.execute(sa.update(SignIn).values(ended_at=clock.now()))


def interrupted(app, database, path="/tasks/7/completion", typed=TYPED):
    """A browser whose sign-in ended while a form was being filled in, and what it was answered."""
    client = browser(app, "Alva")
    sent = {"csrf_token": token(client.get("/account"))} | typed
    end_all(database)
    return client, client.post(path, data=sent)


def sign_in_again(client, page, name="alva"):
    fields = hidden(page, "/sign-in")
    typed = {"email": f"{name}@example.test", "password": PASSWORD}
    return client.post("/sign-in", data=fields | typed)


@pytest.mark.parametrize("deed", ["completion", "merge"])
def test_it_comes_along_and_can_be_saved_as_a_draft(app, database, deed):
    picked = {"pick:text": "mine"}  # between two drafts: both are shown anew
    client, page = interrupted(app, database, f"/tasks/7/{deed}", TYPED | picked)
    assert page.status_code == 401
    answer = sign_in_again(client, page)
    assert answer.status_code == 200
    fields = hidden(answer, "/tasks/7/draft")
    assert fields.pop("csrf_token")
    carried = {name: values[0].replace("\r\n", "\n") for name, values in fields.items()}
    assert {name: carried.pop(name) for name in TYPED} == TYPED
    assert "pick:text" not in carried


def test_nothing_of_it_is_stored_on_the_way(app, database):
    client, page = interrupted(app, database)
    sign_in_again(client, page)
    with database.reading() as session:
        assert "rader" not in "".join(session.scalars(sa.select(Event.what)))
    with client.session_transaction() as cookie:
        assert "rader" not in str(dict(cookie))


def test_neither_the_password_nor_an_old_token_comes_along(app, database):
    client, page = interrupted(app, database)
    answer = sign_in_again(client, page)
    assert PASSWORD not in answer.text
    assert set(hidden(answer, "/tasks/7/draft")) == {"csrf_token", *TYPED}


def test_a_wrong_password_on_the_way_loses_nothing(app, database):
    client, page = interrupted(app, database)
    fields = hidden(page, "/sign-in")
    typed = {"email": "alva@example.test", "password": "fel lösenord här"}
    again = client.post("/sign-in", data=fields | typed)
    assert again.status_code == 422
    assert "carried" in hidden(again, "/sign-in")
    assert "Åtta rader" in sign_in_again(client, again).text


def test_another_person_does_not_get_it(app, database):
    client, page = interrupted(app, database)
    answer = sign_in_again(client, page, "bo")
    assert answer.status_code == 302
    assert "Åtta rader" not in answer.text


def test_what_is_too_long_is_not_carried_and_the_page_says_so(app, database):
    _client, page = interrupted(app, database, typed={"text": "x" * (MOST + 1)})
    assert page.status_code == 401
    assert "carried" not in hidden(page, "/sign-in")
    assert len(page.text) < 100_000


def test_a_form_that_cannot_become_a_draft_is_not_carried(app, database):
    _client, page = interrupted(app, database, path="/account/sign-ins/end")
    assert page.status_code == 401
    assert "carried" not in hidden(page, "/sign-in")


@pytest.mark.parametrize(
    "to",
    ["/sign-out", "https://evil.example/tasks/7/draft", "/tasks/7/completion", "//x/y", "\x00"],
)
def test_it_is_handed_to_a_draft_and_nowhere_else(app, to):
    client = app.test_client()
    fields = hidden(client.get("/sign-in"), "/sign-in")
    typed = {"email": "alva@example.test", "password": PASSWORD}
    carried = {"carried_to": to, "carried": '["text", "x"]'}
    answer = client.post("/sign-in", data=fields | typed | carried)
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/")


@pytest.mark.parametrize("packed", ["nonsense", "[1, 2]", '["a"]', "{}", '["a", "b", "c"]'])
def test_what_somebody_has_meddled_with_is_dropped(app, packed):
    client = app.test_client()
    fields = hidden(client.get("/sign-in"), "/sign-in")
    typed = {"email": "alva@example.test", "password": PASSWORD}
    carried = {"carried_to": "/tasks/7/draft", "carried": packed}
    assert client.post("/sign-in", data=fields | typed | carried).status_code == 302


def test_a_page_from_before_a_new_sign_in_keeps_its_text_too(app, database):
    client = browser(app, "Alva")
    sent = {"csrf_token": token(client.get("/account"))} | TYPED
    client.post("/sign-out", data={"csrf_token": sent["csrf_token"]})
    sign_in_again(client, client.get("/sign-in"))
    answer = client.post("/tasks/7/completion", data=sent, headers=ORIGIN)
    assert answer.status_code == 400
    assert set(TYPED) <= set(hidden(answer, "/tasks/7/draft"))


def test_a_form_from_another_site_is_carried_nowhere(app):
    client = browser(app, "Alva")
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = client.post("/tasks/7/completion", data=TYPED, headers=origin)
        assert answer.status_code == 400
        assert "Åtta rader" not in answer.text
