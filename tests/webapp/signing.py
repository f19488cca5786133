"""Browsers of the tests that come in by the front door."""

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.pages import hidden
from webapp import clock
from webapp.transactions import WebApp
from workflows.database import Database
from workflows.organisation.account_rows import account_of

PASSWORD = "fyra gröna hästar"
# Hashing is slow by design; here it is the pages that are tried.
QUICK = PasswordHasher(time_cost=1, memory_cost=64)
HASH = QUICK.hash(PASSWORD)


def give_password(database: Database, person_id: int, stored: str = HASH) -> None:
    with database.writing() as session, session.begin():
        account = account_of(session, person_id)
        account.password_hash, account.password_set_at = stored, clock.now()


def come(
    client: FlaskClient, name: str, password: str = PASSWORD, path: str = "/account"
) -> TestResponse:
    """Fill in the sign-in page that stands in the way of `path`."""
    fields = hidden(client.get(path), "/sign-in")
    typed = {"email": f"{name.lower()}@example.test", "password": password}
    return client.post("/sign-in", data=fields | typed)


def browser(app: WebApp, name: str, password: str = PASSWORD) -> FlaskClient:
    """A browser in which somebody has signed in with their password."""
    client = app.test_client()
    assert come(client, name, password).status_code == 302
    return client
