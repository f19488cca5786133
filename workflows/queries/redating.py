"""Dating anew what hangs on a changed calendar; what many tasks share is worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from workflows.calendar.because import Reason, are_same, instant_of, stored
from workflows.calendar.deadlines import Deadline, evaluate, extended
from workflows.calendar.parsing import parse
from workflows.calendar.rules import Rule, names
from workflows.canonical import canonical_text
from workflows.steering.book import Book, Lineage

MOVES, STAYS, TOLD_ANEW = "moves", "stays", "told_anew"
LEAVES = "leaves"  # the milestone does not exist any more, and the step falls away


@dataclass(frozen=True, slots=True)
class Dated:
    """When something is due now and why, also as canonical text."""

    due_at: datetime | None
    because: Mapping[str, Any]
    text: str


class Asked(NamedTuple):
    """A rule, and what it asks for besides the calendar."""

    rule: Rule
    of_case: bool
    of_item: bool
    of_opening: bool

    @property
    def nothing(self) -> bool:
        return not (self.of_case or self.of_item or self.of_opening)


class Redating:
    """Dates anew what hangs on a changed book; what many tasks share is worked out once."""

    def __init__(self, book: Book, lines: Mapping[int, Lineage]) -> None:
        self.book = book
        self.lines = lines
        self.known: dict[tuple[str, int, int, bool], Dated] = {}
        self.rules: dict[str, Asked] = {}

    def asked(self, row: Any) -> Asked:
        """Give the rule of a row, and what it asks for."""
        text = row.because["rule"]
        if (found := self.rules.get(text)) is None:
            rule = parse(text)
            named = names(rule)
            owners = {one.owner for one in named.fields}
            found = Asked(rule, "case" in owners, "item" in owners, named.opened)
            self.rules[text] = found
        return found

    def dated(self, row: Any, fields: Mapping[str, Mapping[str, Any]]) -> Dated:
        """Date one row by its rule; an extension stands while it gives more."""
        asked = self.asked(row)
        until = extended_until(row.because)
        if until or not asked.nothing:
            return self._date(row, asked.rule, fields, until)
        key = (row.because["rule"], row.unit_id, row.year, row.is_legal)
        if (known := self.known.get(key)) is None:
            known = self.known[key] = self._date(row, asked.rule, fields, None)
        return known

    def _date(
        self,
        row: Any,
        rule: Rule,
        fields: Mapping[str, Mapping[str, Any]],
        until: datetime | None,
    ) -> Dated:
        found = evaluate(
            rule,
            self.book.calendar(self.lines[row.unit_id], row.year),
            row.year,
            opened=row.opened_at,
            fields=fields,
            legal=row.is_legal,
        )
        if not isinstance(found, Deadline):
            because = stored(found)
            return Dated(None, because, canonical_text(because))
        found = extended(found, until) if until else found
        because = stored(found.because)
        return Dated(found.due_at, because, canonical_text(because))

    def fate(self, row: Any, new: Dated) -> str | None:
        """Say what becomes of a date; None when nothing does."""
        if new.due_at == row.due_at and are_same(new.because, row.because):
            return None
        if row.is_legal and row.due_at is not None:
            return TOLD_ANEW if new.due_at == row.due_at else STAYS
        if new.because.get("unresolved") == Reason.MILESTONE_ABSENT and row.can_leave:
            return LEAVES
        return TOLD_ANEW if new.due_at == row.due_at else MOVES

    def knows_enough(self, timer: Any) -> bool:
        """Tell whether a timer kept what its rule asks for besides the calendar and the case; those
        of release 1 kept neither their row nor, in all their derivations, their opening.
        """
        asked = self.asked(timer)
        has_item = timer.item is not None or not asked.of_item
        return has_item and (timer.opened_at is not None or not asked.of_opening)


def extended_until(because: Mapping[str, Any]) -> datetime | None:
    """Give the moment an extension lasts to, if there is one."""
    return instant_of(because, "extended")


def opened_in(because: Mapping[str, Any]) -> datetime | None:
    """Give the moment a timer was set, as its own derivation tells."""
    return instant_of(because, "opened")
