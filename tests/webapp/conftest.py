"""The app over a database of the test, and clients that are signed in as somebody of the cast."""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests import cast
from tests.webapp.signing import QUICK
from webapp import clock, create_app
from webapp.cookies import CSRF, TOKEN, csrf_of
from webapp.settings import read
from webapp.transactions import WebApp
from workflows.canonical import content_hash
from workflows.database import Database
from workflows.organisation import passwords
from workflows.organisation.accounts import SignIn


@pytest.fixture
def environ() -> dict[str, str]:
    """What a file of tests sets besides the database."""
    return {}


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", QUICK)
        yield


@pytest.fixture(scope="session")
def _served() -> dict[object, WebApp]:
    return {}


@pytest.fixture
def app(
    database: Database,
    url: str,
    tmp_path: Path,
    environ: dict[str, str],
    _served: dict[object, WebApp],
) -> Iterator[WebApp]:
    """The app over the database of this test. Making one, and reading its templates, takes longer
    than most tests: the next test has the same one with other settings.
    """
    settings = read({"DATABASE_URL": url, **environ}, data=tmp_path / "data")
    kind = (*settings.hosts, settings.is_https)
    if kind not in _served:
        _served[kind] = create_app(settings, database)
    made = _served[kind]
    before = vars(made) | {"extensions": dict(made.extensions)}
    made.settings, made.database = settings, database
    made.config["SECRET_KEY"] = settings.secret_key()
    made.testing = False  # faults become pages, as they do for people
    yield made
    vars(made).clear()
    vars(made).update(before)  # whatever a test has set on it


class Client:
    """A browser of the tests: it posts the token a page would have given it."""

    def __init__(self, client: FlaskClient, csrf: str) -> None:
        self.client = client
        self.csrf = csrf

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.csrf} | (data or {}), **more)


@pytest.fixture
def client_for(app: WebApp, database: Database, city: cast.City) -> Callable[[str], Client]:
    """Sign somebody of the cast in, with a second factor shown."""

    def sign_in(name: str) -> Client:
        token = secrets.token_urlsafe(32)
        now = clock.now()
        with database.writing() as session, session.begin():
            session.add(
                SignIn(
                    token_hash=content_hash(token),
                    person_id=city.people[name].id,
                    began_at=now,
                    seen_at=now,
                    expires_at=now + timedelta(hours=1),
                    factor_at=now,
                    device_hash=content_hash(token),
                    browser="tests",
                )
            )
        client = app.test_client()
        csrf = csrf_of(app, token)
        with client.session_transaction() as cookie:
            cookie[TOKEN] = token
            cookie[CSRF] = csrf
        signed = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(csrf)
        return Client(client, str(signed))

    return sign_in
