import stat

import pytest
from flask import request

from webapp import create_app
from webapp.settings import BadSetting, Settings, read


def test_nothing_need_be_set(tmp_path):
    settings = read({}, data=tmp_path)
    assert settings.url == "http://127.0.0.1:8000"
    assert settings.is_sqlite
    assert settings.database_url.endswith("arshjul.sqlite3")


def test_there_are_few_enough_to_know_them_all():
    assert len(Settings.__dataclass_fields__) <= 15


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ARSHJUL_URL", "http://arshjul.stad.example"),  # sign-ins would cross the net unlocked
        ("ARSHJUL_URL", "ftp://arshjul.stad.example"),
        ("ARSHJUL_PROXIES", "many"),
        ("ARSHJUL_PROXIES", "-1"),
        ("ARSHJUL_THREADS", "0"),
        ("ARSHJUL_ZONE", "Mars/Phobos"),
        ("DATABASE_URL", "mysql://x"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_in_words(tmp_path, name, value):
    with pytest.raises(BadSetting, match=value.split(":", maxsplit=1)[0]):
        read({name: value}, data=tmp_path)


def test_the_key_of_the_cookies_is_made_once_and_for_its_owner_only(tmp_path):
    settings = read({}, data=tmp_path / "new")
    key = settings.secret_key()
    assert settings.secret_key() == key
    assert stat.S_IMODE((tmp_path / "new" / "secret.key").stat().st_mode) == 0o600


def test_a_key_cut_short_by_a_full_disk_is_told_and_not_used(tmp_path):
    (tmp_path / "secret.key").write_bytes(b"")
    with pytest.raises(BadSetting, match=r"secret\.key"):
        read({}, data=tmp_path).secret_key()


@pytest.mark.parametrize(("proxies", "seen"), [("0", "127.0.0.1"), ("1", "192.0.2.7")])
def test_only_a_proxy_we_know_of_may_say_who_asks(tmp_path, url, database, proxies, seen):
    settings = read({"DATABASE_URL": url, "ARSHJUL_PROXIES": proxies}, data=tmp_path / "data")
    app = create_app(settings, database)
    asked: list[str | None] = []
    app.before_request_funcs.setdefault(None, []).insert(
        0, lambda: asked.append(request.remote_addr)
    )
    headers = {"X-Forwarded-For": "198.51.100.1, 192.0.2.7"}
    app.test_client().get("/health/live", headers=headers)
    assert asked == [seen]


def test_under_https_the_cookie_is_locked_to_it(tmp_path, url, database):
    settings = read(
        {"DATABASE_URL": url, "ARSHJUL_URL": "https://arshjul.stad.example"}, data=tmp_path / "d"
    )
    app = create_app(settings, database)
    answer = app.test_client().get("/sign-in", base_url="https://arshjul.stad.example")
    assert answer.headers["Strict-Transport-Security"]
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert app.config["SESSION_COOKIE_SECURE"]
