"""A process owner rehearses next year for one unit."""


def test_a_rehearsed_year_is_sound_to_look_at(visit):
    visitor = visit()
    visitor.sign_in("processer@demo.test")
    page = visitor.go("/rehearsal/")
    page.get_by_label("Enhet").select_option(label="Farsta stadsdelsnämnd")
    page.locator("main .btn--main").click()
    page.get_by_text("Samma sak som tabell").click()
    assert page.locator(".weeks__bar").count() > 0
    visitor.look("rehearsal")
