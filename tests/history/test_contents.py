from dataclasses import replace

import pytest

from tests.calendar.days import at, because
from workflows.calendar.because import plain, stored
from workflows.canonical import canonical_text, parse
from workflows.history.contents import content, content_text

NIGHT = at("2027-03-02", "00:30")  # the day before, in UTC
RULES = (
    "T2 - 10wd", "LST_FOLLOWUP - 12h", "max(T1_END + 1wd, T1 - 18wd)", "date(06-06) - 1m at 09:30",
    "+5wd", "opened + 2w", "opened + 72h", "VP[-1] + 3m", "date(06-05)",
)  # fmt: skip


def kept(why):
    return parse(canonical_text(why))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("opened", [at("2027-03-02", "12:00"), NIGHT, NIGHT.replace(microsecond=7)])
def test_why_a_date_is_so_is_told_briefly_and_read_back_to_the_letter(rule, opened):
    why = because(rule, opened=opened)
    long = kept(stored(why))
    what = {"because": long, "step_id": "2", "opened": [{"because": long, "due_at": "x"}, {}]}
    text = content_text(what)
    assert content(text) == what
    assert isinstance(parse(text)["because"], list)
    assert len(text) < len(canonical_text(what)) * 0.8
    assert content(canonical_text(what)) == what  # as events from before 0.6 tell it


def test_what_cannot_be_said_shorter_is_told_as_it_is():
    why = because("T2 - 10wd")
    for long in (plain(why), stored(replace(why, zone="Europe/Oslo")), {"rule": "x", "params": {}}):
        what = {"timers": [{"because": kept(long)}]}
        assert content_text(what) == canonical_text(what)
    assert content(None) == content("[]") == {}
