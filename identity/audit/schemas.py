"""An entry of the audit as those see it who may; digests are SHA-256 in hex."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class AuditStandingOut(BaseModel):
    """How the chain stands, as the engine said last; null: it has not said so yet. The proof is `rivermouth audit verify`.

    Up to `signed_seq` checkpoints vouch for it. Up to `checked_seq` the round that goes on has looked, and found `faults`; the last whole
    round found `round_faults`.
    """

    model_config = ConfigDict(from_attributes=True)

    signed_seq: int | None
    signed_at: datetime | None
    checked_seq: int | None
    checked_at: datetime | None
    faults: int | None
    round_ended_at: datetime | None
    round_faults: int | None


class AuditEntryOut(BaseModel):
    """`seq`: its place in the chain, within seconds. `credential`: the session or API key that `via` tells of. `asked`: of the request."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    seq: int | None
    at: datetime
    recorded_at: datetime
    actor: UUID
    actor_name: str | None
    roles: list[str]
    via: str
    credential: UUID | None
    address: str | None
    request_id: str | None
    action: str
    resource_kind: str
    resource_id: str
    asked: str | None
    before: str | None
    after: str | None
    details: dict[str, Any]
