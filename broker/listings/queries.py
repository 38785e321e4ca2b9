"""Statements on the venues' lists of open orders, and the comparison of one slice of them with our venue orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx


def ours(tx: Tx, *, venue: str, client_order_ids: Sequence[str]) -> set[str]:
    """Which of these ids belong to venue orders of ours."""
    rows = tx.all(
        """SELECT client_order_id FROM broker.venue_orders
            WHERE tenant_id = :tenant AND venue = :venue AND client_order_id = ANY(:ids)""",
        tenant=tx.tenant_id, venue=venue, ids=list(client_order_ids),
    )  # fmt: skip
    return {row.client_order_id for row in rows}


def replace(tx: Tx, *, venue: str, symbol: str, rows: Sequence[dict[str, Any]], read_at: datetime) -> list[str]:
    """Take over a whole list; returns the venue order ids that were not on the one before."""
    tx.execute(
        """DELETE FROM broker.listed_orders WHERE tenant_id = :tenant AND venue = :venue AND symbol = :symbol
              AND venue_order_id <> ALL(:ids)""",
        tenant=tx.tenant_id, venue=venue, symbol=symbol, ids=[row["venue_order_id"] for row in rows],
    )  # fmt: skip
    new = []
    for row in rows:
        inserted = tx.scalar(
            """INSERT INTO broker.listed_orders AS l (tenant_id, venue, symbol, venue_order_id, client_order_id, ours, side, price,
                      quantity, filled_quantity, first_seen_at, last_seen_at)
               VALUES (:tenant, :venue, :symbol, :venue_order_id, :client_order_id, :ours, :side, :price, :quantity, :filled_quantity,
                       :at, :at)
               ON CONFLICT (tenant_id, venue, symbol, venue_order_id) DO UPDATE
                  SET filled_quantity = excluded.filled_quantity, last_seen_at = excluded.last_seen_at, ours = excluded.ours
               RETURNING l.first_seen_at = l.last_seen_at""",
            tenant=tx.tenant_id, venue=venue, symbol=symbol, at=read_at, **row,
        )  # fmt: skip
        if inserted:
            new.append(row["venue_order_id"])
    tx.execute(
        """INSERT INTO broker.listings (tenant_id, venue, symbol, read_at) VALUES (:tenant, :venue, :symbol, :at)
           ON CONFLICT (tenant_id, venue, symbol) DO UPDATE SET read_at = excluded.read_at""",
        tenant=tx.tenant_id, venue=venue, symbol=symbol, at=read_at,
    )  # fmt: skip
    return new


def compare(
    tx: Tx, *, venue: str | None, order_id: UUID | None, settled_before: timedelta, after: Sequence[str], limit: int
) -> list[AnyRow]:
    """What either side says is open: the venue's rows, and ours that the venue's last list should have shown.

    Ours count once they are older than `settled_before` at that reading: until then they may well be on their way.
    """
    return tx.all(
        """WITH theirs AS (
               SELECT venue, symbol, venue_order_id, client_order_id, ours, side, price, quantity, filled_quantity, first_seen_at
                 FROM broker.listed_orders WHERE tenant_id = :tenant),
             live AS (
               SELECT v.venue, v.symbol, v.client_order_id, v.venue_order_id
                 FROM broker.venue_orders v JOIN broker.listings r ON (r.tenant_id, r.venue, r.symbol) = (v.tenant_id, v.venue, v.symbol)
                WHERE v.tenant_id = :tenant AND v.status IN ('open', 'partially_filled') AND v.created_at < r.read_at - :settled),
             shown AS (
               SELECT venue, symbol, client_order_id, coalesce(t.venue_order_id, l.venue_order_id, '') AS venue_order_id,
                      coalesce(t.ours, false) AS ours, t.venue_order_id IS NOT NULL AS listed, t.side, t.price,
                      t.quantity AS their_quantity, t.filled_quantity AS their_filled, t.first_seen_at
                 FROM theirs t FULL JOIN live l USING (venue, symbol, client_order_id))
            SELECT b.*, v.order_id, v.status, v.quantity AS our_quantity, v.filled_quantity AS our_filled
              FROM shown b
              LEFT JOIN broker.venue_orders v ON (b.ours OR NOT b.listed) AND v.tenant_id = :tenant
                    AND (v.venue, v.client_order_id) = (b.venue, b.client_order_id)
             WHERE (CAST(:venue AS text) IS NULL OR b.venue = :venue) AND (CAST(:order AS uuid) IS NULL OR v.order_id = :order)
               AND (b.venue, b.symbol, b.venue_order_id) > (:a, :b, :c)
             ORDER BY b.venue, b.symbol, b.venue_order_id LIMIT :limit""",
        tenant=tx.tenant_id, settled=settled_before, venue=venue, order=order_id, a=after[0], b=after[1], c=after[2], limit=limit,
    )  # fmt: skip


def anything_recent(tx: Tx, *, within: timedelta) -> bool:
    """Whether there is a reason to compare: a venue order of late, or something that a venue lists."""
    found = tx.scalar(
        """SELECT EXISTS (SELECT FROM broker.venue_orders WHERE tenant_id = :tenant AND updated_at > :now - :within)
               OR EXISTS (SELECT FROM broker.listed_orders WHERE tenant_id = :tenant)
               OR EXISTS (SELECT FROM broker.venue_orders WHERE tenant_id = :tenant
                             AND status IN ('intent', 'unknown', 'open', 'partially_filled'))""",
        tenant=tx.tenant_id, now=tx.now, within=within,
    )  # fmt: skip
    return bool(found)
