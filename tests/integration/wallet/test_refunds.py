"""A held deposit goes back by a real custodian on a real node: once, or not at all; what becomes of the rows is in tests/integration/deposits."""

from __future__ import annotations

import secrets
from decimal import Decimal

import pytest

from identity.approvals import service as approvals
from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db, outbox
from payments.accounts import service as accounts
from payments.invariants import INVARIANTS as LEDGER
from rivermouth import wallet_parts
from tests import wallet_desk
from tests.wallet_desk import COIN, NETWORK, PASSWORD
from wallet_bridge.deposit_addresses import service as addresses
from wallet_bridge.deposits import arriving
from wallet_bridge.deposits import service as deposits
from wallet_bridge.deposits.states import DepositStatus as S
from wallet_bridge.invariants import INVARIANTS as WALLET
from wallet_bridge.refunds import service
from wallet_bridge.refunds.errors import RefundToOwnAddress
from wallet_bridge.refunds.service import Wish
from wallet_bridge.withdrawals.errors import FeeExceedsAmount

D = Decimal
WEI = 10**18
ILL_SPELT = "0x52908400098527886E0F7030069857D2E4169Ee7"  # its checksum does not fit


class House:
    """A customer whose account is frozen, so that 1.5 coins of theirs are held, and two people of staff."""

    def __init__(self, wallet):
        self.wallet, self.customer = wallet, wallet.customer()
        self.sender = "0x" + secrets.token_hex(20)  # the node is other tests' as well
        self.maker, self.checker = (
            principals.ensure_staff(wallet.tenant, email=f"{role}@house.example", password=PASSWORD, roles=[role])
            for role in (Role.FINANCE, Role.COMPLIANCE)
        )
        view = addresses.ask(wallet.tenant, self.customer, network=NETWORK, asset=COIN)
        wallet.answered()
        self.address = addresses.look(wallet.tenant, view).row.address
        with db.transaction(tenant=wallet.tenant) as tx:
            accounts.freeze(tx, accounts.customer(tx, customer_id=self.customer, asset=COIN))
        wallet.mine(3)
        wallet.give(self.address, "1.5")
        wallet.mine(6)
        assert self.row.status is S.HELD

    @property
    def row(self):
        [found] = deposits.page(self.wallet.tenant, customer=self.customer, limit=2)
        return found

    def ask(self, address=None):
        wish = Wish(address=address or self.sender, memo=None, reason="listed")
        return service.ask(tenant=self.wallet.tenant, actor=self.maker, deposit_id=self.row.id, wish=wish, key=None)

    def agreed(self, address=None):
        """Two people agree, and the engine hears it."""
        approval_id = self.ask(address)
        shown = approvals.read(tenant=self.wallet.tenant, reader=self.checker, approval_id=approval_id)
        approvals.approve(
            tenant=self.wallet.tenant, by=self.checker, approval_id=approval_id, digest=shown.digest, key=None
        )
        [consumer] = [one for one in wallet_parts.CONSUMERS if one.name == "deposit_refunds"]
        while outbox.consume(consumer):
            pass
        assert self.row.status is S.REFUNDING

    def until(self, status):
        self.wallet.hear_until(lambda: self.row.status is status, mining=True)

    def arrived(self):
        return D(int(self.wallet.anvil.ask("eth_getBalance", self.sender, "latest"), 16)) / WEI


def opened(wallet, monkeypatch):
    monkeypatch.setattr(arriving, "price_of", {COIN: D(2_000)}.get)
    wallet_parts.listen()
    return House(wallet)


def is_whole():
    with db.read_only() as tx:
        assert {one.name: tx.scalar(one.sql) for one in (*WALLET, *LEDGER) if tx.scalar(one.sql)} == {}


@pytest.fixture
def house_with_one(wallet, monkeypatch):
    yield opened(wallet, monkeypatch)
    is_whole()


def test_what_the_custodian_refuses_is_held_again_and_goes_back_to_another_address_then(house_with_one):
    one, wallet = house_with_one, house_with_one.wallet
    wallet.fund_hot()
    with pytest.raises(RefundToOwnAddress):
        one.ask(one.address.lower())
    wallet.offer(withdrawal_fee=D("1.5"))
    with pytest.raises(FeeExceedsAmount):
        one.ask()
    wallet.offer()
    one.agreed(ILL_SPELT)
    wallet.answered()
    assert (one.row.status, one.row.refund_refused, one.row.reason) == (S.HELD, "address_invalid", "account_frozen")
    one.agreed()
    wallet.answered()
    one.until(S.REFUNDED)
    wallet.mine(6)
    assert (one.arrived(), one.row.status) == (D("1.498"), S.REFUNDED)
    assert wallet.anvil.ask("eth_getTransactionByHash", one.row.refund_txid)["to"] == one.sender
    assert (wallet.booked("deposits.held:"), wallet.booked("revenue.withdrawal_fee:")) == (0, D("0.002"))
    assert wallet.booked(f"customer:{one.customer}") == 0


def test_what_leaves_the_chain_before_it_is_signed_is_cancelled_by_the_custodian(house_with_one):
    one, wallet = house_with_one, house_with_one.wallet
    one.agreed()
    wallet.answered()  # the custodian has it, and its hot wallet is empty
    wallet.anvil.reorganise(6)
    wallet.mine(1)
    assert (one.row.status, one.row.refund_id is None) == (S.REVERSED, False)
    wallet.answered()
    wallet.fund_hot()
    wallet.mine(6)
    assert (one.row.status, one.row.refund_id, one.row.refund_refused) == (S.REVERSED, None, "cancelled")
    assert (one.arrived(), wallet.booked(f"wallet.{NETWORK}:"), wallet.booked("deposits.held:")) == (0, 0, 0)


def test_a_custodian_that_dies_before_it_answers_pays_once(
    anvil, custody_url, database, valkey_url, tmp_path, monkeypatch
):
    place = "custody.taken.after_commit"
    with wallet_desk.opened(anvil, custody_url, database, valkey_url, tmp_path, failpoint=place) as wallet:
        one = opened(wallet, monkeypatch)
        wallet.fund_hot()
        one.agreed()

        def unknown():
            with db.read_only() as tx:
                return bool(tx.scalar("SELECT count(*) FROM wallet_bridge.deposit_refunds WHERE state = 'unknown'"))

        wallet.ask(unknown)
        assert one.row.status is S.REFUNDING
        wallet.custodian.start()
        wallet.answered()
        one.until(S.REFUNDED)
        wallet.mine(6)
        assert one.arrived() == D("1.498")
        is_whole()
