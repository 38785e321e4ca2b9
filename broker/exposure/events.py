"""Facts about the house's risk that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("broker.hedge_gap_opened.v1")
@dataclass(frozen=True, slots=True)
class HedgeGapOpened:
    """The house's trading position in an asset is not zero any more: somebody has to trade it away."""

    gap_id: UUID
    asset: str
    quantity: Decimal


@event("broker.hedge_gap_closed.v1")
@dataclass(frozen=True, slots=True)
class HedgeGapClosed:
    """The position is zero again; `worst` is the largest it was."""

    gap_id: UUID
    asset: str
    worst: Decimal
    open_for_s: int
