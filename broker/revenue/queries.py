"""One function, one statement on fills to account, revenue, volumes, positions and marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.revenue.rules import Position
from kernel.db import AnyRow, Tx


def put_marks(tx: Tx, marks: Mapping[str, Decimal], *, source: str, at: datetime) -> None:
    """Written in the order of assets; an older price never replaces a newer one."""
    tx.execute_many(
        """INSERT INTO broker.marks AS m (asset, price, source, as_of) VALUES (:asset, :price, :source, :at)
           ON CONFLICT (asset) DO UPDATE SET price = EXCLUDED.price, source = EXCLUDED.source, as_of = EXCLUDED.as_of
            WHERE m.as_of <= EXCLUDED.as_of""",
        [{"asset": asset, "price": marks[asset], "source": source, "at": at} for asset in sorted(marks)],
    )


def marks(tx: Tx) -> list[AnyRow]:
    return tx.all("SELECT asset, price, source, as_of FROM broker.marks ORDER BY asset")


def tenants_waiting(tx: Tx, *, limit: int) -> list[UUID]:
    """Whose fills are not accounted yet, among the oldest `limit`; only the engine sees all of them."""
    rows = tx.all(
        """SELECT DISTINCT tenant_id FROM
                  (SELECT tenant_id FROM broker.fills WHERE NOT accounted ORDER BY id LIMIT :limit) f ORDER BY tenant_id""",
        limit=limit,
    )
    return [row.tenant_id for row in rows]


def lock_waiting(tx: Tx, *, quotes: Sequence[str], limit: int) -> list[AnyRow]:
    """The next fills whose quote asset has a mark; a second accountant waits here and then finds them done."""
    return tx.all(
        """SELECT f.id, f.order_id, o.owner_id, f.owner, f.venue, f.symbol, o.side, o.base_asset, o.quote_asset, f.quantity,
                  f.venue_cost, f.customer_cost, f.customer_fee, f.venue_fee, f.venue_fee_asset, f.booked_at
             FROM broker.fills f JOIN broker.orders o ON o.id = f.order_id
            WHERE f.tenant_id = :tenant AND NOT f.accounted AND o.quote_asset = ANY(:quotes)
            ORDER BY f.id LIMIT :limit FOR UPDATE OF f""",
        tenant=tx.tenant_id,
        quotes=list(quotes),
        limit=limit,
    )


def mark_accounted(tx: Tx, fill_ids: Sequence[UUID]) -> None:
    tx.execute(
        "UPDATE broker.fills SET accounted = true WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))",
        tenant=tx.tenant_id,
        ids=list(fill_ids),
    )


def insert_revenue(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    columns = list(rows[0])
    tx.execute_many(
        f"""INSERT INTO broker.revenue (tenant_id, {", ".join(columns)})
            VALUES (:tenant, {", ".join(":" + c for c in columns)})""",
        [{"tenant": tx.tenant_id, **row} for row in rows],
    )


def add_customer_volumes(tx: Tx, sums: Mapping[tuple[UUID, date], tuple[Decimal, int]]) -> None:
    tx.execute_many(
        """INSERT INTO broker.customer_volumes AS v (tenant_id, customer_id, day, volume, fills)
           VALUES (:tenant, :customer, :day, :volume, :fills)
           ON CONFLICT (tenant_id, customer_id, day) DO UPDATE
              SET volume = v.volume + EXCLUDED.volume, fills = v.fills + EXCLUDED.fills""",
        [
            {"tenant": tx.tenant_id, "customer": customer, "day": day, "volume": volume, "fills": fills}
            for (customer, day), (volume, fills) in sorted(sums.items())
        ],
    )


def add_venue_volumes(tx: Tx, sums: Mapping[tuple[str, date], tuple[Decimal, int]]) -> None:
    tx.execute_many(
        """INSERT INTO broker.venue_volumes AS v (tenant_id, venue, day, volume, fills)
           VALUES (:tenant, :venue, :day, :volume, :fills)
           ON CONFLICT (tenant_id, venue, day) DO UPDATE
              SET volume = v.volume + EXCLUDED.volume, fills = v.fills + EXCLUDED.fills""",
        [
            {"tenant": tx.tenant_id, "venue": venue, "day": day, "volume": volume, "fills": fills}
            for (venue, day), (volume, fills) in sorted(sums.items())
        ],
    )


def positions(tx: Tx) -> dict[str, Position]:
    rows = tx.all(
        "SELECT asset, quantity, cost, realised FROM broker.positions WHERE tenant_id = :tenant", tenant=tx.tenant_id
    )
    return {row.asset: Position(row.quantity, row.cost, row.realised) for row in rows}


def put_positions(tx: Tx, held: Mapping[str, Position]) -> None:
    tx.execute_many(
        """INSERT INTO broker.positions (tenant_id, asset, quantity, cost, realised, updated_at)
           VALUES (:tenant, :asset, :quantity, :cost, :realised, :now)
           ON CONFLICT (tenant_id, asset) DO UPDATE
              SET quantity = EXCLUDED.quantity, cost = EXCLUDED.cost, realised = EXCLUDED.realised, updated_at = EXCLUDED.updated_at""",
        [
            {"tenant": tx.tenant_id, "asset": asset, "quantity": held[asset].quantity, "cost": held[asset].cost,
             "realised": held[asset].realised, "now": tx.now}
            for asset in sorted(held)
        ],
    )  # fmt: skip


def value_late_fees(tx: Tx) -> int:
    """Fees that were booked before their asset had a mark get their worth; positions keep what they were taken in at."""
    return len(
        tx.all(
            """UPDATE broker.revenue r SET fee_mark = m.price, venue_fee_value = round(r.venue_fee * m.price, 12)
                 FROM broker.marks m WHERE r.venue_fee_value IS NULL AND m.asset = r.fee_asset RETURNING r.fill_id"""
        )
    )


_KEYS = {
    "order": "CAST(order_id AS text)",
    "venue": "venue",
    "symbol": "symbol",
    "day": "CAST(CAST(booked_at AT TIME ZONE 'UTC' AS date) AS text)",
}
_SUMS = """count(*) AS fills, coalesce(sum(volume), 0) AS volume, coalesce(sum(trade_fee_value), 0) AS trade_fees,
       coalesce(sum(spread_value), 0) AS spread, coalesce(sum(venue_fee_value), 0) AS venue_fees,
       count(*) FILTER (WHERE venue_fee_value IS NULL) AS without_worth"""
_PERIOD = "tenant_id = :tenant AND booked_at >= :start AND booked_at < :end"


def grouped(
    tx: Tx, *, by: str, start: datetime, end: datetime, order: UUID | None, after: str, limit: int
) -> list[AnyRow]:
    """Sums per order, venue, symbol or day, in the order of that key."""
    key = _KEYS[by]
    return tx.all(
        f"""SELECT {key} AS key, {_SUMS} FROM broker.revenue
             WHERE {_PERIOD} AND (CAST(:order AS uuid) IS NULL OR order_id = :order) AND {key} > :after
             GROUP BY 1 ORDER BY 1 LIMIT :limit""",
        tenant=tx.tenant_id,
        start=start,
        end=end,
        order=order,
        after=after,
        limit=limit,
    )


def totals(tx: Tx, *, start: datetime, end: datetime) -> AnyRow:
    return tx.one(f"SELECT {_SUMS} FROM broker.revenue WHERE {_PERIOD}", tenant=tx.tenant_id, start=start, end=end)


def waiting(tx: Tx) -> int:
    """Fills that have no line yet."""
    return int(
        tx.scalar("SELECT count(*) FROM broker.fills WHERE tenant_id = :tenant AND NOT accounted", tenant=tx.tenant_id)
    )


def by_asset(tx: Tx, *, start: datetime, end: datetime) -> list[AnyRow]:
    """Per asset, as the lines of revenue have it and as the ledger's accounts have it, for the journals of these fills."""
    return tx.all(
        f"""WITH period AS (SELECT * FROM broker.revenue WHERE {_PERIOD}),
            lines AS (
                SELECT quote_asset AS asset, trade_fee, spread, 0 AS venue_fee FROM period
                UNION ALL SELECT fee_asset, 0, 0, venue_fee FROM period),
            booked AS (
                SELECT split_part(a.path, ':', 2) AS asset, split_part(a.path, ':', 1) AS account, e.amount
                  FROM (SELECT DISTINCT f.journal_id FROM period p JOIN broker.fills f ON f.id = p.fill_id) j
                  JOIN payments.entries e ON e.journal_id = j.journal_id
                  JOIN payments.accounts a ON a.account_id = e.account_id
                 WHERE a.path LIKE ANY (ARRAY['revenue.trade\\_fee:%', 'revenue.spread:%', 'expense.venue\\_fee:%']))
            SELECT asset, sum(trade_fee) AS trade_fee, sum(spread) AS spread, sum(venue_fee) AS venue_fee,
                   coalesce((SELECT sum(b.amount) FROM booked b WHERE b.asset = l.asset AND b.account = 'revenue.trade_fee'), 0)
                       AS ledger_trade_fee,
                   coalesce((SELECT sum(b.amount) FROM booked b WHERE b.asset = l.asset AND b.account = 'revenue.spread'), 0)
                       AS ledger_spread,
                   coalesce((SELECT -sum(b.amount) FROM booked b WHERE b.asset = l.asset AND b.account = 'expense.venue_fee'), 0)
                       AS ledger_venue_fee
              FROM lines l GROUP BY asset ORDER BY asset""",
        tenant=tx.tenant_id,
        start=start,
        end=end,
    )


def unbooked_fees(tx: Tx, *, start: datetime, end: datetime) -> list[AnyRow]:
    """Fees that venues listed in assets which our books do not keep; reconciliation has their trades."""
    return tx.all(
        """SELECT t.venue, t.fee_asset AS asset, sum(t.fee) AS amount, count(*) AS trades FROM broker.venue_trades t
            WHERE t.tenant_id = :tenant AND t.executed_at >= :start AND t.executed_at < :end AND t.fee <> 0
              AND NOT EXISTS (SELECT FROM payments.assets a WHERE a.code = t.fee_asset)
            GROUP BY 1, 2 ORDER BY 1, 2""",
        tenant=tx.tenant_id,
        start=start,
        end=end,
    )


def venue_volumes(tx: Tx, *, days: int) -> dict[str, Decimal]:
    """What we traded at each venue today and on the days before."""
    rows = tx.all(
        """SELECT venue, sum(volume) AS volume FROM broker.venue_volumes
            WHERE tenant_id = :tenant AND day > CAST(CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS date) - CAST(:days AS integer)
            GROUP BY venue""",
        tenant=tx.tenant_id,
        now=tx.now,
        days=days,
    )
    return {row.venue: row.volume for row in rows}


def venue_fees_paid(tx: Tx, *, since: datetime) -> dict[str, Decimal]:
    rows = tx.all(
        """SELECT venue, coalesce(sum(venue_fee_value), 0) AS paid FROM broker.revenue
            WHERE tenant_id = :tenant AND booked_at >= :since GROUP BY venue""",
        tenant=tx.tenant_id,
        since=since,
    )
    return {row.venue: row.paid for row in rows}


def assets_without_mark(tx: Tx, *, own: str) -> list[str]:
    """Assets that venues took fees in and whose mark does not come from `own`: somebody else must be asked what they are worth."""
    rows = tx.all(
        """SELECT asset FROM broker.marks WHERE source <> :own
            UNION SELECT fee_asset FROM broker.revenue WHERE venue_fee_value IS NULL ORDER BY asset""",
        own=own,
    )
    return [row.asset for row in rows]
