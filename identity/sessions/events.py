"""Facts about sessions, for whoever tells their owner. They carry ids and what the owner may know, never a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("identity.session_opened_elsewhere.v1")
@dataclass(frozen=True, slots=True)
class SessionOpenedElsewhere:
    """A login from an address that no remembered session of this person came from."""

    principal_id: UUID
    session_id: UUID
    address: str
    user_agent: str
    opened_at: datetime


@event("identity.refresh_token_reused.v1")
@dataclass(frozen=True, slots=True)
class RefreshTokenReused:
    """A refresh token was shown again long after its use, so somebody copied it; the session is ended."""

    principal_id: UUID
    session_id: UUID
    ended_at: datetime
