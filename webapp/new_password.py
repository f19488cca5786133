"""Choosing a password in a form; it is judged and hashed before anything is locked."""

from flask import request

from workflows.errors import Invalid
from workflows.organisation import passwords
from workflows.organisation.models import Person


def chosen(person: Person) -> str:
    """Return the hash of the new password that was posted.

    :raises Invalid: if it was not typed the same twice, or is one that others would guess
    """
    password = request.form.get("new_password", "")
    if password != request.form.get("again", ""):
        raise Invalid("password_not_the_same")
    if problem := passwords.problem(password, known=(person.name, person.email)):
        raise Invalid(problem)
    return passwords.hashed(password)
