"""One function, one statement on markets.price_alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.db import AnyRow, Tx
from markets.price_alerts.states import AlertStatus, Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    id: UUID
    tenant_id: UUID
    owner_id: UUID
    symbol: str
    direction: Direction
    price: Decimal
    hysteresis: Decimal
    cooldown_s: int
    repeat: bool
    note: str | None
    status: AlertStatus
    fired: int
    last_fired_at: datetime | None
    last_fired_price: Decimal | None
    created_at: datetime


_COLUMNS = ", ".join(Alert.__dataclass_fields__)
_LIVE = "('new', 'armed', 'waiting')"
_HORIZON = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"


def _alert(row: AnyRow) -> Alert:
    values = {name: getattr(row, name) for name in Alert.__dataclass_fields__}
    return Alert(**values | {"direction": Direction(row.direction), "status": AlertStatus(row.status)})


def lock_owner(tx: Tx, *, owner: UUID) -> None:
    """Two requests of one customer count one after the other."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('markets.price_alerts'), hashtext(:owner))", owner=str(owner))


def count_live(tx: Tx, *, owner: UUID) -> int:
    return int(
        tx.scalar(
            f"""SELECT count(*) FROM markets.price_alerts
                 WHERE tenant_id = :tenant AND owner_id = :owner AND status IN {_LIVE}""",
            tenant=tx.tenant_id,
            owner=owner,
        )
    )


def insert(tx: Tx, alert: Alert) -> None:
    tx.execute(
        """INSERT INTO markets.price_alerts
                  (id, tenant_id, owner_id, symbol, direction, price, hysteresis, cooldown_s, repeat, note, status,
                   created_at, updated_at)
           VALUES (:id, :tenant, :owner, :symbol, :direction, :price, :hysteresis, :cooldown_s, :repeat, :note, :status,
                   :now, :now)""",
        id=alert.id,
        tenant=tx.tenant_id,
        owner=alert.owner_id,
        symbol=alert.symbol,
        direction=alert.direction.value,
        price=alert.price,
        hysteresis=alert.hysteresis,
        cooldown_s=alert.cooldown_s,
        repeat=alert.repeat,
        note=alert.note,
        status=alert.status.value,
        now=alert.created_at,
    )


def find(tx: Tx, *, owner: UUID, alert_id: UUID) -> Alert | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM markets.price_alerts WHERE tenant_id = :tenant AND owner_id = :owner AND id = :id",
        tenant=tx.tenant_id,
        owner=owner,
        id=alert_id,
    )
    return None if row is None else _alert(row)


def page(tx: Tx, *, owner: UUID, symbol: str | None, before: UUID | None, limit: int) -> list[Alert]:
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM markets.price_alerts
             WHERE tenant_id = :tenant AND owner_id = :owner AND status <> 'cancelled'
               AND (CAST(:symbol AS text) IS NULL OR symbol = :symbol)
               AND (CAST(:before AS uuid) IS NULL OR id < :before)
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        owner=owner,
        symbol=symbol,
        before=before,
        limit=limit,
    )
    return [_alert(row) for row in rows]


def cancel(tx: Tx, *, owner: UUID, alert_id: UUID) -> bool:
    row = tx.first(
        """UPDATE markets.price_alerts SET status = 'cancelled', updated_at = :now, xid = pg_current_xact_id()
            WHERE tenant_id = :tenant AND owner_id = :owner AND id = :id AND status <> 'cancelled' RETURNING id""",
        tenant=tx.tenant_id,
        owner=owner,
        id=alert_id,
        now=tx.now,
    )
    return row is not None


# ------------------------------------------------------------------------------------------------------------ the owner
def live(tx: Tx, *, symbol: str) -> tuple[int, list[Alert]]:
    """All live alerts of a market, of all tenants, and the horizon from which `changed` goes on."""
    horizon = int(tx.scalar(_HORIZON))
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM markets.price_alerts WHERE symbol = :symbol AND status IN {_LIVE} ORDER BY id",
        symbol=symbol,
    )
    return horizon, [_alert(row) for row in rows]


def changed(tx: Tx, *, symbol: str, since: int) -> tuple[int, list[Alert]]:
    """Alerts changed by transactions in [since, horizon), and the horizon: nothing appears below it any more."""
    horizon = int(tx.scalar(_HORIZON))
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM markets.price_alerts
             WHERE symbol = :symbol AND xid >= CAST(CAST(:since AS text) AS xid8)
               AND xid < CAST(CAST(:horizon AS text) AS xid8)""",
        symbol=symbol,
        since=since,
        horizon=horizon,
    )
    return horizon, [_alert(row) for row in rows]


def by_id(tx: Tx, ids: Sequence[UUID]) -> list[Alert]:
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM markets.price_alerts WHERE tenant_id = :tenant AND id = ANY(:ids)",
        tenant=tx.tenant_id,
        ids=list(ids),
    )
    return [_alert(row) for row in rows]


def fire(tx: Tx, ids: Sequence[UUID], *, composite: Decimal) -> list[Alert]:
    """Those that are still armed, each once; they wait for the price to come back, or are done."""
    rows = tx.all(
        f"""UPDATE markets.price_alerts
               SET status = CASE WHEN repeat THEN 'waiting' ELSE 'done' END, fired = fired + 1, last_fired_at = :now,
                   last_fired_price = :composite, updated_at = :now, xid = pg_current_xact_id()
             WHERE tenant_id = :tenant AND id = ANY(:ids) AND status = 'armed' RETURNING {_COLUMNS}""",
        tenant=tx.tenant_id,
        ids=list(ids),
        composite=composite,
        now=tx.now,
    )
    return sorted(map(_alert, rows), key=lambda alert: alert.id)


def arm(tx: Tx, ids: Sequence[UUID]) -> list[UUID]:
    """Those whose cool-down is over; the others stay as they are."""
    rows = tx.all(
        """UPDATE markets.price_alerts SET status = 'armed', updated_at = :now, xid = pg_current_xact_id()
            WHERE tenant_id = :tenant AND id = ANY(:ids) AND status IN ('new', 'waiting')
              AND (last_fired_at IS NULL OR last_fired_at + make_interval(secs => cooldown_s) <= :now) RETURNING id""",
        tenant=tx.tenant_id,
        ids=list(ids),
        now=tx.now,
    )
    return [row.id for row in rows]


def hold_back(tx: Tx, ids: Sequence[UUID]) -> list[UUID]:
    """New ones whose price is passed already."""
    rows = tx.all(
        """UPDATE markets.price_alerts SET status = 'waiting', updated_at = :now, xid = pg_current_xact_id()
            WHERE tenant_id = :tenant AND id = ANY(:ids) AND status = 'new' RETURNING id""",
        tenant=tx.tenant_id,
        ids=list(ids),
        now=tx.now,
    )
    return [row.id for row in rows]


def delete_old(tx: Tx, *, before: datetime, limit: int) -> int:
    return int(
        tx.execute(
            """DELETE FROM markets.price_alerts WHERE id IN (
                   SELECT id FROM markets.price_alerts
                    WHERE status IN ('done', 'cancelled') AND updated_at < :before ORDER BY id LIMIT :limit)""",
            before=before,
            limit=limit,
        ).rowcount
    )
