"""What a link in a mail is for."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """The word is what the database keeps."""

    REGISTRATION = "registration"
    RESET = "password_reset"
    EMAIL_OLD = "email_old"
    EMAIL_NEW = "email_new"
    FREEZE = "freeze"


LIFE: dict[Purpose, timedelta] = {
    Purpose.REGISTRATION: timedelta(hours=48),
    Purpose.RESET: timedelta(hours=1),
    Purpose.EMAIL_OLD: timedelta(hours=24),
    Purpose.EMAIL_NEW: timedelta(hours=24),
    Purpose.FREEZE: timedelta(days=30),  # a mail is read late, and shutting one's own account harms nobody else
}
"""Wall time: the sandbox clock opens and shuts no mailbox."""
