"""The picture of the year: nothing runs out of it, nothing lies upon anything else."""

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from webapp.wheel import NARROW, WIDE, draw
from workflows.calendar.milestones import Milestone
from workflows.language import Language, month_names
from workflows.organisation.models import Unit
from workflows.processes.models import Process
from workflows.queries.rings import Mark, Span
from workflows.queries.wheel import Ring, Wheel

MONTHS = month_names(Language.SV)
days = st.dates(date(2026, 6, 1), date(2028, 6, 1))
spans = st.builds(
    lambda days, steps, done: Span(min(days), max(days), min(done, steps), steps),
    st.tuples(days, days),
    st.integers(1, 9),
    st.integers(0, 9),
)
states = st.sampled_from(["late", "soon", "waiting", "planned", "done"])
marks = st.builds(lambda day, state: Mark(day, state, {"sv": "x", "en": "x"}), days, states)
rings = st.builds(
    lambda spans, marks: Ring(
        Process(name_sv="Ring"), tuple(spans), tuple(sorted(marks, key=lambda mark: mark.day))
    ),
    st.lists(spans, min_size=1, max_size=4),
    st.lists(marks, max_size=12),
)
stones = st.builds(
    lambda day: Milestone("T1", 2027, day), st.dates(date(2027, 1, 1), date(2027, 12, 31))
)


def year_of(rings=(), milestones=(), today=date(2027, 5, 18)):
    milestones = tuple(sorted(milestones, key=lambda one: one.on))
    return Wheel(Unit(id=1, name="Farsta"), 2027, today, tuple(rings), milestones, None, 0)


@given(st.lists(rings, max_size=12), st.lists(stones, max_size=7), days)
def test_every_year_can_be_drawn_and_stays_within_its_picture(rings, milestones, today):
    wheel = year_of(rings, milestones, today)
    for face in (WIDE, NARROW):
        picture = draw(wheel, face, MONTHS, ["Ring"] * len(rings))
        left, top, wide, high = map(float, face.view.split())
        for dot in (dot for band in picture.bands for dot in band.dots):
            assert left < dot.x < left + wide
            assert top < dot.y < top + high
        inmost = min((band.middle - band.thick / 2 for band in picture.bands), default=face.inner)
        assert inmost >= face.inner
        assert (picture.hand is not None) == (today.year == 2027)


@given(rings)
def test_every_open_step_of_the_year_is_in_exactly_one_mark(ring):
    (band,) = draw(year_of([ring]), WIDE, MONTHS, ["Ring"]).bands
    drawn = [mark for dot in band.dots for mark in dot.marks]
    wanted = [mark for mark in ring.marks if mark.state != "done" and mark.day.year == 2027]
    assert sorted(map(id, drawn)) == sorted(map(id, wanted))


def test_marks_close_together_become_one_and_the_most_urgent_is_seen():
    close = [Mark(date(2027, 5, day), state, {}) for day, state in ((3, "planned"), (4, "late"))]
    ring = Ring(Process(), (Span(date(2027, 5, 1), date(2027, 6, 1), 0, 2),), tuple(close))
    ((dot,),) = [band.dots for band in draw(year_of([ring]), WIDE, MONTHS, ["R"]).bands]
    assert (dot.state, len(dot.marks)) == ("late", 2)


def test_the_year_begins_at_the_top_and_goes_clockwise():
    ring = Ring(Process(), (Span(date(2027, 1, 1), date(2027, 12, 31), 0, 1),), ())
    picture = draw(year_of([ring], today=date(2027, 4, 2)), WIDE, MONTHS, ["R"])
    assert picture.hand is not None
    (_, (x, y)) = picture.hand
    assert x > 300
    assert abs(y) < 10
    assert re.match(r"M0\.0 -", picture.lines[0])
