"""The workshop as its editor and its readers meet it: JSON of the draft, and pages around it."""

import html
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.conformance.suites import SHARED
from tests.drawing import EVERYTHING, drawn
from webapp import workshop_page
from workflows.cases.models import Case
from workflows.language import Language, translator
from workflows.operations import publishing
from workflows.processes.actions import CATALOGUE
from workflows.processes.exchange import packed, unpacked

LETTER = packages.letter()
XML = LETTER.source.decode()


@pytest.fixture
def letter(session, city):
    """A published process, by its id."""
    process_id = publishing.publish(session, LETTER, by=SYSTEM, now=NOON).process_id
    session.commit()
    return process_id


class Editor:
    """The page's program: it posts JSON with the token in the header."""

    def __init__(self, client, process_id):
        self.client, self.base = client, f"/workshop/{process_id}"

    def get(self, what):
        return self.client.get(f"{self.base}/{what}").json

    def post(self, what, given):
        headers = {"X-CSRFToken": self.client.csrf}
        answer = self.client.client.post(f"{self.base}/{what}", json=given, headers=headers)
        return answer.status_code, answer.json


@pytest.fixture
def gun(client_for, letter):
    return Editor(client_for("Gun"), letter)


def test_a_draft_begins_as_what_runs_and_the_later_save_is_shown_the_earlier(gun):
    first = gun.get("draft")
    assert (first["revision"], first["diagram"]) == (0, XML)
    assert first["forms"].keys() == {"letter/write", "letter/approve"}
    renamed = XML.replace("Skriv brevet", "Skriv ett brev")
    assert gun.post("draft", {"revision": 0, "diagram": renamed}) == (
        200,
        {"revision": 1, "problems": []},
    )
    status, told = gun.post("draft", {"revision": 0, "diagram": XML})
    assert (status, told["revision"], told["by"]) == (409, 1, "Gun")
    assert told["diagram"] == renamed == gun.get("draft")["diagram"]
    assert "Gun" not in gun.client.get(f"{gun.base}").text.split("<main")[1]


def test_problems_are_told_in_words_while_one_draws(gun):
    broken = XML.replace('arshjul:form="letter/write"', 'arshjul:form="letter/gone"')
    (told,) = gun.post("problems", {"diagram": broken})[1]["problems"]
    assert told["element"] == "write"
    assert told["severity"] == "error"
    assert told["line"] == 22
    assert "letter/gone" in told["text"]
    assert told["mend"]
    other = XML.replace('arshjul:key="letter"', 'arshjul:key="other"')
    (told,) = gun.post("problems", {"diagram": other})[1]["problems"]
    assert told["code"] == "other_process"
    assert gun.get("draft")["revision"] == 0


@pytest.mark.parametrize(
    "source",
    ["", "<a", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a>" * 70_000 + "</a>" * 70_000],
)
def test_what_cannot_be_opened_safely_is_not_kept(gun, source):
    status, told = gun.post("draft", {"revision": 0, "diagram": source})
    assert status == 422
    assert told["problems"][0]["text"]
    assert gun.get("draft")["revision"] == 0


def test_a_date_and_a_condition_are_tried_as_they_are_typed(gun, city):
    told = gun.post("deadline", {"rule": "T1 - 10wd", "year": 2027, "unit": None})[1]
    assert told["due"].startswith("2027-05-11")
    assert "10 arbetsdagar" in told["because"]
    unit = city.units["FARSTA"].id
    assert gun.post("deadline", {"rule": "T9 - 1d", "year": 2027, "unit": unit})[1]["problem"]
    tried = {"expression": "amount * 2 > 5", "names": {"amount": 3}}
    assert gun.post("condition", tried) == (200, {"value": True})
    assert "amount" in gun.post("condition", tried | {"names": {}})[1]["problem"]
    assert gun.post("condition", {"expression": "__import__('os')"})[1]["problem"]


def test_the_catalogue_says_what_may_be_named(gun):
    told = gun.get("catalogue")
    assert {"name": "director", "said": "Chef"}.items() <= next(
        one for one in told["roles"] if one["name"] == "director"
    ).items() or told["roles"]
    assert [one["name"] for one in told["forms"]] == ["letter/approve", "letter/write"]
    action = next(one for one in told["actions"] if one["name"] == "write_register")
    assert action["parameters"][0] == {"name": "name", "kind": "text", "required": True}
    assert {"name": "text", "said": "Text"} in told["names"]


def test_who_else_has_it_open_is_shown(gun, client_for, session, city):
    from workflows.organisation.models import Holding

    stad = city.units["STAD"].id
    session.add(Holding(role="process_owner", unit_id=stad, person_id=city.people["Jon"].id))
    session.commit()
    assert gun.post("presence", {})[1]["others"] == []
    jon = Editor(client_for("Jon"), gun.base.rsplit("/", 1)[1])
    assert [one["name"] for one in jon.post("presence", {})[1]["others"]] == ["Gun"]
    assert "Gun" in jon.client.get(jon.base).text


def test_who_owns_no_process_gets_nowhere(client_for, letter):
    client = client_for("Bo")
    assert client.get(f"/workshop/{letter}/draft").status_code == 403
    assert client.post(f"/workshop/{letter}/discarding").status_code == 403


def go(client, answer):
    assert answer.status_code == 302, answer.text
    return client.get(answer.headers["Location"])


def test_the_whole_way_from_a_draft_to_running_cases(gun, client_for, session, city):
    from tests.operations.test_migrations import start
    from workflows.organisation.models import Holding

    stad = city.units["STAD"].id
    session.add(Holding(role="process_owner", unit_id=stad, person_id=city.people["Jon"].id))
    start(session, city)
    session.commit()
    edited = XML.replace("T1 - 10wd", "T1 - 5wd").replace("Skriv brevet", "Skriv ett brev")
    assert gun.post("draft", {"revision": 0, "diagram": edited})[0] == 200
    page = gun.client.get("/processes/").text
    assert "Utkast" in page
    differs = gun.client.get("/processes/letter/difference").text
    said = differs.replace("\xa0", " ")
    assert "<del>10 arbetsdagar före T1 (T1 - 10wd)</del>" in said
    assert "<ins>5 arbetsdagar före T1 (T1 - 5wd)</ins>" in said
    assert "Skriv ett brev" in differs
    here = gun.client.post("/processes/letter/impact").headers["Location"]
    go(gun.client, gun.client.post(f"{here}/slices"))
    page = go(gun.client, gun.client.post(f"{here}/slices")).text
    assert "Ett pågående ärende är tillfrågat" in page
    assert "Farsta" in page
    assert "11 maj" in page.replace("\xa0", " ")
    assert "18 maj" in page.replace("\xa0", " ")
    unit = city.units["FARSTA"].id
    page = main(gun.client.get(f"{here}?unit={unit}&year=2028"))
    assert "Skriv ett brev: ons 10 maj 2028 → ons 17 maj 2028" in page
    sent = gun.client.post("/processes/letter/submission", {"note": "Mer tid"})
    page = go(gun.client, sent).text
    assert "Någon annan måste godkänna" in page
    jon, review = client_for("Jon"), sent.headers["Location"]
    assert "Mer tid" in jon.get("/processes/letter").text
    back = jon.post(f"{review}/return", {"element": "write", "comment": "Varför?"})
    assert "Varför?" in go(jon, back).text
    sent = gun.client.post("/processes/letter/submission", {"note": "Mer tid, som bestämts"})
    review = sent.headers["Location"]
    assert "Godkänn och publicera" in jon.get(review).text
    assert go(jon, jon.post(f"{review}/approval")).status_code == 200
    page = jon.get("/processes/letter").text
    assert "Publicerad, version 3" in page
    assert "Flytta" in jon.get("/processes/").text


def test_an_administrator_says_who_publishes_and_it_stands_in_the_history(client_for, letter, city):
    egil, gun = client_for("Egil"), city.people["Gun"].id
    assert (
        go(egil, egil.post("/processes/letter/publishers", {"person": str(gun)})).status_code == 200
    )
    answer = egil.post("/processes/letter/four-eyes", {"on": "no", "why": "Ensam"})
    page = go(egil, answer).text
    assert "Ingen andra person behövs" in page
    assert egil.post("/processes/letter/archiving", {"why": "Nej"}).status_code == 403
    owner = client_for("Gun")
    page = go(owner, owner.post("/processes/letter/archiving", {"why": "Ersatt"})).text
    assert "Arkiverad" in page
    assert "letter" in owner.get("/processes/?archive=").text
    assert go(owner, owner.post("/processes/letter/restoring")).status_code == 200


def test_a_process_goes_from_one_installation_to_another_as_one_file(client_for, letter):
    gun = client_for("Gun")
    answer = gun.get("/processes/letter/file?version=1")
    assert answer.mimetype == "application/zip"
    assert unpacked(answer.data) == LETTER
    other = packed(
        replace(LETTER, key="epistle", source=LETTER.source.replace(KEY, b'key="epistle"'))
    )
    page = upload(gun, "epistle.zip", other)
    assert page.status_code == 200
    assert "Ett utkast" not in page.text
    assert "epistle" in gun.get("/processes/").text
    assert upload(gun, "epistle.zip", other).status_code == 409


def test_what_another_program_wrote_is_taken_over_or_listed(client_for, letter):
    gun = client_for("Gun")
    page = upload(gun, "camunda.bpmn", CAMUNDA).text
    assert "candidateGroups = director" in page
    assert "asyncBefore" in page
    revision = Editor(gun, re.search(r'data-process="(\d+)"', gun.get("/workshop/2").text)[1])
    kept = revision.get("draft")["diagram"]
    assert 'arshjul:role="director"' in kept


KEY = b'key="letter"'
CAMUNDA = b"""<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="x"><process id="Invoice"
 isExecutable="true"><startEvent id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/>
 <userTask id="b" name="Look" camunda:candidateGroups="director" camunda:asyncBefore="true"/>
 <sequenceFlow id="g" sourceRef="b" targetRef="c"/><endEvent id="c"/></process></definitions>"""


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def tampered(old, new):
    """The letter's file, with another letter in it and the same manifest."""
    out, packed_ = io.BytesIO(), zipfile.ZipFile(io.BytesIO(packed(LETTER)))
    with zipfile.ZipFile(out, "w") as archive:
        for name in packed_.namelist():
            content = packed_.read(name)
            archive.writestr(name, content.replace(old, new) if name.endswith("bpmn") else content)
    return out.getvalue()


TWICE = LETTER.source.replace(b'id="sent"', b'id="write"')
NAMED = {
    name: LETTER.source.replace(b'"begin"', f'"{name}"'.encode()) for name in ("Start", "Root")
}
# What is brought, and what is told of it: refused with a place, or kept as a draft with problems.
BROUGHT = {
    "empty": (b"", 422),
    "cut": (LETTER.source[:900], 422),
    "not XML": (b"%PDF-1.4 nothing", 422),
    "other XML": (b"<html><body/></html>", 422),
    "a document type": (b'<!DOCTYPE a [<!ENTITY x "y">]>' + LETTER.source[39:], 422),
    "another encoding": (LETTER.source.replace(b"UTF-8", b"UTF-77"), 422),
    "a foreign archive": (zipped(a_dot_txt=b"hello"), 422),
    "an archive that climbs": (zipped(**{"..__x_dot_bpmn": b"x"}), 422),
    "a bomb": (zipped(manifest_dot_json=b" " * 6_000_000), 422),
    "a broken archive": (packed(LETTER)[:-40], 422),
    "a changed archive": (tampered(b"Skriv", b"Sk%iv"), 422),
    "nothing to run": (re.sub(rb"(?s)<bpmn:process.*</bpmn:process>", b"", LETTER.source), 422),
    "twice the same id": (TWICE, 409),
    "an id of the engine's": (NAMED["Start"], 409),
    "another id of the engine's": (NAMED["Root"], 409),
}


LOCATED = r"rad \d+ |(manifest\.json|x\.bpmn|a\.txt) |Filen är skadad|Filen innehåller något annat"


def upload(client, name, content, **more):
    answer = client.post("/processes/import", {"file": (io.BytesIO(content), name)}, **more)
    answer.request.environ["wsgi.input"].close()  # a file, where much is sent
    return answer


def test_whatever_is_brought_is_kept_or_refused_with_its_place_and_never_a_fault(
    client_for, letter, gun
):
    gun.post("draft", {"revision": 0, "diagram": XML})  # so that no letter is kept but told of
    client, wrong = gun.client, {}
    folders = (SHARED, Path("tests/conformance/probes"))
    probes = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    probes = probes if EVERYTHING else probes[drawn("uploads", 30) :: 30]
    brought = {path.name: (path.read_bytes(), None) for path in probes} | BROUGHT
    for name, (content, wanted) in brought.items():
        answer = upload(client, "brought.bpmn", content)
        # What is wrong stands between these two, with its line or the file inside the archive.
        told = re.sub("<[^>]*>", " ", answer.text).partition("Den går inte att ta in")[2]
        told = " ".join(told.partition("En processfil")[0].split())
        answer.close()
        is_told = answer.status_code != 422 or re.search(LOCATED, told)
        if answer.status_code >= 500 or not is_told or wanted not in (None, answer.status_code):
            wrong[name] = answer.status_code
    assert wrong == {}
    answer = upload(client, "x.bpmn", LETTER.source + b" " * 20_000_000)
    assert (answer.status_code, "mindre fil" in main(answer)) == (413, True)
    for source in (TWICE, *NAMED.values()):
        status, told = gun.post("problems", {"diagram": source.decode()})
        assert status == 200
        assert all(one["line"] for one in told["problems"])


STARTS = XML.replace(
    'arshjul:colour="slate"', 'arshjul:starts="VB + 1wd" arshjul:per="district_board"'
)
LONGER = STARTS.replace('targetRef="approve"', 'targetRef="extra"').replace(
    '<bpmn:userTask id="approve"',
    '''<bpmn:userTask id="extra" name="Vila" arshjul:role="director"/>
    <bpmn:sequenceFlow id="x" sourceRef="extra" targetRef="approve"/>
    <bpmn:userTask id="approve"''',
)


def main(page):
    """What a page says, without marks."""
    told = page.text.split("<main")[1].split("</main")[0].replace("\xa0", " ")
    return " ".join(re.sub("<[^>]*>", " ", told).split())


def test_a_draft_is_tried_in_memory_up_to_a_day_and_as_a_role(gun, session):
    trial, base = f"{gun.base}/trial", {"unit": "FARSTA", "year": "2028"}
    assert gun.post("draft", {"revision": 0, "diagram": STARTS})[1]["problems"] == []
    page = main(gun.client.post(trial, base))
    assert "Det blir klart." in page
    assert "Något nytt att göra: Skriv brevet Säkerhetssamordnare" in page
    assert "Påminnelse: Skriv brevet" in page
    assert "Det är sent" not in page
    assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 0
    page = main(gun.client.post(trial, base | {"until": "2028-03-01"}))
    assert "Så står det när klockan stannar." in page
    assert "Skriv brevet Inte klart än" in page
    assert "Påminnelse" not in page
    lies = {"until": "2028-12-31", "lies": "approve", "role": "director"}
    page = main(gun.client.post(trial, base | lies))
    assert "Det är sent: Godkänn brevet" not in page  # that is told those above
    assert "Påminnelse: Skriv" not in page
    assert "Påminnelse: Godkänn brevet" in page
    page = main(gun.client.post(trial, base | lies | {"role": ""}))
    assert "Det är sent: Godkänn brevet Enhetschef" in page
    assert gun.client.post(trial, base | {"until": "i morgon"}).status_code == 400


def test_a_try_is_kept_as_a_test_that_runs_at_every_check_and_says_what_is_tried(gun):
    base = {"unit": "FARSTA", "year": "2028", "name": "Rakt igenom"}
    assert gun.post("draft", {"revision": 0, "diagram": STARTS})[0] == 200
    page = main(go(gun.client, gun.client.post(f"{gun.base}/tests", base)))
    assert "går som förut rakt-igenom" in page
    assert "Testerna går genom 4 av 5 pilar." in page
    assert "Godkänt? → Skriv brevet (Nej)" in page
    assert gun.get("draft")["tests"].keys() == {"rakt-igenom"}
    told = gun.post("problems", {"diagram": LONGER})[1]["problems"]
    assert [one["severity"] for one in told] == ["warning"] * 3 + ["error"]
    assert (told[3]["element"], told[3]["name"]) == ("extra", "Vila")
    assert "rakt-igenom" in told[3]["text"]
    status, kept = gun.post("draft", {"revision": 2, "diagram": LONGER})
    assert (status, kept["problems"][-1]["code"]) == (200, "test_differs")
    sent = gun.client.post("/processes/letter/submission", {"note": "Längre"})
    assert sent.status_code == 409
    assert "rakt-igenom" in sent.text
    go(gun.client, gun.client.post(f"{gun.base}/tests/rakt-igenom/removal"))
    assert gun.client.post(f"{gun.base}/tests/rakt-igenom/removal").status_code == 404
    assert gun.client.post("/processes/letter/submission", {"note": "Längre"}).status_code == 302


def hidden(page):
    """What a page of a try carries along."""
    found = re.findall(r'name="(filled|try:given)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def went(page):
    """The steps that came in a try."""
    table = page.text.partition('id="went-title"')[2].partition("</table>")[0]
    return re.findall(r'<th scope="row">([^<]*)', table)


BOTH = {"sv": "Sak", "en": "Thing"}
THINGS: dict[str, Any] = {
    "title": BOTH,
    "schema": {
        "type": "object",
        "required": ["things", "ways"],
        "properties": {
            "things": {
                "type": "array",
                "minItems": 2,
                "items": {
                    "type": "object",
                    "required": ["what", "who"],
                    "properties": {
                        "what": {"type": "string"},
                        "who": {"type": "string", "x-ref": "person"},
                        "proof": {"type": "string", "x-file": True},
                    },
                },
            },
            "ways": {
                "type": "array",
                "uniqueItems": True,
                "items": {"type": "string", "enum": ["a", "b", "c"]},
            },
        },
    },
    "layout": [{"id": "all", "fields": ["things", "ways"]}],
    "labels": {
        "things": {"label": BOTH, "rows": {"as": "blocks", "name": "what", "word": BOTH}},
        **{f"things.{name}": {"label": BOTH} for name in ("what", "who", "proof")},
        "ways": {"label": BOTH, "enum": dict.fromkeys("abc", BOTH)},
    },
}
SPLIT = '<bpmn:inclusiveGateway id="some"/><bpmn:inclusiveGateway id="all"/>' + "".join(
    f"""<bpmn:userTask id="way_{way}" name="Väg {way}" arshjul:role="director"/>
    <bpmn:sequenceFlow id="to_{way}" sourceRef="some" targetRef="way_{way}">
      <bpmn:conditionExpression>'{way}' in ways</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="from_{way}" sourceRef="way_{way}" targetRef="all"/>"""
    for way in "abc"
)
WAYS = STARTS.replace(
    '<bpmn:sequenceFlow id="f2" sourceRef="write" targetRef="approve"/>',
    f"""{SPLIT}<bpmn:sequenceFlow id="f2" sourceRef="write" targetRef="some"/>
    <bpmn:sequenceFlow id="on" sourceRef="all" targetRef="approve"/>""",
)


def test_whoever_tries_fills_in_the_forms_as_on_a_task_and_their_answers_choose_the_ways(gun):
    drafted = {"revision": 0, "diagram": WAYS, "forms": {"letter/write": json.dumps(THINGS)}}
    found = gun.post("draft", drafted)[1]["problems"]
    assert {one["severity"] for one in found} == {"warning"}
    trial, write = f"{gun.base}/trial", f"{gun.base}/trial/steps/write/0"
    base = {"unit": "FARSTA", "year": "2028"}
    page = gun.client.post(write, base)
    assert "det som provet svarar av sig självt" in main(page)
    kept = hidden(page)
    typed = {"things": "0", "things-0-what": "Båt", "things-0-who": "1", "ways": ["a", "c"]}
    page = gun.client.post(f"{write}?rows=", kept | typed | {"row": "add-things"})
    assert 'name="things-1-what"' in page.text
    page = gun.client.post(write, kept | typed)
    assert page.status_code == 422
    assert "data-focus" in page.text
    more = {"things": ["0", "1"], "things-1-what": "Årta", "things-1-who": "1"}
    file = {"things-1-proof": (io.BytesIO(b"%PDF"), "bevis.pdf")}
    page = gun.client.post(write, kept | typed | more | file)
    assert page.status_code == 200
    assert went(page) == ["Skriv brevet", "Väg a", "Väg c", "Godkänn brevet"]
    state = hidden(page)
    assert '"things-1' not in state["filled"]
    assert '{"proof":"1","what":"Årta","who":"1"}' in state["filled"]
    back = gun.client.post(f"{gun.base}/trial/steps/approve/0", base | state)
    page = gun.client.post(f"{gun.base}/trial/steps/approve/0", hidden(back) | {"approval": "no"})
    assert went(page)[3:5] == ["Godkänn brevet", "Skriv brevet"]
    state = base | hidden(page) | {"name": "Två vägar"}
    page = main(go(gun.client, gun.client.post(f"{gun.base}/tests", state)))
    assert "går som förut tv-v-gar" in page
    (test,) = gun.get("draft")["tests"].values()
    assert '"write","way_a","way_c","approve","write"' in test
    page = gun.client.post(trial, state | {"try:usual": "approve:0"})
    assert "approve" not in hidden(page)["filled"]
    page = gun.client.post(trial, state | {"try:usual": "approve:-1"})
    assert "approve" in hidden(page)["filled"]
    for wrong in ({"filled": "{"}, {"filled": '{"write":[5]}'}, {"year": "x"}, {"year": "1"}):
        assert gun.client.post(trial, state | wrong).status_code == 400
    assert gun.client.post(f"{gun.base}/trial/steps/write/9", base).status_code == 404
    form = THINGS | {"schema": THINGS["schema"] | {"required": ["things", "ways", "gone"]}}
    gun.post("draft", {"revision": 2, "forms": {"letter/write": json.dumps(form)}})
    page = gun.client.get(trial)
    assert "Utkastet har" in main(page)
    assert f'href="{gun.base}/forms/letter/write"' in page.text
    assert gun.client.post(write, base).status_code == 422


def test_a_real_case_becomes_a_test_that_says_nothing_of_anybody(gun, session, city):
    from tests.operations.test_migrations import complete, start
    from workflows.organisation.models import Holding

    assert "Du ser inget ärende som är avslutat." in main(gun.client.get(f"{gun.base}/trial"))
    farsta, gun_id = city.units["FARSTA"].id, city.people["Gun"].id
    session.add(Holding(role="unit_manager", unit_id=farsta, person_id=gun_id))
    made = start(session, city)
    for said in ("no", "yes"):
        complete(session, city, made, "write", "Alva", text="Alva Ek, 070-123 45 67")
        complete(session, city, made, "approve", "Bo", approval=said)
    assert gun.post("draft", {"revision": 0, "diagram": XML})[0] == 200
    assert "Skriva brev 2027, Farsta" in main(gun.client.get(f"{gun.base}/trial"))
    keep = f"{gun.base}/tests/from-case"
    page = main(go(gun.client, gun.client.post(keep, {"case": str(made.id)})))
    assert "I det verkliga ärendet gjordes" not in page
    assert "går som förut farsta-2027" in page
    assert "Testerna går genom 5 av 5 pilar." in page
    (kept,) = gun.get("draft")["tests"].values()
    assert "Alva" not in kept
    assert '"answers":{"approve":[{"approval":"no"},{"approval":"yes"}]}' in kept
    assert '"steps":["write","approve","write","approve"]' in kept
    assert gun.client.post(keep, {"case": "999"}).status_code == 404


def test_every_action_and_its_words_are_there_in_both_languages():
    assert workshop_page.ACTIONS.keys() == CATALOGUE.keys()
    for text in workshop_page.ACTIONS.values():
        assert translator(Language.EN).gettext(text) == text
        assert translator(Language.SV).gettext(text) != text


def test_what_the_supplier_and_the_city_changed_is_laid_side_by_side(client_for, session, city):
    forms = dict(LETTER.forms)
    base = replace(LETTER, forms=forms)
    publishing.publish(session, base, by=SYSTEM, now=NOON, is_shipped=True)
    ours = XML.replace("T1 - 10wd", "T1 - 5wd").replace("Skriv brevet", "Skriv ett brev")
    publishing.publish(session, replace(base, source=ours.encode()), by=SYSTEM, now=NOON)
    form = forms["letter/write"].replace(b"Brevet", b"Ert brev")
    theirs = XML.replace("T1 - 10wd", "T1 - 8wd").replace("+5wd", "+6wd")
    shipped = replace(base, source=theirs.encode(), forms=forms | {"letter/write": form})
    publishing.take_shipped(session, shipped, by=SYSTEM, now=NOON)
    session.commit()
    gun = client_for("Gun")
    assert "/processes/letter/supplier/3" in gun.get("/processes/letter").text
    page = main(gun.get("/processes/letter/supplier/3"))
    apart, rest = page.split("Bara leverantören har ändrat")
    assert "T1 - 5wd" in apart
    assert "T1 - 8wd" in apart
    assert "+6wd" not in apart
    both = rest.split("Bara ni har ändrat")
    assert "+6wd" in both[0]
    assert "Ert brev" in both[0]
    go(gun, gun.post("/processes/letter/supplier/3/draft"))
    kept = Editor(gun, 1).get("draft")
    assert kept["diagram"] == ours
    assert "Ert brev" in kept["forms"]["letter/write"]
    assert gun.get("/processes/letter/supplier/2").status_code == 404
