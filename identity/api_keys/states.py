"""What a key may do, and how its requests are signed."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """A key that may withdraw names where it is used from; the Binance dialect, which signs neither method nor path, refuses it."""

    READ = "read"
    TRADE = "trade"
    WITHDRAW = "withdraw"


class Misuse(StrEnum):
    """Why a request with the right signature was refused."""

    SCOPE = "scope"
    ADDRESS = "address"


class Algorithm(StrEnum):
    HMAC_SHA256 = "hmac_sha256"
    ED25519 = "ed25519"
