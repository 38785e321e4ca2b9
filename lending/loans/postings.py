"""What loans post: the payout with its pledge, each payment by its parts, collateral that comes and goes.

Interest is earned by the daily journals of its product, against the receivable that a payment brings back. Fees and penalties are earned
when they are paid: one that never is, is no loss in the books.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import Tx
from lending import accounts
from lending.loans.record import Loan
from lending.loans.rules import Owed
from payments.chart import JournalIn, Line, capture_line, move
from payments.holds import service as holds
from payments.journal import service as journal


def opened(
    tx: Tx, loan: Loan, *, collateral: Mapping[str, Decimal], paid_out: Decimal, fee: Decimal, held: Mapping[str, UUID]
) -> UUID:
    """Pledge and payout in one journal: neither exists without the other. `held` are the holds of collateral put aside before."""
    lines: list[Line] = []
    for asset, quantity in sorted(collateral.items()):
        mine = accounts.available(tx, loan.customer_id, asset)
        if asset in held:
            taken = holds.capture(tx, hold_id=held[asset], amount=quantity)
            lines.append(capture_line(mine, quantity, held_delta=taken.held_delta, hold_id=held[asset]))
        else:
            lines.append(Line(mine, -quantity))
        lines.append(Line(accounts.pledged(tx, loan.id, loan.customer_id, asset), quantity))
    lines += [
        Line(accounts.principal(tx, loan.product_id, loan.asset), -(paid_out + fee)),
        Line(accounts.available(tx, loan.customer_id, loan.asset), paid_out),
        Line(accounts.revenue(tx, "loan_fee", loan.asset), fee),
    ]
    meta = {"loan_id": loan.id, "asset": loan.asset, "paid_out": paid_out, "fee": fee}
    return _post(tx, loan, f"s/loan:{loan.id}:open", "loan_opened", lines, meta)


def paid_legs(tx: Tx, loan: Loan, paid: Owed) -> list[Line]:
    """Where the parts of a payment go; whoever pays adds the leg that it comes from."""
    parts = [
        (accounts.revenue(tx, "loan_penalty", loan.asset), paid.penalty),
        (accounts.revenue(tx, "loan_fee", loan.asset), paid.fee),
        (accounts.interest_receivable(tx, loan.product_id, loan.asset), paid.interest),
        (accounts.principal(tx, loan.product_id, loan.asset), paid.principal),
    ]
    return [Line(account, amount) for account, amount in parts if amount]


def paid(tx: Tx, loan: Loan, paid: Owed, *, from_account: int, source: str) -> UUID:
    lines = [Line(from_account, -paid.total), *paid_legs(tx, loan, paid)]
    meta = {
        "loan_id": loan.id, "asset": loan.asset, "source": source, "penalty": paid.penalty, "fee": paid.fee, "interest": paid.interest,
        "principal": paid.principal,
    }  # fmt: skip
    return _post(tx, loan, f"s/loan:{loan.id}:repay:{loan.row_version}", "loan_repayment", lines, meta)


def topped_up(tx: Tx, loan: Loan, asset: str, quantity: Decimal, *, source: str) -> UUID:
    lines = move(
        accounts.available(tx, loan.customer_id, asset),
        accounts.pledged(tx, loan.id, loan.customer_id, asset),
        quantity,
    )
    meta = {"loan_id": loan.id, "asset": asset, "quantity": quantity, "source": source}
    return _post(tx, loan, f"s/loan:{loan.id}:pledge:{loan.row_version}", "loan_collateral_added", lines, meta)


def returned(tx: Tx, loan: Loan, collateral: Mapping[str, Decimal]) -> UUID:
    """Collateral that goes back: a part of it, or all once nothing is owed."""
    lines: list[Line] = []
    for asset, quantity in sorted(collateral.items()):
        lines += move(
            accounts.pledged(tx, loan.id, loan.customer_id, asset),
            accounts.available(tx, loan.customer_id, asset),
            quantity,
        )
    meta = {"loan_id": loan.id, "collateral": {asset: str(quantity) for asset, quantity in sorted(collateral.items())}}
    return _post(tx, loan, f"s/loan:{loan.id}:return:{loan.row_version}", "loan_collateral_returned", lines, meta)


def _post(tx: Tx, loan: Loan, key: str, kind: str, lines: list[Line], meta: dict[str, Any]) -> UUID:
    return journal.post(tx, [JournalIn(key=key, kind=kind, lines=lines, order_id=loan.id, meta=meta)])[0]
