"""What is wrong with a diagram, in words: what it means and how to mend it, by code."""

from dataclasses import dataclass

from workflows.language import N_


@dataclass(frozen=True, slots=True)
class Words:
    """What a code means and what to do about it, as keys of the catalogs."""

    what: str
    mend: str


SAVE_AGAIN = N_("Save the diagram again from the program it was drawn in.")
EXPORT_AGAIN = N_("Take the file out anew from where it came.")
DIVIDE = N_("Let a part of it be a process of its own, and call it.")
A_ROLE = N_("Name a role on the lane or on the step.")
A_DEADLINE = N_("Write a deadline rule, a date or a length of time: T2 - 10wd, 2027-09-01, P5D.")
A_COUNT = N_("Write how often: R3/P1D is three times, a day apart.")
A_LINK = N_("Draw two link events with the same name in the same process, one out and one in.")
ONE_DEFAULT = N_("Mark one of the ways out as the default.")
IN_THE_README = N_("See the list of attributes in bpmn/README.md.")
IN_THE_FORMS_README = N_("See what a form may hold in forms/README.md.")
MEND_THE_RULE = N_("Mend the rule. `explain` shows when a rule falls.")
PLAIN_PARTS = N_("Draw it with steps, gateways, events and sub-processes instead.")

EVENTS: dict[str, str] = {
    "message": N_("message"),
    "signal": N_("signal"),
    "error": N_("error"),
    "escalation": N_("escalation"),
    "timer": N_("timer"),
    "condition": N_("condition"),
    "cancel": N_("cancellation"),
    "terminate": N_("termination"),
    "compensation": N_("compensation"),
    "link": N_("link"),
    "none": N_("without content"),
}
DIAGRAMS: dict[str, Words] = {
    # --- the file
    "empty_file": Words(N_("The file is empty."), SAVE_AGAIN),
    "file_too_large": Words(N_("The file is larger than {limit} bytes."), DIVIDE),
    "too_many_elements": Words(N_("The file has more than {limit} elements."), DIVIDE),
    "not_xml": Words(N_("The file cannot be read as XML: it is cut, or no XML."), SAVE_AGAIN),
    "document_type": Words(
        N_("The file has a document type, which may ask for other files."),
        N_("Remove the line that begins with <!DOCTYPE."),
    ),
    "not_bpmn": Words(N_("The file is XML but no BPMN 2.0 diagram."), SAVE_AGAIN),
    "no_process": Words(
        N_("There is no process to run in the diagram."),
        N_("Draw a process and mark it as executable."),
    ),
    "package_damaged": Words(N_("The file is damaged, or no process file of ours."), EXPORT_AGAIN),
    "package_no_manifest": Words(N_("The file does not say what it holds."), EXPORT_AGAIN),
    "package_other_content": Words(
        N_("The file holds something else than it says: it was changed on the way."), EXPORT_AGAIN
    ),
    "package_strange_name": Words(
        N_("The file holds something that does not belong in it."), EXPORT_AGAIN
    ),
    "package_too_many_files": Words(N_("The file holds too many files."), EXPORT_AGAIN),
    "package_too_large": Words(N_("What the file holds is too large."), EXPORT_AGAIN),
    "package_no_text": Words(N_("What the file holds is no text in UTF-8."), EXPORT_AGAIN),
    "package_too_deep": Words(N_("It has too many levels within each other."), EXPORT_AGAIN),
    "other_process": Words(
        N_("The diagram is of the process “{key}”, and this is “{wanted}”."),
        N_("Write {wanted} as the key of the process, or bring it in as a process of its own."),
    ),
    "process_ignored": Words(
        N_("The process is not run: only one of those in a file is."),
        N_("Put it in a file of its own, or call it from the other one."),
    ),
    "duplicate_id": Words(
        N_("Another element has the same id (line {first})."), N_("Give one of them another id.")
    ),
    "cannot_run": Words(N_("“{kind}” cannot be run."), PLAIN_PARTS),
    "ignored": Words(N_("“{kind}” is not used."), N_("Remove it, if it does not only explain.")),
    "message_flow_ignored": Words(
        N_("The message flow only explains; it sends nothing."),
        N_("Send with a message event or a send task, if something is to be sent."),
    ),
    "foreign_ignored": Words(
        N_("Another program has written “{what}”, which is not used here."),
        N_("Remove it, or say the same in the words of this program."),
    ),
    "owner_without_lane": Words(
        N_("“{kind}” says who is to do the step, and the step stands in no lane."),
        N_("Draw a lane for the role, with the step in it; the lane says who does it."),
    ),
    "resource_ignored": Words(N_("“{kind}” is not used."), A_ROLE),
    "data_store": Words(
        N_("The step reads or writes a data store, and there is none."),
        N_("Remove the association: what a case knows lies in the case."),
    ),
    # --- flows and gateways
    "flow_to_nowhere": Words(
        N_("The flow lacks an element at one end ({end}: {name})."),
        N_("Draw the flow again, between two elements of the same process."),
    ),
    "flow_into": Words(
        N_("No flow may lead to an element of this kind ({kind})."), N_("Remove the flow.")
    ),
    "flow_out_of_end": Words(
        N_("A flow leaves the end event."),
        N_("Remove the flow, or make it an intermediate event."),
    ),
    "several_starts": Words(
        N_("The process has several start events."),
        N_("Keep one, and let a gateway after it choose the way."),
    ),
    "nothing_to_run": Words(N_("The process is empty."), N_("Draw a start, a step and an end.")),
    "twin_flows": Words(
        N_("Two flows lead from here to the same gateway, {to}, which counts its ways in."),
        N_("Keep one of the flows."),
    ),
    "unreachable": Words(
        N_("No way leads here from the start."), N_("Draw a flow to it, or remove it.")
    ),
    "endless_round": Words(
        N_("The process goes round here for ever: nothing in the round waits or chooses."),
        N_("Let a gateway lead out of the round, or put a step in it."),
    ),
    "join_never_fires": Words(
        N_("The gateway waits for several ways, but only one of them is ever taken."),
        N_("Make it an exclusive gateway, or divide the ways with a parallel one."),
    ),
    "condition_missing": Words(
        N_("More than one way out lacks a condition."),
        N_("Give each a condition, except the one that is the default."),
    ),
    "empty_condition": Words(
        N_("The condition is empty."), N_("Write the condition, or remove it.")
    ),
    "condition_ignored": Words(
        N_("A parallel gateway takes every way, whatever a condition says."),
        N_("Remove the condition, or make it an inclusive gateway."),
    ),
    "no_default": Words(N_("If no condition holds, the case stops here."), ONE_DEFAULT),
    "default_to_nowhere": Words(N_("The default is no flow that leaves from here."), ONE_DEFAULT),
    "no_activation_condition": Words(
        N_("The complex gateway does not say when it goes on."),
        N_("Write its activation condition: activationCount >= 2."),
    ),
    "no_events": Words(
        N_("The event-based gateway leads nowhere."),
        N_("Draw flows to the events that may happen."),
    ),
    "not_an_event": Words(
        N_("After an event-based gateway, each way begins with an event that only it leads to."),
        N_("Put an intermediate event or a receive task there."),
    ),
    "condition_on_event": Words(
        N_("A flow from an event-based gateway has a condition."),
        N_("Remove it: the event that comes first decides the way."),
    ),
    "link_twice": Words(N_("Two link events are called “{name}”."), A_LINK),
    "link_to_nowhere": Words(N_("No link event called “{name}” takes over."), A_LINK),
    "link_from_nowhere": Words(N_("No link event called “{name}” leads here."), A_LINK),
    # --- events
    "several_events": Words(
        N_("The event waits for several things at once."), N_("Draw one event for each.")
    ),
    "event_not_here": Words(
        N_("An event of this kind ({event}) cannot stand here."),
        N_("Choose another kind of event, or another place for it."),
    ),
    "event_without_name": Words(
        N_("The event does not say which one it means ({event})."),
        N_("Choose it, or make a new one."),
    ),
    "unknown_event_definition": Words(
        N_("The event refers to “{name}”, which is not in the file."),
        N_("Choose anew what the event waits for."),
    ),
    "unknown_expiry": Words(
        N_("“{value}” does not say how long the message is kept."),
        N_("Write a number and a unit: 60d."),
    ),
    "timer_without_rule": Words(N_("The timer has no rule."), A_DEADLINE),
    "timer_invalid": Words(N_("“{text}” is no time."), A_DEADLINE),
    "cycle_of_nothing": Words(N_("The timer repeats no times."), A_COUNT),
    "endless_catch": Words(N_("The timer repeats for ever, and the case has to go on."), A_COUNT),
    "attached_to_nothing": Words(
        N_("The event is attached to no step ({to})."),
        N_("Drag it to the edge of a step or a sub-process."),
    ),
    "event_start_missing": Words(
        N_("An event sub-process has exactly one start event."),
        N_("Draw one, with the event it waits for."),
    ),
    "error_must_interrupt": Words(
        N_("An error always interrupts what it happens in."),
        N_("Make the start event interrupting."),
    ),
    "cancel_without_transaction": Words(
        N_("Only a transaction can be cancelled, and there is none here."),
        N_("Put the event inside, or on the edge of, a transaction."),
    ),
    "cancel_uncaught": Words(
        N_("Nothing takes over when the transaction is cancelled."),
        N_("Put a cancel event on the edge of the transaction."),
    ),
    "instance_event_uncaught": Words(
        N_("Each round throws an event that nothing catches."),
        N_("Put the event on the edge of the step, or let the step wait for all rounds."),
    ),
    # --- what steps do
    "nothing_inside": Words(
        N_("There is nothing in the sub-process."), N_("Draw what is to be done in it.")
    ),
    "instances_unknown": Words(
        N_("It is not said how many times the step is done."),
        N_("Write a number, or the name of the list it goes through."),
    ),
    "instances_negative": Words(
        N_("A step cannot be done a negative number of times."), N_("Write 0 or more.")
    ),
    "loop_without_end": Words(
        N_("It is not said when the loop ends."),
        N_("Write the condition for another round, or the most rounds there may be."),
    ),
    "script_language": Words(N_("The script is written in {language}."), N_("Write it in Python.")),
    "script_missing": Words(
        N_("The script task has no script."), N_("Write it, or make it another kind of task.")
    ),
    "script_invalid": Words(
        N_("Line {at} of the script: {cause}."), N_("Mend that line of the script.")
    ),
    "expression_invalid": Words(
        N_("“{text}” cannot be used: {cause}."),
        N_("Mend the expression. It may name what the case knows, and the functions offered."),
    ),
    "unknown_name": Words(
        N_("Nothing in the process gives “{name}” a value."),
        N_("Mend the spelling, or let a form or a step give it."),
    ),
    "action_missing": Words(
        N_("The task does not say what is to be done."), N_("Choose an action for it.")
    ),
    "unknown_register": Words(
        N_("There is no register called “{register}”."),
        N_("Write the name of a file in forms/registers."),
    ),
    "register_lacks_column": Words(
        N_("The register “{register}” has no column “{column}”."), IN_THE_FORMS_README
    ),
    "register_key_differs": Words(
        N_("Rows of the register “{register}” are told apart by other columns: {key}."),
        N_("Give those columns as the key."),
    ),
    "register_column_differs": Words(
        N_("“{column}” holds another kind of value in the register “{register}”."),
        N_("Ask for the same kind of value, with options that the register has."),
    ),
    "unknown_action": Words(N_("There is no action called “{action}”."), IN_THE_README),
    "wrong_parameters": Words(
        N_("The action “{action}” takes these parameters: {wanted}."),
        N_("Give it those; those in brackets may be left out."),
    ),
    "wrong_parameter": Words(
        N_("“{parameter}” of the action “{action}” is a value of the wrong kind."), IN_THE_README
    ),
    "decision_missing": Words(
        N_("The step does not say which rule table it asks."), N_("Choose a decision for it.")
    ),
    "unknown_decision": Words(
        N_("There is no decision called “{decision}”."),
        N_("Write the id of a decision in a rule table beside the diagram."),
    ),
    "each_not_a_name": Words(
        N_("“{each}” is no name of a list."), N_("Write the name of a list that the case knows.")
    ),
    "unknown_process": Words(
        N_("There is no process called “{process}” to call."),
        N_("Write the id of a process in this file, or of one that is published."),
    ),
    "process_missing": Words(
        N_("The call does not say which process."), N_("Write the id of the process to call.")
    ),
    "unknown_version": Words(N_("“{value}” is no version to call."), N_("Write latest or pinned.")),
    "calls_itself": Words(
        N_("The process calls itself by way of “{process}”, and would never end."),
        N_("Draw a round with a gateway instead."),
    ),
    # --- people, forms and time
    "step_without_lane": Words(
        N_("The step lies in no lane."), N_("Draw it into the lane of those who do it.")
    ),
    "step_without_role": Words(N_("Nobody would get the step."), A_ROLE),
    "step_without_form": Words(
        N_("The step has no form."), N_("Choose its form, or say what kind of step it is.")
    ),
    "step_without_deadline": Words(
        N_("The step has no deadline."), N_("Write a deadline rule for it: T2 - 10wd.")
    ),
    "unknown_role": Words(N_("There is no role called “{role}”."), A_ROLE),
    "unknown_form": Words(
        N_("There is no form called “{form}”."),
        N_("Write the name of a form that belongs to the process."),
    ),
    "nothing_to_carry": Words(
        N_("The step carries last year’s answers, but its form “{form}” names no field."),
        N_("Name the fields under carry_over in the form, or take `carry` away from the step."),
    ),
    "carry_not_asked_for": Words(
        N_("The form “{form}” carries fields over, but the step does not ask for it."),
        N_('Write carry="previous" on the step, or take carry_over away from the form.'),
    ),
    "unknown_step": Words(
        N_("There is no step called “{step}”."), N_("Write the id of a step in this process.")
    ),
    "bad_form": Words(
        N_("The form is wrong at {path}: {cause}."), N_("Mend the form. See forms/README.md.")
    ),
    "bad_deadline": Words(N_("The deadline “{rule}”: {cause}."), MEND_THE_RULE),
    "unknown_milestone": Words(N_("The deadline “{rule}”: {cause}."), MEND_THE_RULE),
    "deadline_without_date": Words(
        N_("The deadline “{rule}” has no date in the year it was tried in."), MEND_THE_RULE
    ),
    "due_before_case": Words(
        N_("The deadline “{rule}” lies before the case opens, “{start}”."),
        N_("Let the case open earlier, or the step be due later. `explain` shows when each falls."),
    ),
    "condition_fails": Words(
        N_("Before a case starts, this cannot be worked out: {cause}"),
        N_("Ask only for the year and the unit: unit.kind, unit.code, year."),
    ),
    "start_without_case": Words(
        N_("“{rule}” asks for what only a case has, and no case has started yet."),
        N_("Begin the rule with a milestone or a date."),
    ),
    "unknown_per": Words(N_("“{text}” is no kind of unit."), N_("Write one of these: {known}.")),
    "per_missing": Words(
        N_("The process says when cases start but not for which units."),
        N_("Write the kinds of unit in `per`, or city."),
    ),
    "unknown_word": Words(
        N_("“{text}” means nothing in “{attribute}”."), N_("Write one of these: {known}.")
    ),
    "unknown_attribute": Words(N_("Nothing reads the attribute “{attribute}”."), IN_THE_README),
    "bad_assignee": Words(
        N_("“{text}” names no person of the case."), N_("Write it as case.NAME or item.NAME.")
    ),
    "test_differs": Words(
        N_("The test “{test}” no longer goes as it was to."),
        N_("See under Try it where it parts; change the diagram back, or keep a new test."),
    ),
    "bad_key": Words(
        N_("The key “{text}” cannot be used."),
        N_("Write small letters a–z, figures and underscores, a letter first."),
    ),
}
