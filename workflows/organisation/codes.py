"""Codes a person types: those of a code generator, and the recovery codes kept in a drawer."""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
STEPS_AROUND = (0, -1, 1)  # a telephone's clock may be a little off
ISSUER = "Årshjul"
# No letter that looks like another.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_CODES = 10


def new_secret() -> str:
    """Make the secret of a code generator."""
    return pyotp.random_base32()


def generator_uri(secret: str, email: str) -> str:
    """Return what the square picture tells the telephone."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, *, used: int | None, now: datetime) -> int | None:
    """Return the time step a code belongs to; None if it is wrong, or not newer than `used`."""
    typed = "".join(code.split())
    generator = pyotp.TOTP(secret, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    for around in STEPS_AROUND:
        step = current + around
        right = generator.generate_otp(step)
        if hmac.compare_digest(right.encode(), typed.encode()) and (used is None or step > used):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Make codes of 79 bits each, in four groups that can be read over the telephone."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """Hash a recovery code however it was typed; it is random enough to need no salt."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
