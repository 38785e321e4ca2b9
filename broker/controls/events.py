"""What changed about controls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("broker.kill_switch_set.v1")
@dataclass(frozen=True, slots=True)
class KillSwitchSet:
    """Trading was stopped somewhere."""

    control_id: UUID
    scope: str
    target: str
    mode: str
    reason: str
    actor: UUID
    until: datetime | None


@event("broker.kill_switch_lifted.v1")
@dataclass(frozen=True, slots=True)
class KillSwitchLifted:
    """A person let trading go on."""

    control_id: UUID
    scope: str
    target: str
    mode: str
    actor: UUID
    reason: str


@event("broker.maintenance_announced.v1")
@dataclass(frozen=True, slots=True)
class MaintenanceAnnounced:
    """A venue or a market will not be used for a while."""

    window_id: UUID
    scope: str
    target: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@event("broker.maintenance_ended.v1")
@dataclass(frozen=True, slots=True)
class MaintenanceEnded:
    """A maintenance was ended early, or its announcement taken back."""

    window_id: UUID
    scope: str
    target: str
