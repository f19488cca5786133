"""What one event tells, taken apart and said in the words of the forms and registers it is of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from webapp.case_data import known_fields
from webapp.format import because, language
from webapp.transactions import session
from workflows import forms, registers
from workflows.canonical import canonical_text
from workflows.cases.models import Case
from workflows.forms.definition import Field, Kind
from workflows.forms.telling import Reader
from workflows.history.contents import content
from workflows.history.models import Event
from workflows.language import N_, moment, translator
from workflows.organisation.models import Person, Unit
from workflows.organisation.roles import ROLES

MOST_SHOWN = 200
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# Under these an event tells by the names of fields; the forms say what those are called.
NAMED_BY_FORMS = ("answers", "set", "end", "changed", "data", "gone")
# Under these it tells a unit by its number; it is named as it is called today, and so is a person.
UNITS = ("unit", "unit_id", "parent", "successor")
WORDS = {
    "about": N_("the case"), "added": N_("added"), "adjusted": N_("adjusted"),
    "answers": N_("answers"), "approval": N_("approval"), "attested": N_("attested"),
    "base": N_("the version before"), "basis": N_("basis"), "because": N_("why that day"),
    "carried": N_("taken over"), "case_state": N_("state of the case"), "cases": N_("cases"),
    "chair_prep": N_("chair’s preparation"), "change": N_("the change"), "changed": N_("changed"),
    "code": N_("code"), "confirmed": N_("confirmed"), "count": N_("how many"),
    "data": N_("known from the start"), "deed": N_("what was done"),
    "documents_out": N_("documents sent out"), "draft_stop": N_("stop for drafts"),
    "dropped": N_("left behind"), "due_at": N_("to be done"), "edits": N_("changes"),
    "element": N_("step"), "end": N_("added to"), "entries": N_("rows of registers"),
    "events": N_("events"), "exists": N_("takes place"), "faults": N_("faults"),
    "field": N_("field"), "filter": N_("searched for"), "from_on": N_("from"),
    "gone": N_("taken away"), "has_geographic_area": N_("has an area"), "hash": N_("hash"),
    "how": N_("how"), "id": N_("number"), "identity": N_("identity of the row"),
    "kept": N_("kept"), "key": N_("name"), "kind": N_("kind"), "late_minutes": N_("minutes late"),
    "message": N_("message"), "milestone": N_("milestone"), "name": N_("name"), "new": N_("new"),
    "number": N_("number"), "numbers": N_("events"), "occasion": N_("occasion"), "old": N_("old"),
    "on": N_("day"), "opened": N_("opened"), "over": N_("no longer waited for"),
    "page": N_("page"), "parent": N_("above it"), "people": N_("people"), "person": N_("person"),
    "process": N_("process"), "reason": N_("reason"), "redated": N_("dates that moved"),
    "register": N_("register"), "remarks": N_("remarks"), "removed": N_("removed"),
    "replanning": N_("replanning"), "role": N_("role"), "roles": N_("roles"), "row": N_("row"),
    "rows": N_("rows"), "rule": N_("rule"), "same_as_role": N_("the same as the role"),
    "same_as_unit_id": N_("the same as in the unit"), "seal": N_("seal"), "secrecy": N_("secrecy"),
    "sent": N_("sent"), "set": N_("known since"), "sign_ins_ended": N_("sign-ins ended"),
    "since": N_("since"), "starts": N_("starts"), "state": N_("state"),
    "step_id": N_("number of the step"), "successor": N_("follows after it"),
    "table": N_("what is set"), "tasks": N_("steps"), "template": N_("template"),
    "timers": N_("waits for a day"), "title": N_("title"), "to": N_("to"), "to_on": N_("to"),
    "union_coop": N_("cooperation with the unions"), "unit": N_("unit"), "unit_id": N_("unit"),
    "units": N_("units"), "until": N_("until"), "valid_from": N_("stands from"),
    "valid_to": N_("stands to"), "version": N_("version"), "was_down": N_("the service was down"),
    "what": N_("what"), "which": N_("which one"), "withdrawn": N_("closed without being done"),
    "year": N_("year"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """One thing an event tells: where in it, what it was and what it is."""

    name: str
    old: str | None
    new: str


def values(event: Event, case: Case | None) -> list[Value]:
    """Take what an event tells apart, to be read; what was weeded out is empty."""
    return list(islice(_Told(case).under("", content(event.what), None), MOST_SHOWN))


Fields = Mapping[str, Field]


class _Told:
    """One event's values; the forms of its case are read only if it tells of answers."""

    def __init__(self, case: Case | None) -> None:
        self.case, self.reader = case, Reader(forms.Facts(), language())

    @cached_property
    def of_forms(self) -> Fields:
        return {one.name: one for one in known_fields(self.case)} if self.case else {}

    def under(self, name: str, value: object, fields: Fields | None) -> Iterator[Value]:
        """Tell of each thing that lies under a name, which `fields` say what they are called."""
        match value:
            case {"old": old, "new": new}:
                yield Value(name, _plain(old), _plain(new))
            case dict():
                if (of := str(value.get("register"))) in registers.names():
                    form = registers.definition(of).form
                    fields = {one.name: one for one in form.fields}
                for key, inner in value.items():
                    yield from self._one(name, key, inner, fields)
            case list() if any(isinstance(one, dict | list) for one in value):
                for number, inner in enumerate(value, start=1):
                    yield from self.under(f"{name} {number}", inner, fields)
            case list():
                yield Value(name, None, ", ".join(_plain(one) for one in value))
            case _:
                yield Value(name, None, _plain(value))

    def _one(self, name: str, key: str, value: object, fields: Fields | None) -> Iterator[Value]:
        known = (fields or {}).get(key)
        own = known.label[language()] if known else _word(key)
        place = f"{name} › {own}" if name else own
        if key in NAMED_BY_FORMS and known is None:
            for inner, what in value.items() if isinstance(value, dict) else ():
                yield from self._one(place, inner, what, fields or self.of_forms)
            if isinstance(value, list):
                yield Value(place, None, ", ".join(self._called(str(one)) for one in value))
        elif key == "because" and isinstance(value, dict):
            yield Value(place, None, because(value, language()))
        elif key in ("person", *UNITS) and isinstance(value, int):
            yield Value(place, None, _named(key, value) or _plain(value))
        elif key in ("role", "roles"):
            yield Value(place, None, _roles(value))
        elif known is not None:
            yield from self._answer(place, known, value)
        else:
            yield from self.under(place, value, None)

    def _called(self, name: str) -> str:
        known = self.of_forms.get(name)
        return known.label[language()] if known else name

    def _answer(self, place: str, field: Field, value: object) -> Iterator[Value]:
        inner = {one.name: one for one in field.fields}
        match field.kind, value:
            case Kind.GROUP, dict():
                yield from self.under(place, value, inner)
            case Kind.ROWS, list() if all(isinstance(one, dict) for one in value):
                for number, row in enumerate(value, start=1):
                    yield from self.under(f"{place} {number}", row, inner)
            case _, [old, new] if field.kind not in (Kind.CHOICES, Kind.ROWS):
                yield Value(place, self._said(field, old), self._said(field, new))
            case _:
                yield Value(place, None, self._said(field, value))

    def _said(self, field: Field, value: object) -> str:
        return self.reader.words(field, value) or _plain(value)


def _named(key: str, number: int) -> str | None:
    """Name a person or a unit; the session reads each once, however often it is told of."""
    found = session().get(Unit, number) if key in UNITS else session().get(Person, number)
    return found.name if found else None


def _word(key: str) -> str:
    return translator(language()).gettext(WORDS[key]) if key in WORDS else key.replace("_", " ")


def _roles(value: object) -> str:
    codes = [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []
    plain = [str(one[0] if isinstance(one, list) else one) for one in codes]
    say = translator(language()).gettext
    return ", ".join(say(ROLES[one].name) if one in ROLES else one for one in plain)


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "–", True: "✓", False: "✗"}[value]
    if isinstance(value, dict):
        said = [(_word(key), one) for key, one in value.items() if one not in (None, "", False)]
        return " · ".join(f"{name}: {_plain(one)}" for name, one in said) or "–"
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return moment(datetime.fromisoformat(value), language())
    return value if isinstance(value, str) else canonical_text(value)
