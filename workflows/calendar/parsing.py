"""Read the deadline language; a mistake says where it is, what was expected and what was meant."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, time
from difflib import get_close_matches
from functools import lru_cache
from typing import NoReturn

from workflows.calendar.rules import (
    MEETING_TERMS,
    OWNERS,
    UNITS,
    AtMeeting,
    AtMilestone,
    Choice,
    DayOfYear,
    Field,
    Opened,
    Rule,
    Span,
    Sum,
    Term,
    names,
)
from workflows.calendar.tokens import END, SIGNS, BadRule, Mistake, Token, bad, tokens

WORDS = (*MEETING_TERMS, *OWNERS, "date", "opened", "min", "max", "at")
ALIASES = {"VP_PREV": ("VP", -1)}  # the older name of last year's decision
LONGEST, DEEPEST, LARGEST, FARTHEST = 500, 12, 9999, 50


@lru_cache(maxsize=4096)
def parse(text: str) -> Rule:
    """Read one rule.

    :raises BadRule: with the position of the first mistake
    """
    if not text.strip():
        raise bad("rule_empty", 0)
    if len(text) > LONGEST:
        raise bad("rule_too_long", LONGEST, limit=LONGEST)
    return _Parser(list(tokens(text))).whole()


def parse_list(text: str) -> tuple[Rule, ...]:
    """Read rules parted by `;`, as `starts` holds them; positions count from the list's beginning.

    :raises BadRule: with the position of the first mistake
    """
    rules, begin = [], 0
    for piece in text.split(";"):
        try:
            rules.append(parse(piece))
        except BadRule as refused:
            mistake = refused.mistake
            raise BadRule(replace(mistake, position=begin + mistake.position)) from None
        begin += len(piece) + 1
    return tuple(rules)


def check(
    text: str, *, milestones: Collection[str], fields: Collection[str] | None = None
) -> tuple[Mistake, ...]:
    """Say what is wrong with the text of a rule: unreadable, or naming what is not there.

    `fields` are the full names one may use (`case.exercise_day`); None when they are not known.
    """
    try:
        found = names(parse(text))
    except BadRule as refused:
        return (refused.mistake,)
    unknown = [
        Mistake(
            "unknown_milestone", one.position, _nearest(one.code, milestones), {"name": str(one)}
        )
        for one in found.milestones
        if one.code not in milestones
    ]
    if fields is not None:
        unknown += [
            Mistake("unknown_field", one.position, _nearest(str(one), fields), {"name": str(one)})
            for one in found.fields
            if str(one) not in fields
        ]
    return tuple(sorted(unknown, key=lambda mistake: mistake.position))


def _nearest(word: str, known: Iterable[str], likeness: float = 0.5) -> str:
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=likeness)), "")


class _Parser:
    """Recursive descent over the tokens, one method for each line of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.index]

    def whole(self) -> Rule:
        rule = self.rule()
        if self.next.kind != END:
            self.refuse("+", "-", "at", END)
        return rule

    def rule(self) -> Rule:
        self.depth += 1
        if self.depth > DEEPEST:
            raise bad("rule_too_deep", self.next.position, limit=DEEPEST)
        rule = self.choice() if self.next.text in ("min", "max") else self.sum()
        self.depth -= 1
        return rule

    def choice(self) -> Choice:
        pick = self.take()
        self.expect("(")
        rules = [self.rule()]
        while self.next.text == ",":
            self.take()
            rules.append(self.rule())
        self.expect(")", also=",")
        return Choice("min" if pick.text == "min" else "max", tuple(rules))

    def sum(self) -> Sum:
        term: Term = Opened()
        if self.next.text not in SIGNS and self.next.text != "at":
            term = self.term()
        spans = []
        while self.next.text in SIGNS:
            spans.append(self.span())
        at = None
        if self.next.text == "at":
            position = self.take().position
            at = self.time()
            if any(span.unit == "h" for span in spans):
                raise bad("time_with_hours", position)
        return Sum(term, tuple(spans), at)

    def term(self) -> Term:
        token = self.next
        if token.kind != "word":
            self.refuse("milestone", "case.", "opened", "+", "-")
        self.take()
        if token.text == "opened":
            return Opened()
        if token.text == "date":
            return self.day_of_year()
        if token.text in OWNERS:
            return self.field(token)
        if token.text in MEETING_TERMS:
            self.expect("(")
            rule = self.rule()
            self.expect(")")
            return AtMeeting(token.text, rule)
        if not token.text.isupper():
            nearest = _nearest(token.text, WORDS, 0.7)
            raise bad(
                "unknown_word", token.position, nearest or token.text.upper(), name=token.text
            )
        return self.milestone(token)

    def milestone(self, token: Token) -> AtMilestone:
        code, offset = ALIASES.get(token.text, (token.text, 0))
        if self.next.text == "[":
            self.take()
            sign = SIGNS[self.take().text] if self.next.text in SIGNS else 1
            offset += sign * self.number(FARTHEST)
            self.expect("]")
        return AtMilestone(code, offset, token.position)

    def field(self, owner: Token) -> Field:
        self.expect(".")
        if self.next.kind != "word":
            self.refuse("name")
        return Field(owner.text, self.take().text, owner.position)

    def day_of_year(self) -> DayOfYear:
        self.expect("(")
        position = self.next.position
        month = self.number(LARGEST)
        self.expect("-")
        day = self.number(LARGEST)
        try:
            date(2000, month, day)
        except ValueError:
            raise bad("no_such_day", position, month=month, day=day) from None
        self.expect(")")
        return DayOfYear(month, day)

    def span(self) -> Span:
        sign = SIGNS[self.take().text]
        named = self.next.text in OWNERS
        count = self.field(self.take()) if named else self.number(LARGEST)
        token = self.next
        for unit in UNITS:
            if token.text == unit:
                self.take()
                return Span(sign, count, unit)
        if token.kind != "word":
            self.refuse(*UNITS)
        raise bad(
            "unknown_unit",
            token.position,
            _nearest(token.text, UNITS),
            name=token.text,
            known=UNITS,
        )

    def time(self) -> time:
        position = self.next.position
        hour = self.number(LARGEST)
        self.expect(":")
        minute = self.number(LARGEST)
        try:
            return time(hour, minute)
        except ValueError:
            raise bad("no_such_time", position, time=f"{hour}:{minute:02d}") from None

    def number(self, limit: int) -> int:
        if self.next.kind != "number":
            self.refuse("number")
        token = self.take()
        if len(token.text) > len(str(limit)) or int(token.text) > limit:
            raise bad("number_too_large", token.position, limit=limit)
        return int(token.text)

    def take(self) -> Token:
        self.index += 1
        return self.tokens[self.index - 1]

    def expect(self, text: str, also: str = "") -> None:
        if self.next.text != text and not (text == "-" and SIGNS.get(self.next.text) == -1):
            self.refuse(text, *([also] if also else []))
        self.take()

    def refuse(self, *expected: str) -> NoReturn:
        token = self.next
        if token.kind == END:
            raise bad("ended_early", token.position, expected=expected)
        raise bad("unexpected", token.position, found=token.text, expected=expected)
