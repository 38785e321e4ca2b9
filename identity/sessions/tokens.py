"""Opaque bearer tokens of 32 secret bytes: `rms_` opens doors, `rmr_` fetches the next pair. The database knows their SHA-256 only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from identity.sessions.states import TokenKind

_PREFIX = {TokenKind.ACCESS: "rms_", TokenKind.REFRESH: "rmr_"}
_SHAPE = {kind: re.compile(prefix + r"[A-Za-z0-9_-]{43}", re.ASCII) for kind, prefix in _PREFIX.items()}


def new_token(kind: TokenKind = TokenKind.ACCESS) -> str:
    return _PREFIX[kind] + secrets.token_urlsafe(32)


def looks_right(token: str, kind: TokenKind = TokenKind.ACCESS) -> bool:
    """Only what could be one of ours is worth a question to the database."""
    return _SHAPE[kind].fullmatch(token) is not None


def token_hash(token: str) -> bytes:
    """A plain hash is enough: 256 random bits cannot be guessed, however fast the hash."""
    return hashlib.sha256(token.encode("ascii")).digest()


def successor(refresh_token: str, salt: bytes, kind: TokenKind) -> str:
    """The token that follows: HMAC-SHA-256 keyed with the refresh token.

    Everybody who holds that token finds the same successors while its salt is told, so parallel refreshes agree and nothing secret is
    kept for them; the salt alone is worth nothing.
    """
    digest = hmac.new(refresh_token.encode("ascii"), salt + kind.value.encode("ascii"), hashlib.sha256).digest()
    return _PREFIX[kind] + base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
