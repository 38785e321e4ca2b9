"""Deposits from end to end: a customer asks for an address, somebody pays on a real node, the custodian tells, the books have it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel import db
from payments.accounts import service as accounts
from tests.wallet_desk import COIN, NETWORK
from wallet_bridge.custody import listeners
from wallet_bridge.deposit_addresses import service as addresses
from wallet_bridge.deposits import arriving, service
from wallet_bridge.deposits.arriving import Arrivals
from wallet_bridge.deposits.states import DepositStatus as S


@pytest.fixture
def customer(wallet, monkeypatch):
    monkeypatch.setattr(listeners, "_deposits", [Arrivals()])
    monkeypatch.setattr(listeners, "_addresses", [addresses.Made()])
    monkeypatch.setattr(arriving, "price_of", {COIN: Decimal(2_000)}.get)
    return wallet.customer()


def address(wallet, customer):
    view = addresses.ask(wallet.tenant, customer, network=NETWORK, asset=COIN)
    wallet.answered()
    ready = addresses.look(wallet.tenant, view)
    assert ready.ready
    return ready.row.address


def only(wallet):
    [found] = service.page(wallet.tenant, customer=None, limit=10)
    return found


def has(wallet, customer):
    with db.transaction(tenant=wallet.tenant) as tx:
        account = accounts.customer(tx, customer_id=customer, asset=COIN)
        return accounts.get(tx, account, owner=customer, realm="REAL").posted


def fold(wallet):
    with db.transaction() as tx:
        tx.execute("SELECT payments.fold(10000)")


def test_a_payment_to_the_own_address_is_seen_credited_and_final(wallet, customer):
    wallet.give(address(wallet, customer), "1.5")
    wallet.mine(1)
    assert only(wallet).status is S.SEEN
    assert has(wallet, customer) == 0
    wallet.mine(1)
    assert only(wallet).status is S.CREDITED
    wallet.mine(2)
    assert (only(wallet).status, only(wallet).customer_id) == (S.FINAL, customer)
    assert has(wallet, customer) == -wallet.booked(f"wallet.{NETWORK}") == Decimal("1.5")


def test_a_reorganisation_before_and_after_the_credit_leaves_the_books_as_the_chain(wallet, customer):
    mine = address(wallet, customer)
    wallet.mine(1)
    wallet.give(mine, "1")
    wallet.mine(1)
    wallet.anvil.reorganise(1)
    wallet.mine(1)
    assert only(wallet).status is S.ORPHANED
    assert has(wallet, customer) == 0
    wallet.give(mine, "2")
    wallet.mine(2)
    credited, orphaned = service.page(wallet.tenant, customer=customer, limit=10)
    assert (credited.status, orphaned.status) == (S.CREDITED, S.ORPHANED)
    fold(wallet)
    wallet.anvil.reorganise(2)
    wallet.mine(1)
    assert service.view(wallet.tenant, credited.id, customer=customer).status is S.REVERSED
    assert has(wallet, customer) == wallet.booked(f"wallet.{NETWORK}") == 0
