"""Samples: the same seed draws the same, each part has its share, notes are the auditor's own."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.auditing.models import Of, Per, Verdict
from workflows.cases.models import Case
from workflows.errors import Forbidden, Invalid, NotFound
from workflows.history.models import Event
from workflows.operations import cases, publishing, sampling
from workflows.queries import samples
from workflows.queries.samples import Wanted, shares

WANTED = Wanted(Of.CASES, Per.ALL, 4, "frö", NOON)


@pytest.fixture
def twelve(session, city):
    """Eight letters in Farsta and four in Bromma, of an open process."""
    letter = publishing.publish(session, packages.letter("open"), by=SYSTEM, now=NOON).process
    for unit, years in (("FARSTA", 8), ("BROMMA", 4)):
        for year in range(2020, 2020 + years):
            cases.start(session, letter, city.units[unit], year, by=SYSTEM, now=NOON)
    return letter


def drawn(session, by, **more):
    return [one.case_id for one in samples.draw(session, replace(WANTED, **more), by=by).things]


def test_the_same_seed_of_the_same_moment_draws_the_same(session, city, twelve):
    frida = city.actor("Frida")
    first = drawn(session, frida)
    cases.start(
        session, twelve, city.units["BROMMA"], 2027, by=SYSTEM, now=NOON + timedelta(minutes=1)
    )
    assert drawn(session, frida) == first
    assert drawn(session, city.actor("Disa")) == first
    assert drawn(session, frida, seed="annat") != first
    assert len(drawn(session, frida, size=99)) == 12
    assert len(drawn(session, frida, size=99, moment=NOON + timedelta(days=1))) == 13
    assert drawn(session, frida, size=99, year=2023, unit_id=city.units["BROMMA"].id).__len__() == 1


def test_each_part_has_its_share(session, city, twelve):
    found = samples.draw(session, replace(WANTED, per=Per.UNIT, size=6), by=city.actor("Frida"))
    parts = [one.stratum for one in found.things]
    assert (parts.count("FARSTA"), parts.count("BROMMA"), found.population) == (4, 2, 12)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50)), st.integers(0, 200))
def test_shares_add_up_and_none_is_off_by_one_or_more(counts, size):
    given_, total = shares(counts, size), sum(counts.values())
    assert sum(given_.values()) == min(size, total)
    for name, count in counts.items():
        assert abs(given_[name] * total - min(size, total) * count) < max(total, 1)
        assert given_[name] <= count


def test_drawing_is_an_event_and_what_is_noted_is_not(session, city, twelve):
    frida = city.actor("Frida")
    sample = sampling.draw(session, WANTED, by=frida, now=NOON)
    sampling.judge(session, sample, 1, Verdict.DEVIATION, "Saknar §", by=frida, now=NOON)
    told = {event.kind: event for event in session.scalars(sa.select(Event))}
    assert all(part in told["sample_drawn"].what for part in ("frö", sample.digest))
    assert "Saknar" not in "".join(event.what for event in told.values())
    assert told["sample_judged"].what == '{"number":1,"sample":1}'
    assert samples.is_same(session, sample, by=frida)
    session.execute(sa.update(Case).values(opened_at=NOON + timedelta(days=1)))
    assert not samples.is_same(session, sample, by=frida)


def test_a_sample_is_its_auditor_s_until_it_is_shared_and_only_they_judge(session, city, twelve):
    frida, disa = city.actor("Frida"), city.actor("Disa")
    sample = sampling.draw(session, WANTED, by=frida, now=NOON)
    with pytest.raises(NotFound):
        samples.find(session, sample.id, by=disa)
    assert samples.of(session, by=disa) == []
    sampling.share(session, sample, share=True, by=frida, now=NOON)
    assert samples.find(session, sample.id, by=disa) is sample
    with pytest.raises(NotFound):
        samples.find(session, sample.id, by=city.actor("Alva"))
    with pytest.raises(Forbidden):
        sampling.judge(session, sample, 1, Verdict.OK, "", by=disa, now=NOON)
    sampling.share(session, sample, share=False, by=frida, now=NOON)
    with pytest.raises(NotFound):
        samples.find(session, sample.id, by=disa)


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"size": 501}, {"seed": ""}, {"year": 1999}, {"of": Of.APPROVALS}]
)
def test_what_cannot_be_drawn_is_refused(session, city, twelve, wrong):
    with pytest.raises(Invalid):
        sampling.draw(session, replace(WANTED, **wrong), by=city.actor("Frida"), now=NOON)
