"""Tables, forms and the order of steps in plain pages: what is typed is kept, and said if wrong."""

import html
import re
from pathlib import Path

import pytest

from tests.cast import NOON, SYSTEM
from webapp.workshop_merge_page import packed
from workflows.engine.rule_tables.editing import grids, with_grid
from workflows.forms.editing import lines, opened, written
from workflows.operations import publishing
from workflows.processes.packages import beside
from workflows.processes.rows import find

ROOT = Path(__file__).parents[2]
REVIEW = beside(ROOT / "bpmn" / "yearly_review" / "yearly_review.bpmn")


@pytest.fixture
def desk(session, city, client_for):
    """Somebody who changes the review, and where its draft lies."""
    publishing.publish(session, REVIEW, by=SYSTEM, now=NOON)
    base = f"/workshop/{find(session, 'yearly_review').id}"
    session.commit()  # last: a session that has read holds the turn to write
    return client_for("Gun"), base


def typed(page):
    """What a browser would send of the first form on the page that keeps a part."""
    form = page.text.split("data-live=", 1)[1].split("</form>", 1)[0]
    sent = {}
    for name, value in re.findall(
        r'<input(?![^>]*type="checkbox")[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form
    ):
        sent[name] = html.unescape(value)
    for name in re.findall(r'<input type="checkbox" name="([^"]+)" value="1" checked', form):
        sent[name] = "1"
    for name, text in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        sent[name] = html.unescape(text)
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        at = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        sent[name] = at[1]
    return sent


def kept(client, base):
    return client.get(f"{base}/draft").json


def test_a_table_is_changed_rule_by_rule_and_tried(desk):
    client, base = desk
    page = client.get(f"{base}/tables/items_due")
    sent = typed(page) | {"deed": "row-add:items_due.0"}
    assert client.post(f"{base}/tables/items_due", sent).status_code == 302
    (grid,) = grids(kept(client, base)["tables"]["items_due"].encode())
    (old,) = grids(REVIEW.tables["items_due"])
    assert len(grid.rows) == len(old.rows) + 1
    assert grid.rows[:-1] == old.rows
    told = client.post(f"{base}/tables/items_due/trial", typed(page) | {"try:case.occasion": "Q1"})
    assert "crisis_plan" in told.text


def test_a_form_that_is_opened_and_kept_asks_the_same_and_one_field_more(desk):
    client, base = desk
    page = client.get(f"{base}/forms/yearly_review/check")
    first = opened(REVIEW.forms["yearly_review/check"])["layout"][0]["id"]
    sent = typed(page)
    more = {f"new-name:{first}": "extra", f"new-kind:{first}": "date", "deed": f"add:{first}"}
    assert client.post(f"{base}/forms/yearly_review/check", sent | more).status_code == 302
    doc = opened(kept(client, base)["forms"]["yearly_review/check"].encode())
    assert [one.kind for one in lines(doc, ["extra"])] == ["date"]
    asked = doc["schema"]["properties"]
    assert asked.pop("extra") == {"type": "string", "format": "date"}
    assert asked == opened(REVIEW.forms["yearly_review/check"])["schema"]["properties"]
    taken = {f"new-name:{first}": "Not a name", "deed": f"add:{first}"}
    again = client.post(f"{base}/forms/yearly_review/check", typed(page) | taken)
    assert again.status_code == 422
    assert "Namnet går inte" in again.text or "små bokstäver" in again.text
    broken = sent | {f"visible:{first}": "1 +"}
    assert "visible" in client.post(f"{base}/forms/yearly_review/check/preview", broken).text


def asked(page):
    """What a page that lays two side by side sends: what it carries, and mine of everything."""
    assert page.status_code == 409
    found = re.findall(r'name="((?:began|mine|back|pick:)[^"]*)" value="([^"]*)"', page.text)
    return dict(found) | {name: "ours" for name, _ in found if name.startswith("pick:")}


def test_two_who_change_a_form_are_asked_of_what_both_have_changed_and_of_no_more(desk):
    client, base = desk
    here = f"{base}/forms/yearly_review/check"
    began = typed(client.get(here))
    field, first = "label:items.note:sv", opened(REVIEW.forms["yearly_review/check"])["layout"][0]
    add = {f"new-name:{first['id']}": "extra", f"new-kind:{first['id']}": "date"}
    hers = {field: "Hennes", "title:sv": "Ny rubrik", "deed": f"add:{first['id']}"}
    assert client.post(here, began | add | hers).status_code == 302
    mine = {field: "Min", "required:items.note": "1", "hint:items.note:sv": "Så här"}
    page = client.post(here, began | mine)
    sent = asked(page)
    assert [name for name in sent if name.startswith("pick:")] == ["pick:items.note"]
    for said in ("Hennes", "Min", "Gun"):
        assert said in page.text
    for said in ("Ny rubrik", "Så här"):  # only one has touched it
        assert said not in page.text.split('<form class="merge')[1]
    assert client.post(here, sent | {"pick:items.note": "theirs"}).status_code == 302
    doc = opened(kept(client, base)["forms"]["yearly_review/check"].encode())
    assert doc["labels"]["items.note"]["label"]["sv"] == "Hennes"
    assert doc["labels"]["items.note"]["hint"]["sv"] == "Så här"
    assert doc["title"]["sv"] == "Ny rubrik"
    assert "extra" in doc["layout"][0]["fields"]


def test_two_who_change_a_table_keep_both_their_rules_and_the_drawn_one_asks_too(desk):
    client, base = desk
    here, (old,) = f"{base}/tables/items_due", grids(REVIEW.tables["items_due"])
    began, last = typed(client.get(here)), len(old.rows)
    new = {"deed": f"row-add:items_due.{last}"}
    for note in ("Hennes", "Min"):  # each adds a rule, then says something of the first one
        assert (
            client.post(here, began | new | {f"note:items_due.{note == 'Min':d}": note}).status_code
            == 302
        )
    (grid,) = grids(kept(client, base)["tables"]["items_due"].encode())
    assert [row.note for row in grid.rows[:2]] == ["Hennes", "Min"]
    assert len(grid.rows) == last + 1  # an empty rule is the same as another empty one
    added = {f"cell:items_due.{last}.{len(old.inputs)}": '"x"'}
    drawn = kept(client, base)["tables"]["items_due"]
    again = typed(client.get(here))
    for said in ('"hers"', '"mine"'):
        assert client.post(here, again | dict.fromkeys(added, said)).status_code in (302, 409)
    taken = with_grid(drawn.encode(), grid.without_row(last)).decode()
    page = client.post(here, {"began": drawn, "mine": taken, "back": f"{here}/drawn"})
    assert "borttaget" in page.text
    sent = asked(page)
    answer = client.post(here, sent | {name: "theirs" for name in sent if "pick" in name})
    assert answer.headers["Location"].endswith("/drawn")
    (grid,) = grids(kept(client, base)["tables"]["items_due"].encode())
    assert '"hers"' in grid.rows[last].cells


def test_what_a_page_says_it_began_with_may_be_anything_and_is_no_fault(desk):
    client, base = desk
    form, table = f"{base}/forms/yearly_review/check", f"{base}/tables/items_due"
    page = {form: typed(client.get(form)), table: typed(client.get(table))}
    odd = [b"", b"\xff", b"[1]", b'{"layout": [1], "schema": {"properties": {"a": 1}}}', b"<a/>"]
    for here in (form, table):
        for given in (*(packed(one) for one in odd), "x", "<a", packed(b" " * 2_000_000)):
            for sent in ({"began": given}, {"began": given, "mine": given}):
                answer = client.post(here, page[here] | sent)
                assert answer.status_code < 500, (here, given[:40])
    assert client.post(f"{base}/forms/../x", {"began": packed(b"{}")}).status_code == 404


def test_two_who_change_a_step_in_the_list_keep_what_each_has_said(desk):
    client, base = desk
    here = f"{base}/outline?step=p11_check"
    began = re.search(r'name="began" value="([^"]*)"', client.get(here).text)[1]
    said = {"step": "p11_check", "sv": "Gå igenom", "due": "", "deed": "save", "began": began}
    assert client.post(f"{base}/outline", said | {"due": "T1 - 10wd"}).status_code == 302
    assert client.post(f"{base}/outline", said | {"sv": "Se över"}).status_code in (302, 409)
    page = client.post(f"{base}/outline", said | {"due": "T1 - 5wd"})
    sent = asked(page)
    assert "T1 - 10wd" in page.text
    assert client.post(f"{base}/outline", sent | {"deed": "save"}).status_code == 302
    assert 'arshjul:due="T1 - 5wd"' in kept(client, base)["diagram"]


def test_a_new_form_and_a_new_table_can_be_used_at_once(desk):
    client, base = desk
    for place, (kind, name) in enumerate((("form", "extra"), ("table", "extra_rules"))):
        sent = {"kind": kind, "name": name, "title": "Extra", "seen": str(place)}
        assert client.post(f"{base}/parts", sent).status_code == 302
    draft = kept(client, base)
    given = {"diagram": draft["diagram"], "forms": draft["forms"], "tables": draft["tables"]}
    headers = {"X-CSRFToken": client.csrf}
    said = client.client.post(f"{base}/problems", json=given, headers=headers).json["problems"]
    assert [one["text"] for one in said if one["severity"] == "error"] == []


def test_the_list_of_steps_tells_branches_inside_and_takes_a_role_form_and_date(desk):
    client, base = desk
    page = client.get(f"{base}/outline?step=p11_check").text
    assert '<li class="outline__branch">' in page
    said = {"step": "p11_check", "sv": "Se över", "due": "T1 - 10wd", "seen": "0", "deed": "save"}
    answer = client.post(f"{base}/outline", said | {"notBy": "p11_approve"})
    page = client.get(answer.headers["Location"].partition("#")[0]).text
    assert "10 arbetsdagar" in page
    assert 'value="p11_approve" checked' in page


@pytest.mark.parametrize("path", sorted(ROOT.glob("bpmn/*/*.dmn")), ids=lambda path: path.stem)
def test_a_shipped_table_written_anew_says_the_same(path):
    source = path.read_bytes()
    for grid in grids(source):
        source = with_grid(source, grid)
    assert grids(source) == grids(path.read_bytes())


def test_what_is_no_form_is_opened_as_an_empty_one():
    for source in (b"", b"[1]", b'{"schema": 1, "layout": 2}'):
        assert opened(written(opened(source)).encode())["schema"]["properties"] == {}
