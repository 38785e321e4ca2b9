"""One function, one statement on the history of balances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel.db import AnyRow, Tx
from wallet_bridge.lines.states import BalanceLevel


@dataclass(frozen=True, slots=True)
class Sample:
    """What a place held at a moment; `residue` is what of it was too fine for the books."""

    at: datetime
    reported: Decimal | None
    ledger: Decimal
    usable: Decimal
    level: BalanceLevel
    residue: Decimal


def insert(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """`rows`: location, asset, at, reported, ledger, usable, level, residue; a moment that is there already stays."""
    tx.execute_many(
        """INSERT INTO wallet_bridge.balance_history (tenant_id, location, asset, at, reported, ledger, usable, level, residue)
           VALUES (:tenant, :location, :asset, :at, :reported, :ledger, :usable, :level, :residue) ON CONFLICT DO NOTHING""",
        [{"tenant": tx.tenant_id, **row} for row in rows],
    )


def history(tx: Tx, *, location: str, asset: str, since: datetime, until: datetime, step: timedelta) -> list[Sample]:
    """The last sample of each step, in order."""
    rows = tx.all(
        """SELECT DISTINCT ON (date_bin(:step, at, :since)) at, reported, ledger, usable, level, residue
              FROM wallet_bridge.balance_history
            WHERE tenant_id = :tenant AND location = :location AND asset = :asset AND at >= :since AND at < :until
            ORDER BY date_bin(:step, at, :since), at DESC""",
        tenant=tx.tenant_id,
        location=location,
        asset=asset,
        since=since,
        until=until,
        step=step,
    )
    return [_sample(row) for row in rows]


def last_samples(tx: Tx, *, since: datetime, until: datetime) -> dict[tuple[str, str], Sample]:
    """The last one of each balance in this time."""
    rows = tx.all(
        """SELECT DISTINCT ON (location, asset) location, asset, at, reported, ledger, usable, level, residue
              FROM wallet_bridge.balance_history
            WHERE tenant_id = :tenant AND at >= :since AND at < :until ORDER BY location, asset, at DESC""",
        tenant=tx.tenant_id,
        since=since,
        until=until,
    )
    return {(row.location, row.asset): _sample(row) for row in rows}


def _sample(row: AnyRow) -> Sample:
    return Sample(row.at, row.reported, row.ledger, row.usable, BalanceLevel(row.level), row.residue)


def delete_old(tx: Tx, *, before: datetime, limit: int) -> int:
    """Of all tenants (the engine's role)."""
    result = tx.execute(
        "DELETE FROM wallet_bridge.balance_history WHERE (tenant_id, location, asset, at) IN"
        " (SELECT tenant_id, location, asset, at FROM wallet_bridge.balance_history WHERE at < :before LIMIT :limit)",
        before=before,
        limit=limit,
    )
    return int(result.rowcount)
