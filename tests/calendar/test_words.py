from datetime import date
from typing import Any

import pytest

from tests.calendar.days import YEAR_2027, at, outcome
from workflows.calendar import words
from workflows.calendar.because import Because, Part, Reason, Unresolved
from workflows.calendar.consistency import Problem
from workflows.calendar.deadlines import Deadline
from workflows.calendar.explaining import explain
from workflows.calendar.names import (
    DAYS_OFF,
    MILESTONES,
    MISTAKES,
    PROBLEMS,
    mistake_said,
    problem_said,
)
from workflows.calendar.parsing import check
from workflows.calendar.profiles import CODES
from workflows.calendar.tokens import BadRule
from workflows.calendar.workdays import FIRST_YEAR, LAST_YEAR, holidays_of
from workflows.language import Language, translator

SV, EN = Language.SV, Language.EN
LABELS = {"case.known_at": "när vi fick kännedom"}


def both(rule: str, **given: Any) -> tuple[str, str]:
    found = outcome(rule, **given)
    assert isinstance(found, Deadline)
    return (
        words.short(found.because, found.due_at, SV, LABELS),
        words.full(found.because, SV, LABELS),
    )


def test_the_short_form_is_the_date_and_the_reason():
    found = outcome("T1 - 10wd")
    assert isinstance(found, Deadline)
    assert words.short(found.because, found.due_at, SV) == (
        "Tis 11 maj 2027 · 10 arbetsdagar före T1"
    )
    assert words.short(found.because, found.due_at, EN) == (
        "Tue 11 May 2027 · 10 working days before T1"
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("VB + 1wd", "Tor 11 feb 2027 · 1 arbetsdag efter VB"),
        ("VP[-1] - 2w", "Fre 15 jan 2027 · 2 veckor före VP 2026"),
        ("T1_END + 1wd", "Mån 3 maj 2027 · 1 arbetsdag efter första tertialets slut"),
        ("draft_stop(T2) - 2wd", "Ons 1 sep 2027 · 2 arbetsdagar före manusstopp inför T2"),
        ("date(06-30)", "Ons 30 jun 2027 · ett fast datum"),
        (
            "max(T1_END + 1wd, T1 - 18wd)",
            "Mån 3 maj 2027 · 1 arbetsdag efter första tertialets slut",
        ),
        ("+1m", "Ons 30 jun 2027 · 1 månad efter att steget öppnades"),
        ("+3d", "Fre 11 jun 2027 · 3 dagar efter att steget öppnades"),
        ("+24h", "Tor 10 jun 2027 08:00 · 24 timmar efter att steget öppnades"),
        ("case.known_at + 72h", "Mån 29 mar 2027 17:30 · 72 timmar efter när vi fick kännedom"),
    ],
)
def test_short_reasons_in_swedish(rule: str, expected: str):
    fields = {"case": {"known_at": "2027-03-26T16:30:00+01:00"}}
    assert both(rule, opened=at("2027-06-09"), fields=fields)[0] == expected


@pytest.mark.parametrize(
    ("rule", "legal", "expected"),
    [
        (
            "T1 - 18wd",
            False,
            "T1 2027, nämndens tertialrapport 1: tis 25 maj 2027 (preliminärt)"
            " → 18 arbetsdagar bakåt, Kristi himmelsfärdsdag 6 maj räknas inte: ons 28 apr 2027"
            " → kl. 16:00",
        ),
        (
            "RSA_CITY",
            True,
            "RSA_CITY 2027, den stadsövergripande risk- och sårbarhetsanalysen:"
            " sön 31 okt 2027 (enligt MCFFS 2026:9)"
            " → sön 31 okt 2027 är ledig dag (helg): flyttas till mån 1 nov 2027 → kl. 23:59",
        ),
        (
            "+30wd",
            False,
            "steget öppnades ons 9 jun 2027 08:00 → 30 arbetsdagar framåt,"
            " midsommarafton 25 jun och uppehåll 1 jul–31 jul räknas inte: mån 23 aug 2027"
            " → kl. 16:00",
        ),
        (
            "documents(T2)",
            False,
            "T2 2027, nämndens tertialrapport 2: lör 25 sep 2027 (preliminärt)"
            " → lör 25 sep 2027 är ledig dag (helg): flyttas till fre 24 sep 2027"
            " → utskick av handlingar fre 17 sep 2027 för sammanträdet fre 24 sep 2027"
            " (antaget: årets sammanträden är inte inlagda) → kl. 16:00",
        ),
        (
            "min(T1_END, STYREL, T1)",
            False,
            "T1_END 2027, första tertialets slut: fre 30 apr 2027"
            " → det tidigaste är fre 30 apr 2027 (T1: tis 25 maj 2027 och STYREL finns inte)"
            " → kl. 16:00",
        ),
        ("opened", False, "steget öppnades ons 9 jun 2027 08:00"),
    ],
)
def test_the_full_form_tells_every_step(rule: str, legal: bool, expected: str):
    assert both(rule, opened=at("2027-06-09"), legal=legal)[1] == expected


@pytest.mark.parametrize(
    ("rule", "swedish", "english"),
    [
        (
            "case.exercise_day - 1wd",
            "datum saknas: exercise day är inte ifyllt",
            "the date is missing: exercise day is not filled in",
        ),
        (
            "STYREL",
            "styrelomgången finns inte här 2027",
            "the Styrel round does not exist here in 2027",
        ),
        (
            "T1[+9]",
            "det finns ingen kalender för 2036 än",
            "there is no calendar for 2036 yet",
        ),
    ],
)
def test_what_is_missing_is_said(rule: str, swedish: str, english: str):
    found = outcome(rule)
    assert isinstance(found, Unresolved)
    assert (words.missing(found, SV), words.missing(found, EN)) == (swedish, english)


def test_a_meeting_that_is_missing_is_said_without_the_rule():
    found = Unresolved(Reason.NO_MEETING, "next_meeting(T1)", {"date": "2027-05-25"})
    assert words.missing(found, SV) == "inget sammanträde är känt kring tis 25 maj 2027"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("T3 - 10wd", "T3 finns inte; menade du T2?"),
        ("T1 - 5xd", "”xd” är ingen tidslängd; det är d, wd, w, m och h; menade du d?"),
        ("T1 -", "Regeln slutar för tidigt; ett tal saknas"),
        ("T1 5wd", "”5” kan inte stå här; här väntas ”+”, ”-”, ”at” eller regelns slut"),
        ("T1 at 24:00", "Klockslaget 24:00 finns inte"),
    ],
)
def test_a_mistake_is_said_with_what_was_meant(rule: str, expected: str):
    (mistake,) = check(rule, milestones=["VB", "T1", "T2"])
    assert mistake_said(mistake, SV) == expected
    assert mistake_said(mistake, EN) != expected


def test_a_problem_of_the_calendar_is_said_with_its_dates():
    first, second = YEAR_2027.by_code["T1_END", 2027], YEAR_2027.by_code["VB", 2027]
    params = {"first": "T1_END", "second": "T1", "before": first.on, "after": second.on}
    problem = Problem("milestone_order", "T1", params)
    assert problem_said(problem, SV) == "T1_END (fre 30 apr 2027) kommer efter T1 (ons 10 feb 2027)"
    params = {"meeting": second.on, "first": "draft_stop", "second": "on"}
    around = Problem("meeting_dates_order", "", params | {"before": first.on, "after": second.on})
    assert "manusstopp (fre 30 apr 2027) kommer efter själva sammanträdet" in problem_said(
        around, SV
    )


def test_every_text_of_the_calendar_is_there_in_both_languages():
    texts = [*MILESTONES.values(), *DAYS_OFF, *MISTAKES.values(), *PROBLEMS.values()]
    for text in texts:
        assert translator(EN).gettext(text) == text
        assert translator(SV).gettext(text) != text


def test_every_holiday_there_will_be_and_every_milestone_has_words():
    names = {
        name for year in range(FIRST_YEAR, LAST_YEAR + 1) for name in holidays_of(year).values()
    }
    assert names <= set(DAYS_OFF)
    assert set(MILESTONES) == set(CODES)


def test_a_rule_is_explained_without_a_database():
    answer = explain("T2 - 10wd", 2027)
    assert answer["rule"] == "T2 - 10wd"
    assert answer["due_at"] == "2027-09-10T14:00:00.000000Z"
    assert [part["kind"] for part in answer["because"]] == ["milestone", "moved", "span", "time"]
    assert answer["because"][-1]["date"] == "2027-09-10"
    assert answer["text"]["sv"].startswith("T2 2027, nämndens tertialrapport 2")


def test_a_legal_rule_is_explained_by_the_legal_clock():
    assert explain("RSA_CITY", 2027, legal=True)["due_at"] == "2027-11-01T22:59:00.000000Z"


def test_a_rule_that_gives_no_date_is_explained_too_and_a_text_that_is_none_is_refused():
    answer = explain("case.day + 1wd", 2027)
    assert answer["due_at"] is None
    assert answer["because"] == []
    assert answer["unresolved"] == "field_missing"
    assert answer["text"]["en"] == "the date is missing: day is not filled in"
    with pytest.raises(BadRule):
        explain("T2 -", 2027)


@pytest.mark.parametrize("year", [FIRST_YEAR, LAST_YEAR])
def test_the_first_and_the_last_year_have_a_calendar(year: int):
    assert explain("draft_stop(T2)", year)["due_at"] is not None
    assert explain("T1", year - 500)["unresolved"] == "out_of_range"


def test_a_length_of_time_is_told_from_where_it_is_counted():
    moment = {"at": "2027-01-04T08:00:00.000000Z"}
    begin = Part("opened", "opened", date(2027, 1, 4), moment)
    why = Because("PT4H", "Europe/Stockholm", (begin, Part("instant", "PT4H", begin.on, moment)))
    assert words.reason(why, SV) == "en bestämd tid efter att steget öppnades"
    assert words.reason(why, EN) == "a set time after the step opened"


def test_a_field_of_the_shipped_processes_is_said_in_words_not_by_its_name():
    found = outcome("case.ended_at + 45wd", fields={"case": {"ended_at": "2027-03-26"}})
    assert words.reason(found.because, SV) == "45 arbetsdagar efter händelsens slut"
    assert words.reason(found.because, EN) == "45 working days after the end of the event"
