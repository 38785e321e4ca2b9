"""What a hold posts by itself: on its day, what is left of it goes to the account that was chosen when it was opened."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from payments.chart import JournalIn, Line, capture_line
from payments.journal import service as journal


def capture_on_its_day(
    tx: Tx,
    *,
    hold_id: UUID,
    account_id: int,
    target: int,
    amount: Decimal,
    held_delta: Decimal,
    realm: str,
    order_id: UUID | None,
    reference: str,
) -> UUID:
    """Once per hold: whoever sweeps meets the same key."""
    entry = JournalIn(
        key=f"s/capture:{hold_id}",
        kind="capture",
        lines=[capture_line(account_id, amount, held_delta=held_delta, hold_id=hold_id), Line(target, amount)],
        realm=realm,
        order_id=order_id,
        meta={"reference": reference},
    )
    return journal.post(tx, [entry])[0]
