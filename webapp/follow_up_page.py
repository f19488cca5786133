"""What the room of follow-up shows: a report with its figures in words, and its pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from webapp import report_files
from webapp.format import language
from workflows.follow_up.report import (
    FIGURES,
    GROUPS,
    MILESTONES,
    REPORTED,
    Figure,
    Report,
    period_of,
)
from workflows.follow_up.report_comparing import Change, changes
from workflows.follow_up.report_models import SealedReport
from workflows.follow_up.report_text import Drafted, drafted, said
from workflows.follow_up.report_words import OF_BODIES, figure_said, name_of, title_of
from workflows.language import N_, Language, Sentence, on, translator
from workflows.organisation.models import Unit
from workflows.queries import reports as questions
from workflows.queries.city_report import CityReport, latest
from workflows.steering.rows import calendar_of

__all__ = ["OF_BODIES", "changes", "language"]

TRENDS = ("actions_open", "actions_late", "risks_prominent", "exercises_held", "events")
WIDE, TALL, LEFT, LOW = 640, 150, 40, 24


@dataclass(frozen=True, slots=True)
class Shown:
    """One report as the page shows it: what was sealed, and beside it what stands now."""

    unit: Unit
    milestone: str
    year: int
    report: Report
    seal: SealedReport | None
    since: Sequence[Change]  # what has changed since it was sealed
    moved_from: object  # the day it was to be decided when it was sealed, if it is another now
    compared: Sequence[tuple[str, Report]]
    city: CityReport | None
    drafted: Sequence[Drafted]

    @property
    def told(self) -> report_files.Told:
        """The report as a file tells it."""
        draft = "" if self.report.text else said(self.report)
        seal = self.seal.hash if self.seal else ""
        return report_files.Told(self.report, draft, seal, self.compared)


def shown(
    session: Session,
    unit: Unit,
    milestone: str,
    year: int,
    *,
    known: dict[int, Report] | None = None,
    most: int | None = None,
    now: datetime,
) -> Shown:
    """Gather a report: the sealed one if there is one, else as it stands."""
    found = latest(session, unit, milestone, year, known=known, most=most, now=now)
    seal, report, live = found.sealed, found.report, found.live
    return Shown(
        unit,
        milestone,
        year,
        report,
        seal,
        changes(report, live) if seal else (),
        report.period.decided_on
        if seal and report.period.decided_on != live.period.decided_on
        else None,
        [
            (f"{code} {of}", old)
            for code, of, old in questions.at_compare(session, unit, milestone, year)
        ],
        found.city,
        drafted(report),
    )


def current(session: Session, unit_id: int, now: datetime) -> tuple[str, int]:
    """Say which report is being worked on: that of the last period that has ended."""
    year = on(now).year
    calendar = calendar_of(session, unit_id, year)
    ended = [one for one in REPORTED if period_of(calendar, one, year).last < on(now)]
    return (ended[-1] if ended else "VB"), year


def groups(one: Shown) -> Iterator[tuple[str, list[Figure]]]:
    """The figures under their headings; of sources only those that anything came from."""
    for group, title in GROUPS.items():
        found = [
            figure
            for figure in one.report.figures.values()
            if figure.kind.group == group and (group != "sources" or figure.value)
        ]
        if found:
            yield translator(language()).gettext(title), found


def heading(one: Shown) -> str:
    return title_of(one.report, language())


def lead(one: Shown) -> str:
    """Say in a sentence or two where the report stands, and when its figures were taken."""
    at = {"moment": one.report.at}
    if one.seal is not None:
        text = N_("Approved and sealed, version {number}. The figures are those of {moment}.")
        return Sentence(text, at | {"number": one.seal.number}).said(language())
    decided = one.report.period.decided_on
    said = [Sentence(N_("Not approved yet. The figures are those of {moment}."), at)]
    if decided is not None:
        said.append(Sentence(N_("It is to be decided by {day}."), {"day": decided}))
    return " ".join(each.said(language()) for each in said)


def name(key: str) -> str:
    return name_of(key, language())


def value(figure: Figure | None) -> str:
    return figure_said(figure, language()) if figure is not None else "–"


def sentence(one: Drafted) -> str:
    """A drafted sentence as it will stand: in Swedish, the language of the report."""
    return one.sentence.said(Language.SV)


def address(one: Shown, endpoint: str = "follow_up.show", **more: Any) -> str:
    """The address of a page about this report."""
    return url_for(endpoint, body=one.unit.code, year=one.year, milestone=one.milestone, **more)


def tabs(one: Shown) -> list[tuple[str, str, bool, None]]:
    """The reports of the year."""
    return [
        (
            code,
            url_for("follow_up.show", body=one.unit.code, year=one.year, milestone=code),
            code == one.milestone,
            None,
        )
        for code in MILESTONES
    ]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure then and now, as two bars."""

    y: int
    old: float
    new: float
    change: Change


def bars(found: Sequence[Change]) -> list[Bar]:
    """Draw what has changed; the longest bar is the largest number."""
    numbers = [one for one in found if one.delta]
    most = max((max(_of(one.old), _of(one.new)) for one in numbers), default=0) or 1
    scale = (WIDE - 290) / most
    return [
        Bar(place * 34, round(_of(one.old) * scale, 1), round(_of(one.new) * scale, 1), one)
        for place, one in enumerate(numbers)
    ]


def _of(figure: Figure | None) -> int:
    return (figure.value or 0) if figure is not None else 0


@dataclass(frozen=True, slots=True)
class Trend:
    """One figure over the reports of some years: its points, and the line between them."""

    key: str
    points: tuple[tuple[float, float, str, int], ...]  # x, y, which report, the number
    path: str


def trends(rows: Sequence[tuple[str, int, int, Mapping[str, int]]]) -> list[Trend]:
    """Draw how the weightiest figures have gone; one report alone is no trend."""
    if len(rows) < 2:
        return []
    step = (WIDE - 2 * LEFT) / (len(rows) - 1)
    found = []
    for key in (key for key in TRENDS if key in FIGURES):
        values = [totals.get(key, 0) for *_, totals in rows]
        most = max(values) or 1
        points = tuple(
            (
                round(LEFT + place * step, 1),
                round(TALL - LOW - number / most * (TALL - 2 * LOW), 1),
                f"{milestone} {year}",
                number,
            )
            for place, ((milestone, year, *_), number) in enumerate(zip(rows, values, strict=True))
        )
        path = "M" + "L".join(f"{x} {y}" for x, y, *_ in points)
        found.append(Trend(key, points, path))
    return found
