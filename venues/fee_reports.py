"""What venues report as the fees of our account: kept by the engine, learned by every process that plans orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from kernel import db, log
from kernel.db import AnyRow, Tx
from venues import fees
from venues.gateway import VenueFees

HIGHEST, LOWEST = Decimal("0.05"), Decimal("-0.01")
_log = log.get("venues")

_PUT = """
INSERT INTO venues.fee_reports AS r (tenant_id, venue, symbol, maker, taker, volume, changed_at, reported_at)
VALUES (:tenant, :venue, :symbol, :maker, :taker, :volume, now(), now())
ON CONFLICT (tenant_id, venue, symbol) DO UPDATE
   SET maker = EXCLUDED.maker, taker = EXCLUDED.taker, volume = EXCLUDED.volume, reported_at = EXCLUDED.reported_at,
       changed_at = CASE WHEN (r.maker, r.taker) = (EXCLUDED.maker, EXCLUDED.taker) THEN r.changed_at ELSE EXCLUDED.changed_at END
"""


def store(tenant: UUID, *, venue: str, reported: Mapping[str, VenueFees]) -> int:
    """Keep what a venue said per market; rates that nobody can mean are logged and left out. Returns how many were kept."""
    sane = {s: f for s, f in reported.items() if all(LOWEST <= rate <= HIGHEST for rate in (f.maker, f.taker))}
    if len(sane) < len(reported):
        _log.error("venue_fees_not_believed", venue=venue, symbols=sorted(reported.keys() - sane.keys()))
    rows = [
        {"tenant": tenant, "venue": venue, "symbol": symbol, "maker": f.maker, "taker": f.taker, "volume": f.volume}
        for symbol, f in sorted(sane.items())
    ]
    with db.transaction(tenant=tenant) as tx:
        tx.execute_many(_PUT, rows)
    return len(rows)


def every(tx: Tx) -> list[AnyRow]:
    return tx.all(
        """SELECT venue, symbol, maker, taker, volume, changed_at, reported_at FROM venues.fee_reports
            WHERE tenant_id = :tenant ORDER BY venue, symbol""",
        tenant=tx.tenant_id,
    )


def learn(tenant: UUID) -> None:
    """Plan with what the venues of this tenant reported from now on: the dearest market of each counts. No transaction may be open."""
    with db.read_only(tenant=tenant) as tx:
        rows = tx.all(
            """SELECT venue, greatest(max(taker), 0) AS taker FROM venues.fee_reports
                WHERE tenant_id = :tenant GROUP BY venue""",
            tenant=tenant,
        )
    fees.learn({row.venue: row.taker for row in rows})
