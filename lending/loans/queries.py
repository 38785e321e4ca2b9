"""One function, one statement on loans, their collateral and their timeline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import arrays
from kernel.db import AnyRow, Tx
from lending.loans.plan import Instalment
from lending.loans.record import Loan, RateStep
from lending.loans.states import LOAN, Level, LoanStatus

_COLUMNS = """
    l.id, l.tenant_id, l.customer_id, l.product_id, l.version, l.asset, l.status, l.drawn, l.principal, l.rate, l.interest_from,
    l.interest_owed, l.fee_owed, l.penalty_owed, l.interest_charged, l.debt_at_event, l.origination, l.opened_on, l.matures_on,
    l.term_from, l.auto_top_up, l.auto_repay, l.level, l.below, l.below_since, l.row_version,
    (SELECT coalesce(jsonb_object_agg(c.asset, CAST(c.quantity AS text)), '{}') FROM lending.loan_collaterals c
      WHERE c.loan_id = l.id) AS collateral"""


def lock(tx: Tx, loan_id: UUID) -> Loan | None:
    """The loan, locked before anything of the ledger; its collateral changes under this lock only.

    Two statements: one that waits for a lock sees other tables as they were before it waited, and the collateral is another table.
    """
    tx.execute("SELECT FROM lending.loans WHERE id = :id FOR UPDATE", id=loan_id)
    row = tx.first(f"SELECT {_COLUMNS} FROM lending.loans l WHERE l.id = :id", id=loan_id)
    return None if row is None else loan_of(row)


def lock_running(tx: Tx, ids: Sequence[UUID], *, waiting: bool) -> Sequence[Loan]:
    """Those of the loans that run, locked in the order of their ids; those that somebody else holds only if `waiting`."""
    locked = tx.all(
        f"""SELECT id FROM lending.loans
             WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[])) AND status IN ('active', 'matured_overdue')
             ORDER BY id FOR UPDATE {"" if waiting else "SKIP LOCKED"}""",
        tenant=tx.tenant_id, ids=arrays.array(ids),
    )  # fmt: skip
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM lending.loans l WHERE l.tenant_id = :tenant AND l.id = ANY(CAST(:ids AS uuid[])) ORDER BY l.id",
        tenant=tx.tenant_id, ids=arrays.array(row.id for row in locked),
    )  # fmt: skip
    return [loan_of(row) for row in rows]


def get(tx: Tx, loan_id: UUID, *, customer: UUID | None) -> Loan | None:
    """One loan, of this customer or of anybody."""
    row = tx.first(
        f"""SELECT {_COLUMNS} FROM lending.loans l
             WHERE l.tenant_id = :tenant AND l.id = :id AND (CAST(:customer AS uuid) IS NULL OR l.customer_id = :customer)""",
        tenant=tx.tenant_id, id=loan_id, customer=customer,
    )  # fmt: skip
    return None if row is None else loan_of(row)


def running(tx: Tx, *, after: UUID | None, limit: int) -> list[Loan]:
    """Loans of this house on which prices count, in the order of their ids."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM lending.loans l
             WHERE l.tenant_id = :tenant AND l.status IN ('active', 'matured_overdue')
               AND (CAST(:after AS uuid) IS NULL OR l.id > :after) ORDER BY l.id LIMIT :limit""",
        tenant=tx.tenant_id, after=after, limit=limit,
    )  # fmt: skip
    return [loan_of(row) for row in rows]


def runs(tx: Tx, customer: UUID) -> bool:
    """Whether anything of a customer is borrowed, or about to be."""
    row = tx.first(
        """SELECT FROM lending.loans WHERE tenant_id = :tenant AND customer_id = :customer
              AND status IN ('applied', 'active', 'matured_overdue', 'liquidating') LIMIT 1""",
        tenant=tx.tenant_id, customer=customer,
    )  # fmt: skip
    return row is not None


def margin_called(tx: Tx, customer: UUID) -> bool:
    """Whether a running loan of a customer is at the displayed line or beyond, or overdue."""
    row = tx.first(
        """SELECT FROM lending.loans WHERE tenant_id = :tenant AND customer_id = :customer
              AND (status IN ('matured_overdue', 'liquidating')
                   OR (status = 'active' AND level IN ('MARGIN_CALL', 'PENDING_LIQUIDATION', 'LIQUIDATING'))) LIMIT 1""",
        tenant=tx.tenant_id, customer=customer,
    )  # fmt: skip
    return row is not None


def loan_of(row: AnyRow) -> Loan:
    known = {name: getattr(row, name) for name in Loan.__dataclass_fields__}
    known |= {
        "status": LoanStatus(row.status),
        "level": Level(row.level),
        "collateral": {asset: Decimal(quantity) for asset, quantity in row.collateral.items()},
    }
    return Loan(**known)


def insert(tx: Tx, **columns: Any) -> None:
    """A new loan; `origination` is JSON."""
    names = [*columns]
    values = ", ".join("CAST(:origination AS jsonb)" if name == "origination" else f":{name}" for name in names)
    tx.execute(
        f"""INSERT INTO lending.loans (tenant_id, {", ".join(names)}, created_at, updated_at)
            VALUES (:tenant, {values}, :now, :now)""",
        **columns, tenant=tx.tenant_id, now=tx.now,
    )  # fmt: skip


def change(tx: Tx, loan: Loan, *, to: LoanStatus | None = None, **columns: Any) -> bool:
    """Write these columns, and move to `to` where one is named; False when the loan is no longer what the caller read."""
    if to is not None:
        LOAN.check(loan.status, to)
        columns["status"] = to.value
    assigned = "".join(f"{name} = :{name}, " for name in columns)
    done = tx.execute(
        f"""UPDATE lending.loans SET {assigned} row_version = row_version + 1, xid = pg_current_xact_id(), updated_at = :now
             WHERE id = :id AND row_version = :row_version""",
        **columns, id=loan.id, row_version=loan.row_version, now=tx.now,
    )  # fmt: skip
    return bool(done.rowcount == 1)


def set_collateral(tx: Tx, loan_id: UUID, asset: str, quantity: Decimal) -> None:
    tx.execute(
        """INSERT INTO lending.loan_collaterals (tenant_id, loan_id, asset, quantity) VALUES (:tenant, :loan, :asset, :quantity)
           ON CONFLICT (loan_id, asset) DO UPDATE SET quantity = excluded.quantity""",
        tenant=tx.tenant_id, loan=loan_id, asset=asset, quantity=quantity,
    )  # fmt: skip


def add_event(
    tx: Tx, loan_id: UUID, kind: str, payload: Mapping[str, Any], *, shown: bool = True, journal_id: UUID | None = None
) -> None:
    """The next entry of the timeline; the caller holds the loan's lock."""
    tx.execute(
        """INSERT INTO lending.loan_events (tenant_id, loan_id, seq, kind, shown, payload, journal_id, at)
           SELECT :tenant, :loan, coalesce(max(seq), 0) + 1, :kind, :shown, CAST(:payload AS jsonb), :journal, :now
             FROM lending.loan_events WHERE loan_id = :loan""",
        tenant=tx.tenant_id, loan=loan_id, kind=kind, shown=shown, payload=json.dumps(payload), journal=journal_id, now=tx.now,
    )  # fmt: skip


def penalty_until(tx: Tx, loan_id: UUID) -> date | None:
    """The first day that a penalty was not yet charged for."""
    found: str | None = tx.scalar(
        "SELECT max(payload ->> 'to') FROM lending.loan_events WHERE loan_id = :loan AND kind = 'penalty'", loan=loan_id
    )
    return None if found is None else date.fromisoformat(found)


def rate_steps(tx: Tx, product_id: UUID, *, until: date) -> Sequence[RateStep]:
    rows = tx.all(
        """SELECT from_day, factor, rate FROM lending.rate_indexes
            WHERE tenant_id = :tenant AND product_id = :product AND from_day <= :until ORDER BY from_day""",
        tenant=tx.tenant_id, product=product_id, until=until,
    )  # fmt: skip
    return [RateStep(from_day=row.from_day, factor=row.factor, rate=row.rate) for row in rows]


# ------------------------------------------------------------------------------------------------------------------------ instalments


def instalments(tx: Tx, loan_id: UUID) -> list[Instalment]:
    """The rows of a loan that count, in the order they are due; those of plans given up are not among them."""
    rows = tx.all(
        """SELECT plan, n, due_on, interest, principal, paid, status FROM lending.loan_instalments
            WHERE loan_id = :loan AND status <> 'void' ORDER BY due_on, plan""",
        loan=loan_id,
    )  # fmt: skip
    return [Instalment(**row._mapping) for row in rows]  # noqa: SLF001  the row's documented view as a mapping


def add_instalments(tx: Tx, loan_id: UUID, rows: Sequence[Instalment]) -> None:
    tx.execute_many(
        """INSERT INTO lending.loan_instalments (tenant_id, loan_id, n, plan, due_on, interest, principal, status)
           VALUES (:tenant, :loan, :n, :plan, :due_on, :interest, :principal, :status)""",
        [
            {
                "tenant": tx.tenant_id, "loan": loan_id, "n": row.n, "plan": row.plan, "due_on": row.due_on, "interest": row.interest,
                "principal": row.principal, "status": row.status,
            }
            for row in rows
        ],
    )  # fmt: skip


def set_instalments(tx: Tx, loan_id: UUID, rows: Sequence[Instalment]) -> None:
    """Write what these rows ask for, what was paid of them, and their state."""
    tx.execute_many(
        """UPDATE lending.loan_instalments SET interest = :interest, principal = :principal, paid = :paid, status = :status
            WHERE loan_id = :loan AND plan = :plan AND n = :n""",
        [
            {
                "loan": loan_id, "n": row.n, "plan": row.plan, "interest": row.interest, "principal": row.principal, "paid": row.paid,
                "status": row.status,
            }
            for row in rows
        ],
    )  # fmt: skip


def void_pending(tx: Tx, loan_id: UUID) -> None:
    tx.execute(
        "UPDATE lending.loan_instalments SET status = 'void' WHERE loan_id = :loan AND status = 'pending'", loan=loan_id
    )
