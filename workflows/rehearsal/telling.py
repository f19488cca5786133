"""Say what a rehearsal found, in the reader's language; from the report as it is kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from workflows.calendar.because import Reason, Unresolved
from workflows.calendar.names import DAYS_OFF
from workflows.calendar.words import missing
from workflows.language import N_, Language, Sentence, capital, counted, listed, translator
from workflows.organisation.roles import ROLES
from workflows.processes.telling import incident_told

Found = Mapping[str, Any]  # a finding, or a report, as JSON holds it

# What each kind of finding is called, in the order they are told.
TITLES = {
    "before_its_steps": N_("Due before it can open"),
    "misses_its_meeting": N_("Cannot reach its meeting"),
    "before_its_period": N_("Due before its period is over"),
    "on_a_day_off": N_("Due on a day off"),
    "too_much": N_("Too much in one week"),
    "nobody": N_("Nobody holds the role"),
    "second": N_("Nobody is left for four eyes"),
    "stopped": N_("Stops"),
    "no_answer": N_("Cannot be answered"),
    "stuck": N_("Never comes to an end"),
    "endless": N_("Goes round without end"),
    "no_date": N_("Has no date"),
    "no_start": N_("Does not start"),
    "lost": N_("Nobody receives it"),
}
_WHAT = {
    "before_its_steps": N_(
        "“{step}” is due {due}, but opens {opened} at the latest, when “{after}” is done."
    ),
    "misses_its_meeting": N_(
        "“{step}” is due {due} for the meeting {meeting}, but opens {opened} at the latest."
    ),
    "before_its_period": N_("“{step}” is due {due}, but the period lasts until {over}."),
    "on_a_day_off": N_("“{step}” is due {due}: {name}."),
    "nobody": N_("No {roles} in {place} can do “{step}”."),
    "second": N_("No {roles} in {place} may do “{step}”: who did the steps before it may not."),
    "stopped": N_("The case stops at “{step}”. {why}"),
    "no_answer": N_("No answers were found that the form of “{step}” takes."),
    "stuck": N_("The case rests at “{step}”, and nothing will wake it."),
    "endless": N_("The case comes back to “{step}” again and again."),
    "no_date": N_("“{step}” has no date. {why}"),
    "no_start": N_("No case starts. {why}"),
}
_WITHOUT_STEP = N_("“{step}” is due {due}, but opens {opened} at the latest.")
_DAYS = ("due", "opened", "over", "meeting", "monday")


def title(code: str, language: Language) -> str:
    """Name a kind of finding."""
    return Sentence(TITLES[code]).said(language)


def told(report: Found, finding: Found, language: Language) -> str:
    """Say one finding in a sentence."""
    params = dict(finding["params"])
    params |= {day: date.fromisoformat(params[day]) for day in _DAYS if params.get(day)}
    code, process = finding["code"], finding["process"]
    if code == "lost":
        return counted(
            params["count"],
            "{count} message “{message}” that nobody waits for.",
            "{count} messages “{message}” that nobody waits for.",
            message=params["message"],
        ).said(language)
    if code == "too_much":
        return _load_told(params, language)
    params["step"] = named(report, f"{process}/{finding['element']}", language)
    if params.get("after"):
        params["after"] = named(report, f"{process}/{params['after']}", language)
    elif code == "before_its_steps":
        return Sentence(_WITHOUT_STEP, params).said(language)
    if "roles" in params:
        params["roles"] = listed([_role(one, language) for one in params["roles"]], language)
        params["place"] = named(report, params["place"] or "", language)
    if code == "on_a_day_off" and params["name"] in DAYS_OFF:
        params["name"] = translator(language).gettext(params["name"])
    return Sentence(_WHAT[code], params | {"why": _why(params, language)}).said(language)


def named(report: Found, key: str, language: Language) -> str:
    """Say what a unit, a process or a step is called."""
    words = report["names"].get(key) or {}
    return str(words.get(language) or words.get("sv") or key.rpartition("/")[2] or "–")


def _load_told(params: dict[str, Any], language: Language) -> str:
    params["role"] = _role(params["role"], language)
    params["people"] = counted(params["people"], "{count} person", "{count} people")
    return Sentence(
        N_("{steps} steps are due for {role} in the week from {monday}, for {people}."), params
    ).said(language)


def _role(code: str, language: Language) -> str:
    return translator(language).gettext(ROLES[code].name) if code in ROLES else code


def _why(params: Mapping[str, Any], language: Language) -> str:
    if "incident" in params:
        return incident_told(params["incident"], params["cause"], (), language).what
    if "reason" not in params:
        return ""
    rest = {key: value for key, value in params.items() if key not in ("reason", "rule")}
    why = missing(Unresolved(Reason(params["reason"]), params["rule"], rest), language)
    return f"{capital(why)}."
