"""Coming in with a password, staying in, and going out."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from argon2 import PasswordHasher

from tests.cast import NOON
from tests.webapp.pages import hidden, token
from tests.webapp.signing import PASSWORD, browser, come, give_password
from webapp import clock, create_app
from webapp.settings import read
from workflows.canonical import parse
from workflows.history.models import Event
from workflows.organisation.accounts import Account, Attempts, SignIn
from workflows.organisation.models import Holding, Person


@pytest.fixture(autouse=True)
def alva(database, city):
    give_password(database, city.people["Alva"].id)
    return city.people["Alva"].id


def told(database, kind):
    with database.reading() as session:
        found = session.scalars(sa.select(Event).where(Event.kind == kind).order_by(Event.id))
        return [(event.actor_id, parse(event.what)) for event in found]


def count(database, model):
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_the_right_password_leads_to_the_page_that_was_asked_for(app, database, alva):
    client = app.test_client()
    answer = come(client, "Alva", path="/account?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account?x=1")
    assert client.get("/account").status_code == 200
    assert told(database, "signed_in") == [(alva, {"how": "password"})]


def test_the_address_may_be_typed_in_capitals_with_spaces_around(app):
    client = app.test_client()
    fields = hidden(client.get("/sign-in"), "/sign-in")
    typed = {"email": " ALVA@Example.test ", "password": PASSWORD}
    assert client.post("/sign-in", data=fields | typed).status_code == 302


def test_a_wrong_password_is_refused_in_the_same_words_as_an_unknown_person(app, database, alva):
    wrong = come(app.test_client(), "Alva", "fyra gröna hundar")
    unknown = come(app.test_client(), "Nobody", "fyra gröna hundar")
    without = come(app.test_client(), "Bo", "fyra gröna hundar")  # has no password
    for answer in (wrong, unknown, without):
        assert answer.status_code == 422
        assert "lösenordet är fel" in answer.text or "lösenordet stämmer inte" in answer.text
    assert count(database, SignIn) == 0
    assert [what["person"] for _, what in told(database, "sign_in_refused")][:2] == [alva, None]
    assert "hundar" not in wrong.text
    with database.reading() as session:
        assert "hundar" not in "".join(session.scalars(sa.select(Event.what)))


def test_somebody_who_has_left_is_refused_and_their_open_sign_ins_end(app, database, alva):
    client = browser(app, "Alva")
    with database.writing() as session, session.begin():
        session.get_one(Person, alva).closed_at = clock.now()
    assert client.get("/account").status_code == 401
    assert come(app.test_client(), "Alva").status_code == 422


def test_the_cookie_is_kept_from_scripts_and_other_sites(app):
    client = app.test_client()
    cookies = come(client, "Alva").headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie


def test_under_https_the_cookies_are_secure_and_bound_to_the_host(database, url, tmp_path):
    settings = read({"DATABASE_URL": url, "ARSHJUL_URL": "https://arshjul.example"}, data=tmp_path)
    client = create_app(settings, database).test_client()
    base = "https://arshjul.example"
    fields = hidden(client.get("/account", base_url=base), "/sign-in")
    typed = {"email": "alva@example.test", "password": PASSWORD}
    answer = client.post(
        "/sign-in", data=fields | typed, base_url=base, headers={"Referer": base + "/account"}
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-arshjul", "__Host-device"}
    assert all("Secure" in cookie and "Path=/" in cookie for cookie in cookies)


def test_the_database_knows_the_token_only_by_its_hash(app, database):
    client = browser(app, "Alva")
    with client.session_transaction() as cookie:
        secret = cookie["sign_in"]
    with database.reading() as session:
        door = session.scalars(sa.select(SignIn)).one()
    assert secret not in (door.token_hash, door.device_hash)
    assert len(secret) >= 43


def test_a_made_up_token_opens_nothing(app):
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sign_in"] = "x" * 43
    assert client.get("/account").status_code == 401


def test_signing_in_gives_a_new_token_and_ends_what_this_browser_had(app, database):
    client = app.test_client()
    client.get("/sign-in")
    with client.session_transaction() as cookie:
        before = cookie["csrf_token"]
    come(client, "Alva")
    with client.session_transaction() as cookie:
        first = cookie["sign_in"]
        assert cookie["csrf_token"] != before
    fields = token(client.get("/account"))
    typed = {"csrf_token": fields, "email": "alva@example.test", "password": PASSWORD}
    client.post("/sign-in", data=typed)
    with client.session_transaction() as cookie:
        assert cookie["sign_in"] != first
    with database.reading() as session:
        ended = session.scalars(sa.select(SignIn.ended_at).order_by(SignIn.id)).all()
    assert [each is not None for each in ended] == [True, False]


def test_a_csrf_token_is_good_for_its_own_sign_in_only(app, city, database):
    give_password(database, city.people["Bo"].id)
    alva, bo = browser(app, "Alva"), browser(app, "Bo")
    stolen = token(bo.get("/account"))
    refused = alva.post("/account/sign-ins/end", data={"csrf_token": stolen})
    assert refused.status_code == 400
    assert alva.post("/account/sign-ins/end").status_code == 400
    assert alva.get("/account").status_code == 200
    mine = token(alva.get("/account"))
    assert alva.post("/account/sign-ins/end", data={"csrf_token": mine}).status_code == 302


def test_a_csrf_token_does_not_grow_old(app):
    with time_machine.travel(NOON, tick=False) as time:
        client = browser(app, "Alva")
        mine = token(client.get("/account"))
        for _ in range(11):
            time.shift(timedelta(minutes=55))
            assert client.get("/account").status_code == 200
        sent = client.post("/preferences/language", data={"csrf_token": mine, "language": "en"})
        assert sent.status_code == 302


def test_signing_out_ends_the_sign_in_itself_and_not_only_the_cookie(app, database, alva):
    client = browser(app, "Alva")
    with client.session_transaction() as cookie:
        kept = cookie["sign_in"]
    client.post("/sign-out", data={"csrf_token": token(client.get("/account"))})
    assert client.get("/account").status_code == 401
    with client.session_transaction() as cookie:
        cookie["sign_in"] = kept
    assert client.get("/account").status_code == 401
    assert [who for who, _ in told(database, "signed_out")] == [alva]


def test_signing_out_everywhere_ends_every_browser(app, database):
    here, there = browser(app, "Alva"), browser(app, "Alva")
    answer = here.post("/account/sign-ins/end", data={"csrf_token": token(here.get("/account"))})
    assert answer.headers["Location"] == "/sign-in"
    assert here.get("/account").status_code == there.get("/account").status_code == 401
    assert told(database, "signed_out_everywhere")[0][1]["count"] == 2


def test_one_other_browser_can_be_signed_out_but_not_somebody_elses(app, city, database):
    give_password(database, city.people["Bo"].id)
    here, there, others = browser(app, "Alva"), browser(app, "Alva"), browser(app, "Bo")
    with database.reading() as session:
        doors = session.scalars(sa.select(SignIn.id).order_by(SignIn.id)).all()
    mine = {"csrf_token": token(here.get("/account"))}
    assert here.post(f"/account/sign-ins/{doors[2]}/end", data=mine).status_code == 404
    assert here.post("/account/sign-ins/999/end", data=mine).status_code == 404
    assert here.post(f"/account/sign-ins/{doors[1]}/end", data=mine).status_code == 302
    assert [each.get("/account").status_code for each in (here, there, others)] == [200, 401, 200]


def test_an_idle_sign_in_ends_and_one_in_use_does_not(app):
    idle = timedelta(minutes=app.settings.idle_minutes)
    with time_machine.travel(NOON, tick=False) as time:
        used, left = browser(app, "Alva"), browser(app, "Alva")
        for _ in range(4):
            time.shift(idle / 2)
            assert used.get("/account").status_code == 200
        assert left.get("/account").status_code == 401


def test_a_sign_in_ends_after_its_hours_however_much_it_is_used(app):
    with time_machine.travel(NOON, tick=False) as time:
        client = browser(app, "Alva")
        for _ in range(app.settings.session_hours * 2 - 1):
            time.shift(timedelta(minutes=30))
            assert client.get("/account").status_code == 200
        time.shift(timedelta(minutes=30))
        assert client.get("/account").status_code == 401


def test_being_seen_is_written_down_at_most_every_five_minutes(app, database):
    seen = []
    with time_machine.travel(NOON, tick=False) as time:
        client = browser(app, "Alva")
        for _ in range(4):
            time.shift(timedelta(minutes=2))
            client.get("/account")
            with database.reading() as session:
                seen.append(session.scalars(sa.select(SignIn.seen_at)).one() - NOON)
    assert [each // timedelta(minutes=1) for each in seen] == [0, 0, 6, 6]


def test_a_role_counts_from_the_next_request_after_it_is_given_or_ended(app, city, database, alva):
    client = browser(app, "Alva")
    assert "säkerhetssamordnare" in client.get("/account").text.lower()
    with database.writing() as session, session.begin():
        session.execute(sa.delete(Holding).where(Holding.person_id == alva))
    assert "säkerhetssamordnare" not in client.get("/account").text.lower()


def test_a_hash_of_weaker_parameters_is_made_anew_when_the_password_is_shown(app, database, alva):
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    give_password(database, alva, weak)
    browser(app, "Alva")
    with database.reading() as session:
        assert session.get_one(Account, alva).password_hash != weak
    browser(app, "Alva")


def test_too_many_failures_bar_the_account_for_a_while_even_with_the_right_password(app, database):
    with time_machine.travel(NOON, tick=False) as time:
        client = app.test_client()
        for _ in range(5):
            assert come(client, "Alva", "fel lösenord här").status_code == 422
        barred = come(client, "Alva")
        assert barred.status_code == 429
        assert "2" in barred.text
        assert count(database, SignIn) == 0
        time.shift(timedelta(seconds=2))
        assert come(client, "Alva").status_code == 302
    assert [what["failures"] for _, what in told(database, "sign_in_refused")] == [1, 2, 3, 4, 5]


def test_an_address_nobody_has_is_barred_like_any_other(app):
    with time_machine.travel(NOON, tick=False):
        answers = [come(app.test_client(), "Nobody").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_a_device_they_have_come_in_by_is_not_barred_by_strangers_who_try(app):
    with time_machine.travel(NOON, tick=False):
        own = browser(app, "Alva")
        own.post("/sign-out", data={"csrf_token": token(own.get("/account"))})
        for _ in range(6):
            come(app.test_client(), "Alva", "fel lösenord här")
        assert come(app.test_client(), "Alva").status_code == 429
        assert come(own, "Alva").status_code == 302


def test_a_known_device_has_a_limit_of_its_own(app):
    with time_machine.travel(NOON, tick=False):
        own = browser(app, "Alva")
        own.post("/sign-out", data={"csrf_token": token(own.get("/account"))})
        answers = [come(own, "Alva", "fel lösenord här").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_the_table_of_attempts_tells_neither_who_nor_from_where(app, database):
    come(app.test_client(), "Alva", "fel lösenord här")
    with database.reading() as session:
        keys = session.scalars(sa.select(Attempts.key)).all()
    assert {key.split(":")[0] for key in keys} == {"account", "address"}
    assert not any("alva" in key or "127.0.0.1" in key for key in keys)


@pytest.mark.parametrize(
    "asked",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
     "\\\\evil.example", "/\tx", "evil", "", "/ok\r\nSet-Cookie: x=y"],
)  # fmt: skip
def test_one_is_never_sent_to_another_site_afterwards(app, asked):
    client = app.test_client()
    fields = hidden(client.get("/sign-in"), "/sign-in") | {"next": asked}
    typed = {"email": "alva@example.test", "password": PASSWORD}
    answer = client.post("/sign-in", data=fields | typed)
    assert answer.status_code == 302
    assert not urlsplit(answer.headers["Location"]).netloc
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("field", ["email", "password"])
def test_a_form_with_a_field_missing_or_absurd_is_refused_in_words(app, field):
    client = app.test_client()
    fields = hidden(client.get("/sign-in"), "/sign-in")
    typed = {"email": "alva@example.test", "password": PASSWORD}
    for value in ("", "x" * 100_000, "\x00\ufffe"):
        answer = client.post("/sign-in", data=fields | typed | {field: value})
        assert answer.status_code == 422
    del typed[field]
    assert client.post("/sign-in", data=fields | typed).status_code == 422


def test_whoever_is_signed_in_is_led_past_the_sign_in_page(app):
    assert browser(app, "Alva").get("/sign-in").headers["Location"] == "/"


def test_the_demo_is_offered_only_where_it_is_loaded(app, database, alva):
    assert "demo.test" not in app.test_client().get("/sign-in").text
    with database.writing() as session, session.begin():
        session.get_one(Person, alva).is_demo = True
    assert "samordnare@demo.test" in app.test_client().get("/sign-in").text
