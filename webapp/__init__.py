"""The web face of workflows: HTTP into verbs, answers into pages."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import (
    access,
    assets,
    auth,
    context,
    errors,
    format,
    logs,
    security,
    telling,
    transactions,
    uploads,
)
from webapp.settings import Settings
from webapp.transactions import WebApp
from webapp.views import (
    absences,
    account,
    calendar,
    cases,
    checks,
    comments,
    decisions,
    directory,
    documents,
    due_work,
    evidence,
    exemptions,
    extensions,
    factors,
    feeds,
    files,
    flows,
    follow_up,
    handovers,
    health,
    history,
    home,
    impacts,
    imports,
    inbox,
    invitations,
    levels,
    library,
    mandates,
    migrations,
    notices,
    operators,
    organisation,
    overview,
    people,
    preferences,
    processes,
    progress,
    promises,
    proving,
    register_imports,
    registers,
    rehearsals,
    retention,
    reviews,
    role_handovers,
    samples,
    search,
    second_factor,
    sign_in,
    tables,
    then,
    trials,
    workload,
    workshop,
    workshop_outline,
    years,
)
from workflows.database import Database

LARGEST_POST = 8 * 1024 * 1024
LARGEST_FIELDS = 10_000


BLUEPRINTS = (
    absences.absences,
    assets.assets,
    account.account,
    calendar.calendar,
    cases.cases,
    checks.checks,
    comments.comments,
    directory.directory,
    documents.documents,
    due_work.due_work,
    extensions.extensions,
    factors.factors,
    feeds.feeds,
    files.files,
    flows.flows,
    follow_up.follow_up,
    handovers.handovers,
    role_handovers.role_handovers,
    health.health,
    history.history,
    home.home,
    imports.imports,
    invitations.invitations,
    library.library,
    mandates.mandates,
    notices.notices,
    operators.operators,
    organisation.organisation,
    overview.overview,
    people.people,
    preferences.preferences,
    migrations.migrations,
    processes.processes,
    promises.promises,
    proving.proving,
    register_imports.register_imports,
    registers.registers,
    progress.progress,
    rehearsals.rehearsals,
    retention.retention,
    samples.samples,
    levels.levels,
    exemptions.exemptions,
    tables.tables,
    then.then,
    evidence.evidence,
    search.search,
    second_factor.second_factor,
    sign_in.sign_in,
    sign_in.sign_out,
    inbox.tasks,
    decisions.decisions,
    workload.workload,
    workshop.workshop,
    workshop_outline.parts,
    reviews.reviews,
    impacts.impacts,
    trials.trials,
    years.years,
)


def create_app(settings: Settings, database: Database) -> WebApp:
    """Make the app; refuses to start with a route that `access` does not list."""
    app = WebApp(__name__, static_folder=None)
    app.settings = settings
    app.database = database
    _configure(app, settings)
    app.teardown_request(transactions.close)
    app.after_request(assets.pack)
    uploads.install(app)  # before anybody reads a body
    logs.install(app)  # then this, so that a refused request is told of as well
    security.install(app, is_https=settings.is_https)
    CSRFProtect(app)
    for part in (errors, auth, access, context, telling):
        part.install(app)
    format.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.check(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        TRUSTED_HOSTS=settings.hosts,
        MAX_CONTENT_LENGTH=LARGEST_POST,
        MAX_FORM_MEMORY_SIZE=LARGEST_POST,
        MAX_FORM_PARTS=LARGEST_FIELDS,
        SESSION_COOKIE_NAME="__Host-arshjul" if settings.is_https else "arshjul",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.is_https,
    )
    if n := settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=n, x_proto=n, x_host=n
        )
