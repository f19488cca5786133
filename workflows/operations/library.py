"""The library of templates: what we ship, what the city puts in, and who has read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.database import add_unless_there
from workflows.documents import rows
from workflows.documents.kinds import DOCUMENTS
from workflows.documents.library_texts import OWNER, Text
from workflows.documents.models import Reading, Template
from workflows.documents.receiving import Received
from workflows.errors import Invalid
from workflows.history.rows import record
from workflows.language import Language, fold, translator
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.models import Secrecy

LONGEST = 120
TOLD = ("code", "version", "name_sv", "name_en", "focus_area", "valid_from")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says of a file for the library."""

    name: str
    owner: str
    focus_area: str
    valid_from: date


def add(
    session: Session, wanted: Wanted, received: Received, *, by: Actor, now: datetime
) -> Template:
    """Put a file in the library; under a name that is there already it is the next version.

    :raises Forbidden: unless `by` keeps the library
    :raises Invalid: if a name, an owner or an area is missing or too long
    """
    require(by, Deed.KEEP_LIBRARY, None)
    said = (wanted.name, wanted.owner, wanted.focus_area)
    if not all(said) or any(len(each) > LONGEST for each in said):
        raise Invalid("template_incomplete", most=LONGEST)
    file = rows.keep(session, received, secrecy=Secrecy.INTERNAL, by_id=by.id, now=now)
    code = fold(wanted.name)
    earlier = sa.select(sa.func.max(Template.version)).where(Template.code == code)
    template = Template(
        code=code,
        version=(session.scalar(earlier) or 0) + 1,
        name_sv=wanted.name,
        name_en=wanted.name,
        owner=wanted.owner,
        focus_area=wanted.focus_area,
        valid_from=wanted.valid_from,
        file_id=file.id,
        by_id=by.id,
        at=now,
    )
    session.add(template)
    _tell(session, template, "template_added", by=by, now=now)
    return template


def read(session: Session, template: Template, *, by: Actor, now: datetime) -> None:
    """Confirm having read a version; again changes nothing."""
    require(by, Deed.READ_LIBRARY, template)
    if session.get(Reading, (template.id, by.id)) is not None:
        return
    add_unless_there(session, Reading, template_id=template.id, person_id=by.id, at=now)
    _tell(session, template, "template_read", by=by, now=now)


def take_in(session: Session, texts: Iterable[Text], *, by: Actor, now: datetime) -> list[Template]:
    """Put what we ship in the library, as far as it is not there; returns what is new.

    The files of the texts are written already, for nothing may wait for that.
    """
    require(by, Deed.KEEP_LIBRARY, None)
    known = set(session.execute(sa.select(Template.code, Template.version)))
    say = {language: translator(language).gettext for language in Language}
    new = [
        Template(
            code=code,
            version=kind.version,
            name_sv=say[Language.SV](kind.title),
            name_en=say[Language.EN](kind.title),
            owner=say[Language.SV](OWNER),
            focus_area=say[Language.SV](kind.focus_area),
            valid_from=kind.valid_from,
            makes=code,
            at=now,
        )
        for code, kind in DOCUMENTS.items()
        if (code, kind.version) not in known
    ]
    for text in texts:
        if (text.code, text.version) in known:
            continue
        file = rows.keep(session, text.file, secrecy=Secrecy.INTERNAL, by_id=by.id, now=now)
        told = {name: getattr(text, name) for name in TOLD}
        new.append(Template(**told, owner=say[Language.SV](OWNER), file_id=file.id, at=now))
    for template in new:
        session.add(template)
        _tell(session, template, "template_added", by=by, now=now)
    return new


def _tell(session: Session, template: Template, kind: str, *, by: Actor, now: datetime) -> None:
    session.flush()
    what = {"template": template.id, "name": template.name_sv, "version": template.version}
    record(session, kind, by=by, now=now, what=what)
