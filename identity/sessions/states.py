"""What tokens are for, and why a session ended."""

from __future__ import annotations

from enum import StrEnum


class TokenKind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


class EndReason(StrEnum):
    LOGOUT = "logout"
    KILLED = "killed"
    TOKEN_REUSED = "token_reused"  # noqa: S105  a reason, no secret
    SECURITY_CHANGED = "security_changed"
