"""Why a case stopped at a step, in words: what happened and how to go on, by code."""

from workflows.language import N_
from workflows.processes.problem_texts import Words

CORRECT = N_("Correct what the case knows, and try again.")
CORRECT_OR_NEW = N_(
    "Correct what the case knows, and try again. If that is right, ask the process owner for a"
    " new version."
)
NEW_VERSION = N_("Ask the process owner for a new version, and let the case follow to it.")
MOVE = N_("Move the case to the step where it should be, or try again when it can go on.")
AGAIN = N_("Try again when that is put right, or skip the step.")
ANSWER = N_("Correct what the case knows, or mend the rule table in a new version.")

INCIDENTS: dict[str, Words] = {
    # --- an expression or a script
    "no_value": Words(N_("“{cause}” asks for what the case does not know."), CORRECT),
    "no_key": Words(N_("“{cause}” asks for a part that is not there."), CORRECT),
    "no_item": Words(N_("“{cause}” asks for a row that is not there."), CORRECT),
    "not_plain": Words(N_("“{cause}” gives what cannot be kept in a case."), NEW_VERSION),
    "not_comparable": Words(N_("“{cause}” compares what has no order."), CORRECT),
    "not_computable": Words(N_("“{cause}” cannot be worked out of these values."), CORRECT),
    "not_a_list": Words(N_("“{cause}” needs a list, and there is none."), CORRECT),
    "not_a_mapping": Words(N_("“{cause}” asks for a part of what has no parts."), CORRECT),
    "not_a_date": Words(N_("“{cause}” needs a date, and there is none."), CORRECT),
    "too_large": Words(N_("“{cause}” became too large."), CORRECT),
    "too_much_work": Words(N_("“{cause}” took too long and was stopped."), NEW_VERSION),
    "no_function": Words(N_("“{cause}” asks for a function that is not there."), NEW_VERSION),
    "function_failed": Words(N_("A function in “{cause}” could not do its work."), CORRECT),
    "script_failed": Words(N_("The script stopped with an error: {cause}."), CORRECT_OR_NEW),
    "failed": Words(N_("“{cause}” could not be worked out."), NEW_VERSION),
    "data_not_plain": Words(N_("The step gave what cannot be kept in a case."), NEW_VERSION),
    "data_too_deep": Words(N_("The step gave lists within lists, too many."), NEW_VERSION),
    "data_key_not_text": Words(N_("The step gave a name that is no text."), NEW_VERSION),
    # --- what is stored
    "broken_state": Words(
        N_("What is stored of where the case stands cannot be read. Nothing was written over."),
        N_("Restore it from a backup."),
    ),
    "newer_state": Words(
        N_("A newer version of the program has moved the case. Nothing was written over."),
        N_("Let the newest version of the program run."),
    ),
    # --- the way on
    "no_way_out": Words(N_("No condition holds, and there is no default."), CORRECT),
    "join_never_fires": Words(N_("The gateway waits for what can no longer come."), MOVE),
    "budget": Words(N_("The case went on and on without coming to rest."), CORRECT),
    "too_deep": Words(N_("Processes call each other in too many levels."), NEW_VERSION),
    "bad_timer": Words(N_("“{cause}” does not give a deadline."), CORRECT),
    "bad_count": Words(N_("“{cause}” is no number of rounds."), CORRECT),
    "uncaught_error": Words(N_("The error “{cause}” happened, and nothing takes over."), MOVE),
    "uncaught_cancel": Words(N_("Nothing takes over when the transaction is cancelled."), MOVE),
    # --- a rule table
    "no_decision": Words(N_("There is no decision “{cause}” to ask."), NEW_VERSION),
    "no_rule": Words(N_("No rule in “{cause}” holds for what the case knows."), ANSWER),
    "several_rules": Words(N_("Several rules in “{cause}” hold, and one may."), ANSWER),
    "contradiction": Words(N_("The rules in “{cause}” that hold say different things."), ANSWER),
    "wrong_type": Words(N_("“{cause}” was given a value of the wrong kind."), ANSWER),
    "not_allowed": Words(N_("“{cause}” met a value that is not among the allowed."), ANSWER),
    "not_valid": Words(N_("“{cause}” is not valid on this day."), NEW_VERSION),
    # --- a case that was called, or cases that were to start
    "called_case_cancelled": Words(N_("The case it waited for was cancelled."), AGAIN),
    "process_not_published": Words(N_("The process has no version that runs."), AGAIN),
    "case_exists": Words(N_("There is such a case already."), AGAIN),
    "unit_closed": Words(N_("The unit is closed."), CORRECT),
    "unknown_unit": Words(N_("There is no such unit."), CORRECT),
    "unknown_process": Words(N_("There is no such process."), AGAIN),
    # --- an action
    "unknown_action": Words(N_("There is no such action."), NEW_VERSION),
    "wrong_parameters": Words(N_("The action is not given what it needs."), NEW_VERSION),
    "unknown_register": Words(N_("There is no such register."), NEW_VERSION),
    "wrong_parameter": Words(N_("The action is given a value of the wrong kind."), CORRECT),
}
OTHER = Words(N_("The step could not be done ({code})."), CORRECT)
