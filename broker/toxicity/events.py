"""What changed about a customer's class."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import event


@event("broker.toxicity_changed.v1")
@dataclass(frozen=True, slots=True)
class ToxicityChanged:
    """A customer's class changed, by what was measured or by a person."""

    customer_id: UUID
    before: str
    after: str
    fills: int
    by: UUID | None  # None: by what was measured
