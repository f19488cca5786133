"""An event log as other programs for process mining read it: XES, IEEE 1849-2016."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO
from xml.sax.saxutils import quoteattr

from workflows.queries.flows import Trace

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
</global>
<classifier name="Step" keys="concept:name"/>
<classifier name="Step and moment" keys="concept:name lifecycle:transition"/>
<string key="lifecycle:model" value="standard"/>
"""


def write(out: IO[bytes], traces: Iterable[Trace], *, name: str) -> tuple[int, int]:
    """Write a log, one case after the other; returns how many cases and how many events."""
    cases = events = 0
    out.write((HEAD + _string("concept:name", name)).encode())
    for one in traces:
        out.write("".join(_lines(one)).encode())
        cases, events = cases + 1, events + len(one.events)
    out.write(b"</log>\n")
    return cases, events


def _lines(trace: Trace) -> Iterable[str]:
    yield "<trace>\n" + _string("concept:name", trace.key) + _string("org:group", trace.unit)
    yield f'<int key="year" value="{trace.year}"/>\n' + _string("state", trace.state)
    for event in trace.events:
        yield "<event>\n" + _string("concept:name", event.name)
        yield _string("concept:instance", event.step_id) + _string("element", event.element)
        yield _string("lifecycle:transition", event.moment)
        yield f'<date key="time:timestamp" value="{_instant(event.at)}"/>\n'
        yield _string("org:group", event.unit)
        yield (_string("org:resource", event.who) if event.who else "") + "</event>\n"
    yield "</trace>\n"


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(UNWRITABLE.sub("", value))}/>\n'


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
