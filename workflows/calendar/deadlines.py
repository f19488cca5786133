"""Evaluate a rule in a unit's calendar: an instant and its because, or what is missing."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.calendar.because import Because, Part, Reason, Unresolved
from workflows.calendar.milestones import moved
from workflows.calendar.places import (
    Facts,
    Fields,
    Place,
    Stuck,
    at_instant,
    from_field,
    number,
)
from workflows.calendar.rules import (
    AtMeeting,
    AtMilestone,
    Choice,
    DayOfYear,
    Field,
    Opened,
    Rule,
    Span,
    Term,
)
from workflows.calendar.workdays import (
    FIRST_YEAR,
    LAST_YEAR,
    ClosedDays,
    OutOfRange,
    Skipped,
    add_workdays,
    skipped_between,
    why_closed,
    workday_on_or_after,
    workday_on_or_before,
)
from workflows.calendar.years import Calendar
from workflows.canonical import instant_text

NO_FIELDS: Fields = {}
MEETING_PARTS = {
    "meeting": "on",
    "next_meeting": "on",
    "draft_stop": "draft_stop",
    "chair_prep": "chair_prep",
    "union_coop": "union_coop",
    "documents": "documents_out",
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due, and why."""

    due_at: datetime
    because: Because


def evaluate(
    rule: Rule,
    calendar: Calendar,
    year: int,
    *,
    opened: datetime | None = None,
    fields: Fields = NO_FIELDS,
    legal: bool = False,
    time_of_day: time | None = None,
) -> Deadline | Unresolved:
    """Say when `rule` falls for a case of `year`, in this order: a milestone moves by its own rule,
    spans count from left to right, and the result moves once, forward if `legal` and else back.

    `fields` holds the data of the case, and of the row for `item`, under those names. A result in
    hours, or an instant with nothing added, is exact and never moved. A time that clocks skip in
    spring counts as an hour later; one they show twice in autumn is the first.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Unresolved(Reason.OUT_OF_RANGE, str(rule))
    facts = Facts(calendar, year, opened, fields, legal, time_of_day)
    try:
        place = _follow(facts, rule)
        due_at = _settle(facts, place)
    except Stuck as stuck:
        return Unresolved(stuck.reason, str(rule), stuck.params)
    except (OutOfRange, OverflowError):
        return Unresolved(Reason.OUT_OF_RANGE, str(rule))
    return Deadline(due_at, Because(str(rule), calendar.zone, tuple(place.parts)))


def extended(found: Deadline, until: datetime) -> Deadline:
    """Give the longer time somebody has been given; a rule that gives more still gives more."""
    if found.due_at >= until:
        return found
    day = until.astimezone(ZoneInfo(found.because.zone)).date()
    part = Part("extended", "", day, {"at": instant_text(until)})
    before = (one for one in found.because.parts if one.kind != "extended")
    return Deadline(until, replace(found.because, parts=(*before, part)))


def _follow(facts: Facts, rule: Rule) -> Place:
    if isinstance(rule, Choice):
        return _choose(facts, rule)
    place = _start(facts, rule.term)
    for span in rule.spans:
        _add(facts, place, span)
    if rule.at:
        place.at, place.exact = rule.at, False
    return place


def _settle(facts: Facts, place: Place) -> datetime:
    """Move the result once, give it its time of day, and say so."""
    if place.exact and place.instant:
        place.parts.append(Part("instant", "", place.day, {"at": instant_text(place.instant)}))
        return place.instant
    move = workday_on_or_after if facts.legal else workday_on_or_before
    _move(place, move(facts.closed, place.day), facts.closed)
    clock = place.at or facts.default_time
    params = {"clock": clock.isoformat("minutes"), "legal": facts.legal, "given": bool(place.at)}
    place.parts.append(Part("time", "", place.day, params))
    return facts.instant(place.day, clock)


def _move(place: Place, to: date, closed: ClosedDays) -> None:
    if to != place.day:
        params = {"from": place.day.isoformat(), "name": why_closed(closed, place.day)}
        place.parts.append(Part("moved", "", to, params))
        place.day = to


def _choose(facts: Facts, rule: Choice) -> Place:
    """Follow every alternative and keep one; those whose milestone does not exist fall away."""
    places: list[tuple[datetime, Place, Rule]] = []
    absent: list[Rule] = []
    for alternative in rule.of:
        try:
            place = _follow(facts, alternative)
        except Stuck as stuck:
            if stuck.reason is not Reason.MILESTONE_ABSENT or len(absent) == len(rule.of) - 1:
                raise
            absent.append(alternative)
            continue
        exact = place.instant if place.exact else None
        instant = exact or facts.instant(place.day, place.at or facts.default_time)
        places.append((instant, place, alternative))
    pick = min if rule.pick == "min" else max
    _, chosen, chosen_rule = pick(places, key=lambda one: one[0])
    others = [
        {"rule": str(other), "date": place.day.isoformat()}
        for _, place, other in places
        if other is not chosen_rule
    ]
    params = {"chosen": str(chosen_rule), "others": others, "absent": [str(one) for one in absent]}
    chosen.parts.append(Part(rule.pick, str(rule), chosen.day, params))
    return chosen


def _start(facts: Facts, term: Term) -> Place:
    match term:
        case AtMilestone():
            return _milestone(facts, term)
        case Opened():
            if facts.opened is None:
                raise Stuck(Reason.NOT_OPENED)
            return at_instant(facts, "opened", str(term), facts.opened)
        case Field():
            return from_field(facts, term)
        case DayOfYear():
            last = monthrange(facts.year, term.month)[1]
            place = Place(date(facts.year, term.month, min(term.day, last)))
            place.parts.append(Part("date", str(term), place.day))
            return place
        case AtMeeting():
            return _meeting(facts, term)


def _milestone(facts: Facts, term: AtMilestone) -> Place:
    year = facts.year + term.offset
    found = facts.calendar.by_code.get((term.code, year))
    if found is None or not found.exists or found.on is None:
        if year not in facts.calendar.years:
            raise Stuck(Reason.NO_CALENDAR, year=year)
        if found is None:
            raise Stuck(Reason.NO_MILESTONE, milestone=term.code, year=year)
        reason = Reason.MILESTONE_UNDATED if found.exists else Reason.MILESTONE_ABSENT
        raise Stuck(reason, milestone=term.code, year=year)
    place = Place(found.on)
    params = {
        "code": found.code,
        "year": year,
        "kind": found.kind.value,
        "basis": found.basis,
        "confirmed": found.confirmed,
        "own": found.own,
    }
    place.parts.append(Part("milestone", str(term), found.on, params))
    to = moved(found.on, found.kind, facts.calendar.closed, legal=facts.legal)
    _move(place, to, facts.calendar.closed)
    return place


def _meeting(facts: Facts, term: AtMeeting) -> Place:
    place = _follow(facts, term.of)
    if term.part == "next_meeting":
        held = facts.calendar.meeting_from(place.day)
    else:
        held = facts.calendar.meeting_by(place.day)
    if held is None:
        raise Stuck(Reason.NO_MEETING, date=place.day.isoformat())
    day: date = getattr(held, MEETING_PARTS[term.part])
    params = {"meeting": held.on.isoformat(), "assumed": held.assumed}
    place.parts.append(Part(term.part, str(term), day, params))
    return Place(day, parts=place.parts)


def _add(facts: Facts, place: Place, span: Span) -> None:
    count = span.count if isinstance(span.count, int) else number(facts, span.count)
    signed = count * span.sign
    skipped: tuple[Skipped, ...] = ()
    if span.unit == "h":
        start = place.instant or facts.instant(place.day, facts.default_time)
        place.instant, place.exact = start + timedelta(hours=signed), True
        place.day = facts.day(place.instant)
    else:
        before, place.day = place.day, _shifted(facts, place.day, signed, span)
        if span.unit == "wd":
            skipped = skipped_between(facts.closed, before, place.day)
        if place.instant:  # the same time of day, should hours follow
            clock = place.instant.astimezone(facts.calendar.tz).time()
            place.instant, place.exact = facts.instant(place.day, clock), False
    params: dict[str, object] = {"count": signed, "unit": span.unit}
    if isinstance(span.count, Field):
        params["field"] = str(span.count)
    if span.unit == "h" and place.instant:
        params["at"] = instant_text(place.instant)
    place.parts.append(Part("span", str(span), place.day, params, skipped))


def _shifted(facts: Facts, day: date, count: int, span: Span) -> date:
    match span.unit:
        case "wd":
            return add_workdays(facts.closed, day, count)
        case "m":
            return _add_months(day, count)
        case "w":
            return day + timedelta(weeks=count)
        case _:
            return day + timedelta(days=count)


def _add_months(day: date, count: int) -> date:
    """Go so many months on; the 31st becomes the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not date.min.year <= year <= date.max.year:
        raise OutOfRange(year=year)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
