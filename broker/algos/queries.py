"""One function, one statement on the slices of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from broker.algos.rules import Slice
from broker.orders.wishes import Twap
from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A row of broker.slices."""

    number: int
    due_at: datetime
    target: Decimal
    status: str
    reason: str | None
    done_at: datetime | None


_SLICE = ", ".join(SliceRow.__dataclass_fields__)


def insert(tx: Tx, order_id: UUID, slices: Sequence[Slice]) -> None:
    tx.execute_many(
        """INSERT INTO broker.slices (order_id, number, tenant_id, due_at, target)
           VALUES (:order, :number, :tenant, :due, :target)""",
        [
            {
                "order": order_id,
                "number": each.number,
                "tenant": tx.tenant_id,
                "due": tx.now + each.after,
                "target": each.target,
            }
            for each in slices
        ],
    )


def due(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID, str]]:
    """(tenant, order, symbol) with a slice whose time has come; nothing is locked, whoever acts on one looks again."""
    rows = tx.all(
        """SELECT o.tenant_id, o.id, o.symbol FROM broker.orders o
            WHERE o.id IN (SELECT s.order_id FROM broker.slices s WHERE s.status = 'planned'
                              AND s.due_at <= kernel.business_now())
            ORDER BY o.accept_seq LIMIT :limit""",
        limit=limit,
    )
    return [(row.tenant_id, row.id, row.symbol) for row in rows]


def planned(tx: Tx, order_id: UUID) -> list[SliceRow]:
    return [row for row in of_order(tx, order_id) if row.status == "planned"]


def of_order(tx: Tx, order_id: UUID) -> list[SliceRow]:
    rows = tx.all(
        f"SELECT {_SLICE} FROM broker.slices WHERE tenant_id = :tenant AND order_id = :order ORDER BY number",
        tenant=tx.tenant_id,
        order=order_id,
    )
    return [SliceRow(*row) for row in rows]


def terms(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, Twap]:
    """What these orders asked for, of those that are sent in slices: the first is due at once, the last at the end."""
    rows = tx.all(
        """SELECT order_id, round(extract(epoch FROM max(due_at) - min(due_at)))::int AS duration_s, count(*)::int AS slices
             FROM broker.slices WHERE tenant_id = :tenant AND order_id = ANY(CAST(:orders AS uuid[])) GROUP BY order_id""",
        tenant=tx.tenant_id,
        orders=list(order_ids),
    )
    return {row.order_id: Twap(duration_s=row.duration_s, slices=row.slices) for row in rows}


def finish(tx: Tx, order_id: UUID, numbers: Sequence[int], *, status: str, reason: str | None = None) -> None:
    tx.execute(
        """UPDATE broker.slices SET status = :status, reason = :reason, done_at = :now
            WHERE tenant_id = :tenant AND order_id = :order AND number = ANY(:numbers) AND status = 'planned'""",
        tenant=tx.tenant_id,
        order=order_id,
        numbers=list(numbers),
        status=status,
        reason=reason,
        now=tx.now,
    )
