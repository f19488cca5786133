"""What people say of a case: to all who see it, to somebody by name, and taken back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.chains import broken
from workflows.canonical import content_hash, parse
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.notices.models import Notice
from workflows.operations import cases, comments, publishing
from workflows.processes.rows import find
from workflows.queries import comments as questions
from workflows.queries import notices

MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    return _start(session, city, "letter")


def _start(session, city, key):
    process, farsta = find(session, key), city.units["FARSTA"]
    return cases.start(session, process, farsta, 2027, by=SYSTEM, now=NOON)


def _say(session, city, case, name, text, at=NOON):
    by = city.actor(name)
    return comments.add(session, case, text, element="write", by=by, now=at)


def test_who_is_named_and_may_see_the_case_is_told_without_the_words(session, city, case):
    text = "@bo, @Cleo och @Alva: **titta** @Bobo"
    said = _say(session, city, case, "Alva", text)
    assert said.mentions == [city.people["Alva"].id, city.people["Bo"].id]  # Cleo may not see it
    told = session.scalars(sa.select(Notice).where(Notice.kind == "mentioned")).all()
    assert [one.person_id for one in told] == [city.people["Bo"].id]
    assert told[0].what == {"case": case.key, "case_id": case.id, "person": city.people["Alva"].id}
    [(_, line)] = notices.mine(session, city.actor("Bo"), now=NOON)
    assert line.text == f"Alva nämner dig i en kommentar i {case.key}"
    assert line.path == f"/cases/{case.id}#comments"
    event = session.scalars(sa.select(Event).where(Event.kind == "comment_added")).one()
    assert parse(event.what)["hash"] == content_hash(text.encode())
    assert "titta" not in event.what
    assert broken(session) == []


def test_the_same_words_twice_at_once_are_said_once(session, city, case):
    first = _say(session, city, case, "Alva", "Hej")
    assert _say(session, city, case, "Alva", "Hej").id == first.id
    later = _say(session, city, case, "Alva", "Hej", NOON + MINUTE)
    assert questions.of_case(session, case) == [later, first]


def test_words_are_taken_back_soon_by_oneself_and_later_by_an_operator(session, city, case):
    said = _say(session, city, case, "Alva", "Fel person: Kim")
    with pytest.raises(Forbidden):
        comments.withdraw(session, said, by=city.actor("Anton"), now=NOON)
    with pytest.raises(Conflict, match="comment_stands"):
        comments.withdraw(session, said, by=city.actor("Alva"), now=NOON + 16 * MINUTE)
    comments.withdraw(session, said, by=city.actor("Disa"), now=NOON + 16 * MINUTE)
    assert (said.text, said.withdrawn_by_id) == ("", city.people["Disa"].id)
    with pytest.raises(Conflict, match="comment_gone"):
        comments.withdraw(session, said, by=city.actor("Disa"), now=NOON + 17 * MINUTE)
    own = _say(session, city, case, "Alva", "Hej då")
    comments.withdraw(session, own, by=city.actor("Alva"), now=NOON + 15 * MINUTE)
    kinds = session.scalars(sa.select(Event.kind).where(Event.case_id == case.id))
    assert list(kinds).count("comment_withdrawn") == 2


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001, "a\u202eb", "a\x07b"])
def test_what_is_no_comment_is_refused(session, city, case, text):
    with pytest.raises(Invalid):
        _say(session, city, case, "Alva", text)
    assert questions.of_case(session, case) == []


def test_nobody_comments_on_what_they_do_not_see_or_on_a_secret_case(session, city, case):
    publishing.publish(session, packages.letter("sec", key="secret"), by=SYSTEM, now=NOON)
    with pytest.raises(Forbidden):
        _say(session, city, case, "Cleo", "Hej")
    with pytest.raises(Forbidden):
        _say(session, city, _start(session, city, "secret"), "Hedda", "Hej")
