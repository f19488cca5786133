"""What goes between cases, as the page of a case tells it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import object_session

from tests.cast import NOON
from tests.operations.town import DAY, Town, package, receiving, sending
from tests.webapp.pages import hidden
from workflows.cases.messages import Message, Wait


@pytest.fixture
def town(database, session, city):
    made = Town(database, session, city)
    made.publish(receiving(), sending(expires=' arshjul:expires="2d"'))
    return made


def page(client, case):
    path = f"/cases/{case.id}"
    object_session(case).commit()  # a session that has read holds the right to write
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def test_both_cases_tell_of_a_message_and_lead_to_each_other(town, client_for):
    alva = client_for("Alva")
    receiver = town.start("receiver")
    waiting = page(alva, receiver)
    assert "Väntar på meddelandet ”ask”" in waiting
    assert "Nyckeln är A." in waiting
    sender = town.start("sender", data={"amount": 3})
    town.work()
    told, sent = page(alva, receiver), page(alva, sender)
    assert "Tog emot meddelandet ”ask”" in told
    assert f'<a href="/cases/{sender.id}">{sender.key}</a>' in told
    assert "Skickade meddelandet ”ask”" in sent
    assert f'<a href="/cases/{receiver.id}">{receiver.key}</a>' in sent


def test_the_other_case_is_not_named_to_who_may_not_see_it(town, client_for):
    alva, disa = client_for("Alva"), client_for("Disa")
    receiver = town.start("receiver", "BROMMA")
    sender = town.start("sender", data={"amount": 3})
    town.work()
    assert receiver.key not in page(alva, sender)
    assert receiver.key in page(disa, sender)


def test_what_nobody_receives_is_seen_on_its_case_and_by_operators(town, client_for):
    alva, disa = client_for("Alva"), client_for("Disa")
    sender = town.start("sender", data={"amount": 3})
    key = sender.key
    town.work()
    assert "Ingen väntar på det än. Det sparas till" in page(alva, sender)
    assert key in disa.get("/cases/standing-still").text
    town.work(NOON + 2 * DAY)
    assert "Ingen tog emot det i tid." in disa.get("/cases/standing-still").text
    assert "Ingen tog emot meddelandet “ask” i tid" in page(alva, sender)


def test_a_case_says_what_it_calls_and_by_whom_it_is_called(town, client_for):
    alva = client_for("Alva")
    call = "call:c[calledElement=receiver,arshjul:case=own]"
    town.publish(package("caller", f"start:s {call} end:e", "s c; c e"))
    caller = town.start("caller")
    town.work()
    (called,) = town.cases("receiver")
    assert "Behöver svar från receiver i Farsta stadsdelsnämnd" in page(alva, caller)
    assert "Ett annat ärende väntar på att det här blir klart" in page(alva, called)
    with town.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1


def test_an_operator_writes_in_what_came_by_telephone(town, client_for):
    disa = client_for("Disa")
    receiver = town.start("receiver")
    case_id, wait = receiver.id, town.session.scalars(sa.select(Wait)).one().wait_id
    town.session.commit()
    path = f"/cases/{case_id}/message?of={wait}"
    assert f'href="{path}"' in disa.get(f"/cases/{case_id}/operator").text
    fields = hidden(disa.get(path), path)
    typed = {name: values[0] for name, values in fields.items() if name != "csrf_token"}
    typed |= {"why": "De ringde", "said": "amount: 12\nvem: Bromma"}
    wrong = disa.post(path, typed | {"said": "tolv"})
    assert (wrong.status_code, "Rad 1 saknar namn och kolon." in wrong.text) == (422, True)
    assert disa.post(path, typed).status_code == 302
    town.session.expire_all()
    assert receiver.data == {"amount": 12, "vem": "Bromma"}
    assert town.open(receiver) == ["done"]
