"""A payment order and its legs, as the rooms of this package hand them to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from payments.orders.states import PaymentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A row of payments.orders with its asset's code."""

    id: UUID
    realm: str
    user_id: UUID
    sku: str
    quantity: int
    asset: str
    price: Decimal
    price_version: int
    amount: Decimal
    refunded: Decimal
    refunds: int
    returned: int
    hold_id: UUID | None
    payer_account: int | None
    status: PaymentStatus
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Leg:
    """One receiver's part of a paid order."""

    position: int
    role: str
    account_id: int
    amount: Decimal
    refunded: Decimal

    @property
    def left(self) -> Decimal:
        return self.amount - self.refunded
