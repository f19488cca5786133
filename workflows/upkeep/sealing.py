"""Encrypting a backup to a public key, so that the machine that makes it cannot read it.

A key made for this one file is agreed with the receiver's (X25519) and the stream is cut into
pieces, each sealed (ChaCha20-Poly1305) under its number and whether it is the last: a piece that is
changed, moved, repeated or missing is noticed.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workflows.errors import Invalid

MARK = b"ARSHJUL SEALED BACKUP 1\n"
PIECE = 64 * 1024
TAG = 16
RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


class BadKey(Invalid):
    """The key file holds no key of the right kind, or another one than the backup was sealed to."""

    code = "backup_key_wrong"


def make_keys(private: Path, public: Path) -> None:
    """Make a pair of keys: the public one seals backups, the private one opens them."""
    key = X25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.touch(mode=0o600, exist_ok=False)
    private.write_bytes(secret)
    public.write_bytes(
        key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


class Sealer(io.RawIOBase):
    """A file to write to, whose content reaches `out` sealed."""

    def __init__(self, out: BinaryIO, to: Path) -> None:
        self._out = out
        once = X25519PrivateKey.generate()
        mine = once.public_key().public_bytes(*RAW)
        self._cipher = _cipher(once.exchange(_public(to)), mine)
        self._held = bytearray()
        self._number = 0
        out.write(MARK + mine)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]  # whatever a file takes
        self._held += piece
        while len(self._held) > PIECE:  # one piece always stays: the last is sealed as such
            self._seal(PIECE, is_last=False)
        return len(piece)

    def finish(self) -> None:
        """Seal what is left; without this the file cannot be opened."""
        self._seal(len(self._held), is_last=True)

    def _seal(self, size: int, *, is_last: bool) -> None:
        piece, self._held = bytes(self._held[:size]), self._held[size:]
        self._out.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), piece, None))
        self._number += 1


def is_sealed(file: BinaryIO) -> bool:
    """Tell whether a file is a sealed backup; it is read from its beginning afterwards."""
    start = file.read(len(MARK))
    file.seek(0)
    return start == MARK


def opened(file: BinaryIO, key: Path) -> Iterator[bytes]:
    """Give the content of a sealed file.

    :raises BadKey: if the key is not the one it was sealed to, or the file was changed
    """
    file.seek(len(MARK))
    theirs = file.read(32)
    try:
        shared = _private(key).exchange(X25519PublicKey.from_public_bytes(theirs))
        cipher = _cipher(shared, theirs)
        number, piece = 0, file.read(PIECE + TAG)
        while True:
            following = file.read(PIECE + TAG)
            yield cipher.decrypt(_nonce(number, is_last=not following), piece, None)
            if not following:
                return
            number, piece = number + 1, following
    except (InvalidTag, ValueError) as error:
        raise BadKey(file=str(key)) from error


def _cipher(shared: bytes, once: bytes) -> ChaCha20Poly1305:
    derived = HKDF(algorithm=SHA256(), length=32, salt=once, info=MARK).derive(shared)
    return ChaCha20Poly1305(derived)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return struct.pack(">QI", number, is_last)


def _public(file: Path) -> X25519PublicKey:
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except ValueError as error:
        raise BadKey(file=str(file)) from error
    if not isinstance(key, X25519PublicKey):
        raise BadKey(file=str(file))
    return key


def _private(file: Path) -> X25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise BadKey(file=str(file)) from error
    if not isinstance(key, X25519PrivateKey):
        raise BadKey(file=str(file))
    return key
