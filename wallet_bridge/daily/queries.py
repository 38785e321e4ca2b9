"""Which mornings the channels were told of the day before."""

from __future__ import annotations

from datetime import date

from kernel.db import Tx


def note_told(tx: Tx, day: date) -> bool:
    """False when they were told of it before."""
    row = tx.first(
        "INSERT INTO wallet_bridge.told_days (tenant_id, day, told_at) VALUES (:tenant, :day, :now) ON CONFLICT DO NOTHING RETURNING day",
        tenant=tx.tenant_id,
        day=day,
        now=tx.now,
    )
    return row is not None


def forget(tx: Tx, *, before: date) -> None:
    tx.execute(
        "DELETE FROM wallet_bridge.told_days WHERE tenant_id = :tenant AND day < :before",
        tenant=tx.tenant_id,
        before=before,
    )
