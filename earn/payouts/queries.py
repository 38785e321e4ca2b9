"""One function, one statement on what is due, what is owed, and on runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from earn.payouts.record import Due
from kernel import arrays
from kernel.db import AnyRow, Tx

_DUE = """
    SELECT r.subscription_id, r.seq, r.due_at, r.interest, r.principal, r.bonus, s.customer_id, s.template_id, s.asset, s.account_id,
           r.due_date = s.maturity AS last
      FROM earn.repayment_rows r JOIN earn.subscriptions s ON s.id = r.subscription_id
     WHERE r.tenant_id = :tenant AND r.status = 'pending' AND r.due_at <= :by AND s.status = 'active'"""
Place = tuple[datetime, UUID, int]
START: Place = (datetime.fromisoformat("0001-01-01T00:00:00+00:00"), UUID(int=0), 0)


def claim(tx: Tx, *, by: datetime, after: Place, limit: int) -> Sequence[Due]:
    """The next rows that are due, in the order of their time. What another worker has, or its owner is ending, is left to them.

    A last row that is to be renewed is none of them, unless that was refused.
    """
    due_at, subscription, seq = after
    rows = tx.all(
        f"""{_DUE} AND (r.due_at, r.subscription_id, r.seq) > (:due_at, :subscription, :seq)
              AND (r.due_date < s.maturity OR s.renewal = 'pay_out' OR s.renewal_refused IS NOT NULL)
            ORDER BY r.due_at, r.subscription_id, r.seq LIMIT :limit FOR UPDATE OF s, r SKIP LOCKED""",
        tenant=tx.tenant_id, by=by, due_at=due_at, subscription=subscription, seq=seq, limit=limit,
    )  # fmt: skip
    return [_due(row) for row in rows]


def in_order(tx: Tx, rows: Sequence[Due]) -> Sequence[Due]:
    """Those of claimed rows before which nothing of their subscription is pending any more, but what stands before them here.

    Another worker may have had a subscription when its earlier row came by; its last row must not end it before that is paid.
    """
    pending = tx.all(
        """SELECT subscription_id, min(seq) AS seq FROM earn.repayment_rows
            WHERE subscription_id = ANY(CAST(:ids AS uuid[])) AND status = 'pending' GROUP BY subscription_id""",
        ids=arrays.array({row.subscription_id for row in rows}),
    )  # fmt: skip
    following = {row.subscription_id: row.seq for row in pending}
    found = []
    for row in rows:
        if following.get(row.subscription_id) == row.seq:
            found.append(row)
            following[row.subscription_id] = row.seq + 1
    return found


def due_of(tx: Tx, subscription_id: UUID, *, by: datetime) -> Sequence[Due]:
    """What is due of one subscription, in order; whoever asks holds its lock."""
    rows = tx.all(
        f"{_DUE} AND s.id = :id ORDER BY r.seq FOR UPDATE OF r", tenant=tx.tenant_id, by=by, id=subscription_id
    )
    return [_due(row) for row in rows]


def mark_paid(tx: Tx, rows: Sequence[Due]) -> None:
    tx.execute(
        """UPDATE earn.repayment_rows r SET status = 'paid', ended_at = :now
             FROM unnest(CAST(:ids AS uuid[]), CAST(:seqs AS integer[])) AS t (id, seq)
            WHERE r.subscription_id = t.id AND r.seq = t.seq AND r.status = 'pending'""",
        now=tx.now, ids=arrays.array(row.subscription_id for row in rows), seqs=arrays.array(row.seq for row in rows),
    )  # fmt: skip


def mature(tx: Tx, rows: Sequence[Due]) -> None:
    """These subscriptions got their last row; they count against no cap from now on."""
    tx.execute(
        """WITH ended AS (
               UPDATE earn.subscriptions SET status = 'paid_out', ended_at = :now WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'active'
               RETURNING customer_id, template_id, principal),
                sums AS (SELECT customer_id, template_id, sum(principal) AS amount FROM ended GROUP BY 1, 2)
           UPDATE earn.caps c SET taken = c.taken - sums.amount FROM sums
            WHERE c.tenant_id = :tenant AND c.customer_id = sums.customer_id AND c.template_id = sums.template_id AND c.day = :day""",
        tenant=tx.tenant_id, now=tx.now, ids=arrays.array(row.subscription_id for row in rows), day=date.min,
    )  # fmt: skip


# What is owed --------------------------------------------------------------------------------------------------------------------


def busy(tx: Tx) -> Sequence[UUID]:
    """Houses with plans that run or interest that is owed; for the engine, which sees all of them."""
    rows = tx.all(
        """SELECT DISTINCT tenant_id FROM earn.subscriptions WHERE status = 'active'
            UNION SELECT tenant_id FROM earn.accruals WHERE owed <> 0"""
    )
    return [row.tenant_id for row in rows]


def owing(tx: Tx) -> Sequence[tuple[UUID, str]]:
    """Templates, and their assets, with plans that run or interest that is owed."""
    rows = tx.all(
        """SELECT DISTINCT template_id, asset FROM earn.subscriptions WHERE tenant_id = :tenant AND status = 'active'
            UNION SELECT template_id, asset FROM earn.accruals WHERE tenant_id = :tenant AND owed <> 0 ORDER BY template_id""",
        tenant=tx.tenant_id,
    )  # fmt: skip
    return [(row.template_id, row.asset) for row in rows]


@dataclass(frozen=True, slots=True)
class Accrual:
    """What the ledger says is owed by now, and the number of the next journal."""

    owed: Decimal
    number: int


def lock_accrual(tx: Tx, template_id: UUID, asset: str) -> Accrual:
    tx.execute(
        """INSERT INTO earn.accruals (tenant_id, template_id, asset, owed, seq, accrued_at) VALUES (:tenant, :id, :asset, 0, 1, :now)
           ON CONFLICT DO NOTHING""",
        tenant=tx.tenant_id, id=template_id, asset=asset, now=tx.now,
    )  # fmt: skip
    row = tx.one(
        "SELECT owed, seq FROM earn.accruals WHERE tenant_id = :tenant AND template_id = :id FOR UPDATE",
        tenant=tx.tenant_id, id=template_id,
    )  # fmt: skip
    return Accrual(row.owed, row.seq)


def earned(tx: Tx, template_id: UUID, *, at: datetime, scale: int) -> Decimal:
    """Interest of the pending rows in proportion to the days of them that have passed, each cut to the asset's scale."""
    found: Decimal = tx.scalar(
        """SELECT coalesce(sum(trunc(r.interest * greatest(0, least(d.passed, d.days)) / d.days, :scale)), 0)
             FROM earn.repayment_rows r JOIN earn.subscriptions s ON s.id = r.subscription_id
             CROSS JOIN LATERAL (SELECT CAST(CAST(:at AS timestamptz) AT TIME ZONE s.zone AS date) - r.period_start AS passed,
                                        r.period_end - r.period_start AS days) d
            WHERE s.tenant_id = :tenant AND s.template_id = :id AND s.status = 'active' AND r.status = 'pending'""",
        tenant=tx.tenant_id, id=template_id, at=at, scale=scale,
    )  # fmt: skip
    return found


def booked(tx: Tx, template_id: UUID, *, owed: Decimal, amount: Decimal, day: date) -> None:
    """An accrual was posted: what is owed now, and what the day cost."""
    tx.execute(
        "UPDATE earn.accruals SET owed = :owed, seq = seq + 1, accrued_at = :now WHERE tenant_id = :tenant AND template_id = :id",
        tenant=tx.tenant_id, id=template_id, owed=owed, now=tx.now,
    )  # fmt: skip
    cost(tx, template_id, amount=amount, day=day)


def cost(tx: Tx, template_id: UUID, *, amount: Decimal, day: date) -> None:
    """What was posted against the account of cost counts on a day; negative where less was owed than was thought."""
    tx.execute(
        """INSERT INTO earn.costs AS c (tenant_id, template_id, day, amount) VALUES (:tenant, :id, :day, :amount)
           ON CONFLICT (tenant_id, template_id, day) DO UPDATE SET amount = c.amount + excluded.amount""",
        tenant=tx.tenant_id, id=template_id, day=day, amount=amount,
    )  # fmt: skip


def less_owed(tx: Tx, rows: Sequence[Due]) -> None:
    """Interest was paid; a row of the plan may be paid before its last day was booked, so what is owed may be below zero for a while."""
    paid: defaultdict[tuple[UUID, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        paid[row.template_id, row.asset] += row.interest
    tx.execute_many(
        """INSERT INTO earn.accruals AS a (tenant_id, template_id, asset, owed, seq, accrued_at)
           VALUES (:tenant, :template, :asset, -CAST(:interest AS numeric), 1, :now)
           ON CONFLICT (tenant_id, template_id) DO UPDATE SET owed = a.owed + excluded.owed""",
        [
            {"tenant": tx.tenant_id, "now": tx.now, "template": template, "asset": asset, "interest": amount}
            for (template, asset), amount in sorted(paid.items())
        ],
    )


# Runs ----------------------------------------------------------------------------------------------------------------------------


def begin_run(tx: Tx, run_id: UUID, *, by: datetime) -> None:
    tx.execute(
        "INSERT INTO earn.runs (tenant_id, id, due_by, started_at) VALUES (:tenant, :id, :by, :now)",
        tenant=tx.tenant_id, id=run_id, by=by, now=tx.now,
    )  # fmt: skip


def progress(tx: Tx, run_id: UUID, *, paid: int, refused: int) -> None:
    tx.execute(
        "UPDATE earn.runs SET paid = paid + :paid, refused = refused + :refused, heard_at = clock_timestamp() WHERE id = :id",
        id=run_id, paid=paid, refused=refused,
    )  # fmt: skip


def refuse(tx: Tx, run_id: UUID, refused: Sequence[tuple[Due, str]]) -> None:
    """Why the ledger would not pay these rows, for staff."""
    if not refused:
        return
    tx.execute(
        """INSERT INTO earn.refusals AS f (tenant_id, subscription_id, seq, run_id, reason, first_at, last_at)
           SELECT :tenant, t.id, t.seq, :run, t.reason, :now, :now
             FROM unnest(CAST(:ids AS uuid[]), CAST(:seqs AS integer[]), CAST(:reasons AS text[])) AS t (id, seq, reason)
           ON CONFLICT (subscription_id, seq) DO UPDATE
              SET run_id = excluded.run_id, reason = excluded.reason, last_at = excluded.last_at""",
        tenant=tx.tenant_id, run=run_id, now=tx.now, ids=arrays.array(row.subscription_id for row, _ in refused),
        seqs=arrays.array(row.seq for row, _ in refused), reasons=arrays.texts(reason for _, reason in refused),
    )  # fmt: skip


def end_run(tx: Tx, run_id: UUID) -> None:
    tx.execute("UPDATE earn.runs SET ended_at = :now WHERE id = :id", id=run_id, now=tx.now)


def _due(row: AnyRow) -> Due:
    return Due(
        subscription_id=row.subscription_id, seq=row.seq, due_at=row.due_at, customer_id=row.customer_id,
        template_id=row.template_id, asset=row.asset, account_id=row.account_id, interest=row.interest, principal=row.principal,
        last=row.last, bonus=row.bonus,
    )  # fmt: skip
