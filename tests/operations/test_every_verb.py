"""Every verb asks the permission table and writes the record; one that does not is found here."""

import ast
import inspect

import pytest
import sqlalchemy as sa

from tests import witness
from tests.cast import NOON, SYSTEM
from workflows.history.models import Event
from workflows.organisation.models import Unit

VERBS = witness.verbs()
WRITES = {"record", "settle"}  # `advance.settle` is the one that records for a case
ASKS = {"require"}
# These move a case on behalf of a verb or the clock that was allowed already.
NEED_NOT_ASK = {"advance.settle", "timers.fire", "reminders.call", "left_out.leave_out"}
NEED_NOT_ASK |= {"leaving.let_go"}
NEED_NOT_ASK |= {"approving.seal", "approving.follow", "approving.watch"}
NEED_NOT_ASK |= {"beginning.begin", "messages.deliver", "messages.look", "messages.expire"}
NEED_NOT_ASK |= {"calls.start", "calls.answer", "calls.call_off"}
NEED_NOT_ASK |= {"arriving.move", "arriving.missed", "arriving.note"}
NEED_NOT_ASK |= {"documents.draw_up"}
NEED_NOT_ASK |= {"publishing.activate"}
NEED_NOT_ASK |= {"unreadable.mark", "following.bring_back"}
NEED_NOT_ASK |= {"registering.close", "registering.take_back", "registering.follow_correction"}
NEED_NOT_ASK |= {"proposing.tell"}
NEED_NOT_ASK |= {"reviewing.carry_on"}  # the clock publishes what somebody has approved
# A preview changes nothing until it is applied.
NEED_NOT_TELL = {"calendar.prepare", "migrations.prepare"}
# Who has a draft open is gone in minutes.
NEED_NOT_TELL |= {"workshop.sit", "impacts.begin", "impacts.go_on"}
NEED_NOT_TELL |= {"year_switch.prepare", "year_switch.prepare_merge"}
NEED_NOT_TELL |= {"approving.seal"}  # the event of the decision tells the seal
NEED_NOT_TELL |= {"sealing.seal"}  # a seal tells of itself, signed


def reaches(function, wanted, seen=None):
    """Whether a function calls one of `wanted`, itself or through others of the operations."""
    seen = seen if seen is not None else set()
    if function in seen:
        return False
    seen.add(function)
    module = inspect.getmodule(function)
    for node in ast.walk(ast.parse(inspect.getsource(function))):
        if not isinstance(node, ast.Call):
            continue
        name = str(getattr(node.func, "id", "") or getattr(node.func, "attr", ""))
        if name in wanted:
            return True
        holder = module
        if isinstance(node.func, ast.Attribute):
            holder = getattr(module, getattr(node.func.value, "id", ""), None)
        called = getattr(holder, name, None)
        is_ours = inspect.isfunction(called) and called.__module__.startswith("workflows.op")
        if is_ours and reaches(called, wanted, seen):
            return True
    return False


@pytest.mark.parametrize("name", sorted(VERBS.keys() - NEED_NOT_TELL))
def test_a_verb_writes_the_record(name):
    assert reaches(VERBS[name], WRITES)


@pytest.mark.parametrize("name", sorted(VERBS.keys() - NEED_NOT_ASK))
def test_a_verb_asks_whether_one_may(name):
    assert reaches(VERBS[name], ASKS)


def test_the_witness_catches_a_verb_that_touches_an_event_again(session, city):
    def forget(session, *, by, now):
        session.execute(sa.update(Event).where(Event.id < 0).values(why=None))

    beside = witness.Witness()
    sa.event.listen(sa.Engine, "before_cursor_execute", beside.saw)
    try:
        with pytest.raises(AssertionError, match="forget changed or removed an event"):
            beside.beside("forget", forget)(session, by=SYSTEM, now=NOON)
        beside.beside("purging.purge", forget)(session, by=SYSTEM, now=NOON)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", beside.saw)


def test_the_witness_catches_a_verb_that_changes_without_an_event(session, city):
    def rename(session, unit, *, by, now):
        unit.name = f"{by.name} {now}"

    beside = witness.Witness()
    sa.event.listen(sa.Engine, "before_cursor_execute", beside.saw)
    try:
        verb = beside.beside("rename", rename)
        farsta = session.get_one(Unit, city.units["FARSTA"].id)
        with pytest.raises(AssertionError, match=r"rename changed \['unit'\]"):
            verb(session, farsta, by=SYSTEM, now=NOON)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", beside.saw)
