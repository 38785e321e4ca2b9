"""One function, one statement on runs as staff sees them, on refused rows, and on what is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from earn.payouts.record import Refusal
from kernel.db import AnyRow, Tx


def page(tx: Tx, *, before: UUID | None, limit: int, silence: timedelta) -> Sequence[AnyRow]:
    """Newest first; `silent` where nothing was heard of a run for that long."""
    return tx.all(
        """SELECT id, due_by, started_at, ended_at, paid, refused, heard_at < clock_timestamp() - CAST(:silence AS interval) AS silent
             FROM earn.runs WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, before=before, limit=limit, silence=silence,
    )  # fmt: skip


def due_by_moment(tx: Tx, *, by: datetime) -> Sequence[tuple[datetime, int]]:
    """How many rows wait that fell due at each moment until then: few moments, for a day begins once in each zone."""
    rows = tx.all(
        """SELECT due_at, count(*) AS n FROM earn.repayment_rows
            WHERE tenant_id = :tenant AND status = 'pending' AND due_at <= :by GROUP BY due_at ORDER BY due_at""",
        tenant=tx.tenant_id, by=by,
    )  # fmt: skip
    return [(row.due_at, row.n) for row in rows]


def refusals(tx: Tx, *, after: tuple[UUID, int] | None, limit: int) -> Sequence[Refusal]:
    """Rows that the ledger would not pay and that still wait."""
    subscription, seq = after or (UUID(int=0), 0)
    rows = tx.all(
        """SELECT f.subscription_id, f.seq, s.customer_id, s.asset, r.due_date, r.interest, r.principal, f.reason, f.run_id, f.first_at,
                  f.last_at
             FROM earn.refusals f JOIN earn.repayment_rows r USING (subscription_id, seq)
             JOIN earn.subscriptions s ON s.id = r.subscription_id
            WHERE f.tenant_id = :tenant AND r.status = 'pending' AND (f.subscription_id, f.seq) > (:subscription, :seq)
            ORDER BY f.subscription_id, f.seq LIMIT :limit""",
        tenant=tx.tenant_id, subscription=subscription, seq=seq, limit=limit,
    )  # fmt: skip
    return [Refusal(**dict(row._mapping)) for row in rows]  # noqa: SLF001  the row's documented view


def houses(tx: Tx) -> Sequence[UUID]:
    """Whose payouts have ever run or have to; for the engine, which sees all of them."""
    rows = tx.all(
        "SELECT tenant_id FROM earn.runs UNION SELECT tenant_id FROM earn.subscriptions WHERE status = 'active' ORDER BY tenant_id"
    )
    return [row.tenant_id for row in rows]


def paid_until(tx: Tx) -> datetime | None:
    """What the last run that ended had paid until, or when the first plan began that runs; None where none runs."""
    found: datetime | None = tx.scalar(
        """SELECT greatest((SELECT max(due_by) FROM earn.runs WHERE tenant_id = :tenant AND ended_at IS NOT NULL), min(created_at))
             FROM earn.subscriptions WHERE tenant_id = :tenant AND status = 'active'""",
        tenant=tx.tenant_id,
    )  # fmt: skip
    return found


def waiting(tx: Tx, *, by: datetime) -> AnyRow:
    """Rows that have been due since then: those that were refused, with the reasons, and those that were not."""
    return tx.one(
        """SELECT count(*) FILTER (WHERE f.seq IS NULL) AS rows, min(r.due_at) FILTER (WHERE f.seq IS NULL) AS since,
                  count(f.seq) AS refused, min(r.due_at) FILTER (WHERE f.seq IS NOT NULL) AS refused_since,
                  string_agg(DISTINCT f.reason, ', ') AS reasons
             FROM earn.repayment_rows r LEFT JOIN earn.refusals f USING (subscription_id, seq)
            WHERE r.tenant_id = :tenant AND r.status = 'pending' AND r.due_at <= :by""",
        tenant=tx.tenant_id, by=by,
    )  # fmt: skip
