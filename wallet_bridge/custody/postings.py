"""What the chain took for a payment of ours.

expense.network_fees -f        wallet.<network> +f        (in the network's own coin)
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line
from payments.journal import service as journal


def network_fee(tx: Tx, *, network: str, txid: str, asset: str, fee: Decimal, custody: int) -> UUID:
    """Once per transaction of the chain, however often it is told."""
    expense = accounts.house(
        tx, path="expense.network_fees", asset=asset, kind=AccountKind.EXPENSE, normal_side="debit"
    )
    entry = JournalIn(
        key=f"s/network-fee:{network}:{txid}",
        kind="network_fee",
        lines=[Line(expense, -fee), Line(custody, fee)],
        meta={"network": network, "txid": txid},
    )
    return journal.post(tx, [entry])[0]
