"""Keeping an installation whole: its schema, its backups, and putting one back."""

from workflows.upkeep.restoring import restore
from workflows.upkeep.saving import backup

__all__ = ["backup", "restore"]
