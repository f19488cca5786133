"""The `arshjul` command, as somebody at a terminal uses it."""

import json

import pytest
import sqlalchemy as sa

from webapp import cli
from workflows.database import opened
from workflows.history.models import Event
from workflows.processes.models import Version


@pytest.fixture
def arshjul(tmp_path, capsys):
    """Run a command in a data folder of the test; returns exit code, output, complaints."""

    def run(*words, data=tmp_path / "data"):
        code = cli.main([*map(str, words), "--data", str(data)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def kinds(folder):
    url = f"sqlite:///{folder / 'arshjul.sqlite3'}"
    with opened(url) as database, database.reading() as session:
        return list(session.scalars(sa.select(Event.kind).order_by(Event.id)))


def test_a_deadline_is_explained_without_a_database(arshjul):
    code, said, _ = arshjul("explain", "T2 - 10wd", "--year", "2027", "--json")
    answer = json.loads(said)
    assert code == 0
    assert answer["due_at"] == "2027-09-10T14:00:00.000000Z"
    assert next(part["kind"] for part in answer["because"]) == "milestone"


@pytest.mark.parametrize(("rule", "code"), [("T2 - 10xd", 2), ("", 2)])
def test_a_rule_that_is_none_is_used_wrongly(arshjul, rule, code):
    assert arshjul("explain", rule, "--year", "2027")[0] == code


def test_a_good_diagram_is_good_and_a_broken_one_is_told_with_its_line(arshjul, tmp_path):
    assert arshjul("check-diagram", "bpmn/yearly_review/yearly_review.bpmn")[0] == 0
    broken = tmp_path / "broken.bpmn"
    broken.write_text("<definitions")
    code, said, _ = arshjul("check-diagram", broken, "--json")
    assert code == 1
    assert json.loads(said)[str(broken)][0]["severity"] == "error"


def test_a_folder_that_is_not_prepared_is_told_in_words(arshjul, tmp_path):
    (tmp_path / "data").mkdir()
    code, _, complaint = arshjul("create-user", "a@example.test", "A")
    assert code == 1
    assert "migrate" in complaint
    assert "Traceback" not in complaint


def test_the_first_administrator_gets_a_link(arshjul, tmp_path):
    arshjul("migrate")
    code, said, _ = arshjul("create-user", "a@example.test", "A", "--administrator")
    assert code == 0
    assert "/invitations/" in said
    assert "role_given" in kinds(tmp_path / "data")
    assert arshjul("create-user", "a@example.test", "A")[0] == 1


def test_an_import_shows_first_and_changes_only_when_told_to(arshjul, tmp_path):
    arshjul("migrate")
    file = tmp_path / "units.csv"
    file.write_text("code;name;kind;parent\nSTAD;Staden;city;\nVARD;Vårdnämnden;board;STAD\n")
    before = kinds(tmp_path / "data")
    code, said, _ = arshjul("import", file)
    assert code == 0
    assert "VARD" in said
    assert kinds(tmp_path / "data") == before
    assert "applied" in arshjul("import", file, "--apply")[1]
    assert kinds(tmp_path / "data").count("unit_added") == 2
    told = json.loads(arshjul("import", file, "--json")[1])
    assert (told["changes"], told["applied"]) == ([], False)


def test_a_backup_is_put_back_into_an_empty_folder(arshjul, tmp_path):
    arshjul("demo")
    file = tmp_path / "all.backup"
    assert arshjul("backup", file)[0] == 0
    assert arshjul("backup", file)[0] == 1  # never over another
    assert arshjul("restore", file, data=tmp_path / "other")[0] == 0
    assert arshjul("restore", file, data=tmp_path / "other")[0] == 1  # not empty any more
    one, other = kinds(tmp_path / "data"), kinds(tmp_path / "other")
    assert other[:-1] == one[: len(other) - 1]
    assert other[-1] == "backup_restored"


def test_an_upgrade_takes_a_backup_and_publishes_nothing_that_is_known(arshjul, tmp_path):
    arshjul("demo")
    code, said, _ = arshjul("upgrade")
    assert code == 0
    assert "yearly_review: known" in said
    assert list((tmp_path / "data" / "backups").iterdir())
    url = f"sqlite:///{tmp_path / 'data' / 'arshjul.sqlite3'}"
    with opened(url) as database, database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Version)) == 1


@pytest.mark.parametrize("words", [[], ["dance"], ["explain"], ["serve", "--port", "x"]])
def test_what_cannot_be_understood_is_exit_code_two(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2


def test_a_bad_setting_is_told_and_nothing_begins(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ARSHJUL_URL", "http://arshjul.stad.example")
    assert cli.main(["migrate", "--data", str(tmp_path)]) == 2
    assert "https" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
