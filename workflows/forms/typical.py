"""Answers as people might give them, to any form: made up from its definition, held by its rules.

For the rehearsal, the demo city and walks at random. The same seed gives the same answers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from workflows.forms.answers import Errors
from workflows.forms.checking import check
from workflows.forms.definition import Facts, Field, Form, Kind, Rule, Strength
from workflows.forms.filling import prefilled
from workflows.forms.invented import Inventor
from workflows.forms.phrases import SENTENCES
from workflows.forms.posted import Raw

MOST_TRIES = 400
MOST_FOR_ADVICE = 4  # tries spent on rules that only ask for a reason, or say something

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
    inventor = Inventor(form, facts, random, dict(prefer or {}), steady)
    made = _Making(form, facts, inventor)
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


class _Making:
    """The search for answers that the form takes."""

    def __init__(self, form: Form, facts: Facts, inventor: Inventor) -> None:
        self.form, self.facts, self.inventor = form, facts, inventor
        self.random, self.prefer = inventor.random, inventor.prefer
        self.rules = {rule.id: rule for rule in form.rules}

    def first(self) -> Raw:
        """Answer every field once."""
        raw: Raw = {"attest": "true"} if self.form.attest else {}
        known = prefilled(self.form, self.facts)
        for one in self.inventor.asked(self.form.fields):
            if one.kind in _STAYS and one.name in known and one.name not in self.prefer:
                raw[one.name] = known[one.name]
                continue
            value = self.inventor.several(one) if one.fields else self.inventor.value(one)
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
        raw: Raw = {  # a reason that is needed no more is not kept by the form
            name: [dict(row) for row in value] if _is_rows(value) else value
            for name, value in tried.raw.items()
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
        value = self.inventor.value(column, number=number, anew=True)
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
        for one in self.inventor.asked(self.form.fields):
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
            for each in self.inventor.asked(one.fields, but=one)
            if each.name in named and each.path not in self.prefer
        ]

    def _resize(self, one: Field, raw: Raw) -> None:
        """Add a row to a list, or take one away."""
        rows = list(raw.get(one.name) or ())
        schema = self.inventor.limits(one.path)
        most, least = int(schema.get("maxItems", 500)), int(schema.get("minItems", 0))
        if len(rows) < most and (len(rows) <= least or self.random.random() < 0.7):
            rows.append(self.inventor.row(one, len(rows)))
        elif len(rows) > least:
            rows.pop()
        raw[one.name] = rows


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)
