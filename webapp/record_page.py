"""The pages of the record: what a check of it all found, and which seal proves an event."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.format import language
from workflows.cases.models import Case
from workflows.history.models import Event, case_chain
from workflows.history.seals import StoredLeaf
from workflows.language import N_, translator

MOST_SHOWN = 200  # faults of one check
FAULTS = {
    "events_missing": N_("events are missing from number {n} on"),
    "event_inserted": N_("event {n} was put in, or stands in another order"),
    "event_changed": N_("event {n} was changed, or those before it"),
    "content_changed": N_("what event {n} tells was changed"),
    "content_missing": N_("what event {n} told is gone, and nothing says that it was weeded out"),
    "history_rewritten": N_("the history up to event {n} was written anew"),
    "event_backdated": N_(
        "event {n} says it is older than the seal before it: a clock was set back"
    ),
    "chain_missing": N_("the whole history is missing"),
    "head_wrong": N_("it does not end where it says: something is missing from number {n} on"),
    "seal_missing": N_("seal {n} is missing"),
    "seal_forged": N_("seal {n} is not signed by the key it should be"),
    "seal_replaced": N_("seal {n} is another than the one held outside"),
    "seal_backwards": N_("seal {n} was set at an earlier time than the one before"),
    "leaves_changed": N_("what seal {n} was set upon was changed"),
    "approval_changed": N_("what approval {n} was given for was changed, not by the application"),
    "approval_forged": N_("approval {n} is another than the record tells of"),
    "anchor_forged": N_("seal {n} in the file held outside is not signed by its key"),
}
PROVES = N_("seal {n} proves it")
OF_ALL = N_("what belongs to no case")


@dataclass(frozen=True, slots=True)
class FaultTold:
    """A fault in words, with the case whose history it is in."""

    text: str
    proof: str
    case_id: int | None
    case: str


def faults_told(session: Session, report: dict[str, Any]) -> list[FaultTold]:
    """Say what a check found, the first of it when it is much."""
    words, shown = translator(language()), report["faults"][:MOST_SHOWN]
    ids = {int(one["chain"].partition(":")[2]) for one in shown if _is_of_a_case(one["chain"])}
    keys = dict(session.execute(sa.select(Case.id, Case.key).where(Case.id.in_(ids))).all())
    told = []
    for one in shown:
        chain, seal = one["chain"], one["seal"]
        case_id = int(chain.partition(":")[2]) if _is_of_a_case(chain) else None
        told.append(
            FaultTold(
                text=words.gettext(FAULTS[one["code"]]).format(n=one["n"]),
                proof=words.gettext(PROVES).format(n=seal) if seal and chain else "",
                case_id=case_id if case_id in keys else None,
                case=keys.get(case_id, chain) if case_id else words.gettext(OF_ALL) * bool(chain),
            )
        )
    return told


def _is_of_a_case(chain: str) -> bool:
    return chain.startswith(case_chain(0)[:-1]) and chain.partition(":")[2].isdecimal()


def sealed_by(session: Session, event: Event) -> int | None:
    """Say which seal was the first to be set upon an event."""
    wanted = sa.select(StoredLeaf.seal).where(
        StoredLeaf.chain == event.chain, StoredLeaf.n >= event.n
    )
    return session.scalar(wanted.order_by(StoredLeaf.n).limit(1))
