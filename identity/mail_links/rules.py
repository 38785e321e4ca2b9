"""The token in a link: 32 secret bytes that name themselves, `rml_…`. The database knows their SHA-256 only."""

from __future__ import annotations

import hashlib
import re
import secrets

_PREFIX = "rml_"
_SHAPE = re.compile(_PREFIX + r"[A-Za-z0-9_-]{43}", re.ASCII)


def new_token() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


def looks_right(token: str) -> bool:
    """Only what could be one of ours is worth a question to the database."""
    return _SHAPE.fullmatch(token) is not None


def token_hash(token: str) -> bytes:
    """A plain hash is enough: 256 random bits cannot be guessed, however fast the hash."""
    return hashlib.sha256(token.encode("ascii")).digest()
