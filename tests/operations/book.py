"""A small process that writes risks and actions to registers, for tests of what becomes of them."""

import json

import sqlalchemy as sa

from tests.cast import NOON
from tests.operations.town import ROLE, Town, package
from workflows.history.models import Event
from workflows.operations import cases, tasks
from workflows.processes.packages import Package
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.registers.models import Entry, EntryState
from workflows.tasks.models import Task

NODES = (
    f"start:s user:list[{ROLE},arshjul:form=KEY/list] "
    f"user:decide[{ROLE},arshjul:form=KEY/decide] xor:g end:e"
)
FLOWS = "s list; list decide; decide g; g list | outcome == 'back'; g e | default"


def words(text):
    return {"sv": text, "en": text}


def form(properties, registers=(), **more):
    labels = {}
    for name, field in properties.items():
        columns = field.get("items", field).get("properties", {})
        for path, one in {
            name: field,
            **{f"{name}.{key}": columns[key] for key in columns},
        }.items():
            labels[path] = {"label": words(path)}
            if "enum" in one:
                labels[path]["enum"] = {each: words(each) for each in one["enum"]}
    return json.dumps(
        {
            "title": words("Lista"),
            "schema": {"type": "object", "properties": properties},
            "layout": [{"id": "all", "fields": list(properties)}],
            "labels": labels,
            "registers": list(registers),
            **more,
        }
    ).encode()


def rows(*required, **columns):
    items = {"type": "object", "required": list(required), "properties": columns}
    return {"type": "array", "items": items}


TEXT, SCALE = {"type": "string"}, {"type": "integer", "minimum": 1, "maximum": 5}
LISTS = form(
    {
        "risks": rows("title", title=TEXT, likelihood=SCALE, consequence=SCALE),
        "actions": rows("title", title=TEXT, who=TEXT),
    },
    [
        {"register": "risk", "field": "risks", "key": ["title"]},
        {
            "register": "action", "field": "actions", "key": ["title"],
            "as": {"who": "responsible"}, "values": {"source": "analysis"},
        },
    ],
)  # fmt: skip
DECIDE = form({"outcome": {"type": "string", "enum": ["back", "go"]}})


def book(key="book", *, nodes=NODES, flows=FLOWS, lists=LISTS, **more):
    drawn = package(key, nodes.replace("KEY", key), flows, **more)
    parts = {f"{key}/list": lists, f"{key}/decide": DECIDE}
    return Package(key=key, source=drawn.source, forms=parts, tables={})


def risk(title, likelihood=3, consequence=3):
    return {"title": title, "likelihood": str(likelihood), "consequence": str(consequence)}


class Books(Town):
    """A town whose processes keep registers."""

    def begin(self, year=2027, key="book", unit="FARSTA", **more):
        process = find(self.session, key)
        where = self.city.units[unit]
        by = self.city.actor("Hedda" if key == "hidden" else "Alva")
        made = cases.start(self.session, process, where, year, by=by, now=NOON, **more)
        self.session.commit()
        return made

    def do(self, case, element, raw=None, *, by="Alva", place=0):
        wanted = sa.select(Task.id).where(
            Task.case_id == case.id, Task.element == element, Task.closed_at.is_(None)
        )
        task_id = self.session.scalars(wanted.order_by(Task.id)).all()[place]
        actor = self.city.actor(by) if isinstance(by, str) else by
        task = questions.task(self.session, task_id, by=actor, to_change=True)
        tasks.complete(
            self.session, task, raw or {}, command=f"{element}-{task_id}", by=actor, now=NOON
        )
        self.session.commit()
        return case

    def list(self, case, *risks, actions=(), **more):
        return self.do(case, "list", {"risks": list(risks), "actions": list(actions)}, **more)

    def back(self, case):
        return self.do(case, "decide", {"outcome": "back"})

    def finish(self, case):
        return self.do(case, "decide", {"outcome": "go"})

    def entries(self, register="risk", *states):
        wanted = sa.select(Entry).where(Entry.register == register).order_by(Entry.id)
        if states:
            wanted = wanted.where(Entry.state.in_(states))
        return list(self.session.scalars(wanted))

    def stand(self, register="risk"):
        """What stands: name, number of the version, likelihood."""
        return [
            (one.name, one.number, one.data.get("likelihood"))
            for one in self.entries(register, EntryState.APPROVED)
        ]

    def states(self, register="risk"):
        return [(one.name, one.state.value) for one in self.entries(register)]

    def told(self, case):
        """What history says became of entries: the deed and the name."""
        wanted = sa.select(Event.what).where(Event.case_id == case.id).order_by(Event.n)
        found = [json.loads(what or "{}") for what in self.session.scalars(wanted)]
        return [(one["deed"], one["name"]) for what in found for one in what.get("entries", ())]
