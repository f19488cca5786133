"""How a person proves who they are: passwords, second factors, invitations, and open sign-ins."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.database import Base, Id
from workflows.organisation.models import Person


class Account(Base):
    """What a person signs in with here; those who come by the city's directory may lack one."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None]  # sealed with the installation's key
    totp_since: Mapped[datetime | None]
    totp_used: Mapped[int | None]  # the time step of the last code taken: none is taken twice

    person: Mapped[Person] = relationship()


class SignIn(Base):
    """One open door: a browser in which a person is, or was, signed in."""

    __tablename__ = "sign_in"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # written at most every five minutes
    expires_at: Mapped[datetime]
    factor_at: Mapped[datetime | None]  # when a second factor was shown
    ended_at: Mapped[datetime | None]
    device_hash: Mapped[str]
    browser: Mapped[str]  # what it calls itself, for the list of one's own sign-ins

    person: Mapped[Person] = relationship()


class Invitation(Base):
    """A link that lets its bearer set the password of one person, once."""

    __tablename__ = "invitation"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class RecoveryCode(Base):
    """One way in without the telephone; works once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key that lives in a person's device and never leaves it."""

    __tablename__ = "passkey"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    uses: Mapped[int]  # the device's own count; one that goes backwards is a copy
    name: Mapped[str]
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_challenge: Mapped[str | None]  # the last one answered: none is taken twice

    person: Mapped[Person] = relationship()


class Attempts(Base):
    """How often somebody has lately tried and failed, by account, by device or by address."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    until_at: Mapped[datetime]  # nobody may try before
