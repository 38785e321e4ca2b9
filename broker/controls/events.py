"""What changed about controls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("broker.kill_switch_set.v1")
@dataclass(frozen=True, slots=True)
class KillSwitchSet:
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
    control_id: UUID
    scope: str
    target: str
    mode: str
    actor: UUID
    reason: str


@event("broker.maintenance_announced.v1")
@dataclass(frozen=True, slots=True)
class MaintenanceAnnounced:
    window_id: UUID
    scope: str
    target: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@event("broker.maintenance_ended.v1")
@dataclass(frozen=True, slots=True)
class MaintenanceEnded:
    window_id: UUID
    scope: str
    target: str
