"""Trying one process before it runs: a case in memory, and tests kept from such tries.

Nothing of it touches the database or sends anything: time moves by itself, people answer as they
usually do, and what somebody wants answered otherwise they fill in step by step.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from itertools import zip_longest
from typing import Any

from sqlalchemy.orm import Session

from workflows.canonical import canonical_text, parse
from workflows.engine import Problem, Rejected
from workflows.errors import Invalid
from workflows.forms import Raw
from workflows.language import ZONE, Language
from workflows.processes.packages import Package
from workflows.rehearsal.answering import Manner
from workflows.rehearsal.cases import Asked, Case
from workflows.rehearsal.city import City, from_package, gathered
from workflows.rehearsal.mails import Mail, mails
from workflows.rehearsal.playing import play
from workflows.rehearsal.tracing import traced

# By element, then by field; a list of such where each round is answered in its own way.
Answers = Mapping[str, Mapping[str, Any] | Sequence[Mapping[str, Any]]]
MOST_TESTS = 50
DAY_ENDS = time(23, 59)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is tried: where, how some things are answered, what nobody does, the last day, and what
    is `filled` in by hand: by element, for each time that it is done.
    """

    unit: str
    year: int
    answers: Answers = field(default_factory=dict)
    lies: tuple[str, ...] = ()
    until: date | None = None
    filled: Mapping[str, Sequence[Raw | None]] = field(default_factory=dict)

    def filled_in(self, element: str, turn: int) -> Raw | None:
        """Give what somebody filled in at one turn of a step."""
        turns = self.filled.get(element, ())
        return turns[turn] if 0 <= turn < len(turns) else None

    def with_filled(self, element: str, turn: int, raw: Raw | None) -> "Wish":
        """Fill in one turn of a step, which is then done; with None it is answered as usual."""
        turns = list(self.filled.get(element, ()))
        turns += [None] * (turn + 1 - len(turns))
        turns[turn] = raw
        filled = {**self.filled, element: turns}
        lies = tuple(one for one in self.lies if one != element or raw is None)
        some = {key: each for key, each in filled.items() if any(one is not None for one in each)}
        return replace(self, filled=some, lies=lies)

    @property
    def stands_at(self) -> datetime | None:
        """When the clock stands still."""
        if self.until is None:
            return None
        return datetime.combine(self.until, DAY_ENDS, ZONE).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Tried:
    """How a case went: what is told of it, the elements it entered in order, the mails it would
    send and the rows it would write."""

    told: Mapping[str, Any]
    passed: tuple[str, ...]
    mails: Sequence[Mail]
    rows: Mapping[str, list[dict[str, Any]]]

    @property
    def path(self) -> list[str]:
        """The steps in the order they were opened."""
        return [one["element"] for one in self.told["steps"]]


@dataclass(frozen=True, slots=True)
class Result:
    """How a kept test went now: what came of it beside what was to come."""

    name: str
    wanted: Mapping[str, Any]
    got: Mapping[str, Any]
    passed: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return self.wanted == self.got

    @property
    def parts_at(self) -> str:
        """The first step that came otherwise than it was to, as far as there is one."""
        pairs = zip_longest(self.got["steps"], self.wanted["steps"], fillvalue="")
        return next((got or wanted for got, wanted in pairs if got != wanted), "")


def tried(
    session: Session, package: Package, wish: Wish, language: Language, *, today: date
) -> Tried | None:
    """Play the first case of a process in a unit; None where it never begins.

    :raises Invalid: if the diagram cannot run, or there is no such unit
    """
    city = gathered(session, [from_package(package)], today=today)
    if wish.unit not in city.by_code:
        raise Invalid("unknown_unit", unit=wish.unit)
    return _played(city, wish, language)


def asked(
    session: Session, package: Package, wish: Wish, element: str, turn: int, *, today: date
) -> Asked | None:
    """Play until a step is to be done for this time, and give its form; None if that never comes.

    :raises Invalid: if the diagram cannot run
    """
    city = gathered(session, [from_package(package)], today=today)
    case = _case(city, wish, asked=(element, turn))
    return case.asked if case else None


def _case(city: City, wish: Wish, asked: tuple[str, int] | None = None) -> Case | None:
    manner = Manner(1, wish.answers, wish.lies, wish.filled, asked)
    played = play(
        city, wish.year, units=[wish.unit], manner=manner, until=wish.stands_at, surely=True
    )
    return next((one for one in played.cases if one.body.code == wish.unit), None)


def _played(city: City, wish: Wish, language: Language) -> Tried | None:
    case = _case(city, wish)
    if case is None:
        return None
    told, steps = traced(case, language), case.run.trace().steps
    for one, taken in zip(told["steps"], steps, strict=True):
        one["turn"] = case.turns.get(taken.step.id)
        one["unanswered"] = case.unanswered.get(taken.step.id, "")
    rows = {name: list(held.values()) for name, held in case.wrote.items()}
    calendar = city.calendar(case.body.id, case.year)
    sent = mails(case, calendar, until=wish.stands_at)
    return Tried(told, case.run.trace().passed, sent, rows)


def as_test(found: Tried, wish: Wish) -> bytes:
    """Keep a try as a test: what is answered, which steps come, and whether it ends."""
    return canonical_text({**kept(wish), **_outcome(found)}).encode()


def kept(wish: Wish) -> dict[str, Any]:
    """Write down what is tried, as `wished` reads it."""
    told: dict[str, Any] = {"unit": wish.unit, "year": wish.year, "answers": wish.answers}
    if wish.lies:
        told["lies"] = list(wish.lies)
    if wish.until is not None:
        told["until"] = wish.until.isoformat()
    return told | ({"filled": wish.filled} if wish.filled else {})


def wished(test: Mapping[str, Any]) -> Wish:
    """Read what a kept test tries.

    :raises ValueError: if it is no test; so do KeyError, TypeError and AttributeError
    """
    until = date.fromisoformat(test["until"]) if "until" in test else None
    lies = tuple(str(one) for one in test.get("lies", ()))
    filled = {key: [_typed(one) for one in each] for key, each in test.get("filled", {}).items()}
    return Wish(str(test["unit"]), int(test["year"]), test["answers"], lies, until, filled)


def _typed(raw: Any) -> Any:
    """Take only what a browser could have posted: texts, and lists and rows of them."""
    match raw:
        case None | str():
            return raw
        case list():
            return [_typed(one) for one in raw]
        case dict():
            return {name: _typed(one) for name, one in raw.items()}
    raise ValueError(raw)


def run_tests(session: Session, package: Package, *, today: date) -> list[Result]:
    """Run every test of a process; in another city the first unit stands for one it has not."""
    results = []
    city: City | None = None
    for name, content in sorted(package.tests.items())[:MOST_TESTS]:
        wanted: Any = None
        got: Mapping[str, Any] = {"steps": [], "ended": False}
        passed: tuple[str, ...] = ()
        try:
            wanted = parse(content)
            city = city or gathered(session, [from_package(package)], today=today)
            wish = wished(wanted)
            if wish.unit not in city.by_code:
                wish = replace(wish, unit=next(iter(city.by_code)))
            if (found := _played(city, wish, Language.SV)) is not None:
                got, passed = _outcome(found), found.passed
            wanted = {key: wanted[key] for key in ("steps", "ended")}
        except (ValueError, KeyError, TypeError, AttributeError, Rejected):
            wanted = {"steps": [], "ended": None}  # it is no test, or nothing can run
        results.append(Result(name, wanted, got, passed))
    return results


def problems(results: Iterable[Result]) -> Iterator[Problem]:
    """Say which tests go otherwise than they were to, as errors at the step where they part."""
    for one in results:
        if not one.is_good:
            params = {"test": one.name, "wanted": one.wanted["steps"], "got": one.got["steps"]}
            element = one.parts_at or None
            yield Problem("error", "test_differs", element, None, None, params, "")


def _outcome(found: Tried) -> dict[str, Any]:
    return {"steps": found.path, "ended": found.told["ended_at"] is not None}
