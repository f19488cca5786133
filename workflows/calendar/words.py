"""Put a because into the reader's words: a short form for lists, a full one to read."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflows.calendar.because import Because, Part, Unresolved
from workflows.calendar.names import (
    AROUND_MEETING,
    AT_MEETING,
    FIELDS,
    KNOWN_BY_CODE,
    MILESTONES,
    MISSING,
)
from workflows.calendar.workdays import Skipped
from workflows.language import (
    N_,
    Language,
    Sentence,
    capital,
    counted,
    day,
    day_span,
    moment,
    on,
    short_day,
    translator,
)

Labels = Mapping[str, str]  # what people know a field as: case.exercise_day → övningsdagen
NO_LABELS: Labels = {}


def short(why: Because, due_at: datetime, language: Language, labels: Labels = NO_LABELS) -> str:
    """Tis 11 maj 2027 · 10 arbetsdagar före T1."""
    zone = ZoneInfo(why.zone)
    when = moment(due_at, language, zone) if why.is_exact else day(on(due_at, zone), language)
    return f"{capital(when)} · {reason(why, language, labels)}"


def reason(why: Because, language: Language, labels: Labels = NO_LABELS) -> str:
    """10 arbetsdagar före T1."""
    said = ""
    for part in why.parts:
        said = _added(part, said, language, labels)
    return said


def full(why: Because, language: Language, labels: Labels = NO_LABELS) -> str:
    """Tell the whole derivation, step by step, in one line."""
    return " → ".join(steps(why, language, labels))


def steps(why: Because, language: Language, labels: Labels = NO_LABELS) -> list[str]:
    """Tell each step of the derivation and the date it led to."""
    zone = ZoneInfo(why.zone)
    told = [_told(part, language, labels, zone) for part in why.parts if part.kind != "instant"]
    return [sentence.said(language) for sentence in told]


def missing(why: Unresolved, language: Language, labels: Labels = NO_LABELS) -> str:
    """Say why there is no date."""
    params = dict(why.params)
    if "field" in params:
        params["field"] = _field(params["field"], labels, language)
    if "milestone" in params:
        params["milestone"] = milestone_said(params["milestone"], language)
    if "year" in params:
        params["year"] = str(params["year"])  # a name here: 2027, not 2 027
    if "date" in params:
        params["date"] = date.fromisoformat(params["date"])
    return Sentence(MISSING[why.reason], params).said(language)


def _added(part: Part, so_far: str, language: Language, labels: Labels) -> str:
    """Say in a few words what `part` adds to what was said so far."""
    match part.kind:
        case "milestone":
            return _milestone_shortly(part, language)
        case "opened":
            return translator(language).gettext("the step opened")
        case "field":
            return _field(part.label, labels, language)
        case "date":
            return translator(language).gettext("a fixed date")
        case "span":
            text = N_("{length} before {base}") if _is_back(part) else N_("{length} after {base}")
            return Sentence(text, {"length": _length(part), "base": so_far}).said(language)
        case kind if kind in AROUND_MEETING:
            return Sentence(AROUND_MEETING[kind], {"base": so_far}).said(language)
        case "instant" if part.label.startswith("P"):  # an ISO length of time
            return Sentence(N_("a set time after {base}"), {"base": so_far}).said(language)
        case "extended":
            return Sentence("{base}, and longer time given", {"base": so_far}).said(language)
        case _:
            return so_far


def _milestone_shortly(part: Part, language: Language) -> str:
    said, year = milestone_said(part.params["code"], language), part.params["year"]
    return f"{said} {year}" if "[" in part.label else said


def milestone_said(code: str, language: Language) -> str:
    """Name a milestone as people do: a few by their code, the others by what they are."""
    if code in MILESTONES and code not in KNOWN_BY_CODE:
        return translator(language).gettext(MILESTONES[code])
    return code


def _told(part: Part, language: Language, labels: Labels, zone: ZoneInfo) -> Sentence:
    """Tell one step, with its date."""
    params: dict[str, Any] = {**part.params, "date": part.on}
    if "at" in params:
        params["at"] = moment(datetime.fromisoformat(params["at"]), language, zone)
    match part.kind:
        case "milestone":
            return _milestone(params)
        case "span":
            return _span(part, params, language)
        case "min" | "max":
            return _choice(part, language)
        case "moved":
            params["day_off"] = date.fromisoformat(params["from"])
            name = params["name"]
            params["name"] = Sentence(name)
        case "field":
            params["field"] = _field(part.label, labels, language)
            params["when"] = params.get("at", part.on)
        case kind if kind in AT_MEETING:
            return _meeting(AT_MEETING[kind], params)
    return Sentence(STEPS[part.kind], params)


STEPS = {
    "moved": N_("{day_off} is a day off ({name}): moved to {date}"),
    "opened": N_("the step opened {at}"),
    "field": N_("{field}: {when}"),
    "date": N_("a fixed date: {date}"),
    "time": N_("at {clock}"),
    "extended": N_("longer time given, to {at}"),
}


def _milestone(params: dict[str, Any]) -> Sentence:
    params["year"] = str(params["year"])
    said = Sentence("{code} {year}", params)
    if name := MILESTONES.get(params["code"]):
        said = Sentence("{code} {year}, {name}", params | {"name": Sentence(name)})
    notes = list(_notes(params))
    text = N_("{milestone}: {date} ({notes})") if notes else N_("{milestone}: {date}")
    return Sentence(text, params | {"milestone": said, "notes": notes})


def _notes(params: dict[str, Any]) -> Iterator[Sentence]:
    """Whose date it is and how firm; the end of a period needs no such words."""
    if params["own"]:
        yield Sentence("the unit's own date")
    if params["kind"] == "legal":
        basis = str(params["basis"]).partition(": ")[2]
        yield Sentence("according to {basis}", {"basis": basis or Sentence("law")})
    elif params["kind"] == "internal":
        yield Sentence(N_("confirmed") if params["confirmed"] else N_("preliminary"))


def _meeting(text: str, params: dict[str, Any]) -> Sentence:
    params["meeting"] = date.fromisoformat(params["meeting"])
    said = Sentence(text, params)
    if params["assumed"]:
        return Sentence("{text} (assumed: the year's meetings are not known)", {"text": said})
    return said


def _span(part: Part, params: dict[str, Any], language: Language) -> Sentence:
    params |= {"length": _length(part), "date": params.get("at", part.on)}
    text = N_("{length} back: {date}") if _is_back(part) else N_("{length} on: {date}")
    if part.skipped:
        params["skipped"] = [_skipped(one, language) for one in part.skipped]
        text = N_("{length} on, {skipped} not counted: {date}")
        if _is_back(part):
            text = N_("{length} back, {skipped} not counted: {date}")
    return Sentence(text, params)


def _choice(part: Part, language: Language) -> Sentence:
    told: list[object] = [
        f"{other['rule']}: {day(date.fromisoformat(other['date']), language)}"
        for other in part.params["others"]
    ]
    told += [Sentence("{name} does not exist", {"name": rule}) for rule in part.params["absent"]]
    text = N_("the earliest is {date} ({others})")
    if part.kind == "max":
        text = N_("the latest is {date} ({others})")
    return Sentence(text, {"date": part.on, "others": told})


def _is_back(part: Part) -> bool:
    return bool(part.params["count"] < 0)


def _length(part: Part) -> Sentence:
    count = abs(part.params["count"])
    match part.params["unit"]:
        case "wd":
            return counted(count, "{count} working day", "{count} working days")
        case "w":
            return counted(count, "{count} week", "{count} weeks")
        case "m":
            return counted(count, "{count} month", "{count} months")
        case "h":
            return counted(count, "{count} hour", "{count} hours")
        case _:
            return counted(count, "{count} day", "{count} days")


def _skipped(one: Skipped, language: Language) -> str:
    name = translator(language).gettext(one.name)
    dates = day_span(one.on, one.until, language) if one.until else short_day(one.on, language)
    return f"{name} {dates}"


def _field(name: str, labels: Labels, language: Language) -> str:
    own = name.partition(".")[2]
    if name not in labels and own in FIELDS:
        return translator(language).gettext(FIELDS[own])
    return labels.get(name, own.replace("_", " "))
