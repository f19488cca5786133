"""A report as a document, for Word and PDF."""

from collections.abc import Sequence

from workflows.calendar.names import MILESTONES as MILESTONE_NAMES
from workflows.documents.paper import Block, Heading, Paper, Paragraph, Table, from_rich
from workflows.follow_up.report import Report
from workflows.follow_up.report_comparing import changes
from workflows.follow_up.report_words import ended_said, figure_said, name_of, sheets, title_of
from workflows.language import N_, Language, moment, translator
from workflows.language.rich import Span

MARKING = N_("Only what is marked open is told of by name")


def paper(
    report: Report,
    language: Language,
    *,
    draft: str = "",
    seal: str = "",
    compared: Sequence[tuple[str, Report]] = (),
) -> Paper:
    """The report as a document; `draft` stands where nobody has written a text yet."""
    words = translator(language).gettext
    taken = words(N_("As it stood {moment}")).format(moment=moment(report.at, language))
    about = [
        (words(N_("Body")), report.name),
        (words(N_("Report")), _milestone(report, language)),
        (words(N_("Figures")), taken),
        (words(N_("State")), words(N_("Approved and sealed") if seal else N_("Not approved yet"))),
    ]
    if report.ended:
        about.append((words(N_("Note")), ended_said(report, language)))
    blocks: list[Block] = []
    if report.text or draft:
        heading = N_("Security") if report.text else N_("Security, a draft from the figures")
        blocks += [Heading(words(heading)), *from_rich(report.text or draft)]
    for sheet in sheets(report, language):
        blocks.append(Heading(sheet.title))
        if sheet.rows:
            blocks.append(Table(sheet.head, sheet.rows))
        if sheet.note:
            blocks.append(Paragraph((Span(sheet.note),)))
    for title, older in compared:
        blocks.append(Heading(words(N_("Compared with {report}")).format(report=title)))
        blocks.append(Table(*_compared(older, report, language)))
    footer = f"SHA-256 {seal[:16]}" if seal else ""
    return Paper(
        title_of(report, language), tuple(about), words(MARKING), tuple(blocks), footer, language
    )


def _compared(
    old: Report, new: Report, language: Language
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    words = translator(language).gettext
    head = (words(N_("Figure")), words(N_("Then")), words(N_("Now")))
    rows = tuple(
        (
            name_of(one.key, language),
            *(figure_said(each, language) if each else "–" for each in (one.old, one.new)),
        )
        for one in changes(old, new)
    )
    return head, rows or ((words(N_("Nothing has changed")), "", ""),)


def _milestone(report: Report, language: Language) -> str:
    period = report.period
    name = translator(language).gettext(MILESTONE_NAMES[period.milestone])
    return f"{period.milestone} {period.year}: {name}"
