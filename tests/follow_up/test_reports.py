"""What a report counts, says and keeps: never more than is known, and never what is not open."""

import json
import re
from datetime import date

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.follow_up.shelf import DAY, NOW, YEAR, put
from webapp import report_files
from webapp.report_files import Told
from workflows.canonical import canonical_text, content_hash
from workflows.documents.paper import texts
from workflows.errors import Forbidden, Invalid
from workflows.follow_up import report_text
from workflows.follow_up.report import (
    FIGURES,
    Figure,
    Report,
    State,
    as_data,
    from_data,
    period_of,
)
from workflows.follow_up.report_comparing import changes, summed
from workflows.follow_up.report_lines import SHIPPED, columns, lines, mapping
from workflows.follow_up.report_paper import paper
from workflows.follow_up.report_words import figure_said
from workflows.history.models import Event
from workflows.language import Language
from workflows.operations import reports
from workflows.organisation.models import Holding, Unit, UnitKind
from workflows.queries import reports as questions
from workflows.queries.city_report import StillCounting, city_report, latest, trends
from workflows.registers.models import Marking

RED = {"risk_band": "red", "source": "exercise"}


def live(session, unit, milestone="T1", now=NOW):
    return questions.live(session, [unit], milestone, YEAR, now=now)[unit.id]


def told(report, *keys):
    return [figure_said(report.figures[key], Language.EN) for key in keys]


@pytest.fixture
def farsta(session, city):
    """Farsta with some of everything; Bromma has nothing."""
    unit = city.units["FARSTA"]
    late, later = date(2027, 4, 1), date(2027, 11, 1)
    put(session, unit, "risk", "Strömavbrott", value=20, band="red", secrecy=Marking.OPEN)
    put(session, unit, "risk", "Hemlig brist", value=12, band="orange")
    put(session, unit, "risk", "Snö", value=2, band="green")
    put(session, unit, "action", "Reservkraft", due_on=late, secrecy=Marking.OPEN, **RED)
    put(session, unit, "action", "Hemligt lås", due_on=late, owner="", **RED)
    put(session, unit, "action", "Larmlista", due_on=later, status="in_progress",
        funding="budget_request", cost_1=100, cost_2=50, plan_goal="Trygg stad",
        steering_reference="ILS 7", secrecy=Marking.OPEN)  # fmt: skip
    put(session, unit, "action", "Klar sak", status="done", is_open=False)
    put(session, unit, "dependency", "El", need="mandatory")
    put(session, unit, "dependency", "Vatten", need="gap")
    put(session, unit, "continuity_plan", "Plan El", status="adopted", due_on=late)
    put(session, unit, "exercise_plan", "Larmövning", kind="exercise")
    put(session, unit, "exercise_plan", "Seminarium", kind="exercise")
    put(session, unit, "exercise", "Larmövning", status="held", due_on=date(2027, 3, 1))
    put(session, unit, "occurrence", "Brand", known_at="2027-03-03T10:00:00+01:00",
        level="serious")  # fmt: skip
    for name, sent in (("R1", "2027-03-03T12:00:00+01:00"), ("R9", "2027-03-09T12:00:00+01:00")):
        put(session, unit, "reporting_duty", name, is_open=False, sent_at=sent,
            clock_start="2027-03-03T10:00:00+01:00",
            due_at="2027-03-04T10:00:00+01:00")  # fmt: skip
    for number in range(3):
        put(session, unit, "sua_case", f"DNR {number}", secret=True)
    session.commit()
    return unit


def test_every_figure_says_of_how_many_it_is(session, farsta):
    found = live(session, farsta)
    assert told(found, "risks", "risks_prominent", "risks_red") == ["3", "2 of 3", "1 of 3"]
    assert told(found, "actions_open", "actions_done", "actions_late") == ["3", "1", "2 of 3"]
    assert told(found, "deviations", "deviations_explained") == ["2 of 3", "0 of 2"]
    assert told(found, "actions_unowned", "from_exercise") == ["1 of 3", "2 of 3"]
    assert told(found, "plans_adopted", "plans_untested") == ["1 of 1", "1"]
    assert told(found, "outages_unknown", "exercises_held") == ["1 of 2", "1 of 2"]
    assert told(found, "events", "events_serious") == ["1", "1 of 1"]
    assert told(found, "reports_in_time", "reports_late") == ["1 of 2", "1 of 2"]
    assert told(found, "sua", "psa") == ["<5", "0"]
    assert found.figures["sua"].rows == ()  # nor can it be found out from what lies behind it


def test_a_body_without_an_analysis_has_no_noughts_where_nobody_knows(session, city, farsta):
    found = live(session, city.units["BROMMA"])
    assert {key for key, one in found.figures.items() if one.state is State.MISSING} >= {
        "risks", "risks_prominent", "plans_adopted", "exercises_held", "outages_unknown",
    }  # fmt: skip
    assert told(found, "actions_open", "events") == ["0", "0"]


def test_an_earlier_day_is_counted_as_it_stood_then(session, city, farsta):
    put(session, farsta, "action", "Ny sak", at=NOW - DAY)
    session.commit()
    assert told(live(session, farsta, now=NOW), "actions_open") == ["4"]
    assert told(live(session, farsta, now=NOW - 2 * DAY), "actions_open") == ["3"]
    past = live(session, farsta, now=NOW.replace(year=2029))
    assert past.at < NOW.replace(month=7)  # as it stood when it was to be decided


def test_an_action_that_moved_is_counted_once_where_it_stands(session, city, farsta):
    was = put(session, farsta, "action", "Flyttad", closed_at=NOON + DAY)
    put(
        session,
        city.units["BROMMA"],
        "action",
        "Flyttad",
        identity=was.identity,
        number=2,
        at=NOON + DAY,
    )
    session.commit()
    stad = city.units["STAD"]
    found = city_report(session, stad, "T1", YEAR, now=NOW)
    assert found.report.figures["actions_open"].value == 4
    assert told(live(session, farsta), "actions_open") == ["3"]


def test_a_body_that_ended_is_told_of_and_not_waited_for(session, city, farsta):
    put(session, city.units["BROMMA"], "action", "Arv")
    bromma = session.get_one(Unit, city.units["BROMMA"].id)
    bromma.valid_to, bromma.successor_id = date(2027, 3, 31), farsta.id
    session.commit()
    assert live(session, bromma).ended == {
        "on": "2027-03-31", "successor": "Farsta stadsdelsnämnd",
    }  # fmt: skip
    found = city_report(session, city.units["STAD"], "T1", YEAR, now=NOW)
    assert (found.expected, found.delivered) == (1, 0)
    assert [one.unit.code for one in found.gaps] == ["FARSTA"]
    assert found.sums["risks"].gaps == 1  # and who lacks a figure is counted
    assert "BROMMA" not in [one.code for one in questions.bodies(session, 2028)]


def test_what_is_not_open_is_in_no_file_but_as_a_number(session, farsta):
    found = live(session, farsta)
    by = mapping()
    document = paper(found, Language.SV, draft=report_text.said(found))
    whole = [*texts(document), canonical_text(as_data(found))]
    whole += [cell for line in lines(found, by) for cell in columns(line, by)]
    for secret in ("Hemligt lås", "Hemlig brist", "DNR"):
        assert not any(secret in text for text in whole)
    assert any("Reservkraft" in text for text in whole)
    assert found.tables["risks"].withheld is None  # one: too few to say
    for kind in report_files.KINDS:
        assert report_files.written(Told(found), kind, lambda: by)
    as_book = report_files.written(Told(found), "json", lambda: by)
    assert json.loads(as_book)["figures"]


def test_a_draft_says_only_what_its_figures_say(session, city, farsta):
    for unit in (farsta, city.units["BROMMA"]):
        found = live(session, unit)
        for one in report_text.drafted(found):
            said = one.sentence.said(Language.EN)
            rests_on = [found.figures[key] for key in one.keys]
            known = {number for each in rests_on for number in (each.value, each.of)}
            assert {int(number) for number in re.findall(r"\d+", said)} <= known, said
    said = report_text.said(live(session, city.units["BROMMA"]), Language.EN)
    assert "There is no information on risks yet." in said
    assert len(report_text.said(live(session, farsta))) <= 3000


def test_a_number_is_corrected_with_a_reason_and_what_was_counted_stays_beside_it(
    session, city, farsta
):
    def correct(by, key, value, why="Två hölls utan att skrivas in"):
        reports.correct(session, farsta, "T1", YEAR, key, value, why, by=city.actor(by), now=NOW)

    sealed = reports.seal(session, farsta, "T1", YEAR, by=city.actor("Bo"), now=NOW)
    with pytest.raises(Forbidden):
        correct("Cleo", "exercises_held", 3)
    refused = [("sua", 3, "Fel"), ("none", 3, "Fel"), ("exercises_held", 3, " "),
               ("exercises_held", 1, "Fel"), ("exercises_held", None, "Fel")]  # fmt: skip
    for key, value, why in refused:
        with pytest.raises(Invalid):
            correct("Alva", key, value, why)
    correct("Alva", "exercises_held", 3)
    found = live(session, farsta)
    one = found.figures["exercises_held"]
    assert (one.value, one.of, one.counted) == (3, 3, 1)
    assert from_data(json.loads(canonical_text(as_data(found)))).figures == found.figures
    whole = " ".join(texts(paper(found, Language.SV)))
    assert "3 av 3 *" in whole
    assert "Två hölls utan att skrivas in" in whole
    line = {one["name"]: one for one in lines(found, mapping())}["Genomförda övningar"]
    assert line["comment"] == "Rättat, räknat var 1: Två hölls utan att skrivas in"
    event = session.scalars(sa.select(Event).where(Event.kind == "figure_corrected")).one()
    assert json.loads(event.what)["old"] == 1
    stad = city_report(session, city.units["STAD"], "T1", YEAR, now=NOW)
    assert stad.report.tables["corrections"].rows == ()  # Farsta's is as it was sealed
    assert from_data(sealed.content).figures["exercises_held"].value == 1
    correct("Alva", "exercises_held", None, "Det var rätt")
    assert told(live(session, farsta), "exercises_held") == ["1 of 2"]
    bromma = city.units["BROMMA"]
    reports.correct(
        session, bromma, "T1", YEAR, "events", 2, "Ej införda", by=city.actor("Cleo"), now=NOW
    )
    stad = city_report(session, city.units["STAD"], "T1", YEAR, now=NOW)
    assert [(row["unit"], row["counted"]) for row in stad.report.tables["corrections"].rows] == [
        ("Bromma stadsdelsnämnd", 0)
    ]


def test_the_citys_draft_names_who_is_missing_and_what_is_not_known(session, city, farsta):
    reports.seal(session, farsta, "T1", YEAR, by=SYSTEM, now=NOW)
    found = city_report(session, city.units["STAD"], "T1", YEAR, now=NOW).report
    said = report_text.said(found, Language.EN)
    assert said.startswith("1 of 2 bodies have an approved report.")
    assert "Information on risks is missing from 1 bodies." in said
    assert "2 of 3 risks are prominent." in said


def test_an_indicator_goes_out_with_its_goal_and_its_code(session, farsta):
    put(session, farsta, "indicator", "Övad krisledning", target="1", forecast="1",
        goal="Trygg stad", steering_reference="ILS 4.2")  # fmt: skip
    session.commit()
    (line,) = [one for one in lines(live(session, farsta), mapping()) if one["kind"] == "indicator"]
    assert (line["goal"], line["reference"], line["target"]) == ("Trygg stad", "ILS 4.2", "1")
    assert columns(line, mapping())[4] == "Indikator"


def test_a_pdf_is_tagged_and_has_a_language_and_a_title(session, farsta):
    made = report_files.written(Told(live(session, farsta)), "pdf", mapping)
    for mark in (b"/StructTreeRoot", b"/Lang", b"pdfuaid", "Uppföljning T1".encode()):
        assert mark in made or mark in made.replace(b"\x00", b""), mark


def test_a_report_is_sealed_once_with_its_data_and_stays_as_it_was(session, city, farsta):
    with pytest.raises(Forbidden):
        reports.seal(session, farsta, "T1", YEAR, by=city.actor("Alva"), now=NOW)
    by = city.actor("Bo")
    first = reports.seal(session, farsta, "T1", YEAR, by=by, now=NOW)
    again = reports.seal(session, farsta, "T1", YEAR, by=by, now=NOW + DAY / 24)
    assert again is first
    event = session.scalars(sa.select(Event).where(Event.kind == "report_sealed")).one()
    assert json.loads(event.what)["hash"] == first.hash
    session.commit()
    session.expire_all()
    assert content_hash(canonical_text(first.content)) == first.hash
    put(session, farsta, "action", "Ny sak", at=NOW)
    found = latest(session, farsta, "T1", YEAR, now=NOW + DAY)
    assert found.report == from_data(first.content)
    changed = {one.key: one.delta for one in changes(found.report, found.live)}
    assert changed["actions_open"] == 1
    second = reports.seal(session, farsta, "T1", YEAR, by=by, now=NOW + DAY)
    assert (first.number, second.number) == (1, 2)
    later = questions.at_compare(session, farsta, "T2", YEAR)
    assert [(code, year) for code, year, _ in later] == [("T1", YEAR)]
    with pytest.raises(Invalid):
        reports.seal(session, farsta, "T9", YEAR, by=by, now=NOW)


def test_the_city_adds_up_what_was_sealed_and_what_stands(session, city, farsta):
    reports.seal(session, farsta, "T1", YEAR, by=SYSTEM, now=NOW)
    put(session, farsta, "action", "Efteråt", at=NOW)
    session.commit()
    stad = city.units["STAD"]
    found = city_report(session, stad, "T1", YEAR, now=NOW + DAY)
    assert (found.delivered, found.expected) == (1, 2)
    assert found.report.figures["actions_open"].value == 3  # as Farsta approved it
    assert {row["title"] for row in found.report.tables["deviations"].rows} == {"Reservkraft"}
    assert found.report.figures["sua"].state is State.FEW
    made = reports.seal(session, stad, "T1", YEAR, by=city.actor("Disa"), now=NOW + DAY)
    assert from_data(made.content).bodies[0]["code"] in ("BROMMA", "FARSTA")
    ((milestone, year, count, totals),) = trends(session, [farsta.id], YEAR)
    assert (milestone, year, count, totals["actions_open"]) == ("T1", YEAR, 1, 3)


@pytest.mark.parametrize(
    ("states", "sum_", "gaps"),
    [
        ([(3, State.KNOWN), (None, State.MISSING)], (3, State.KNOWN), 1),
        ([(None, State.MISSING)], (None, State.MISSING), 1),
        ([(None, State.INAPPLICABLE)], (None, State.INAPPLICABLE), 0),
        ([(2, State.KNOWN), (None, State.FEW)], (None, State.FEW), 0),
        ([(7, State.KNOWN), (None, State.FEW)], (7, State.KNOWN), 0),
    ],
)
def test_a_sum_says_what_it_lacks_and_hides_what_is_few(states, sum_, gaps):
    period = period_of_rule()
    found = [
        Report("X", "X", period, NOW, {"sua": Figure("sua", value, state=state)})
        for value, state in states
    ]
    figure, missing = summed("sua", found)
    assert ((figure.value, figure.state), missing) == (sum_, gaps)


def period_of_rule():
    from workflows.calendar.years import Calendar

    return period_of(Calendar(), "VB", YEAR)


def test_the_annual_report_is_of_the_year_before():
    period = period_of_rule()
    assert (period.first, period.last, period.about) == (
        date(2026, 1, 1), date(2026, 12, 31), 2026,
    )  # fmt: skip


def test_a_mapping_gives_the_order_and_the_headings_of_the_other_system(session, farsta, tmp_path):
    own = tmp_path / "own.json"
    wanted = {
        "delimiter": ",",
        "columns": [["Namn", "name"], ["Utfall", "outcome"], ["Av", "of"], ["Ref", "reference"]],
        "order": [{"figure": "risks_prominent", "name": "Risker"}, {"activities": True},
                  {"budget": True}],
    }  # fmt: skip
    own.write_text(json.dumps(wanted))
    found, by = live(session, farsta), mapping(own)
    assert [columns(line, by) for line in lines(found, by)] == [
        ["Risker", "2", "3", ""], ["Larmlista", "Pågår", "", "ILS 7"],
        ["Larmlista", "150", "", ""],
    ]  # fmt: skip
    csv = report_files.written(Told(found), "csv", lambda: by).decode("utf-8-sig")
    assert csv.splitlines()[:2] == ["Namn,Utfall,Av,Ref", "Risker,2,3,"]
    for broken in ('{"columns": []}', "no json", json.dumps(wanted | {"order": [{"figure": "x"}]})):
        own.write_text(broken)
        with pytest.raises(Invalid, match="bad_report_mapping"):
            mapping(own)
    assert {key for _, key in mapping(SHIPPED).columns} >= {"code", "outcome", "reference"}


def test_forty_five_bodies_cost_no_more_statements_than_one(session, city, farsta, database):
    def counts(units):
        seen = []
        listen = (database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        sa.event.listen(*listen)
        questions.live(session, units, "T1", YEAR, now=NOW)
        sa.event.remove(*listen)
        return len(seen)

    new = [
        Unit(code=f"N{n}", name=f"Nämnd {n}", sort_key=f"{n:02}", kind=UnitKind.BOARD)
        for n in range(45)
    ]
    session.add_all(new)
    session.add(Holding(role="director", unit_id=farsta.id, person_id=city.people["Bo"].id))
    session.commit()
    counts([farsta])  # what is remembered from then on
    assert counts([farsta]) == counts([farsta, *new]) <= 17
    assert set(FIGURES) == set(live(session, farsta).figures)
    stad, known, so_far = city.units["STAD"], {}, []
    while True:  # some at a time, and in the end the same as at once
        try:
            found = city_report(session, stad, "T1", YEAR, known=known, most=20, now=NOW)
            break
        except StillCounting as left:
            so_far.append((left.done, left.of))
    assert so_far == [(20, 47), (40, 47)]
    assert found == city_report(session, stad, "T1", YEAR, now=NOW)
