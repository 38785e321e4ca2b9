"""Attack 18: the chain takes a deposit back, before or after the credit: orphaned, or reversed; what was spent is owed and shuts accounts."""

from __future__ import annotations

import pytest

from payments.errors import AccountFrozen
from tests.integration.deposits.conftest import deposits
from wallet_bridge.deposits.states import DepositStatus

__all__ = ["deposits"]


def test_18_before_the_credit_it_is_orphaned_and_nothing_was_booked(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().lost().all()
    assert deposits.deposit(feed).status is DepositStatus.ORPHANED
    assert deposits.has(customer) == deposits.wallet() == 0


def test_18_after_the_credit_it_is_reversed_once_and_credited_once_more(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    deposits.fold()
    told = feed.lost().told[:]
    feed.all()
    deposits.hear(told)  # once more
    assert deposits.has(customer) == deposits.wallet() == 0
    feed.at().deeper(3).all()
    assert deposits.has(customer) == deposits.wallet() == 1


def test_18_spent_meanwhile_it_is_owed_the_accounts_are_frozen_and_staff_hears_of_it(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    deposits.fold()
    account, other = deposits.customer("ETH", owner=customer), deposits.customer("ETH")
    savings = deposits.customer("USDT", owner=customer)
    deposits.credit(savings, "50")
    deposits.pay(account, other, "0.9")
    deposits.fold()
    feed.lost().all()
    assert (
        deposits.on(f"deposits.receivable.{customer}:ETH") == deposits.has(customer) - deposits.deposit(feed).shortage
    )
    [alert] = deposits.told("wallet.deposit_spent.v1")
    assert (alert["missing"], alert["customer_id"]) == ("0.9", str(customer))
    deposits.fold()
    with pytest.raises(AccountFrozen):
        deposits.pay(savings, deposits.customer("USDT"), "1")
