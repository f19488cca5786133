"""Every page in its looks: nothing for axe to find, no sideways scroll (also at 400 %), one main
button at most, nothing too small for a finger, and a picture to look at.
"""

import pytest

from tests.browser.conftest import looks_of

# name, address, who looks (None: nobody signed in)
PAGES = [
    ("sign-in", "/sign-in", None),
    ("home", "/", "samordnare"),
    ("home-empty", "/", "processer"),
    ("tasks-mine-empty", "/tasks/", "samordnare"),
    ("tasks-role", "/tasks/?list=role", "norra"),
    ("tasks-filtered", "/tasks/?list=role&text=gå&order=milestone&state=late", "samordnare"),
    ("tasks-waiting", "/tasks/?list=waiting", "samordnare"),
    ("tasks-nothing", "/tasks/?list=role&text=xyz", "samordnare"),
    ("tasks-approvals", "/tasks/approvals", "samordnare"),
    ("tasks-done", "/tasks/?list=done", "samordnare"),
    ("search", "/search?q=farsta", "central"),
    ("search-nothing", "/search?q=xyz", "samordnare"),
    ("shortcuts", "/preferences/shortcuts", "samordnare"),
    ("task-done", "/tasks/1", "samordnare"),
    ("case", "/cases/1", "central"),
    ("overview", "/overview/?compare=1", "central"),
    ("overview-body", "/overview/", "samordnare"),
    ("overview-empty", "/overview/?year=1995&show=follow", "central"),
    ("overview-ask", "/overview/nudge", "central"),
    ("report-city", "/follow-up/STAD/2026/T2", "central"),
    ("report", "/follow-up/FARSTA/2026/T2", "samordnare"),
    ("report-rows", "/follow-up/FARSTA/2026/T2/rows/actions_done", "samordnare"),
    ("report-paste", "/follow-up/FARSTA/2026/T2/paste", "samordnare"),
    ("year", "/follow-up/year?year=2026", "central"),
    ("year-body", "/follow-up/year/2026/2", "central"),
    ("year-rehearsal", "/follow-up/year/2026/rehearsal", "central"),
    ("workload", "/follow-up/workload", "central"),
    ("steps", "/follow-up/steps?unit=2", "samordnare"),
    ("history", "/history/", "revisor"),
    ("event", "/history/120", "revisor"),
    ("proof", "/history/proof", "revisor"),
    ("samples", "/history/samples/", "revisor"),
    ("checks", "/history/checks/", "revisor"),
    ("check", "/history/checks/late_decision", "revisor"),
    ("flows", "/history/flows/", "revisor"),
    ("flow", "/history/flows/action_followup", "revisor"),
    ("retention", "/history/retention/", "admin"),
    ("auditors", "/history/auditors/", "sakerhetsskydd"),
    ("then", "/then/", "revisor"),
    ("then-case", "/then/cases/1", "central"),
    ("then-overview", "/then/overview", "revisor"),
    ("then-roles", "/then/roles?at=2026-09-10", "revisor"),
    ("then-register", "/then/registers/action", "samordnare"),
    ("account", "/account", "samordnare"),
    ("units", "/admin/", "admin"),
    ("people", "/admin/people", "admin"),
    ("role-check", "/admin/role-check", "admin"),
    ("import", "/admin/import", "admin"),
    ("calendar", "/calendar/2026", "central"),
    ("calendar-unit", "/calendar/2026?unit=2", "samordnare"),
    ("processes", "/processes/", "processer"),
    ("processes-move", "/processes/yearly_review/migration", "processer"),
    ("process-difference", "/processes/yearly_review/difference", "processer"),
    ("process-trial", "/workshop/1/trial", "processer"),
    ("registers", "/registers/", "samordnare"),
    ("register", "/registers/action", "samordnare"),
    ("register-timeline", "/registers/action/timeline", "central"),
    ("register-progress", "/registers/action/progress", "samordnare"),
    ("register-matrix", "/registers/risk/matrix", "central"),
    ("register-import", "/registers/action/import", "samordnare"),
    ("register-import-ia", "/registers/ia_statistic/import", "samordnare"),
    ("absences", "/absences/", "samordnare"),
    ("notices", "/notices", "samordnare"),
    ("notices-preview", "/notices/preview", "samordnare"),
    ("outbox", "/notices/outbox", "admin"),
    ("due-work", "/admin/due-work/", "admin"),
    ("forbidden", "/admin/", "samordnare"),
    ("not-found", "/nowhere", "samordnare"),
]


@pytest.mark.parametrize(
    ("name", "address", "who", "language", "width", "theme"),
    [(*page, *look) for page in PAGES for look in looks_of(page[0], of_many=True)],
)
def test_a_page_is_sound_in_this_look(visit, name, address, who, language, width, theme):
    visitor = visit(language, width, theme)
    visitor.see(address, who and f"{who}@demo.test")
    visitor.keep(f"{name}-{width}-{theme}-{language}")
    has_menu = visitor.page.locator(".menu--person form[action*=sign]").count() > 0
    assert has_menu == (who is not None)
    assert visitor.axe() == []
    assert not visitor.has_sideways_scroll()
    assert visitor.main_buttons() <= 1
    assert visitor.small_targets() == []
    visitor.zoom_in()
    assert not visitor.has_sideways_scroll()
