"""An invitation from the administrator's page to the first sign-in."""

import re

import pytest

from tests.webapp.pages import found, token
from tests.webapp.signing import PASSWORD, browser, give_password
from webapp.logs import masked


@pytest.fixture
def link(city, client_for):
    answer = client_for("Egil").post(f"/people/{city.people['Jon'].id}/invitations")
    assert answer.status_code == 200
    return found(r'value="http://127.0.0.1:8000(/invitations/[^"]+)"', answer)


def choose(client, link, password, again=None):
    sent = {"csrf_token": token(client.get(link))}
    return client.post(link, data=sent | {"new_password": password, "again": again or password})


def test_the_bearer_chooses_a_password_and_signs_in_with_it(app, link):
    client = app.test_client()
    assert choose(client, link, PASSWORD).headers["Location"] == "/sign-in"
    assert browser(app, "Jon").get("/account").status_code == 200
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("password", ["kort", "jon example jon", "lösenord2027", "x" * 201])
def test_a_bad_password_is_refused_in_words_and_the_link_still_works(app, link, password):
    client = app.test_client()
    assert choose(client, link, password).status_code == 422
    assert choose(client, link, PASSWORD, "something else").status_code == 422
    assert choose(client, link, PASSWORD).status_code == 302


def test_a_made_up_link_opens_nothing(app, city):
    assert app.test_client().get("/invitations/" + "x" * 43).status_code == 410


def test_others_than_administrators_cannot_invite(city, client_for):
    path = f"/people/{city.people['Jon'].id}/invitations"
    assert client_for("Bo").post(path).status_code == 403
    assert client_for("Egil").post("/people/999999/invitations").status_code == 404


def test_the_log_does_not_tell_the_link(link):
    assert masked(link) == "/invitations/…"


def test_changing_the_password_asks_for_the_old_one_and_signs_out_elsewhere(app, database, city):
    give_password(database, city.people["Jon"].id)
    here, there = browser(app, "Jon"), browser(app, "Jon")
    new = {"new_password": "tre blåa elefanter", "again": "tre blåa elefanter"}
    sent = {"csrf_token": token(here.get("/account"))} | new
    assert here.post("/account/password", data=sent | {"password": "fel"}).status_code == 422
    assert there.get("/account").status_code == 200
    assert here.post("/account/password", data=sent | {"password": PASSWORD}).status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 401
    assert browser(app, "Jon", "tre blåa elefanter").get("/account").status_code == 200


def test_one_page_says_who_one_is_and_signs_out_everywhere_but_here(app, database, city):
    give_password(database, city.people["Jon"].id)
    here, there = browser(app, "Jon"), browser(app, "Jon")
    page = here.get("/account")
    for title in ("Vem du är", "E-post", "Ställföreträdare", "Senaste inloggningarna"):
        assert f"{title}</h2>" in page.text
    [seen] = re.findall(r'name="seen" value="(\d+)"', page.text)
    sent = {"csrf_token": token(page)}
    said = sent | {"seen": seen, "name": "Jon", "title": "<b>Chef</b>", "phone": "ring"}
    refused = here.post("/account/profile", data=said)
    assert refused.status_code == 422
    assert "&lt;b&gt;Chef" in refused.text, "what was typed stays, as text"
    assert here.post("/account/profile", data=said | {"phone": "08-508 00"}).status_code == 302
    assert "08-508 00" in here.get("/account").text
    assert here.post("/account/sign-ins/end", data=sent | {"but": "here"}).status_code == 302
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 401)
