"""What a person decides about themselves in the product: the language it speaks to them."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.errors import Invalid
from workflows.history.rows import record
from workflows.language import Language
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.permissions import Deed, require


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
