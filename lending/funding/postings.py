"""What funding lines post. The house's own accounts only: what we owe a source, what that has cost, and where the money lies."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from kernel.clock import end_of
from kernel.db import Tx
from lending import accounts
from payments.chart import JournalIn, Line, move
from payments.journal import service as journal


def drawn(tx: Tx, *, line: UUID, move_id: UUID, loan: UUID, asset: str, venue: str | None, amount: Decimal) -> UUID:
    """The source's money is in our hands: at a venue, or in the house's own."""
    cash = accounts.cash(tx, asset, venue=venue)
    return _post(
        tx,
        key=f"s/funding:{move_id}",
        kind="funding_draw",
        lines=move(cash, accounts.funding_payable(tx, line, asset), amount),
        line=line,
        loan=loan,
    )


def repaid(
    tx: Tx, *, line: UUID, move_id: UUID, loan: UUID, asset: str, venue: str | None, amount: Decimal, cost: Decimal
) -> UUID:
    """Principal goes back, and with it what the line has cost until today."""
    cash = accounts.cash(tx, asset, venue=venue)
    lines = [
        *move(accounts.funding_payable(tx, line, asset), cash, amount),
        *move(accounts.funding_interest(tx, line, asset), cash, cost),
    ]
    return _post(tx, key=f"s/funding:{move_id}", kind="funding_repay", lines=lines, line=line, loan=loan)


def cost(tx: Tx, *, line: UUID, day: date, asset: str, amount: Decimal) -> UUID:
    """What a day of drawn money has cost."""
    return _post(
        tx,
        key=f"s/lending.funding_cost:{line}:{day}",
        kind="funding_cost",
        lines=move(accounts.funding_expense(tx, asset), accounts.funding_interest(tx, line, asset), amount),
        line=line,
        loan=None,
        effective_at=end_of(day),
    )


def _post(
    tx: Tx,
    *,
    key: str,
    kind: str,
    lines: list[Line],
    line: UUID,
    loan: UUID | None,
    effective_at: datetime | None = None,
) -> UUID:
    meta = {"funding_line": str(line)} | ({} if loan is None else {"loan": str(loan)})
    entry = JournalIn(key=key, kind=kind, lines=lines, order_id=loan, effective_at=effective_at, meta=meta)
    return journal.post(tx, [entry])[0]
