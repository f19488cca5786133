"""Swedish working days by rule: which days nobody works, and how to count the others."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache

import holidays

from workflows.errors import Invalid

FIRST_YEAR, LAST_YEAR = 1990, 2100
SATURDAY = 5
DAY = timedelta(days=1)

# What a skipped day is called. These are message ids of the catalogs, like the holidays' own names.
SQUEEZE = "squeeze day"
QUIET = "quiet period"

MonthDay = tuple[int, int]
JULY: tuple[MonthDay, MonthDay] = ((7, 1), (7, 31))


class OutOfRange(Invalid):
    """The rules for holidays are known for 1990–2100 only."""

    code = "out_of_range"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day, or a period up to `until`, that was not counted, and its name."""

    on: date
    name: str
    until: date | None = None

    @property
    def last(self) -> date:
        return self.until or self.on


@dataclass(frozen=True, slots=True)
class _Year:
    """Ordinals of one year's working days, its named weekdays off, and its quiet period."""

    workdays: tuple[int, ...]
    named: tuple[Skipped, ...]
    quiet: tuple[Skipped, ...]


@dataclass(frozen=True)
class ClosedDays:
    """When a unit does not work, besides weekends and holidays.

    `quiet` is the body's quiet period, from and to (month, day), or None; it binds internal dates.
    """

    own: tuple[tuple[date, str], ...] = ()
    squeeze: bool = False
    quiet: tuple[MonthDay, MonthDay] | None = JULY
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.quiet:
            start, end = (date(2000, month, day) for month, day in self.quiet)
            if start > end:
                raise Invalid("quiet_period_order", start=start, end=end)

    @cached_property
    def without_quiet(self) -> "ClosedDays":
        """The same days for legal clocks, which no quiet period holds back."""
        return replace(self, quiet=None) if self.quiet else self

    def year(self, year: int) -> _Year:
        """Give the working days of `year`.

        :raises OutOfRange: outside 1990–2100
        """
        if (known := self._years.get(year)) is None:
            known = self._years[year] = _work_out(self, year)
        return known


def is_workday(closed: ClosedDays, day: date) -> bool:
    """Tell whether people work on `day`."""
    days = closed.year(day.year).workdays
    index = bisect_left(days, day.toordinal())
    return index < len(days) and days[index] == day.toordinal()


def add_workdays(closed: ClosedDays, day: date, count: int) -> date:
    """Give the `count`-th working day after `day`, or before it when negative; 0 is `day` itself.

    :raises OutOfRange: when the answer lies outside 1990–2100
    """
    if count == 0:
        return day
    year, days = day.year, closed.year(day.year).workdays
    if count > 0:
        index = bisect_right(days, day.toordinal()) + count - 1
        while index >= len(days):
            index -= len(days)
            year += 1
            days = closed.year(year).workdays
    else:
        index = bisect_left(days, day.toordinal()) + count
        while index < 0:
            year -= 1
            days = closed.year(year).workdays
            index += len(days)
    return date.fromordinal(days[index])


def workdays_between(closed: ClosedDays, start: date, end: date) -> int:
    """Count the working days after `start` up to and including `end`; negative when `end` is first.

    So `workdays_between(c, d, add_workdays(c, d, n)) == n` for every n.
    """
    if end < start:
        return -(_before(closed, start) - _before(closed, end) + _whole_years(closed, end, start))
    return (
        _before(closed, end + DAY)
        - _before(closed, start + DAY)
        + _whole_years(closed, start + DAY, end + DAY)
    )


def _before(closed: ClosedDays, day: date) -> int:
    return bisect_left(closed.year(day.year).workdays, day.toordinal())


def _whole_years(closed: ClosedDays, start: date, end: date) -> int:
    return sum(len(closed.year(year).workdays) for year in range(start.year, end.year))


def workday_on_or_before(closed: ClosedDays, day: date) -> date:
    """Give `day` if it is a working day, else the previous one."""
    return day if is_workday(closed, day) else add_workdays(closed, day, -1)


def workday_on_or_after(closed: ClosedDays, day: date) -> date:
    """Give `day` if it is a working day, else the next one."""
    return day if is_workday(closed, day) else add_workdays(closed, day, 1)


def skipped_between(closed: ClosedDays, one: date, other: date) -> tuple[Skipped, ...]:
    """Name the weekdays strictly between two dates that were not counted; weekends go unsaid."""
    low, high = (one, other) if one < other else (other, one)
    found: list[Skipped] = []
    for number in range(low.year, high.year + 1):
        year = closed.year(number)
        found += [day for day in year.named if low < day.on < high]
        found += [still for still in year.quiet if low < still.last and still.on < high]
    return tuple(found)


def same_weekday(on: date, years: int) -> date:
    """Give the date so many years on with the same weekday, the nearest there is."""
    try:
        target = on.replace(year=on.year + years)
    except ValueError:
        target = date(on.year + years, 2, 28)
    shift = (on.weekday() - target.weekday() + 3) % 7 - 3
    return target + timedelta(days=shift)


def why_closed(closed: ClosedDays, day: date) -> str:
    """Name what makes `day` a day off: a holiday, the quiet period, or simply the weekend."""
    year = closed.year(day.year)
    for off in (*year.named, *year.quiet):
        if off.on <= day <= off.last:
            return off.name
    return holidays_of(day.year).get(day, "weekend")


@lru_cache(maxsize=LAST_YEAR - FIRST_YEAR + 1)
def holidays_of(year: int) -> dict[date, str]:
    """Give the public and de-facto days off in Sweden (the eves too), by English name.

    `holidays` leaves the eves out of its default set: they are in the de-facto category.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutOfRange(year=year)
    known = holidays.country_holidays(
        "SE", years=year, categories=("public", "de_facto"), language="en_US"
    )
    # Two on one day ("Ascension Day; May Day", 2008): the first will do.
    return {day: str(name).split("; ")[0] for day, name in sorted(known.items())}


@lru_cache(maxsize=4096)
def _work_out(closed: ClosedDays, year: int) -> _Year:
    off = dict(holidays_of(year))
    if closed.squeeze:
        off |= {day: SQUEEZE for day in _days(year) if _is_squeezed(off, day)}
    for day, name in closed.own:
        if day.year == year:
            off.setdefault(day, name)
    quiet = _quiet(closed, year)
    return _Year(
        workdays=tuple(
            day.toordinal()
            for day in _days(year)
            if day.weekday() < SATURDAY
            and day not in off
            and not any(still.on <= day <= still.last for still in quiet)
        ),
        named=tuple(
            Skipped(day, name) for day, name in sorted(off.items()) if day.weekday() < SATURDAY
        ),
        quiet=quiet,
    )


def _quiet(closed: ClosedDays, year: int) -> tuple[Skipped, ...]:
    if closed.quiet is None:
        return ()
    start, end = (_clamped(year, *day) for day in closed.quiet)
    return (Skipped(start, QUIET, until=end),)


def _is_squeezed(off: dict[date, str], day: date) -> bool:
    """Tell whether `day` is a lone weekday between two days off (klämdag)."""
    closed = [day.weekday() >= SATURDAY or day in off for day in (day - DAY, day, day + DAY)]
    return closed == [True, False, True]


def _days(year: int) -> list[date]:
    first = date(year, 1, 1).toordinal()
    return [date.fromordinal(number) for number in range(first, date(year + 1, 1, 1).toordinal())]


def _clamped(year: int, month: int, day: int) -> date:
    """Give the date, where 29 February of a common year is the 28th."""
    return date(year, month, min(day, 28)) if (month, day) == (2, 29) else date(year, month, day)
