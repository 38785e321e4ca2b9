"""One function, one statement on limits and on what counts against them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx

_COLUMNS = "scope, target, per_order, per_day, outstanding, actor, updated_at"


def of_customer(tx: Tx, customer: UUID) -> AnyRow | None:
    """The customer's own limits, else everybody's."""
    return tx.first(
        f"""SELECT {_COLUMNS} FROM broker.trading_limits
             WHERE tenant_id = :tenant AND scope = 'customer' AND target IN (:customer, '') ORDER BY target DESC LIMIT 1""",
        tenant=tx.tenant_id, customer=str(customer),
    )  # fmt: skip


def of_venues(tx: Tx) -> list[AnyRow]:
    """Limits of venues, of all tenants for the engine without one."""
    return tx.all(
        "SELECT tenant_id, target, outstanding FROM broker.trading_limits WHERE scope = 'venue' AND outstanding IS NOT NULL"
    )


def all_limits(tx: Tx) -> list[AnyRow]:
    return tx.all(
        f"SELECT {_COLUMNS} FROM broker.trading_limits WHERE tenant_id = :tenant ORDER BY scope, target",
        tenant=tx.tenant_id,
    )


def one(tx: Tx, *, scope: str, target: str) -> AnyRow | None:
    """Locked, for who is about to change it."""
    return tx.first(
        "SELECT per_order, per_day, outstanding FROM broker.trading_limits"
        " WHERE tenant_id = :tenant AND scope = :scope AND target = :target FOR UPDATE",
        tenant=tx.tenant_id, scope=scope, target=target,
    )  # fmt: skip


def store(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(
        """INSERT INTO broker.trading_limits (tenant_id, scope, target, per_order, per_day, outstanding, actor, updated_at)
           VALUES (:tenant, :scope, :target, :per_order, :per_day, :outstanding, :actor, :now)
           ON CONFLICT (tenant_id, scope, target) DO UPDATE SET per_order = :per_order, per_day = :per_day,
               outstanding = :outstanding, actor = :actor, updated_at = :now""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip


def remove(tx: Tx, *, scope: str, target: str) -> None:
    tx.execute(
        "DELETE FROM broker.trading_limits WHERE tenant_id = :tenant AND scope = :scope AND target = :target",
        tenant=tx.tenant_id, scope=scope, target=target,
    )  # fmt: skip


def one_at_a_time(tx: Tx, name: str) -> None:
    """Whoever counts against this limit waits for the others' commits."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:name, 20))", name=f"{tx.tenant_id}:{name}")


def placed_today(tx: Tx, owner: UUID, *, except_order: UUID) -> list[AnyRow]:
    """A customer's orders of this business day (UTC) by market and side: what was paid for, and what is still open at worst."""
    return tx.all(
        """SELECT base_asset, quote_asset, side, sum(filled_cost) AS filled, sum(rest) AS open_quantity,
                  sum(rest * protect_price) AS open_cost
             FROM broker.orders, LATERAL (SELECT CASE WHEN status IN ('accepted', 'resting', 'triggered', 'working')
                                                 THEN quantity - filled_quantity ELSE 0 END AS rest) still
            WHERE tenant_id = :tenant AND owner_id = :owner AND id <> :order
              AND created_at >= date_trunc('day', CAST(:now AS timestamptz), 'UTC')
            GROUP BY base_asset, quote_asset, side""",
        tenant=tx.tenant_id, owner=owner, order=except_order, now=tx.now,
    )  # fmt: skip


def outstanding(tx: Tx, *, tenant: UUID | None) -> list[AnyRow]:
    """What is on its way at each venue and not filled, by market."""
    return tx.all(
        """SELECT tenant_id, venue, symbol, sum((quantity - filled_quantity) * limit_price) AS worth FROM broker.venue_orders
            WHERE status IN ('intent', 'unknown', 'open', 'partially_filled')
              AND (CAST(:tenant AS uuid) IS NULL OR tenant_id = :tenant)
            GROUP BY tenant_id, venue, symbol""",
        tenant=tenant,
    )
