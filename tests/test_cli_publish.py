import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.test_cli import arshjul, kinds  # noqa: F401 (a fixture)
from workflows.database import opened
from workflows.processes.models import Version

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path):
    """The shipped review, as somebody keeps it who writes processes."""
    shutil.copytree(ROOT / "bpmn" / "yearly_review", tmp_path / "bpmn" / "yearly_review")
    shutil.copytree(ROOT / "forms" / "yearly_review", tmp_path / "forms" / "yearly_review")
    return tmp_path / "bpmn" / "yearly_review"


def test_a_process_is_checked_and_published(arshjul, folder, tmp_path):  # noqa: F811
    arshjul("migrate")
    code, said, _ = arshjul("publish", folder)
    assert code == 0
    assert "version 1 is published" in said
    code, said, _ = arshjul("publish", folder / "yearly_review.bpmn")
    assert (code, "version 2 is published" in said) == (0, True)
    assert kinds(tmp_path / "data") == ["process_added", "version_published", "version_published"]


def test_a_process_with_errors_is_not_published(arshjul, folder, tmp_path):  # noqa: F811
    arshjul("migrate")
    diagram = folder / "yearly_review.bpmn"
    diagram.write_text(diagram.read_text().replace('form="', 'form="no/'))
    code, said, _ = arshjul("publish", folder)
    assert code == 1
    assert "unknown_form" in said
    url = f"sqlite:///{tmp_path / 'data' / 'arshjul.sqlite3'}"
    with opened(url) as database, database.reading() as session:
        assert session.scalars(sa.select(Version)).all() == []


def test_a_folder_without_a_process_is_said_to_be_one(arshjul, tmp_path):  # noqa: F811
    assert arshjul("publish", tmp_path)[0] == 2
    assert arshjul("publish", tmp_path / "nothing.bpmn")[0] == 2
