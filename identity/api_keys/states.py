"""What a key may do, and how its requests are signed."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """There is no scope for moving money out: a dialect that signs neither method nor path shall never withdraw."""

    READ = "read"
    TRADE = "trade"


class Algorithm(StrEnum):
    HMAC_SHA256 = "hmac_sha256"
    ED25519 = "ed25519"
