"""Pure: digests of states, links of the chain, and what a checkpoint says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

START = b""
"""The hash before the first link."""


def digest(state: Mapping[str, Any]) -> bytes:
    """SHA-256 of one spelling of a state: the order of fields does not matter. No secrets: short ones are guessed."""
    return hashlib.sha256(text(state).encode()).digest()


def text(state: Mapping[str, Any]) -> str:
    return json.dumps(state, sort_keys=True, separators=(",", ":"), default=str)


def link(before: bytes, *, seq: int, leaf: bytes) -> bytes:
    return hashlib.sha256(before + seq.to_bytes(8, "big") + leaf).digest()


def statement(*, checkpoint_no: int, seq: int, hash_: bytes, made_at: datetime) -> bytes:
    """What is signed."""
    return f"rivermouth audit\n{checkpoint_no}\n{seq}\n{hash_.hex()}\n{made_at.isoformat()}".encode()
