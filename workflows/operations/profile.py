"""What a person decides about themselves: how they are reached, and the language they read."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.language import Language, sort_key
from workflows.organisation import rows
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.organisation.writing import LONGEST, wrong_name
from workflows.permissions import Deed, require

PHONE = re.compile(r"(\+?[0-9][0-9 ()/-]{4,38})?")


@dataclass(frozen=True, slots=True)
class Profile:
    """What people may say of themselves."""

    name: str
    title: str
    phone: str


def keeps_own_name(person: Person) -> bool:
    """Tell whether the person's name is kept here, and not in the city's directory or a file."""
    return person.source is None and person.external_id is None


def describe(
    session: Session, person: Person, said: Profile, *, seen: int, by: Actor, now: datetime
) -> None:
    """Say who one is and how one is reached; what is kept in the directory stays as it is there.

    :raises Conflict: if somebody has changed it since it was `seen`
    :raises Forbidden: if it is somebody else
    :raises Invalid: if it cannot be a name, a title or a telephone number
    """
    require(by, Deed.CHANGE_ACCOUNT, person)
    if person.revision != seen:
        raise Conflict("overtaken")
    said = Profile(said.name.strip(), " ".join(said.title.split()), said.phone.strip())
    if not keeps_own_name(person):
        said = Profile(person.name, said.title, said.phone)
    if next(wrong_name(said.name), None):
        raise Invalid("not_a_name")
    if len(said.title) > LONGEST or not said.title.isprintable():
        raise Invalid("not_a_title")
    if not PHONE.fullmatch(said.phone):
        raise Invalid("not_a_phone")
    if changed := rows.change(person, asdict(said)):
        person.sort_key = sort_key(person.name)
        record(session, "profile_changed", by=by, now=now, what={"changed": changed})
        session.flush()


def speak(
    session: Session, person_id: int | None, language: str, *, by: Actor, now: datetime
) -> None:
    """Choose the language of one's own pages; choosing the same again changes nothing.

    :raises Invalid: if the product does not speak it
    """
    person = session.get_one(Person, person_id)
    require(by, Deed.CHANGE_ACCOUNT, person)
    if language not in set(Language):
        raise Invalid("unknown_language")
    if person.language == language:
        return
    what = {"language": [person.language, language]}
    person.language = language
    record(session, "profile_changed", by=by, now=now, what=what)
    session.flush()
