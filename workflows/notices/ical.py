"""Deadlines as a calendar program reads them (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from workflows.language import Language

MAKER = "-//Arshjul//Arshjul//SV"
READ_EVERY = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Entry:
    """One date. Under the same `uid` a larger `sequence` tells of a change."""

    uid: str
    sequence: int
    on: date  # a whole day, or an instant
    summary: str
    description: str
    url: str
    is_cancelled: bool = False


def written(name: str, entries: Iterable[Entry], language: Language, *, now: datetime) -> bytes:
    """Write a calendar."""
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", " ".join(_plain(name).split()))  # is written as it is
    calendar.add("refresh-interval", READ_EVERY, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, language, now))
    return bytes(calendar.to_ical())


def _event(entry: Entry, language: Language, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", now)
    event.add("dtstart", entry.on)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a deadline takes nobody's time
    event.add("summary", _plain(entry.summary), parameters={"LANGUAGE": str(language)})
    if entry.description:
        event.add("description", _plain(entry.description))
    event.add("url", entry.url)
    return event


def _plain(text: str) -> str:
    """Leave out what no line of a calendar may hold; the rest is escaped when it is written."""
    return "".join(one for one in text if one.isprintable() or one == "\n")
