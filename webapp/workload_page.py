"""What lies ahead and what lay behind, drawn: bars for weeks, marks for a step in each year."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.context import roles_said
from workflows.language import on
from workflows.queries.last_year import Done, Steps
from workflows.queries.workload import WEEK, Ahead, Load

HIGH, PITCH = 160, 17  # of the picture, from one bar to the next
PARTS = ("open", "expected", "planned")
MOST_ROLES = 40
LEFT, MONTH, LINE = 20, 50, 26  # where the year begins, how wide a month is, how high a step


@dataclass(frozen=True, slots=True)
class Bar:
    """A week: its counts one on top of the other, and the decision it leads to."""

    monday: date
    counts: dict[str, int]
    pieces: tuple[tuple[str, int, int], ...]  # part, y, height
    x: int
    before: str
    too_much: int

    @property
    def due(self) -> int:
        return sum(self.counts.values())

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week


@dataclass(frozen=True, slots=True)
class Role:
    """A role in a unit: what it has due in all, and each week as a cell of its strip."""

    name: str
    unit: str
    people: int
    due: int
    fullest: Load
    cells: tuple[tuple[Load | None, int], ...]  # a week, and how full: 0 to 4


def bars(found: Ahead) -> list[Bar]:
    """Draw every week, also those in which nothing is due."""
    weeks: dict[date, list[Load]] = defaultdict(list)
    for one in found.loads:
        weeks[one.monday].append(one)
    sums = {
        monday: {part: sum(getattr(one, part) for one in weeks[monday]) for part in PARTS}
        for monday in found.mondays
    }
    too_much = {monday: sum(one.is_too_much for one in loads) for monday, loads in weeks.items()}
    return drawn(sums, found.decisions, too_much)


def drawn(
    sums: Mapping[date, dict[str, int]],
    decisions: Mapping[date, str] | None = None,
    too_much: Mapping[date, int] | None = None,
) -> list[Bar]:
    """Draw weeks by their counts; the fullest is as high as the picture."""
    most = max((sum(one.values()) for one in sums.values()), default=0) or 1
    return [
        Bar(
            monday,
            counts,
            tuple(_pieces(counts, most)),
            number * PITCH,
            (decisions or {}).get(monday, ""),
            (too_much or {}).get(monday, 0),
        )
        for number, (monday, counts) in enumerate(sums.items())
    ]


def _pieces(counts: dict[str, int], most: int) -> Iterator[tuple[str, int, int]]:
    y = HIGH
    for part in PARTS:
        height = round(HIGH * counts.get(part, 0) / most)
        y -= height
        yield part, y, height


def roles(found: Ahead) -> list[Role]:
    """The roles, those with weeks that hold too much first."""
    by_role: dict[tuple[str, int], dict[date, Load]] = defaultdict(dict)
    for one in found.loads:
        by_role[one.role, one.unit_id][one.monday] = one
    made = [
        Role(
            roles_said([role]),
            found.units[unit_id].name,
            next(iter(weeks.values())).people,
            sum(one.due for one in weeks.values()),
            max(weeks.values(), key=lambda one: one.due),
            tuple((weeks.get(monday), _full(weeks.get(monday))) for monday in found.mondays),
        )
        for (role, unit_id), weeks in by_role.items()
    ]
    made.sort(key=lambda one: (-sum(full == 4 for _, full in one.cells), -one.due, one.unit))
    return made[:MOST_ROLES]


def _full(load: Load | None) -> int:
    if load is None:
        return 0
    if load.is_too_much:
        return 4
    return 1 + min(2, 2 * load.due // max(1, load.most))


def sunday(monday: date) -> date:
    return monday + WEEK - timedelta(days=1)


# the same step, year against year


@dataclass(frozen=True, slots=True)
class Mark:
    """A step done in a year: where on the line of the year, and where its date was."""

    done: Done
    age: int  # how many years before the latest
    x: int
    due_x: int | None


def marks(found: Steps) -> list[tuple[str, int, tuple[Mark, ...]]]:
    """Place each step on its line: the element, the middle of the line, its marks."""
    made = []
    for number, (element, _, by_year) in enumerate(found.rows):
        placed = tuple(
            Mark(
                done,
                found.years.index(year),
                _x(on(done.closed_at), year),
                _x(on(done.due_at), year) if done.due_at else None,
            )
            for year in found.years
            for done in by_year.get(year, ())
        )
        made.append((element, number * LINE + LINE // 2, placed))
    return made


def _x(day: date, year: int) -> int:
    """A day on the line of its year; what is before it or after it stands at the ends."""
    inside = min(max(day, date(year, 1, 1)), date(year + 1, 3, 31))
    months = (inside.year - year) * 12 + inside.month - 1
    return LEFT + months * MONTH + round(MONTH * (inside.day - 1) / 31)
