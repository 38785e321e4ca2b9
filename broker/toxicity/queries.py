"""One function, one statement on markouts and customers' classes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.toxicity.states import ToxicityClass
from kernel.db import AnyRow, Tx


def classes(tx: Tx) -> dict[UUID, dict[UUID, ToxicityClass]]:
    """Tenant → customer → class, of those that are not normal; of all tenants for the engine without one."""
    found: defaultdict[UUID, dict[UUID, ToxicityClass]] = defaultdict(dict)
    for row in tx.all("SELECT tenant_id, customer_id, class FROM broker.toxicity WHERE class <> 'normal'"):
        found[row.tenant_id][row.customer_id] = ToxicityClass(row[2])
    return dict(found)


def insert_markouts(tx: Tx, *, event_id: UUID, horizons: Sequence[int], at: datetime, fill: Mapping[str, Any]) -> None:
    """One row per horizon; counted from the venue's time of the execution where the fill is found, else from `at`."""
    tx.execute(
        """INSERT INTO broker.markouts
             (tenant_id, event_id, horizon_s, owner_id, order_id, symbol, side, venue, price, quantity, filled_at, due_at)
           SELECT :tenant, :event, h, :owner_id, :order_id, :symbol, :side, :venue, :price, :quantity, f.at, f.at + make_interval(secs => h)
             FROM unnest(CAST(:horizons AS integer[])) h,
                  (SELECT coalesce(least(max(executed_at), CAST(:at AS timestamptz)), :at) AS at FROM broker.fills
                    WHERE tenant_id = :tenant AND order_id = :order_id AND venue = :venue AND quantity = :quantity) f
           ON CONFLICT DO NOTHING""",
        tenant=tx.tenant_id, event=event_id, horizons=list(horizons), at=at, **fill,
    )  # fmt: skip


def due_symbols(tx: Tx, *, now: datetime) -> list[str]:
    rows = tx.all("SELECT DISTINCT symbol FROM broker.markouts WHERE state = 'waiting' AND due_at <= :now", now=now)
    return [row.symbol for row in rows]


def claim_due(tx: Tx, *, now: datetime, limit: int) -> list[AnyRow]:
    """Lock markouts whose time has come, of all tenants."""
    return tx.all(
        """SELECT tenant_id, event_id, horizon_s, owner_id, symbol, side, price, due_at FROM broker.markouts
            WHERE state = 'waiting' AND due_at <= :now ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED""",
        now=now, limit=limit,
    )  # fmt: skip


def settle(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    tx.execute_many(
        """UPDATE broker.markouts SET state = :state, measured_at = :at, reference = :reference, markout = :markout
            WHERE tenant_id = :tenant AND event_id = :event AND horizon_s = :horizon""",
        rows,
    )


def recent(tx: Tx, *, tenant: UUID, owner: UUID, horizon_s: int, limit: int) -> list[tuple[Decimal, Decimal]]:
    """(markout, value of the fill) of a customer's latest measured fills."""
    rows = tx.all(
        """SELECT markout, price * quantity AS value FROM broker.markouts
            WHERE tenant_id = :tenant AND owner_id = :owner AND horizon_s = :horizon AND state = 'measured'
            ORDER BY filled_at DESC LIMIT :limit""",
        tenant=tenant, owner=owner, horizon=horizon_s, limit=limit,
    )  # fmt: skip
    return [(row.markout, row.value) for row in rows]


def lock_class(tx: Tx, *, tenant: UUID, customer: UUID) -> AnyRow | None:
    return tx.first(
        """SELECT class AS class_, measured_class, fills, override_by FROM broker.toxicity
            WHERE tenant_id = :tenant AND customer_id = :customer FOR UPDATE""",
        tenant=tenant, customer=customer,
    )  # fmt: skip


def store_measured(
    tx: Tx, *, tenant: UUID, customer: UUID, measured: ToxicityClass, scores: Mapping[str, Any], fills: int
) -> None:
    """What was measured; the class follows it unless a person decided otherwise."""
    tx.execute(
        """INSERT INTO broker.toxicity AS t (tenant_id, customer_id, class, measured_class, scores, fills, updated_at)
           VALUES (:tenant, :customer, :class, :class, CAST(:scores AS jsonb), :fills, :now)
           ON CONFLICT (tenant_id, customer_id) DO UPDATE SET measured_class = :class, scores = CAST(:scores AS jsonb), fills = :fills,
               updated_at = :now, class = CASE WHEN t.override_by IS NULL THEN :class ELSE t.class END""",
        tenant=tenant, customer=customer, scores=json.dumps(scores), fills=fills, now=tx.now, **{"class": measured.value},
    )  # fmt: skip


def store_override(tx: Tx, *, customer: UUID, chosen: ToxicityClass | None, reason: str | None, actor: UUID) -> None:
    """A person's decision, or None to follow what is measured again."""
    tx.execute(
        """INSERT INTO broker.toxicity AS t
             (tenant_id, customer_id, class, measured_class, scores, fills, override_reason, override_by, updated_at)
           VALUES (:tenant, :customer, coalesce(:chosen, 'normal'), 'normal', '{}', 0, :reason, :actor, :now)
           ON CONFLICT (tenant_id, customer_id) DO UPDATE
              SET class = coalesce(:chosen, t.measured_class), override_reason = :reason, override_by = :actor, updated_at = :now""",
        tenant=tx.tenant_id, customer=customer, chosen=chosen and chosen.value, reason=reason,
        actor=actor if chosen is not None else None, now=tx.now,
    )  # fmt: skip


def page(tx: Tx, *, after: UUID | None, limit: int, only: str | None) -> list[AnyRow]:
    return tx.all(
        """SELECT customer_id, class AS class_, measured_class, scores, fills, override_reason, override_by, updated_at
             FROM broker.toxicity WHERE tenant_id = :tenant AND (CAST(:after AS uuid) IS NULL OR customer_id > :after)
              AND (CAST(:only AS text) IS NULL OR class = :only)
            ORDER BY customer_id LIMIT :limit""",
        tenant=tx.tenant_id, after=after, limit=limit, only=only,
    )  # fmt: skip


def one(tx: Tx, customer: UUID) -> AnyRow | None:
    return tx.first(
        """SELECT customer_id, class AS class_, measured_class, scores, fills, override_reason, override_by, updated_at
             FROM broker.toxicity WHERE tenant_id = :tenant AND customer_id = :customer""",
        tenant=tx.tenant_id, customer=customer,
    )  # fmt: skip


def forget_old(tx: Tx, *, before: datetime) -> int:
    return int(tx.execute("DELETE FROM broker.markouts WHERE due_at < :before", before=before).rowcount)
