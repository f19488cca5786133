"""The closed list of what can happen, and the sentence each is told in.

A sentence may name {actor}, {step}, {unit}, {case} and the keys of the event's `what`.
"""

from workflows.language import N_

KINDS: dict[str, str] = {
    # cases and tasks
    "case_started": N_("{actor} started {case}"),
    "case_finished": N_("{case} was finished"),
    "case_stopped": N_("{case} stopped at {step}: {code}"),
    "case_cancelled": N_("{actor} cancelled {case}"),
    "step_opened": N_("{step} was opened"),
    "step_closed": N_("{step} was closed without being done"),
    "task_claimed": N_("{actor} took {step}"),
    "task_released": N_("{actor} put {step} back"),
    "task_completed": N_("{actor} completed {step}"),
    "draft_saved": N_("{actor} saved a draft of {step}"),
    "promise_given": N_("{actor} promised {step} by {until}"),
    "reminded": N_("A reminder of {step} was sent"),
    "escalated": N_("It was told further up that {step} is late"),
    "timer_set": N_("A timer was set for {step}"),
    "timer_fired": N_("The timer of {step} fired"),
    # the calendar
    "calendar_changed": N_("{actor} changed the calendar of {unit} for {year}"),
    "dates_moved": N_("{actor} changed the calendar, and dates of {case} moved"),
    "time_asked_for": N_("{actor} asked for longer time for {step}"),
    "time_given": N_("{actor} gave longer time for {step}"),
    "time_refused": N_("{actor} gave no longer time for {step}"),
    # processes
    "process_added": N_("{actor} added the process {process}"),
    "version_published": N_("{actor} published version {version} of {process}"),
    "version_offered": N_("A new version of {process} came from the supplier, as a draft"),
    # the organisation
    "unit_added": N_("{actor} added {unit}"),
    "unit_changed": N_("{actor} changed {unit}"),
    "person_added": N_("{actor} added {person}"),
    "person_changed": N_("{actor} changed {person}"),
    "person_closed": N_("{actor} closed the account of {person}"),
    "role_given": N_("{actor} gave {person} the role {role} in {unit}"),
    "person_reopened": N_("{actor} opened the account of {person} again"),
    "role_changed": N_("{actor} changed the days of the role {role} in {unit}"),
    "role_shared": N_("{actor} let {unit} share whoever is {role} elsewhere"),
    "role_share_ended": N_("{actor} ended the shared role {role} of {unit}"),
    "role_ended": N_("{actor} ended the role {role} of {person} in {unit}"),
    "import_read": N_("{actor} read a file of units, people and roles, to look at it first"),
    "organisation_imported": N_("{actor} imported units, people and roles"),
    "absence_set": N_("{actor} said that {person} is away {from_on} to {to_on}"),
    "absence_ended": N_("{actor} said that {person} is back"),
    "mail_choice_changed": N_("{actor} chose how often to get mail"),
    "feed_made": N_("{actor} made an address for a calendar program"),
    "feed_ended": N_("{actor} ended an address for a calendar program"),
    "letter_retried": N_("{actor} had a mail to {person} sent again"),
    "letter_dropped": N_("{actor} gave up sending a mail to {person}"),
    # signing in
    "signed_in": N_("{actor} signed in"),
    "signed_out": N_("{actor} signed out"),
    "signed_out_everywhere": N_("{actor} signed out everywhere"),
    "directory_linked": N_("{person} was recognised by the directory for the first time"),
    "sign_in_refused": N_("A sign-in was refused"),
    "invited": N_("{actor} invited {person}"),
    "password_set": N_("{actor} set a password"),
    "second_factor_added": N_("{actor} added a second factor"),
    "second_factor_shown": N_("{actor} showed a second factor"),
    "recovery_codes_made": N_("{actor} made new recovery codes"),
    "second_factor_removed": N_("{actor} removed a second factor"),
    "profile_changed": N_("{actor} changed their profile"),
    # traces and operations
    "secret_read": N_("{actor} read {case}"),
    "exported": N_("{actor} exported {what}"),
    "backup_made": N_("{actor} made a backup"),
    "backup_restored": N_("{actor} restored a backup"),
    "demo_loaded": N_("The demo was loaded"),
}
