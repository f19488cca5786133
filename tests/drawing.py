"""What one run tries of much that is alike: drawn by its commit, so that the next tries another."""

import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

EVERYTHING = "ARSHJUL_ALL" in os.environ  # `test --all` leaves nothing to chance


def drawn(name: str, count: int) -> int:
    """Say which of so many is tried this time: the same one for the same commit."""
    return hashlib.sha256(f"{_commit()} {name}".encode()).digest()[0] % count


@cache
def _commit() -> str:
    git = ["git", "rev-parse", "HEAD"]
    if shutil.which("git") is None:  # a bare machine has none: the same each time
        return ""
    folder = Path(__file__).parent
    found = subprocess.run(git, cwd=folder, capture_output=True, text=True, check=False)
    return found.stdout.strip()
