"""One function, one statement on fee schedules, overrides and the volumes of customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.fees.rules import VOLUME_DAYS, Rates, Tier
from kernel.db import AnyRow, Tx


def tiers_in_force(tx: Tx) -> list[Tier]:
    """The tiers of the newest schedule whose time has come; none where the tenant has never published one."""
    rows = tx.all(
        """SELECT t.tier, t.min_volume, t.maker, t.taker FROM broker.fee_tiers t
            WHERE t.tenant_id = :tenant AND t.schedule_id =
                  (SELECT s.id FROM broker.fee_schedules s WHERE s.tenant_id = :tenant AND s.valid_from <= :now
                    ORDER BY s.valid_from DESC, s.id DESC LIMIT 1)
            ORDER BY t.tier""",
        tenant=tx.tenant_id,
        now=tx.now,
    )
    return [Tier(row.tier, row.min_volume, Rates(row.maker, row.taker)) for row in rows]


_SCHEDULE = """
SELECT s.id, s.valid_from, s.reason, s.created_by, s.created_at,
       (SELECT json_agg(json_build_object('tier', t.tier, 'min_volume', CAST(t.min_volume AS text), 'maker', CAST(t.maker AS text),
                                          'taker', CAST(t.taker AS text)) ORDER BY t.tier)
          FROM broker.fee_tiers t WHERE t.schedule_id = s.id) AS tiers
  FROM broker.fee_schedules s WHERE s.tenant_id = :tenant"""


def schedules(tx: Tx, *, limit: int) -> list[AnyRow]:
    """Newest first, each with its tiers as JSON."""
    return tx.all(f"{_SCHEDULE} ORDER BY s.valid_from DESC, s.id DESC LIMIT :limit", tenant=tx.tenant_id, limit=limit)


def schedule(tx: Tx, schedule_id: UUID) -> AnyRow:
    return tx.one(f"{_SCHEDULE} AND s.id = :id", tenant=tx.tenant_id, id=schedule_id)


def insert_schedule(tx: Tx, *, schedule_id: UUID, valid_from: datetime, reason: str, actor: UUID) -> None:
    tx.execute(
        """INSERT INTO broker.fee_schedules (id, tenant_id, valid_from, reason, created_by, created_at)
           VALUES (:id, :tenant, :valid_from, :reason, :actor, :now)""",
        id=schedule_id,
        tenant=tx.tenant_id,
        valid_from=valid_from,
        reason=reason,
        actor=actor,
        now=tx.now,
    )


def insert_tiers(tx: Tx, *, schedule_id: UUID, tiers: Sequence[Tier]) -> None:
    tx.execute_many(
        """INSERT INTO broker.fee_tiers (schedule_id, tenant_id, tier, min_volume, maker, taker)
           VALUES (:schedule, :tenant, :tier, :min_volume, :maker, :taker)""",
        [
            {"schedule": schedule_id, "tenant": tx.tenant_id, "tier": t.tier, "min_volume": t.min_volume,
             "maker": t.rates.maker, "taker": t.rates.taker}
            for t in tiers
        ],
    )  # fmt: skip


def override_in_force(tx: Tx, *, customer: UUID) -> AnyRow | None:
    """The newest agreement whose time has come, if it has not ended; one without rates ends those before it."""
    return tx.first(
        """SELECT o.id, o.maker, o.taker, o.valid_until FROM
                  (SELECT * FROM broker.fee_overrides WHERE tenant_id = :tenant AND customer_id = :customer AND valid_from <= :now
                    ORDER BY valid_from DESC, id DESC LIMIT 1) o
            WHERE o.maker IS NOT NULL AND (o.valid_until IS NULL OR o.valid_until > :now)""",
        tenant=tx.tenant_id,
        customer=customer,
        now=tx.now,
    )


_OVERRIDE = "id, customer_id, maker, taker, valid_from, valid_until, reason, created_by, created_at"


def overrides(tx: Tx, *, customer: UUID | None, before: UUID | None, limit: int) -> list[AnyRow]:
    return tx.all(
        f"""SELECT {_OVERRIDE} FROM broker.fee_overrides
             WHERE tenant_id = :tenant AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)
               AND (CAST(:before AS uuid) IS NULL OR id < :before)
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        customer=customer,
        before=before,
        limit=limit,
    )


def override(tx: Tx, override_id: UUID) -> AnyRow:
    return tx.one(
        f"SELECT {_OVERRIDE} FROM broker.fee_overrides WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=override_id,
    )


def insert_override(tx: Tx, row: dict[str, Any]) -> None:
    columns = list(row)
    tx.execute(
        f"""INSERT INTO broker.fee_overrides (tenant_id, {", ".join(columns)}, created_at)
            VALUES (:tenant, {", ".join(":" + c for c in columns)}, :now)""",
        tenant=tx.tenant_id,
        now=tx.now,
        **row,
    )


def volume(tx: Tx, *, customer: UUID) -> Decimal:
    """What the customer traded today and on the 29 days before, in the reporting currency; days are UTC, business time."""
    found: Decimal = tx.scalar(
        f"""SELECT coalesce(sum(volume), 0) FROM broker.customer_volumes
             WHERE tenant_id = :tenant AND customer_id = :customer
               AND day > CAST(CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS date) - {VOLUME_DAYS}""",
        tenant=tx.tenant_id,
        customer=customer,
        now=tx.now,
    )
    return found
