"""The steering year a kind of municipality or company starts from: dates made by rule, as data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from workflows.calendar.milestones import Kind, Milestone
from workflows.calendar.workdays import same_weekday

ELECTION = 2  # elections: 2022, 2026, 2030 … (year % 4)
FIRST = 3  # the first year of the new boards: 2023, 2027, 2031 …

When = Callable[[int], date]


class Profile(StrEnum):
    """Which set of milestones a unit starts from."""

    LARGE_CITY = "storstad"
    MUNICIPALITY = "kommun"
    SMALL_MUNICIPALITY = "liten_kommun"
    COMPANY = "bolag"


@dataclass(frozen=True, slots=True)
class Standard:
    """How one milestone is dated in a common year, and in an election year if that differs.

    `only` is the year of the mandate it exists in at all; `at_board`: the unit's board decides it.
    """

    code: str
    when: When | None
    basis: str
    kind: Kind = Kind.INTERNAL
    election: When | None = None
    only: int | None = None
    at_board: bool = False


def is_election_year(year: int) -> bool:
    """Tell whether council elections are held in `year` (every fourth; 2026 was one)."""
    return year % 4 == ELECTION


def is_first_year(year: int) -> bool:
    """Tell whether `year` is the first full year of a mandate period."""
    return year % 4 == FIRST


def day(month: int, number: int, *, later: int = 0) -> When:
    """Give a date of the cycle year, or of `later` years after it."""
    return lambda year: date(year + later, month, number)


def first_monday(month: int) -> When:
    """Give the first Monday of a month."""
    return lambda year: _monday(date(year, month, 7))


def last_monday(month: int) -> When:
    """Give the last Monday of a month of 30 days."""
    return lambda year: _monday(date(year, month, 30))


def _monday(latest: date) -> date:
    return latest - timedelta(days=latest.weekday())


AGREEMENT = "instruction: överenskommelsen om kommunernas krisberedskap"  # to 2026; data from then

LARGE_CITY = (
    Standard("YEAR_START", day(1, 1), "", Kind.FIXED),
    Standard("VB", day(2, 10), "city_programme", at_board=True),
    Standard("LST_FOLLOWUP", day(2, 15), AGREEMENT, Kind.LEGAL),
    Standard("AVST", first_monday(3), "city_programme"),
    Standard("AR_SUBMIT", day(4, 15), "law: KL 11:20", Kind.LEGAL),
    Standard("T1_END", day(4, 30), "", Kind.FIXED),
    Standard("AR_KF", first_monday(5), "city_programme"),
    Standard("T1", day(5, 25), "city_programme", at_board=True),
    Standard("T1_KS", day(6, 15), "city_programme"),
    Standard("T2_END", day(8, 31), "", Kind.FIXED),
    Standard("T2", day(9, 25), "city_programme", at_board=True),
    # The council sets the day itself within the law's limit, so it may be moved in the calendar.
    Standard("BUDGET_KS", day(10, 31), "law: KL 11:8", election=day(11, 30)),
    Standard("INTERIM_DUE", day(10, 31), "law: KL 11:16", Kind.LEGAL),
    Standard("RSA_CITY", day(10, 31), "law: MCFFS 2026:9", Kind.LEGAL, only=FIRST),
    Standard("T2_KF", last_monday(11), "city_programme"),
    Standard("BUDGET_KF", day(11, 30), "law: KL 11:10", election=day(12, 31)),
    # A newly elected council may adopt the budget in December, so the plan comes in January.
    Standard("VP", day(12, 15), "city_programme", election=day(1, 31, later=1), at_board=True),
    Standard("STYREL", None, "law: 2011:931"),
)

# Budget in June, revised by the newly elected council in November of an election year.
_EARLY_BUDGET = (
    Standard("BUDGET_KS", day(5, 31), "law: KL 11:8", election=day(10, 31)),
    Standard("BUDGET_KF", day(6, 20), "law: KL 11:10", election=day(11, 30)),
    Standard("AVST", None, "city_programme"),
)
_ONE_REPORT = tuple(
    Standard(code, None, "city_programme") for code in ("T1_END", "T1", "T1_KS", "T2_KF")
)
# A company plans its business whether or not there is an election, and answers to its owner.
_OWN_BOARD = (
    Standard("VP", day(12, 15), "instruction: ägardirektiv", at_board=True),
    *(Standard(code, None, "") for code in ("AR_SUBMIT", "AR_KF", "AVST", "INTERIM_DUE")),
    *(Standard(code, None, "") for code in ("T1_KS", "T2_KF", "BUDGET_KS", "BUDGET_KF")),
    *(Standard(code, None, "") for code in ("LST_FOLLOWUP", "RSA_CITY")),
)


def _varied(base: Iterable[Standard], *changes: Standard) -> tuple[Standard, ...]:
    changed = {one.code: one for one in changes}
    return tuple(changed.get(one.code, one) for one in base)


PROFILES: dict[Profile, tuple[Standard, ...]] = {
    Profile.LARGE_CITY: LARGE_CITY,
    Profile.MUNICIPALITY: _varied(LARGE_CITY, *_EARLY_BUDGET),
    Profile.SMALL_MUNICIPALITY: _varied(LARGE_CITY, *_EARLY_BUDGET, *_ONE_REPORT),
    Profile.COMPANY: _varied(LARGE_CITY, *_OWN_BOARD),
}
CODES = tuple(one.code for one in LARGE_CITY)
AT_BOARD = frozenset(one.code for one in LARGE_CITY if one.at_board)


def standard_year(year: int, profile: Profile = Profile.LARGE_CITY) -> tuple[Milestone, ...]:
    """Make the milestones of `year` by rule; none of them is confirmed."""
    return tuple(_by_rule(one, year) for one in PROFILES[profile])


def draft_year(
    last: Iterable[Milestone], year: int, profile: Profile = Profile.LARGE_CITY
) -> tuple[Milestone, ...]:
    """Draft `year` from the one before, to be confirmed date by date.

    What stood on its rule's date gets the rule's new date; a date of somebody's own keeps its
    weekday; what was marked as not existing stays so, and own milestones come along.
    """
    drafted = {one.code: one for one in standard_year(year, profile)}
    rules = {one.code: one for one in PROFILES[profile]}
    for old in last:
        rule = rules.get(old.code)
        if rule and _by_rule(rule, old.year).on == old.on:
            continue
        exists = old.exists if rule is None or rule.only is None else drafted[old.code].exists
        on = same_weekday(old.on, year - old.year) if exists and old.on else None
        drafted[old.code] = replace(old, year=year, on=on, exists=exists, confirmed=False)
    return tuple(drafted.values())


def _by_rule(rule: Standard, year: int) -> Milestone:
    when = (rule.election if is_election_year(year) else None) or rule.when
    exists = when is not None and (rule.only is None or year % 4 == rule.only)
    on = when(year) if when and exists else None
    return Milestone(rule.code, year, on, rule.kind, rule.basis, exists=exists)
