"""What becomes of approvals: who owns the thing acts on these, and whoever tells people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("identity.approval_requested.v1")
@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """Something waits for a second person who holds `permission`."""

    approval_id: UUID
    kind: str
    resource_id: UUID
    maker: UUID
    permission: str
    expires_at: datetime | None


@event("identity.approval_granted.v1")
@dataclass(frozen=True, slots=True)
class ApprovalGranted:
    """A second person agreed to what has this digest; the owner compares it again before anything is done."""

    approval_id: UUID
    kind: str
    resource_id: UUID
    digest: str
    maker: UUID
    checker: UUID


@event("identity.approval_ended.v1")
@dataclass(frozen=True, slots=True)
class ApprovalEnded:
    """Nothing more becomes of it: carried out, failed, rejected, expired or void; `reason` where somebody gave one."""

    approval_id: UUID
    kind: str
    resource_id: UUID
    state: str
    checker: UUID | None
    reason: str | None
