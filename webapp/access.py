"""Who may knock on which door: every route is listed here, or the app does not start.

This says only whether one must be signed in; what one may do is asked in the domain, where the deed
is done (`workflows/permissions.py`).
"""

from enum import StrEnum

from flask import Flask, request

from webapp.auth import Factor, visitor
from webapp.errors import SecondFactorMissing, SecondFactorNeeded


class Access(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed in"
    SHOWING_FACTOR = "signed in, also with a second factor still to show"
    ADDING_FACTOR = "signed in, also with a second factor still to add"


ACCESS: dict[str, Access] = {
    "assets.asset": Access.PUBLIC,
    "health.live": Access.PUBLIC,
    "health.ready": Access.PUBLIC,
    "health.metrics": Access.PUBLIC,
    "sign_in.page": Access.PUBLIC,
    "sign_in.submit": Access.PUBLIC,
    "preferences.language": Access.PUBLIC,
    "preferences.theme": Access.PUBLIC,
    "preferences.shortcuts": Access.PUBLIC,
    "preferences.switch_shortcuts": Access.PUBLIC,
    "sign_in.passkey": Access.PUBLIC,
    "sign_out.submit": Access.PUBLIC,
    "directory.start": Access.PUBLIC,
    "directory.callback": Access.PUBLIC,
    "second_factor.page": Access.SHOWING_FACTOR,
    "second_factor.submit": Access.SHOWING_FACTOR,
    "second_factor.passkey": Access.SHOWING_FACTOR,
    "invitations.show": Access.PUBLIC,
    "invitations.accept": Access.PUBLIC,
    "invitations.invite": Access.SIGNED_IN,
    "invitations.remove_factors": Access.SIGNED_IN,
    "account.page": Access.SIGNED_IN,
    "account.change_password": Access.SIGNED_IN,
    "account.describe": Access.SIGNED_IN,
    "account.end_sign_in": Access.SIGNED_IN,
    "account.end_sign_ins": Access.SIGNED_IN,
    "factors.choose": Access.ADDING_FACTOR,
    "factors.add_generator": Access.ADDING_FACTOR,
    "factors.add_passkey": Access.ADDING_FACTOR,
    "factors.remove_generator": Access.SIGNED_IN,
    "factors.remove_passkey": Access.SIGNED_IN,
    "factors.renew_codes": Access.SIGNED_IN,
    "home.page": Access.SIGNED_IN,
    "tasks.index": Access.SIGNED_IN,
    "tasks.export": Access.SIGNED_IN,
    "tasks.keep_filter": Access.SIGNED_IN,
    "tasks.drop_filter": Access.SIGNED_IN,
    "tasks.choose_approvals": Access.SIGNED_IN,
    "tasks.approve": Access.SIGNED_IN,
    "tasks.show": Access.SIGNED_IN,
    "tasks.claim": Access.SIGNED_IN,
    "tasks.release": Access.SIGNED_IN,
    "tasks.complete": Access.SIGNED_IN,
    "decisions.page": Access.SIGNED_IN,
    "decisions.decide": Access.SIGNED_IN,
    "tasks.save_draft": Access.SIGNED_IN,
    "cases.new": Access.SIGNED_IN,
    "cases.start": Access.SIGNED_IN,
    "comments.add": Access.SIGNED_IN,
    "comments.withdraw": Access.SIGNED_IN,
    "tasks.merge": Access.SIGNED_IN,
    "handovers.suggest": Access.SIGNED_IN,
    "cases.show": Access.SIGNED_IN,
    "cases.data": Access.SIGNED_IN,
    "cases.diagram": Access.SIGNED_IN,
    "operators.still": Access.SIGNED_IN,
    "operators.drawer": Access.SIGNED_IN,
    "operators.preview": Access.SIGNED_IN,
    "operators.do": Access.SIGNED_IN,
    "handovers.page": Access.SIGNED_IN,
    "handovers.delegate": Access.SIGNED_IN,
    "handovers.reassign": Access.SIGNED_IN,
    "handovers.give_back": Access.SIGNED_IN,
    "calendar.index": Access.SIGNED_IN,
    "calendar.year": Access.SIGNED_IN,
    "calendar.draft": Access.SIGNED_IN,
    "calendar.milestone": Access.SIGNED_IN,
    "calendar.change_milestone": Access.SIGNED_IN,
    "calendar.confirm_milestone": Access.SIGNED_IN,
    "calendar.follow_city": Access.SIGNED_IN,
    "calendar.new_meeting": Access.SIGNED_IN,
    "calendar.add_meeting": Access.SIGNED_IN,
    "calendar.meeting": Access.SIGNED_IN,
    "calendar.change_meeting": Access.SIGNED_IN,
    "calendar.cancel_meeting": Access.SIGNED_IN,
    "calendar.meetings_file": Access.SIGNED_IN,
    "calendar.read_file": Access.SIGNED_IN,
    "calendar.close_day": Access.SIGNED_IN,
    "calendar.open_day": Access.SIGNED_IN,
    "calendar.habits": Access.SIGNED_IN,
    "calendar.change_habits": Access.SIGNED_IN,
    "calendar.change": Access.SIGNED_IN,
    "calendar.apply_change": Access.SIGNED_IN,
    "calendar.undo_change": Access.SIGNED_IN,
    "calendar.discard_change": Access.SIGNED_IN,
    "extensions.page": Access.SIGNED_IN,
    "extensions.ask": Access.SIGNED_IN,
    "extensions.decide": Access.SIGNED_IN,
    "feeds.read": Access.PUBLIC,
    "documents.make": Access.SIGNED_IN,
    "documents.download": Access.SIGNED_IN,
    "documents.make_package": Access.SIGNED_IN,
    "documents.package": Access.SIGNED_IN,
    "library.index": Access.SIGNED_IN,
    "library.add": Access.SIGNED_IN,
    "library.read": Access.SIGNED_IN,
    "files.download": Access.SIGNED_IN,
    "files.attach": Access.SIGNED_IN,
    "files.attach_to_task": Access.SIGNED_IN,
    "files.remove": Access.SIGNED_IN,
    "absences.page": Access.SIGNED_IN,
    "absences.of_person": Access.SIGNED_IN,
    "absences.leave": Access.SIGNED_IN,
    "absences.come_back": Access.SIGNED_IN,
    "absences.take_over": Access.SIGNED_IN,
    "absences.plan_anew": Access.SIGNED_IN,
    "notices.page": Access.SIGNED_IN,
    "notices.choose": Access.SIGNED_IN,
    "notices.preview": Access.SIGNED_IN,
    "notices.make_feed": Access.SIGNED_IN,
    "notices.end_feed": Access.SIGNED_IN,
    "notices.renew_feed": Access.SIGNED_IN,
    "notices.outbox": Access.SIGNED_IN,
    "notices.retry": Access.SIGNED_IN,
    "notices.drop": Access.SIGNED_IN,
    "processes.index": Access.SIGNED_IN,
    "processes.choose": Access.SIGNED_IN,
    "processes.look": Access.SIGNED_IN,
    "processes.recompile": Access.SIGNED_IN,
    "processes.migration": Access.SIGNED_IN,
    "processes.apply": Access.SIGNED_IN,
    "processes.revert": Access.SIGNED_IN,
    "processes.revert_case": Access.SIGNED_IN,
    "processes.discard": Access.SIGNED_IN,
    "tables.page": Access.SIGNED_IN,
    "tables.download": Access.SIGNED_IN,
    "tables.read": Access.SIGNED_IN,
    "tables.take": Access.SIGNED_IN,
    "levels.page": Access.SIGNED_IN,
    "levels.choose": Access.SIGNED_IN,
    "rehearsals.page": Access.SIGNED_IN,
    "rehearsals.play": Access.SIGNED_IN,
    "overview.page": Access.SIGNED_IN,
    "overview.export": Access.SIGNED_IN,
    "overview.preview": Access.SIGNED_IN,
    "overview.nudge": Access.SIGNED_IN,
    "promises.page": Access.SIGNED_IN,
    "promises.promise": Access.SIGNED_IN,
    "due_work.page": Access.SIGNED_IN,
    "due_work.retry": Access.SIGNED_IN,
    "due_work.drop": Access.SIGNED_IN,
    "due_work.fire": Access.SIGNED_IN,
    "due_work.start_late": Access.SIGNED_IN,
    "due_work.start_never": Access.SIGNED_IN,
    "search.page": Access.SIGNED_IN,
    "history.export": Access.SIGNED_IN,
    "history.index": Access.SIGNED_IN,
    "registers.index": Access.SIGNED_IN,
    "registers.listed": Access.SIGNED_IN,
    "registers.export": Access.SIGNED_IN,
    "registers.picture": Access.SIGNED_IN,
    "registers.over_time": Access.SIGNED_IN,
    "progress.page": Access.SIGNED_IN,
    "progress.report": Access.SIGNED_IN,
    "registers.show": Access.SIGNED_IN,
    "registers.change": Access.SIGNED_IN,
    "registers.mark": Access.SIGNED_IN,
    "registers.lower": Access.SIGNED_IN,
    "register_imports.new": Access.SIGNED_IN,
    "register_imports.add": Access.SIGNED_IN,
    "register_imports.show": Access.SIGNED_IN,
    "register_imports.remap": Access.SIGNED_IN,
    "register_imports.apply": Access.SIGNED_IN,
    "register_imports.undo": Access.SIGNED_IN,
    "organisation.index": Access.SIGNED_IN,
    "organisation.new_unit": Access.SIGNED_IN,
    "organisation.add_unit": Access.SIGNED_IN,
    "organisation.show_unit": Access.SIGNED_IN,
    "organisation.change_unit": Access.SIGNED_IN,
    "people.index": Access.SIGNED_IN,
    "people.export": Access.SIGNED_IN,
    "people.new": Access.SIGNED_IN,
    "people.add": Access.SIGNED_IN,
    "people.show": Access.SIGNED_IN,
    "people.change": Access.SIGNED_IN,
    "people.close": Access.SIGNED_IN,
    "people.reopen": Access.SIGNED_IN,
    "organisation.give_role": Access.SIGNED_IN,
    "organisation.end_role": Access.SIGNED_IN,
    "organisation.role_check": Access.SIGNED_IN,
    "imports.new": Access.SIGNED_IN,
    "imports.add": Access.SIGNED_IN,
    "imports.show": Access.SIGNED_IN,
    "imports.apply": Access.SIGNED_IN,
}


def install(app: Flask) -> None:
    """Ask for a sign-in before every route that needs one."""

    @app.before_request
    def ask() -> None:
        if request.endpoint is None:
            return  # no such page; the error handler answers
        wanted = ACCESS[request.endpoint]
        if wanted is Access.PUBLIC:
            return
        factor = visitor().factor
        if factor is Factor.SHOW and wanted is not Access.SHOWING_FACTOR:
            raise SecondFactorNeeded
        if factor is Factor.ADD and wanted is not Access.ADDING_FACTOR:
            raise SecondFactorMissing


def check(app: Flask) -> None:
    """Refuse to start with a route nobody has thought about, or a line that names none."""
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    if missing := routes ^ ACCESS.keys():
        raise LookupError(f"routes and webapp/access.py differ: {', '.join(sorted(missing))}")
