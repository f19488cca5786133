"""Checks that are ready to run over the record: each a question, why one asks it, what it finds.

What a check finds is a place to look, not a verdict: each hit links to where it can be read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflows.errors import NotFound
from workflows.language import N_
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.queries import checked_decisions as decided
from workflows.queries import checked_order as noted
from workflows.queries.checked_decisions import MOST, Hit

Find = Callable[[Session, Actor, datetime], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Check:
    """A question to the record, and the query that answers it."""

    name: str
    title: str
    explanation: str
    find: Find


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found, the latest first; `is_cut` when there was more than anybody reads."""

    check: Check
    hits: tuple[Hit, ...]
    is_cut: bool


def run(session: Session, *, by: Actor, now: datetime) -> list[Answer]:
    """Run every check, over what the actor may see.

    :raises Forbidden: if the actor may not run them
    """
    require(by, Deed.RUN_CHECKS, None)
    return [_answered(session, one, by=by, now=now) for one in CHECKS]


def run_one(session: Session, name: str, *, by: Actor, now: datetime) -> Answer:
    """Run one check.

    :raises Forbidden: if the actor may not run them
    :raises NotFound: if there is none of that name
    """
    require(by, Deed.RUN_CHECKS, None)
    check = next((one for one in CHECKS if one.name == name), None)
    if check is None:
        raise NotFound
    return _answered(session, check, by=by, now=now)


def _answered(session: Session, check: Check, *, by: Actor, now: datetime) -> Answer:
    found = []
    for hit in check.find(session, by, now):
        found.append(hit)
        if len(found) > MOST:
            break
    return Answer(check, tuple(found[:MOST]), len(found) > MOST)


CHECKS: tuple[Check, ...] = (
    Check(
        "prepared_too",
        N_("Approved by somebody who had worked on it"),
        N_(
            "Somebody approved what they had done a step of, or typed in. Where the process asks "
            "for two people it is refused; here are those that the process lets through."
        ),
        decided.prepared_too,
    ),
    Check(
        "broken",
        N_("Changed after it was approved"),
        N_(
            "An approval holds for what was seen. Here something of it is another now: an answer, "
            "a file, a document or the process itself."
        ),
        decided.broken,
    ),
    Check(
        "late_decision",
        N_("Decided too late"),
        N_("Reviews and decisions that were made after their date."),
        decided.late_decision,
    ),
    Check(
        "undecided_time",
        N_("Longer time that nobody answered"),
        N_("Somebody asked for longer time, and the date came or the step was done without a yes "
           "or no."),
        decided.undecided_time,
    ),
    Check(
        "late_legal",
        N_("Reports that law asks for, and that came late"),
        N_("Steps whose date law has set: handed in after it, or not yet handed in."),
        decided.late_legal,
    ),
    Check(
        "moved_by_hand",
        N_("Steps passed over by hand"),
        N_("Somebody who looks after cases let one go on without a step. They had to say why."),
        noted.moved_by_hand,
    ),
    Check(
        "no_holder",
        N_("Roles that nobody holds"),
        N_("Steps that nobody could do, as the roles are held today."),
        noted.no_holder,
    ),
    Check(
        "no_analysis",
        N_("The yearly analysis is missing"),
        N_(
            "Boards and companies without a risk and vulnerability analysis of this year or the "
            "year before, when others have one."
        ),
        noted.no_analysis,
    ),
    Check(
        "finding_rests",
        N_("Findings that nobody has dealt with"),
        N_("What an exercise or an event has shown, a year ago or with a date that has passed, "
           "without a word of what becomes of it."),
        noted.finding_rests,
    ),
    Check(
        "published_alone",
        N_("Processes published by one person"),
        N_("Versions that came into use though nobody else had reviewed them here. What the "
           "supplier ships is not counted."),
        noted.published_alone,
    ),
    Check(
        "role_just_before",
        N_("Roles given right before an approval"),
        N_("Somebody approved by a role that they had been given a week before, or less."),
        decided.role_just_before,
    ),
)  # fmt: skip
