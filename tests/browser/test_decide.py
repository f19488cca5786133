"""A review as a manager decides it: in three taps on a phone, or back with a reason."""

from tests.browser.test_walk import new_case  # noqa: F401 (a fixture)


def _fill_in(visit, place):
    writer = visit(script=False).sign_in("samordnare@demo.test")
    writer.go(place)
    page = writer.page
    page.get_by_role("link", name="Gå igenom beredskapen").first.click()
    page.get_by_label("Ändrad").first.check()
    page.get_by_label("Ny version").first.fill("Dnr 2030/17")
    page.get_by_label("Aktuell").nth(1).check()
    page.get_by_role("button", name="Klar", exact=True).click()
    return page.get_by_role("link", name="Godkänn ändringarna").first.get_attribute("href")


def test_a_manager_approves_in_three_taps_on_a_phone_even_without_script(visit, new_case):  # noqa: F811
    task = _fill_in(visit, new_case())
    manager = visit(width=360, script=False).sign_in("chef@demo.test")
    page = manager.go(task)  # the first tap: the link of the mail
    button = page.get_by_role("link", name="Jag godkänner ändringarna")
    box = button.bounding_box()
    assert box["y"] + box["height"] <= 900  # seen without scrolling
    button.click()
    confirm = page.get_by_role("button", name="Jag godkänner ändringarna")
    box = confirm.bounding_box()
    assert box["y"] + box["height"] <= 900
    confirm.click()
    assert "Klart" in page.locator("main .lead").inner_text()
    assert "Beslutet är antecknat" in page.locator("body").inner_text()


def test_what_is_sent_back_needs_a_reason_and_comes_again_with_what_changed(visit, new_case):  # noqa: F811
    place = new_case()
    task = _fill_in(visit, place)
    manager = visit(width=360).sign_in("chef@demo.test")
    page = manager.go(task)
    assert manager.small_targets() == []
    manager.look("decide")
    page.get_by_role("link", name="Jag skickar tillbaka").click()
    assert manager.small_targets() == []
    page.get_by_role("button", name="Jag skickar tillbaka").click()
    assert "Skriv varför" in page.locator(".errors").inner_text()
    manager.look("decide-back")
    page.get_by_label("Varför?").fill("Vilket nummer gäller?")
    page.get_by_role("button", name="Jag skickar tillbaka").click()
    page.wait_for_url(f"**{place}*")

    writer = visit().sign_in("samordnare@demo.test")
    writer.go(place)
    page = writer.page
    page.get_by_role("link", name="Gå igenom beredskapen").last.click()
    page.get_by_label("Ny version").first.fill("Dnr 2030/18")
    page.get_by_role("button", name="Klar", exact=True).click()
    page.wait_for_url(f"**{place}*")
    again = page.locator(".steps .is-now a").first.get_attribute("href")

    page = manager.go(again)
    material = page.locator("#material")
    assert material.locator("del").all_inner_texts() == ["Dnr 2030/17"]
    assert material.locator("ins").all_inner_texts() == ["Dnr 2030/18"]
    assert material.get_by_text("ändrat").first.is_visible()
    assert "Vilket nummer gäller?" in page.locator("main").inner_text()
    manager.look("decide-again")
    page.get_by_role("link", name="Utan markeringar").click()
    assert page.locator("#material del").count() == 0
