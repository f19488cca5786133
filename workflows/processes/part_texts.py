"""What is wrong inside an expression, a rule table or a form, in words by code."""

from workflows.language import N_

# Why an expression or a line of a script cannot be used; put into a sentence.
EXPRESSIONS: dict[str, str] = {
    "empty": N_("there is nothing in it"),
    "too_long": N_("it is longer than {limit} characters"),
    "syntax": N_("it is not written as expressions are"),
    "too_deep": N_("it has too many levels of parentheses"),
    "forbidden": N_("“{construct}” is not allowed"),
    "bad_number": N_("a number in it is too large"),
    "private_name": N_("the name “{name}” begins with an underscore"),
    "unknown_name": N_("nothing gives “{name}” a value"),
    "unknown_function": N_("there is no function called “{name}”"),
    "unknown_module": N_("“{name}” cannot be imported"),
    "function_as_value": N_("the function “{name}” needs its parentheses"),
    "shadows": N_("“{name}” is the name of something else"),
    "wrong_arguments": N_("“{function}” is not given what it needs"),
}
# Of a rule table: errors.
TABLES: dict[str, str] = {
    "not_dmn": N_("The file is XML but no rule table (DMN)."),
    "no_decisions": N_("There is no decision in the file."),
    "no_id": N_("The decision has no id."),
    "no_logic": N_("The decision has neither a table nor an expression."),
    "not_supported": N_("“{construct}” cannot be used in a rule table."),
    "other_language": N_("The text is written in {language}, not in FEEL."),
    "no_such_decision": N_("The decision it needs, {name}, is not in the file."),
    "decision_cycle": N_("The decision needs itself, by way of others."),
    "too_deep": N_("There are too many levels."),
    "too_large": N_("The table is too large."),
    "too_long": N_("The text is longer than {limit}."),
    "valid_never": N_("The decision ends being valid before it begins."),
    "not_a_date": N_("What stands where a date belongs is none."),
    "unknown_hit_policy": N_("“{name}” is no hit policy."),
    "bad_aggregation": N_("“{name}” cannot be worked out of these results."),
    "no_priorities": N_("The hit policy needs the possible results, the most important first."),
    "no_outputs": N_("The table has no column of results."),
    "output_names": N_("Each column of results needs a name of its own."),
    "no_expression": N_("The column does not say what it asks for."),
    "cells_missing": N_("A rule has too few or too many cells."),
    "not_a_value": N_("What stands where one written value belongs is none."),
    "not_allowed": N_("The value is none of those the column may have."),
    "syntax": N_("The cell is not written as FEEL is."),
    "unknown_function": N_("There is no function called “{name}”."),
    "wrong_arguments": N_("The function “{function}” is not given what it needs."),
    # warnings
    "rules_overlap": N_("Rules {rules} hold at the same time, for instance for {example}."),
    "rule_never_reached": N_("Rule {rule} is never reached: an earlier one takes it all."),
    "no_rule_for": N_("No rule holds for {example}."),
    "not_analysed": N_(
        "Gaps and overlaps were not looked for: the cells ask for more than theirs."
    ),
}
MEND_THE_TABLE = N_("Mend the rule table.")
# Why a form cannot be used; put into a sentence.
FORMS: dict[str, str] = {
    "not_json": N_("it is not written as JSON is"),
    "too_large": N_("it is larger than {most} bytes"),
    "missing": N_("something is missing"),
    "not_an_object": N_("an object belongs there"),
    "not_a_list": N_("a list belongs there"),
    "not_text": N_("a text belongs there"),
    "not_a_number": N_("a number belongs there"),
    "not_a_count": N_("a whole number belongs there"),
    "flag_is_true": N_("only true can stand there"),
    "no_words": N_("the text is missing in {language}"),
    "unknown_key": N_("“{key}” means nothing there"),
    "unknown_keyword": N_("“{keyword}” is not used in a schema here"),
    "unknown_type": N_("“{value}” is no type of a field"),
    "unknown_format": N_("“{value}” is no format of a field"),
    "unknown_value": N_("“{value}” means nothing there"),
    "unknown_field": N_("there is no field called “{field}”"),
    "unknown_list": N_("there is no list called “{field}”"),
    "unknown_tier": N_("“{value}” is no level of the form"),
    "unknown_strength": N_("“{value}” is no strength of a rule"),
    "bad_id": N_("“{value}” cannot be used as an id, or stands twice"),
    "bad_name": N_("“{field}” cannot be the name of a field"),
    "reserved_name": N_("“{field}” has a meaning of its own and cannot name a field"),
    "bad_options": N_("the choices cannot be used"),
    "bad_pattern": N_("the pattern cannot be used"),
    "bad_expression": N_("the expression cannot be used"),
    "too_deep": N_("a list may not hold another list"),
    "not_rows_or_options": N_("a list holds rows or choices"),
    "read_only_in_fixed_rows": N_("only rows that are given may have fields to read"),
    "required_is_min": N_("a field that must be filled in belongs to every level"),
    "in_no_section": N_("the field “{field}” is in no section"),
}
