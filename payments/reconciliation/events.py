"""Facts that leave this room, for whoever tells finance."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("payments.break_ticketed.v1")
@dataclass(frozen=True, slots=True)
class BreakTicketed:
    """A difference needs a person; `suspended` says that the amount lies in suspense meanwhile."""

    break_id: UUID
    source: str
    reference: str
    kind: str
    asset: str
    difference: Decimal
    suspended: bool


@event("payments.break_resolved.v1")
@dataclass(frozen=True, slots=True)
class BreakResolved:
    """Two people closed a ticket."""

    break_id: UUID
    resolution: str
    proposed_by: UUID
    confirmed_by: UUID


@event("payments.projection_rebuilt.v1")
@dataclass(frozen=True, slots=True)
class ProjectionRebuilt:
    """A balance did not say what its journal says and was made anew: somebody wrote where nobody may."""

    account_id: int
    posted_before: Decimal
    posted_after: Decimal
    held_before: Decimal
    held_after: Decimal


@event("payments.rounding_drifts.v1")
@dataclass(frozen=True, slots=True)
class RoundingDrifts:
    """The rounding pool of an asset moves one way only: dust has a source that should be found."""

    asset: str
    net: Decimal
    gross: Decimal
    times: int
