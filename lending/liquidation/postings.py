"""What a liquidation posts. Plus increases what an account may spend; what customers owe us is a debit balance, so paying it is a plus.

    start      loan's collateral -q, clearing +q                                     per asset
    fills      clearing -q, proceeds +Q                                              posted by the order desk with the venue's fill
    settle     proceeds -P, principal, interest, fees and penalty +, liquidation fee +, surplus to the customer +
               what was not sold: clearing -q, the customer's own +q
    shortfall  insurance pool -, bad debt -, principal and interest +

Fees and penalty are our income only once they are paid: unpaid they are no loss, for nothing of them was ever booked.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from lending import accounts
from lending.liquidation.record import TakenOver
from lending.liquidation.rules import Cover, Settlement
from lending.loans.postings import paid_legs
from lending.loans.record import Loan
from lending.loans.rules import Owed
from payments.chart import JournalIn, Line, move
from payments.journal import service as journal


def start(tx: Tx, loan: Loan, liquidation: UUID, quantities: Mapping[str, Decimal]) -> UUID:
    """The collateral leaves the loan."""
    lines: list[Line] = []
    for asset, quantity in sorted(quantities.items()):
        held = accounts.pledged(tx, loan.id, loan.customer_id, asset)
        lines += move(held, accounts.clearing(tx, liquidation, loan.customer_id, asset), quantity)
    return _post(tx, loan, f"s/liquidation:{liquidation}:start", lines, "started")


def settle(
    tx: Tx,
    loan: Loan,
    liquidation: UUID,
    settlement: Settlement,
    *,
    cover: Cover,
    unsold: Mapping[str, Decimal],
    taken_over: Mapping[str, TakenOver],
) -> UUID:
    """The end: everything on the liquidation's own accounts goes where it belongs, and they stand at zero."""
    bought = sum((each.paid for each in taken_over.values()), Decimal(0))
    proceeds = settlement.paid.total + settlement.fee + settlement.surplus
    borne = Owed(interest=settlement.unpaid.interest, principal=settlement.unpaid.principal)
    assert cover.insurance + cover.bad_debt == borne.total, "somebody bears every unit"
    lines = [
        Line(accounts.proceeds(tx, liquidation, loan.customer_id, loan.asset), bought - proceeds),
        Line(accounts.taken_over(tx, loan.asset), -bought),
        *_together(paid_legs(tx, loan, settlement.paid), paid_legs(tx, loan, borne)),
        Line(accounts.revenue(tx, "liquidation_fee", loan.asset), settlement.fee),
        Line(accounts.available(tx, loan.customer_id, loan.asset), settlement.surplus),
        Line(accounts.insurance(tx, loan.asset), -cover.insurance),
        Line(accounts.bad_debt(tx, loan.asset), -cover.bad_debt),
    ]
    for asset, quantity in sorted(unsold.items()):
        clearing = accounts.clearing(tx, liquidation, loan.customer_id, asset)
        lines += move(clearing, accounts.available(tx, loan.customer_id, asset), quantity)
    for asset, each in sorted(taken_over.items()):
        clearing = accounts.clearing(tx, liquidation, loan.customer_id, asset)
        lines += move(clearing, accounts.taken_over(tx, asset), each.quantity)
    return _post(tx, loan, f"s/liquidation:{liquidation}:settle", lines, "settled")


def resume(tx: Tx, loan: Loan, liquidation: UUID, *, unsold: Mapping[str, Decimal], fee: Decimal) -> UUID | None:
    """The loan goes on: what was not sold is its collateral again, and our fee is taken; what is left of the proceeds pays the debt."""
    lines = []
    for asset, quantity in sorted(unsold.items()):
        clearing = accounts.clearing(tx, liquidation, loan.customer_id, asset)
        lines += move(clearing, accounts.pledged(tx, loan.id, loan.customer_id, asset), quantity)
    proceeds = accounts.proceeds(tx, liquidation, loan.customer_id, loan.asset)
    lines += move(proceeds, accounts.revenue(tx, "liquidation_fee", loan.asset), fee)
    return _post(tx, loan, f"s/liquidation:{liquidation}:resume", lines, "resumed") if lines else None


def surplus(tx: Tx, loan: Loan, liquidation: UUID, amount: Decimal) -> UUID | None:
    """What the sales brought beyond what was to be paid."""
    proceeds = accounts.proceeds(tx, liquidation, loan.customer_id, loan.asset)
    lines = move(proceeds, accounts.available(tx, loan.customer_id, loan.asset), amount)
    return _post(tx, loan, f"s/liquidation:{liquidation}:surplus", lines, "surplus") if lines else None


def _together(*legs: list[Line]) -> list[Line]:
    """One line per account."""
    sums: dict[int, Decimal] = {}
    for line in (line for some in legs for line in some):
        sums[line.account_id] = sums.get(line.account_id, Decimal(0)) + line.amount
    return [Line(account, amount) for account, amount in sums.items()]


def _post(tx: Tx, loan: Loan, key: str, lines: list[Line], what: str) -> UUID:
    entry = JournalIn(
        key=key, kind="liquidation", lines=[line for line in lines if line.amount], order_id=loan.id,
        meta={"loan_id": str(loan.id), "what": what},
    )  # fmt: skip
    return journal.post(tx, [entry])[0]
