"""The situation picture: what the bodies contribute, what the city makes of it, every way."""

from datetime import date

import pytest
import sqlalchemy as sa

from tests.processes.walking import PACKAGES, flows_of
from workflows.cases.models import CaseState
from workflows.errors import Invalid
from workflows.processes.models import Secrecy
from workflows.registers import definition, proposing, rows
from workflows.registers.models import Entry, EntryState, Source

KEY = "situation_picture"
YES, NO = {"approval": "approved"}, {"approval": "returned", "approval_comment": "Kortare."}
CONTRIBUTION = {
    "figures_right": "yes", "threats": "6", "violence": "2", "harassment": "0",
    "new_risks": [{"title": "Hot mot växeln", "impact": "4"}, {"title": "Is", "impact": "2"}],
}  # fmt: skip
SEEN = {"claim": "Fler intrång", "source": "mcf", "seen_on": "2027-04-10", "reliability": "b",
        "impact": "3", "horizon": "short"}  # fmt: skip
PICTURE = {"picture_title": "Lägesbild T1 2027", "picture_short": "Lugnt.", "marking": ["open"],
           "picture_trend": "same", "picture_gaps": "Bromma."}  # fmt: skip
COUNCIL = {"council_on": "2027-06-03", "council_advice": "Bra."}
OUT = {"sent_on": "2027-06-04", "picture_reference": "KS 2027/4"}
READ = {"passed_on_to": ["director"]}


def begun(walk, occasion="T1_END"):
    at = walk(KEY)
    at.now = at.now.replace(month=4, day=23)
    farsta = at.city.units["FARSTA"]
    farsta.has_geographic_area = True
    counts = [{"kind": "Hot", "month": "2027-03", "number": 6},
              {"kind": "Hot", "month": "2026-12", "number": 9}]  # fmt: skip
    place = rows.Origin(farsta.id, 2027, Secrecy.INTERNAL, Source.IMPORT)
    proposing.propose(at.session, definition("ia_statistic"), place, counts, now=at.now)
    at.session.execute(sa.update(Entry).values(state=EntryState.APPROVED, approved_at=at.now))
    return at.begin("STAD", occasion=occasion)


def bodies(at):
    city, cases = at.case, {}
    for case in at.started():
        at.session.refresh(case)
        cases[case.unit.code] = case
    return city, cases["FARSTA"], cases["BROMMA"]


def gathered(at, note="Bromma är sena."):
    at.do("p8_collect", {"gap_note": note}).do("p8_env", {"environment": [SEEN]})
    at.do("p8_hot", {"violence_analysis": "Som förut.", "violence_trend": "same"})
    return at.do("p8_acc", {"accident_analysis": "Fall.", "accident_trend": "same"})


def test_bodies_contribute_and_the_city_gives_the_picture_back(walk):
    at = begun(walk)
    city, farsta, bromma = bodies(at)
    assert city.name("sv") == "Lägesbild 2027, första tertialets slut"
    at.turned_to(farsta)
    assert at.case.data["events"] == [{"kind": "Hot", "number": 6, "trend": "unknown"}]
    with pytest.raises(Invalid):
        at.do("p8_local", {"figures_right": "yes", "nothing_to_report": True, "events": []}
              | {"new_risks": CONTRIBUTION["new_risks"]})  # fmt: skip
    at.do("p8_local", CONTRIBUTION, on=date(2027, 5, 11))
    proposed = at.session.scalars(sa.select(Entry.name).where(Entry.register == "risk")).all()
    assert proposed == ["Hot mot växeln"]
    at.delivered().turned_to(city)
    assert [one["name"] for one in at.case.data["missing"]] == ["Bromma stadsdelsnämnd"]
    with pytest.raises(Invalid):
        at.do("p8_collect", {})
    gathered(at)
    assert at.case.data["violence_figures"] == [
        {"name": "Farsta stadsdelsnämnd", "threats": "6", "violence": "<5", "harassment": "0"},
        {"name": "Summa, 1 av 2", "threats": "6", "violence": "visas inte", "harassment": "0"},
    ]
    at.do("p8_merge", PICTURE).do("p8_check", NO).do("p8_merge", PICTURE).do("p8_check", YES)
    at.do("p8_sr", COUNCIL, on=date(2027, 6, 3)).do("p8_out", OUT, on=date(2027, 6, 4))
    assert at.case.state is CaseState.FINISHED
    report = at.session.scalars(sa.select(Entry).where(Entry.register == "situation_report")).one()
    assert (report.state, report.data["sent_on"]) == (EntryState.APPROVED, "2027-06-04")
    assert at.due == {
        "p8_local": date(2027, 5, 17), "p8_collect": date(2027, 5, 19), "p8_env": date(2027, 5, 24),
        "p8_hot": date(2027, 5, 24), "p8_acc": date(2027, 5, 24), "p8_merge": date(2027, 5, 31),
        "p8_check": date(2027, 6, 2), "p8_sr": date(2027, 6, 4), "p8_out": date(2027, 6, 7),
    }  # fmt: skip

    at.delivered().turned_to(farsta).do("p8_read", READ)
    use = {"no_actors": "Ingen berörs.", "actions": [
        {"title": "Lås växeln", "source": "picture", "responsible": "Växelchef",
         "start": "2027-07-01", "due": "2027-09-01"}]}  # fmt: skip
    assert at.do("p8_use", use).case.state is CaseState.FINISHED
    at.turned_to(bromma)
    assert set(at.open) == {"p8_read"}, "the picture came before the contribution"
    assert at.do("p8_read", READ).case.state is CaseState.FINISHED


def test_a_late_contribution_is_ruled_on_by_the_director_and_counted_if_there_is_time(walk):
    at = begun(walk)
    city, farsta, _ = bodies(at)
    at.turned_to(farsta).let_pass("p8_late")
    assert at.due["p8_late"] == date(2027, 5, 19)
    at.do("p8_chase", {"late_answer": "comes", "late_on": "2027-05-20", "late_reason": "Sjukdom."})
    at.do("p8_local", {"figures_right": "none", "nothing_to_report": True, "events": []})
    at.delivered().turned_to(city)
    assert [one["nothing"] for one in at.case.data["contributions"]] == [True]


@pytest.mark.parametrize(("occasion", "out"), [("T2_END", date(2027, 10, 5)),
                                               ("Q4", date(2028, 2, 7))])  # fmt: skip
def test_the_other_pictures_of_the_year_count_from_the_end_of_their_period(walk, occasion, out):
    at = gathered(begun(walk, occasion)).do("p8_merge", PICTURE).do("p8_check", YES)
    at.do("p8_sr", COUNCIL | {"council_on": "2027-04-20"})
    assert at.due["p8_out"] == out


def test_every_flow_is_taken(taken):
    assert set(flows_of(PACKAGES[KEY])) - taken == set()
