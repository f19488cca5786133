"""From a task that calls for attention to a mail in a mailbox, over a real SMTP server."""

import multiprocessing
import os
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import mailbox, packages
from tests.cast import NOON, SYSTEM
from webapp import mail as smtp
from workflows import work
from workflows.database import Database
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.notices import rows
from workflows.notices.letters import Post
from workflows.notices.models import Call, Choice, Fate, Letter, Notice
from workflows.operations import absences, cases, notices, publishing, tasks
from workflows.operations.absences import Cover
from workflows.organisation.models import Holding
from workflows.processes.rows import find
from workflows.queries import cases as case_questions
from workflows.queries import notices as questions
from workflows.tasks.models import Task

LINKS = "https://arshjul.example.test"
DUE = datetime(2027, 5, 11, 14, tzinfo=UTC)  # of the letter's first task
MINUTE, HOUR, DAY, WEEK = (timedelta(**{one: 1}) for one in ("minutes", "hours", "days", "weeks"))


@pytest.fixture
def box():
    with mailbox.serving() as served:
        yield served


@pytest.fixture
def post(box):
    return smtp.post(box.url, links=LINKS)


@pytest.fixture
def start(session, database, city):
    """Start the case of a letter, perhaps of a secret process."""

    def started(secrecy="internal", key="letter"):
        publishing.publish(session, packages.letter(secrecy, key=key), by=SYSTEM, now=NOON)
        process = find(session, key)
        assert process is not None
        made = cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)
        session.commit()
        work.run_due(database, now=NOON)
        return made

    return started


def choose(session, city, choice, *names):
    for name in names:
        notices.choose(session, city.people[name], choice, by=city.actor(name), now=NOON)
    session.commit()


def open_task(session, element, by):
    wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
    return case_questions.task(session, session.scalars(wanted).one(), by=by, to_change=True)


def complete(session, city, element, name, raw, now=NOON):
    by = city.actor(name)
    task = open_task(session, element, by)
    tasks.complete(session, task, raw, command=f"x{task.id}", by=by, now=now)
    session.commit()
    return task


def body(mail, kind="plain"):
    return mail.get_body((kind,)).get_content()


def fates(database):
    with database.reading() as session:
        return list(session.scalars(sa.select(Letter.outcome).order_by(Letter.id)))


def test_a_new_task_is_in_the_digest_of_monday_morning(database, city, start, box, post):
    start()
    work.run_due(database, now=NOON, post=post)
    assert box.mails == []
    work.run_due(database, now=NOON + WEEK, post=post)
    (mail,) = box.to("Alva")
    assert (
        mail["Subject"]
        == "Nytt för dina roller: Skriv brevet, Farsta stadsdelsnämnd (Skriva brev 2027)"
    )
    assert "Tis 11 maj 2027 · 10 arbetsdagar före T1" in body(mail)
    assert f"{LINKS}/tasks/1" in body(mail)
    assert f'href="{LINKS}/tasks/1"' in body(mail, "html")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert len(box.to("Anton")) == 1
    assert box.to("Cleo") == []


def test_many_things_make_one_mail(database, session, city, start, box, post):
    for number in range(3):
        start(key=f"letter{number}")
    work.run_due(database, now=NOON + WEEK, post=post)
    work.run_due(database, now=NOON + WEEK + HOUR, post=post)
    (mail,) = box.to("Alva")
    assert mail["Subject"] == "3 saker från Årshjul"


def test_a_mail_speaks_the_language_of_its_receiver(database, session, city, start, box, post):
    city.people["Alva"].language = "en"
    session.commit()
    start()
    work.run_due(database, now=NOON + WEEK, post=post)
    (mail,) = box.to("Alva")
    assert mail["Subject"].startswith("New for your roles: Write the letter")
    assert mail["Content-Language"] == "en"
    assert "Tue 11 May 2027 · 10 working days before T1" in body(mail)


def test_a_mail_of_something_secret_says_the_key_of_the_case_and_no_more(
    database, session, city, start, box, post
):
    case = start("sec")
    work.run_due(database, now=NOON + WEEK, post=post)
    (mail,) = box.to("Alva")
    assert mail["Subject"] == f"Nytt för dina roller: {case.key}"
    for text in (body(mail), body(mail, "html"), mail["Subject"]):
        assert case.key in text
        for secret in ("Skriv", "Farsta ", "maj", "T1"):
            assert secret not in text


def test_who_may_not_see_a_task_any_more_is_told_nothing_of_it(
    database, session, city, start, box, post
):
    start()
    work.run_due(database, now=NOON, post=post)
    held = sa.select(Holding).where(Holding.person_id == city.people["Alva"].id)
    session.scalars(held).one().to_on = date(2027, 3, 3)
    session.commit()
    work.run_due(database, now=NOON + WEEK, post=post)
    assert box.to("Alva") == []
    assert len(box.to("Anton")) == 1
    assert set(fates(database)) == {Fate.EMPTY, Fate.SENT}


def test_what_is_done_is_not_mailed_any_more(database, session, city, start, box, post):
    start()
    work.run_due(database, now=NOON, post=post)
    complete(session, city, "write", "Alva", {"text": "Hej"})
    complete(session, city, "approve", "Bo", {"approval": "yes"})
    work.run_due(database, now=NOON + WEEK, post=post)
    assert box.mails == []


def test_reminders_come_once_to_whoever_has_the_task(database, session, city, start, box, post):
    choose(session, city, Choice.DIRECT, "Alva", "Anton")
    start()
    alva = city.actor("Alva")
    tasks.claim(session, open_task(session, "write", alva), by=alva, now=NOON)
    session.commit()
    for _ in range(2):
        for day in (0, 60, 62, 63, 69, 70, 71):
            work.run_due(database, now=NOON + day * DAY, post=post)
    subjects = [mail["Subject"].partition(":")[0] for mail in box.to("Alva")]
    assert subjects == ["Nytt för dina roller", "Snart dags", "Snart dags"]
    assert len(box.to("Anton")) == 1  # that it had opened
    kinds = session.scalars(sa.select(Event.kind).where(Event.kind == "reminded")).all()
    assert len(kinds) == 2


def test_a_reminder_whose_digest_comes_after_the_date_says_that_it_is_late(
    database, session, city, start, box, post
):
    start()
    tasks.claim(
        session, open_task(session, "write", city.actor("Alva")), by=city.actor("Alva"), now=NOON
    )
    session.commit()
    before, after = DUE - MINUTE, DUE + WEEK
    work.run_due(database, now=before, post=post)
    with database.reading() as reading:
        told = questions.preview(reading, city.actor("Alva"), now=before)
    assert told is not None
    assert told.lines[-1].heading == "Snart dags"
    work.run_due(database, now=after, post=post)
    assert box.to("Alva")[-1]["Subject"].startswith("Försenad: Skriv brevet")


def test_what_others_wait_for_escalates_to_the_manager_and_then_to_the_centre(
    database, session, city, start, box, post
):
    choose(session, city, Choice.DIRECT, "Bo", "Disa")
    start()
    complete(session, city, "write", "Alva", {"text": "Hej"})
    for day in (6, 9, 10, 21, 30):
        work.run_due(database, now=NOON + day * DAY, post=post)
    late = [mail for mail in box.mails if mail["Subject"].startswith("Försenad")]
    told = [mail["To"].partition(" ")[0] for mail in late]
    # The coordinators were reminded; their digest comes when the date is past.
    assert [name for name in told if name not in ("Alva", "Anton")] == ["Bo", "Disa"]
    kinds = session.scalars(sa.select(Event.kind).where(Event.kind == "escalated")).all()
    assert len(kinds) == 2


def test_a_deputy_is_told_in_the_place_of_whoever_is_away(
    database, session, city, start, box, post
):
    absences.leave(
        session, city.people["Alva"], NOON.date(), NOON.date() + 3 * WEEK,
        [Cover(city.people["Jon"].id)], by=city.actor("Alva"), now=NOON,
    )  # fmt: skip
    start()
    work.run_due(database, now=NOON + WEEK, post=post)
    assert box.to("Alva") == []
    assert "Skriv brevet" in body(box.to("Jon")[0])
    assert "Du är ställföreträdare för Alva" in body(box.to("Jon")[0])


def test_a_gap_is_told_before_leave_and_the_return_after_it(database, session, city, box, post):
    cleo = city.people["Cleo"]
    first = NOON.date() + 3 * WEEK
    absences.leave(session, cleo, first, first + WEEK, [], by=city.actor("Cleo"), now=NOON)
    session.commit()
    for day in (0, 10, 14, 21, 40):
        work.run_due(database, now=NOON + day * DAY, post=post)
    (mail,) = box.to("Cleo")
    assert "säkerhetssamordnare (Bromma stadsdelsnämnd)" in body(mail)
    sent = datetime.strptime(mail["Date"], "%a, %d %b %Y %H:%M:%S %z").date()
    assert NOON.date() < sent < first


def test_a_server_that_is_down_loses_nothing_and_is_not_hammered(
    database, session, city, start, box, post
):
    choose(session, city, Choice.DIRECT, "Alva", "Anton")
    start()
    away = smtp.post("smtp://127.0.0.1:1?from=a@example.test", links=LINKS)
    work.run_due(database, now=NOON, post=away)
    with database.reading() as opened:
        tried = list(opened.scalars(sa.select(Letter.attempts).order_by(Letter.id)))
        assert sorted(tried) == [0, 1]  # the second was not even tried
        (failing,) = questions.troubled(opened, by=city.actor("Egil"))
        assert failing.error == "ConnectionRefusedError"
    work.run_due(database, now=NOON + HOUR, post=post)
    work.run_due(database, now=NOON + 2 * HOUR, post=post)
    assert (len(box.to("Alva")), len(box.to("Anton"))) == (1, 1)
    assert fates(database) == [Fate.SENT, Fate.SENT]


def test_each_failure_waits_longer_and_never_more_than_hours(database, session, city, start, post):
    choose(session, city, Choice.DIRECT, "Alva")
    start()
    away = smtp.post("smtp://127.0.0.1:1?from=a@example.test", links=LINKS)
    now, pauses = NOON, []
    for _ in range(12):
        work.run_due(database, now=now, post=away)
        with database.reading() as opened:
            due_at = opened.scalar(sa.select(sa.func.max(Letter.due_at)))
        pauses.append(due_at - now)
        now = due_at
    assert pauses == sorted(pauses)
    assert pauses[0] <= 2 * MINUTE
    assert pauses[-1] < 9 * HOUR


def test_a_refused_address_is_shown_to_the_administrator_and_holds_nobody_up(
    database, session, city, start, box, post
):
    choose(session, city, Choice.DIRECT, "Alva", "Anton")
    box.answers["alva@example.test"] = "550 5.1.1 nobody of that name"
    start()
    work.run_due(database, now=NOON, post=post)
    assert len(box.to("Anton")) == 1
    with database.reading() as opened:
        (refused,) = questions.troubled(opened, by=city.actor("Egil"))
        assert (refused.person.name, refused.outcome) == ("Alva", Fate.REFUSED)
        assert "nobody of that name" in (refused.error or "")
        with pytest.raises(Forbidden):
            questions.troubled(opened, by=city.actor("Alva"))
    work.run_due(database, now=NOON + DAY, post=post)
    assert fates(database).count(Fate.REFUSED) == 1


def test_a_refused_letter_is_sent_again_when_the_administrator_says_so(
    database, session, city, start, box, post
):
    choose(session, city, Choice.DIRECT, "Alva")
    box.answers["alva@example.test"] = "550 no"
    start()
    work.run_due(database, now=NOON, post=post)
    refused = session.scalars(sa.select(Letter).where(Letter.outcome == Fate.REFUSED)).one()
    with pytest.raises(Forbidden):
        notices.retry(session, refused, by=city.actor("Alva"), now=NOON)
    city.people["Alva"].email = "alva@new.example.test"
    notices.retry(session, refused, by=city.actor("Egil"), now=NOON)
    session.commit()
    work.run_due(database, now=NOON, post=post)
    (mail,) = box.to("Alva")
    assert mail["Message-ID"] == refused.message_id
    told = sa.select(Event.kind).where(Event.kind.like("letter%")).order_by(Event.id)
    assert session.scalars(told).all() == ["letter_refused", "letter_retried", "letter_sent"]


def test_a_letter_is_given_up_with_a_reason(database, session, city, start, box, post):
    choose(session, city, Choice.DIRECT, "Alva")
    box.answers["alva@example.test"] = "550 no"
    start()
    work.run_due(database, now=NOON, post=post)
    refused = session.scalars(sa.select(Letter).where(Letter.outcome == Fate.REFUSED)).one()
    egil = city.actor("Egil")
    with pytest.raises(Invalid):
        notices.drop(session, refused, " ", by=egil, now=NOON)
    notices.drop(session, refused, "Har slutat", by=egil, now=NOON)
    assert questions.troubled(session, by=egil) == []
    with pytest.raises(Conflict):
        notices.retry(session, refused, by=egil, now=NOON)


def test_an_address_that_is_busy_is_tried_again_and_holds_nobody_up(
    database, session, city, start, box, post
):
    choose(session, city, Choice.DIRECT, "Alva", "Anton")
    box.answers["alva@example.test"] = "450 greylisted"
    start()
    work.run_due(database, now=NOON, post=post)
    assert len(box.to("Anton")) == 1
    box.answers.clear()
    work.run_due(database, now=NOON + HOUR, post=post)
    assert len(box.to("Alva")) == 1


def _die_after_sending(url, port_url):
    """Hand one letter to the server and die before it is marked."""
    real = smtp.post(port_url, links=LINKS)

    def send(mail):
        real.send(mail)
        os._exit(9)

    work.run_due(Database(url), now=NOON, post=Post(real.sender, LINKS, send))


def test_who_dies_between_sending_and_marking_sends_again_under_the_same_id(
    url, database, session, city, start, box, post
):
    choose(session, city, Choice.DIRECT, "Alva")
    start()
    database.close()
    dying = multiprocessing.get_context("spawn").Process(
        target=_die_after_sending, args=(url, box.url)
    )
    dying.start()
    dying.join(60)
    assert dying.exitcode == 9
    assert len(box.mails) == 1
    work.run_due(database, now=NOON + MINUTE, post=post)
    assert len(box.mails) == 1  # somebody may still be at it
    work.run_due(database, now=NOON + HOUR, post=post)
    work.run_due(database, now=NOON + 2 * HOUR, post=post)
    assert len(box.to("Alva")) == 2
    assert len({mail["Message-ID"] for mail in box.mails}) == 1
    assert box.mails[0].as_bytes() == box.mails[1].as_bytes()


def test_no_lock_is_held_while_the_server_is_spoken_to(database, session, city, start, box, post):
    choose(session, city, Choice.DIRECT, "Alva")
    start()
    wrote = []

    def send(mail):
        with database.writing() as opened, opened.begin():
            rows.tell(opened, [city.people["Bo"].id], "absence_over", now=NOON)
        wrote.append(mail["To"])

    work.run_due(database, now=NOON, post=Post(post.sender, LINKS, send))
    assert len(wrote) == 1


def test_without_a_server_mail_waits_and_goes_when_there_is_one(
    database, session, city, start, box, post
):
    choose(session, city, Choice.DIRECT, "Alva")
    start()
    assert fates(database) == []
    work.run_due(database, now=NOON + DAY, post=post)
    assert len(box.to("Alva")) == 1


def test_somebody_who_has_left_gets_no_mail(database, session, city, start, box, post):
    choose(session, city, Choice.DIRECT, "Alva")
    start()
    city.people["Alva"].closed_at = NOON
    session.commit()
    work.run_due(database, now=NOON + HOUR, post=post)
    assert box.to("Alva") == []
    waiting = sa.select(Notice).where(Notice.letter_id.is_(None), Notice.mail_at <= NOON)
    assert session.scalars(waiting).all() == []  # nor is it looked at again


def test_a_new_choice_moves_what_waits(session, city, start, database):
    start()
    waiting = sa.select(Notice.mail_at).where(Notice.person_id == city.people["Alva"].id)
    assert session.scalars(waiting).one() > NOON + DAY
    choose(session, city, Choice.DIRECT, "Alva")
    assert session.scalars(waiting).one() == NOON
    with pytest.raises(Forbidden):
        notices.choose(session, city.people["Alva"], Choice.NONE, by=city.actor("Egil"), now=NOON)


def test_one_call_that_cannot_be_made_keeps_no_other_waiting(database, session, city, start):
    start()
    start(key="other")
    again = NOON + HOUR
    broken, whole = session.scalars(sa.select(Call).where(Call.key == "opened")).all()
    broken.fired_at = whole.fired_at = None
    broken.to = ["nobody a policy can name"]
    session.commit()
    assert work.run_due(database, now=again) == 1
    session.expire_all()
    assert (broken.fired_at, broken.attempts, broken.retry_at) == (None, 1, again + 2 * MINUTE)
    assert whole.fired_at == again


def test_names_cannot_smuggle_headers_or_markup_into_a_mail(
    database, session, city, start, box, post
):
    choose(session, city, Choice.DIRECT, "Alva")
    city.people["Alva"].name = 'Alva "<b>x</b>", evil@example.test\r\nBcc: all@example.test'
    city.units["FARSTA"].name = "<script>alert(1)</script>\r\nBcc: all@example.test"
    session.commit()
    start()
    work.run_due(database, now=NOON, post=post)
    (mail,) = box.to("Alva")
    assert mail["Bcc"] is None
    assert [one.addr_spec for one in mail["To"].addresses] == ["alva@example.test"]
    assert "<script>" not in body(mail, "html")
    assert "<b>x" not in body(mail, "html")
