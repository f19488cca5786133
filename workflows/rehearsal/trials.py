"""Trying one process before it runs: a case in memory, and tests kept from such tries.

Nothing of it touches the database or sends anything: time moves by itself, people answer as they
usually do, and what somebody wants answered otherwise is said step by step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from workflows.canonical import canonical_text, parse
from workflows.engine import Rejected
from workflows.errors import Invalid
from workflows.language import Language
from workflows.processes.packages import Package
from workflows.rehearsal.cases import Case, Year
from workflows.rehearsal.city import City, from_package, gathered
from workflows.rehearsal.playing import play
from workflows.rehearsal.tracing import traced

Answers = Mapping[str, Mapping[str, Any]]  # by element, then by field
MOST_TESTS = 50


@dataclass(frozen=True, slots=True)
class Tried:
    """How a case went: what is told of it, the elements it came by, the rows it would write."""

    told: Mapping[str, Any]
    passed: frozenset[str]
    elements: int
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

    @property
    def is_good(self) -> bool:
        return self.wanted == self.got


def tried(
    session: Session, package: Package, unit: str, year: int, answers: Answers, language: Language,
    *, today: date,
) -> Tried | None:  # fmt: skip
    """Play the first case of a process in a unit; None where it never begins.

    :raises Invalid: if the diagram cannot run, or there is no such unit
    """
    city = gathered(session, [from_package(package)], today=today)
    if unit not in city.by_code:
        raise Invalid("unknown_unit", unit=unit)
    return _first(city, play(city, year, units=[unit], prefer=answers), unit, language)


def _first(city: City, played: Year, unit: str, language: Language) -> Tried | None:
    case: Case | None = next((one for one in played.cases if one.body.code == unit), None)
    if case is None:
        return None
    nodes = case.process.runs.plan.nodes
    rows = {name: held for (unit_id, name), held in played.rows.items() if unit_id == case.body.id}
    passed = frozenset(case.run.trace().passed)
    return Tried(traced(case, language), passed, len(nodes), rows)


def as_test(found: Tried, unit: str, year: int, answers: Answers) -> bytes:
    """Keep a try as a test: what is answered, which steps come, and whether it ends."""
    kept = {"unit": unit, "year": year, "answers": answers, **_outcome(found)}
    return canonical_text(kept).encode()


def run_tests(session: Session, package: Package, *, today: date) -> list[Result]:
    """Run every test of a process; in another city the first unit stands for one it has not."""
    results = []
    city: City | None = None
    for name, content in sorted(package.tests.items())[:MOST_TESTS]:
        wanted: Any = None
        got: Mapping[str, Any] = {"steps": [], "ended": False}
        try:
            wanted = parse(content)
            city = city or gathered(session, [from_package(package)], today=today)
            unit, year = str(wanted["unit"]), int(wanted["year"])
            unit = unit if unit in city.by_code else next(iter(city.by_code))
            played = play(city, year, units=[unit], prefer=wanted["answers"])
            if (found := _first(city, played, unit, Language.SV)) is not None:
                got = _outcome(found)
            wanted = {key: wanted[key] for key in ("steps", "ended")}
        except (ValueError, KeyError, TypeError, AttributeError, Rejected):
            wanted = {"steps": [], "ended": None}  # it is no test, or nothing can run
        results.append(Result(name, wanted, got))
    return results


def _outcome(found: Tried) -> dict[str, Any]:
    return {"steps": found.path, "ended": found.told["ended_at"] is not None}
