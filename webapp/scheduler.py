"""The clock of the server process: APScheduler only wakes; the due work is rows."""

from datetime import timedelta
from time import monotonic

from apscheduler.schedulers.background import BackgroundScheduler

from webapp import clock, mail, sealing
from webapp.settings import Settings
from workflows import work
from workflows.database import Database
from workflows.notices.letters import Post
from workflows.organisation.growth import growth

TICK = timedelta(seconds=15)
AT_WORK = timedelta(seconds=12)  # of it, when there is much to do


def tick(database: Database, settings: Settings) -> int:
    """Note that the clock runs, and do what is due; returns how much that was.

    While a demo grows it has a clock of its own, and this one rests.
    """
    if is_growing(database):
        return 0
    work.beat(database, now=clock.now())
    over = monotonic() + AT_WORK.total_seconds()
    done = work.run_due(
        database, now=clock.now(), post=post(settings), has_time=lambda: monotonic() < over
    )
    sealing.set_seal_if_due(database, settings)
    sealing.mail_seal_if_due(database, settings)
    return done


def is_growing(database: Database) -> bool:
    """Tell whether a demo is being built here."""
    with database.reading() as session:
        known = growth(session)
    return known is not None and not known.is_done


def post(settings: Settings) -> Post | None:
    """Give the way to the mail server, if there is one."""
    return mail.post(settings.smtp, links=settings.url) if settings.smtp else None


def start(database: Database, settings: Settings) -> BackgroundScheduler:
    """Begin to tick; a tick that is still at work is not joined by another."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        lambda: tick(database, settings),
        "interval",
        seconds=TICK.total_seconds(),
        max_instances=1,
        coalesce=True,
    )
    scheduler.start()
    return scheduler
