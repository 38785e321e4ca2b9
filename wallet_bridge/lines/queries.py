"""One function, one statement on lines and on what leaves a place in an hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from wallet_bridge.lines.rules import Line
from wallet_bridge.lines.states import Unit


@dataclass(frozen=True, slots=True)
class LineRow:
    """A version of a line; `set_by` None: the house's default."""

    id: UUID
    location: str
    asset: str
    version: int
    line: Line
    set_by: UUID | None
    set_at: datetime


_COLUMNS = "id, location, asset, version, unit, warning, critical, set_by, set_at"


def _line(row: AnyRow) -> LineRow:
    line = Line(Unit(row.unit), row.warning, row.critical)
    return LineRow(row.id, row.location, row.asset, row.version, line, row.set_by, row.set_at)


def lock(tx: Tx) -> None:
    """Two lines of one tenant are set one after the other, so that versions count up."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtext('wallet_bridge.lines'), hashtext(:tenant))", tenant=str(tx.tenant_id)
    )


def current(tx: Tx) -> list[LineRow]:
    rows = tx.all(
        f"""SELECT DISTINCT ON (location, asset) {_COLUMNS} FROM wallet_bridge.lines
             WHERE tenant_id = :tenant ORDER BY location, asset, version DESC""",
        tenant=tx.tenant_id,
    )
    return [_line(row) for row in rows]


def newest(tx: Tx, *, location: str, asset: str) -> LineRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM wallet_bridge.lines WHERE tenant_id = :tenant AND location = :location AND asset = :asset"
        " ORDER BY version DESC LIMIT 1",
        tenant=tx.tenant_id,
        location=location,
        asset=asset,
    )
    return None if row is None else _line(row)


def get(tx: Tx, line_id: UUID) -> LineRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM wallet_bridge.lines WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=line_id,
    )
    return None if row is None else _line(row)


def versions(tx: Tx, *, location: str, asset: str, limit: int) -> list[LineRow]:
    """The newest first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM wallet_bridge.lines WHERE tenant_id = :tenant AND location = :location AND asset = :asset"
        " ORDER BY version DESC LIMIT :limit",
        tenant=tx.tenant_id,
        location=location,
        asset=asset,
        limit=limit,
    )
    return [_line(row) for row in rows]


def insert(tx: Tx, row: LineRow) -> None:
    tx.execute(
        f"""INSERT INTO wallet_bridge.lines (tenant_id, {_COLUMNS})
            VALUES (:tenant, :id, :location, :asset, :version, :unit, :warning, :critical, :set_by, :set_at)""",
        tenant=tx.tenant_id,
        id=row.id,
        location=row.location,
        asset=row.asset,
        version=row.version,
        unit=row.line.unit.value,
        warning=row.line.warning,
        critical=row.line.critical,
        set_by=row.set_by,
        set_at=row.set_at,
    )


def locations(tx: Tx) -> set[str]:
    """Places that somebody has reported of."""
    rows = tx.all(
        """SELECT 'venue:' || venue AS location FROM wallet_bridge.funds WHERE tenant_id = :tenant
            UNION SELECT 'wallet:' || wallet FROM wallet_bridge.wallet_reports WHERE tenant_id = :tenant""",
        tenant=tx.tenant_id,
    )
    return {row.location for row in rows}


def outflows(tx: Tx) -> Mapping[tuple[str, str], Decimal]:
    rows = tx.all(
        "SELECT location, asset, per_hour FROM wallet_bridge.outflows WHERE tenant_id = :tenant", tenant=tx.tenant_id
    )
    return {(row.location, row.asset): row.per_hour for row in rows}


def upsert_outflows(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """`rows`: location, asset, per_hour."""
    tx.execute_many(
        """INSERT INTO wallet_bridge.outflows (tenant_id, location, asset, per_hour, measured_at)
           VALUES (:tenant, :location, :asset, :per_hour, :now)
           ON CONFLICT (tenant_id, location, asset) DO UPDATE SET per_hour = EXCLUDED.per_hour, measured_at = EXCLUDED.measured_at""",
        [{"tenant": tx.tenant_id, "now": tx.now, **row} for row in rows],
    )
