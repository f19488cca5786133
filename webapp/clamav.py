"""Asking ClamAV about a file over its socket, where an installation has one."""

import socket
import struct
from collections.abc import Iterable
from pathlib import Path

from workflows.errors import Invalid

PATIENCE = 60.0  # seconds; the largest file takes some
LONGEST_ANSWER = 4096


def look(at: Path, chunks: Iterable[bytes], *, name: str) -> None:
    """Let ClamAV read a file; one that cannot be looked at is not taken.

    :raises Invalid: `file_infected`, or `file_unchecked` when no answer came
    """
    try:
        answer = _asked(at, chunks)
    except OSError:
        raise Invalid("file_unchecked", name=name) from None
    if answer.endswith(b" FOUND"):
        raise Invalid("file_infected", name=name)
    if not answer.endswith(b": OK"):
        raise Invalid("file_unchecked", name=name)


def _asked(at: Path, chunks: Iterable[bytes]) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(PATIENCE)
        line.connect(str(at))
        line.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            line.sendall(struct.pack("!L", len(chunk)) + chunk)
        line.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            if not (more := line.recv(LONGEST_ANSWER)):
                break
            answer += more
    return answer.rstrip(b"\0\n")
