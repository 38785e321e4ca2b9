"""One function, one statement on what falls due, what it costs and what is exported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from earn.reports.rules import Cost, Due
from kernel.db import AnyRow, Tx


def due(tx: Tx, *, asset: str | None) -> Sequence[Due]:
    """What is still to be paid, by asset and date; interest with the bonus of coupons."""
    rows = tx.all(
        """SELECT s.asset, r.due_date, sum(r.principal) AS principal, sum(r.interest + r.bonus) AS interest
             FROM earn.repayment_rows r JOIN earn.subscriptions s ON s.id = r.subscription_id
            WHERE r.tenant_id = :tenant AND r.status = 'pending' AND (CAST(:asset AS text) IS NULL OR s.asset = :asset)
            GROUP BY s.asset, r.due_date ORDER BY s.asset, r.due_date""",
        tenant=tx.tenant_id, asset=asset,
    )  # fmt: skip
    return [Due(asset=row.asset, date=row.due_date, principal=row.principal, interest=row.interest) for row in rows]


def costs(tx: Tx, *, first: date, last: date, asset: str | None) -> Sequence[Cost]:
    """By day and template. Coupons are what their use took from the marketing budget and what came back to it, from the ledger itself."""
    rows = tx.all(
        """WITH coupons AS (
               SELECT s.template_id, d.day, -sum(e.amount) AS amount
                 FROM payments.accounts a
                 JOIN payments.entries e ON e.account_id = a.account_id
                 JOIN payments.journals j ON j.journal_id = e.journal_id
                 JOIN earn.subscriptions s ON s.id = CAST(j.meta ->> 'subscription' AS uuid)
                 CROSS JOIN LATERAL (SELECT CAST(j.booked_at AT TIME ZONE 'UTC' AS date) AS day) d
                WHERE a.tenant_id = :tenant AND a.realm = 'REAL' AND starts_with(a.path, 'marketing.earn:')
                  AND d.day BETWEEN :first AND :last GROUP BY 1, 2),
            interest AS (
               SELECT template_id, day, amount FROM earn.costs WHERE tenant_id = :tenant AND day BETWEEN :first AND :last)
           SELECT day, template_id, t.name, t.asset, coalesce(i.amount, 0) AS interest, coalesce(c.amount, 0) AS coupons
             FROM interest i FULL JOIN coupons c USING (template_id, day)
             JOIN LATERAL (SELECT t.name, t.asset FROM earn.templates t WHERE t.tenant_id = :tenant AND t.id = template_id
                            ORDER BY t.status = 'draft', t.version DESC LIMIT 1) t ON true
            WHERE (CAST(:asset AS text) IS NULL OR t.asset = :asset)
            ORDER BY day, t.name, template_id""",
        tenant=tx.tenant_id, first=first, last=last, asset=asset,
    )  # fmt: skip
    return [
        Cost(day=row.day, template=row.template_id, name=row.name, asset=row.asset, interest=row.interest, coupons=row.coupons)
        for row in rows
    ]  # fmt: skip


# Exported ------------------------------------------------------------------------------------------------------------------------


def subscriptions(
    tx: Tx, *, since: datetime | None, until: datetime, after: UUID | None, limit: int
) -> Sequence[AnyRow]:
    """Those made from a moment on until another, in the order in which they were made."""
    return tx.all(
        """SELECT s.id, s.customer_id, s.template_id, i.name, i.version, i.sale_date, s.instance_id, s.order_id, s.asset, s.principal,
                  s.apr_applied, s.value_date, s.maturity, s.zone, s.status, s.created_at, s.ended_at, s.accrued, s.clawed_back,
                  s.renewal, s.renewed_from, s.renewed_into, s.renewal_refused
             FROM earn.subscriptions s JOIN earn.instances i ON i.id = s.instance_id
            WHERE s.tenant_id = :tenant AND (CAST(:after AS uuid) IS NULL OR s.id > :after)
              AND (CAST(:since AS timestamptz) IS NULL OR s.created_at >= :since) AND s.created_at < :until
            ORDER BY s.id LIMIT :limit""",
        tenant=tx.tenant_id, since=since, until=until, after=after, limit=limit,
    )  # fmt: skip


def rows(
    tx: Tx,
    *,
    made_until: datetime,
    since: datetime | None,
    until: datetime | None,
    after: tuple[UUID, int] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """Rows of the plans made until a moment, those due from a moment on until another; plan by plan."""
    subscription, seq = after or (None, None)
    return tx.all(
        """SELECT r.subscription_id, r.seq, s.customer_id, s.template_id, s.asset, r.period_start, r.period_end, r.due_date, r.due_at,
                  r.interest, r.bonus, r.principal, r.status, r.ended_at
             FROM earn.repayment_rows r JOIN earn.subscriptions s ON s.id = r.subscription_id
            WHERE r.tenant_id = :tenant AND s.created_at < :made_until
              AND (CAST(:subscription AS uuid) IS NULL OR (r.subscription_id, r.seq) > (:subscription, CAST(:seq AS integer)))
              AND (CAST(:since AS timestamptz) IS NULL OR r.due_at >= :since)
              AND (CAST(:until AS timestamptz) IS NULL OR r.due_at < :until)
            ORDER BY r.subscription_id, r.seq LIMIT :limit""",
        tenant=tx.tenant_id, made_until=made_until, since=since, until=until, subscription=subscription, seq=seq, limit=limit,
    )  # fmt: skip
