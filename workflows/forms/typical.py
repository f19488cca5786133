"""Answers as people might give them, to any form: made up from its definition, held by its rules.

For the rehearsal, the demo city and walks at random. The same seed gives the same answers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from workflows.forms.answers import Errors
from workflows.forms.checking import check
from workflows.forms.collecting import case_rows
from workflows.forms.definition import Facts, Field, Form, Kind, Rule, Strength
from workflows.forms.filling import prefilled
from workflows.forms.phrases import SENTENCES, phrase
from workflows.forms.posted import Raw
from workflows.forms.schema import inside

MOST_TRIES = 400
LAST_MEETING = 120  # days ago at most
MOST_FOR_ADVICE = 40  # tries spent on rules that only ask for a reason, or say something
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
_LATER = re.compile(r"^(due|start|moved_to|next_|new_|reply_by|planned_|exercise_on|valid_until)")
_FIRST = ("start", "begins", "from")
# What stands in the box already, people leave.
_STAYS = (Kind.TEXT, Kind.RICH, Kind.DATE, Kind.INSTANT, Kind.CHOICE)
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_MANNERS = 0.15  # how often a step is taken that mends nothing by itself


class Unanswerable(ValueError):
    """No answers were found that the form takes; `errors` are those of the best that was tried."""

    def __init__(self, form: Form, errors: Sequence[object]) -> None:
        self.errors = tuple(errors)
        super().__init__(f"{form.title['sv']}: {self.errors[:3]}")


def typical(
    form: Form,
    facts: Facts,
    *,
    seed: int | str,
    prefer: Mapping[str, object] | None = None,
    steady: bool = False,
) -> dict[str, Any]:
    """Give raw answers, as a browser posts them, that `check` accepts.

    `prefer` says how some fields are answered if that can be: by name, or `list.column` for every
    row; for a list itself, how many rows it gets. `steady` answers go the usual way: approved,
    decided, held.

    :raises Unanswerable: when nothing tried is accepted
    """
    random = Random(f"{seed} {form.title['sv']}")  # noqa: S311 (nothing here is a secret)
    made = _Making(form, facts, random, dict(prefer or {}), steady=steady)
    best = made.judged(made.first())
    for count in range(MOST_TRIES):
        if not best.wrong or (not best.errors and count >= MOST_FOR_ADVICE):
            break
        if count == MOST_TRIES // 2:
            made.prefer.clear()
        other = made.judged(made.changed(best))
        if other.cost <= best.cost or made.random.random() < _MANNERS / 4:
            best = other
    if best.errors:
        raise Unanswerable(form, best.errors)
    return best.raw


@dataclass(frozen=True)
class _Try:
    """Answers with their reasons, and what is wrong: places to change, by how much it matters."""

    raw: Raw
    cost: int
    wrong: tuple[tuple[str, Rule | None], ...]
    errors: tuple[object, ...]


@dataclass
class _Making:
    form: Form
    facts: Facts
    random: Random
    prefer: dict[str, object]
    steady: bool
    rules: dict[str, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = {rule.id: rule for rule in self.form.rules}

    def first(self) -> Raw:
        """Answer every field once."""
        raw: Raw = {"attest": "true"} if self.form.attest else {}
        known = prefilled(self.form, self.facts)
        for one in self._asked(self.form.fields):
            if one.kind in _STAYS and one.name in known and one.name not in self.prefer:
                raw[one.name] = known[one.name]
                continue
            value = self._several(one) if one.fields else self._value(one)
            if value is not None:
                raw[one.name] = value
        return raw

    def judged(self, raw: Raw) -> _Try:
        """Check answers; where only a reason is missing, it is given."""
        found = check(self.form, raw, self.facts)
        if isinstance(found, Errors):
            asked = {error.name for error in found.errors if error.code == "justify"}
            if asked:
                raw = raw | dict.fromkeys(sorted(asked), self.random.choice(SENTENCES))
                found = check(self.form, raw, self.facts)
        errors = found.errors if isinstance(found, Errors) else ()
        by_message = {rule.message: rule for rule in self.form.rules}
        wrong = [
            (error.name, by_message.get(error.message) if error.message else None)
            for error in errors
        ]
        wrong += [(one.about, self.rules.get(one.rule)) for one in found.remarks]
        advice = sum(3 if one.strength is Strength.JUSTIFY else 1 for one in found.remarks)
        return _Try(raw, 100 * len(errors) + advice, tuple(wrong), errors)

    def changed(self, tried: _Try) -> Raw:
        """Answer one of the fields anew that something is wrong with."""
        raw: Raw = {
            name: [dict(row) for row in value] if _is_rows(value) else value
            for name, value in tried.raw.items()
            if not name.startswith("why:")
        }
        serious = tried.wrong[: len(tried.errors)] or tried.wrong
        about, rule = self.random.choice(serious)
        places = list(self._places(about, rule, raw))
        if not places:
            return raw
        one, holder, column, number = self.random.choice(places)
        if column is None:
            self._resize(one, raw)
            return raw
        value = self._value(column, number=number, anew=True)
        if value is None:
            holder.pop(column.name, None)
        else:
            holder[column.name] = value
        return raw

    def _places(
        self, about: str, rule: Rule | None, raw: Raw
    ) -> Iterator[tuple[Field, dict[str, Any], Field | None, int]]:
        """Where a change may help: the field itself, or what its rule speaks of."""
        top, *inner = about.split("-")
        row = int(inner[0]) if inner and inner[0].isdigit() else None
        named = {inner[-1]} if inner else {top}
        if rule is not None:
            named |= set(_WORD.findall(rule.holds.text))
            named |= {part for path in rule.fields for part in path.split(".")}
        for one in self._asked(self.form.fields):
            if one.name != top and one.name not in named:
                continue
            if not one.fields:
                if one.name not in self.prefer:
                    yield one, raw, one, -1
                continue
            for number, holder in self._holders(one, raw):
                if row in (None, number) or one.name != top:
                    yield from ((one, holder, each, number) for each in self._mended(one, named))
            is_free = one.kind is Kind.ROWS and not one.fixed_rows and one.name not in self.prefer
            if row is None and is_free:
                yield one, raw, None, -1

    def _holders(self, one: Field, raw: Raw) -> Iterable[tuple[int, dict[str, Any]]]:
        """What holds the answers of a group or list: the group itself, or each of the rows."""
        if one.kind is Kind.GROUP:
            return [(-1, raw.setdefault(one.name, {}))]
        return enumerate(raw.get(one.name) or ())

    def _mended(self, one: Field, named: set[str]) -> list[Field]:
        return [
            each
            for each in self._asked(one.fields, but=one)
            if each.name in named and each.path not in self.prefer
        ]

    def _resize(self, one: Field, raw: Raw) -> None:
        """Add a row to a list, or take one away."""
        rows = list(raw.get(one.name) or ())
        schema = self._schema(one.path)
        most, least = int(schema.get("maxItems", 500)), int(schema.get("minItems", 0))
        if len(rows) < most and (len(rows) <= least or self.random.random() < 0.7):
            rows.append(self._row(one, len(rows)))
        elif len(rows) > least:
            rows.pop()
        raw[one.name] = rows

    def _several(self, one: Field) -> object:
        if one.kind is Kind.GROUP:
            return self._row(one, -1)
        if one.fixed_rows:
            return [
                {one.key: row.get(one.key)} | self._row(one, number)
                for number, row in enumerate(case_rows(one, self.facts))
            ]
        return [self._row(one, number) for number in range(self._count(one))]

    def _count(self, one: Field) -> int:
        """How many rows a list gets: one at least for each thing that its rows may point at."""
        schema = self._schema(one.path)
        wanted = self.prefer.get(one.name)
        if not isinstance(wanted, int):
            pointed = [len(self.facts.among(each.reference)) for each in one.fields]
            few = 0 if not one.required and self.random.random() < 0.3 else 1
            wanted = max(*pointed, self.random.randint(*USUAL_ROWS) * few)
        return max(int(schema.get("minItems", 0)), min(wanted, int(schema.get("maxItems", 500))))

    def _row(self, holder: Field, number: int) -> Raw:
        row = {
            each.name: self._value(each, number=number)
            for each in self._asked(holder.fields, but=holder)
        }
        return {name: value for name, value in row.items() if value is not None}

    def _asked(self, fields: Iterable[Field], but: Field | None = None) -> list[Field]:
        key = but.key if but is not None and but.fixed_rows else ""
        return [
            each
            for each in fields
            if not each.read_only and each.name != key and self.facts.offers(each)
        ]

    def _value(self, one: Field, *, number: int = -1, anew: bool = False) -> object:
        """Answer one field; `anew`, in any way it may be answered."""
        if one.path in self.prefer:
            return self.prefer[one.path]
        if not one.required and self._is_left_out(one, anew=anew):
            return None
        match one.kind:
            case Kind.UNKNOWN:
                return None
            case Kind.TICK | Kind.BOOLEAN:
                return "true" if one.kind is Kind.TICK else self.random.choice(("true", "false"))
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

    def _is_left_out(self, one: Field, *, anew: bool) -> bool:
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
        time = (
            ""
            if one.kind is Kind.DATE
            else f" {self.random.randint(6, 8):02}:{self.random.randint(0, 59):02}"
        )
        return f"{self._date(one, anew=anew)}{time}"

    def _date(self, one: Field, *, anew: bool) -> date:
        today = self.facts.names["today"]
        assert isinstance(today, date)  # noqa: S101 (whoever asks says what day it is)
        is_meeting = self.facts.functions.get("is_meeting")
        if one.name == "meeting_date" and is_meeting and not anew:
            days = (today - timedelta(days=back) for back in range(LAST_MEETING))
            return next((day for day in days if is_meeting(day)), today)
        if one.kind is Kind.INSTANT and not anew:
            return today
        ahead = bool(_LATER.match(one.name)) if not anew else self.random.random() < 0.5
        if not ahead:
            return today - timedelta(days=self.random.choice((0, 1, 2, 5, 9, 30)))
        soon, late = (7, 60) if one.name in _FIRST else (100, 330)
        return today + timedelta(days=self.random.randint(1 if anew else soon, late))

    def _number(self, one: Field, *, anew: bool) -> str:
        schema = self._schema(one.path)
        least = int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
        most = int(schema.get("maximum", schema.get("exclusiveMaximum", 1_000_001) - 1))
        usual = min(most, max(least, 1) + 4)
        return str(self.random.randint(least if anew else max(least, min(1, most)), usual))

    def _text(self, one: Field, number: int, *, anew: bool) -> str:
        schema = self._schema(one.path)
        if one.kind is Kind.RICH:
            text = self.random.choice(SENTENCES)
        else:
            text = phrase(one.path, -1 if anew and number < 0 else number, self.random)
        least = int(schema.get("minLength", 0))
        while len(text) < least:
            text += f" {self.random.choice(SENTENCES)}"
        return text[: int(schema.get("maxLength", len(text)))]

    def _schema(self, path: str) -> Mapping[str, Any]:
        top, _, column = path.partition(".")
        schema = inside(inside(self.form.schema, "properties"), top)
        if not column:
            return schema
        holder = inside(schema, "items") if "items" in schema else schema
        return inside(inside(holder, "properties"), column)


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)
