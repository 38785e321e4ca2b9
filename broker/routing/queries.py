"""One function, one statement on stored plans and on what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A row of broker.plans as one round of one order."""

    id: UUID
    round: int
    symbol: str
    side: str
    quantity: Decimal
    made_at: datetime
    problem: dict[str, Any]
    legs: list[dict[str, Any]]
    evidence: dict[str, Any]
    planned_quantity: Decimal
    planned_cost: Decimal
    planned_effective_cost: Decimal
    best_venue: str | None
    best_effective_cost: Decimal | None
    saving: Decimal | None
    shared: bool  # made for several orders together: its quantities are not this customer's to see


@dataclass(frozen=True, slots=True)
class RoutedFill:
    """A customer's fill with the moment of the plan that led to it."""

    venue: str
    trade_id: str
    planned_at: datetime
    quantity: Decimal
    price: Decimal
    venue_cost: Decimal
    venue_fee: Decimal
    venue_fee_asset: str
    customer_price: Decimal
    customer_cost: Decimal
    executed_at: datetime


_COLUMNS = ", ".join(f"p.{name}" for name in StoredPlan.__dataclass_fields__ if name not in {"id", "round", "shared"})
_SHARED = "(SELECT count(*) FROM broker.plan_orders o WHERE o.plan_id = p.id) > 1"


def insert_plan(tx: Tx, plan: dict[str, Any]) -> None:
    row = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in plan.items()}
    values = [f"CAST(:{name} AS jsonb)" if isinstance(plan[name], dict | list) else f":{name}" for name in plan]
    tx.execute(
        f"""INSERT INTO broker.plans (tenant_id, {", ".join(plan)}, made_at)
            VALUES (:tenant, {", ".join(values)}, :now)""",
        tenant=tx.tenant_id,
        now=tx.now,
        **row,
    )


def insert_rounds(tx: Tx, *, plan_id: UUID, orders: Sequence[UUID]) -> None:
    """The next round of each order; the caller holds their locks."""
    tx.execute(
        """INSERT INTO broker.plan_orders (tenant_id, order_id, round, plan_id)
           SELECT :tenant, o, 1 + (SELECT count(*) FROM broker.plan_orders r WHERE r.order_id = o), :plan
             FROM unnest(CAST(:orders AS uuid[])) o""",
        tenant=tx.tenant_id,
        plan=plan_id,
        orders=list(orders),
    )


def plans(tx: Tx, order_id: UUID) -> list[StoredPlan]:
    """The rounds of an order, first one first."""
    rows = tx.all(
        f"""SELECT p.id, r.round, {_COLUMNS}, {_SHARED} FROM broker.plan_orders r
              JOIN broker.plans p ON p.id = r.plan_id
             WHERE r.tenant_id = :tenant AND r.order_id = :order ORDER BY r.round""",
        tenant=tx.tenant_id,
        order=order_id,
    )
    return [StoredPlan(*row) for row in rows]


def fills(tx: Tx, order_id: UUID) -> list[RoutedFill]:
    """A child is written in the transaction of its plan, and so at the same moment."""
    rows = tx.all(
        """SELECT f.venue, f.trade_id, v.created_at, f.quantity, f.price, f.venue_cost, f.venue_fee, f.venue_fee_asset,
                  f.customer_price, f.customer_cost, f.executed_at
             FROM broker.fills f JOIN broker.venue_orders v ON v.id = f.venue_order_id
            WHERE f.tenant_id = :tenant AND f.order_id = :order AND f.owner = 'customer' ORDER BY f.id""",
        tenant=tx.tenant_id,
        order=order_id,
    )
    return [RoutedFill(*row) for row in rows]


def latest(tx: Tx, *, limit: int) -> list[StoredPlan]:
    """The newest plans of the tenant, whoever they were for."""
    rows = tx.all(
        f"""SELECT p.id, 0, {_COLUMNS}, {_SHARED} FROM broker.plans p
             WHERE p.tenant_id = :tenant ORDER BY p.made_at DESC, p.id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        limit=limit,
    )
    return [StoredPlan(*row) for row in rows]
