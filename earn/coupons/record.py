"""A coupon as it stands in its row, and what one subscription took of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from earn.coupons.states import CouponStatus
from earn.plans.rules import Boost
from kernel.money import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A coupon as it was typed. `templates` empty: all of the asset; `customers` None: everybody."""

    name: str
    asset: str
    boost: Boost
    minimum: Decimal
    templates: tuple[UUID, ...]
    starts_at: datetime
    ends_at: datetime
    uses_per_customer: int
    customers: tuple[UUID, ...] | None
    budget: Decimal

    def document(self) -> dict[str, Any]:
        """All of it in texts: what a second person agrees to."""
        customers = None if self.customers is None else [str(one) for one in self.customers]
        return {
            "name": self.name, "asset": self.asset, "apr_boost": canonical(self.boost.apr),
            "max_principal": canonical(self.boost.max_principal), "days": self.boost.days, "minimum": canonical(self.minimum),
            "templates": [str(one) for one in self.templates], "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(), "uses_per_customer": self.uses_per_customer, "customers": customers,
            "budget": canonical(self.budget),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """`used`: what its subscriptions took of the budget and did not give back."""

    id: UUID
    status: CouponStatus
    wish: Wish
    used: Decimal
    created_by: UUID
    created_at: datetime
    published_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Use:
    """What a subscription has of a coupon: the bonus that was reserved, and what an early end gave back of it."""

    coupon_id: UUID
    name: str
    apr_boost: Decimal
    amount: Decimal
    forfeited: Decimal
    clawed_back: Decimal
