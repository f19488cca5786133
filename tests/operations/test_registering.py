"""What cases write to registers: proposed, decided, restated, taken back; never removed."""

import pytest

from tests.cast import NOON
from tests.operations.book import FLOWS, SCALE, TEXT, Books, book, form, risk, rows
from tests.operations.town import DAY, ROLE, action
from workflows.errors import Invalid
from workflows.language import sort_key
from workflows.operations import migrations, operators
from workflows.operations.operators import Order
from workflows.organisation.rows import named
from workflows.processes.checking import check
from workflows.processes.rows import find
from workflows.registers.models import EntryState, Marking
from workflows.registers.rows import known_to, standing
from workflows.tasks.rows import know_reviewed

ACTION = {"title": "Köp reservkraft", "who": "Enhetschef"}


@pytest.fixture
def books(database, session, city):
    made = Books(database, session, city)
    made.publish(book())
    return made


def test_a_completed_list_is_proposed_and_stands_when_its_case_is_decided(books):
    case = books.list(books.begin(), risk("El borta"), risk("Brand"), actions=[ACTION])
    assert books.states() == [("El borta", "proposed"), ("Brand", "proposed")]
    assert standing(books.session, "action") == []
    books.finish(case)
    assert books.stand() == [("El borta", 1, 3), ("Brand", 1, 3)]
    [entry] = standing(books.session, "action", unit_id=case.unit_id)
    assert (entry.owner, entry.status, entry.year) == ("Enhetschef", "not_started", 2027)
    assert (entry.data["source"], entry.secrecy) == ("analysis", Marking.UNASSESSED)
    assert (entry.case_id, entry.element, entry.level) == (case.id, "list", case.secrecy)
    assert books.told(case) == [
        (deed, name)
        for deed in ("proposed", "approved")
        for name in ("El borta", "Brand", "Köp reservkraft")
    ]


def test_a_list_done_again_changes_its_proposals_and_withdraws_what_it_left_out(books):
    case = books.list(books.begin(), risk("El borta"), risk("Brand"))
    books.list(books.back(case), risk("  EL  borta", 5), risk("Snö"))
    assert books.states() == [
        ("EL  borta", "proposed"), ("Brand", "withdrawn"), ("Snö", "proposed")
    ]  # fmt: skip
    books.finish(case)
    assert books.stand() == [("EL  borta", 1, 5), ("Snö", 1, 3)]


def test_next_year_keeps_changes_and_ends(books):
    books.finish(books.list(books.begin(), risk("El borta"), risk("Brand"), risk("Snö")))
    case = books.list(books.begin(2028), risk("El borta"), risk("Brand", 4))
    assert books.stand() == [("El borta", 1, 3), ("Brand", 1, 3), ("Snö", 1, 3)]
    books.finish(case)
    assert books.stand() == [("El borta", 1, 3), ("Brand", 2, 4)]
    kept, old, ended, new = books.entries()
    assert (kept.confirmed_year, kept.confirmed_case_id) == (2028, case.id)
    assert (new.identity, new.base_id) == (old.identity, old.id)
    assert (old.state, ended.state) == (EntryState.SUPERSEDED, EntryState.ENDED)
    assert old.data["likelihood"] == 3, "what stood is never changed"


def test_actions_live_on_when_a_later_list_says_nothing_of_them(books):
    books.finish(books.list(books.begin(), actions=[ACTION]))
    books.finish(books.list(books.begin(2028), actions=[{"title": "Öva"}]))
    assert [one.name for one in standing(books.session, "action")] == ["Köp reservkraft", "Öva"]


def test_two_rows_called_the_same_are_two_entries_year_after_year(books):
    books.finish(books.list(books.begin(), risk("Brand", 1), risk("brand ", 2)))
    books.finish(books.list(books.begin(2028), risk("Brand", 1), risk("Brand", 5)))
    assert [(number, value) for _, number, value in books.stand()] == [(1, 1), (2, 5)]


def test_a_cancelled_case_takes_its_proposals_back_and_what_it_said_of_others(books):
    books.finish(books.list(books.begin(), risk("El borta"), risk("Brand")))
    case = books.list(books.begin(2028), risk("El borta"), risk("Snö"))
    know_reviewed(books.session, case)
    order = Order("Fel år", "x", case.revision)
    operators.cancel(books.session, case, order, by=books.city.actor("Disa"), now=NOON)
    assert books.stand() == [("El borta", 1, 3), ("Brand", 1, 3)]
    assert ("Snö", "withdrawn") in books.states()
    assert {one.verdict for one in books.entries()} == {None}
    assert books.told(case)[-3:] == [
        ("withdrawn", "Snö"), ("unjudged", "El borta"), ("unjudged", "Brand")
    ]  # fmt: skip


def test_two_cases_at_once_do_not_undo_each_other(books):
    books.finish(books.list(books.begin(), risk("El borta", 3, 3)))
    first = books.list(books.begin(2028), risk("El borta", 5, 3), risk("Snö", 1))
    second = books.list(books.begin(2029), risk("El borta", 3, 1), risk("Snö", 2))
    books.finish(first)
    books.finish(second)
    assert books.stand() == [("El borta", 3, 5), ("Snö", 2, 2)]
    assert [one.data["consequence"] for one in books.entries("risk", EntryState.APPROVED)] == [1, 3]


def test_what_an_operator_corrects_the_register_follows(books):
    case = books.list(books.begin(), risk("El borta"), risk("Brand"))
    know_reviewed(books.session, case)
    right = [{"title": "El borta", "likelihood": 5, "consequence": 3}]
    order = Order("Läst fel", "x", case.revision)
    disa = books.city.actor("Disa")
    operators.correct_data(books.session, case, {"risks": right}, order, by=disa, now=NOON)
    assert books.states() == [("El borta", "proposed"), ("Brand", "withdrawn")]
    books.finish(case)
    assert books.stand() == [("El borta", 1, 5)]


def test_each_round_of_a_loop_keeps_to_its_own_rows(books):
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="false"><loopDataInputRef>parts'
        '</loopDataInputRef><inputDataItem id="item" name="item"/>'
        "</multiInstanceLoopCharacteristics>"
    )
    many = book("many", inside={"list": loop})
    books.publish(many)
    case = books.begin(key="many", data={"parts": [{"part": "norra"}, {"part": "södra"}]})
    books.list(case, risk("El borta"), risk("Brand"))
    books.list(case, risk("Snö"))
    books.back(case)
    books.list(case, risk("El borta"))
    assert books.states() == [
        ("El borta", "proposed"), ("Brand", "withdrawn"), ("Snö", "proposed")
    ]  # fmt: skip


def test_actions_of_a_diagram_write_and_close_and_an_expression_reads(books):
    acting = {
        "w": action("write_register", name="'risk'", rows="[{'title': 'Snö', 'value': 12}]"),
        "c": action("close_register", registers="'risk'"),
        "k": action("set_fact", name="'known'", value="[r.name for r in register('risk')]"),
    }
    nodes = f"start:s service:w service:c service:k user:wait[{ROLE}] end:e"
    flows = "s w; w c; c k; k wait; wait e"
    books.publish(book("acting", nodes=nodes, flows=flows, inside=acting))
    case = books.begin(key="acting")
    assert case.data["known"] == ["Snö"]
    assert books.stand() == [("Snö", 1, None)]
    assert books.told(case) == [("proposed", "Snö"), ("approved", "Snö")]


def test_what_rule_tables_add_to_a_row_stands_with_it(books):
    script = {"sc": "<script>for r in risks:\n    r['value'] = 9</script>"}
    nodes = f"start:s user:list[{ROLE},arshjul:form=KEY/list] script:sc user:decide[{ROLE}] end:e"
    flows = "s list; list sc; sc decide; decide e"
    books.publish(book("valued", nodes=nodes, flows=flows, inside=script))
    case = books.list(books.begin(key="valued"), risk("El borta"))
    books.do(case, "decide")
    assert books.entries()[0].data["value"] == 9


def test_a_secret_case_keeps_rows_of_its_own_that_others_cannot_read(books):
    books.publish(book("hidden", secrecy="sec"))
    books.finish(books.list(books.begin(), risk("El borta")))
    hidden = books.begin(key="hidden")
    books.list(hidden, risk("El borta", 5), by="Alva")
    books.do(hidden, "decide", {"outcome": "go"})
    assert books.stand() == [("El borta", 1, 3), ("El borta", 1, 5)]
    case = books.begin(2028)
    assert [row["likelihood"] for row in known_to(books.session, case, "risk")] == [3]
    with pytest.raises(Invalid):
        known_to(books.session, case, "nothing")


@pytest.mark.parametrize(
    ("registers", "code"),
    [
        ({"register": "risks", "field": "risks", "key": ["title"]}, "unknown_register"),
        ({"register": "risk", "field": "risks", "key": ["who"]}, "register_key_differs"),
        ({"register": "risk", "field": "risks", "key": ["title"], "as": {"who": "boss"}},
         "register_lacks_column"),
        ({"register": "risk", "field": "risks", "key": ["title"], "values": {"x": 1}},
         "register_lacks_column"),
        ({"register": "risk", "field": "risks", "key": ["title"], "as": {"who": "value"}},
         "register_column_differs"),
        ({"register": "risk", "field": "risks", "key": ["title"], "as": {"who": "band"}},
         "register_column_differs"),
    ],
)  # fmt: skip
def test_the_check_refuses_what_does_not_fit_a_register(registers, code):
    lists = form({"risks": rows("title", title=TEXT, who=TEXT, scale=SCALE)}, [registers])
    assert [problem.code for problem in check(book(lists=lists)).errors] == [code]


def test_the_check_refuses_an_action_on_a_register_there_is_not():
    acting = {"w": action("close_register", registers="'risk rsik'")}
    nodes = f"start:s service:w user:list[{ROLE},arshjul:form=KEY/list] end:e"
    found = check(book(nodes=nodes, flows="s w; w list; list e", inside=acting))
    assert [problem.code for problem in found.errors] == ["unknown_register"]


def test_a_case_moved_to_another_version_keeps_what_it_has_proposed(books):
    case = books.list(books.begin(), risk("El borta"), risk("Brand"))
    books.publish(book(flows=FLOWS.replace("'back'", "'back' and year > 0")))
    gun, process = books.city.actor("Gun"), find(books.session, "book")
    to = process.active_version
    made = migrations.prepare(books.session, to, by=gun, now=NOON)
    migrations.apply(books.session, made, by=gun, now=NOON)
    books.work(NOON + DAY)
    assert case.version.number == 2
    books.list(books.back(case), risk("El borta", 5))
    books.finish(case)
    assert books.stand() == [("El borta", 1, 5)]
    assert books.states() == [("El borta", "approved"), ("Brand", "withdrawn")]


def test_a_table_of_two_hundred_rows_is_written_whole(books):
    many = [risk(f"Risk {number}") for number in range(200)]
    books.finish(books.list(books.begin(), *many))
    books.finish(books.list(books.begin(2028), *many[:100]))
    ended = books.entries("risk", EntryState.ENDED)
    assert (len(books.stand()), len(ended)) == (100, 100)


def test_an_owner_is_the_one_person_called_so_and_else_a_text(books):
    """Of two with the same name the one of the unit is meant, or the one whose address is given."""
    session, people = books.session, books.city.people
    people["Cleo"].name = people["Anton"].name = "Anton Ek"  # Cleo works in Bromma
    people["Cleo"].sort_key = people["Anton"].sort_key = sort_key("Anton Ek")
    session.flush()
    near = books.city.units["FARSTA"].id
    found = {
        text: named(session, text, near=near)
        for text in ("Bo", "bo", "Anton Ek", "Anton Ek (cleo@example.test)", "Chef", "")
    }
    bo, anton, cleo = (people[name].id for name in ("Bo", "Anton", "Cleo"))
    assert list(found.values()) == [bo, bo, anton, cleo, None, None]
    assert named(session, "Anton Ek", near=books.city.units["STAD"].id) is None
