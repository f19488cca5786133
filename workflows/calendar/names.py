"""What people call milestones, days off and mistakes: the texts, by code, for the catalogs."""

from collections.abc import Mapping

from workflows.calendar.because import Reason
from workflows.calendar.consistency import Problem
from workflows.calendar.meeting_files import RowProblem
from workflows.calendar.tokens import Mistake
from workflows.language import N_, Language, Sentence, translator

MILESTONES = {
    "YEAR_START": N_("the start of the year"),
    "VB": N_("the board's annual report"),
    "LST_FOLLOWUP": N_("the follow-up to the county administrative board"),
    "AVST": N_("the council's reconciliation of goals and budget"),
    "AR_SUBMIT": N_("the annual report handed to council and auditors"),
    "T1_END": N_("the end of the first tertial"),
    "AR_KF": N_("the council's approval of the annual report"),
    "T1": N_("the board's first tertial report"),
    "T1_KS": N_("the executive board's handling of the first tertial report"),
    "T2_END": N_("the end of the second tertial"),
    "T2": N_("the board's second tertial report"),
    "BUDGET_KS": N_("the executive board's budget proposal"),
    "INTERIM_DUE": N_("the interim report handed to council and auditors"),
    "RSA_CITY": N_("the city-wide risk and vulnerability analysis"),
    "T2_KF": N_("the council's handling of the second tertial report"),
    "BUDGET_KF": N_("the council's budget decision"),
    "VP": N_("the board's operational plan"),
    "STYREL": N_("the Styrel round"),
}
KNOWN_BY_CODE = ("VB", "T1", "T2", "VP")  # what people say themselves; others go by name
# The names `holidays` gives, and our own for other days that are not counted.
DAYS_OFF = (
    N_("weekend"),
    N_("squeeze day"),
    N_("quiet period"),
    N_("New Year's Day"),
    N_("Epiphany"),
    N_("Good Friday"),
    N_("Easter Sunday"),
    N_("Easter Monday"),
    N_("May Day"),
    N_("Ascension Day"),
    N_("Pentecost"),
    N_("Pentecost Monday"),
    N_("National Day"),
    N_("Midsummer Eve"),
    N_("Midsummer Day"),
    N_("All Saints' Day"),
    N_("Christmas Eve"),
    N_("Christmas Day"),
    N_("Second Day of Christmas"),
    N_("New Year's Eve"),
)
AROUND_MEETING = {
    "meeting": N_("the last meeting by {base}"),
    "next_meeting": N_("the next meeting from {base}"),
    "draft_stop": N_("the draft stop for {base}"),
    "chair_prep": N_("the chair's preparation for {base}"),
    "union_coop": N_("union cooperation for {base}"),
    "documents": N_("papers sent for {base}"),
}
AT_MEETING = {
    "meeting": N_("the meeting {meeting}"),
    "next_meeting": N_("the meeting {meeting}"),
    "draft_stop": N_("draft stop {date} for the meeting {meeting}"),
    "chair_prep": N_("the chair's preparation {date} for the meeting {meeting}"),
    "union_coop": N_("union cooperation {date} for the meeting {meeting}"),
    "documents": N_("papers sent {date} for the meeting {meeting}"),
}
MEETING_DATES = {
    "draft_stop": N_("the draft stop"),
    "chair_prep": N_("the chair's preparation"),
    "union_coop": N_("union cooperation"),
    "documents_out": N_("the sending of papers"),
    "on": N_("the meeting itself"),
    "adjusted": N_("the approval of the minutes"),
}
# The fields of a case or row that the shipped deadlines count from, as they are said within one.
FIELDS = {
    "clock_start": N_("becoming aware"),
    "ended_at": N_("the end of the event"),
    "exercise_on": N_("the day of the exercise"),
    "next_check": N_("the next check"),
    "next_board": N_("the next meeting"),
    "notified_at": N_("the report"),
    "period_end": N_("the end of the period"),
    "planned_publish": N_("the planned publication"),
    "reply_by": N_("the last day to reply"),
    "round_due": N_("the last day of the round"),
}
MISSING = {
    Reason.FIELD_MISSING: N_("the date is missing: {field} is not filled in"),
    Reason.FIELD_UNUSABLE: N_("{field} cannot be read as a date or a whole number"),
    Reason.NOT_OPENED: N_("the step has not opened yet"),
    Reason.NO_CALENDAR: N_("there is no calendar for {year} yet"),
    Reason.NO_MILESTONE: N_("{milestone} is not in the calendar of {year}"),
    Reason.MILESTONE_UNDATED: N_("{milestone} {year} has no date yet"),
    Reason.MILESTONE_ABSENT: N_("{milestone} does not exist here in {year}"),
    Reason.NO_MEETING: N_("no meeting is known near {date}"),
    Reason.OUT_OF_RANGE: N_("the date lies outside the years 1990–2100"),
}
MISTAKES = {
    "rule_empty": N_("The rule is empty"),
    "rule_too_long": N_("The rule is longer than {limit} characters"),
    "rule_too_deep": N_("The rule has more than {limit} levels of parentheses"),
    "ended_early": N_("The rule ends too early; {expected} is missing"),
    "unexpected": N_("“{found}” cannot stand here; {expected} is expected"),
    "unknown_character": N_("The character “{found}” is not used in rules"),
    "unknown_word": N_("“{name}” is not a word of the rules"),
    "unknown_unit": N_("“{name}” is not a length of time; {known} are"),
    "no_such_day": N_("There is no day {day} in month {month}"),
    "no_such_time": N_("There is no time {time}"),
    "number_too_large": N_("The number is larger than {limit}"),
    "time_with_hours": N_("A rule in hours is exact and takes no time of day"),
    "unknown_milestone": N_("{name} does not exist"),
    "unknown_field": N_("{name} does not exist"),
}
EXPECTED = {
    "milestone": N_("a milestone"),
    "number": N_("a number"),
    "name": N_("the name of a field"),
    "end": N_("the end of the rule"),
}
PROBLEMS = {
    "no_calendar": N_("There is no calendar for {year} yet"),
    "milestone_twice": N_("{milestone} stands {count} times in the calendar"),
    "milestone_undated": N_("{milestone} {year} has no date yet"),
    "milestone_outside_year": N_("{milestone} of {year} cannot be {date}"),
    "milestone_on_day_off": N_("{milestone} is confirmed for {date}, when nobody works"),
    "milestone_order": N_("{first} ({before}) comes after {second} ({after})"),
    "meeting_twice": N_("The meeting {meeting} stands {count} times in the calendar"),
    "meeting_on_day_off": N_("The meeting {meeting} is on a day when nobody works"),
    "minutes_too_late": N_("The minutes of {meeting} are approved {date}, after more than 14 days"),
    "meeting_dates_order": N_(
        "Before the meeting {meeting}: {first} ({before}) comes after {second} ({after})"
    ),
    "meeting_after_milestone": N_(
        "{milestone} is {date}, but the meeting that could decide it is {meeting}"
    ),
}

ROWS = {
    "no_date_column": N_("no column is called date"),
    "no_meetings": N_("there are no meetings in the file"),
    "no_meeting_date": N_("the meeting has no date"),
    "not_a_date": N_("“{value}” is not a date"),
    "two_date_formats": N_("“{value}” is not written like the file's first date, {first}"),
    "meeting_twice": N_("the meeting {meeting} stands in the file already"),
    "not_a_table": N_("the file is not a table with columns"),
    "file_too_large": N_("the file is too large"),
    "too_many_rows": N_("the file has too many rows"),
    "formula": N_("the cell holds a formula; save it as a value"),
    "meeting_repeats": N_("the meeting repeats; the file must hold each of them"),
    "not_a_calendar": N_("the file is not a calendar"),
}


def row_said(problem: RowProblem, language: Language) -> str:
    """Say what is wrong in a row of a file with meetings."""
    said = Sentence(ROWS[problem.code], problem.params)
    return Sentence("Row {row}: {problem}", {"row": problem.row, "problem": said}).said(language)


def mistake_said(mistake: Mistake, language: Language) -> str:
    """Say what is wrong with a rule, and what was perhaps meant."""
    params = _with_years(mistake.params)
    expected = params.get("expected")
    if isinstance(expected, tuple):
        params["expected"] = _either([_awaited(one, language) for one in expected], language)
    said = Sentence(MISTAKES[mistake.code], params).said(language)
    if mistake.suggestion:
        params = {"mistake": said, "suggestion": mistake.suggestion}
        return Sentence("{mistake}; did you mean {suggestion}?", params).said(language)
    return said


def problem_said(problem: Problem, language: Language) -> str:
    """Say what cannot be right in a calendar."""
    params = _with_years(problem.params)
    for place in ("first", "second"):
        if (name := params.get(place)) in MEETING_DATES:
            params[place] = Sentence(MEETING_DATES[str(name)])
    return Sentence(PROBLEMS[problem.code], params).said(language)


def _with_years(params: Mapping[str, object]) -> dict[str, object]:
    return {key: str(value) if key == "year" else value for key, value in params.items()}


def _awaited(one: str, language: Language) -> str:
    if one in EXPECTED:
        return translator(language).gettext(EXPECTED[one])
    return Sentence("“{word}”", {"word": one}).said(language)


def _either(words: list[str], language: Language) -> str:
    if len(words) == 1:
        return words[0]
    params = {"words": ", ".join(words[:-1]), "last": words[-1]}
    return Sentence("{words} or {last}", params).said(language)
