"""A town of small processes that send to each other, for the tests of what goes between cases."""

from datetime import timedelta

import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.engine.drawing import NAMESPACES, body, event
from workflows import work
from workflows.cases.messages import Message
from workflows.cases.models import Case
from workflows.history.models import Event
from workflows.operations import cases, publishing, tasks
from workflows.operations.operators import Order
from workflows.processes.packages import Package
from workflows.processes.rows import find
from workflows.queries import cases as case_questions
from workflows.tasks.models import Task
from workflows.tasks.rows import know_reviewed

DAY = timedelta(days=1)
ROLE = "arshjul:role=security_coordinator"
ASK = (
    '<message id="ask" name="ask"><extensionElements>'
    "<arshjul:correlation>{key}</arshjul:correlation></extensionElements></message>"
)
ALARM = '<signal id="alarm" name="alarm"/>'
LATE = '<error id="late" errorCode="late"/><escalation id="help" escalationCode="help"/>'


def param(**params):
    rows = (f'<arshjul:param name="{name}">{text}</arshjul:param>' for name, text in params.items())
    return f"<extensionElements>{''.join(rows)}</extensionElements>"


def action(action_name, /, **params):
    rows = (f'<arshjul:param name="{key}">{text}</arshjul:param>' for key, text in params.items())
    inside = f'<arshjul:action name="{action_name}">{"".join(rows)}</arshjul:action>'
    return f"<extensionElements>{inside}</extensionElements>"


def package(key, nodes, flows, inside=None, *, more="", beside="", secrecy="internal"):
    source = (
        f'<definitions {NAMESPACES} id="definitions">{beside}'
        f'<process id="{key}" name="{key}" isExecutable="true" arshjul:key="{key}" '
        f'arshjul:secrecy="{secrecy}">{body(nodes, flows, inside)}{more}</process></definitions>'
    )
    return Package(key=key, source=source.encode(), forms={}, tables={})


def sending(key="sender", *, correlation="'A'", expires="", **more):
    beside = ASK.replace("{key}", correlation).replace('name="ask"', f'name="ask"{expires}')
    inside = {"t": param(amount="amount") + event("message", "ask")}
    return package(key, "start:s throw:t end:e", "s t; t e", inside, beside=beside, **more)


def receiving(key="receiver", *, correlation="'A'", secrecy="internal"):
    inside = {"c": event("message", "ask")}
    beside = ASK.replace("{key}", correlation)
    nodes = f"start:s catch:c user:done[{ROLE}] end:e"
    flows = "s c; c done; done e"
    return package(key, nodes, flows, inside, beside=beside, secrecy=secrecy)


class Town:
    """A city with processes, and a clock that does what is due."""

    def __init__(self, database, session, city):
        self.database, self.session, self.city = database, session, city

    def publish(self, *packages, now=NOON):
        for one in packages:
            publishing.publish(self.session, one, by=SYSTEM, now=now)
        self.session.commit()

    def start(self, key, unit="FARSTA", now=NOON, **more):
        process = find(self.session, key)
        unit = self.city.units[unit]
        made = cases.start(self.session, process, unit, 2027, by=SYSTEM, now=now, **more)
        self.session.commit()
        return made

    def work(self, now=NOON, rounds=1):
        self.session.commit()  # a session that has read holds the right to write
        for _ in range(rounds):
            work.run_due(self.database, now=now)
        self.session.expire_all()

    def complete(self, element, now=NOON):
        wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
        alva = self.city.actor("Alva")
        task = case_questions.task(
            self.session, self.session.scalars(wanted).first(), by=alva, to_change=True
        )
        tasks.complete(self.session, task, {}, command=f"x{task.id}", by=alva, now=now)
        self.session.commit()

    def open(self, case):
        wanted = sa.select(Task.element).where(Task.case_id == case.id, Task.closed_at.is_(None))
        return list(self.session.scalars(wanted.order_by(Task.id)))

    def kinds(self, case):
        wanted = sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.n)
        return list(self.session.scalars(wanted))

    def outcomes(self):
        return list(self.session.scalars(sa.select(Message.outcome).order_by(Message.id)))

    def cases(self, key):
        wanted = sa.select(Case).where(Case.process.has(key=key)).order_by(Case.id)
        return list(self.session.scalars(wanted))

    def operate(self, deed, case):
        know_reviewed(self.session, case)
        order = Order("Behövs", f"{case.id}-{case.revision}", case.revision)
        deed(self.session, case, order, by=SYSTEM, now=NOON)
        self.session.commit()


def throwing(key="alarming"):
    inside = {"t": param(level="'red'") + event("signal", "alarm")}
    return package(key, "start:s throw:t end:e", "s t; t e", inside, beside=ALARM)


def hearing(key="hearing"):
    inside = {"c": event("signal", "alarm")}
    nodes = f"start:s catch:c user:done[{ROLE}] end:e"
    return package(key, nodes, "s c; c done; done e", inside, beside=ALARM)
