"""What a customer may know of orders and fills, read set by set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as it is now, without anything that only we may know."""

    id: UUID
    owner_id: UUID
    client_order_id: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    venue: str
    quantity: Decimal
    quote_quantity: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    trail_amount: Decimal | None
    trail_fraction: Decimal | None
    trail_best: Decimal | None
    stopped_at: datetime | None
    post_only: bool
    display_quantity: Decimal | None
    expires_at: datetime | None
    group_id: UUID | None
    replaces: UUID | None
    slices_left: int
    taker_cost: Decimal | None
    status: str
    filled_quantity: Decimal
    filled_cost: Decimal
    fee: Decimal
    quote_asset: str
    number: int
    cancel_requested_at: datetime | None
    reason: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FillRow:
    """What the customer got; our own price and fee at the venue are not here."""

    id: UUID
    number: int
    order_id: UUID
    venue: str
    trade_id: str
    price: Decimal
    quantity: Decimal
    cost: Decimal
    fee: Decimal
    executed_at: datetime
    cost_before: Decimal


_ORDER = ", ".join(OrderRow.__dataclass_fields__)
_FILL = "f.id, f.number, f.order_id, f.venue, f.trade_id, f.customer_price, f.quantity, f.customer_cost, f.customer_fee, f.executed_at"


def orders(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, OrderRow]:
    rows = tx.all(
        f"SELECT {_ORDER} FROM broker.orders WHERE tenant_id = :tenant AND id = ANY(CAST(:orders AS uuid[]))",
        tenant=tx.tenant_id,
        orders=list(order_ids),
    )
    return {row.id: OrderRow(*row) for row in rows}


def open_orders(tx: Tx, owner: UUID, *, limit: int) -> list[OrderRow]:
    """The newest first."""
    rows = tx.all(
        f"""SELECT {_ORDER} FROM broker.orders
             WHERE tenant_id = :tenant AND owner_id = :owner AND status IN ('accepted', 'working', 'resting', 'triggered')
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        owner=owner,
        limit=limit,
    )
    return [OrderRow(*row) for row in rows]


def fills(tx: Tx, order_ids: Sequence[UUID]) -> list[FillRow]:
    """All fills of these orders in the order in which they were booked."""
    rows = tx.all(
        f"""SELECT {_FILL}, sum(f.customer_cost) OVER (PARTITION BY f.order_id ORDER BY f.id) - f.customer_cost
              FROM broker.fills f
             WHERE f.tenant_id = :tenant AND f.order_id = ANY(CAST(:orders AS uuid[])) AND f.owner = 'customer'
             ORDER BY f.id""",
        tenant=tx.tenant_id,
        orders=list(order_ids),
    )
    return [FillRow(*row) for row in rows]


def recent_fills(tx: Tx, owner: UUID, *, limit: int) -> list[FillRow]:
    """The newest first."""
    rows = tx.all(
        f"""SELECT {_FILL}, coalesce((SELECT sum(p.customer_cost) FROM broker.fills p
                              WHERE p.order_id = f.order_id AND p.owner = 'customer' AND p.id < f.id), 0)
              FROM broker.fills f JOIN broker.orders o ON o.id = f.order_id
             WHERE f.tenant_id = :tenant AND o.tenant_id = :tenant AND o.owner_id = :owner AND f.owner = 'customer'
             ORDER BY f.id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        owner=owner,
        limit=limit,
    )
    return [FillRow(*row) for row in rows]
