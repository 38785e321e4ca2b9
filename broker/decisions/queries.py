"""One function, one statement on decisions and on the venue orders they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.decisions.states import DECISION, DecisionStatus
from kernel.db import AnyRow, Tx

_DECISION = (
    """id, venue_order_id, verdict, fills, evidence, status, proposed_by, confirmed_by, created_at, updated_at"""
)
_WAITING = """
SELECT v.id, v.order_id, v.venue, v.symbol, v.side, v.quantity, v.filled_quantity, v.limit_price, v.client_order_id, v.status,
       k.id AS call_id, k.sent_at, k.asked, k.negatives, k.outcome,
       (SELECT d.id FROM broker.decisions d WHERE d.venue_order_id = v.id AND d.status IN ('proposed', 'confirmed')) AS decision_id
  FROM kernel.calls k JOIN broker.venue_orders v ON v.client_order_id = k.ref AND k.lane = v.venue || ':' || v.tenant_id
 WHERE k.state = 'manual' AND k.kind = 'venues.place' AND v.tenant_id = :tenant
"""


def waiting(tx: Tx) -> list[AnyRow]:
    """Venue orders that wait for a person, oldest first."""
    return tx.all(_WAITING + " ORDER BY v.id", tenant=tx.tenant_id)


def waiting_one(tx: Tx, venue_order_id: UUID) -> AnyRow | None:
    return tx.first(_WAITING + " AND v.id = :id", tenant=tx.tenant_id, id=venue_order_id)


def venue_order_exists(tx: Tx, venue_order_id: UUID) -> bool:
    found = tx.scalar(
        "SELECT true FROM broker.venue_orders WHERE id = :id AND tenant_id = :tenant",
        id=venue_order_id,
        tenant=tx.tenant_id,
    )
    return found is not None


def insert(
    tx: Tx,
    *,
    decision_id: UUID,
    venue_order_id: UUID,
    verdict: str,
    fills: list[dict[str, Any]],
    evidence: str,
    proposed_by: UUID,
) -> bool:
    """False when another decision about the venue order is open."""
    row = tx.first(
        """INSERT INTO broker.decisions
               (id, tenant_id, venue_order_id, verdict, fills, evidence, status, proposed_by, created_at, updated_at)
           VALUES (:id, :tenant, :venue_order, :verdict, CAST(:fills AS jsonb), :evidence, 'proposed', :by, :now, :now)
           ON CONFLICT (venue_order_id) WHERE status IN ('proposed', 'confirmed') DO NOTHING RETURNING id""",
        id=decision_id,
        tenant=tx.tenant_id,
        venue_order=venue_order_id,
        verdict=verdict,
        fills=json.dumps(fills),
        evidence=evidence,
        by=proposed_by,
        now=tx.now,
    )
    return row is not None


def get(tx: Tx, decision_id: UUID) -> AnyRow | None:
    return tx.first(
        f"SELECT {_DECISION} FROM broker.decisions WHERE id = :id AND tenant_id = :tenant",
        id=decision_id,
        tenant=tx.tenant_id,
    )


def move(tx: Tx, decision_id: UUID, to: DecisionStatus, *, confirmed_by: UUID | None = None) -> bool:
    row = tx.first(
        """UPDATE broker.decisions SET status = :to, confirmed_by = coalesce(:by, confirmed_by), updated_at = :now
            WHERE id = :id AND tenant_id = :tenant AND status = ANY(:sources) RETURNING id""",
        id=decision_id,
        tenant=tx.tenant_id,
        to=to.value,
        by=confirmed_by,
        now=tx.now,
        sources=DECISION.sources(to),
    )
    return row is not None


def confirmed(tx: Tx) -> list[AnyRow]:
    """Decisions of all tenants that are to be carried out, with the call and the venue order they are about."""
    return tx.all(
        """SELECT d.id, d.tenant_id, d.verdict, d.fills, v.id AS child_id, v.order_id, v.quantity, v.client_order_id,
                  k.id AS call_id, k.state AS call_state
             FROM broker.decisions d JOIN broker.venue_orders v ON v.id = d.venue_order_id
             JOIN kernel.calls k ON k.kind = 'venues.place' AND k.ref = v.client_order_id AND k.lane = v.venue || ':' || v.tenant_id
            WHERE d.status = 'confirmed' ORDER BY d.id LIMIT 100"""
    )


def booked(tx: Tx, venue_order_id: UUID) -> dict[str, Decimal]:
    """Quantities by trade of what was booked for a venue order."""
    rows = tx.all(
        "SELECT trade_id, quantity FROM broker.executions WHERE tenant_id = :tenant AND child_id = :id",
        tenant=tx.tenant_id,
        id=venue_order_id,
    )
    return {row.trade_id: row.quantity for row in rows}


def booked_elsewhere(tx: Tx, venue: str, symbol: str, venue_order_id: UUID, trades: Sequence[str]) -> bool:
    """Whether one of these trades was booked for another venue order."""
    found = tx.scalar(
        """SELECT EXISTS (SELECT 1 FROM broker.executions WHERE tenant_id = :tenant AND venue = :venue AND symbol = :symbol
                             AND trade_id = ANY(:trades) AND child_id <> :id)""",
        tenant=tx.tenant_id,
        venue=venue,
        symbol=symbol,
        id=venue_order_id,
        trades=list(trades),
    )
    return bool(found)
