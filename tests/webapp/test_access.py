"""Every route × every member of the cast: who gets in, and that nobody else changes anything."""

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, PEOPLE, SYSTEM
from webapp.access import ACCESS, Access
from workflows.history.models import Event
from workflows.operations import cases, publishing
from workflows.processes.rows import find
from workflows.tasks.models import Task

EVERYBODY = frozenset(PEOPLE)
NOBODY: frozenset[str] = frozenset()
SEES_FARSTA = frozenset({"Alva", "Anton", "Bo", "Disa", "Frida", "Hedda"})
WRITES_IN_FARSTA = frozenset({"Alva", "Anton"})
READS_THE_RECORD = frozenset({"Disa", "Egil", "Frida"})
READS_HISTORY = READS_THE_RECORD | {"Hedda"}
ADMINISTERS = frozenset({"Egil"})
KEEPS_RETENTION = frozenset({"Egil", "Hedda"})
COORDINATES = frozenset({"Alva", "Anton", "Cleo"})
OPERATES = frozenset({"Disa", "Hedda"})
SEES_STANDSTILL = frozenset({"Disa", "Egil", "Gun", "Hedda"})
GIVES_IN_FARSTA = frozenset({"Bo", "Disa", "Hedda"})
STEERS_THE_CITY = frozenset({"Disa"})
SEES_THE_CITY = frozenset({"Disa", "Frida", "Hedda"})
CLOSES_FARSTA = frozenset({"Alva", "Anton", "Disa"})

# Who may open a page or do a deed, on Farsta's letter, unit and calendar; the rest are refused.
WHO: dict[str, frozenset[str]] = {
    "absences.come_back": NOBODY,  # there is no such absence
    "absences.leave": ADMINISTERS | {"Jon"},  # it is his
    "absences.of_person": ADMINISTERS | {"Jon"},
    "absences.page": EVERYBODY,
    "absences.plan_anew": EVERYBODY,
    "absences.take_over": EVERYBODY,
    "account.change_password": EVERYBODY,
    "account.describe": EVERYBODY,
    "account.end_sign_in": NOBODY,  # it is nobody's sign-in
    "account.end_sign_ins": EVERYBODY,
    "account.page": EVERYBODY,
    "samples.draw": READS_HISTORY,
    "samples.export": NOBODY,  # there is no such sample
    "samples.index": READS_HISTORY,
    "samples.judge": NOBODY,
    "samples.share": NOBODY,
    "samples.show": NOBODY,
    "retention.approve": NOBODY,  # there is no such list
    "retention.draw_up": KEEPS_RETENTION,
    "retention.drop": NOBODY,
    "retention.export_held": ADMINISTERS | {"Jon"},  # it is his
    "retention.held": ADMINISTERS | {"Jon"},
    "retention.hold": KEEPS_RETENTION,
    "retention.index": KEEPS_RETENTION,
    "retention.lift": NOBODY,  # there is no such stop
    "retention.receive": NOBODY,
    "retention.set_rule": KEEPS_RETENTION,
    "retention.show": NOBODY,
    "flows.index": READS_HISTORY,
    "flows.log": NOBODY,  # there is no such process
    "flows.show": NOBODY,
    "checks.export": NOBODY,  # there is no such check
    "checks.index": READS_HISTORY,
    "checks.show": NOBODY,
    "calendar.add_meeting": STEERS_THE_CITY,
    "calendar.apply_change": NOBODY,  # there is no such change
    "calendar.cancel_meeting": NOBODY,  # there is no such meeting
    "calendar.change": NOBODY,
    "calendar.change_habits": STEERS_THE_CITY,
    "calendar.change_meeting": NOBODY,
    "calendar.change_milestone": STEERS_THE_CITY,
    "calendar.close_day": STEERS_THE_CITY,
    "calendar.confirm_milestone": STEERS_THE_CITY,
    "calendar.discard_change": NOBODY,
    "calendar.draft": STEERS_THE_CITY,
    "calendar.follow_city": STEERS_THE_CITY,
    "calendar.habits": STEERS_THE_CITY,
    "calendar.index": EVERYBODY,
    "calendar.meeting": NOBODY,
    "calendar.meetings_file": STEERS_THE_CITY,
    "calendar.milestone": STEERS_THE_CITY,
    "calendar.new_meeting": STEERS_THE_CITY,
    "calendar.open_day": NOBODY,
    "calendar.read_file": STEERS_THE_CITY,
    "calendar.undo_change": NOBODY,
    "calendar.year": EVERYBODY,
    "cases.data": SEES_FARSTA,
    "cases.diagram": SEES_FARSTA,
    "cases.new": EVERYBODY,
    "cases.show": SEES_FARSTA,
    "cases.start": NOBODY,  # the post names no process
    "comments.add": SEES_FARSTA - {"Frida"},
    "comments.withdraw": NOBODY,  # there is no such comment
    "operators.do": OPERATES,
    "operators.drawer": OPERATES,
    "operators.preview": OPERATES,
    "operators.still": SEES_STANDSTILL,
    "handovers.delegate": NOBODY,  # nobody has taken it
    "handovers.give_back": NOBODY,
    "handovers.page": SEES_FARSTA,
    "handovers.reassign": GIVES_IN_FARSTA,
    "handovers.suggest": WRITES_IN_FARSTA,
    "role_handovers.hand_over": NOBODY,  # there is no such role
    "role_handovers.page": NOBODY,
    "role_handovers.read": NOBODY,
    "extensions.ask": WRITES_IN_FARSTA,
    "extensions.decide": NOBODY,  # nobody has asked
    "extensions.page": SEES_FARSTA,
    "factors.add_generator": EVERYBODY,
    "factors.add_passkey": EVERYBODY,
    "factors.choose": EVERYBODY,
    "factors.remove_generator": EVERYBODY,
    "factors.remove_passkey": NOBODY,
    "factors.renew_codes": EVERYBODY,
    "documents.download": NOBODY,  # there is no such document
    "documents.make": NOBODY,  # a letter makes none
    "documents.make_package": NOBODY,
    "documents.package": NOBODY,
    "library.add": STEERS_THE_CITY,
    "library.index": EVERYBODY,
    "library.read": NOBODY,  # there is no such template
    "follow_up.choose": NOBODY,  # the address chooses none
    "follow_up.correct": NOBODY,  # of no number
    "follow_up.export": SEES_FARSTA,
    "follow_up.index": EVERYBODY,
    "follow_up.paste": SEES_FARSTA,
    "follow_up.rows": NOBODY,  # there is no such figure
    "follow_up.seal": frozenset({"Bo"}),
    "follow_up.show": SEES_FARSTA,
    "follow_up.use_draft": NOBODY,  # no case makes this report
    "files.attach": frozenset({"Alva", "Anton", "Bo", "Disa", "Hedda"}),
    "files.attach_to_task": WRITES_IN_FARSTA,
    "files.download": NOBODY,  # there is no such file
    "files.remove": NOBODY,
    "due_work.drop": NOBODY,  # nothing has failed
    "due_work.fire": NOBODY,
    "due_work.page": ADMINISTERS,
    "due_work.retry": NOBODY,
    "due_work.start_late": NOBODY,  # nothing starts by itself
    "due_work.start_never": NOBODY,
    "history.export": READS_HISTORY,
    "history.index": READS_HISTORY,
    "history.show": NOBODY,  # there is no such event
    "mandates.end": NOBODY,  # there is no such mandate
    "mandates.give": NOBODY,  # the post names nobody
    "mandates.page": READS_HISTORY,
    "proving.check": READS_HISTORY,
    "proving.mail": READS_HISTORY,
    "proving.page": READS_HISTORY,
    "proving.take_away": READS_HISTORY,
    "home.page": EVERYBODY,
    "invitations.invite": ADMINISTERS,
    "invitations.remove_factors": ADMINISTERS | {"Jon"},  # they are his
    "notices.choose": EVERYBODY,
    "notices.drop": NOBODY,  # there is no such mail
    "notices.end_feed": NOBODY,  # there is no such address
    "notices.renew_feed": NOBODY,
    "notices.make_feed": EVERYBODY,
    "notices.outbox": ADMINISTERS,
    "notices.page": EVERYBODY,
    "notices.preview": EVERYBODY,
    "notices.retry": NOBODY,
    "people.add": ADMINISTERS,
    "organisation.add_unit": ADMINISTERS,
    "imports.apply": NOBODY,  # nobody has brought a file
    "people.change": ADMINISTERS,
    "organisation.change_unit": ADMINISTERS,
    "people.close": ADMINISTERS,
    "organisation.end_role": ADMINISTERS,
    "people.export": ADMINISTERS,
    "organisation.give_role": ADMINISTERS,
    "organisation.index": ADMINISTERS,
    "imports.new": ADMINISTERS,
    "people.new": ADMINISTERS,
    "organisation.new_unit": ADMINISTERS,
    "people.index": ADMINISTERS,
    "imports.add": ADMINISTERS,
    "people.reopen": ADMINISTERS,
    "organisation.role_check": ADMINISTERS,
    "imports.show": NOBODY,
    "people.show": ADMINISTERS,
    "organisation.show_unit": ADMINISTERS,
    "migrations.apply": NOBODY,  # there is no such migration
    "migrations.choose": NOBODY,  # there is no such process
    "migrations.discard": NOBODY,
    "processes.index": frozenset({"Disa", "Egil", "Frida", "Gun", "Hedda"}),
    "migrations.look": NOBODY,
    "migrations.migration": NOBODY,
    "migrations.recompile": NOBODY,
    "migrations.revert": NOBODY,
    "migrations.revert_case": NOBODY,
    "tables.download": NOBODY,  # there is no such list
    "tables.page": NOBODY,
    "tables.read": NOBODY,
    "tables.take": NOBODY,
    "exemptions.choose": NOBODY,  # the letter does not start by itself
    "exemptions.page": NOBODY,
    "levels.choose": WRITES_IN_FARSTA | {"Bo"},
    "levels.page": WRITES_IN_FARSTA | {"Bo"},
    "overview.export": EVERYBODY - {"Jon"},
    "overview.nudge": NOBODY,  # the post names no task
    "overview.page": EVERYBODY,
    "overview.preview": EVERYBODY - {"Jon"},
    "promises.page": SEES_FARSTA,
    "promises.promise": WRITES_IN_FARSTA,
    "registers.change": NOBODY,  # there is no such entry
    "registers.export": EVERYBODY,
    "registers.index": EVERYBODY,
    "registers.listed": EVERYBODY,
    "registers.lower": NOBODY,
    "registers.mark": NOBODY,
    "registers.picture": EVERYBODY,
    "registers.over_time": EVERYBODY,
    "progress.page": EVERYBODY,
    "progress.report": EVERYBODY,
    "registers.show": NOBODY,
    "register_imports.add": COORDINATES | OPERATES,
    "register_imports.apply": NOBODY,  # nobody has brought a file
    "register_imports.new": COORDINATES | OPERATES,
    "register_imports.remap": NOBODY,
    "register_imports.show": NOBODY,
    "register_imports.undo": NOBODY,
    "rehearsals.page": frozenset({"Disa", "Gun"}),
    "rehearsals.play": frozenset({"Disa", "Gun"}),
    "parts.add": NOBODY,
    "parts.change_form": NOBODY,
    "parts.change_outline": NOBODY,
    "parts.change_table": NOBODY,
    "parts.drawn_table": NOBODY,
    "parts.form": NOBODY,
    "parts.index": NOBODY,
    "parts.outline": NOBODY,
    "parts.preview_form": NOBODY,
    "parts.table": NOBODY,
    "parts.try_table": NOBODY,
    "workshop.catalogue": NOBODY,
    "workshop.condition": NOBODY,
    "workshop.deadline": NOBODY,
    "workshop.draft": NOBODY,
    "workshop.drop": NOBODY,
    "workshop.page": NOBODY,
    "workshop.presence": NOBODY,
    "workshop.problems": NOBODY,
    "workshop.save": NOBODY,
    "processes.show": NOBODY,
    "processes.archive": NOBODY,
    "processes.restore": NOBODY,
    "processes.name_publishers": NOBODY,
    "processes.set_four_eyes": NOBODY,
    "processes.begin_draft": NOBODY,
    "reviews.difference": NOBODY,
    "reviews.supplier": NOBODY,
    "reviews.take_over": NOBODY,
    "reviews.submit": NOBODY,
    "reviews.submit_version": NOBODY,
    "reviews.show": NOBODY,
    "reviews.approve": NOBODY,
    "reviews.send_back": NOBODY,
    "reviews.withdraw": NOBODY,
    "reviews.clear": NOBODY,
    "impacts.begin": NOBODY,
    "impacts.show": NOBODY,
    "impacts.go_on": NOBODY,
    "processes.bring_page": frozenset({"Gun"}),
    "processes.bring": NOBODY,  # the post brings no file
    "processes.take_out": NOBODY,
    "trials.page": NOBODY,
    "trials.run": NOBODY,
    "trials.fill": NOBODY,
    "trials.keep": NOBODY,
    "trials.keep_case": NOBODY,
    "trials.remove": NOBODY,
    "second_factor.page": EVERYBODY,
    "second_factor.passkey": EVERYBODY,
    "second_factor.submit": EVERYBODY,
    "tasks.claim": WRITES_IN_FARSTA,
    "tasks.complete": WRITES_IN_FARSTA,
    "decisions.decide": NOBODY,  # the letter is not to be decided yet
    "decisions.page": NOBODY,
    "evidence.package": NOBODY,  # which cases is not said
    "then.case": SEES_FARSTA,
    "then.index": EVERYBODY,
    "then.overview": EVERYBODY - {"Jon"},  # there is nothing for him to follow
    "then.register": EVERYBODY,
    "then.roles": READS_HISTORY,
    "search.page": EVERYBODY,
    "tasks.approve": EVERYBODY,  # the post chooses no task
    "tasks.choose_approvals": EVERYBODY,
    "tasks.drop_filter": NOBODY,  # there is no such view
    "tasks.export": EVERYBODY,
    "tasks.index": EVERYBODY,
    "tasks.keep_filter": NOBODY,  # the post gives it no name
    "tasks.merge": WRITES_IN_FARSTA,
    "tasks.release": NOBODY,  # nobody has taken it
    "tasks.save_draft": WRITES_IN_FARSTA,
    "tasks.show": SEES_FARSTA,
    "workload.near": EVERYBODY - {"Jon"},
    "workload.page": EVERYBODY - {"Jon"},
    "workload.steps": EVERYBODY - {"Jon"},
    "years.body": CLOSES_FARSTA | SEES_THE_CITY,
    "years.carry_all": STEERS_THE_CITY,
    "years.decide": NOBODY,  # nothing has been looked at
    "years.freeze": STEERS_THE_CITY,
    "years.merge": STEERS_THE_CITY,
    "years.open_year": STEERS_THE_CITY,
    "years.page": CLOSES_FARSTA | SEES_THE_CITY | {"Cleo"},
    "years.prepare": CLOSES_FARSTA,
    "years.rehearsal": CLOSES_FARSTA | SEES_THE_CITY | {"Cleo"},
    "years.seal": NOBODY,  # it is not frozen
    "years.switch": NOBODY,
    "years.take_back_opening": STEERS_THE_CITY,
    "years.thaw": NOBODY,
    "years.undo": NOBODY,
}


@pytest.fixture
def places(session, city, app):
    """The address of every route, pointed at Farsta's letter and at Jon."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process, farsta = find(session, "letter"), city.units["FARSTA"]
    case = cases.start(session, process, farsta, 2027, by=SYSTEM, now=NOON)
    task_id = session.scalars(sa.select(Task.id)).one()
    values = {
        "case_id": case.id,
        "task_id": task_id,
        "unit_id": farsta.id,
        "person_id": city.people["Jon"].id,
        "holding_id": 1,
        "year": 2027,
        "body": "FARSTA",
        "milestone": "T1",
        "code": "T1",
        "day": "2027-05-20",
        "kind": "csv",
        "deed": "suspension",
        "key": "nothing",
        "name": "risk",
    }
    session.commit()
    found = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if ACCESS[rule.endpoint] is not Access.PUBLIC:
                given = {name: values.get(name, 999_999) for name in rule.arguments}
                _, path = rule.build(given)
                found[rule.endpoint] = ("GET" if "GET" in rule.methods else "POST", path)
    return found


def test_every_route_that_needs_a_sign_in_stands_in_the_table(places):
    assert places.keys() == WHO.keys()


def test_who_has_not_signed_in_is_asked_to_everywhere(app, places):
    client = app.test_client()
    for endpoint, (method, path) in places.items():
        status = client.open(path, method=method).status_code
        assert status in ((401,) if method == "GET" else (400, 401)), endpoint


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_everybody_gets_in_where_they_may_and_nowhere_else(
    database, places, city, client_for, name
):
    client, wrong, before = client_for(name), {}, _events(database)
    for endpoint, (method, path) in places.items():
        may = name in WHO[endpoint]
        if method == "GET":
            with client.get(path) as answer:  # what is a file is closed again
                status = answer.status_code
            is_right = status < 400 if may else status in (403, 404)
        elif may:
            continue  # what the deed does is tested where the deed is
        else:
            status = client.post(path).status_code
            is_right = status in (403, 404, 422)
        if not is_right:
            wrong[endpoint] = status
    assert wrong == {}
    read = ("exported", "audit_read")
    left = [kind for kind in _events(database)[len(before) :] if kind not in read]
    assert left == []


def _events(database):
    with database.reading() as session:
        return list(session.scalars(sa.select(Event.kind).order_by(Event.id)))
