"""What the README and its kin say, held to the code: nothing unsaid, nothing that is not so."""

import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from itertools import chain
from pathlib import Path

import pytest

import dev
from webapp.cli import _parser
from webapp.settings import Settings, read
from workflows.engine.attribute_checking import ATTRIBUTES
from workflows.forms.schema import _KEYWORDS
from workflows.organisation.import_diff import KINDS
from workflows.organisation.import_files import COLUMNS

ROOT = Path(dev.__file__).parent
README = (ROOT / "README.md").read_text()
PAGES = ["README.md", "CHANGELOG.md", "bpmn/README.md", "forms/README.md"]
TOP = "workflows|webapp|bpmn|forms|migrations|tests|bench|frontend|requirements|\\.ci"


def section(title):
    """The text under a heading, up to the next one of its own level."""
    level, text = re.search(rf"(?ms)^(#+) {re.escape(title)}\n(.*)", README).groups()
    return re.split(rf"^#{{1,{len(level)}}} ", text, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text):
    """The rows of the tables in a text, each a list of cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("-")]


def codes(text):
    """What stands between backticks in the running text."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```", "", text))


class Asked(Mapping):
    """An environment that notes what it was asked for."""

    def __init__(self):
        self.names = set()

    def __getitem__(self, name):
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0


SETTINGS = {codes(row[0])[0]: codes(row[1]) for row in rows(section("Settings"))[1:]}


def test_every_setting_is_told_and_none_else():
    asked = Asked()
    read(asked)
    assert asked.names == SETTINGS.keys()
    assert len(fields(Settings)) == len(SETTINGS) <= 15


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_is_not_set_is_what_its_row_says(name):
    told = SETTINGS[name]
    assert read({name: told[0]} if told else {}) == read({})
    if not told:
        assert read({}) != read({name: EXAMPLES[name]})


EXAMPLES = {
    "ARSHJUL_SEAL_KEY": "/srv/keys/seal.key",
    "DATABASE_URL": "postgresql://user:password@host/name",
    "ARSHJUL_OIDC_ISSUER": "https://directory.example.org",
    "ARSHJUL_OIDC_CLIENT_ID": "arshjul",
    "ARSHJUL_OIDC_CLIENT_SECRET": "secret",
    "ARSHJUL_SMTP": "smtp://user:password@host:587?from=arshjul@example.org",
    "ARSHJUL_CLAMAV": "/run/clamav/clamd.ctl",
}


def commands():
    """The words of the arshjul command."""
    [action] = [action for action in _parser()._actions if action.choices]
    return dict(action.choices)


def test_every_command_is_told_and_none_else():
    told = {codes(row[0])[0] for row in rows(section("Commands"))[1:]}
    assert told == commands().keys()


def test_every_command_for_those_who_build_is_told_and_none_else():
    told = [codes(row[0])[0] for row in rows(section("Commands for those who build"))[1:]]
    assert sorted(told) == sorted(f"python3 dev.py {word}" for word in dev.OWN_COMMANDS)


def shown():
    """Every command line that a page shows, with the page."""
    for page in PAGES:
        text = (ROOT / page).read_text()
        for line in re.findall(r"python3 dev\.py ([^`\n]+)", text):
            yield page, line


@pytest.mark.parametrize(("page", "line"), list(shown()))
def test_a_command_line_that_is_shown_can_be_used(page, line):
    word, *rest = shlex.split(line, comments=True)
    if word in dev.OWN_COMMANDS:
        assert rest == []
        return
    options = _parser().parse_args([word, *rest])
    if word == "check-diagram":
        assert all((ROOT / file).is_file() for file in options.files)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_leads_to_is_there(page):
    text = (ROOT / page).read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", each.lower()).strip().replace(" ", "-") for each in headings}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        assert not file or ((ROOT / page).parent / file).exists(), target
        assert file or anchor in anchors, target


MADE_UP = {"bpmn/KEY/KEY.bpmn", "forms/KEY/", "migrations/versions/0002_words.py"}


@pytest.mark.parametrize("page", PAGES)
def test_a_file_or_folder_that_a_page_names_is_there(page):
    text = (ROOT / page).read_text()
    named = {each for each in codes(text) if re.fullmatch(rf"(?:{TOP})/[\w./-]*", each)}
    missing = {each for each in named if not (ROOT / each).exists()}
    assert missing <= MADE_UP


def test_the_picture_of_the_floors_is_the_one_that_is_kept():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = config["tool"]["importlinter"]["contracts"]
    [floors] = [each["layers"] for each in contracts if "containers" in each]
    kept = [re.findall(r"\w+", floor) for floor in floors]
    picture = re.search(r"```\nwebapp.*?\n(.*?)```", README, re.DOTALL)[1].splitlines()
    drawn = [re.findall(r"[a-z_]+", re.split(r" {3,}", line)[0]) for line in picture]
    assert [each for each in drawn if each] == kept


def test_the_columns_of_an_import_are_those_that_are_read():
    known = {name for sheet in COLUMNS.values() for column in sheet.values() for name in column}
    table = [row for row in rows(section("With your own people")) if row[0].startswith("*")]
    for sheet, *cells in table:
        assert sheet.strip("*") in ("enheter", "personer", "roller")
        for column in chain.from_iterable(map(codes, cells)):
            assert column.replace(" ", "") in known
    kinds = re.search(r"`slag` \(([^)]+)\)", README)[1].split(", ")
    assert {KINDS[each] for each in kinds} == set(KINDS.values())


def test_every_attribute_that_the_engine_reads_is_told_and_none_else():
    text = (ROOT / "bpmn/README.md").read_text()
    table = rows(text[text.index("| on |") : text.index("## The year")])[1:]
    told = {
        name
        for on, named, _ in table
        if on != "rule table"  # its attributes are those of the standard's own file
        for code in codes(named)
        if (name := code.partition("=")[0]).isidentifier()
    }
    assert told == ATTRIBUTES


def test_every_word_of_a_form_schema_is_told():
    text = (ROOT / "forms/README.md").read_text()
    for keyword in set().union(*_KEYWORDS.values()) - {"additionalProperties", "properties"}:
        assert re.search(rf"\b{keyword}\b", text), keyword
