"""How many deadlines a second one core evaluates, each with its because."""

from collections.abc import Iterator
from datetime import UTC, datetime
from time import process_time

from bench import Figure
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.rules import Rule
from workflows.calendar.windows import Step, plan
from workflows.calendar.years import Calendar, standard_calendar

TARGET = 20_000
OPENED = datetime(2027, 6, 9, 8, tzinfo=UTC)
# What the shipped processes ask for, in about their mixture.
RULES = (
    "T1 - 10wd",
    "T2 - 25wd",
    "VP[-1] - 60wd",
    "draft_stop(T2)",
    "max(T1_END + 1wd, T1 - 18wd)",
    "+30wd",
    "opened + 72h",
    "date(06-30)",
)


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Measure evaluation on one core, and the planning of a process for 45 units."""
    count = 10_000 if quick else 100_000
    calendar = standard_calendar(2027)
    rules = [parse(rule) for rule in RULES]
    _evaluate(rules, calendar, 1000)
    began = process_time()
    _evaluate(rules, calendar, count)
    rate = round(count / (process_time() - began))
    yield Figure("deadlines evaluated", rate, "per second", TARGET, rate >= TARGET)

    steps = [
        Step(f"step_{number}", rules[number % len(rules)], after=(f"step_{number - 1}",))
        for number in range(20)
    ]
    began = process_time()
    for _ in range(45):
        plan(steps, standard_calendar(2027), 2027, start=parse("VB + 1wd"))
    spent = round((process_time() - began) * 1000)
    yield Figure("a process of 20 steps planned for 45 units", spent, "ms", 500, spent <= 500)


def _evaluate(rules: list[Rule], calendar: Calendar, count: int) -> None:
    for number in range(count):
        found = evaluate(rules[number % len(rules)], calendar, 2027, opened=OPENED)
        assert isinstance(found, Deadline)
