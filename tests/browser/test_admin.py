"""Administration as its people do it: add, give roles, see what is missing, read in a file."""

import pytest
from playwright.sync_api import expect

ROLE_CHECK = "/admin/role-check"
UNITS = """kod;namn;slag;överordnad
HEM;Hemtjänsten i Farsta;enhet;FARSTA
"""
PEOPLE = """e-post;namn;enhet
asa@example.test;Åsa Öst;HEM
per@example.test;Per Alm;HEM
"""
ROLES = """e-post;roll;enhet;från
asa@example.test;unit_manager;HEM;2027-01-01
"""


@pytest.fixture
def admin(visit):
    return visit().sign_in("admin@demo.test")


def add_person(admin, name, email, unit):
    page = admin.go("/admin/people")
    page.get_by_role("link", name="Lägg till en person").click()
    page.get_by_label("Namn").fill(name)
    page.get_by_label("E-postadress").fill(email)
    page.get_by_label("Anställd i").select_option(label=unit)
    page.get_by_role("button", name="Lägg till", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def give_role(admin, role, unit):
    page = admin.page
    page.locator("summary", has_text="Ge en roll").click()
    page.get_by_label("Roll", exact=True).select_option(label=role)
    page.get_by_label("Enhet", exact=True).select_option(label=unit)
    page.get_by_role("button", name="Ge rollen").click()


def send(admin, **files):
    page = admin.go("/admin/import")
    sent = [
        {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": text.encode()}
        for name, text in files.items()
    ]
    page.get_by_label("Filer").set_input_files(sent)
    page.get_by_role("button", name="Visa vad som skulle ändras").click()


def test_a_person_who_is_added_wrongly_is_told_what_to_mend(admin):
    page = admin.go("/admin/people/new")
    page.get_by_label("E-postadress").fill("ingen adress")
    page.get_by_role("button", name="Lägg till", exact=True).click()
    expect(page.get_by_label("Namn")).to_be_focused()
    expect(page.get_by_label("Namn")).to_have_accessible_description("Fyll i det här.")
    expect(page.get_by_label("E-postadress")).to_have_value("ingen adress")
    admin.look("person-new-errors")


def test_the_role_check_names_a_gap_and_a_new_person_fills_it(admin):
    unit = "Skolfastigheter i Stockholm AB"
    page = admin.go(ROLE_CHECK)
    before = page.locator("main").inner_text()
    assert unit not in before

    admin.go("/admin/people").get_by_role("link", name="Ingrid Öberg (demo)").click()
    page.get_by_role("button", name="Avsluta").click()
    expect(page.get_by_role("table")).to_contain_text("avslutad")
    admin.go(ROLE_CHECK)
    gap = page.locator("section", has_text=unit)
    expect(gap).to_contain_text("Ingen har rollen det kräver")
    admin.look("role-check-gap")
    page.emulate_media(media="print")
    admin.keep("role-check-gap-print")
    assert gap.is_visible()
    assert not page.locator("header.top").is_visible()
    page.emulate_media(media="screen")

    add_person(admin, "Nils Ny", "nils.ny@example.test", "– " + unit)
    admin.look("person-new-without-role")
    give_role(admin, "Förvaltningschef", "– " + unit)
    expect(page.get_by_role("table")).to_contain_text("Förvaltningschef")
    admin.look("person-with-role")
    expect(admin.go(ROLE_CHECK).locator("main")).not_to_contain_text(unit)


def test_an_invitation_is_shown_once_with_its_link(admin):
    add_person(admin, "Ines In", "ines@example.test", "– Farsta stadsdelsnämnd")
    page = admin.page
    page.get_by_role("button", name="Bjud in").click()
    link = page.get_by_label("Länken").input_value()
    assert link.startswith(f"{admin.server.url}/invitations/")
    admin.look("invited")


def test_a_file_is_looked_through_before_it_changes_anything(admin):
    page = admin.page
    send(admin, units=UNITS, people=PEOPLE, roles=ROLES)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vad inläsningen skulle ändra")
    expect(page.get_by_role("table")).to_contain_text(
        ["Slag: enhet", "Åsa Öst", "Roll: enhetschef"]
    )
    admin.look("import-preview")
    assert "Åsa Öst" not in admin.go("/admin/people").locator("main").inner_text()
    page.go_back()
    page.get_by_role("button", name="Genomför allt").click()
    expect(page.locator(".notices")).to_contain_text("Inläsningen är klar")
    expect(page.locator("main")).to_contain_text("Hemtjänsten i Farsta")
    admin.go("/admin/people").get_by_role("link", name="Åsa Öst").click()
    expect(page.get_by_role("table")).to_contain_text("Hemtjänsten i Farsta")

    send(admin, people=PEOPLE.replace("Åsa Öst", "Åsa Väst"))
    expect(page.locator("del")).to_have_text("Åsa Öst")
    admin.look("import-preview-change")


def test_a_file_with_faults_names_each_row(admin):
    send(admin, people="e-post;namn;enhet\ningen adress;Bo Bo;HEM\nx@example.test;;NOWHERE\n")
    page = admin.page
    faults = page.get_by_role("table", name="3 problem")
    expect(faults).to_contain_text("”ingen adress” är ingen e-postadress")
    assert page.get_by_role("button", name="Genomför allt").count() == 0
    admin.look("import-faults")
    send(admin, vad="a;b\n1;2\n")
    expect(page.get_by_role("alert")).to_be_visible()
    admin.look("import-unreadable")
