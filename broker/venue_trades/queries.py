"""Statements on the venues' lists, and the comparison of one slice of them with our fills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx


def read_state(tx: Tx, *, venue: str, symbol: str) -> AnyRow | None:
    return tx.first(
        """SELECT read_from, read_through FROM broker.trade_reads
            WHERE tenant_id = :tenant AND venue = :venue AND symbol = :symbol""",
        tenant=tx.tenant_id, venue=venue, symbol=symbol,
    )  # fmt: skip


def move_read(tx: Tx, *, venue: str, symbol: str, start: datetime, through: datetime) -> None:
    tx.execute(
        """INSERT INTO broker.trade_reads AS r (tenant_id, venue, symbol, read_from, read_through)
           VALUES (:tenant, :venue, :symbol, :start, :through)
           ON CONFLICT (tenant_id, venue, symbol) DO UPDATE SET read_through = greatest(r.read_through, excluded.read_through)""",
        tenant=tx.tenant_id, venue=venue, symbol=symbol, start=start, through=through,
    )  # fmt: skip


def insert_trades(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """A venue's list overlaps with what was read before; its first word about a trade stays."""
    tx.execute_many(
        """INSERT INTO broker.venue_trades
             (tenant_id, venue, symbol, trade_id, venue_order_id, side, price, quantity, fee, fee_asset, executed_at)
           VALUES (:tenant, :venue, :symbol, :trade_id, :venue_order_id, :side, :price, :quantity, :fee, :fee_asset, :executed_at)
           ON CONFLICT DO NOTHING""",
        [{"tenant": tx.tenant_id, **row} for row in rows],
    )


_KEYS = """
    SELECT t.venue, t.symbol, t.trade_id FROM broker.venue_trades t
     WHERE t.tenant_id = :tenant AND (CAST(:start AS timestamptz) IS NULL OR (t.executed_at >= :start AND t.executed_at < :end))
    UNION
    SELECT e.venue, e.symbol, e.trade_id FROM broker.executions e
      JOIN broker.trade_reads r ON r.tenant_id = e.tenant_id AND r.venue = e.venue AND r.symbol = e.symbol
     WHERE e.tenant_id = :tenant AND e.executed_at >= r.read_from
       AND (CAST(:start AS timestamptz) IS NULL OR (e.executed_at >= :start AND e.executed_at < :end))"""


def compare(
    tx: Tx,
    *,
    window: tuple[datetime, datetime] | None,
    venue: str | None,
    order_id: UUID | None,
    after: Sequence[str],
    limit: int,
) -> list[AnyRow]:
    """The next trades that either side knows, with what each says; `live`: a venue order is not settled yet."""
    return tx.all(
        f"""WITH keys AS ({_KEYS})
            SELECT k.venue, k.symbol, k.trade_id, t.quantity AS their_quantity, t.price AS their_price, t.fee AS their_fee,
                   t.fee_asset AS their_fee_asset, t.side, t.venue_order_id, t.executed_at AS their_time, e.child_id,
                   e.quantity AS our_quantity, e.price AS our_price, e.venue_cost, e.venue_fee, e.venue_fee_asset,
                   (SELECT v.order_id FROM broker.venue_orders v WHERE v.id = e.child_id) AS order_id,
                   e.executed_at AS our_time, r.read_through,
                   EXISTS (SELECT FROM broker.venue_orders v WHERE v.tenant_id = :tenant AND v.venue = k.venue
                              AND v.status IN ('intent', 'unknown', 'open', 'partially_filled')) AS live
              FROM keys k
              LEFT JOIN broker.venue_trades t
                     ON t.tenant_id = :tenant AND (t.venue, t.symbol, t.trade_id) = (k.venue, k.symbol, k.trade_id)
              LEFT JOIN broker.executions e
                     ON e.tenant_id = :tenant AND (e.venue, e.symbol, e.trade_id) = (k.venue, k.symbol, k.trade_id)
              LEFT JOIN broker.trade_reads r ON r.tenant_id = :tenant AND (r.venue, r.symbol) = (k.venue, k.symbol)
             WHERE (k.venue, k.symbol, k.trade_id) > (:a, :b, :c) AND (CAST(:venue AS text) IS NULL OR k.venue = :venue)
               AND (CAST(:order AS uuid) IS NULL
                    OR e.child_id IN (SELECT a.child_id FROM broker.allocations a WHERE a.tenant_id = :tenant AND a.order_id = :order)
                    OR t.venue_order_id IN
                        (SELECT v.venue_order_id FROM broker.venue_orders v JOIN broker.allocations a ON a.child_id = v.id
                          WHERE v.tenant_id = :tenant AND a.order_id = :order AND v.venue = k.venue))
             ORDER BY k.venue, k.symbol, k.trade_id LIMIT :limit""",
        tenant=tx.tenant_id, start=window[0] if window else None, end=window[1] if window else None, venue=venue, order=order_id,
        a=after[0], b=after[1], c=after[2], limit=limit,
    )  # fmt: skip
