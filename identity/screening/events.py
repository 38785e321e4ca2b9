"""What screening tells."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import event


@event("identity.screening_hit.v1")
@dataclass(frozen=True, slots=True)
class ScreeningHit:
    """A customer may be somebody on a list; compliance has to look. The customer is not told."""

    screening_id: UUID
    customer_id: UUID
    hits: int


@event("identity.screening_decided.v1")
@dataclass(frozen=True, slots=True)
class ScreeningDecided:
    """A person has said whether it is them: `cleared` or `confirmed`."""

    screening_id: UUID
    customer_id: UUID
    state: str
    decided_by: UUID
