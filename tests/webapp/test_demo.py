"""A demo says on every page that it is one and how far it is, and never comes where people work."""

from datetime import timedelta

import pytest

from webapp import clock, scheduler
from workflows.organisation.growth import THE_CITY, Growth


@pytest.fixture
def planted(app, database):
    now = clock.now()
    with database.writing() as session, session.begin():
        session.add(
            Growth(
                id=THE_CITY, seed=1, size="few", begins_at=now - timedelta(days=3),
                until=now + timedelta(days=1), at=now, is_done=False,
            )
        )  # fmt: skip
    app.is_demo = app.may_be_growing = True


def test_every_page_tells_of_the_demo_and_how_far_it_is(app, database, planted):
    client = app.test_client()
    page = client.get("/sign-in").text
    assert 'class="demo"' in page
    assert "75 %" in page
    assert scheduler.tick(database, app.settings) == 0  # the demo has a clock of its own
    with database.writing() as session, session.begin():
        session.get_one(Growth, THE_CITY).is_done = True
    page = client.get("/sign-in").text
    assert 'class="demo"' in page
    assert "<progress" not in page


def test_where_people_work_no_page_speaks_of_a_demo(app):
    assert 'class="demo"' not in app.test_client().get("/sign-in").text
