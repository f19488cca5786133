"""Whatever cases do in whatever order, registers and history tell the same story."""

import os
from collections import Counter

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import NOON
from tests.operations.book import Books, book, risk
from workflows.history.models import Event
from workflows.operations import cases, operators
from workflows.operations.operators import Order
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.rows import find
from workflows.queries.registers_then import folded
from workflows.registers.models import Entry, EntryState
from workflows.tasks.models import Task
from workflows.tasks.rows import know_reviewed

ROWS = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 3)), max_size=3)
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("list"), st.integers(0, 2), ROWS),
        st.tuples(st.sampled_from(["back", "finish", "cancel"]), st.integers(0, 2), st.none()),
    ),
    max_size=8,
)


@pytest.fixture
def books(database, session, city):
    made = Books(database, session, city)
    made.publish(book())
    return made


class Play:
    """Three cases of one new unit, a year each, and whoever does everything in them."""

    def __init__(self, books):
        self.books, self.session = books, books.session
        count = self.session.scalar(sa.select(sa.func.count()).select_from(Unit))
        self.unit = Unit(
            code=f"U{count}", name="U", sort_key="u", kind=UnitKind.OFFICE, parent_id=None
        )
        self.session.add(self.unit)
        self.session.flush()
        roles = ("security_coordinator", "central_security")
        held = frozenset(Held(role, self.unit.id) for role in roles)
        self.by = Actor(id=books.city.people["Alva"].id, name="Alva", held=held)
        process = find(self.session, "book")
        self.cases = [
            cases.start(self.session, process, self.unit, year, by=self.by, now=NOON)
            for year in (2026, 2027, 2028)
        ]

    def move(self, name, place, rows):
        """Do what can be done; what cannot is passed over."""
        case = self.cases[place]
        wanted = sa.select(Task).where(Task.case_id == case.id, Task.closed_at.is_(None))
        task = self.session.scalars(wanted).one_or_none()
        if task is None or ((name == "list") != (task.element == "list") and name != "cancel"):
            return
        if name == "cancel":
            know_reviewed(self.session, case)
            order = Order("Slut", f"{case.id}", case.revision)
            operators.cancel(self.session, case, order, by=self.by, now=NOON)
            return
        if name == "list":
            self.books.list(case, *(risk(*row) for row in rows), by=self.by)
        else:
            outcome = "back" if name == "back" else "go"
            self.books.do(case, task.element, {"outcome": outcome}, by=self.by)

    def entries(self):
        wanted = sa.select(Entry).where(Entry.unit_id == self.unit.id)
        return {entry.id: entry for entry in self.session.scalars(wanted)}

    def retold(self):
        """Make the register anew from what history tells, and from nothing else."""
        wanted = sa.select(Event).where(Event.unit_id == self.unit.id).order_by(Event.id)
        found = folded(self.session.scalars(wanted), "risk")
        return {one: row.data for one, row in found.items()}, {
            one: EntryState(row.state) for one, row in found.items()
        }


@settings(  # each example has a unit of its own
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=100 if "ARSHJUL_ALL" in os.environ else 12,
)
@given(moves=MOVES)
def test_registers_are_what_history_tells(books, moves):
    play = Play(books)
    for name, place, rows in moves:
        play.move(name, place, rows)
        play.session.flush()
        entries = play.entries()
        data, states = play.retold()
        assert states == {one: entry.state for one, entry in entries.items()}
        assert data == {one: entry.data for one, entry in entries.items()}
        standing = [one for one in entries.values() if one.state is EntryState.APPROVED]
        assert max(Counter(one.key for one in standing).values(), default=1) == 1
        for one in entries.values():
            assert (one.number is None) == (
                one.state in (EntryState.PROPOSED, EntryState.WITHDRAWN)
            )
            assert one.verdict is None or one.state is EntryState.APPROVED
    over = {case.id for case in play.cases if case.closed_at is not None}
    left = [one for one in play.entries().values() if one.case_id in over]
    assert all(one.state is not EntryState.PROPOSED for one in left)
    play.session.rollback()
