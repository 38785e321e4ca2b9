"""Facts about customer orders that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("broker.order_accepted.v1")
@dataclass(frozen=True, slots=True)
class OrderAccepted:
    order_id: UUID
    owner_id: UUID
    symbol: str
    side: str
    quantity: Decimal


@event("broker.order_changed.v1")
@dataclass(frozen=True, slots=True)
class OrderChanged:
    """The order is in another state than before; `version` grows with every change of the order."""

    order_id: UUID
    owner_id: UUID
    symbol: str
    status: str
    reason: str | None
    filled_quantity: Decimal
    version: int


@event("broker.order_filled.v1")
@dataclass(frozen=True, slots=True)
class OrderFilled:
    """One venue fill reached the customer; `remaining` is what the order still wants."""

    order_id: UUID
    owner_id: UUID
    symbol: str
    side: str
    venue: str
    quantity: Decimal
    price: Decimal
    remaining: Decimal


@event("broker.order_closed.v1")
@dataclass(frozen=True, slots=True)
class OrderClosed:
    """The order reached a terminal state."""

    order_id: UUID
    owner_id: UUID
    symbol: str
    status: str
    filled_quantity: Decimal


@event("broker.sale_ended.v1")
@dataclass(frozen=True, slots=True)
class SaleEnded:
    """An order that sold collateral is over; no customer owns it, so nothing else is told of it. `owner_id` is the liquidation."""

    order_id: UUID
    owner_id: UUID
    filled_quantity: Decimal


@event("broker.house_position_opened.v1")
@dataclass(frozen=True, slots=True)
class HousePositionOpened:
    """An incident: a venue fill arrived that no customer order could take, so the house owns it."""

    order_id: UUID
    venue: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
