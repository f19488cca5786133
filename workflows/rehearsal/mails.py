"""The mails that the steps of a played case would cause: when, of what, and to which roles."""

from dataclasses import dataclass
from datetime import datetime

from workflows.calendar.policies import Occasion, calls
from workflows.calendar.years import Calendar
from workflows.notices.rows import is_delivery, policy_for
from workflows.rehearsal.cases import Case

# The roles that a policy means by its words; whoever stands in is told in the place of a holder.
MEANT = {
    "manager": ("unit_manager",),
    "central": ("central_security",),
    "duty_officer": ("duty_officer",),
    "deputy": (),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One of them; at the earliest then, for each reader chooses how often."""

    at: datetime
    element: str
    occasion: Occasion
    roles: tuple[str, ...]


def mails(case: Case, calendar: Calendar, *, until: datetime | None) -> list[Mail]:
    """List what a case would have mailed until the clock stood still, in order."""
    found = []
    description = case.process.description
    for taken in case.run.trace().steps:
        info = description.steps[taken.step.element]
        ends = taken.closed or until
        if info.assignee is None:
            found.append(Mail(taken.opened, info.element, "opened", info.roles))
        if taken.due is None:
            continue
        policy = policy_for(description, info.element)
        planned = calls(
            policy, calendar, opened=taken.opened, due=taken.due, is_delivery=is_delivery(info)
        )
        for call in planned:
            if call.at > taken.opened and (ends is None or call.at < ends):
                roles = [role for word in call.to for role in MEANT.get(word, info.roles)]
                mail = Mail(call.at, info.element, call.occasion, tuple(dict.fromkeys(roles)))
                found.append(mail)
    return sorted(found, key=lambda one: one.at)
