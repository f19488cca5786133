import pytest

from tests.browser import chromium


def test_text_has_width_so_that_what_axe_says_means_something(browser):
    page = browser.new_page()
    page.set_content("<span id=narrow>iiii</span> <span id=wide>WWWW</span>")
    narrow, wide = (page.locator(name).bounding_box()["width"] for name in ("#narrow", "#wide"))
    page.close()
    assert narrow > 8
    assert wide > 1.5 * narrow


def test_a_browser_that_is_not_there_is_told_in_words(monkeypatch):
    monkeypatch.setenv("CHROME", "/nowhere/chrome")
    with pytest.raises(chromium.NoChromium, match="CHROME names /nowhere/chrome"):
        chromium.find()
