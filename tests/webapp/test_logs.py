import json

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from webapp import logs
from workflows.organisation.models import Person


@pytest.fixture
def lines(monkeypatch, capsys):
    logs.configure()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()


def test_a_fault_is_told_by_kind_and_place_and_never_by_what_somebody_wrote(session, lines):
    session.add(Person(email="x@example.test", name="Very Secret", sort_key=None))
    try:
        session.flush()
    except IntegrityError as fault:
        structlog.get_logger().error("unexpected", exc_info=fault)
    (line,) = lines()
    assert line["fault"] == "IntegrityError"
    assert any("test_logs.py" in place for place in line["at"])
    assert "Very Secret" not in json.dumps(line)


def test_a_path_that_opens_a_door_is_masked():
    assert logs.masked("/invitations/abc123") == "/invitations/…"
    assert logs.masked("/tasks/7") == "/tasks/7"
