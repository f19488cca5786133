"""Style, scripts and fonts come packed, under names that change with their content."""

import gzip
import json
import re

import pytest
from flask import Flask

from webapp import assets


@pytest.fixture
def app():
    made = Flask("assets only", static_folder=None)
    made.register_blueprint(assets.assets)
    made.after_request(assets.pack)
    made.add_url_rule("/page", view_func=lambda: "a page" * assets.SMALL)
    return made


@pytest.fixture
def built(monkeypatch, tmp_path):
    """Put a bundle of one file in the place of the real one."""
    (tmp_path / "manifest.json").write_text(json.dumps({"viewer.js": "viewer.abc123.js"}))
    (tmp_path / "viewer.abc123.js").write_bytes(b"plain")
    (tmp_path / "viewer.abc123.js.gz").write_bytes(b"gzipped")
    (tmp_path / "viewer.abc123.js.br").write_bytes(b"brotli")
    monkeypatch.setattr(assets, "DIST", tmp_path)
    assets.bundle.cache_clear()
    yield
    assets.bundle.cache_clear()


def url_of(app, name):
    with app.test_request_context():
        return assets.asset_url(name)


def test_the_style_is_one_file_that_is_kept_for_ever(app):
    answer = app.test_client().get(url_of(app, "css/app.css"))
    assert answer.content_type == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.text.index("@layer tokens, base") < answer.text.index("@layer components")
    assert ".btn--main" in answer.text
    assert ".field" in answer.text


def test_a_file_is_packed_for_a_browser_that_takes_it(app):
    url = url_of(app, "css/app.css")
    plain = app.test_client().get(url)
    packed = app.test_client().get(url, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    refusing = app.test_client().get(url, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refusing.headers


def test_the_font_the_style_names_is_there(app):
    style = url_of(app, "css/app.css")
    inside = re.search(r'url\("\.\./(fonts/[^"]+)"\)', app.test_client().get(style).text)
    assert inside
    font = app.test_client().get(url_of(app, inside.group(1)))
    assert font.content_type == "font/woff2"
    assert url_of(app, inside.group(1)).split("/")[2] == style.split("/")[2]


def test_an_old_edition_gets_what_is_there_now_but_does_not_keep_it(app):
    answer = app.test_client().get("/assets/0123456789ab/css/app.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/x/css/none.css",
        "/assets/x/../settings.py",
        "/assets/dist/manifest.json",
        "/assets/dist/../../settings.py",
        "/assets/x/",
    ],
)
def test_nothing_else_is_sent(app, path):
    assert app.test_client().get(path).status_code == 404


def test_a_name_nobody_knows_stops_the_page(app):
    with pytest.raises(LookupError, match=r"css/none\.css"):
        url_of(app, "css/none.css")


@pytest.mark.parametrize(
    ("takes", "content", "coding"),
    [
        ("br, gzip", b"brotli", "br"),
        ("gzip", b"gzipped", "gzip"),
        ("", b"plain", None),
    ],
)
def test_a_built_file_comes_as_the_browser_likes_it_best(app, built, takes, content, coding):
    url = url_of(app, "dist/viewer.js")
    assert url == "/assets/dist/viewer.abc123.js"
    answer = app.test_client().get(url, headers={"Accept-Encoding": takes})
    assert (answer.data, answer.headers.get("Content-Encoding")) == (content, coding)
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "coding"),
    [("/page", "gzip"), ("/page?view=unit&unit=7", "gzip"), ("/page?q=Eken 3", None)],
)
def test_a_page_is_packed_unless_it_may_show_words_of_the_address(app, path, coding):
    answer = app.test_client().get(path, headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers.get("Content-Encoding") == coding
    assert ("Accept-Encoding" in answer.headers.get("Vary", "")) == (coding is not None)
    page = gzip.decompress(answer.data) if coding else answer.data
    assert page == b"a page" * assets.SMALL
