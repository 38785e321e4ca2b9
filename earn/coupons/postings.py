"""What coupons post: the whole bonus of a plan is reserved when it is made, so that paying it later can never fail.

    use    marketing budget -b    bonus owed + b
    fund   house capital -a       marketing budget + a (a demo's; otherwise a transfer of staff)

What is paid or given back stands with the payout and the redemption (`earn/payouts/postings.py`).
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from earn import accounts
from kernel.db import Tx
from payments.accounts import service as ledger
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, move
from payments.journal import service as journal


def use(
    tx: Tx, *, coupon_id: UUID, subscription_id: UUID, template_id: UUID, asset: str, amount: Decimal, actor: UUID
) -> None:
    """Reserve the bonus of one plan. Step.

    Raises:
        InsufficientFunds: the marketing budget does not hold it.
    """
    lines = move(accounts.marketing(tx, asset), accounts.bonus(tx, template_id, asset), amount)
    made = JournalIn(
        key=f"s/earn.coupon:{subscription_id}", kind="earn_coupon", lines=lines, actor=str(actor),
        meta={"subscription": str(subscription_id), "coupon": str(coupon_id)},
    )  # fmt: skip
    journal.post(tx, [made])


def fund(tx: Tx, asset: str, amount: Decimal, *, key: str) -> None:
    """Out of the house's capital, once a key. Step."""
    capital = ledger.house(tx, path="house.capital", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")
    lines = move(capital, accounts.marketing(tx, asset), amount)
    journal.post(tx, [JournalIn(key=f"s/earn.marketing:{key}", kind="earn_marketing", lines=lines)])
