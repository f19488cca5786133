"""The clock of the server process: APScheduler only wakes; the due work is rows."""

from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from webapp import clock, mail
from webapp.settings import Settings
from workflows import work
from workflows.database import Database

TICK = timedelta(seconds=15)


def start(database: Database, settings: Settings) -> BackgroundScheduler:
    """Begin to tick; a tick that is still at work is not joined by another."""
    post = mail.post(settings.smtp, links=settings.url) if settings.smtp else None
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        lambda: work.run_due(database, now=clock.now(), post=post),
        "interval",
        seconds=TICK.total_seconds(),
        max_instances=1,
        coalesce=True,
    )
    scheduler.start()
    return scheduler
