"""Loading versions in the form they run in; they never change, so what is read once is kept."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine, forms
from workflows.calendar.windows import Step
from workflows.errors import Invalid
from workflows.processes.checking import check_draft
from workflows.processes.models import PartKind, Process, Version, VersionPart
from workflows.processes.packages import Package
from workflows.processes.windows import steps_of

V = TypeVar("V")
MOST_KEPT = 200


class Kept(Generic[V]):
    """The values used last, by key; losing one costs only the time to make it again."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, V] = OrderedDict()

    def get(self, key: str, make: Callable[[], V]) -> V:
        """Return the value of `key`, made now if it is not kept."""
        value = self._values.pop(key, None)
        if value is None:
            value = make()
        self._values[key] = value
        if len(self._values) > MOST_KEPT:
            self._values.popitem(last=False)
        return value


_compiled: Kept[engine.Compiled] = Kept()
_forms: Kept[forms.Form] = Kept()
_planned: Kept[tuple[Step, ...]] = Kept()


def find(session: Session, key: str) -> Process | None:
    """Find a process by its key."""
    return session.scalars(sa.select(Process).where(Process.key == key)).one_or_none()


def all_of(session: Session) -> list[Process]:
    """List every process that has been taken in, by key."""
    return list(session.scalars(sa.select(Process).order_by(Process.key)))


def kept_as(version: Version) -> str:
    """Name what is kept of a version."""
    return f"{version.content_hash}:{version.number}"


def compiled(version: Version) -> engine.Compiled:
    """Return the runnable form of a version: another program may have compiled the same content."""
    return _compiled.get(kept_as(version), lambda: engine.load(version.compiled))


def compiled_package(package: Package) -> engine.Compiled:
    """Return the runnable form of what may become a version.

    :raises Invalid: if it has errors
    """

    def make() -> engine.Compiled:
        found = check_draft(package)
        if found.compiled is None or found.errors:
            raise Invalid("process_has_errors", problems=found.errors)
        return found.compiled

    return _compiled.get(f"{package.hash}:draft", make)


def planned(version: Version) -> tuple[Step, ...]:
    """Return the steps of a version as the calendar sees them."""
    return _planned.get(kept_as(version), lambda: steps_of(compiled(version)))


def stored(version: Version) -> Package:
    """Give back what a version was made of."""
    parts = {kind: {} for kind in PartKind}  # type: dict[PartKind, dict[str, bytes]]
    for part in version.parts:
        parts[part.kind][part.name] = part.content
    return Package(
        version.process.key,
        version.source,
        parts[PartKind.FORM],
        parts[PartKind.TABLE],
        parts[PartKind.TEST],
    )


def form(session: Session, version: Version, name: str) -> forms.Form:
    """Return one form of a version."""
    return _forms.get(
        f"{version.content_hash}:{name}", lambda: forms.read_form(_part(session, version, name))
    )


def _part(session: Session, version: Version, name: str) -> bytes:
    return session.scalars(
        sa.select(VersionPart.content).where(
            VersionPart.version_id == version.id,
            VersionPart.kind == PartKind.FORM,
            VersionPart.name == name,
        )
    ).one()
