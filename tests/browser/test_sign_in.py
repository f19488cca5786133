"""The ways in and out as people take them: password, link, code generator, passkey, language."""

import itertools

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.test_walk import new_case
from tests.cast import SYSTEM
from webapp import clock
from workflows.database import opened
from workflows.demo.cast import PASSWORD as DEMO_PASSWORD
from workflows.operations import invitations

__all__ = ["new_case"]

PASSWORD = "sju blå cyklar i regn"
guests = itertools.count(1)


@pytest.fixture
def invited(server):
    """Let somebody real in from the command line; returns their address and their link."""

    def invite(*, is_administrator=False):
        email = f"gast{next(guests)}@example.test"
        url = f"sqlite:///{server.data / 'arshjul.sqlite3'}"
        with opened(url) as database, database.writing() as session, session.begin():
            link = invitations.create_user(
                session,
                email,
                "Gunnar Gäst",
                is_administrator=is_administrator,
                by=SYSTEM,
                now=clock.now(),
            )
        return email, link

    return invite


def choose_password(visitor, link):
    page = visitor.go(link)
    page.get_by_label("Nytt lösenord", exact=True).fill(PASSWORD)
    page.get_by_label("Det nya lösenordet en gång till").fill(PASSWORD)
    page.get_by_role("button", name="Spara lösenordet").click()
    page.wait_for_url("**/sign-in")


def come(visitor, email, password=PASSWORD):
    page = visitor.page
    if not page.url.endswith("/sign-in"):
        visitor.go("/sign-in")
    page.get_by_label("E-postadress").fill(email)
    page.get_by_label("Lösenord", exact=True).fill(password)
    page.get_by_role("button", name="Logga in", exact=True).click()


def sign_out(visitor):
    visitor.page.locator("details.menu summary:visible").first.click()
    visitor.page.locator(".menu__panel:visible").get_by_role("button", name="Logga ut").click()
    visitor.page.wait_for_url("**/sign-in")


def device(visitor):
    """Give the window a device with passkeys that always says yes."""
    talk = visitor.context.new_cdp_session(visitor.page)
    talk.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    named = talk.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    return talk, named["authenticatorId"]


def heading(visitor):
    return visitor.page.get_by_role("heading", level=1)


def test_a_wrong_password_is_told_of_in_words_and_the_address_stays(visit):
    visitor = visit()
    with visitor.page.expect_response(lambda each: each.request.method == "POST") as answer:
        come(visitor, "revisor@demo.test", "fel lösenord här")
    assert answer.value.status == 422
    told = visitor.page.get_by_role("alert")
    expect(told).to_have_text("E-postadressen eller lösenordet stämmer inte. Försök igen.")
    expect(told).to_be_focused()
    assert visitor.page.get_by_label("E-postadress").input_value() == "revisor@demo.test"
    assert visitor.page.get_by_label("Lösenord", exact=True).input_value() == ""
    visitor.look("sign-in-wrong")


def test_too_many_wrong_passwords_are_told_how_long_to_wait(visit):
    visitor = visit()
    for _ in range(6):
        with visitor.page.expect_response(lambda each: each.request.method == "POST") as answer:
            come(visitor, "ingen@example.test", "fel lösenord här")
    assert answer.value.status == 429
    expect(visitor.page.get_by_role("alert")).to_contain_text("För många försök. Vänta")
    visitor.look("sign-in-wait")


def test_the_language_is_chosen_before_one_has_signed_in_and_kept(visit):
    visitor = visit()
    visitor.go("/sign-in").get_by_role("button", name="In English").click()
    expect(heading(visitor)).to_have_text("Sign in")
    assert visitor.go("/sign-in").locator("html").get_attribute("lang") == "en"
    visitor.page.get_by_role("button", name="På svenska").click()
    expect(heading(visitor)).to_have_text("Logga in")


def test_an_administrator_comes_in_by_link_password_and_code_generator(visit, invited):
    email, link = invited(is_administrator=True)
    visitor = visit()
    visitor.go(link)
    visitor.look("invitation")
    choose_password(visitor, link)
    expect(visitor.page.locator(".notices")).to_contain_text("Ditt lösenord är sparat")
    visitor.look("invitation-taken")
    come(visitor, email)

    visitor.page.wait_for_url("**/account/second-factors/new")
    visitor.go("/admin/")
    expect(heading(visitor)).to_have_text("Lägg till ett andra inloggningssteg")
    assert visitor.page.get_by_role("link", name="Administration").count() == 0
    page = visitor.page
    page.get_by_label("Koden som appen visar").fill("000000")
    page.get_by_role("button", name="Lägg till kodappen").click()
    expect(page.get_by_role("alert")).to_contain_text("Koden stämmer inte")
    visitor.look("second-factor-new")
    secret = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("Koden som appen visar").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Lägg till kodappen").click()
    expect(heading(visitor)).to_have_text("Dina reservkoder")
    codes = page.locator("main code").all_inner_texts()
    assert len(set(codes)) == 10
    visitor.look("recovery-codes")
    page.get_by_role("link", name="Jag har sparat dem").click()
    visitor.go("/admin/")
    expect(heading(visitor)).to_have_text("Enheter")

    sign_out(visitor)
    come(visitor, email)
    expect(heading(visitor)).to_have_text("Ett steg till")
    visitor.look("second-factor")
    page.get_by_label("Kod", exact=True).fill(codes[0])
    page.get_by_role("button", name="Fortsätt").click()
    visitor.go("/account")
    expect(page.locator("main")).to_contain_text("9 reservkoder")
    visitor.look("account-second-factor")


def test_a_passkey_is_added_and_opens_with_and_without_the_password(visit, invited):
    email, link = invited()
    visitor = visit()
    page = visitor.page
    talk, authenticator = device(visitor)
    choose_password(visitor, link)
    come(visitor, email)
    visitor.go("/account/second-factors/new")
    visitor.look("passkey-new")
    page.get_by_label("Vad den ska heta").fill("Arbetstelefonen")
    page.get_by_role("button", name="Lägg till en nyckel").click()
    expect(heading(visitor)).to_have_text("Dina reservkoder")
    kept = talk.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    assert [each["rpId"] for each in kept["credentials"]] == ["localhost"]
    visitor.go("/account")
    expect(page.locator("main")).to_contain_text("Arbetstelefonen")
    visitor.look("account-passkey")

    sign_out(visitor)
    page.get_by_role("button", name="Logga in med nyckel").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    expect(page.locator("header")).to_contain_text("Gunnar Gäst")

    sign_out(visitor)
    come(visitor, email)
    expect(heading(visitor)).to_have_text("Ett steg till")
    visitor.look("second-factor-passkey")
    page.get_by_role("button", name="Använd din nyckel").click()
    expect(page.locator("header")).to_contain_text("Gunnar Gäst")


def test_a_passkey_that_is_not_on_the_device_is_told_of(visit):
    visitor = visit()
    talk, authenticator = device(visitor)
    uv = {"authenticatorId": authenticator, "isUserVerified": False}
    talk.send("WebAuthn.setUserVerified", uv)
    page = visitor.go("/sign-in")
    page.get_by_role("button", name="Logga in med nyckel").click()
    expect(page.locator("[data-passkey-status]")).to_contain_text("finns nyckeln inte här")


def test_signing_out_everywhere_ends_the_other_window_too(visit, invited):
    email, link = invited()
    here, there = visit(), visit()
    choose_password(here, link)
    for each in (here, there):
        come(each, email)
        expect(each.page.locator("header")).to_contain_text("Gunnar Gäst")
    here.go("/account").get_by_role("button", name="Logga ut överallt").click()
    expect(heading(here)).to_have_text("Logga in")
    there.go("/account")
    expect(heading(there)).to_have_text("Logga in")


def test_typing_on_after_the_sign_in_has_ended_says_so_and_loses_nothing(visit, new_case):
    visitor = visit().sign_in("samordnare@demo.test")
    page, place = visitor.page, new_case()
    visitor.go(place).get_by_role("link", name="Gå igenom beredskapen").first.click()
    address = page.url
    other = visitor.context.new_page()
    other.goto(visitor.server.url + "/sign-in")  # the same browser: the sign-in is shared
    other.locator("details.menu summary:visible").first.click()
    other.locator(".menu__panel:visible").get_by_role("button", name="Logga ut").click()
    other.wait_for_url("**/sign-in")

    page.get_by_label("Ny version").first.fill("Dnr 2031/5")
    status = page.locator("[data-draft-status]")
    expect(status).to_contain_text("du har loggats ut", timeout=10_000)
    assert page.get_by_label("Ny version").first.input_value() == "Dnr 2031/5"
    page.get_by_role("dialog", name="Logga in").wait_for()
    visitor.look("draft-signed-out")
    page.get_by_role("button", name="Stäng utan att logga in").click()

    other.get_by_role("button", name="Maja Lindqvist").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    page.get_by_label("Ny version").first.fill("Dnr 2031/57")
    expect(status).to_contain_text("Sparat", timeout=10_000)
    page.goto(address)
    assert page.get_by_label("Ny version").first.input_value() == "Dnr 2031/57"


def signed_out_while_typing(visitor, place, text):
    """Type into a task after the sign-in has ended; gives the dialog that asks for a new one."""
    page = visitor.go(place)
    page.get_by_role("link", name="Gå igenom beredskapen").first.click()
    visitor.context.clear_cookies()
    page.get_by_label("Ny version").first.fill(text)
    return page.get_by_role("dialog", name="Logga in")


def test_a_sign_in_that_ends_while_one_types_is_renewed_on_the_spot(visit, new_case):
    visitor = visit().sign_in("samordnare@demo.test")
    page, dialog = visitor.page, signed_out_while_typing(visitor, new_case(), "Dnr 2031/8")
    dialog.get_by_label("E-postadress").fill("samordnare@demo.test", timeout=10_000)
    dialog.get_by_label("Lösenord").fill("fel lösenord")
    dialog.get_by_role("button", name="Logga in", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("stämmer inte")
    assert visitor.axe() == []
    dialog.get_by_label("Lösenord").fill(DEMO_PASSWORD)
    dialog.get_by_role("button", name="Logga in", exact=True).click()
    expect(page.locator("[data-draft-status]")).to_contain_text("Sparat", timeout=10_000)
    expect(dialog).to_be_hidden()
    address = page.url
    page.goto(address)
    assert page.get_by_label("Ny version").first.input_value() == "Dnr 2031/8"


def test_what_one_person_typed_is_never_sent_in_the_name_of_the_next(visit, new_case):
    visitor = visit().sign_in("samordnare@demo.test")
    page, dialog = visitor.page, signed_out_while_typing(visitor, new_case(), "Dnr 2031/9")
    dialog.get_by_label("E-postadress").fill("chef@demo.test", timeout=10_000)
    dialog.get_by_label("Lösenord").fill(DEMO_PASSWORD)
    dialog.get_by_role("button", name="Logga in", exact=True).click()
    expect(page.locator("[data-draft-status]")).to_contain_text("Inte sparat", timeout=10_000)
    assert page.get_by_label("Ny version").first.input_value() == "Dnr 2031/9"
