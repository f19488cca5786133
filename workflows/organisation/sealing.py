"""Sealing what is stored but must be read back, such as the secret of a code generator."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workflows.errors import Invalid

NONCE = 12


class Unreadable(Invalid):
    """It was sealed with another key, or for somebody else."""

    code = "sealed_with_another_key"


def seal(text: str, *, key: bytes, whose: int) -> str:
    """Encrypt `text` with the installation's key, for one person: it opens for nobody else."""
    nonce = secrets.token_bytes(NONCE)
    sealed = _cipher(key).encrypt(nonce, text.encode(), str(whose).encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, *, key: bytes, whose: int) -> str:
    """Read what `seal` wrote.

    :raises Unreadable: if the key or the person is another, or somebody has changed it
    """
    try:
        raw = base64.urlsafe_b64decode(sealed.encode())
        return _cipher(key).decrypt(raw[:NONCE], raw[NONCE:], str(whose).encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error


def _cipher(key: bytes) -> AESGCM:
    """Derive a key of its own for sealing: the one that signs cookies does nothing else."""
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"arshjul sealing 1").derive(key))
