"""One function, one statement on what is to be renewed, what was, and who is told of it before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from earn.renewals.events import MaturesSoon
from earn.renewals.record import START, ToRenew
from earn.subscriptions.states import SUBSCRIPTION, SubscriptionStatus
from earn.templates.states import Renewal
from kernel.db import Tx

__all__ = ["START", "ToRenew"]


def choose(tx: Tx, subscription_id: UUID, renewal: Renewal) -> None:
    tx.execute(
        "UPDATE earn.subscriptions SET renewal = :renewal WHERE tenant_id = :tenant AND id = :id AND status = 'active'",
        tenant=tx.tenant_id, id=subscription_id, renewal=renewal.value,
    )  # fmt: skip


def due(tx: Tx, *, by: datetime, after: ToRenew, limit: int) -> Sequence[ToRenew]:
    """What has matured and is to be renewed, in the order of its time."""
    rows = tx.all(
        """SELECT r.due_at, s.id FROM earn.subscriptions s
             JOIN earn.repayment_rows r ON r.subscription_id = s.id AND r.due_date = s.maturity AND r.status = 'pending'
            WHERE s.tenant_id = :tenant AND s.status = 'active' AND s.renewal <> 'pay_out' AND s.renewal_refused IS NULL
              AND s.maturity <= CAST(CAST(:by AS timestamptz) AT TIME ZONE 'UTC' AS date) + 1
              AND r.due_at <= :by AND (r.due_at, s.id) > (:due_at, :id)
            ORDER BY r.due_at, s.id LIMIT :limit""",
        tenant=tx.tenant_id, by=by, due_at=after.due_at, id=after.id, limit=limit,
    )  # fmt: skip
    return [ToRenew(row.due_at, row.id) for row in rows]


def renewed(tx: Tx, subscription_id: UUID, *, into: UUID) -> None:
    SUBSCRIPTION.check(SubscriptionStatus.ACTIVE, SubscriptionStatus.RENEWED)
    tx.execute(
        """UPDATE earn.subscriptions SET status = 'renewed', renewed_into = :into, ended_at = :now
            WHERE tenant_id = :tenant AND id = :id AND status = 'active'""",
        tenant=tx.tenant_id, id=subscription_id, into=into, now=tx.now,
    )  # fmt: skip


def refused(tx: Tx, subscription_id: UUID, *, reason: str) -> None:
    tx.execute(
        "UPDATE earn.subscriptions SET renewal_refused = :reason WHERE tenant_id = :tenant AND id = :id AND status = 'active'",
        tenant=tx.tenant_id, id=subscription_id, reason=reason,
    )  # fmt: skip


def take_reminders(tx: Tx, *, by: datetime, limit: int) -> tuple[int, Sequence[MaturesSoon]]:
    """How many were to be reminded by a moment, and those for whom there is still time; none of them is again."""
    rows = tx.all(
        """UPDATE earn.subscriptions s SET remind_on = NULL
             FROM (SELECT id FROM earn.subscriptions
                    WHERE tenant_id = :tenant AND status = 'active'
                      AND remind_on <= CAST(CAST(:by AS timestamptz) AT TIME ZONE 'UTC' AS date) + 1
                      AND remind_on <= CAST(CAST(:by AS timestamptz) AT TIME ZONE zone AS date)
                    ORDER BY remind_on, id LIMIT :limit FOR UPDATE SKIP LOCKED) d
            WHERE s.id = d.id
           RETURNING s.id, s.customer_id, s.asset, s.principal, s.maturity, s.renewal,
                     s.maturity > CAST(CAST(:now AS timestamptz) AT TIME ZONE s.zone AS date) AS ahead""",
        tenant=tx.tenant_id, by=by, limit=limit, now=tx.now,
    )  # fmt: skip
    ahead = [row for row in rows if row.ahead]
    return len(rows), [
        MaturesSoon(row.id, row.customer_id, row.asset, row.principal, row.maturity, row.renewal) for row in ahead
    ]
