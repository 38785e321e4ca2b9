"""What an entry of the address book is at a moment."""

from __future__ import annotations

from enum import StrEnum


class EntryStatus(StrEnum):
    WAITING = "waiting"  # its delay is not over
    ACTIVE = "active"
    REMOVED = "removed"
