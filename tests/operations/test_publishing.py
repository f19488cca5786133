import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.operations import cases, publishing
from workflows.operations.publishing import Taken
from workflows.processes.models import Version, VersionState
from workflows.processes.packages import Package
from workflows.processes.rows import find


def changed(package, old, new):
    return Package(package.key, package.source.replace(old, new), package.forms, package.tables)


NEWER = changed(packages.letter(), b"Skriv brevet", b"Skriv ett brev")
EDITED = changed(packages.letter(), b"T1 - 10wd", b"T1 - 5wd")


def kinds(session):
    return list(session.scalars(sa.select(Event.kind).order_by(Event.id)))


def take(session, package):
    return publishing.take_shipped(session, package, by=SYSTEM, now=NOON)


def test_a_shipped_process_nobody_knew_is_published(session):
    assert take(session, packages.letter()) is Taken.PUBLISHED
    assert kinds(session) == ["process_added", "version_published"]
    assert find(session, "letter").active_version.number == 1


@pytest.mark.parametrize(
    ("written", "begins"), [("", "LETTER"), ('arshjul:prefix="BREV" ', "BREV")]
)
def test_the_keys_of_cases_begin_as_the_diagram_says(session, city, written, begins):
    take(
        session, changed(packages.letter(), b"arshjul:colour", f"{written}arshjul:colour".encode())
    )
    process, farsta = find(session, "letter"), city.units["FARSTA"]
    case = cases.start(session, process, farsta, 2027, by=city.actor("Alva"), now=NOON)
    assert case.key == f"{begins}-FARSTA-2027-1"


def test_taking_the_same_again_does_nothing(session):
    take(session, packages.letter())
    assert take(session, packages.letter()) is Taken.KNOWN
    assert kinds(session) == ["process_added", "version_published"]


def test_a_newer_one_takes_the_place_of_an_unedited_one_and_running_cases_stay(session, city):
    take(session, packages.letter())
    process = find(session, "letter")
    farsta = city.units["FARSTA"]
    case = cases.start(session, process, farsta, 2027, by=city.actor("Alva"), now=NOON)
    assert take(session, NEWER) is Taken.PUBLISHED
    assert process.active_version.number == 2
    assert (case.version.number, case.version.state) == (1, VersionState.RETIRED)


def test_a_newer_one_waits_as_a_draft_where_the_process_was_edited_here(session, city):
    take(session, packages.letter())
    publishing.publish(session, EDITED, by=city.actor("Gun"), now=NOON)
    assert take(session, NEWER) is Taken.OFFERED
    process = find(session, "letter")
    assert process.active_version.number == 2
    states = session.scalars(sa.select(Version.state).order_by(Version.number))
    assert list(states) == [VersionState.RETIRED, VersionState.ACTIVE, VersionState.DRAFT]
    assert take(session, NEWER) is Taken.KNOWN


def test_one_that_is_shipped_switched_off_waits_until_somebody_switches_it_on(session, city):
    off = changed(
        packages.letter(), b"arshjul:colour", b'arshjul:switchedOff="true" arshjul:colour'
    )
    assert take(session, off) is Taken.OFFERED
    process = find(session, "letter")
    assert process.active_version is None
    assert take(session, off) is Taken.KNOWN
    newer = changed(off, b"Skriv brevet", b"Skriv ett brev")
    assert take(session, newer) is Taken.OFFERED
    with pytest.raises(Forbidden):
        publishing.switch_on(session, process, by=city.actor("Alva"), now=NOON)
    switched = publishing.switch_on(session, process, by=city.actor("Gun"), now=NOON)
    assert switched.number == 2
    assert process.active_version is switched
    with pytest.raises(Conflict):
        publishing.switch_on(session, process, by=city.actor("Gun"), now=NOON)
    assert take(session, off) is Taken.PUBLISHED
    assert kinds(session)[-3:] == ["version_offered", "version_published", "version_published"]


def test_someone_who_owns_no_process_is_refused_and_nothing_changes(session, city):
    with pytest.raises(Forbidden):
        publishing.publish(session, packages.letter(), by=city.actor("Alva"), now=NOON)
    assert find(session, "letter") is None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"security_coordinator", b"sacurity_coordinator", "unknown_role"),
        (b"letter/write", b"letter/wrote", "unknown_form"),
        (b"T1 - 10wd", b"T9 - 10wd", "unknown_milestone"),
        (b"T1 - 10wd", b"T1 - 10xd", "bad_deadline"),
        (b'notBy="write"', b'notBy="wrote"', "unknown_step"),
    ],
)
def test_a_process_that_points_at_what_is_not_there_is_refused(session, old, new, code):
    with pytest.raises(Invalid) as refused:
        publishing.publish(session, changed(packages.letter(), old, new), by=SYSTEM, now=NOON)
    assert code in {problem.code for problem in refused.value.problems}


def test_a_form_with_mistakes_is_refused_and_they_are_named(session):
    good = packages.letter()
    forms = dict(good.forms) | {"letter/write": b'{"title": {"sv": "Bara svenska"}}'}
    package = Package(good.key, good.source, forms, good.tables)
    with pytest.raises(Invalid) as refused:
        publishing.publish(session, package, by=SYSTEM, now=NOON)
    assert any(problem.element == "letter/write" for problem in refused.value.problems)


def test_the_hash_is_of_the_content_and_of_nothing_else():
    assert packages.letter().hash == packages.letter().hash
    assert packages.letter().hash != NEWER.hash
