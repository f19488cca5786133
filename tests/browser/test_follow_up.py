"""A report is corrected, approved and taken out, by those who do it, in the browser."""

from urllib.parse import urljoin

ADDRESS = "/follow-up/NORRA/2027/VP"


def test_a_number_is_corrected_and_the_report_sealed_by_keyboard_and_taken_out(visit):
    controller = visit().sign_in("norra.controller@demo.test")
    page = controller.go(ADDRESS)
    page.get_by_text("Rätta ett tal").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Rätt tal").fill("7")
    page.get_by_label("Varför?").fill("Två räknades inte.")
    figure = page.locator("#figure").input_value()
    page.keyboard.press("Enter")
    page.get_by_text("Två räknades inte.").first.wait_for()  # the address is the same as before
    told = page.locator(f"#figure-{figure}")
    assert told.locator("td").first.inner_text().startswith("7")
    assert "Två räknades inte." in page.locator("#table-corrections").locator("..").inner_text()
    controller.look("report-corrected")
    assert page.get_by_text("Godkänn rapporten").count() == 0  # it is not hers to approve

    director = visit("en", 360).sign_in("norra.chef@demo.test")
    phone = director.go(ADDRESS)
    phone.get_by_text("Approve the report").click()
    phone.get_by_role("button", name="Approve and seal").click()
    phone.get_by_text("The report is approved and sealed.").wait_for()
    assert director.axe() == []
    assert not director.has_sideways_scroll()
    for kind in ("DOCX", "PDF", "XLSX", "CSV", "JSON"):
        link = phone.get_by_role("link", name=kind, exact=True).get_attribute("href")
        answer = director.context.request.get(urljoin(director.server.url, link))
        assert (answer.status, len(answer.body()) > 200) == (200, True), kind

    page = controller.go(f"{ADDRESS}/paste")
    assert "7" in page.locator("main").inner_text()
    controller.look("report-paste-sealed")
    page.get_by_role("checkbox").first.check()
    page.reload()  # what is entered elsewhere is remembered here
    assert page.get_by_role("checkbox").first.is_checked()
    assert not page.get_by_role("checkbox").nth(1).is_checked()
