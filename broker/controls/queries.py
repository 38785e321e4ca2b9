"""One function, one statement on kill switches and maintenance windows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx

_SWITCH = "id, tenant_id, scope, target, mode, reason, actor, until, created_at, lifted_at, lifted_by, lift_reason, cancelled, swept_at"
_WINDOW = "id, tenant_id, scope, target, starts_at, ends_at, reason, actor, created_at, ended_at, ended_by"


def live_switches(tx: Tx) -> list[AnyRow]:
    """Of the transaction's tenant, of all tenants for the engine without one."""
    return tx.all(
        f"SELECT {_SWITCH} FROM broker.kill_switches WHERE lifted_at IS NULL AND (until IS NULL OR until > :now) ORDER BY id",
        now=tx.now,
    )


def open_windows(tx: Tx) -> list[AnyRow]:
    """Maintenance that goes on or is announced."""
    return tx.all(
        f"SELECT {_WINDOW} FROM broker.maintenance_windows WHERE ended_at IS NULL AND ends_at > :now ORDER BY starts_at, id",
        now=tx.now,
    )


def switches(tx: Tx, *, before: UUID | None, limit: int) -> list[AnyRow]:
    return tx.all(
        f"""SELECT {_SWITCH} FROM broker.kill_switches
             WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, before=before, limit=limit,
    )  # fmt: skip


def switch(tx: Tx, control_id: UUID) -> AnyRow | None:
    return tx.first(
        f"SELECT {_SWITCH} FROM broker.kill_switches WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=control_id,
    )  # fmt: skip


def insert_switch(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(
        """INSERT INTO broker.kill_switches (id, tenant_id, scope, target, mode, reason, actor, until, created_at)
           VALUES (:id, :tenant, :scope, :target, :mode, :reason, :actor, :until, :now)""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip


def lift_switch(tx: Tx, control_id: UUID, *, actor: UUID, reason: str) -> AnyRow | None:
    """None when it is not live any more."""
    return tx.first(
        f"""UPDATE broker.kill_switches SET lifted_at = :now, lifted_by = :actor, lift_reason = :reason
             WHERE tenant_id = :tenant AND id = :id AND lifted_at IS NULL AND (until IS NULL OR until > :now) RETURNING {_SWITCH}""",
        tenant=tx.tenant_id, id=control_id, actor=actor, reason=reason, now=tx.now,
    )  # fmt: skip


def note_sweep(tx: Tx, control_id: UUID, *, cancelled: int, swept: bool) -> None:
    tx.execute(
        """UPDATE broker.kill_switches SET cancelled = cancelled + :cancelled,
                  swept_at = CASE WHEN :swept THEN coalesce(swept_at, :now) ELSE swept_at END
            WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant_id, id=control_id, cancelled=cancelled, swept=swept, now=tx.now,
    )  # fmt: skip


def window(tx: Tx, window_id: UUID) -> AnyRow | None:
    return tx.first(
        f"SELECT {_WINDOW} FROM broker.maintenance_windows WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=window_id,
    )  # fmt: skip


def insert_window(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(
        """INSERT INTO broker.maintenance_windows (id, tenant_id, scope, target, starts_at, ends_at, reason, actor, created_at)
           VALUES (:id, :tenant, :scope, :target, :starts_at, :ends_at, :reason, :actor, :now)""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip


def end_window(tx: Tx, window_id: UUID, *, actor: UUID) -> AnyRow | None:
    """None when it is over."""
    return tx.first(
        f"""UPDATE broker.maintenance_windows SET ended_at = :now, ended_by = :actor
             WHERE tenant_id = :tenant AND id = :id AND ended_at IS NULL AND ends_at > :now RETURNING {_WINDOW}""",
        tenant=tx.tenant_id, id=window_id, actor=actor, now=tx.now,
    )  # fmt: skip


def pauses(tx: Tx) -> list[AnyRow]:
    """Venues that told us to stay away."""
    return tx.all("SELECT venue, until FROM venues.pauses WHERE until > :now ORDER BY venue", now=tx.now)


_OPEN = "('accepted', 'resting', 'triggered', 'working')"


def open_orders(
    tx: Tx, *, symbol: str | None, venue: str | None, owner: UUID | None, limit: int
) -> list[tuple[UUID, UUID]]:
    """(order, owner) of what a cancel_all still has to cancel: open, and not asked to end yet, nor its pair. A venue: the one it names."""
    rows = tx.all(
        f"""SELECT o.id, o.owner_id FROM broker.orders o
             WHERE o.tenant_id = :tenant AND o.status IN {_OPEN} AND o.cancel_requested_at IS NULL
               AND (CAST(:symbol AS text) IS NULL OR o.symbol = :symbol)
               AND (CAST(:owner AS uuid) IS NULL OR o.owner_id = :owner)
               AND (CAST(:venue AS text) IS NULL OR o.venue = :venue)
               AND (o.group_id IS NULL OR NOT EXISTS (SELECT 1 FROM broker.orders twin WHERE twin.group_id = o.group_id
                                                         AND twin.status IN {_OPEN} AND twin.cancel_requested_at IS NOT NULL))
             ORDER BY o.id LIMIT :limit""",
        tenant=tx.tenant_id, symbol=symbol, venue=venue, owner=owner, limit=limit,
    )  # fmt: skip
    return [(row.id, row.owner_id) for row in rows]


def resting_of(tx: Tx, owners: list[UUID], *, buyers: list[UUID]) -> list[UUID]:
    """Resting orders of these customers, and those of `buyers` that buy; of all tenants for the engine."""
    rows = tx.all(
        """SELECT id FROM broker.orders WHERE status = 'resting'
              AND (owner_id = ANY(CAST(:owners AS uuid[])) OR (side = 'buy' AND owner_id = ANY(CAST(:buyers AS uuid[]))))""",
        owners=owners,
        buyers=buyers,
    )
    return [row.id for row in rows]
