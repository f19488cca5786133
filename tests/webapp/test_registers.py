"""Registers in the browser's terms: lists, one entry, the matrix, files out and in."""

import csv
import io
import re

import pytest
import sqlalchemy as sa

from tests.operations.book import Books, book, risk
from workflows.history.models import Event
from workflows.registers.models import Entry, EntryState

ACTIONS = [
    {"title": "=cmd()", "who": "Enhetschef Öst"},
    {"title": "Öva larm", "who": "Chef"},
    {"title": "Åtgärda dörr", "who": "Chef"},
]
HEADER = "Åtgärd;Ansvarig;Klar senast;Läge;Onödigt\n"


@pytest.fixture
def books(database, session, city):
    made = Books(database, session, city)
    made.publish(book(), book("hidden", secrecy="sec"))
    made.finish(made.list(made.begin(2026), risk("El borta", 2, 3), risk("Brand", 1, 1)))
    made.finish(made.list(made.begin(), risk("El borta", 4, 5), risk("Snö"), actions=ACTIONS))
    hidden = made.list(made.begin(key="hidden"), risk("Hemligt"))
    made.finish(hidden)
    made.session.close()  # whoever writes holds the one turn to write
    return made


def entry(database, name, state=EntryState.APPROVED):
    with database.reading() as session:
        wanted = sa.select(Entry).where(Entry.name == name, Entry.state == state)
        return session.scalars(wanted).one()


def names(client, path):
    page = client.get(path).text
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', page)


def test_a_list_is_searched_sorted_and_paged(client_for, books, monkeypatch):
    client = client_for("Alva")
    monkeypatch.setattr("workflows.queries.registers.PAGE", 2)
    path = "/registers/action?sort=name"
    assert names(client, path) == ["=cmd()", "Åtgärda dörr", "Öva larm"]
    assert names(client, f"{path}&text=ÖVA") == ["Öva larm"]
    assert names(client, f"{path}&owner=öst") == ["=cmd()"]
    assert names(client, f"{path}&status=done") == []
    assert names(client, f"{path}&year=2026") == []
    assert names(client, f"{path}&late=1") == []
    assert names(client, "/registers/risk?state=gone") == ["Brand"]
    assert client.get("/registers/action?after=1").status_code in (200, 404)


def test_pages_follow_each_other_without_a_gap(client_for, books):
    client = client_for("Alva")
    first = names(client, "/registers/action?sort=due")
    [one, two, three] = [entry(books.database, name).id for name in first]
    assert names(client, f"/registers/action?sort=due&after={one}") == first[1:]
    assert names(client, f"/registers/action?sort=unit&after={two}") == [first[2]]
    assert names(client, f"/registers/action?sort=year&after={three}") == []


def test_what_is_taken_away_is_what_is_seen_no_formula_and_is_told_of(client_for, books):
    client = client_for("Alva")
    text = client.get("/registers/action/export.csv?owner=öst").data.decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text), delimiter=";")
    assert row[header.index("Åtgärd")] == "'=cmd()"
    assert client.get("/registers/action/export.xlsx").data[:2] == b"PK"
    with books.database.reading() as session:
        told = session.scalars(sa.select(Event.what).where(Event.kind == "exported")).all()
    assert len(told) == 2
    assert '"rows":1' in told[0]


def test_the_matrix_and_its_table_say_where_a_risk_stands_and_how_it_moved(client_for, books):
    page = client_for("Alva").get("/registers/risk/matrix").text
    assert page.count('class="risk-matrix__dot"') == 2
    assert page.count('class="risk-matrix__was"') == 1
    table = page[page.index("<tbody>") :]
    assert table.index("El borta") < table.index("Snö")
    moved = re.search(r"↑</span> 2 × 3 → 4 × 5.*?sedan 2026", table, re.DOTALL)
    assert moved, "from where to where, and since when"
    assert "Ny" in table
    assert "Hemligt" not in page


def told(client, register, rows, **more):
    """Post the table in which one says how it goes: the rows, by their entries."""
    boxes = {f"{name}-{one.id}": said for one, raw in rows for name, said in raw.items()}
    seen = {f"seen-{one.id}": str(one.revision) for one, _ in rows}
    ids = {"entry": [str(one.id) for one, _ in rows]}
    return client.post(f"/registers/{register}/progress", ids | seen | boxes | more)


def owned(database, name, person):
    with database.writing() as session:
        wanted = sa.select(Entry).where(Entry.name == name, Entry.state == EntryState.APPROVED)
        session.scalars(wanted).one().owner_id = person.id
        session.commit()
    return entry(database, name)


def test_one_says_in_one_go_how_what_one_owns_or_answers_for_goes(client_for, books):
    mine = owned(books.database, "Öva larm", books.city.people["Jon"])
    others = [entry(books.database, name) for name in ("=cmd()", "Åtgärda dörr")]
    jon, path = client_for("Jon"), "/registers/action/progress"
    assert names(jon, "/registers/action?whose=mine") == ["Öva larm"], "seen by who owns it"
    assert f"/registers/action/{mine.id}" in jon.get(path).text
    assert not re.search(r"/registers/action/\d", client_for("Cleo").get(path).text)
    assert told(jon, "action", [(others[0], {"status": "done"})]).status_code == 409
    alva, same = client_for("Alva"), {"status": "not_started"}
    rows = [(mine, {"status": "done", "comment": "Övat"}), *((one, same) for one in others)]
    wrong = told(alva, "action", [*rows[:2], (others[1], {"due": "i morgon"})])
    assert wrong.status_code == 422
    assert 'value="Övat"' in wrong.text, "what was typed stays"
    assert entry(books.database, "Öva larm").id == mine.id, "nothing was kept"
    assert told(alva, "action", rows, unchanged="yes").status_code == 302
    done, kept = (entry(books.database, name) for name in ("Öva larm", "=cmd()"))
    assert (done.number, done.status, done.data["comment"]) == (2, "done", "Övat")
    assert done.owner == "Chef", "what was not asked stays as it was"
    assert (kept.number, kept.told_at) == (1, done.told_at)
    page = alva.get(f"/registers/action/{kept.id}").text
    assert "går som förut" in page
    assert "Senast sagt hur det går" in page
    assert told(alva, "action", rows, unchanged="yes").status_code == 409, "another has said so"


def test_an_accepted_risk_is_reconsidered_within_a_year_and_listed_when_that_is_past(
    client_for, books
):
    alva, snow = client_for("Alva"), entry(books.database, "Snö")
    for day in ("", "2031-01-01"):
        refused = told(alva, "risk", [(snow, {"status": "accepted", "review_by": day})])
        assert refused.status_code == 422
        assert "högst ett år bort" in refused.text
    past = {"status": "accepted", "review_by": "2020-02-01"}
    assert told(alva, "risk", [(snow, past)]).status_code == 302
    assert names(alva, "/registers/risk?status=accepted&late=1") == ["Snö"]
    assert names(alva, "/registers/risk?status=open") == ["El borta"]
    assert names(alva, "/registers/risk?status=any&grade=red") == []
    page = alva.get(f"/registers/risk/{entry(books.database, 'Snö').id}").text
    assert "skulle prövas igen senast" in page


def test_the_timeline_and_its_table_say_the_same_the_late_first(client_for, books):
    for name, day in (("Öva larm", "2020-01-05"), ("=cmd()", "2029-01-01")):
        one = entry(books.database, name)
        told(client_for("Alva"), "action", [(one, {"due": day})])
    page = client_for("Alva").get("/registers/action/timeline").text
    assert re.findall(r'class="over-time__bar is-(\w+)"', page) == ["late", "planned"]
    table = page[page.index("<tbody>") :]
    assert table.index("Öva larm") < table.index("=cmd()") < table.index("Åtgärda dörr")
    assert "1 rad har ingen dag" in page


def test_what_goes_out_of_the_house_is_open_and_the_rest_only_counted(client_for, books):
    one = entry(books.database, "Öva larm")
    post = {"seen": one.revision, "secrecy": "open", "why": "Känt"}
    alva = client_for("Alva")
    assert alva.post(f"/registers/action/{one.id}/secrecy", post).status_code == 302
    text = alva.get("/registers/action/export.csv?secrecy=open").data.decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert rows[0][0] == "Öva larm"
    assert rows[1:] == [["Inte med för att det inte är öppet: <5"]]


def test_a_row_marked_secret_is_not_for_all_however_open_its_case(client_for, books):
    with books.database.writing() as session:
        for one in session.scalars(sa.select(Entry).where(Entry.register == "action")):
            one.level, one.secrecy = "open", "18:13" if one.name == "Öva larm" else "open"
        session.commit()
    jon, marked = client_for("Jon"), entry(books.database, "Öva larm")
    assert names(jon, "/registers/action?sort=name") == ["=cmd()", "Åtgärda dörr"]
    assert jon.get(f"/registers/action/{marked.id}").status_code == 404
    assert "Öva larm" in names(client_for("Alva"), "/registers/action")


def test_one_entry_shows_versions_where_they_come_from_and_is_changed(client_for, books):
    client = client_for("Alva")
    found = entry(books.database, "El borta")
    page = client.get(f"/registers/risk/{found.id}").text
    assert "Version 2" in page
    assert "<del>2</del> <ins>4</ins>" in page
    assert f"/cases/{found.case_id}" in page
    one = entry(books.database, "Öva larm")
    path = f"/registers/action/{one.id}"
    wrong = client.post(f"{path}/change", {"seen": one.revision, "due": "i morgon"})
    assert wrong.status_code == 422
    right = {"seen": one.revision, "due": "2027-05-01", "status": "in_progress"}
    answer = client.post(f"{path}/change", right | {"responsible": "Chef"})
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "<ins>Pågår</ins>" in page
    assert client.get(path).status_code == 200, "an old address leads to what stands now"
    assert client.post(f"{path}/change", right).status_code == 409


def test_secrecy_is_said_with_a_reason_and_lowered_by_another(client_for, books):
    one = entry(books.database, "Öva larm")
    client, path = client_for("Alva"), f"/registers/action/{one.id}"
    post = {"seen": one.revision, "secrecy": "18:13", "why": ""}
    assert client.post(f"{path}/secrecy", post).status_code == 422
    assert client.post(f"{path}/secrecy", post | {"why": "Visar svaghet"}).status_code == 302
    now = entry(books.database, "Öva larm")
    assert "18:13" in client.get(path).text
    post = {"seen": now.revision, "secrecy": "open", "why": "Åtgärdat"}
    assert client.post(f"{path}/secrecy", post).status_code == 409, "another version stands"
    path = f"/registers/action/{now.id}"
    assert client.post(f"{path}/secrecy", post).status_code == 302
    now = entry(books.database, "Öva larm")
    agreed = {"seen": now.revision, "agrees": "yes", "why": "Håller med"}
    assert client.post(f"{path}/lowering", agreed).status_code == 403
    assert client_for("Hedda").post(f"{path}/lowering", agreed).status_code == 302
    assert entry(books.database, "Öva larm").secrecy == "open"


def test_rows_of_secret_cases_and_secret_registers_are_not_there_for_others(client_for, books):
    secret = entry(books.database, "Hemligt")
    for name, status in {"Alva": 404, "Disa": 404, "Frida": 404, "Jon": 404, "Hedda": 200}.items():
        client = client_for(name)
        assert client.get(f"/registers/risk/{secret.id}").status_code == status
        for path in ("", "/export.csv", "/1"):
            expected = 404 if path == "/1" else status
            assert client.get(f"/registers/sua_case{path}").status_code == expected
        assert client.get("/registers/psa_status/progress").status_code == 404
        assert ("Hemligt" in client.get("/registers/risk/matrix").text) == (status == 200)
        if status == 404:
            assert told(client, "risk", [(secret, {"status": "ended"})]).status_code == 409
        assert ("Hemligt" in client.get("/registers/risk/export.csv").text) == (status == 200)
        assert ("sua_case" in client.get("/registers/").text) == (status == 200)
    with books.database.reading() as session:
        looked = sa.select(sa.func.count()).where(Event.kind == "register_read")
        assert session.scalar(looked) == 2, "who looks at what is secret is written down"


def test_the_page_of_a_case_lists_what_it_has_written(client_for, books):
    case_id = entry(books.database, "El borta").case_id
    page = client_for("Alva").get(f"/cases/{case_id}").text
    assert f"/registers/risk/{entry(books.database, 'Snö').id}" in page


def sent(client, text, unit, *, register="action", name="lista.csv", **more):
    file = (io.BytesIO(text.encode()), name)
    data = {"unit": str(unit), "year": "2026", "file": file, **more}
    return client.post(f"/registers/{register}/import", data, content_type="multipart/form-data")


def test_a_file_is_looked_at_mapped_read_in_and_taken_out_again(client_for, books):
    client, unit = client_for("Alva"), books.city.units["FARSTA"].id
    rows = "Köp pump;Chef;2027-01-31;Pågår;x\nMåla;;i morgon;Pågår;x\nÖva larm;Ny chef;;;x\n"
    answer = sent(client, HEADER + rows, unit)
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "1 problem" in page
    refused = client.post(f"{answer.location}/application", {"seen": "1"})
    assert refused.status_code == 422
    mapped = {"column-0": "title", "column-1": "responsible", "column-3": "status"}
    assert client.post(f"{answer.location}/mapping", mapped).status_code == 302
    page = client.get(answer.location).text
    assert "Något nyare gäller" in page
    [seen] = re.findall(r'name="seen" value="(\d+)"', page)
    assert client.post(f"{answer.location}/application", {"seen": "0"}).status_code == 409
    assert client.post(f"{answer.location}/application", {"seen": seen}).status_code == 302
    pump = entry(books.database, "Köp pump")
    assert (pump.status, pump.year, pump.source, pump.due_on) == (
        "in_progress",
        2026,
        "import",
        None,
    )
    assert entry(books.database, "Öva larm").owner == "Chef"
    again = sent(client, HEADER + rows, unit)
    assert "selected>Klar senast" not in client.get(again.location).text
    assert client.post(f"{answer.location}/undoing", {"why": "Fel fil"}).status_code == 302
    assert entry(books.database, "Köp pump", EntryState.WITHDRAWN)
    assert client.post(f"{answer.location}/undoing", {"why": "Igen"}).status_code == 409


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [("Åtgärd\n", "a.csv", "inga rader"), ("\0\0", "a.csv", "CSV eller XLSX")],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(client_for, books, text, name, said):
    unit = books.city.units["FARSTA"].id
    answer = sent(client_for("Alva"), text, unit, name=name)
    assert answer.status_code == 422
    assert said in answer.text


def test_nobody_reads_a_file_into_another_unit_s_register(client_for, books):
    answer = sent(client_for("Cleo"), HEADER + "A;;;;\n", books.city.units["FARSTA"].id)
    assert answer.status_code == 403


def test_of_a_file_from_ia_only_numbers_are_kept(client_for, books):
    client, unit = client_for("Alva"), books.city.units["FARSTA"].id
    text = (
        "Händelsedatum;Händelsetyp;Enhet;Namn\n2027-01-02;Fall;;Karin\n2027-01-30;Fall;;Per\n"
        "2027-02-01;Hot;Farsta stadsdelsnämnd;Åsa\n"
    )
    wrong = sent(client, text.replace("Händelsetyp", "Slag"), unit, register="ia_statistic")
    assert wrong.status_code == 422
    assert "Slag" in wrong.text
    answer = sent(client, text, unit, register="ia_statistic")
    page = client.get(answer.location).text
    assert "Karin" not in page
    [seen] = re.findall(r'name="seen" value="(\d+)"', page)
    assert client.post(f"{answer.location}/application", {"seen": seen}).status_code == 302
    assert entry(books.database, "Fall").data == {"kind": "Fall", "month": "2027-01", "number": 2}
    with books.database.reading() as session:
        kept = session.scalars(sa.text("SELECT what FROM event")).all()
    assert "Karin" not in str(kept)
