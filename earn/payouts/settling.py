"""What follows once the journals of rows are posted: the rows are paid, and a last one ends its subscription."""

from __future__ import annotations

from collections.abc import Sequence

from earn.payouts import queries
from earn.payouts.record import Due
from earn.subscriptions.events import Matured
from kernel import outbox
from kernel.db import Tx


def settle(tx: Tx, rows: Sequence[Due]) -> None:
    """The rows have their journals: they are paid, and a last one ends its subscription. Step."""
    paid(tx, rows)
    ended = [row for row in rows if row.last]
    if ended:
        queries.mature(tx, ended)
        facts = [
            (Matured(row.subscription_id, row.customer_id, row.asset, row.principal), str(row.subscription_id))
            for row in ended
        ]
        outbox.publish_all(tx, facts)


def paid(tx: Tx, rows: Sequence[Due]) -> None:
    """The rows are paid; what becomes of a subscription whose last row is among them is the caller's. Step."""
    if rows:
        queries.mark_paid(tx, rows)
        queries.less_owed(tx, rows)
