"""What each kind of document says, told once for Word and PDF."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workflows.documents.paper import Block, Heading, Paper, Paragraph, Table, guarded
from workflows.documents.source import Source
from workflows.language import N_, Language, number
from workflows.language.rich import Span

RISKS = ("title", "commitment", "value", "band")
ACTIONS = ("title", "risk", "responsible", "due")
MOST_SAID = 3  # nobody remembers more of what they hear
WITHHELD = N_("[Left out: the text names something that is not public.]")


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document; an open one tells only what is public."""

    title: str
    processes: tuple[str, ...]  # for which it is offered
    describe: Callable[[Source], Iterator[Block]]
    is_open: bool = False
    focus_area: str = N_("Crisis preparedness")
    version: int = 1
    valid_from: date = date(2026, 11, 21)


def drawn_up(kind: DocumentKind, source: Source) -> Paper:
    """Say what the document says of the case."""
    about = [
        (source.say(N_("Unit")), source.unit),
        (source.say(N_("Record number")), source.number or source.say(N_("none yet"))),
    ]
    title = f"{source.say(kind.title)}, {source.name}"
    blocks = tuple(kind.describe(source))
    paper = Paper(title, tuple(about), source.marking_words, blocks)
    return guarded(paper, source.withheld, source.say(WITHHELD))


def statement(of: Source) -> Iterator[Block]:
    """What the board is to decide, and why."""
    otherwise = of.say(N_("to approve {what}"), what=of.name)
    yield from of.clauses(
        N_("Proposed decision"), "report_proposal", "proposal", otherwise=otherwise
    )
    yield from of.text(N_("Summary"), "report_summary", "summary", "security_paragraph")
    yield from of.text(N_("Views of the office"), "office_views")
    yield from of.text(N_("Our reply"), "own_text")
    yield from of.table(N_("Risks"), "risks", *RISKS)
    yield from of.table(N_("Actions"), "actions", *ACTIONS)
    yield from of.table(N_("Planned exercises"), "items", "title", "kind", "format", "day")
    yield from of.table(N_("Lessons"), "lessons", "lesson")
    yield from of.facts_of(N_("Preparation"), "union_cooperated")


def presentation(of: Source) -> Iterator[Block]:
    """What is said to the board, in the order it is said; about three minutes read aloud."""
    yield Paragraph(
        (Span(of.say(N_("To read aloud, about three minutes. The rest is in the papers."))),)
    )
    otherwise = of.say(N_("to approve {what}"), what=of.name)
    yield from of.clauses(
        N_("This is what you decide"), "report_proposal", "proposal", otherwise=otherwise
    )
    yield from of.text(N_("In short"), "report_summary", "summary", "security_paragraph")
    worst = sorted(of.told("risks"), key=lambda row: -int(row.get("value") or 0))[:MOST_SAID]
    yield from of.table(
        N_("The gravest risks"), "risks", "title", "value", "band", where=lambda row: row in worst
    )
    if hidden := len(of.rows("risks")) - len(of.told("risks")):
        yield of.counted(hidden)
    first = sorted(of.told("actions"), key=lambda row: str(row.get("due") or "9"))[:MOST_SAID]
    yield from of.table(
        N_("What we do first"), "actions", "title", "responsible", "due",
        where=lambda row: row in first,
    )  # fmt: skip
    costs = [row["cost_1"] for row in of.told("actions") if row.get("cost_1")]
    if costs:
        yield Heading(of.say(N_("What it costs")))
        said = of.say(
            N_("{sum} kronor in the first year, for {n} of {m} actions."),
            sum=number(sum(map(Decimal, costs)), Language.SV),
            n=len(costs),
            m=len(of.told("actions")),
        )
        yield Paragraph((Span(said),))


def management_brief(of: Source) -> Iterator[Block]:
    """One page for the management: what is red, and what they have to help with."""
    yield from _statuses(of)
    yield from of.table(
        N_("Red: not in time as it looks now"),
        "actions",
        "title", "responsible", "due", "new_due", "comment",
        where=lambda row: row.get("colour") == "red",
    )  # fmt: skip
    yield from of.table(
        N_("Where help or a decision is needed"),
        "deviations",
        "action", "cause", "measure", "help_from",
    )  # fmt: skip
    yield from of.facts_of(N_("The rest"), "exercises_done", "events", "evaluations_open")


def rsa_report(of: Source) -> Iterator[Block]:
    """The whole analysis, in the order of the city's programme."""
    yield from of.labelled(*(f"heading_{number}" for number in range(1, 8)))
    yield from of.facts_of(N_("Working method"), "method", "scale_version", "level", "theme")
    yield from of.text(N_("What has changed"), "changes")
    yield from of.table(
        N_("Commitments"), "commitments", "name", "run", "supplier", "vital", "criticality"
    )
    yield from of.table(N_("The area: vital activities"), "area_functions", "name", "actor")
    yield from of.table(N_("The area: risks"), "area_risks", "title", "place", "note")
    yield from of.table(
        N_("Risks"),
        "risks",
        "title", "category", "commitment", "likelihood", "consequence", "value", "band",
        "uncertainty",
    )  # fmt: skip
    yield from of.table(
        N_("The risks in words"), "risks", "title", "description", "controls",
        where=lambda row: bool(row.get("description") or row.get("controls")),
    )  # fmt: skip
    yield from of.table(
        N_("Risks of the whole city"), "city_risks", "title", "category", "value", "band"
    )
    yield from of.table(N_("Shared risks"), "clusters", "theme", "bodies", "likelihood",
                        "consequence", "why_so")  # fmt: skip
    yield from of.table(
        N_("Vulnerabilities and ability"), "vulnerabilities", "commitment", "weakness", "ability"
    )
    yield from of.table(
        N_("Dependencies"),
        "dependencies",
        "what", "commitment", "commitments", "kind", "supplier", "acceptable_h", "expected_h",
        "need", "systemic",
    )  # fmt: skip
    yield from of.table(N_("Actions"), "actions", *ACTIONS)
    yield from of.table(N_("Indicators"), "indicators", "indicator", "name", "value", "target")
    yield from of.text(N_("Risk communication"), "message", "open_summary")


def open_extract(of: Source) -> Iterator[Block]:
    """What anybody may read: open rows, and how many there are besides."""
    intro = N_("This is what is public in {what}. What is left out is only counted.")
    yield Paragraph((Span(of.say(intro, what=of.name)),))
    yield from of.text(N_("Summary"), "open_summary", "report_summary")
    yield from of.table(N_("Commitments"), "commitments", "name", "run", "vital")
    yield from of.table(N_("Risks"), "risks", "title", "category", "value", "band")
    yield from of.table(N_("Shared risks"), "clusters", "theme", "likelihood", "consequence")
    yield from of.table(
        N_("Vulnerabilities and ability"), "vulnerabilities", "commitment", "ability"
    )
    yield from of.table(N_("Dependencies"), "dependencies", "what", "kind", "need")
    yield from of.table(N_("Actions"), "actions", "title", "responsible", "due")
    if of.data.get("message_public") is True:
        yield from of.text(N_("Risk communication"), "message")


def action_plan(of: Source) -> Iterator[Block]:
    """Every action, what is accepted instead, and what it costs."""

    def is_accepted(row: Mapping[str, object]) -> bool:
        return row.get("kind") == "accept"

    yield from of.table(
        N_("Actions"),
        "actions",
        "title", "kind", "risk", "dependency", "responsible", "start", "due", "funding", "status",
        "colour",
        where=lambda row: not is_accepted(row),
    )  # fmt: skip
    yield from of.table(
        N_("Accepted risks"), "actions", "title", "risk", "reason", "review_by", where=is_accepted
    )
    costs = ("cost_1", "cost_2", "cost_3")
    yield from of.table(
        N_("Costs, kronor"), "actions", "title", *costs,
        where=lambda row: any(row.get(each) for each in costs),
    )  # fmt: skip
    yield from of.text(N_("Why there is no action"), "no_action")


def exercise_plan(of: Source) -> Iterator[Block]:
    """What is to be exercised and trained in the year, and why."""
    yield from of.facts_of(N_("For whom"), "target_groups")
    yield from of.table(N_("Needs"), "gaps", "gap", "source", "priority")
    yield from of.table(
        N_("Exercises and training"),
        "items",
        "title", "kind", "format", "day", "purpose", "responsible", "cost",
    )  # fmt: skip
    yield from of.table(
        N_("Lessons that are taken up"), "findings", "lesson", "disposition", "reason"
    )


def evaluation_report(of: Source) -> Iterator[Block]:
    """What was evaluated, what was found and what follows."""
    yield from of.facts_of(
        N_("What was evaluated"),
        "what", "title", "format", "exercise_on", "occurred_at", "known_at", "ended_at", "level",
        "started_at", "outcome",
    )  # fmt: skip
    yield from of.text(N_("Purpose"), "purpose", "why_evaluate")
    yield from of.text(N_("Questions"), "questions")
    yield from of.text(N_("Summary"), "summary")
    yield from of.table(N_("Goals"), "goals", "goal", "indicator", "met", "evidence")
    yield from of.table(
        N_("Found against the criteria"), "criteria", "text", "met", "evidence", "cause"
    )
    yield from of.text(N_("What worked"), "what_worked")
    yield from of.text(N_("What did not work"), "what_failed")
    yield from of.table(N_("Strengths"), "strengths", "strength")
    yield from of.table(N_("Weaknesses"), "weaknesses", "weakness")
    yield from of.table(N_("Lessons"), "lessons", "lesson", "public")
    yield from of.text(N_("Communication"), "communication_lesson")
    yield from of.text(N_("Proposals"), "proposals")
    yield from of.table(N_("Actions"), "actions", "title", "responsible", "start", "due")


def follow_up_paragraph(of: Source) -> Iterator[Block]:
    """The security paragraph of the report on the year so far, and the numbers under it."""
    yield from of.text(N_("Security"), "security_paragraph")
    yield from _statuses(of)
    yield from of.table(N_("Indicators"), "indicators", "name", "target", "outcome_value", "note")
    yield from of.facts_of(
        N_("Also done"), "exercises_done", "events", "evaluations_open", "analysis_state"
    )


def _statuses(of: Source) -> Iterator[Block]:
    """Count all actions by their status: also of those that are not public, a number may stand."""
    rows = of.rows("actions")
    field = of.field("actions")
    if not rows or field is None:
        return
    columns = {each.name: each for each in field.fields}
    column = columns.get("colour") or columns.get("status")
    if column is None:
        return
    counts = Counter(str(row.get(column.name) or "") for row in rows)
    missing = of.say(N_("no information"))
    named = {each.value: each.label["sv"] for each in column.options}
    yield Heading(of.say(N_("Actions by status")))
    total = len(rows)
    yield Table(
        (column.label["sv"], of.say(N_("Number"))),
        tuple(
            (named.get(value, value) or missing, of.say(N_("{n} of {m}"), n=count, m=total))
            for value, count in sorted(counts.items())
        ),
    )


# Only these: a cover tells which steps are done and where the papers lie, and nothing else.
COVER = (
    "registry_number", "procedure", "level", "assessed_on", "assessment_reference",
    "suitability_on", "suitability_reference", "consultation_sent_on", "consultation_reference",
    "intention_on", "intention_reference", "published_on", "awarded_on", "updated_on",
    "signed_on", "agreement_reference", "valid_until", "notified_on", "controlled_on",
    "control_reference", "agreement_ended_on",
)  # fmt: skip


def sua_cover(of: Source) -> Iterator[Block]:
    """The cover of the file: steps, days and numbers, never content."""
    yield from of.facts_of(N_("Steps and record numbers"), *COVER)


DOCUMENTS: dict[str, DocumentKind] = {
    "statement": DocumentKind(
        N_("Official report"),
        ("rsa_annual", "rsa_city", "exercise_plan", "consultation_reply", "event_evaluation",
         "action_followup"),
        statement,
        is_open=True,
    ),
    "rsa_report": DocumentKind(
        N_("Risk and vulnerability analysis"), ("rsa_annual", "rsa_city"), rsa_report
    ),
    "open_extract": DocumentKind(
        N_("Public extract"), ("rsa_annual", "rsa_city"), open_extract, is_open=True
    ),
    "action_plan": DocumentKind(
        N_("Action plan"),
        ("rsa_annual", "exercise", "event_evaluation", "action_followup"),
        action_plan,
    ),
    "exercise_plan": DocumentKind(N_("Exercise plan"), ("exercise_plan",), exercise_plan),
    "evaluation_report": DocumentKind(
        N_("Evaluation report"), ("exercise", "event_evaluation"), evaluation_report
    ),
    "follow_up_paragraph": DocumentKind(
        N_("Security paragraph"), ("action_followup",), follow_up_paragraph, is_open=True
    ),
    "presentation": DocumentKind(
        N_("Presentation in three minutes"),
        ("rsa_annual", "rsa_city", "event_evaluation", "action_followup", "consultation_reply"),
        presentation,
        is_open=True,
    ),
    "management_brief": DocumentKind(
        N_("For the management in ten minutes"), ("action_followup",), management_brief
    ),
    "sua_cover": DocumentKind(
        N_("Cover, security-protected procurement"),
        ("sua",),
        sua_cover,
        focus_area=N_("Protective security"),
    ),
}  # fmt: skip
# What goes to the board together.
BOARD_PACKAGE = ("statement", "rsa_report", "open_extract", "action_plan", "presentation")


def offered(process: str) -> list[str]:
    """The kinds that can be made of a case of the process."""
    return [name for name, kind in DOCUMENTS.items() if process in kind.processes]
