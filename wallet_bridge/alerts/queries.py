"""One function, one statement on alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.db import AnyRow, Tx
from wallet_bridge.alerts.rules import Open
from wallet_bridge.alerts.states import Grade, Kind


@dataclass(frozen=True, slots=True)
class AlertRow:
    """`needed`: the line, or what an order needed; `times`: how often it was met while the alert is open."""

    id: UUID
    location: str
    asset: str
    kind: Kind
    level: Grade
    needed: Decimal | None
    usable: Decimal
    state: str
    times: int
    first_at: datetime
    last_at: datetime
    acked_by: UUID | None
    acked_at: datetime | None
    escalations: int
    escalated_at: datetime | None
    calm_since: datetime | None
    cleared_at: datetime | None

    @property
    def venue(self) -> str | None:
        return self.location.removeprefix("venue:") if self.location.startswith("venue:") else None

    def open(self) -> Open:
        told_at = self.escalated_at or self.first_at
        return Open(self.level, self.calm_since, told_at, self.escalations, self.acked_at is not None)


_COLUMNS = (
    "id, location, asset, kind, level, needed, usable, state, times, first_at, last_at, acked_by, acked_at, escalations, escalated_at,"
    " calm_since, cleared_at"
)


def _alert(row: AnyRow) -> AlertRow:
    return AlertRow(row.id, row.location, row.asset, Kind(row.kind), Grade(row.level), *row[5:])


def upsert(
    tx: Tx,
    *,
    alert_id: UUID,
    location: str,
    asset: str,
    kind: Kind,
    level: Grade,
    needed: Decimal | None,
    usable: Decimal,
) -> AlertRow:
    """One open alert per place, asset and kind; a repeat counts up instead of adding a row."""
    row = tx.one(
        f"""INSERT INTO wallet_bridge.alerts AS a (id, tenant_id, location, asset, kind, level, needed, usable, first_at, last_at)
            VALUES (:id, :tenant, :location, :asset, :kind, :level, :needed, :usable, :now, :now)
            ON CONFLICT (tenant_id, location, asset, kind) WHERE state = 'open' DO UPDATE
               SET times = a.times + 1, last_at = :now, needed = EXCLUDED.needed, usable = EXCLUDED.usable, level = EXCLUDED.level,
                   calm_since = NULL
            RETURNING {_COLUMNS}""",
        id=alert_id,
        tenant=tx.tenant_id,
        location=location,
        asset=asset,
        kind=kind.value,
        level=level.value,
        needed=needed,
        usable=usable,
        now=tx.now,
    )
    return _alert(row)


def lock_open(tx: Tx) -> list[AlertRow]:
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM wallet_bridge.alerts WHERE tenant_id = :tenant AND state = 'open' ORDER BY id FOR NO KEY UPDATE",
        tenant=tx.tenant_id,
    )
    return [_alert(row) for row in rows]


def get(tx: Tx, alert_id: UUID, *, lock: bool = False) -> AlertRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM wallet_bridge.alerts WHERE tenant_id = :tenant AND id = :id"
        + (" FOR NO KEY UPDATE" if lock else ""),
        tenant=tx.tenant_id,
        id=alert_id,
    )
    return None if row is None else _alert(row)


def worsen(tx: Tx, alert_id: UUID, *, level: Grade) -> None:
    """What was acknowledged was a lesser alert."""
    tx.execute(
        """UPDATE wallet_bridge.alerts SET level = :level, calm_since = NULL, escalated_at = :now, escalations = 0, times = times + 1,
                  acked_by = NULL, acked_at = NULL, last_at = :now
            WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant_id,
        id=alert_id,
        level=level.value,
        now=tx.now,
    )


def ease(tx: Tx, alert_id: UUID, *, level: Grade, calm: bool) -> None:
    tx.execute(
        "UPDATE wallet_bridge.alerts SET level = :level, calm_since = CASE WHEN :calm THEN CAST(:now AS timestamptz) END"
        " WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=alert_id,
        level=level.value,
        calm=calm,
        now=tx.now,
    )


def clear(tx: Tx, alert_id: UUID) -> None:
    tx.execute(
        "UPDATE wallet_bridge.alerts SET state = 'cleared', cleared_at = :now, last_at = :now WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=alert_id,
        now=tx.now,
    )


def set_calm(tx: Tx, alert_id: UUID, *, calm: bool) -> None:
    tx.execute(
        "UPDATE wallet_bridge.alerts SET calm_since = CASE WHEN :calm THEN CAST(:now AS timestamptz) END"
        " WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=alert_id,
        calm=calm,
        now=tx.now,
    )


def note_again(tx: Tx, alert_id: UUID) -> None:
    tx.execute(
        "UPDATE wallet_bridge.alerts SET calm_since = NULL, times = times + 1, last_at = :now WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=alert_id,
        now=tx.now,
    )


def note_figures(tx: Tx, alert_id: UUID, *, needed: Decimal | None, usable: Decimal) -> None:
    tx.execute(
        "UPDATE wallet_bridge.alerts SET needed = :needed, usable = :usable WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=alert_id,
        needed=needed,
        usable=usable,
    )


def note_call(tx: Tx, alert_id: UUID) -> None:
    tx.execute(
        "UPDATE wallet_bridge.alerts SET escalations = escalations + 1, escalated_at = :now WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=alert_id,
        now=tx.now,
    )


def acknowledge(tx: Tx, alert_id: UUID, *, by: UUID) -> None:
    tx.execute(
        "UPDATE wallet_bridge.alerts SET acked_by = :by, acked_at = :now WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=alert_id,
        by=by,
        now=tx.now,
    )


def newest(tx: Tx, *, state: str | None, limit: int) -> list[AlertRow]:
    """Open ones first, then by when they last changed."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.alerts
             WHERE tenant_id = :tenant AND (CAST(:state AS text) IS NULL OR state = :state)
             ORDER BY state = 'open' DESC, last_at DESC, id LIMIT :limit""",
        tenant=tx.tenant_id,
        state=state,
        limit=limit,
    )
    return [_alert(row) for row in rows]


def alive_between(tx: Tx, *, since: datetime, until: datetime, limit: int) -> list[AlertRow]:
    """Those that were open at some moment of this time, the oldest first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.alerts
             WHERE tenant_id = :tenant AND first_at < :until AND coalesce(cleared_at, 'infinity') >= :since
             ORDER BY first_at, id LIMIT :limit""",
        tenant=tx.tenant_id,
        since=since,
        until=until,
        limit=limit,
    )
    return [_alert(row) for row in rows]
