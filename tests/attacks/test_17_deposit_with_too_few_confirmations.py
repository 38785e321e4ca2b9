"""Attack 17: a deposit with no or too few confirmations: visible, and not to spend."""

from __future__ import annotations

import pytest

from payments.errors import InsufficientFunds
from tests.integration.deposits.conftest import deposits
from wallet_bridge.deposits.states import DepositStatus

__all__ = ["deposits"]


def test_17_a_deposit_that_is_not_deep_enough_is_seen_and_cannot_be_spent(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address, "60").at().all()  # large: 4 blocks instead of 2
    account, other = deposits.customer("ETH", owner=customer), deposits.customer("ETH")
    for _ in range(2):
        deposits.fold()
        with pytest.raises(InsufficientFunds):
            deposits.pay(account, other, "0.01")
        feed.deeper().all()
        row = deposits.deposit(feed)
        assert (row.status, row.customer_id) == (DepositStatus.CONFIRMING, customer)
    feed.deeper().all()
    deposits.fold()
    deposits.pay(account, other, "0.01")


def test_17_what_may_be_traded_and_is_not_final_is_unsettled(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper().all()
    assert deposits.unsettled(customer) == deposits.has(customer) == 1
    feed.deeper(2).all()
    assert deposits.unsettled(customer) == 0
