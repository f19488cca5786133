"""Days and moments as people write them; moments are told in the city's own zone.

The month and the weekday are the first three letters of their name in both languages, without the
dots that the locale data would put there.
"""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names

from workflows.language.translate import LOCALES, Language, translator

ZONE = ZoneInfo("Europe/Stockholm")


def local(instant: datetime, zone: ZoneInfo = ZONE) -> datetime:
    """Turn an instant into the time on the wall; refuses a time without a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return instant.astimezone(zone)


def on(when: date, zone: ZoneInfo = ZONE) -> date:
    """Say which day it is on the wall: a day is itself, an instant falls on one."""
    return local(when, zone).date() if isinstance(when, datetime) else when


def day(when: date, language: Language) -> str:
    """Tis 11 maj 2027, without the capital."""
    when = on(when)
    return f"{_weekday(when, language)[:3]} {short_day(when, language)} {when.year}"


def long_day(when: date, language: Language) -> str:
    """Tisdag 11 maj 2027, without the capital."""
    when = on(when)
    return f"{_weekday(when, language)} {when.day} {_month(when, language)} {when.year}"


def short_day(when: date, language: Language, *, today: date | None = None) -> str:
    """11 maj; with the year when `today` lies in another one."""
    when = on(when)
    text = f"{when.day} {_month(when, language)[:3]}"
    return text if today is None or today.year == when.year else f"{text} {when.year}"


def day_span(first: date, last: date, language: Language) -> str:
    """11 feb–20 okt; both years when they differ."""
    first, last = on(first), on(last)
    if first == last:
        return short_day(first, language)
    return f"{short_day(first, language, today=last)}–{short_day(last, language, today=first)}"


def clock(instant: datetime, zone: ZoneInfo = ZONE) -> str:
    """14:02 on the wall; the same in both languages."""
    return local(instant, zone).strftime("%H:%M")


def moment(instant: datetime, language: Language, zone: ZoneInfo = ZONE) -> str:
    """Tis 11 maj 2027 14:02, without the capital."""
    return f"{day(on(instant, zone), language)} {clock(instant, zone)}"


def near_day(when: date, language: Language, *, today: date) -> str:
    """I dag, i morgon, i går; otherwise mån 10 maj, with another year when it is one."""
    words = translator(language)
    when = on(when)
    match (when - today).days:
        case 0:
            return words.gettext("today")
        case 1:
            return words.gettext("tomorrow")
        case -1:
            return words.gettext("yesterday")
    weekday = _weekday(when, language)[:3]
    return f"{weekday} {short_day(when, language, today=today)}"


def near_moment(
    instant: datetime, language: Language, *, now: datetime, zone: ZoneInfo = ZONE
) -> str:
    """I dag 14:02; mån 10 maj 09:15; with the year when it is another one."""
    when, today = on(instant, zone), on(now, zone)
    return f"{near_day(when, language, today=today)} {clock(instant, zone)}"


def deadline(workdays: int, language: Language) -> str:
    """Om 3 arbetsdagar; i dag; 2 arbetsdagar försenad."""
    words = translator(language)
    if workdays == 0:
        return words.gettext("today")
    if workdays > 0:
        form = words.ngettext("in {count} working day", "in {count} working days", workdays)
    else:
        form = words.ngettext(
            "{count} working day late", "{count} working days late", abs(workdays)
        )
    return form.format(count=abs(workdays))


def month_names(language: Language) -> list[str]:
    """The months in their shortest form, January first."""
    return [_names(language)[1][month][:3] for month in range(1, 13)]


def _weekday(when: date, language: Language) -> str:
    return _names(language)[0][when.weekday()]


def _month(when: date, language: Language) -> str:
    return _names(language)[1][when.month]


@cache  # a page says hundreds of days
def _names(language: Language) -> tuple[dict[int, str], dict[int, str]]:
    """The days of the week, Monday being 0, and the months by their number."""
    locale = LOCALES[language]
    days, months = get_day_names("wide", locale=locale), get_month_names("wide", locale=locale)
    return {n: str(name) for n, name in days.items()}, {n: str(name) for n, name in months.items()}
