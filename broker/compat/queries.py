"""Orders and trades by the numbers that bots know them by; one function, one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from broker.fees.rules import is_maker
from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A customer's order as far as a bot may see it."""

    number: int
    id: UUID
    client_order_id: str
    symbol: str
    side: str
    type: str
    time_in_force: str
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
    status: str
    filled_quantity: Decimal
    filled_cost: Decimal
    cancel_requested_at: datetime | None
    reason: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One fill as the customer got it."""

    number: int
    order_number: int
    order_id: UUID
    symbol: str
    side: str
    price: Decimal
    quantity: Decimal
    cost: Decimal
    fee: Decimal
    fee_asset: str
    executed_at: datetime
    taker_cost: Decimal | None
    cost_before: Decimal

    @property
    def maker(self) -> bool:
        return is_maker(taker_cost=self.taker_cost, cost_before=self.cost_before)


_ORDER = ", ".join(f"o.{name}" for name in OrderRow.__dataclass_fields__)
_OPEN = ("accepted", "working", "resting", "triggered")


def by_id(tx: Tx, *, owner: UUID, order_id: UUID) -> OrderRow | None:
    row = tx.first(
        f"SELECT {_ORDER} FROM broker.orders o WHERE o.tenant_id = :tenant AND o.owner_id = :owner AND o.id = :id",
        tenant=tx.tenant_id,
        owner=owner,
        id=order_id,
    )
    return None if row is None else OrderRow(*row)


def by_number(tx: Tx, *, owner: UUID, symbol: str, number: int) -> OrderRow | None:
    row = tx.first(
        f"SELECT {_ORDER} FROM broker.orders o"
        " WHERE o.number = :number AND o.tenant_id = :tenant AND o.owner_id = :owner AND o.symbol = :symbol",
        number=number,
        tenant=tx.tenant_id,
        owner=owner,
        symbol=symbol,
    )
    return None if row is None else OrderRow(*row)


def by_client_order_id(tx: Tx, *, owner: UUID, symbol: str, client_order_id: str) -> OrderRow | None:
    row = tx.first(
        f"SELECT {_ORDER} FROM broker.orders o WHERE o.tenant_id = :tenant AND o.owner_id = :owner"
        " AND o.client_order_id = :coid AND o.symbol = :symbol",
        tenant=tx.tenant_id,
        owner=owner,
        coid=client_order_id,
        symbol=symbol,
    )
    return None if row is None else OrderRow(*row)


def open_orders(tx: Tx, *, owner: UUID, symbol: str | None, limit: int) -> list[OrderRow]:
    rows = tx.all(
        f"""SELECT {_ORDER} FROM broker.orders o WHERE o.tenant_id = :tenant AND o.owner_id = :owner
               AND o.status = ANY(:open) AND (CAST(:symbol AS text) IS NULL OR o.symbol = :symbol) ORDER BY o.number LIMIT :limit""",
        tenant=tx.tenant_id,
        owner=owner,
        symbol=symbol,
        open=list(_OPEN),
        limit=limit,
    )
    return [OrderRow(*row) for row in rows]


def orders(
    tx: Tx,
    *,
    owner: UUID,
    symbol: str,
    first: int | None,
    since: datetime | None,
    until: datetime | None,
    oldest: bool,
    limit: int,
) -> list[OrderRow]:
    """Orders of a market in the order of their numbers: the oldest of those that fit, or the newest."""
    rows = tx.all(
        f"""SELECT {_ORDER} FROM broker.orders o WHERE o.tenant_id = :tenant AND o.owner_id = :owner AND o.symbol = :symbol
               AND (CAST(:first AS bigint) IS NULL OR o.number >= :first)
               AND (CAST(:since AS timestamptz) IS NULL OR o.created_at >= :since)
               AND (CAST(:until AS timestamptz) IS NULL OR o.created_at <= :until)
             ORDER BY o.number {"ASC" if oldest else "DESC"} LIMIT :limit""",
        tenant=tx.tenant_id,
        owner=owner,
        symbol=symbol,
        first=first,
        since=since,
        until=until,
        limit=limit,
    )
    found = [OrderRow(*row) for row in rows]
    return found if oldest else found[::-1]


_TRADE = """SELECT f.number, o.number, o.id, o.symbol, o.side, f.customer_price, f.quantity, f.customer_cost, f.customer_fee,
                   o.quote_asset, f.executed_at, o.taker_cost, CASE WHEN o.taker_cost IS NULL THEN 0 ELSE
                   coalesce((SELECT sum(p.customer_cost) FROM broker.fills p
                              WHERE p.order_id = f.order_id AND p.owner = 'customer' AND p.id < f.id), 0) END
              FROM broker.fills f JOIN broker.orders o ON o.id = f.order_id
             WHERE f.tenant_id = :tenant AND o.tenant_id = :tenant AND o.owner_id = :owner AND f.owner = 'customer'"""


def trades_of_orders(tx: Tx, *, owner: UUID, order_ids: Sequence[UUID]) -> list[TradeRow]:
    rows = tx.all(
        f"{_TRADE} AND f.order_id = ANY(CAST(:orders AS uuid[])) ORDER BY f.number",
        tenant=tx.tenant_id,
        owner=owner,
        orders=list(order_ids),
    )
    return [TradeRow(*row) for row in rows]


def trades(
    tx: Tx,
    *,
    owner: UUID,
    symbol: str,
    order_number: int | None,
    first: int | None,
    since: datetime | None,
    until: datetime | None,
    oldest: bool,
    limit: int,
) -> list[TradeRow]:
    rows = tx.all(
        f"""{_TRADE} AND o.symbol = :symbol AND (CAST(:order AS bigint) IS NULL OR o.number = :order)
               AND (CAST(:first AS bigint) IS NULL OR f.number >= :first)
               AND (CAST(:since AS timestamptz) IS NULL OR f.executed_at >= :since)
               AND (CAST(:until AS timestamptz) IS NULL OR f.executed_at <= :until)
             ORDER BY f.number {"ASC" if oldest else "DESC"} LIMIT :limit""",
        tenant=tx.tenant_id,
        owner=owner,
        symbol=symbol,
        order=order_number,
        first=first,
        since=since,
        until=until,
        limit=limit,
    )
    found = [TradeRow(*row) for row in rows]
    return found if oldest else found[::-1]
