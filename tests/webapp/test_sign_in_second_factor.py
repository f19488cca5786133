"""Second factors: demanded of some, asked of all who have one, and never passed twice alike."""

import re
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
import time_machine

from tests.cast import NOON
from tests.webapp.authenticator import Authenticator
from tests.webapp.pages import found, hidden, token
from tests.webapp.signing import PASSWORD, browser, come, give_password
from webapp import create_app
from webapp.settings import read
from workflows.history.models import Event
from workflows.organisation.account_rows import has_second_factor
from workflows.organisation.accounts import Account, Passkey
from workflows.organisation.models import Holding, Person

NEW = "/account/second-factors/new"
GENERATOR = "/account/second-factors/generator"
SECOND = "/sign-in/second"
URL = "http://localhost:8000"


@pytest.fixture
def environ():
    return {"ARSHJUL_URL": URL}


@pytest.fixture(autouse=True)
def known(database, city):
    for name in ("Alva", "Bo", "Egil"):
        give_password(database, city.people[name].id)


@pytest.fixture
def time():
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


def secret_on(page):
    return found(r"<code>([A-Z2-7 ]+)</code>", page).replace(" ", "")


def add_generator(client):
    """Add a code generator as the page leads one to; returns its secret and the recovery codes."""
    page = client.get(NEW)
    secret = secret_on(page)
    code = pyotp.TOTP(secret).at(NOON)
    answer = client.post(GENERATOR, data=hidden(page, GENERATOR) | {"code": code})
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<code>([a-z2-9-]{19})</code>", answer.text)


def show(client, code, page=None):
    fields = hidden(page or client.get(SECOND), SECOND)
    return client.post(SECOND, data=fields | {"code": code})


def options(page, deed):
    return found(rf'data-passkey="{deed}" data-options="([^"]+)"', page)


def add_passkey(client, device):
    page = client.get(NEW)
    fields = hidden(page, "/account/second-factors/passkeys")
    credential = device.make(options(page, "add"))
    return client.post(
        "/account/second-factors/passkeys",
        data=fields | {"credential": credential, "name": "Nyckel"},
    )


# demanded of guarded roles


def test_an_administrator_without_one_sees_nothing_but_the_page_to_add_one(app, time):
    client = browser(app, "Egil")
    for path in ("/", "/tasks/", "/account", "/history/", "/sign-in/second"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("Location")) in (
            (303, NEW),
            (308, None),
        ) or (path == "/history/" and answer.status_code == 404), path
    page = client.get(NEW)
    assert page.status_code == 200
    assert "Administration" not in page.text


def test_an_administrator_without_one_changes_nothing_either(app, city, database, time):
    client = browser(app, "Egil")
    sent = {"csrf_token": token(client.get(NEW))}
    answer = client.post(f"/people/{city.people['Jon'].id}/invitations", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, NEW)
    with database.reading() as session:
        assert not session.scalars(sa.select(Event).where(Event.kind == "invited")).all()


def test_once_added_the_administrator_is_in_with_their_roles(app, time):
    client = browser(app, "Egil")
    _, codes = add_generator(client)
    assert len(codes) == 10
    assert client.get("/account").status_code == 200


def test_somebody_with_no_guarded_role_is_not_asked(app, time):
    assert browser(app, "Alva").get("/account").status_code == 200


def test_a_guarded_role_given_in_the_middle_of_a_sign_in_is_asked_for_at_once(
    app, city, database, time
):
    client = browser(app, "Alva")
    with database.writing() as session, session.begin():
        unit, person = city.units["STAD"].id, city.people["Alva"].id
        session.add(Holding(role="auditor", unit_id=unit, person_id=person))
    assert client.get("/account").headers["Location"] == NEW


@pytest.mark.parametrize(("is_demo", "address", "is_asked"), [
    (True, URL, False),
    (False, URL, True),
    (True, "https://arshjul.example", True),
])  # fmt: skip
def test_the_demand_is_waived_for_invented_people_on_this_machine_only(
    database, url, city, tmp_path, is_demo, address, is_asked
):
    with database.writing() as session, session.begin():
        session.get_one(Person, city.people["Egil"].id).is_demo = is_demo
    settings = read({"DATABASE_URL": url, "ARSHJUL_URL": address}, data=tmp_path)
    client = create_app(settings, database).test_client()
    fields = hidden(client.get("/account", base_url=address), "/sign-in")
    typed = {"email": "egil@example.test", "password": PASSWORD}
    client.post(
        "/sign-in", data=fields | typed, base_url=address, headers={"Referer": address + "/"}
    )
    assert (client.get("/account", base_url=address).status_code == 303) is is_asked


# asked of all who have one


def test_whoever_has_one_shows_it_at_the_next_sign_in(app, time):
    secret, _ = add_generator(browser(app, "Alva"))
    time.shift(timedelta(seconds=60))
    client = browser(app, "Alva")
    page = client.get("/account")
    assert page.status_code == 401
    answer = show(client, pyotp.TOTP(secret).at(NOON + timedelta(seconds=60)), page)
    assert answer.headers["Location"] == "/account"
    assert client.get("/account").status_code == 200


def test_a_password_alone_adds_no_other_factor(app, database, city, time):
    add_generator(browser(app, "Alva"))
    client = browser(app, "Alva")
    assert client.get(NEW).status_code == 401
    sent = {"csrf_token": token(client.get(SECOND)), "sealed": "x", "code": "000000"}
    assert client.post(GENERATOR, data=sent).status_code == 401
    assert client.post("/account/second-factors/generator/removal", data=sent).status_code == 401


def test_the_same_code_is_not_taken_twice(app, time):
    secret, _ = add_generator(browser(app, "Alva"))
    client = browser(app, "Alva")
    assert show(client, pyotp.TOTP(secret).at(NOON)).status_code == 422  # it added the generator
    time.shift(timedelta(seconds=60))
    code = pyotp.TOTP(secret).at(NOON + timedelta(seconds=60))
    assert show(client, code).status_code == 302
    other = browser(app, "Alva")
    assert show(other, code).status_code == 422
    assert other.get("/account").status_code == 401


def test_wrong_codes_make_one_wait(app, time):
    add_generator(browser(app, "Alva"))
    client = browser(app, "Alva")
    assert [show(client, "000000").status_code for _ in range(6)] == [422] * 5 + [429]


def test_each_recovery_code_works_once(app, time):
    _, codes = add_generator(browser(app, "Alva"))
    assert show(browser(app, "Alva"), codes[3].upper()).status_code == 302
    assert show(browser(app, "Alva"), codes[3]).status_code == 422
    assert show(browser(app, "Alva"), codes[4]).status_code == 302


def test_new_recovery_codes_end_the_old_ones_and_ask_for_the_password(app, time):
    client = browser(app, "Alva")
    _, old = add_generator(client)
    sent = {"csrf_token": token(client.get("/account"))}
    wrong = client.post("/account/second-factors/codes", data=sent | {"password": "fel"})
    assert wrong.status_code == 422
    right = client.post("/account/second-factors/codes", data=sent | {"password": PASSWORD})
    new = re.findall(r"<code>([a-z2-9-]{19})</code>", right.text)
    assert not set(old) & set(new)
    assert show(browser(app, "Alva"), old[0]).status_code == 422
    assert show(browser(app, "Alva"), new[0]).status_code == 302


def test_removing_the_generator_asks_for_the_password_and_ends_the_recovery_codes(
    app, database, city, time
):
    client = browser(app, "Alva")
    add_generator(client)
    sent = {"csrf_token": token(client.get("/account"))}
    path = "/account/second-factors/generator/removal"
    assert client.post(path, data=sent).status_code == 422
    assert client.post(path, data=sent | {"password": PASSWORD}).status_code == 302
    with database.reading() as session:
        assert not has_second_factor(session, city.people["Alva"].id)
    assert browser(app, "Alva").get("/account").status_code == 200


def test_the_secret_is_sealed_in_the_database(app, database, city, time):
    secret, _ = add_generator(browser(app, "Alva"))
    with database.reading() as session:
        stored = session.get_one(Account, city.people["Alva"].id).totp_secret
    assert secret not in stored


def test_a_secret_sealed_for_another_person_is_not_taken(app, time):
    alva, bo = browser(app, "Alva"), browser(app, "Bo")
    page = bo.get(NEW)
    theirs = hidden(page, GENERATOR)["sealed"]
    mine = {"csrf_token": token(alva.get(NEW)), "sealed": theirs}
    code = pyotp.TOTP(secret_on(page)).at(NOON)
    assert alva.post(GENERATOR, data=mine | {"code": code}).headers["Location"] == NEW


def test_an_administrator_removes_the_factors_of_somebody_who_has_lost_them(
    app, database, city, time, client_for
):
    add_generator(browser(app, "Alva"))
    path = f"/people/{city.people['Alva'].id}/second-factors/removal"
    assert client_for("Bo").post(path).status_code == 403
    assert client_for("Egil").post(path).status_code == 302
    assert browser(app, "Alva").get("/account").status_code == 200


# passkeys


def test_a_passkey_is_a_second_factor(app, time):
    device = Authenticator(URL)
    assert add_passkey(browser(app, "Egil"), device).status_code == 200
    client = browser(app, "Egil")
    page = client.get("/account")
    fields = hidden(page, "/sign-in/second/passkey")
    credential = device.show(options(page, "show"))
    answer = client.post("/sign-in/second/passkey", data=fields | {"credential": credential})
    assert answer.headers["Location"] == "/account"
    assert client.get("/account").status_code == 200


def test_a_passkey_that_asks_who_one_is_replaces_the_password_too(app, time):
    device = Authenticator(URL)
    add_passkey(browser(app, "Egil"), device)
    client = app.test_client()
    page = client.get("/account")
    fields = hidden(page, "/sign-in/passkey")
    credential = device.show(options(page, "show"))
    answer = client.post("/sign-in/passkey", data=fields | {"credential": credential})
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/account")
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    "fault", ["unverified", "other origin", "unknown", "nonsense", "other key"]
)
def test_a_passkey_that_does_not_hold_opens_nothing(app, fault, time):
    device = Authenticator(URL)
    add_passkey(browser(app, "Egil"), device)
    client = app.test_client()
    page = client.get("/sign-in")
    if fault == "unverified":
        device.verifies = False
    elif fault == "other origin":
        device.origin = "http://localhost:9000"
    elif fault == "unknown":
        device.id = b"x" * 16
    elif fault == "other key":
        device.key = Authenticator(URL).key
    credential = device.show(options(page, "show")) if fault != "nonsense" else '{"id": 3}'
    fields = hidden(page, "/sign-in/passkey")
    answer = client.post("/sign-in/passkey", data=fields | {"credential": credential})
    assert answer.status_code == 422
    assert client.get("/account").status_code == 401


def test_an_answer_is_taken_once_even_with_the_old_cookie(app, time):
    device = Authenticator(URL)
    add_passkey(browser(app, "Egil"), device)
    client = app.test_client()
    page = client.get("/sign-in")
    fields = hidden(page, "/sign-in/passkey")
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    sent = fields | {"credential": device.show(options(page, "show"))}
    assert client.post("/sign-in/passkey", data=sent).status_code == 302
    replaying = app.test_client()
    with replaying.session_transaction() as cookie:
        cookie.update(kept)
    assert replaying.post("/sign-in/passkey", data=sent).status_code == 422


def test_a_copied_passkey_is_found_out_by_its_count(app, time):
    device = Authenticator(URL, uses=5)
    add_passkey(browser(app, "Egil"), device)
    device.uses = 2
    client = app.test_client()
    page = client.get("/sign-in")
    sent = hidden(page, "/sign-in/passkey") | {"credential": device.show(options(page, "show"))}
    assert client.post("/sign-in/passkey", data=sent).status_code == 422


def test_a_challenge_is_answered_within_five_minutes(app, time):
    device = Authenticator(URL)
    add_passkey(browser(app, "Egil"), device)
    client = app.test_client()
    page = client.get("/sign-in")
    sent = hidden(page, "/sign-in/passkey") | {"credential": device.show(options(page, "show"))}
    time.shift(timedelta(minutes=5, seconds=1))
    assert client.post("/sign-in/passkey", data=sent).status_code == 422


def test_a_passkey_is_removed_by_its_owner_only(app, city, database, time):
    add_passkey(browser(app, "Bo"), Authenticator(URL))
    with database.reading() as session:
        theirs = session.scalars(sa.select(Passkey.id)).one()
    client = browser(app, "Alva")
    sent = {"csrf_token": token(client.get("/account")), "password": PASSWORD}
    path = f"/account/second-factors/passkeys/{theirs}/removal"
    assert client.post(path, data=sent).status_code == 404


def test_passkeys_are_not_offered_where_browsers_cannot_do_them(database, url, city, tmp_path):
    settings = read({"DATABASE_URL": url}, data=tmp_path)
    assert settings.url.startswith("http://127.0.0.1")
    assert "data-passkey" not in create_app(settings, database).test_client().get("/sign-in").text


def test_coming_in_by_password_with_nothing_enrolled_still_needs_the_password(app, time):
    assert come(app.test_client(), "Egil", "fel lösenord här").status_code == 422
