"""The closed list of what one can be told, the heading it stands under, and its sentence.

A sentence may name {task} (the step, its unit and its case, or for something secret only the key
of the case), {person}, {places} and the keys of the notice's `what`.
"""

from dataclasses import dataclass

from workflows.language import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """What a notice tells, and the heading it stands under."""

    heading: str
    text: str


KINDS: dict[str, Kind] = {
    "nudge": Kind(N_("Somebody asks how it goes"), "{task}"),
    "escalation": Kind(N_("Late"), "{task}"),
    "reminder": Kind(N_("Soon due"), "{task}"),
    "task_given": Kind(N_("Given to you"), "{task}"),
    "task_returned": Kind(N_("Sent back to you"), "{task}"),
    "task_taken": Kind(N_("Given to somebody else"), "{task}"),
    "approval_broken": Kind(N_("No longer what was approved"), "{task}"),
    "other_suggested": Kind(N_("Waits for your answer"), N_("Somebody else is asked for: {task}")),
    "mentioned": Kind(N_("You are named"), N_("{person} names you in a comment in {case}")),
    "case_cancelled": Kind(N_("No longer needed"), N_("{case} is cancelled")),
    "case_stopped": Kind(N_("Stands still"), N_("{case} cannot go on by itself")),
    "task_opened": Kind(N_("New for your roles"), "{task}"),
    "deadline_moved": Kind(N_("New dates"), "{task}"),
    "deadlines_moved": Kind(
        N_("New dates"), N_("The calendar was changed, and {count} of your dates with it")
    ),
    "time_asked_for": Kind(N_("Waits for your answer"), N_("Longer time is asked for: {task}")),
    "time_given": Kind(N_("New dates"), N_("Longer time is given: {task}")),
    "time_refused": Kind(N_("New dates"), N_("Longer time is not given: {task}")),
    "message_expired": Kind(
        N_("Not received"), N_("Nobody received a message from {case} in time")
    ),
    "review_waits": Kind(
        N_("Waits for your answer"),
        N_("{person} has sent version {version} of {process} for review"),
    ),
    "review_returned": Kind(
        N_("Sent back to you"), N_("Version {version} of {process} was sent back with comments")
    ),
    "review_approved": Kind(N_("Approved"), N_("Version {version} of {process} is approved")),
    "absence_gap": Kind(
        N_("Nobody stands in"),
        N_("{person} is away {from_on} to {to_on}, and nobody stands in as {places}"),
    ),
    "deputy_named": Kind(
        N_("You stand in"),
        N_("You stand in for {person} from {from_on} to {to_on}"),
    ),
    "absence_over": Kind(
        N_("Welcome back"),
        N_("See what was done in your name while you were away, and plan anew what is late"),
    ),
}
