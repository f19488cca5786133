"""Reading the organisation in from files: first to look at, then all of it or nothing."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record, record_run
from workflows.language import on, sort_key
from workflows.operations.leaving import let_go
from workflows.organisation import rows
from workflows.organisation.account_rows import end_sign_ins
from workflows.organisation.actor import Actor
from workflows.organisation.import_changes import Change, Diff
from workflows.organisation.import_files import Sheets
from workflows.organisation.models import Holding, OrganisationImport, Person, Unit, UnitKind
from workflows.permissions import Deed, require
from workflows.queries.importing import fingerprint, preview

LASTS = timedelta(hours=24)
SOURCE = "import"


def prepare(session: Session, sheets: Sheets, *, by: Actor, now: datetime) -> OrganisationImport:
    """Keep what was read until its sender has looked at what it would change; a day at most."""
    require(by, Deed.CHANGE_ORGANISATION, None)
    session.execute(
        sa.delete(OrganisationImport).where(
            sa.or_(OrganisationImport.expires_at <= now, OrganisationImport.by_id == by.id)
        )
    )
    prepared = OrganisationImport(
        key=secrets.token_urlsafe(24),
        by_id=by.id,
        made_at=now,
        expires_at=now + LASTS,
        source=SOURCE,
        rows={sheet: [asdict(line) for line in lines] for sheet, lines in sheets.items()},
    )
    session.add(prepared)
    counts = {sheet: len(lines) for sheet, lines in sheets.items()}
    record(session, "import_read", by=by, now=now, what={"rows": counts})
    return prepared


def apply(
    session: Session, prepared: OrganisationImport, *, seen: str, by: Actor, now: datetime
) -> Diff:
    """Carry out what the preview showed; `seen` is its fingerprint.

    :raises Conflict: if something has changed since, or nobody would be administrator
    :raises Invalid: if rows have problems; then nothing at all is changed
    """
    require(by, Deed.CHANGE_ORGANISATION, None)
    if prepared.applied_at is not None:
        raise Conflict("import_applied")
    found = preview(session, prepared, today=on(now))
    if found.problems:
        raise Invalid("import_has_problems", problems=tuple(found.problems))
    if fingerprint(found) != seen:
        raise Conflict("preview_outdated")
    applying = _Applying(session, prepared.source, by, now)
    applying.everything(found)
    session.flush()
    if not by.is_system and not rows.has_administrator(session, today=on(now)):
        raise Conflict("last_administrator")
    prepared.applied_at, prepared.rows = now, {}
    counts = {
        f"{sheet}_{deed}": len(found.of(sheet, deed))
        for sheet in ("units", "people", "roles")
        for deed in ("add", "change", "close")
    }
    record(session, "organisation_imported", by=by, now=now, what=counts)
    return found


class _Applying:
    """Carries out changes; each is written down, all at once at the end."""

    def __init__(self, session: Session, source: str, by: Actor, now: datetime) -> None:
        self.session, self.source, self.by, self.now = session, source, by, now
        self.today = on(now)
        self.told: list[tuple[str, int | None, Mapping[str, object]]] = []

    def everything(self, found: Diff) -> None:
        """Units first, then the tree they make, then people, then their roles; leavers last."""
        adding = {change.label: self.new_unit(change) for change in found.of("units", "add")}
        self.session.flush()
        self.unit_ids = dict(self.session.execute(sa.select(Unit.code, Unit.id)).all())
        for change in found.of("units", "add"):
            self.place_unit(adding[change.label], change)
        for change in found.of("units", "change"):
            self.change_unit(change)
        for change in found.of("people", "change"):
            self.change_person(change)
        self.add_people(found.of("people", "add"))
        person_ids = dict(self.session.execute(sa.select(Person.email, Person.id)).all())
        for change in found.of("roles", "close"):
            self.end_role(self.session.get_one(Holding, change.id))
        for change in found.of("roles", "change"):
            self.change_role(change)
        self.give_roles(found.of("roles", "add"), person_ids)
        for change in found.of("people", "close"):
            self.close_person(self.session.get_one(Person, change.id))
        for change in found.of("units", "close"):
            self.close_unit(self.session.get_one(Unit, change.id))
        record_run(self.session, self.told, by=self.by, now=self.now)

    def write(self, kind: str, what: Mapping[str, object], *, unit_id: int | None = None) -> None:
        self.told.append((kind, unit_id, what))

    def new_unit(self, change: Change) -> Unit:
        new = _new(change)
        unit = Unit(
            code=new["code"],
            name=new["name"],
            sort_key=sort_key(new["name"]),
            kind=UnitKind(new["kind"]),
            source=self.source,
        )
        self.session.add(unit)
        return unit

    def place_unit(self, unit: Unit, change: Change) -> None:
        rows.change(unit, self.unit_values(_new(change)))
        self.session.flush()
        self.write("unit_added", _new(change), unit_id=unit.id)

    def change_unit(self, change: Change) -> None:
        unit = self.session.get_one(Unit, change.id)
        changed = rows.change(unit, self.unit_values(_new(change)))
        unit.sort_key = sort_key(unit.name)
        self.write("unit_changed", {"changed": changed}, unit_id=unit.id)

    def close_unit(self, unit: Unit) -> None:
        changed = rows.change(unit, {"valid_to": self.today - rows.DAY})
        self.write("unit_changed", {"changed": changed}, unit_id=unit.id)

    def unit_values(self, new: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, text in new.items():
            match name:
                case "kind":
                    values[name] = UnitKind(text)
                case "parent" | "successor":
                    values[f"{name}_id"] = self.unit_ids[text] if text else None
                case "valid_from" | "valid_to":
                    values[name] = _day(text)
                case "has_geographic_area":
                    values[name] = text == "yes"
                case _:
                    values[name] = text
        return values

    def add_people(self, changes: list[Change]) -> None:
        """Add people at once; a city's first file brings thousands."""
        added = []
        for change in changes:
            new = _new(change)
            values = self.person_values({"language": "sv", "source": self.source} | new)
            added.append(Person(**values, sort_key=sort_key(new["name"])))
        self.session.add_all(added)
        self.session.flush()
        for person in added:
            what = {"person": person.id, "unit": person.unit_id}
            self.write("person_added", what, unit_id=person.unit_id)

    def change_person(self, change: Change) -> None:
        person = self.session.get_one(Person, change.id)
        if "left" in change.fields:
            person.closed_at = None
            self.write("person_reopened", {"person": person.id})
        changed = rows.change(person, self.person_values(_new(change)))
        person.sort_key = sort_key(person.name)
        self.session.flush()
        if changed:
            self.write("person_changed", {"person": person.id, "changed": changed})

    def close_person(self, person: Person) -> None:
        let_go(self.session, person, by=self.by, now=self.now)
        person.closed_at = self.now
        for holding in rows.going_on(self.session, person.id, today=self.today):
            self.end_role(holding)
        end_sign_ins(self.session, person.id, but=None, now=self.now)
        self.write("person_closed", {"person": person.id})

    def person_values(self, new: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, text in new.items():
            if name == "unit":
                values["unit_id"] = self.unit_ids[text] if text else None
            elif name != "left":
                values[name] = text or None
        return values

    def give_roles(self, changes: list[Change], person_ids: Mapping[str, int]) -> None:
        given = [self.holding(_new(change), person_ids) for change in changes]
        self.session.add_all(given)
        self.session.flush()
        for holding in given:
            kind = "role_given" if holding.person_id else "role_shared"
            self.write(kind, rows.told_role(holding), unit_id=holding.unit_id)

    def holding(self, new: Mapping[str, str], person_ids: Mapping[str, int]) -> Holding:
        return Holding(
            role=new["role"],
            unit_id=self.unit_ids[new["unit"]],
            person_id=person_ids[new["email"]] if "email" in new else None,
            same_as_role=new.get("same_as_role"),
            same_as_unit_id=self.unit_ids[new["same_as_unit"]] if "same_as_unit" in new else None,
            from_on=_day(new.get("from", "")) or self.today,
            to_on=_day(new.get("to", "")),
            source=self.source,
        )

    def change_role(self, change: Change) -> None:
        holding = self.session.get_one(Holding, change.id)
        new = _new(change)
        values = {f"{name}_on": _day(new[name]) for name in ("from", "to") if name in new}
        changed = rows.change(holding, values | {"source": self.source})
        what = rows.told_role(holding) | {"changed": changed}
        self.write("role_changed", what, unit_id=holding.unit_id)

    def end_role(self, holding: Holding) -> None:
        if changed := rows.end(holding, today=self.today):
            kind = "role_ended" if holding.person_id else "role_share_ended"
            what = rows.told_role(holding) | {"changed": changed}
            self.write(kind, what, unit_id=holding.unit_id)


def _new(change: Change) -> dict[str, str]:
    return {name: new for name, (_old, new) in change.fields.items()}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
