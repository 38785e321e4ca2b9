"""One function, one statement on funds, alerts and refreshes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class Funds:
    """One row per venue and asset; `reported_*` is what the venue said at `reported_at`."""

    venue: str
    asset: str
    reported_free: Decimal
    reported_total: Decimal
    reported_at: datetime | None
    reserved: Decimal


_COLUMNS = "venue, asset, reported_free, reported_total, reported_at, reserved"


def lock(tx: Tx, *, venue: str, asset: str) -> Funds | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM wallet_bridge.funds WHERE tenant_id = :tenant AND venue = :venue AND asset = :asset FOR NO KEY UPDATE",
        tenant=tx.tenant_id,
        venue=venue,
        asset=asset,
    )
    return Funds(*row) if row is not None else None


def change_reserved(tx: Tx, *, venue: str, asset: str, by: Decimal) -> None:
    tx.execute(
        "UPDATE wallet_bridge.funds SET reserved = reserved + :by WHERE tenant_id = :tenant AND venue = :venue AND asset = :asset",
        tenant=tx.tenant_id,
        venue=venue,
        asset=asset,
        by=by,
    )


def upsert_reported(tx: Tx, *, venue: str, rows: Sequence[dict[str, Any]]) -> None:
    """`rows`: asset, free, total; written in asset order, so that two reporters never wait for each other in a circle."""
    tx.execute_many(
        """INSERT INTO wallet_bridge.funds AS f (tenant_id, venue, asset, reported_free, reported_total, reported_at)
           VALUES (:tenant, :venue, :asset, :free, :total, now())
           ON CONFLICT (tenant_id, venue, asset) DO UPDATE
              SET reported_free = EXCLUDED.reported_free, reported_total = EXCLUDED.reported_total, reported_at = now()""",
        [{"tenant": tx.tenant_id, "venue": venue, **row} for row in sorted(rows, key=lambda row: str(row["asset"]))],
    )


def all_funds(tx: Tx) -> list[Funds]:
    return [
        Funds(*row)
        for row in tx.all(
            f"SELECT {_COLUMNS} FROM wallet_bridge.funds WHERE tenant_id = :tenant ORDER BY venue, asset",
            tenant=tx.tenant_id,
        )
    ]


def want_refresh(tx: Tx, *, venue: str) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.refreshes (tenant_id, venue) VALUES (:tenant, :venue)
           ON CONFLICT (tenant_id, venue) DO NOTHING""",
        tenant=tx.tenant_id,
        venue=venue,
    )


def take_refreshes(tx: Tx) -> list[str]:
    """The venues that somebody wants read again; taking them clears the wish."""
    return [
        row.venue
        for row in tx.all(
            "DELETE FROM wallet_bridge.refreshes WHERE tenant_id = :tenant RETURNING venue", tenant=tx.tenant_id
        )
    ]


def upsert_wallet_report(tx: Tx, *, wallet: str, asset: str, reported: Decimal, free: Decimal, original: str) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.wallet_reports (tenant_id, wallet, asset, reported, free, original, reported_at)
           VALUES (:tenant, :wallet, :asset, :reported, :free, :original, now())
           ON CONFLICT (tenant_id, wallet, asset) DO UPDATE
              SET reported = EXCLUDED.reported, free = EXCLUDED.free, original = EXCLUDED.original, reported_at = now()""",
        tenant=tx.tenant_id,
        wallet=wallet,
        asset=asset,
        reported=reported,
        free=free,
        original=original,
    )


def wallet_reports(tx: Tx) -> list[Any]:
    return tx.all(
        """SELECT wallet, asset, reported, free, original, reported_at FROM wallet_bridge.wallet_reports
            WHERE tenant_id = :tenant ORDER BY wallet, asset""",
        tenant=tx.tenant_id,
    )


def houses(tx: Tx) -> list[UUID]:
    rows = tx.all(
        "SELECT tenant_id FROM wallet_bridge.funds UNION SELECT tenant_id FROM wallet_bridge.wallet_reports ORDER BY 1"
    )
    return [row.tenant_id for row in rows]
