"""Publishing a process, and taking in what the product ships."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases import post
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes import rows
from workflows.processes.checking import check
from workflows.processes.models import Process, Secrecy, Version, VersionPart, VersionState
from workflows.processes.packages import Package


class Taken(StrEnum):
    """What became of a shipped process."""

    PUBLISHED = "published"
    OFFERED = "offered"  # it waits as a draft: edited here, or shipped switched off
    KNOWN = "known"  # seen before; nothing to do


def publish(
    session: Session, package: Package, *, by: Actor, now: datetime, is_shipped: bool = False
) -> Version:
    """Make a process, or a new version of it, the one that new cases run; running cases stay.

    :raises Forbidden: if `by` may not publish
    :raises Invalid: if the check finds an error; `problems` says which
    """
    require(by, Deed.PUBLISH, None)
    compiled = _compiled(package)
    return _publish(session, package, compiled, is_shipped=is_shipped, by=by, now=now)


def _publish(
    session: Session,
    package: Package,
    compiled: engine.Compiled,
    *,
    is_shipped: bool,
    by: Actor,
    now: datetime,
) -> Version:
    process = _process(session, compiled, by=by, now=now)
    version = make(session, process, package, compiled, now=now, is_shipped=is_shipped)
    if is_shipped:
        process.shipped_hash = package.hash
    activate(session, version, "version_published", by=by, now=now)
    return version


def recompile(session: Session, process: Process, *, by: Actor, now: datetime) -> Version:
    """Publish the active version once more as this program compiles it.

    Running cases keep the form they began with, and may be moved like to any other version.

    :raises Forbidden: if `by` may not publish
    :raises Conflict: if this program has compiled it already
    :raises Invalid: if this program finds an error in it
    """
    require(by, Deed.PUBLISH, None)
    active = process.active_version
    if active is None or not engine.is_of_older_compiler(active.compiled):
        raise Conflict("compiled_already")
    package = rows.stored(active)
    return publish(session, package, by=by, now=now, is_shipped=active.is_shipped)


def take_shipped(session: Session, package: Package, *, by: Actor, now: datetime) -> Taken:
    """Take in one process as the supplier ships it, without overruling what was edited here.

    :raises Invalid: if the check finds an error
    """
    require(by, Deed.PUBLISH, None)
    process = rows.find(session, package.key)
    if process is not None and process.shipped_hash == package.hash:
        return Taken.KNOWN
    compiled = _compiled(package)
    process = rows.find(session, compiled.description.key)
    active = process.active_version if process else None
    waits = compiled.description.switched_off if active is None else not active.is_shipped
    if not waits:
        _publish(session, package, compiled, is_shipped=True, by=by, now=now)
        return Taken.PUBLISHED
    process = _process(session, compiled, by=by, now=now)
    version = make(session, process, package, compiled, now=now, is_shipped=True)
    process.shipped_hash = package.hash
    what = {"process": process.key, "version": version.number, "hash": package.hash}
    record(session, "version_offered", by=by, now=now, what=what)
    return Taken.OFFERED


def switch_on(session: Session, process: Process, *, by: Actor, now: datetime) -> Version:
    """Let a process that is shipped switched off run, as it was shipped last.

    :raises Forbidden: if `by` may not publish
    :raises Conflict: if it runs already
    """
    require(by, Deed.PUBLISH, None)
    wanted = sa.select(Version).where(Version.process_id == process.id, Version.is_shipped)
    last = session.scalars(wanted.order_by(Version.number.desc()).limit(1)).first()
    if process.active_version is not None or last is None:
        raise Conflict("process_runs", process=process.key)
    activate(session, last, "version_published", by=by, now=now)
    return last


def activate(session: Session, version: Version, kind: str, *, by: Actor, now: datetime) -> None:
    """Let new cases run this version; the one before goes first, for there is only one.

    Whether `by` may is asked where it is decided: by whoever publishes, or approves what another
    proposed.
    """
    process, description = version.process, rows.compiled(version).description
    process.name_sv = description.names.get("sv", process.key)
    process.name_en = description.names.get("en", process.name_sv)
    process.secrecy, process.colour = Secrecy(description.secrecy), description.colour
    process.archived_at = None
    if process.active_version is not None:
        process.active_version.state = VersionState.RETIRED
        session.flush()
    version.state = VersionState.ACTIVE
    version.published_at, version.published_by_id = now, by.id
    session.flush()
    session.expire(process, ["active_version"])
    post.begin_kept(session, process, now=now)
    what = {"process": process.key, "version": version.number, "hash": version.content_hash}
    record(session, kind, by=by, now=now, what=what)


def _compiled(package: Package) -> engine.Compiled:
    checked = check(package)
    if checked.errors or checked.compiled is None:
        raise Invalid("process_has_errors", problems=checked.errors)
    return checked.compiled


def _process(session: Session, compiled: engine.Compiled, *, by: Actor, now: datetime) -> Process:
    description = compiled.description
    process = rows.find(session, description.key)
    if process is not None:
        return process
    process = Process(
        key=description.key,
        prefix=description.prefix,
        name_sv=description.names.get("sv", description.key),
        name_en=description.names.get("en", description.key),
        secrecy=Secrecy(description.secrecy),
        colour=description.colour,
    )
    session.add(process)
    session.flush()
    record(session, "process_added", by=by, now=now, what={"process": process.key})
    return process


def make(
    session: Session,
    process: Process,
    package: Package,
    compiled: engine.Compiled,
    *,
    now: datetime,
    is_shipped: bool = False,
) -> Version:
    """Write a version down, so that it can be looked at; nothing runs it yet."""
    last = session.scalar(
        sa.select(sa.func.max(Version.number)).where(Version.process_id == process.id)
    )
    version = Version(
        process=process,
        number=(last or 0) + 1,
        state=VersionState.DRAFT,
        content_hash=package.hash,
        is_shipped=is_shipped,
        source=package.source,
        compiled=compiled.blob,
        made_at=now,
        parts=[
            VersionPart(kind=kind, name=name, content=content)
            for kind, name, content in package.parts()
        ],
    )
    session.add(version)
    session.flush()
    return version
