"""What a page shows of the comments of a case; `cases/_comments.html` is made from it."""

from dataclasses import dataclass

from webapp import clock
from webapp.auth import actor
from webapp.transactions import session
from workflows.cases.comments import LONGEST, REGRET, Comment
from workflows.cases.models import Case
from workflows.language import on
from workflows.language.rich import Block, rich
from workflows.permissions import Deed, may
from workflows.queries import comments as questions


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it is read: its words, whom it names, whether one may take it back."""

    comment: Comment
    blocks: tuple[Block, ...]
    names: tuple[str, ...]
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """All that was said of a case, the latest first, and whom one may name in saying more."""

    said: tuple[Said, ...]
    people: tuple[tuple[int, str], ...]
    may_comment: bool
    longest: int = LONGEST


def talk(case: Case) -> Talk:
    """Gather the comments of a case that may be seen."""
    if not may(actor(), Deed.COMMENT, case):
        return Talk((), (), may_comment=False)
    found = questions.of_case(session(), case)
    people = {
        one.id: one.name for one in questions.mentionable(session(), case, today=on(clock.now()))
    }
    said = tuple(
        Said(
            one,
            rich(one.text),
            tuple(people[each] for each in one.mentions if each in people),
            _may_withdraw(one),
        )
        for one in found
    )
    others = tuple(each for each in people.items() if each[0] != actor().id)
    return Talk(said, others, may_comment=True)


def _may_withdraw(one: Comment) -> bool:
    if one.withdrawn_at is not None or not may(actor(), Deed.WITHDRAW_COMMENT, one):
        return False
    return clock.now() - one.at <= REGRET or may(actor(), Deed.OPERATE_CASE, one.case)
