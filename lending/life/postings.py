"""What a day of lending posts: the interest of all loans of a product in one journal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from kernel.clock import end_of
from kernel.db import Tx
from lending import accounts
from payments.chart import JournalIn, move
from payments.journal import service as journal


def interest(tx: Tx, *, product: UUID, day: date, asset: str, amount: Decimal) -> UUID:
    """Customers owe it and we have earned it; a negative amount takes back what rounding had booked too early."""
    owed = accounts.interest_receivable(tx, product, asset)
    earned = accounts.revenue(tx, "loan_interest", asset)
    lines = move(owed, earned, amount) if amount > 0 else move(earned, owed, -amount)
    meta = {"product": str(product), "day": day.isoformat()}
    key = f"s/lending.accrue:{product}:{day}"
    entry = JournalIn(key=key, kind="loan_interest", lines=lines, effective_at=end_of(day), meta=meta)
    return journal.post(tx, [entry])[0]
