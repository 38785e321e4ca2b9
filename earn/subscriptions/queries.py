"""One function, one statement on subscriptions, their plans and caps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from earn.instances.rules import instant
from earn.plans.rules import Redemption, Row
from earn.plans.states import RowStatus
from earn.subscriptions.record import Subscription
from earn.subscriptions.states import SUBSCRIPTION, SubscriptionStatus
from earn.templates.states import Renewal
from kernel.db import AnyRow, Tx

IN_ALL = date.min
"""The day under which a cap counts everything a customer has running of a template."""
_SELECT = """
    SELECT id, customer_id, instance_id, template_id, order_id, asset, account_id, principal, apr_applied, value_date, maturity, zone,
           status, created_at, ended_at, accrued, clawed_back, renewal, renewed_from, renewed_into, renewal_refused, remind_on
      FROM earn.subscriptions"""


def get(tx: Tx, subscription_id: UUID, *, customer: UUID | None) -> Subscription | None:
    """One; of anybody when no customer is named."""
    row = tx.first(
        f"{_SELECT} WHERE tenant_id = :tenant AND id = :id AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)",
        tenant=tx.tenant_id, id=subscription_id, customer=customer,
    )  # fmt: skip
    return None if row is None else _subscription(row)


def lock(tx: Tx, subscription_id: UUID, *, customer: UUID) -> Subscription | None:
    """Against the payout and everybody else; its rows are locked with it."""
    row = tx.first(
        f"{_SELECT} WHERE tenant_id = :tenant AND id = :id AND customer_id = :customer FOR UPDATE",
        tenant=tx.tenant_id, id=subscription_id, customer=customer,
    )  # fmt: skip
    return None if row is None else _subscription(row)


def claim(tx: Tx, subscription_id: UUID) -> Subscription | None:
    """For the engine; None while somebody else has it."""
    row = tx.first(
        f"{_SELECT} WHERE tenant_id = :tenant AND id = :id FOR UPDATE SKIP LOCKED",
        tenant=tx.tenant_id, id=subscription_id,
    )  # fmt: skip
    return None if row is None else _subscription(row)


def page(
    tx: Tx, *, customer: UUID | None, status: SubscriptionStatus | None, before: UUID | None, limit: int
) -> Sequence[Subscription]:
    """Newest first; of everybody when no customer is named."""
    rows = tx.all(
        f"""{_SELECT} WHERE tenant_id = :tenant AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)
              AND (CAST(:status AS text) IS NULL OR status = :status) AND (CAST(:before AS uuid) IS NULL OR id < :before)
            ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, customer=customer, status=None if status is None else status.value, before=before, limit=limit,
    )  # fmt: skip
    return [_subscription(row) for row in rows]


def plans(tx: Tx, subscriptions: Sequence[UUID]) -> Mapping[UUID, Sequence[Row]]:
    """The rows of each, in order."""
    rows = tx.all(
        """SELECT subscription_id, seq, period_start, period_end, due_date, interest, principal, status, ended_at, bonus
             FROM earn.repayment_rows
            WHERE subscription_id = ANY(:ids) ORDER BY subscription_id, seq""",
        ids=list(subscriptions),
    )  # fmt: skip
    found: dict[UUID, list[Row]] = {one: [] for one in subscriptions}
    for row in rows:
        found[row.subscription_id].append(
            Row(
                row.seq,
                row.period_start,
                row.period_end,
                row.due_date,
                row.interest,
                row.principal,
                RowStatus(row.status),
                row.ended_at,
                row.bonus,
            )
        )
    return found


def insert(tx: Tx, one: Subscription, rows: Sequence[Row]) -> None:
    """With its plan; a row is due when its date begins in the template's zone."""
    tx.execute(
        """INSERT INTO earn.subscriptions (tenant_id, id, customer_id, instance_id, template_id, order_id, asset, account_id, principal,
                                           apr_applied, value_date, maturity, zone, status, created_at, renewal, renewed_from, remind_on)
           VALUES (:tenant, :id, :customer, :instance, :template, :order, :asset, :account, :principal, :apr, :value_date, :maturity,
                   :zone, 'active', :now, :renewal, :renewed_from, :remind_on)""",
        tenant=tx.tenant_id, id=one.id, customer=one.customer_id, instance=one.instance_id, template=one.template_id,
        order=one.order_id, asset=one.asset, account=one.account_id, principal=one.principal, apr=one.apr_applied,
        value_date=one.value_date, maturity=one.maturity, zone=one.zone.key, now=tx.now,
        renewal=one.renewal.value, renewed_from=one.renewed_from, remind_on=one.remind_on,
    )  # fmt: skip
    tx.execute(
        """INSERT INTO earn.repayment_rows (tenant_id, subscription_id, seq, period_start, period_end, due_date, due_at, interest,
                                            principal, status, bonus)
           SELECT :tenant, :id, t.seq, t.starts, t.ends, t.ends, t.due_at, t.interest, t.principal, 'pending', t.bonus
             FROM unnest(CAST(:seqs AS integer[]), CAST(:starts AS date[]), CAST(:ends AS date[]), CAST(:due AS timestamptz[]),
                         CAST(:interest AS numeric[]), CAST(:principal AS numeric[]), CAST(:bonus AS numeric[]))
                  AS t (seq, starts, ends, due_at, interest, principal, bonus)""",
        tenant=tx.tenant_id, id=one.id, seqs=[row.seq for row in rows], starts=[row.period_start for row in rows],
        ends=[row.period_end for row in rows], due=[instant(row.due_date, time(0), one.zone) for row in rows],
        interest=[row.interest for row in rows], principal=[row.principal for row in rows],
        bonus=[row.bonus for row in rows],
    )  # fmt: skip


def end_early(tx: Tx, subscription_id: UUID, done: Redemption) -> None:
    """Whatever is pending is void from now on."""
    SUBSCRIPTION.check(SubscriptionStatus.ACTIVE, SubscriptionStatus.REDEEMED_EARLY)
    tx.execute(
        "UPDATE earn.repayment_rows SET status = 'void', ended_at = :now WHERE subscription_id = :id AND status = 'pending'",
        id=subscription_id, now=tx.now,
    )  # fmt: skip
    tx.execute(
        """UPDATE earn.subscriptions SET status = 'redeemed_early', ended_at = :now, accrued = :accrued, clawed_back = :clawed_back
            WHERE tenant_id = :tenant AND id = :id AND status = 'active'""",
        tenant=tx.tenant_id, id=subscription_id, now=tx.now, accrued=done.accrued, clawed_back=done.clawed_back,
    )  # fmt: skip


def runs(tx: Tx, customer: UUID) -> bool:
    """Whether anything of a customer is still to be paid."""
    row = tx.first(
        "SELECT FROM earn.subscriptions WHERE tenant_id = :tenant AND customer_id = :customer AND status = 'active' LIMIT 1",
        tenant=tx.tenant_id, customer=customer,
    )  # fmt: skip
    return row is not None


def take(tx: Tx, *, customer: UUID, template: UUID, day: date, amount: Decimal, cap: Decimal | None) -> bool:
    """Count an amount against a cap, or for a later one; False when it does not fit, and then nothing is counted."""
    row = tx.first(
        """INSERT INTO earn.caps AS c (tenant_id, customer_id, template_id, day, taken)
           SELECT :tenant, :customer, :template, :day, :amount WHERE coalesce(:amount <= CAST(:cap AS numeric), true)
           ON CONFLICT (tenant_id, customer_id, template_id, day) DO UPDATE SET taken = c.taken + excluded.taken
            WHERE coalesce(c.taken + excluded.taken <= CAST(:cap AS numeric), true) RETURNING true""",
        tenant=tx.tenant_id, customer=customer, template=template, day=day, amount=amount, cap=cap,
    )  # fmt: skip
    return row is not None


def taken(tx: Tx, *, customer: UUID, template: UUID, days: Collection[date]) -> Mapping[date, Decimal]:
    """What is counted so far, by day; `IN_ALL` for what runs."""
    rows = tx.all(
        """SELECT day, taken FROM earn.caps
            WHERE tenant_id = :tenant AND customer_id = :customer AND template_id = :template AND day = ANY(:days)""",
        tenant=tx.tenant_id, customer=customer, template=template, days=list(days),
    )  # fmt: skip
    return {row.day: row.taken for row in rows}


def give_back(tx: Tx, *, customer: UUID, template: UUID, amount: Decimal) -> None:
    """What has ended no longer runs; what was bought of a day stays bought."""
    tx.execute(
        """UPDATE earn.caps SET taken = taken - :amount
            WHERE tenant_id = :tenant AND customer_id = :customer AND template_id = :template AND day = :day""",
        tenant=tx.tenant_id, customer=customer, template=template, day=IN_ALL, amount=amount,
    )  # fmt: skip


def _subscription(row: AnyRow) -> Subscription:
    return Subscription(
        id=row.id, customer_id=row.customer_id, instance_id=row.instance_id, template_id=row.template_id, order_id=row.order_id,
        asset=row.asset, account_id=row.account_id, principal=row.principal, apr_applied=row.apr_applied, value_date=row.value_date,
        maturity=row.maturity, zone=ZoneInfo(row.zone), status=SubscriptionStatus(row.status), created_at=row.created_at,
        ended_at=row.ended_at, accrued=row.accrued, clawed_back=row.clawed_back,
        renewal=Renewal(row.renewal), renewed_from=row.renewed_from, renewed_into=row.renewed_into,
        renewal_refused=row.renewal_refused, remind_on=row.remind_on,
    )  # fmt: skip
