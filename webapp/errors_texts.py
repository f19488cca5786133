"""The texts of refusals and faults, by their code and by the status they answer with."""

from dataclasses import dataclass

from workflows.language import N_


@dataclass(frozen=True)
class Words:
    """The texts for one reason, as keys of the catalogs."""

    title: str
    what: str
    todo: str = ""
    link: str = N_("To the home page")
    url: str = "/"


TASKS = {"link": N_("To your tasks"), "url": "/tasks/"}
PROCESSES = {"link": N_("To the processes"), "url": "/processes/"}
CALENDAR = {"link": N_("To the calendar"), "url": "/calendar/"}
ABSENCES = {"link": N_("To absence and deputies"), "url": "/absences/"}
NOTICES = {"link": N_("To your notices"), "url": "/notices"}
REGISTERS = {"link": N_("To the registers"), "url": "/registers/"}
YEAR = {"link": N_("To the closing of the year"), "url": "/follow-up/year"}
PROOF = {"link": N_("To the proof of the record"), "url": "/history/proof"}
SIGN_IN = {"link": N_("To the sign-in page"), "url": "/sign-in"}

TWICE = N_("A field came twice")
FILL_IN_AGAIN = N_("Go back, reload the page and fill it in again. Nothing was saved.")

ACTION = Words(
    N_("The process asks for what cannot be done"),
    N_("The action “{action}” in the diagram is not known, or is not given what it needs."),
    N_("Tell the process owner, who can mend the diagram and publish it anew."),
)

# By the code of the reason; one that is missing here is told by its status.
REASONS: dict[str, Words] = {
    "sign_in_needed": Words(
        N_("You need to sign in"),
        N_("This page is for those who have signed in. Perhaps you have been away for a while."),
        N_("Sign in, and you come back to the page you asked for."),
        **SIGN_IN,
    ),
    "no_token": Words(
        N_("The page was too old to send"),
        N_("You had been signed out, or had signed in anew, since the page was opened."),
        N_("Go back, reload the page and send it again. Nothing was changed."),
    ),
    "under_review": Words(
        N_("Something is under review already"),
        N_("One version of a process is reviewed at a time."),
        N_("Take that one back first, or wait until it is decided."),
        **PROCESSES,
    ),
    "review_over": Words(
        N_("The review is over"),
        N_("It has been decided, taken back or published since you opened the page."),
        N_("Go back to the process and see what became of it."),
        **PROCESSES,
    ),
    "base_overtaken": Words(
        N_("Another version was published meanwhile"),
        N_("What you look at rests on the version before. Publishing it would undo the newer one."),
        N_("Send it back. It is compared with what runs now when it is sent again."),
        **PROCESSES,
    ),
    "same_as_running": Words(
        N_("Nothing has changed"),
        N_("It is the same as the version that runs."),
        **PROCESSES,
    ),
    "note_missing": Words(
        N_("Say what you have changed"),
        N_("Whoever reviews it, and whoever reads the history, needs a note of what and why."),
        N_("Go back and write a sentence."),
        **PROCESSES,
    ),
    "process_archived": Words(
        N_("The process is archived already"),
        N_("Somebody was faster."),
        **PROCESSES,
    ),
    "never_published": Words(
        N_("It has never run"),
        N_("There is no version that could run again."),
        N_("Send a version for review instead."),
        **PROCESSES,
    ),
    "no_process_owner": Words(
        N_("Only process owners can be named"),
        N_("Somebody you named does not own processes."),
        N_("Give them the role first."),
        **PROCESSES,
    ),
    "tests_fail": Words(
        N_("A test goes otherwise than it was to"),
        N_("These tests do not go as they did when they were kept: {tests}."),
        N_("Mend the process. If it is the test that is to change, try it anew and keep that."),
        **PROCESSES,
    ),
    "draft_there": Words(
        N_("There is a draft already"),
        N_("A process has one draft, and it is for people to decide whether it is to go."),
        N_("Throw the draft away first, or go on with it."),
        **PROCESSES,
    ),
    "no_draft": Words(
        N_("There is no draft"),
        N_("The process is as it was published: nothing is changed yet."),
        **PROCESSES,
    ),
    "file_not_kept": Words(
        N_("The file cannot be opened safely"),
        N_("It is cut, too large, no XML, or asks for other files."),
        N_("Save it again from the program it was made in. Nothing was kept."),
        **PROCESSES,
    ),
    "draft_too_large": Words(
        N_("The draft is too large"),
        N_("A process has at most {most} forms and tables of {limit} characters each."),
        N_("Let a part of it be a process of its own. Nothing was kept."),
        **PROCESSES,
    ),
    "bad_draft": Words(
        N_("The editor sent what cannot be read"),
        N_("The part “{field}” is missing or is something else."),
        N_("Reload the page. What was saved before is kept."),
        **PROCESSES,
    ),
    "part_there": Words(
        N_("The name is taken"),
        N_("There is a part called “{name}” in the draft already."),
        N_("Choose another name, or change the one that is there."),
        **PROCESSES,
    ),
    "part_name": Words(
        N_("The name cannot be used"),
        N_("A name has small letters, digits and _, begins with a letter, and is not taken."),
        N_("Write another. “{name}” was not added."),
        **PROCESSES,
    ),
    "outline_name": Words(
        N_("The step has no name"),
        N_("A step needs a name, so that people know what they are to do."),
        N_("Go back and write one."),
        **PROCESSES,
    ),
    "outline_stays": Words(
        N_("The step cannot be moved from the list"),
        N_("Several ways meet in “{name}” or part from it, or something is attached to it."),
        N_("Do it in the picture. Nothing was changed."),
        **PROCESSES,
    ),
    "outline_gone": Words(
        N_("It is not there any more"),
        N_("The diagram has no “{element}” now. Somebody may have changed it."),
        N_("Open the list anew. Nothing was changed."),
        **PROCESSES,
    ),
    "year_frozen": Words(
        N_("The year is frozen"),
        N_("{year} is frozen for this body: nothing of it changes, and nothing new starts."),
        N_("If something of it must be put right, central security can open it again."),
        **YEAR,
    ),
    "year_sealed": Words(
        N_("The year is sealed"),
        N_("{year} is sealed for this body. What is sealed stays as it is."),
        N_("Put it right in the year that goes on."),
        **YEAR,
    ),
    "year_not_frozen": Words(
        N_("The year is not frozen"),
        N_("{year} must be frozen for this body first."),
        N_("Reload the page to see how it stands."),
        **YEAR,
    ),
    "year_work_open": Words(
        N_("Work of the year is still open"),
        N_("{count} cases of {year} are not finished yet, so the year cannot be frozen."),
        N_("Let them be finished, or cancel those that will not be."),
        **YEAR,
    ),
    "year_not_carried": Words(
        N_("The year is not carried over"),
        N_("{count} rows of {year} are open and have not gone on into the next year."),
        N_("Carry them over first, with what becomes of each."),
        **YEAR,
    ),
    "year_open_already": Words(
        N_("The year is open already"),
        N_("{year} was opened earlier. Nothing was changed."),
        **YEAR,
    ),
    "year_not_open": Words(
        N_("The year is not open"), N_("{year} has not been opened. Nothing was changed."), **YEAR
    ),
    "year_not_ready": Words(
        N_("The year cannot be opened yet"),
        N_("Every date in the city's calendar of {year} must be known first."),
        N_("Set the dates that are missing, or say that they do not exist here."),
        **CALENDAR,
    ),
    "switch_done": Words(
        N_("It is done already"),
        N_("What {unit} had open in {year} went on earlier. Nothing is done twice."),
        **YEAR,
    ),
    "switch_not_done": Words(
        N_("There is nothing to take back"),
        N_("It has not been done, or is taken back already."),
        **YEAR,
    ),
    "nothing_to_carry": Words(
        N_("All bodies are done"), N_("{year} is carried over for every body already."), **YEAR
    ),
    "decided_since": Words(
        N_("It cannot be taken back any more"),
        N_("Something has happened since to {count} of the rows and cases."),
        N_("Put right what is wrong row by row instead."),
        **YEAR,
    ),
    "no_successor": Words(
        N_("A body that comes after it is missing"),
        N_("Choose at least one other body that goes on after the day."),
        **YEAR,
    ),
    "no_such_verdict": Words(
        N_("That cannot become of it"), N_("Of “{name}” something else must be said."), **YEAR
    ),
    "verdict_needs_reason": Words(
        N_("A reason is missing"), N_("Say why “{name}” ends or gets another day."), **YEAR
    ),
    "verdict_needs_day": Words(
        N_("A day is missing"), N_("Say by which day after {year} “{name}” is to be done."), **YEAR
    ),
    "filter_name": Words(
        N_("The view needs a name"),
        N_("Write a name of at most {most} characters."),
        N_("Go back and give it a name. Nothing was kept."),
        **TASKS,
    ),
    "too_many_filters": Words(
        N_("You have many views already"),
        N_("Nobody can keep more than {most} views."),
        N_("Forget one that you do not use, and keep this one then."),
        **TASKS,
    ),
    "retention_rule": Words(
        N_("The rule cannot be kept"),
        N_("It needs a basis, and at most {most} years; only whole cases go to the e-archive."),
        N_("Go back and change it. Nothing was changed."),
    ),
    "hold_lifted": Words(
        N_("The stop is gone already"),
        N_("Somebody else has taken it away."),
        N_("Go back and reload the page."),
    ),
    "nothing_to_dispose": Words(
        N_("There is nothing to list"),
        N_("No rule lets go of anything that is not on a list already."),
        N_("Go back and look at the lists."),
    ),
    "disposal_decided": Words(
        N_("The list is decided already"),
        N_("Somebody has approved it, thrown it away, or noted its receipt."),
        N_("Go back and reload the page to see how it is now."),
    ),
    "disposal_not_all_seen": Words(
        N_("You may not see all of it"),
        N_("Something on the list is of a unit, or so secret, that you may not see it."),
        N_("Let somebody approve it who may see all that is on it."),
    ),
    "receipt_missing": Words(
        N_("The receipt is missing"),
        N_("What the e-archive has received is known by its receipt."),
        N_("Go back and write it down."),
    ),
    "sample_size": Words(
        N_("The sample is too large"),
        N_("Draw at least one and at most {most}."),
        N_("Go back and change how many."),
    ),
    "sample_seed": Words(
        N_("The sample cannot be drawn again"),
        N_("It needs a seed, and a moment that has been."),
        N_("Go back and fill them in."),
    ),
    "sample_empty": Words(
        N_("There is nothing to draw"),
        N_("Nothing of what you may see is of that kind, unit, process and year."),
        N_("Go back and take something away."),
    ),
    "sample_note": Words(
        N_("The note cannot be kept"),
        N_("It may have {most} characters at most, and be of something that was drawn."),
        N_("Go back and make it shorter. Nothing was changed."),
    ),
    "overtaken": Words(
        N_("Somebody else was faster"),
        N_("While you had the page open, somebody else changed the same thing."),
        N_("Go back and reload the page to see how it is now. What you sent was not saved."),
    ),
    "broken_state": Words(
        N_("The case cannot be read"),
        N_("What is stored of where it stands is damaged. Nothing was written over."),
        N_("Those who look after cases that stand still can see it. Take it up with them."),
    ),
    "newer_state": Words(
        N_("The case is from a newer program"),
        N_("A newer version of the program has moved it. Nothing was written over."),
        N_("Let the newest version of the program run."),
    ),
    "broken_version": Words(
        N_("The process cannot be read"),
        N_("What is stored of its version is damaged. Nothing was written over."),
        N_("Restore it from a backup."),
    ),
    "newer_compiler": Words(
        N_("The process is from a newer program"),
        N_("A newer version of the program has stored it. Nothing was written over."),
        N_("Let the newest version of the program run."),
    ),
    "draft_overtaken": Words(
        N_("Somebody else was faster"),
        N_("The draft has been saved since you opened it. Nothing has been written over."),
        N_("Compare the two texts. Then open the task again and write what is to stand."),
        **TASKS,
    ),
    "level_too_low": Words(
        N_("The city asks for more"),
        N_("The city asks every unit for at least the level “{least}” here."),
        N_("Go back and choose that level or a higher one. Nothing was saved."),
    ),
    "unknown_level": Words(
        N_("There is no such level"),
        N_("The answer was none of the levels on the page."),
        FILL_IN_AGAIN,
    ),
    "nothing_pasted": Words(
        N_("Nothing could be pasted"),
        N_("There were no cells in what you pasted, or they could not be told apart."),
        N_("Copy the cells in your spreadsheet and paste them again. Nothing was changed."),
        **TASKS,
    ),
    "no_headings": Words(
        N_("The file has no headings that fit"),
        N_("The first row must hold the headings of the table."),
        N_("Take the table away as a file, fill it in and send that one. Nothing was changed."),
        **TASKS,
    ),
    "class_marking": Words(
        N_("This looks like the marking of a security class"),
        N_("What is security-classified must not be written here. Nothing was saved."),
        N_("Take the text away, and talk to the head of protective security."),
        **TASKS,
    ),
    "typed_by_another": Words(
        N_("This was typed by somebody else"),
        N_("Whoever was signed in here before you typed it, so it is not sent in your name."),
        N_("Nothing was saved. Open the task again to write your own."),
        **TASKS,
    ),
    "task_closed": Words(
        N_("The task is already closed"),
        N_("Somebody completed it, or the case has moved on without it."),
        N_("Nothing was changed. You find it among the completed tasks."),
        **TASKS,
    ),
    "task_taken": Words(
        N_("Somebody else has taken the task"),
        N_("It was taken while you had the page open."),
        N_("Ask the person who has it to put it back, if you are to do it instead."),
        **TASKS,
    ),
    "nobody_else_s": Words(
        N_("There is nobody else who may take it"),
        N_("The task was given to one person by name, and to no role."),
        N_("Hand it over to somebody instead."),
        **TASKS,
    ),
    "nobody_gave_it": Words(
        N_("Nobody gave you the task"),
        N_("You took it yourself, so there is nobody to send it back to."),
        N_("Put it back, and others with the role can take it."),
        **TASKS,
    ),
    "theirs_already": Words(
        N_("They have it already"), N_("{name} has the task."), N_("Choose somebody else.")
    ),
    "comment_length": Words(
        N_("The comment cannot be sent"),
        N_("It must say something, in at most {most} characters."),
        N_("Go back, mend it and send again."),
    ),
    "comment_gone": Words(
        N_("The comment is taken back already"),
        N_("Somebody took it back before you."),
    ),
    "comment_stands": Words(
        N_("The comment stands"),
        N_("One can take one’s own words back for {minutes} minutes, and not later."),
        N_("Write another comment that puts it right."),
    ),
    "must_not_have_it": Words(
        N_("They may not have the task"),
        N_(
            "{name} may not see the case, did what is to be reviewed, or lacks the role that "
            "decides here."
        ),
        N_("Choose somebody else."),
    ),
    "nobody_by_that_address": Words(
        N_("There is nobody by that address"),
        N_("“{address}” is the address of nobody who works here."),
        N_("Choose somebody in the list, or check how the address is written."),
    ),
    "case_closed": Words(
        N_("The case is over"),
        N_("It has been finished or cancelled. Nothing was changed."),
    ),
    "case_rests": Words(
        N_("The case rests"),
        N_("Somebody has paused it. Until it goes on nothing can be handed in or changed."),
        N_("What you have typed can be saved as a draft."),
    ),
    "case_rests_not": Words(
        N_("The case does not rest"), N_("It goes on already. Nothing was changed.")
    ),
    "not_open": Words(
        N_("That is not open any more"),
        N_("The case has moved on since you looked. Nothing was changed."),
        N_("Look at the case again to see where it stands."),
    ),
    "cannot_skip": Words(
        N_("It cannot be skipped"),
        N_("The case must choose a way here. Nothing was changed."),
        N_("Correct the data and try again, or move the case to another step."),
    ),
    "cannot_move": Words(
        N_("The case cannot be moved there"),
        N_("There is no such step in the same part of the process. Nothing was changed."),
        N_("Choose another step."),
    ),
    "inside_a_loop": Words(
        N_("The case cannot be moved from there"),
        N_("The step is one of several that are done side by side. Nothing was changed."),
        N_("Skip it instead."),
    ),
    "nothing_differs": Words(N_("Nothing differs"), N_("What you typed stands there already.")),
    "may_not_steer_case": Words(
        N_("Somebody else must do this"),
        N_(
            "You have done work in this case that others are to review, so you may not steer it "
            "past them. Nothing was changed."
        ),
        N_("Ask another who operates cases."),
    ),
    "case_exists": Words(
        N_("It has already been started"),
        N_("There is already one for {unit}, {year}."),
        N_("Open the one that runs instead of starting another."),
    ),
    "process_runs": Words(
        N_("The process runs already"),
        N_("New cases can be started from it. There is nothing to switch on."),
    ),
    "process_not_published": Words(
        N_("The process cannot be started"),
        N_("No version of it is published."),
        N_("Ask the process owner to publish it first."),
    ),
    "cannot_begin": Words(
        N_("The case cannot begin"),
        N_("It cannot work out whose message it should wait for: “{cause}”. Nothing was started."),
        N_("Tell the process owner, who can mend the diagram and publish it anew."),
    ),
    "database_away": Words(
        N_("The database does not answer"),
        N_("Nothing was saved. Other pages may be slow as well."),
        N_("Wait a minute and try again. If it goes on, tell the administrator."),
    ),
    "process_has_errors": Words(
        N_("The process has faults"),
        N_("It cannot be published as it is. Nothing was changed."),
        N_("Mend the faults that are listed, and publish again."),
    ),
    "answers": Words(
        N_("Some answers need to be mended"),
        N_("The answers do not hold together as they are. Nothing was changed."),
        N_("Go back, look through what you wrote and send it again."),
    ),
    "unknown_field": Words(
        N_("A field is not known here"),
        N_(
            "“{field}” does not belong to this form. "
            "The page may have been open since an older version."
        ),
        FILL_IN_AGAIN,
    ),
    "unknown_row": Words(
        N_("A row is not known here"),
        N_("The list “{field}” has no such row. Somebody may have changed it meanwhile."),
        FILL_IN_AGAIN,
    ),
    "repeated_row": Words(TWICE, N_("“{field}” has the same row twice."), FILL_IN_AGAIN),
    "repeated_field": Words(
        TWICE,
        N_("“{field}” was sent more than once, and it is not clear which one counts."),
        FILL_IN_AGAIN,
    ),
    "text_too_long": Words(
        N_("A text is too long"),
        N_("“{field}” may hold {most} characters."),
        N_("Shorten the text and send again. Nothing was saved."),
    ),
    "too_many_rows": Words(
        N_("There are too many rows"),
        N_("“{field}” may hold {most} rows."),
        N_("Remove some rows and send again. Nothing was saved."),
    ),
    "too_many_fields": Words(
        N_("There is too much in the form"), N_("A form may hold {most} fields."), FILL_IN_AGAIN
    ),
    "replanning_not_applied": Words(
        N_("The change was never made"),
        N_("A change can be undone only when it has been made."),
        N_("Look at it again, and make it or throw it away."),
    ),
    "replanning_applied": Words(
        N_("The change has been made"),
        N_("It cannot be thrown away, only undone."),
        N_("Undo it instead."),
    ),
    "no_cases_to_move": Words(
        N_("There is no case to move"),
        N_("None of them can follow to the new version. Nothing was changed."),
        N_("Choose others, or say which step is which."),
        **PROCESSES,
    ),
    "no_such_mapping": Words(
        N_("One step cannot be the other"),
        N_("What was chosen is not in the new version, or is of another kind."),
        N_("Choose another step."),
        **PROCESSES,
    ),
    "compiled_already": Words(
        N_("This program has compiled it already"),
        N_("There is nothing to gain by doing it once more. Nothing was changed."),
        "",
        **PROCESSES,
    ),
    "migration_applied": Words(
        N_("The cases are moved already"),
        N_("Somebody has said so before. Nothing was changed now."),
        N_("Look at how it went."),
        **PROCESSES,
    ),
    "migration_asks": Words(
        N_("The cases are still being looked at"),
        N_("Nothing was moved."),
        N_("Wait until all have been looked at, then move them."),
        **PROCESSES,
    ),
    "nothing_to_move_back": Words(
        N_("There is nothing to move back"),
        N_("No case stands where it was moved to."),
        "",
        **PROCESSES,
    ),
    "happened_since": Words(
        N_("The case has gone on"),
        N_("Something has happened in it since it was moved, so it stays on its version."),
        "",
        **PROCESSES,
    ),
    "preview_outdated": Words(
        N_("The preview is out of date"),
        N_("Something has changed since you looked. Nothing was applied."),
        N_("Look at the preview again, then apply it."),
        **CALENDAR,
    ),
    "import_applied": Words(
        N_("The files are already read in"),
        N_("Somebody has applied this import."),
        N_("Send new files if there is more to change."),
    ),
    "import_not_in": Words(
        N_("There is nothing to take out"),
        N_("The file was never read in, or what it brought has been taken out already."),
        N_("Reload the page to see how it is now."),
        **REGISTERS,
    ),
    "import_built_upon": Words(
        N_("It cannot be taken out any more"),
        N_("{count} of the rows have been changed or decided upon since they were read in."),
        N_("Change what is wrong in the rows themselves instead."),
        **REGISTERS,
    ),
    "may_not_see_report": Words(
        N_("You may not see this report"),
        N_("A report is for those who work in the body, and for those who follow the whole city."),
        N_("Ask the security coordinator of the body for it."),
    ),
    "may_not_seal_report": Words(
        N_("You may not approve this report"),
        N_("The director approves that of a body, and the central security function the city’s."),
        N_("Ask one of them."),
    ),
    "unknown_milestone": Words(
        N_("There is no such report"),
        N_("Reports are made for VB, T1, T2 and VP."),
        N_("Choose one of them."),
    ),
    "unknown_figure": Words(
        N_("That number cannot be corrected"),
        N_("There is no such number in the report, or it is only ever counted."),
        N_("Choose one of those in the list."),
    ),
    "bad_report_mapping": Words(
        N_("The mapping of reports cannot be used"),
        N_("{name}: {found}"),
        N_("Mend the file, or take it away: then the one that is shipped is used."),
    ),
    "may_not_import_entries": Words(
        N_("You may not read files into this register"),
        N_("The unit’s security coordinator does that, or the central security function."),
        N_("Ask one of them."),
        **REGISTERS,
    ),
    "may_not_change_entry": Words(
        N_("You may not change this row"),
        N_("Those who answer for the unit do: its coordinator, managers and director."),
        N_("Ask one of them."),
        **REGISTERS,
    ),
    "may_not_declassify": Words(
        N_("You may not decide on less secrecy here"),
        N_("The head of protective security decides, and nobody who has asked for it."),
        N_("Ask the head of protective security."),
        **REGISTERS,
    ),
    "column_twice": Words(
        N_("Two columns mean the same"),
        N_("Each column of the register can come from one column of the file."),
        N_("Go back and let one of them not be read. Nothing was saved."),
        **REGISTERS,
    ),
    "no_such_year": Words(
        N_("There is no such year"),
        N_("The year decides when the rows count as decided."),
        N_("Go back and give a year such as 2026. Nothing was read in."),
        **REGISTERS,
    ),
    "import_has_problems": Words(
        N_("The file needs to be mended"),
        N_("Something in the file does not hold. Nothing was read in."),
        N_("Mend the rows that are listed, and read the file in again."),
    ),
    "too_deep": Words(
        N_("Too many cases call each other"),
        N_("Processes call each other in too many levels."),
        N_("Ask the process owner for a new version."),
    ),
    "unknown_process": Words(
        N_("The process is not found"),
        N_("There is no such process."),
        N_("Check its name, or have it published first."),
    ),
    "message_line": Words(
        N_("The message cannot be read"),
        N_("Line {line} has no name and colon."),
        N_("Write each value on a line of its own: its name, a colon and the value."),
    ),
    "reason_missing": Words(
        N_("A reason is missing"),
        N_("Say why, in a few words, so that others can understand it."),
        N_("Go back, write the reason and send again. Nothing was changed."),
    ),
    "day_passed": Words(
        N_("The day has passed"),
        N_("The day must be today or later."),
        N_("Go back and choose another day. Nothing was changed."),
    ),
    "day_not_later": Words(
        N_("The day is not later"),
        N_("Longer time must end after {due}, and not before today."),
        N_("Go back and choose another day. Nothing was changed."),
    ),
    "nothing_to_ask": Words(
        N_("There is nobody to ask"),
        N_("All have been asked lately, have said how it goes, or are done by now."),
        N_("See the overview. Nothing was sent."),
        link=N_("To the overview"),
        url="/overview/",
    ),
    "time_asked_for_already": Words(
        N_("Longer time has been asked for"),
        N_("There is a question that waits for its answer."),
        N_("Wait for the answer before you ask again."),
        **TASKS,
    ),
    "time_decided_already": Words(
        N_("The question has been answered"),
        N_("Somebody decided about the longer time before you did."),
        N_("Open the task to see the answer."),
        **TASKS,
    ),
    "legal_date": Words(
        N_("The date is set by law"),
        N_("Nobody here can give longer time for it."),
        N_("Complete the task in time, or ask the authority that set the date."),
        **TASKS,
    ),
    "task_undated": Words(
        N_("The task has no date yet"),
        N_("There is no date to move."),
        N_("Wait until the task has a date."),
        **TASKS,
    ),
    "deputy_ring": Words(
        N_("They would stand in for each other"),
        N_("On some of these days {person} stands in for the one you chose, or for their deputy."),
        N_("Choose somebody else. Nothing was changed."),
        **ABSENCES,
    ),
    "deputy_oneself": Words(
        N_("Nobody stands in for themselves"),
        N_("The deputy must be another person."),
        N_("Choose somebody else. Nothing was changed."),
        **ABSENCES,
    ),
    "deputy_unknown": Words(
        N_("The deputy is not here"),
        N_("There is no such person, or they have left."),
        N_("Choose somebody else. Nothing was changed."),
        **ABSENCES,
    ),
    "deputy_role": Words(
        N_("There is no such role"),
        N_("A deputy stands in for one of the roles, or for all of them."),
        N_("Go back and choose again. Nothing was changed."),
        **ABSENCES,
    ),
    "deputy_process": Words(
        N_("There is no such process"),
        N_("A deputy stands in for all processes, or for those that are chosen."),
        N_("Go back and choose again. Nothing was changed."),
        **ABSENCES,
    ),
    "may_not_name_deputy": Words(
        N_("You may not name this deputy"),
        N_("A director names deputies for the roles of their own unit that guard no secrets."),
        N_("Ask an administrator."),
        **ABSENCES,
    ),
    "last_day_first": Words(
        N_("The last day comes first"),
        N_("The last day cannot come before the first."),
        N_("Go back and choose another day. Nothing was changed."),
    ),
    "away_too_long": Words(
        N_("The absence is too long"),
        N_("An absence is at most two years."),
        N_("Go back and choose another day. Nothing was changed."),
    ),
    "away_already": Words(
        N_("Already away"),
        N_("There is an absence on some of these days."),
        N_("End that one first, or choose other days. Nothing was changed."),
        **ABSENCES,
    ),
    "away_no_more": Words(
        N_("The absence is over"),
        N_("Somebody ended it before you did."),
        N_("There is nothing more to do."),
        **ABSENCES,
    ),
    "may_not_read_feed": Words(
        N_("You may not read these dates"),
        N_("An address can be made for roles you hold and units you belong to."),
        N_("Choose other dates."),
        **NOTICES,
    ),
    "too_many_feeds": Words(
        N_("You have many addresses already"),
        N_("One can have {most}."),
        N_("End one that is not used any more."),
        **NOTICES,
    ),
    "feed_ended": Words(
        N_("The address has ended"),
        N_("It leads nowhere any more."),
        N_("There is nothing more to do."),
        **NOTICES,
    ),
    "unknown_feed": Words(
        N_("There are no such dates"),
        N_("Choose your own dates, those of a role or those of a unit."),
        N_("Go back and choose again. Nothing was changed."),
        **NOTICES,
    ),
    "unknown_role": Words(
        N_("There is no such role"),
        N_("Choose your own dates, those of a role or those of a unit."),
        N_("Go back and choose again. Nothing was changed."),
        **NOTICES,
    ),
    "unknown_choice": Words(
        N_("There is no such choice"),
        N_("Choose one of those on the page."),
        N_("Go back and choose again. Nothing was changed."),
        **NOTICES,
    ),
    "nothing_to_decide": Words(
        N_("There is nothing to decide about any more"),
        N_("Somebody else was faster, or it has been done meanwhile."),
        N_("Reload the page to see what is left."),
    ),
    "letter_done": Words(
        N_("The mail has been taken care of"),
        N_("It has been sent, or somebody gave it up before you did."),
        N_("There is nothing more to do."),
        **NOTICES,
    ),
    "milestone_fixed": Words(
        N_("The date is fixed"),
        N_("Law, or the year itself, has set it. A change in the calendar cannot move it."),
        N_("Look whether it is another date that should be changed."),
        **CALENDAR,
    ),
    "calendar_overtaken": Words(
        N_("The calendar has changed"),
        N_("Somebody has changed the same dates since. Nothing was changed now."),
        N_("Look at the year as it is now, and make the change anew."),
        **CALENDAR,
    ),
    "calendar_wrong": Words(
        N_("The year cannot be right like that"),
        N_("Some dates would contradict each other. Nothing was changed."),
        N_("Look through the dates and change them once more."),
        **CALENDAR,
    ),
    "nothing_changed": Words(
        N_("There is nothing to change"),
        N_("The calendar is already as you say."),
        N_("Change something first."),
        **CALENDAR,
    ),
    "unknown_unit": Words(
        N_("There is no such unit"),
        N_("No unit has the code {unit}."),
        N_("Look at the code among the units, and try again."),
    ),
    "not_a_day": Words(
        N_("A date is missing or cannot be read"),
        N_("Write the day as year-month-day, for example 2027-05-25."),
        N_("Write it once more."),
    ),
    "not_a_count": Words(
        N_("A number of days cannot be read"),
        N_("Write a whole number in digits, at most 200."),
        N_("Write it once more."),
    ),
    "name_missing": Words(
        N_("The name is missing"), N_("Say what the day is called."), N_("Write it once more.")
    ),
    "quiet_period_order": Words(
        N_("The quiet period ends before it begins"),
        N_("The first day must come before the last one, in the same year."),
        N_("Choose the days once more."),
    ),
    "quiet_period_too_long": Words(
        N_("The quiet period is too long"),
        N_("A quiet period is at most 92 days."),
        N_("Choose the days once more."),
    ),
    "out_of_range": Words(
        N_("The year is too far away"),
        N_("The calendar knows the years 1990–2100."),
        N_("Choose another year."),
        **CALENDAR,
    ),
    "meeting_exists": Words(
        N_("There is a meeting that day already"),
        N_("A body meets once a day in the calendar."),
        N_("Change that meeting instead, or choose another day."),
    ),
    "meetings_unreadable": Words(
        N_("The file could not be used"),
        N_("Something in it cannot be read as meetings. Nothing was changed."),
        N_("Mend the file and send it again."),
    ),
    "milestone_undated": Words(
        N_("The milestone has no date"),
        N_("There is nothing to confirm yet."),
        N_("Give it a date first."),
    ),
    "no_own_date": Words(
        N_("The unit has no date of its own"),
        N_("It follows the city's date already."),
        N_("Nothing needs to be done."),
    ),
    "year_exists": Words(
        N_("There is nothing to draft"),
        N_("The year is there already, or the unit had nothing of its own the year before."),
        N_("Change the dates one by one instead."),
    ),
    "no_second_factor": Words(
        N_("There is no second factor"),
        N_("There is none to remove: it may have been removed already."),
        N_("Reload the page to see how it is now."),
    ),
    "unknown_action": ACTION,
    "unknown_register": Words(
        N_("There is no such register"),
        N_("The name is not that of a register."),
        N_("Choose one of the registers there are."),
    ),
    "wrong_parameter": ACTION,
    "wrong_parameters": ACTION,
    "unknown_language": Words(
        N_("The language is not known"),
        N_("There are two: Swedish and English."),
        N_("Go back and choose one of them."),
    ),
    "email_taken": Words(
        N_("The e-mail address is taken"),
        N_("Somebody else already has it."),
        N_("Go back and give another address."),
    ),
    "email_wrong": Words(
        N_("The e-mail address is not right"),
        N_("It is not written as an address, such as name@example.se."),
        N_("Go back and give another address."),
    ),
    "last_administrator": Words(
        N_("Somebody must administer"),
        N_("This is the last administrator. Without one nobody could let anybody in."),
        N_("Give the role to somebody else first."),
    ),
    "person_closed": Words(
        N_("The account is closed"),
        N_("It was closed earlier, and nothing can be done with it."),
        N_("Open it again first, if that was a mistake."),
    ),
    "person_not_closed": Words(
        N_("The account is not closed"),
        N_("It can be used as it is."),
        N_("Nothing needs to be done."),
    ),
    "role_held_already": Words(
        N_("The role is already held"),
        N_("The same person already holds it there during that time."),
        N_("Look at the list of roles and change the period instead."),
    ),
    "role_ended_already": Words(
        N_("The role has already ended"),
        N_("Somebody ended it before you did."),
        N_("Reload the page to see how it is now."),
    ),
    "organisation_invalid": Words(
        N_("The file needs to be mended"),
        N_("Something in the file does not hold. Nothing was read in."),
        N_("Mend the rows that are listed, and read the file in again."),
    ),
    # the record
    "check_going_on": Words(
        N_("The record is being checked already"),
        N_("Somebody asked for a check just before you did."),
        N_("Wait until it is done; the page tells how far it is."),
        **PROOF,
    ),
    "anchor_unreadable": Words(
        N_("The file holds no seals"),
        N_("A file of seals has one seal to a line, as it was downloaded or mailed."),
        N_("Choose the file that you were given, and check again."),
        **PROOF,
    ),
    "seal_not_mailed": Words(
        N_("The seal was not mailed"),
        N_("There is no seal yet, or no mail goes out just now."),
        N_("Download the seals instead, or try again later."),
        **PROOF,
    ),
    "mandate_ended": Words(
        N_("It has already ended"),
        N_("Somebody ended it before you did."),
        N_("Reload the page to see how it is now."),
    ),
    # files that people send
    "file_too_large": Words(
        N_("The file is too large"),
        N_("A file may be at most 50 MB."),
        N_("Make it smaller or split it, and send again. Nothing was saved."),
    ),
    "file_empty": Words(
        N_("The file is empty"),
        N_("There is nothing in the file."),
        N_("Look at it on your computer, and choose it again. Nothing was saved."),
    ),
    "file_missing": Words(
        N_("No file was chosen"),
        N_("The form was sent without a file."),
        N_("Go back, choose a file and send again."),
    ),
    "file_misnamed": Words(
        N_("The file is not what its name says"),
        N_("The end of its name and what is in it do not agree, or it is of a kind not taken."),
        N_("Save it anew as PDF, Word, Excel, an image or text. Nothing was saved."),
    ),
    "file_has_macros": Words(
        N_("The file holds macros"),
        N_("Files with macros or other programs in them are not taken."),
        N_("Save it without macros, as .docx, .xlsx or .pptx. Nothing was saved."),
    ),
    "file_is_page": Words(
        N_("The file is a web page or a drawing with code"),
        N_("HTML, XML and SVG are not taken, as they can hold programs."),
        N_("Save it as PDF or PNG instead. Nothing was saved."),
    ),
    "file_is_program": Words(
        N_("The file is a program"),
        N_("Programs and scripts are not taken."),
        N_("Send the document itself. Nothing was saved."),
    ),
    "file_is_old_office": Words(
        N_("The file is of an old kind"),
        N_("Files from old Office programs, and saved mails, are not taken."),
        N_("Save it as .docx, .xlsx, .pptx or PDF. Nothing was saved."),
    ),
    "file_is_archive": Words(
        N_("The file is a compressed folder"),
        N_("Zip and other compressed files are not taken."),
        N_("Send the files in it one by one. Nothing was saved."),
    ),
    "file_infected": Words(
        N_("There is a virus in the file"),
        N_("The virus scanner found something in the file, so it is not taken."),
        N_("Do not open it. Tell whoever looks after your computer. Nothing was saved."),
    ),
    "file_unchecked": Words(
        N_("The file could not be looked at"),
        N_("The virus scanner does not answer, and a file is not taken without it."),
        N_("Try again in a while, or tell the administrator. Nothing was saved."),
    ),
    "file_unknown": Words(
        N_("The file is of a kind that is not taken"),
        N_("What is in the file is not PDF, Office, OpenDocument, an image or plain text."),
        N_("Save it as PDF and send it again. Nothing was saved."),
    ),
    "file_in_use": Words(
        N_("The file is part of an answer"),
        N_("What has been handed in, or a document, rests on it. It stays."),
        N_("If it must go, somebody who steers the case can correct the answer first."),
    ),
    "no_files_here": Words(
        N_("No files belong here"),
        N_("This process holds only pointers: numbers, days and yes or no, never content."),
        N_("Register the file where it belongs, and write its record number."),
    ),
    "no_such_document": Words(
        N_("There is no such document"),
        N_("The process does not make a document of that kind."),
        N_("Choose one of those on the page of the case."),
    ),
    "template_incomplete": Words(
        N_("Something is missing"),
        N_("A name, an owner and an area are needed, each of at most {most} characters."),
        N_("Go back, fill it in and send again. Nothing was saved."),
    ),
    "too_many_files": Words(
        N_("There is no room for more files"),
        N_("A case holds at most {most} files."),
        N_("Remove those that are not needed. Nothing was saved."),
    ),
    "disk_full": Words(
        N_("There is no room to save"),
        N_("The disk of the server is full, so nothing can be saved now. Nothing was changed."),
        N_("Tell the administrator. What you typed is still there if you go back."),
    ),
    # from the command line: backups, and files read in
    "import_unreadable": Words(
        N_("The files could not be used"),
        N_("Nothing was changed. Mend the files and send them again."),
    ),
    "not_sealed": Words(
        N_("Not everything has been sealed yet"),
        N_("No seal proves these cases yet: {cases}. They began after the last one was set."),
        N_("Set a seal now, or wait for the next one; then make the package again."),
        **PROOF,
    ),
    "evidence_too_large": Words(
        N_("That is too many cases for one package"),
        N_("You asked for {count}; {most} can go in one."),
        N_("Take fewer at a time."),
    ),
    "seal_overtaken": Words(
        N_("Somebody else has just set a seal"), N_("Nothing was changed. Try once more.")
    ),
    "seal_key_wrong": Words(
        N_("The seals are signed with another key"),
        N_("A new key takes over when the old one signs that it does: `seal --next-key FILE`."),
    ),
    "backup_exists": Words(
        N_("There is a file of that name already"), N_("{file} was left as it is. Choose another.")
    ),
    "backup_unreadable": Words(
        N_("This is no whole backup"),
        N_("{member} is missing, damaged or changed. Nothing was read in."),
    ),
    "backup_newer": Words(
        N_("The backup was made by a newer program"),
        N_("Upgrade this program first. Nothing was read in."),
    ),
    "backup_is_sealed": Words(
        N_("The backup is encrypted"), N_("Say where the private key is. Nothing was read in.")
    ),
    "backup_key_wrong": Words(
        N_("The key does not fit"),
        N_("{file} holds no key of the right kind, or another than the backup was encrypted to."),
    ),
    "database_not_empty": Words(
        N_("There is something in the database already"),
        N_("Nothing was read in. Choose an empty database, or say that its content may go."),
    ),
    "database_of_another_shape": Words(
        N_("The database is of another version than the backup"),
        N_("Nothing was read in. Choose an empty database instead."),
    ),
    "key_in_the_way": Words(
        N_("There is another key already"),
        N_("{file} is not the key in the backup. Move it away first. Nothing was read in."),
    ),
    "newer_schema": Words(
        N_("The database was made by a newer program"),
        N_("Upgrade this program first. Nothing was changed."),
    ),
}

# By the status, where the reason has no words of its own.
STATUSES: dict[int, Words] = {
    400: Words(
        N_("The page could not be read"),
        N_("What the browser sent was not complete, or not in a form that can be read."),
        N_("Go back, reload the page and try again. Nothing was changed."),
    ),
    401: REASONS["sign_in_needed"],
    403: Words(
        N_("You may not do this"),
        N_("Your role does not include it. Nothing was changed."),
        N_("If you need it in your work, ask the coordinator of your unit or an administrator."),
    ),
    404: Words(
        N_("The page is not here"),
        N_("The address may be misspelled, the thing removed, or not for you to see."),
        N_("Check the address, or look for it from the home page."),
    ),
    405: Words(
        N_("The page cannot be opened like that"),
        N_("The address is for sending a form, not for opening."),
        N_("Go to the page where the form is, and press its button."),
    ),
    409: Words(
        N_("Somebody else was faster"),
        N_("The thing was changed, or is in a state where this cannot be done."),
        N_("Go back and reload the page to see how it is now. Nothing was changed."),
    ),
    410: Words(
        N_("The link no longer works"),
        N_("It has been used, or is too old."),
        N_("Ask the person who sent it for a new one."),
    ),
    413: Words(
        N_("It is too large to send"),
        N_("What you sent is larger than what can be received. Nothing was saved."),
        N_("Shorten the text, or choose a smaller file, and send again."),
    ),
    415: Words(
        N_("The file is of a kind that cannot be read"),
        N_("Another kind of file was expected here. Nothing was saved."),
        N_("Save it as the kind the page asks for, and send again."),
    ),
    422: Words(
        N_("Something needs to be mended"),
        N_("What you sent could not be used as it is. Nothing was changed."),
        N_("Go back, look through what you wrote and send it again."),
    ),
    429: Words(
        N_("Too many attempts"),
        N_("There have been many attempts in a short time."),
        N_("Wait a minute and try again."),
    ),
    500: Words(
        N_("The fault is ours"),
        N_("An error in the program stopped the page. What you sent was not saved."),
        N_("Try once more. If it happens again, tell the administrator the number below."),
    ),
    503: Words(
        N_("The service is resting"),
        N_("It is being started or maintained. Nothing was saved."),
        N_("Wait a minute and try again."),
    ),
}
