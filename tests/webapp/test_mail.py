"""The address of a mail server, and what its answers mean for those who wait for mail."""

from email.message import EmailMessage

import pytest

from tests import mailbox
from webapp import mail, settings
from workflows.notices.letters import AddressBusy, AddressRefused, PostAway


def a_mail(to="alva@example.test"):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "arshjul@example.test", to, "Prov"
    made.set_content("Hej")
    return made


def test_an_address_says_who_sends_and_hides_its_password():
    server = mail.read("smtps://an%40vän:hem%2Flig@post.example.test?from=arshjul@example.test")
    assert (server.host, server.port, server.user, server.password) == (
        "post.example.test", 465, "an@vän", "hem/lig",
    )  # fmt: skip
    assert "lig" not in repr(server)


@pytest.mark.parametrize(
    "url",
    ["post.example.test", "http://post?from=a@b", "smtp://?from=a@b", "smtp://post:25",
     "smtp://post?from=nobody", "smtp://post:port?from=a@b"],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_at_the_start(url, tmp_path):
    with pytest.raises(settings.BadSetting, match="ARSHJUL_SMTP"):
        settings.read({"ARSHJUL_SMTP": url}, data=tmp_path)


def test_no_address_means_no_mail(tmp_path):
    assert settings.read({}, data=tmp_path).smtp is None


@pytest.mark.parametrize(
    ("answer", "fault"),
    [("550 no such user", AddressRefused), ("450 greylisted", AddressBusy)],
)
def test_an_answer_about_the_receiver_is_about_this_mail_only(answer, fault):
    with mailbox.serving() as box:
        box.answers["alva@example.test"] = answer
        with pytest.raises(fault, match=answer.split()[1]):
            mail.post(box.url, links="").send(a_mail())


def test_an_address_the_server_cannot_write_to_is_refused():
    with mailbox.serving(utf8=False) as box, pytest.raises(AddressRefused, match="address"):
        mail.post(box.url, links="").send(a_mail("åke@exempel.test"))


def test_a_password_is_never_sent_in_the_clear_to_another_machine(monkeypatch):
    with mailbox.serving() as box:
        monkeypatch.setattr(mail, "LOOPBACK", frozenset())  # as if it were another machine
        url = box.url.replace("//", "//user:password@")
        with pytest.raises(PostAway, match="TLS"):
            mail.post(url, links="").send(a_mail())
        assert box.mails == []


def test_a_server_that_is_not_there_is_away():
    with pytest.raises(PostAway, match="ConnectionRefusedError"):
        mail.post("smtp://127.0.0.1:1?from=a@example.test", links="").send(a_mail())
