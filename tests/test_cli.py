"""The `arshjul` command, as somebody at a terminal uses it."""

import json

import pytest
import sqlalchemy as sa

from webapp import cli, scheduler
from webapp.settings import read
from workflows.database import opened
from workflows.history.guards import lifted
from workflows.history.models import Event
from workflows.history.seals import seals
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.models import Secrecy, Version
from workflows.search.models import SearchRow


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


@pytest.mark.parametrize(
    ("more", "due_at"),
    [
        (("+5wd", "--opened", "2027-03-01T08:00"), "2027-03-08T15:00:00.000000Z"),
        (("case.day + 5wd", "--field", "case.day=2027-04-14"), "2027-04-21T14:00:00.000000Z"),
        (("RSA_CITY", "--legal"), "2027-11-01T22:59:00.000000Z"),
        (("case.day + 5wd",), None),
    ],
)
def test_a_deadline_is_explained_with_what_a_case_would_know(arshjul, more, due_at):
    code, said, _ = arshjul("explain", *more, "--year", "2027", "--json")
    assert (code, json.loads(said)["due_at"]) == (0, due_at)


def test_a_year_is_drafted_from_the_one_before_and_a_unit_is_explained_by_its_own(
    arshjul, tmp_path
):
    units = tmp_path / "units.csv"
    units.write_text("kod;namn;slag;över\nSTAD;Staden;city;\nFARSTA;Farsta;district_board;STAD\n")
    arshjul("migrate")
    assert arshjul("import", units, "--apply")[0] == 0
    code, said, _ = arshjul("draft-year", "2028")
    assert code == 0
    assert "2028 T1: tor 25 maj 2028" in said
    assert arshjul("draft-year", "2028")[0] == 1
    code, said, _ = arshjul("explain", "T1 - 10wd", "--year", "2028", "--unit", "FARSTA")
    assert code == 0
    assert "T1 2028" in said
    code, said, _ = arshjul("explain", "T1", "--year", "2035", "--unit", "FARSTA", "--json")
    assert json.loads(said)["unresolved"] == "no_calendar"
    code, _, complaint = arshjul("explain", "T1", "--year", "2028", "--unit", "NADA")
    assert code == 1
    assert "NADA" in complaint


@pytest.mark.parametrize(("rule", "code"), [("T2 - 10xd", 2), ("", 2)])
def test_a_rule_that_is_none_is_used_wrongly(arshjul, rule, code):
    assert arshjul("explain", rule, "--year", "2027")[0] == code


def test_a_mistake_in_a_rule_is_pointed_at_with_what_was_perhaps_meant(arshjul):
    code, said, _ = arshjul("explain", "min(T1, T3 - 10wd)", "--year", "2027")
    assert code == 2
    assert said.splitlines() == [
        "min(T1, T3 - 10wd)",
        "        ^",
        "T3 finns inte; menade du T2?",
    ]


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


def test_a_demo_never_comes_where_people_work(arshjul, tmp_path):
    arshjul("migrate")
    arshjul("create-user", "alva@example.test", "Alva")
    before = kinds(tmp_path / "data")
    code, _, complaint = arshjul("demo", "--small")
    assert code == 1
    assert "database_not_empty" in complaint
    assert kinds(tmp_path / "data") == before


def test_a_backup_is_put_back_into_an_empty_folder(arshjul, tmp_path):
    arshjul("demo", "--small")
    file = tmp_path / "all.backup"
    assert arshjul("backup", file)[0] == 0
    assert arshjul("backup", file)[0] == 1  # never over another
    assert arshjul("restore", file, data=tmp_path / "other")[0] == 0
    assert arshjul("restore", file, data=tmp_path / "other")[0] == 1  # not empty any more
    one, other = kinds(tmp_path / "data"), kinds(tmp_path / "other")
    assert other[:-1] == one[: len(other) - 1]
    assert other[-1] == "backup_restored"


def test_an_upgrade_takes_a_backup_and_publishes_nothing_that_is_known(arshjul, tmp_path):
    arshjul("demo", "--small")
    code, said, _ = arshjul("upgrade")
    assert code == 0
    assert "yearly_review: known" in said
    assert list((tmp_path / "data" / "backups").iterdir())
    url = f"sqlite:///{tmp_path / 'data' / 'arshjul.sqlite3'}"
    with opened(url) as database, database.reading() as session:
        versions = session.scalar(sa.select(sa.func.count()).select_from(Version))
    assert versions == said.count(": known")


def test_a_process_that_is_shipped_switched_off_is_switched_on_by_its_key(arshjul):
    arshjul("demo", "--small")
    code, said, _ = arshjul("switch-on")
    assert code == 0
    assert "psa" in said.split()
    assert arshjul("switch-on", "psa")[:2] == (0, "psa: version 1 runs\n")
    assert arshjul("switch-on", "psa")[0] == 1  # it runs already
    assert arshjul("switch-on", "nothing")[0] == 2
    assert "psa" not in arshjul("switch-on")[1].split()


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


def test_the_record_is_sealed_and_checked_also_against_a_seal_held_outside(arshjul, tmp_path):
    data = tmp_path / "data"
    arshjul("migrate")
    arshjul("create-user", "anna.ek@stad.test", "Anna Ek", "--administrator")
    code, seal, _ = arshjul("seal")
    assert (code, json.loads(seal)["n"]) == (0, 1)
    assert (data / "seal.key").stat().st_mode & 0o077 == 0
    outside = tmp_path / "outside.jsonl"
    outside.write_text(seal)
    assert arshjul("seal")[1] == seal, "nothing is new"
    assert (data / "seals.jsonl").read_text() == seal
    code, said, _ = arshjul("verify", "--anchor", outside, "--json")
    assert (code, json.loads(said)["ok"]) == (0, True)

    with opened(f"sqlite:///{data / 'arshjul.sqlite3'}") as database, database.writing() as session:
        with lifted(session.connection()):
            session.execute(sa.update(Event).where(Event.n == 1).values(what="{}"))
        session.commit()
    code, said, _ = arshjul("verify")
    assert code == 1
    assert "city: what event 1 tells was changed" in said
    assert "something is wrong" in said


def test_a_new_key_takes_over_from_the_old_one(arshjul, tmp_path):
    arshjul("migrate")
    arshjul("create-user", "anna.ek@stad.test", "Anna Ek", "--administrator")
    arshjul("seal")
    code, seal, _ = arshjul("seal", "--next-key", tmp_path / "next.key")
    assert code == 0
    assert json.loads(seal)["next_key"] is not None
    code, seal, _ = arshjul("seal")  # of the event that tells of the change
    assert (code, json.loads(seal)["n"]) == (0, 3)
    assert arshjul("verify")[0] == 0


def test_the_clock_sets_a_seal_a_day(arshjul, tmp_path):
    arshjul("migrate")
    arshjul("create-user", "anna.ek@stad.test", "Anna Ek", "--administrator")
    settings = read({}, data=tmp_path / "data")
    with opened(settings.database_url) as database:
        for _ in range(2):
            scheduler.tick(database, settings)
        with database.reading() as session:
            assert [seal.n for seal in seals(session)] == [1]
    assert arshjul("verify")[0] == 0


def test_a_key_that_others_can_read_seals_nothing(arshjul, tmp_path):
    arshjul("migrate")
    key = tmp_path / "data" / "seal.key"
    key.write_text("x")
    key.chmod(0o644)
    assert arshjul("seal")[0] == 2
    key.chmod(0o600)
    assert arshjul("seal")[0] == 2


def test_a_file_that_holds_no_seals_is_no_anchor(arshjul, tmp_path):
    arshjul("migrate")
    (tmp_path / "x").write_text("hej")
    assert arshjul("verify", "--anchor", tmp_path / "x")[0] == 2


def test_the_search_is_checked_and_found_out_anew(arshjul, tmp_path):
    assert arshjul("migrate")[0] == 0
    assert arshjul("search-index")[:2] == (0, "0 differ from what there is\n")
    url = f"sqlite:///{tmp_path / 'data' / 'arshjul.sqlite3'}"
    with opened(url) as database, database.writing() as session, session.begin():
        unit = Unit(code="A", name="A", sort_key="a", kind=UnitKind.CITY)
        session.add(unit)
        session.flush()
        stray = {"kind": "case", "thing_id": 7, "unit_id": unit.id, "words": "borta"}
        session.add(SearchRow(**stray, secrecy=Secrecy.OPEN))
    assert arshjul("search-index")[:2] == (1, "case 7\n1 differ from what there is\n")
    assert arshjul("search-index", "--rebuild")[0] == arshjul("search-index")[0] == 0
