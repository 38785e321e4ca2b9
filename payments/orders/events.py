"""Facts about payment orders that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("payments.order_paid.v1")
@dataclass(frozen=True, slots=True)
class OrderPaid:
    order_id: UUID
    user_id: UUID
    sku: str
    quantity: int
    amount: Decimal
    asset: str
    journal_id: UUID


@event("payments.order_refunded.v1")
@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """`amount` is this refund's, `refunded` what went back in all; `returned` units came back with it."""

    order_id: UUID
    user_id: UUID
    sku: str
    number: int
    amount: Decimal
    refunded: Decimal
    returned: int
    asset: str
    journal_id: UUID


@event("payments.order_closed.v1")
@dataclass(frozen=True, slots=True)
class OrderClosed:
    """Cancelled or expired without payment; whatever was put aside is free."""

    order_id: UUID
    user_id: UUID
    sku: str
    status: str
