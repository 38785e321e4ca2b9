"""Attack 19: one transaction pays one address three times: three credits, the right sum; and each of them once."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.deposits.conftest import deposits

__all__ = ["deposits"]


def test_19_each_output_of_a_transaction_is_credited_once(deposits):
    customer, address = deposits.payer()
    feeds = [
        deposits.feed(customer, address, amount, txid="0xone", output=output)
        for output, amount in enumerate(("1", "0.5", "0.25"))
    ]
    for feed in feeds:
        told = feed.at().deeper(3).told[:]
        feed.all()
        deposits.hear(told)  # once more
    assert deposits.has(customer) == deposits.wallet() == Decimal("1.75")
    assert len({deposits.deposit(feed).journal_id for feed in feeds}) == 3
    deposits.fold()
    feeds[1].lost().all()
    assert deposits.has(customer) == deposits.wallet() == Decimal("1.25")
