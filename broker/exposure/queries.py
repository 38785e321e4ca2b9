"""One function, one statement on hedge gaps, daily reports and what the report of a day is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from payments.standing import POSTED

_CLASSES = """
       coalesce(-sum(b.posted) FILTER (WHERE a.kind = 'custody'), 0) AS custody,
       coalesce(-sum(b.posted) FILTER (WHERE a.kind IN ('external', 'in_transit', 'receivable')), 0) AS outside,
       coalesce(sum(b.posted) FILTER (WHERE a.kind IN ('customer', 'pledged', 'liquidation')), 0) AS customers,
       coalesce(sum(b.posted) FILTER (WHERE a.path = 'house.capital:' || s.code), 0) AS capital,
       coalesce(sum(b.posted) FILTER (WHERE a.path = 'house.trading:' || s.code), 0) AS trading,
       coalesce(sum(b.posted) FILTER (WHERE a.kind = 'revenue'), 0) AS earned,
       coalesce(-sum(b.posted) FILTER (WHERE a.kind = 'expense'), 0) AS spent,
       coalesce(sum(b.posted) FILTER (WHERE a.kind IN ('pool', 'suspense') OR (a.kind = 'house'
           AND a.path NOT IN ('house.capital:' || s.code, 'house.trading:' || s.code))), 0) AS other"""
_AT = "SELECT account_id, posted FROM payments.posted_at(CAST(:at AS timestamptz))"


def standings(tx: Tx, *, at: datetime | None) -> list[AnyRow]:
    """The books of the real realm per asset, to the last committed entry or as of a final moment."""
    return tx.all(
        f"""SELECT s.code AS asset, {_CLASSES}
              FROM payments.accounts a
              JOIN payments.assets s USING (asset_id)
              JOIN ({POSTED if at is None else _AT}) b USING (account_id)
             WHERE a.tenant_id = :tenant AND a.realm = 'REAL'
             GROUP BY s.asset_id, s.code ORDER BY s.asset_id""",
        tenant=tx.tenant_id,
        **({} if at is None else {"at": at}),
    )


def trading(tx: Tx) -> dict[str, Decimal]:
    """house.trading per asset, to the last committed entry."""
    rows = tx.all(
        """SELECT s.code AS asset, x.posted FROM payments.accounts a JOIN payments.assets s USING (asset_id)
             CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
            WHERE a.tenant_id = :tenant AND a.realm = 'REAL' AND a.path = 'house.trading:' || s.code""",
        tenant=tx.tenant_id,
    )
    return {row.asset: row.posted for row in rows}


def unknown_children(tx: Tx) -> list[AnyRow]:
    """Orders at venues of which nobody knows what became: what they may still have bought or sold, per market."""
    return tx.all(
        """SELECT symbol, side, count(*) AS orders, sum(quantity - filled_quantity) AS quantity FROM broker.venue_orders
            WHERE tenant_id = :tenant AND status = 'unknown' GROUP BY 1, 2 ORDER BY 1, 2""",
        tenant=tx.tenant_id,
    )


def lock_open_gaps(tx: Tx) -> list[AnyRow]:
    return tx.all(
        """SELECT id, asset, quantity, worst, opened_at FROM broker.hedge_gaps
            WHERE tenant_id = :tenant AND closed_at IS NULL ORDER BY asset FOR UPDATE""",
        tenant=tx.tenant_id,
    )


def gaps(tx: Tx, *, limit: int) -> list[AnyRow]:
    """Open ones first, then the newest."""
    return tx.all(
        """SELECT id, asset, quantity, worst, opened_at, closed_at FROM broker.hedge_gaps
            WHERE tenant_id = :tenant ORDER BY closed_at IS NOT NULL, opened_at DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        limit=limit,
    )


def open_gap(tx: Tx, *, gap_id: UUID, asset: str, quantity: Decimal) -> bool:
    """False when somebody else has just opened it."""
    row = tx.first(
        """INSERT INTO broker.hedge_gaps (id, tenant_id, asset, quantity, worst, opened_at)
           VALUES (:id, :tenant, :asset, :quantity, :quantity, :now)
           ON CONFLICT (tenant_id, asset) WHERE closed_at IS NULL DO NOTHING RETURNING id""",
        id=gap_id,
        tenant=tx.tenant_id,
        asset=asset,
        quantity=quantity,
        now=tx.now,
    )
    return row is not None


def change_gap(tx: Tx, *, gap_id: UUID, quantity: Decimal, worst: Decimal) -> None:
    tx.execute(
        "UPDATE broker.hedge_gaps SET quantity = :quantity, worst = :worst WHERE tenant_id = :tenant AND id = :id",
        id=gap_id,
        tenant=tx.tenant_id,
        quantity=quantity,
        worst=worst,
    )


def close_gap(tx: Tx, *, gap_id: UUID) -> None:
    tx.execute(
        "UPDATE broker.hedge_gaps SET closed_at = :now WHERE tenant_id = :tenant AND id = :id",
        id=gap_id,
        tenant=tx.tenant_id,
        now=tx.now,
    )


def last_reported(tx: Tx) -> date | None:
    found: date | None = tx.scalar(
        "SELECT max(day) FROM broker.exposure_reports WHERE tenant_id = :tenant", tenant=tx.tenant_id
    )
    return found


def first_business_day(tx: Tx) -> date | None:
    """The day of the tenant's first fill."""
    found: date | None = tx.scalar(
        "SELECT CAST(min(booked_at) AT TIME ZONE 'UTC' AS date) FROM broker.fills WHERE tenant_id = :tenant",
        tenant=tx.tenant_id,
    )
    return found


def count_gaps(tx: Tx, *, start: datetime, end: datetime) -> int:
    """Gaps that were open at any moment of the period."""
    return int(
        tx.scalar(
            """SELECT count(*) FROM broker.hedge_gaps
                WHERE tenant_id = :tenant AND opened_at < :end AND (closed_at IS NULL OR closed_at >= :start)""",
            tenant=tx.tenant_id,
            start=start,
            end=end,
        )
    )


def insert_report(tx: Tx, row: dict[str, Any]) -> bool:
    """False when the day has its report already."""
    columns = list(row)
    made = tx.first(
        f"""INSERT INTO broker.exposure_reports (tenant_id, made_at, {", ".join(columns)})
            VALUES (:tenant, :now, {", ".join(":" + c for c in columns)}) ON CONFLICT DO NOTHING RETURNING day""",
        tenant=tx.tenant_id,
        now=tx.now,
        **row,
    )
    return made is not None


def insert_lines(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        columns = list(rows[0])
        tx.execute_many(
            f"""INSERT INTO broker.exposure_lines (tenant_id, {", ".join(columns)})
                VALUES (:tenant, {", ".join(":" + c for c in columns)})""",
            [{"tenant": tx.tenant_id, **row} for row in rows],
        )


def reports(tx: Tx, *, before: date | None, limit: int) -> list[AnyRow]:
    return tx.all(
        """SELECT day, made_at, fills, volume, trade_fees, spread, venue_fees, realised, unrealised, hedge_gaps
             FROM broker.exposure_reports WHERE tenant_id = :tenant AND (CAST(:before AS date) IS NULL OR day < :before)
            ORDER BY day DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        before=before,
        limit=limit,
    )


def lines(tx: Tx, *, days: Sequence[date]) -> list[AnyRow]:
    return tx.all(
        "SELECT * FROM broker.exposure_lines WHERE tenant_id = :tenant AND day = ANY(CAST(:days AS date[])) ORDER BY day, asset",
        tenant=tx.tenant_id,
        days=list(days),
    )
