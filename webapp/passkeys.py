"""Passkeys: what the browser is asked to sign, and whether what it signed holds.

A challenge lives in the signed cookie for five minutes; that none is answered twice is kept with
the passkey itself.
"""

import ipaddress
import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import flask
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from webapp import clock
from webapp.settings import Settings
from workflows.errors import Invalid
from workflows.organisation.accounts import Passkey

KEPT = "passkey"
LASTS = timedelta(minutes=5)
UNNAMED = "–"


def is_possible(settings: Settings) -> bool:
    """Tell whether browsers do passkeys at our address: they want a name, not a number."""
    try:
        ipaddress.ip_address(_host(settings))
    except ValueError:
        return True
    return False


def to_add(settings: Settings, person_id: int, email: str, name: str, has: Iterable[str]) -> str:
    """Return what the browser needs to make a passkey, as JSON."""
    return options_to_json(
        generate_registration_options(
            rp_id=_host(settings),
            rp_name="Årshjul",
            user_id=str(person_id).encode(),
            user_name=email,
            user_display_name=name,
            challenge=_challenge(),
            exclude_credentials=_described(has),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
        )
    )


def to_show(settings: Settings, has: Iterable[str] = (), *, alone: bool) -> str:
    """Return what the browser needs to show one; `alone` it stands for the password as well."""
    demand = UserVerificationRequirement
    return options_to_json(
        generate_authentication_options(
            rp_id=_host(settings),
            challenge=_challenge(),
            allow_credentials=_described(has),
            user_verification=demand.REQUIRED if alone else demand.PREFERRED,
        )
    )


def added(settings: Settings, credential: str, *, person_id: int, name: str) -> Passkey:
    """Verify a passkey that the browser has made.

    :raises Invalid: if it does not hold
    """
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(_answered()),
            expected_rp_id=_host(settings),
            expected_origin=settings.url,
        )
    except (WebAuthnException, ValueError) as error:
        raise Invalid("passkey_refused") from error
    return Passkey(
        person_id=person_id,
        credential_id=bytes_to_base64url(verified.credential_id),
        public_key=verified.credential_public_key,
        uses=verified.sign_count,
        name=name,
        added_at=clock.now(),
    )


def named(credential: str) -> str:
    """Return the id of the passkey that an answer claims to come from.

    :raises Invalid: if it is no answer
    """
    try:
        return str(json.loads(credential)["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("passkey_refused") from error


def shown(settings: Settings, credential: str, passkey: Passkey, *, alone: bool) -> tuple[int, str]:
    """Verify an answer; returns the device's count of uses and the challenge it answered.

    :raises Invalid: if it does not hold
    """
    challenge = _answered()
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(settings),
            expected_origin=settings.url,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # the count is compared where it is kept
            require_user_verification=alone,
        )
    except (WebAuthnException, ValueError) as error:
        raise Invalid("passkey_refused") from error
    return verified.new_sign_count, challenge


def _challenge() -> bytes:
    challenge = secrets.token_bytes(32)
    until = clock.now() + LASTS
    flask.session[KEPT] = [bytes_to_base64url(challenge), until.isoformat()]
    return challenge


def _answered() -> str:
    """Take the challenge out of the cookie: it is answered once."""
    challenge, until = flask.session.pop(KEPT, ["", "2000-01-01T00:00:00+00:00"])
    if clock.now() > datetime.fromisoformat(until):
        raise Invalid("passkey_late")
    return str(challenge)


def _described(ids: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in ids]


def _host(settings: Settings) -> str:
    return urlsplit(settings.url).hostname or ""
