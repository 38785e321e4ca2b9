"""What the watch saw: a loan came nearer to a sale or further from it, and a price that could not be believed for too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("lending.level_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChanged:
    """A loan's stored level is another one. Customers may know `told_from` and `told_to` only; where these are equal, nothing.

    `prices` are those it was decided by, per asset; `repay` would bring the loan back to its pledge rate.
    """

    loan_id: UUID
    customer_id: UUID
    asset: str
    from_level: str
    to_level: str
    told_from: str
    told_to: str
    prices: dict[str, Decimal]
    debt: Decimal
    repay: Decimal
    evidence_id: UUID
    changed_at: datetime


@event("lending.price_frozen.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFrozen:
    """Longer than the product allows, no price of this collateral could be believed: none of these loans can be sold meanwhile."""

    product_id: UUID
    version: int
    asset: str
    quote: str
    loans: int
    frozen_since: datetime


@event("lending.liquidation_not_begun.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidationNotBegun:
    """A sale was due and could not be begun; `reason` is a code. It is tried again every few seconds; this is told once."""

    loan_id: UUID
    customer_id: UUID
    reason: str
