"""What a rehearsal found: what must be mended, and how much there is to do, week by week."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from workflows.engine.describing import Words

MEND, NOTE = "mend", "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit, in all the units where it does not."""

    code: str
    severity: str  # MEND or NOTE
    process: str = ""
    element: str = ""
    units: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)  # of the worst of them


@dataclass(frozen=True, slots=True)
class Count:
    """What became of the cases of one process."""

    process: str
    cases: int
    tasks: int
    stuck: int
    last_on: date | None  # when the last of them ended


@dataclass(frozen=True, slots=True)
class Week:
    """What one unit has to do in a week, named by its Monday."""

    unit: str
    monday: date
    cases: int  # that begin
    tasks: int  # that open
    due: int


@dataclass(frozen=True, slots=True)
class Load:
    """How many steps are due in a week for a role in a unit, and how many people hold it.

    `planned` are those that come with the year; the others are of cases that people start by hand.
    """

    role: str
    unit: str
    monday: date
    due: int
    planned: int
    people: int


@dataclass(frozen=True, slots=True)
class Report:
    """A rehearsed year. `names` says what units, processes and steps are called."""

    year: int
    units: tuple[str, ...]
    most: int
    findings: tuple[Finding, ...]
    counts: tuple[Count, ...]
    weeks: tuple[Week, ...]
    loads: tuple[Load, ...]
    names: Mapping[str, Words]

    @property
    def is_good(self) -> bool:
        """Tell whether nothing must be mended."""
        return all(one.severity != MEND for one in self.findings)


def plain(report: Report) -> dict[str, Any]:
    """Write a report as what JSON can hold."""
    told = asdict(report) | {"is_good": report.is_good}
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
