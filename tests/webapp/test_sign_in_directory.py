"""Signing in with the city's account, against a provider that runs."""

from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from joserfc import jwk

from tests.webapp.oidc_provider import CLIENT, SECRET, Provider
from webapp import clock, create_app
from webapp.settings import read
from workflows.history.models import Event
from workflows.organisation.accounts import SignIn
from workflows.organisation.models import Person

START, BACK = "/sign-in/directory", "/sign-in/directory/callback"


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def environ(provider):
    return {
        "ARSHJUL_OIDC_ISSUER": provider.issuer,
        "ARSHJUL_OIDC_CLIENT_ID": CLIENT,
        "ARSHJUL_OIDC_CLIENT_SECRET": SECRET,
    }


@pytest.fixture(autouse=True)
def alva(database, city):
    with database.writing() as session, session.begin():
        session.get_one(Person, city.people["Alva"].id).external_id = "alva-7"
    return city.people["Alva"].id


def path_of(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def come(app, provider, then="/account"):
    """Go to the provider and back; returns the browser and the answer it got."""
    client = app.test_client()
    away = client.get(START, query_string={"next": then})
    assert away.status_code == 302
    return client, client.get(path_of(provider.authorise(away.headers["Location"])))


def is_out(client):
    return client.get("/account").status_code == 401


def test_somebody_the_directory_knows_comes_in_and_reaches_their_page(
    app, provider, database, alva
):
    client, answer = come(app, provider)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account")
    assert client.get("/account").status_code == 200
    with database.reading() as session:
        door = session.scalars(sa.select(SignIn)).one()
        kinds = session.scalars(sa.select(Event.kind)).all()
    assert (door.person_id, door.factor_at) == (alva, None)
    assert "signed_in" in kinds


@pytest.mark.parametrize(
    "claims",
    [{"amr": ["pwd", "mfa"]}, {"acr": "http://id.sambi.se/loa/loa3"}],
)
def test_more_than_a_password_there_counts_as_a_second_factor_here(app, provider, database, claims):
    provider.claims |= claims
    come(app, provider)
    with database.reading() as session:
        assert session.scalars(sa.select(SignIn.factor_at)).one() is not None


def test_a_verified_address_is_believed_once_and_then_the_directorys_own_name(
    app, provider, database, city
):
    provider.claims = {"sub": "bo-9", "email": "Bo@example.test", "email_verified": True}
    client, _ = come(app, provider)
    assert not is_out(client)
    with database.reading() as session:
        assert session.get_one(Person, city.people["Bo"].id).external_id == "bo-9"
    provider.claims = {"sub": "another", "email": "bo@example.test", "email_verified": True}
    client, answer = come(app, provider)
    assert answer.status_code == 403
    assert is_out(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "nobody-here"},
        {"sub": "x", "email": "bo@example.test"},
        {"sub": "x", "email": "bo@example.test", "email_verified": False},
        {"sub": "x", "email": "bo@example.test", "email_verified": "true"},
        {"sub": ""},
    ],
)
def test_somebody_not_known_here_is_refused_in_words(app, provider, claims):
    provider.claims = claims
    client, answer = come(app, provider)
    assert answer.status_code == 403
    assert "Logga in" in answer.text
    assert is_out(client)


def test_somebody_who_has_left_is_refused(app, provider, database, alva):
    with database.writing() as session, session.begin():
        session.get_one(Person, alva).closed_at = clock.now()
    client, answer = come(app, provider)
    assert answer.status_code == 403
    assert is_out(client)


LIES = {
    "another issuer": lambda claims: claims | {"iss": "https://evil.example"},
    "another client": lambda claims: claims | {"aud": "somebody else"},
    "no nonce": lambda claims: {k: v for k, v in claims.items() if k != "nonce"},
    "another nonce": lambda claims: claims | {"nonce": "x"},
    "too old": lambda claims: claims | {"exp": claims["iat"] - 3600},
    "no expiry": lambda claims: {k: v for k, v in claims.items() if k != "exp"},
    "from the future": lambda claims: claims | {"iat": claims["iat"] + 3600},
    "for another party": lambda claims: claims | {"azp": "somebody else"},
    "a subject that is none": lambda claims: claims | {"sub": 7},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_does_not_hold_opens_nothing(app, provider, lie):
    provider.changes = LIES[lie]
    client, answer = come(app, provider)
    assert answer.status_code == 403
    assert is_out(client)


def test_a_signature_of_another_key_opens_nothing(app, provider):
    provider.signs_with = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    client, answer = come(app, provider)
    assert answer.status_code == 403
    assert is_out(client)


def test_an_answer_signed_with_a_shared_word_opens_nothing(app, provider):
    provider.header = {"alg": "HS256"}
    provider.signs_with = jwk.OctKey.import_key(SECRET * 3)
    client, answer = come(app, provider)
    assert answer.status_code == 403
    assert is_out(client)


def test_an_answer_nobody_asked_for_opens_nothing(app, provider):
    asker, victim = app.test_client(), app.test_client()
    back = path_of(provider.authorise(asker.get(START).headers["Location"]))
    assert victim.get(back).status_code == 403
    assert is_out(victim)


def test_the_state_and_the_code_work_once(app, provider):
    client = app.test_client()
    back = path_of(provider.authorise(client.get(START).headers["Location"]))
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert client.get(f"{BACK}?code=x&state={state}x").status_code == 403
    assert client.get(back).status_code == 403  # the first answer used up the state
    assert is_out(client)


def test_saying_no_there_is_no_error_here(app):
    client = app.test_client()
    asked = parse_qs(urlsplit(client.get(START).headers["Location"]).query)
    answer = client.get(f"{BACK}?error=access_denied&state={asked['state'][0]}")
    assert answer.status_code == 403
    assert is_out(client)


def test_a_directory_that_does_not_answer_is_told_in_words(app, provider):
    provider.close()
    answer = app.test_client().get(START)
    assert answer.status_code == 502
    assert "Logga in" in answer.text


def test_one_is_never_sent_to_another_site_afterwards(app, provider):
    _, answer = come(app, provider, then="https://evil.example/")
    assert answer.headers["Location"] == "/"


def test_without_a_directory_there_is_no_such_door(database, url, city, tmp_path):
    client = create_app(read({"DATABASE_URL": url}, data=tmp_path), database).test_client()
    assert client.get(START).status_code == 404
    assert client.get(BACK).status_code == 404
    assert "directory" not in client.get("/sign-in").text
