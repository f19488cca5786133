"""Any order of sending, waiting, resting, faults and restarts: each message ends in one place."""

import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests import cast
from tests.cast import NOON
from tests.operations.town import Town, receiving, sending
from workflows import work
from workflows.cases.messages import Message, Outcome, Wait
from workflows.cases.models import MOVING, Case, CaseState
from workflows.database import Database
from workflows.engine import living
from workflows.history.models import Event
from workflows.notices.rows import forget_calls
from workflows.operations import advance, operators

KEYS = st.sampled_from("AB")
SECRECIES = st.sampled_from(("internal", "sec"))


class Faulty:
    """Something in the middle of a delivery that breaks once, after so many times."""

    def __init__(self, after):
        self.left = after

    def __call__(self, *args):
        self.left -= 1
        if self.left == 0:
            raise ConnectionError
        forget_calls(*args)


class Sending(RuleBasedStateMachine):
    """A town where cases send and wait; `url` is an empty database."""

    def __init__(self, url, throw_away):
        super().__init__()
        self.url, self.throw_away = url, throw_away
        self.now, self.started = NOON, 0
        self.open()

    def open(self):
        self.database = Database(self.url)
        self.session = self.database.writing()
        self.town = Town(self.database, self.session, getattr(self, "city", None))

    @initialize()
    def settle(self):
        self.city = self.town.city = cast.settle(self.session)
        self.session.commit()
        for secrecy in ("internal", "sec"):
            self.town.publish(
                sending(
                    f"sender_{secrecy}",
                    correlation="who",
                    expires=' arshjul:expires="5d"',
                    secrecy=secrecy,
                ),
                receiving(f"receiver_{secrecy}", correlation="who", secrecy=secrecy),
            )

    def teardown(self):
        self.close()
        self.throw_away()

    def close(self):
        self.session.close()
        self.database.close()

    def begin(self, process, **data):
        self.started += 1
        unit = self.city.units["FARSTA"]
        self.town.start(process, unit.code, now=self.now, occasion=str(self.started), data=data)

    @rule(key=KEYS, secrecy=SECRECIES)
    def send(self, key, secrecy):
        self.begin(f"sender_{secrecy}", who=key, amount=self.started)

    @rule(key=KEYS, secrecy=SECRECIES)
    def wait(self, key, secrecy):
        self.begin(f"receiver_{secrecy}", who=key)

    @rule(deed=st.sampled_from((operators.suspend, operators.cancel)))
    def operate(self, deed):
        self.each(deed, MOVING)

    @rule()
    def go_on(self):
        self.each(operators.resume, (CaseState.SUSPENDED,))

    def each(self, deed, states):
        wanted = sa.select(Case).where(Case.process.has(key="receiver_internal"))
        case = self.session.scalars(wanted.where(Case.state.in_(states))).first()
        if case is not None:
            self.town.operate(deed, case)
        self.session.commit()

    @rule(hours=st.integers(1, 80))
    def let_time_pass(self, hours):
        self.now += timedelta(hours=hours)
        work.run_due(self.database, now=self.now)
        work.run_due(self.database, now=self.now + timedelta(minutes=3))  # what failed before
        self.nobody_waits_for_what_is_kept()

    @rule(after=st.integers(1, 3))
    def break_down(self, after):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(advance, "forget_calls", Faulty(after))
            work.deliver(self.database, now=self.now)

    @rule()
    def restart(self):
        """Another process takes over: nothing is remembered but what is in the database."""
        self.close()
        living.forget_all()
        self.open()

    @invariant()
    def what_was_delivered_arrived_once_and_the_rest_is_kept_or_has_expired(self):
        with self.database.reading() as session:
            arrived = Counter(
                session.scalars(sa.select(Event.case_id).where(Event.kind == "message_received"))
            )
            for one in session.scalars(sa.select(Message)):
                match one.outcome:
                    case Outcome.DELIVERED:
                        assert one.to_case_id is not None
                        assert one.to_wait_id is not None
                        arrived[one.to_case_id] -= 1
                    case Outcome.EXPIRED:
                        assert one.expires_at is not None
                        assert one.closed_at is not None
                        assert one.expires_at <= one.closed_at
                    case _:
                        assert one.outcome is None
                        assert one.to_wait_id is None
            assert set(arrived.values()) <= {0}
            for case in session.scalars(sa.select(Case).where(Case.id.in_(list(arrived)))):
                assert "amount" in case.data

    def nobody_waits_for_what_is_kept(self):
        with self.database.reading() as session:
            open_messages = sa.select(Message.key, Message.secrecy)
            rows = session.execute(open_messages.where(Message.closed_at.is_(None)))
            kept = {tuple(row) for row in rows}
            waits = session.execute(
                sa.select(Wait.key, Case.secrecy)
                .join(Case, Case.id == Wait.case_id)
                .where(Wait.closed_at.is_(None), Case.state.in_(MOVING))
            )
            for key, secrecy in waits:
                assert (key, secrecy) not in kept
                assert (key, "internal") not in kept


def test_every_message_ends_delivered_once_kept_or_expired(kind, request):
    model = request.getfixturevalue(f"empty_{kind}")

    def a_town():
        if kind == "sqlite":
            folder = Path(tempfile.mkdtemp())
            path = folder / "arshjul.sqlite3"
            shutil.copyfile(model, path)
            return Sending(f"sqlite:///{path}", lambda: shutil.rmtree(folder))
        from tests.postgres import copy_url, drop_url

        url = copy_url(model)
        return Sending(url, lambda: drop_url(url))

    few = settings(
        max_examples=10,
        stateful_step_count=20,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    run_state_machine_as_test(a_town, settings=few)
