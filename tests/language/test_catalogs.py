"""The catalogs are whole, and the check finds it when they are not."""

import pytest

from workflows.language import Language, checking
from workflows.language.__main__ import main
from workflows.language.catalogs import Entry, Text, Written, compiled, gather, read, written

SV, EN = Language.SV, Language.EN
TODAY = Text(("today",))
DAYS = Text(("{count} day", "{count} days"))


@pytest.fixture
def catalog(monkeypatch, tmp_path):
    """Return a function that checks the product as if these were its texts and translations."""

    def check(entries, texts=None, stored=None):
        files = {
            (language, kind): tmp_path / f"{language}.{kind}"
            for language in Language
            for kind in ("po", "mo")
        }
        held = {SV: entries, EN: {text: Entry(text.forms) for text in entries}}
        for language in Language:
            po = written(language, held[language])
            files[language, "po"].write_bytes(stored if stored and language is SV else po)
            files[language, "mo"].write_bytes(compiled(language, held[language]))
        places = {text: ["webapp/templates/a.html:3"] for text in texts or entries}
        monkeypatch.setattr(checking, "gather", lambda: places)
        monkeypatch.setattr(checking, "catalog_path", lambda *key: files[key])
        monkeypatch.setattr(
            checking, "read", lambda language: Written(files[language, "po"], held[language])
        )
        return list(checking.problems())

    return check


def test_every_text_of_the_product_has_its_translation():
    assert list(checking.problems()) == []


def test_both_languages_have_the_same_texts():
    assert read(SV).entries.keys() == read(EN).entries.keys() == gather().keys()


def test_a_whole_catalog_has_no_problem(catalog):
    assert catalog({TODAY: Entry(("i dag",)), DAYS: Entry(("{count} dag", "{count} dagar"))}) == []


@pytest.mark.parametrize(
    ("text", "entry", "complaint"),
    [
        (TODAY, Entry(("",)), "not translated"),
        (DAYS, Entry(("{count} dag", "")), "not translated"),
        (TODAY, Entry(("i dag",), is_fuzzy=True), "fuzzy"),
        (Text(("{who} left",)), Entry(("{vem} gick",)), "other places"),
        (Text(("%(who)s left",)), Entry(("någon gick",)), "other places"),
        (Text(("deputy",)), Entry(("ersättare",)), "ställföreträdare"),
        (Text(("The instance",)), Entry(("Ärendet",)), "case"),
    ],
)
def test_a_bad_entry_is_found_with_its_line(catalog, text, entry, complaint):
    found = catalog({text: entry})
    assert any(complaint in problem and ".po:" in problem for problem in found), found


def test_a_text_without_an_entry_is_found_where_it_is_said(catalog):
    found = catalog({TODAY: Entry(("i dag",))}, texts=[TODAY, Text(("new",))])
    assert any(one.startswith("webapp/templates/a.html:3:") for one in found)


def test_an_entry_that_nobody_says_is_found(catalog):
    found = catalog({TODAY: Entry(("i dag",)), DAYS: Entry(("{count} a", "b"))}, texts=[TODAY])
    assert any("nobody says this" in one for one in found)


def test_a_catalog_changed_after_it_was_compiled_is_found(catalog, tmp_path):
    other = written(SV, {TODAY: Entry(("nu",))})
    assert any("not written as" in one for one in catalog({TODAY: Entry(("i dag",))}, stored=other))


@pytest.mark.parametrize(
    ("words", "language", "is_forbidden"),
    [
        ("Läget i staden", SV, True),
        ("det läget är sällsynt", SV, False),
        ("Anståndet beviljades", SV, True),
        ("Två ställföreträdare", SV, False),
        ("An API token", EN, True),
        ("for instance", EN, False),
        ("the instance", EN, True),
        ("Instant", EN, False),
    ],
)
def test_words_nobody_shall_read_are_found(words, language, is_forbidden):
    assert bool(list(checking.forbidden(words, language))) is is_forbidden


def test_the_same_entries_always_give_the_same_bytes():
    entries = read(SV).entries
    backwards = dict(reversed(list(entries.items())))
    assert written(SV, entries) == written(SV, backwards)
    assert compiled(SV, entries) == compiled(SV, backwards)
    assert b"-Date:" not in written(SV, entries)


def test_an_unknown_word_is_answered_with_how_to_use_it(capsys):
    assert main(["translate"]) == 2
    assert "extract | compile | check" in capsys.readouterr().err
