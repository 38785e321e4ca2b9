"""One function, one statement on what venues said of our funding lines, and on what our own books say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel import clock
from kernel.arrays import array
from kernel.db import AnyRow, Tx
from kernel.money import canonical
from lending.funding.sources import RETURN
from lending.funding.states import Adapter


@dataclass(frozen=True, slots=True)
class Reading:
    """`taken`: amounts by the venue's numbers."""

    adapter: Adapter
    asset: str
    taken: Mapping[str, Decimal]
    read_at: datetime


def assets(tx: Tx, adapter: Adapter) -> list[str]:
    rows = tx.all(
        "SELECT DISTINCT asset FROM lending.funding_lines WHERE tenant_id = :tenant AND adapter = :adapter ORDER BY 1",
        tenant=tx.tenant_id, adapter=adapter.value,
    )  # fmt: skip
    return [row.asset for row in rows]


def store(tx: Tx, adapter: Adapter, asset: str, taken: Mapping[str, Decimal]) -> None:
    tx.execute(
        """INSERT INTO lending.funding_readings (tenant_id, adapter, asset, taken, read_at)
           VALUES (:tenant, :adapter, :asset, CAST(:taken AS jsonb), :at)
           ON CONFLICT (tenant_id, adapter, asset) DO UPDATE SET taken = excluded.taken, read_at = excluded.read_at""",
        tenant=tx.tenant_id, adapter=adapter.value, asset=asset, at=clock.wall(),
        taken=json.dumps({ref: canonical(amount) for ref, amount in sorted(taken.items())}),
    )  # fmt: skip


def newest(tx: Tx) -> list[Reading]:
    rows = tx.all(
        "SELECT adapter, asset, taken, read_at FROM lending.funding_readings WHERE tenant_id = :tenant ORDER BY adapter, asset",
        tenant=tx.tenant_id,
    )
    return [
        Reading(Adapter(row.adapter), row.asset, {ref: Decimal(text) for ref, text in row.taken.items()}, row.read_at)
        for row in rows
    ]


def booked(tx: Tx) -> Sequence[AnyRow]:
    """What each line says and what the ledger says of it, in one snapshot: a draw that commits meanwhile is in both or in neither."""
    return tx.all(
        """SELECT l.id, l.name, l.adapter, l.source, l.asset, l.drawn, l.accrued, l.accrued_through,
                  coalesce(p.posted, 0) AS payable, coalesce(i.posted, 0) AS interest, under_way.moves > 0 AS moving, out.refs
             FROM lending.funding_lines l
             LEFT JOIN LATERAL (SELECT x.posted FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
                                 WHERE a.tenant_id = l.tenant_id AND a.realm = 'REAL'
                                   AND a.path = 'funding.payable.' || l.id || ':' || l.asset) p ON true
             LEFT JOIN LATERAL (SELECT x.posted FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
                                 WHERE a.tenant_id = l.tenant_id AND a.realm = 'REAL'
                                   AND a.path = 'funding.interest.' || l.id || ':' || l.asset) i ON true
            CROSS JOIN LATERAL (SELECT count(*) AS moves FROM lending.funding_moves m
                                 WHERE m.line_id = l.id AND m.status IN ('asked', 'unknown')) under_way
            CROSS JOIN LATERAL (SELECT coalesce(array_agg(ref), '{}') AS refs
                                  FROM lending.funding_moves m CROSS JOIN LATERAL unnest(m.taken_refs) ref
                                 WHERE m.line_id = l.id AND m.kind = 'draw' AND m.status = 'done') out
            WHERE l.tenant_id = :tenant ORDER BY l.name""",
        tenant=tx.tenant_id,
    )


def going_back(tx: Tx, refs: Sequence[str], *, since: datetime) -> set[str]:
    """Of these numbers those whose return is asked for, or was done after this moment."""
    rows = tx.all(
        """SELECT DISTINCT payload ->> 'ref' AS ref FROM kernel.calls
            WHERE tenant_id = :tenant AND kind = :kind AND payload ->> 'ref' = ANY(CAST(:refs AS text[]))
              AND (settled_at IS NULL OR settled_at >= :since)""",
        tenant=tx.tenant_id, kind=RETURN, refs=array(refs), since=since,
    )  # fmt: skip
    return {row.ref for row in rows}
