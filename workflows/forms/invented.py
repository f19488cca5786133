"""One answer after the other, as people might give it: made up from what a field asks for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from workflows.forms.collecting import case_rows
from workflows.forms.definition import Facts, Field, Form, Kind
from workflows.forms.phrases import SENTENCES, phrase
from workflows.forms.posted import Raw
from workflows.forms.schema import inside

LAST_MEETING = 120  # days ago at most
USUAL_ROWS = (2, 4)

# What most people answer where one of these may be chosen, the first before the others.
USUAL = (
    "approved", "accepted", "held", "done", "decided", "board", "yes", "current", "in_progress",
    "planned", "suitable", "carried", "go_on", "achieved", "within", "own",
)  # fmt: skip
_RARE = re.compile(
    r"(^|_)(no|not|nothing|own|late|closed|reason|comment|corrections|missing|dissent|moved|new"
    r"|replaced|left|remarks)(_|$)"
)
_SELDOM = re.compile(r"affects|ckl|crisis|breach|rescue|immediate|external|ongoing|subcontractors")
_MOSTLY = re.compile(r"(done|given|issued|placed|signed|cancelled|returned|over|right|confirmed)$")
_LATER = re.compile(r"^(due|start|moved_to|next_|new_|reply_by|planned_|exercise_on|valid_until)")
_FIRST = ("start", "begins", "from")


@dataclass
class Inventor:
    """Makes up answers to the fields of a form; the same `random` gives the same."""

    form: Form
    facts: Facts
    random: Random
    prefer: dict[str, object]
    steady: bool

    def several(self, one: Field) -> object:
        if one.kind is Kind.GROUP:
            return self.row(one, -1)
        if one.fixed_rows:
            return [
                {one.key: row.get(one.key)} | self.row(one, number)
                for number, row in enumerate(case_rows(one, self.facts))
            ]
        return [self.row(one, number) for number in range(self._count(one))]

    def _count(self, one: Field) -> int:
        """How many rows a list gets: one at least for each thing that its rows may point at."""
        schema = self.limits(one.path)
        wanted = self.prefer.get(one.name)
        if not isinstance(wanted, int):
            of_case = (each.reference for each in one.fields if "." in each.reference)
            pointed = [len(self.facts.among(reference)) for reference in of_case]
            few = 0 if not one.required and self.random.random() < 0.3 else 1
            wanted = max(0, *pointed, self.random.randint(*USUAL_ROWS) * few)
        return max(int(schema.get("minItems", 0)), min(wanted, int(schema.get("maxItems", 500))))

    def row(self, holder: Field, number: int) -> Raw:
        row = {
            each.name: self.value(each, number=number)
            for each in self.asked(holder.fields, but=holder)
        }
        return {name: value for name, value in row.items() if value is not None}

    def asked(self, fields: Iterable[Field], but: Field | None = None) -> list[Field]:
        key = but.key if but is not None and but.fixed_rows else ""
        return [
            each
            for each in fields
            if not each.read_only and each.name != key and self.facts.offers(each)
        ]

    def value(self, one: Field, *, number: int = -1, anew: bool = False) -> object:
        """Answer one field; `anew`, in any way it may be answered."""
        if one.path in self.prefer:
            return self.prefer[one.path]
        if not one.required and self._is_left_out(one, anew=anew):
            return None
        match one.kind:
            case Kind.UNKNOWN:
                return None
            case Kind.TICK | Kind.BOOLEAN:
                return self._truth(one, anew=anew)
            case Kind.CHOICE | Kind.CHOICES:
                return self._choice(one, anew=anew)
            case Kind.REFERENCE | Kind.FILE:
                return self._reference(one, number, anew=anew)
            case Kind.DATE | Kind.INSTANT:
                return self._day(one, anew=anew)
            case Kind.INTEGER | Kind.NUMBER:
                return self._number(one, anew=anew)
            case Kind.EMAIL:
                return "funktion@example.org"
            case _:
                return self._text(one, number, anew=anew)

    def _truth(self, one: Field, *, anew: bool) -> str:
        often = 0.5
        if one.kind is Kind.TICK:
            often = 1.0
        elif _SELDOM.search(one.name) and not anew:
            often = 0.05
        elif _MOSTLY.search(one.name) and not anew:
            often = 0.9
        return "true" if self.random.random() < often else "false"

    def _is_left_out(self, one: Field, *, anew: bool) -> bool:
        if one.kind is Kind.DATE and _LATER.match(one.name) and not anew:
            return False  # who plans something says when
        often = 0.5 if anew else 0.9 if _RARE.search(one.name) else 0.4
        return self.random.random() < often

    def _choice(self, one: Field, *, anew: bool) -> object:
        values = [each.value for each in one.options]
        if one.kind is Kind.CHOICES:
            if not anew and "open" in values:
                return ["open"]
            return sorted(self.random.sample(values, self.random.randint(1, min(2, len(values)))))
        usual = [each for each in USUAL if each in values]
        if usual and not anew and (self.steady or self.random.random() < 0.8):
            return usual[0]
        known = [each for each in values if each not in ("unknown", "unsure")]
        return self.random.choice(values if anew else known)

    def _reference(self, one: Field, number: int, *, anew: bool) -> str | None:
        among = list(self.facts.among(one.reference or "file"))
        if among and number >= 0 and not anew:
            return among[number % len(among)]
        return self.random.choice(among) if among else None

    def _day(self, one: Field, *, anew: bool) -> str:
        """A day that has been, or a good way ahead; early in it where a time is asked for."""
        day = str(self._date(one, anew=anew))
        early = f" {self.random.randint(6, 8):02}:{self.random.randint(0, 59):02}"
        return day if one.kind is Kind.DATE else day + early

    def _date(self, one: Field, *, anew: bool) -> date:
        today = self.facts.names["today"]
        assert isinstance(today, date)  # noqa: S101 (whoever asks says what day it is)
        is_meeting = self.facts.functions.get("is_meeting")
        if one.name == "meeting_date" and is_meeting and not anew:
            days = (today - timedelta(days=back) for back in range(LAST_MEETING))
            return next((day for day in days if is_meeting(day)), today)
        if one.kind is Kind.INSTANT:
            return today + timedelta(days=self.random.choice((-1, 0, 0, 1)) if anew else 0)
        ahead = bool(_LATER.match(one.name)) if not anew else self.random.random() < 0.5
        if not ahead:
            return today - timedelta(days=self.random.choice((0, 1, 2, 5, 9, 30)))
        soon, late = (7, 60) if one.name in _FIRST else (100, 330)
        return today + timedelta(days=self.random.randint(1 if anew else soon, late))

    def _number(self, one: Field, *, anew: bool) -> str:
        schema = self.limits(one.path)
        least = int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
        most = int(schema.get("maximum", schema.get("exclusiveMaximum", 1_000_001) - 1))
        usual = min(most, max(least, 1) + 4)
        return str(self.random.randint(least if anew else max(least, min(1, most)), usual))

    def _text(self, one: Field, number: int, *, anew: bool) -> str:
        schema = self.limits(one.path)
        if one.kind is Kind.RICH:
            text = self.random.choice(SENTENCES)
        else:
            text = phrase(one.path, -1 if anew and number < 0 else number, self.random)
        least = int(schema.get("minLength", 0))
        while len(text) < least:
            text += f" {self.random.choice(SENTENCES)}"
        return text[: int(schema.get("maxLength", len(text)))]

    def limits(self, path: str) -> Mapping[str, Any]:
        top, _, column = path.partition(".")
        schema = inside(inside(self.form.schema, "properties"), top)
        if not column:
            return schema
        holder = inside(schema, "items") if "items" in schema else schema
        return inside(inside(holder, "properties"), column)
