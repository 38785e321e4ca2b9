"""When a webhook is tried again, and where it may go: pure decisions. The second is the kernel's, for all who send to given addresses."""

from __future__ import annotations

from datetime import timedelta

from kernel.outside import (
    LONGEST_URL,
    Target,
    UrlRefused,
    inside,
    literal_address,
    read_url,
    require_outside,
)

__all__ = [
    "LONGEST_URL",
    "PAUSES",
    "Target",
    "UrlRefused",
    "inside",
    "literal_address",
    "pause_after",
    "read_url",
    "require_outside",
]

PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after that many fruitless attempts; None when it was the last."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
