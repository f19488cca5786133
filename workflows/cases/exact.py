"""ISO 8601 in timers: an instant or a length of time as it stands, never moved by the calendar."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

from workflows.calendar.because import Because, Part, stored
from workflows.canonical import instant_text
from workflows.engine import is_exact
from workflows.language import ZONE, local

_LENGTH = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)(?:[.,]\d+)?S)?)?"
)


def exact_date(text: str, opened: datetime) -> tuple[datetime, dict[str, Any]] | None:
    """Say when an ISO value falls, and why; None when it is a rule of the calendar."""
    if not is_exact(text):
        return None
    is_length = text.lstrip("-").startswith("P")
    due_at = after(opened, text) if is_length else _instant(text)
    return due_at, why_exactly(text, opened if is_length else None, due_at)


def why_exactly(text: str, opened: datetime | None, due_at: datetime) -> dict[str, Any]:
    """Say why an ISO value falls at `due_at`: from where it is counted, if it is a length."""
    begin = [] if opened is None else [_part("opened", "opened", opened)]
    return stored(Because(text, ZONE.key, (*begin, _part("instant", text, due_at))))


def after(begin: datetime, length: str, times: int = 1) -> datetime:
    """Add a length of time so many times: months and days by the clock on the wall, the 31st being
    the last of a shorter month; hours, minutes and seconds as they pass."""
    found = _LENGTH.fullmatch(length)
    assert found is not None, length  # noqa: S101 (checked when the diagram was published)
    said = {name: int(found[name] or 0) for name in found.groupdict() if name != "sign"}
    sign = -times if found["sign"] else times
    months = sign * (12 * said["years"] + said["months"])
    days = sign * (7 * said["weeks"] + said["days"])
    wall = local(begin).replace(tzinfo=None)
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    day = min(wall.day, monthrange(year, month + 1)[1])
    wall = wall.replace(year=year, month=month + 1, day=day) + timedelta(days=days)
    moved = wall.replace(tzinfo=ZONE).astimezone(UTC) if months or days else begin
    passing = timedelta(hours=said["hours"], minutes=said["minutes"], seconds=said["seconds"])
    return moved + sign * passing


def next_pass(anchor: datetime, length: str, later_than: datetime) -> datetime:
    """Give the first pass of a repetition after a moment, counted from where it began."""
    step = after(anchor, length) - anchor
    if step <= timedelta(0):
        return later_than
    times = max(1, (later_than - anchor) // (step + timedelta(days=4)))
    while (found := after(anchor, length, times)) <= later_than:
        times += 1
    return found


def _instant(text: str) -> datetime:
    if len(text) == len("2027-01-31"):
        text += "T00:00"
    said = datetime.fromisoformat(text.replace(",", "."))
    return (said if said.tzinfo else said.replace(tzinfo=ZONE)).astimezone(UTC)


def _part(kind: str, label: str, moment: datetime) -> Part:
    return Part(kind, label, local(moment).date(), {"at": instant_text(moment)})
