"""How much the forms ask: chosen by a unit, with the city's least under it."""

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.errors import Forbidden, Invalid
from workflows.history.models import Event
from workflows.operations import publishing
from workflows.operations.levels import choose_level
from workflows.processes.rows import find
from workflows.steering.levels import level_of


@pytest.fixture
def choose(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process = find(session, "letter")

    def chosen(name, unit, level):
        by = city.actor(name)
        choose_level(session, city.units[unit], process, level, by=by, now=NOON)
        return {
            code: level_of(session, process.id, city.units[code].id) for code in ("FARSTA", "STAD")
        }

    return chosen


def test_a_unit_begins_at_the_least_and_chooses_more(session, choose):
    assert choose("Alva", "FARSTA", "full") == {"FARSTA": "full", "STAD": "min"}
    assert choose("Bo", "FARSTA", "full")["FARSTA"] == "full"
    told = session.scalars(sa.select(Event).where(Event.kind == "level_chosen")).all()
    assert len(told) == 1
    assert choose("Bo", "FARSTA", "min")["FARSTA"] == "min"


def test_the_city_asks_for_more_of_everybody(choose):
    assert choose("Disa", "STAD", "standard") == {"FARSTA": "standard", "STAD": "standard"}
    with pytest.raises(Invalid) as refused:
        choose("Alva", "FARSTA", "min")
    assert refused.value.code == "level_too_low"
    assert choose("Alva", "FARSTA", "full") == {"FARSTA": "full", "STAD": "standard"}


@pytest.mark.parametrize(
    ("name", "unit"), [("Cleo", "FARSTA"), ("Disa", "FARSTA"), ("Alva", "STAD"), ("Egil", "STAD")]
)
def test_nobody_chooses_for_others(choose, name, unit):
    with pytest.raises(Forbidden):
        choose(name, unit, "full")


def test_there_are_three_levels(choose):
    with pytest.raises(Invalid, match="unknown_level"):
        choose("Alva", "FARSTA", "more")
