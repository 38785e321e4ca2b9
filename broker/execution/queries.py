"""One function, one statement on allocations, executions and what a whole venue order moves. Set-based: a child may serve thousands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.orders.queries import ORDER_COLUMNS, Order
from broker.orders.states import CHILD
from kernel import arrays
from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class Allocation:
    """What an order gets of a venue order, after those with a lower rank."""

    order_id: UUID
    rank: int
    quantity: Decimal
    filled_quantity: Decimal

    @property
    def left(self) -> Decimal:
        return self.quantity - self.filled_quantity


@dataclass(frozen=True, slots=True)
class Attempt:
    """What all legs of one sending did for an order: whether it or anybody traded, and the prices an empty attempt covered."""

    order_id: UUID
    filled: bool
    traded: bool
    reached_venue: bool
    seen: Decimal
    limit: Decimal


def lock_served(tx: Tx, child_id: UUID) -> list[Order]:
    """The orders that a venue order serves, locked first of all and in time priority."""
    rows = tx.all(
        f"""SELECT {ORDER_COLUMNS} FROM broker.orders
             WHERE tenant_id = :tenant AND id IN (SELECT order_id FROM broker.allocations WHERE tenant_id = :tenant AND child_id = :child)
             ORDER BY accept_seq FOR UPDATE""",
        tenant=tx.tenant_id,
        child=child_id,
    )
    return [Order(*row) for row in rows]


def allocations(tx: Tx, child_id: UUID) -> list[Allocation]:
    rows = tx.all(
        """SELECT order_id, rank, quantity, filled_quantity FROM broker.allocations
            WHERE tenant_id = :tenant AND child_id = :child ORDER BY rank""",
        tenant=tx.tenant_id,
        child=child_id,
    )
    return [Allocation(*row) for row in rows]


def insert_allocations(tx: Tx, child_id: UUID, shares: Sequence[tuple[UUID, Decimal]]) -> None:
    """`shares` in time priority."""
    tx.execute(
        """INSERT INTO broker.allocations (tenant_id, child_id, order_id, rank, quantity)
           SELECT :tenant, :child, t.order_id, t.rank, t.quantity
             FROM unnest(CAST(:orders AS uuid[]), CAST(:quantities AS numeric[])) WITH ORDINALITY AS t (order_id, quantity, rank)""",
        tenant=tx.tenant_id,
        child=child_id,
        orders=arrays.array(order_id for order_id, _ in shares),
        quantities=arrays.array(quantity for _, quantity in shares),
    )


def fill_allocations(tx: Tx, child_id: UUID, filled: Mapping[UUID, Decimal]) -> None:
    """Add to what orders have got of a venue order."""
    tx.execute(
        """UPDATE broker.allocations a SET filled_quantity = a.filled_quantity + t.quantity
             FROM unnest(CAST(:orders AS uuid[]), CAST(:quantities AS numeric[])) AS t (order_id, quantity)
            WHERE a.tenant_id = :tenant AND a.child_id = :child AND a.order_id = t.order_id""",
        tenant=tx.tenant_id,
        child=child_id,
        orders=arrays.array(filled),
        quantities=arrays.array(filled.values()),
    )


def booked_trades(tx: Tx, child_id: UUID) -> set[str]:
    rows = tx.all(
        "SELECT trade_id FROM broker.executions WHERE tenant_id = :tenant AND child_id = :child",
        tenant=tx.tenant_id,
        child=child_id,
    )
    return {row.trade_id for row in rows}


def insert_executions(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """The primary key refuses a trade that was booked before, for whichever venue order."""
    tx.execute_many(
        """INSERT INTO broker.executions (tenant_id, venue, symbol, trade_id, child_id, side, price, quantity, venue_cost, venue_fee,
                                          venue_fee_asset, executed_at, booked_at)
           VALUES (:tenant, :venue, :symbol, :trade_id, :child_id, :side, :price, :quantity, :venue_cost, :venue_fee, :venue_fee_asset,
                   :executed_at, :now)""",
        [{"tenant": tx.tenant_id, "now": tx.now, **row} for row in rows],
    )


_FILL = {
    "id": "uuid", "order_id": "uuid", "venue_order_id": "uuid", "venue": "text", "symbol": "text", "trade_id": "text", "owner": "text",
    "price": "numeric", "quantity": "numeric", "venue_cost": "numeric", "venue_fee": "numeric", "venue_fee_asset": "text",
    "customer_price": "numeric", "customer_cost": "numeric", "customer_fee": "numeric", "journal_id": "uuid",
    "executed_at": "timestamptz",
}  # fmt: skip
_INSERT_FILLS = f"""
INSERT INTO broker.fills (tenant_id, booked_at, {", ".join(_FILL)})
SELECT :tenant, :now, {", ".join("t." + name for name in _FILL)}
  FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _FILL.items())}) AS t ({", ".join(_FILL)})
"""


def insert_fills(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """All slices in one statement."""
    columns = {name: arrays.texts(str(row[name]) for row in rows) for name in _FILL}
    tx.execute(_INSERT_FILLS, tenant=tx.tenant_id, now=tx.now, **columns)


def add_fills_to_orders(tx: Tx, sums: Mapping[UUID, tuple[Decimal, Decimal, Decimal]]) -> None:
    """What to add per order: quantity, cost, fee."""
    tx.execute(
        """UPDATE broker.orders o SET filled_quantity = o.filled_quantity + t.quantity, filled_cost = o.filled_cost + t.cost,
                  fee = o.fee + t.fee, updated_at = :now, version = o.version + 1, xid = pg_current_xact_id()
             FROM unnest(CAST(:orders AS uuid[]), CAST(:quantities AS numeric[]), CAST(:costs AS numeric[]), CAST(:fees AS numeric[]))
                  AS t (order_id, quantity, cost, fee)
            WHERE o.tenant_id = :tenant AND o.id = t.order_id""",
        tenant=tx.tenant_id,
        now=tx.now,
        orders=arrays.array(sums),
        quantities=arrays.array(quantity for quantity, _, _ in sums.values()),
        costs=arrays.array(cost for _, cost, _ in sums.values()),
        fees=arrays.array(fee for _, _, fee in sums.values()),
    )


def with_live_children(tx: Tx, order_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these orders still have something at a venue or on its way."""
    rows = tx.all(
        """SELECT DISTINCT a.order_id FROM broker.allocations a JOIN broker.venue_orders v ON v.id = a.child_id
            WHERE a.tenant_id = :tenant AND a.order_id = ANY(CAST(:orders AS uuid[])) AND v.status = ANY(:live)""",
        tenant=tx.tenant_id,
        orders=list(order_ids),
        live=[status.value for status in CHILD.live],
    )
    return {row.order_id for row in rows}


def attempts(tx: Tx, batch: UUID, order_ids: Sequence[UUID], *, side: str) -> dict[UUID, Attempt]:
    """What one sending did for each of these orders."""
    best, worst = ("min", "max") if side == "buy" else ("max", "min")
    rows = tx.all(
        f"""SELECT a.order_id, bool_or(a.filled_quantity > 0), bool_or(v.filled_quantity > 0),
                   bool_or(v.status IN ('filled', 'cancelled', 'expired')), {best}(v.seen_price), {worst}(v.limit_price)
              FROM broker.allocations a JOIN broker.venue_orders v ON v.id = a.child_id
             WHERE a.tenant_id = :tenant AND v.batch = :batch AND a.order_id = ANY(CAST(:orders AS uuid[])) GROUP BY a.order_id""",
        tenant=tx.tenant_id,
        batch=batch,
        orders=list(order_ids),
    )
    return {row.order_id: Attempt(*row) for row in rows}
