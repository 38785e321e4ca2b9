"""Withdrawals by a real custodian on a real node: paid, refused, and taken back in time."""

from __future__ import annotations

import json
import secrets
from decimal import Decimal

import psycopg
import pytest

from kernel import db, roles
from kernel.ids import uuid7
from payments.balances import service as balances
from rivermouth import wallet_parts
from tests.notice_board import as_app
from tests.wallet_desk import COIN, NETWORK
from tests.withdrawal_desk import LIMITS
from wallet_bridge.address_book import service as address_book
from wallet_bridge.funds import postings as funding
from wallet_bridge.invariants import INVARIANTS
from wallet_bridge.withdrawals import service, worth
from wallet_bridge.withdrawals.service import Caller, Wish

D = Decimal
WEI = 10**18


class Customer:
    """Somebody with five coins, whose house lets them out unseen."""

    def __init__(self, wallet):
        self.wallet, self.id = wallet, wallet.customer()
        self._superuser(
            "UPDATE identity.policies SET limits = %s, version = version + 1 WHERE tenant_id = %s",
            json.dumps(LIMITS), wallet.tenant,
        )  # fmt: skip
        with db.transaction(tenant=wallet.tenant) as tx:
            funding.deposit(tx, customer_id=self.id, asset=COIN, amount=D(5), key=str(uuid7()))

    def _superuser(self, statement, *values):
        with psycopg.connect(roles.conninfo(self.wallet.database.superuser), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement, values)

    def withdraw(self, to, amount="1"):
        tenant = self.wallet.tenant
        with as_app(self.wallet.database):
            wish = address_book.Wish(NETWORK, to, None, "Mine")
            entry = address_book.add(tenant=tenant, customer=self.id, wish=wish, key=None).id
            self._superuser("UPDATE wallet_bridge.address_book SET active_from = created_at WHERE id = %s", entry)
            return service.ask(Caller(tenant, self.id), Wish(COIN, NETWORK, D(amount), entry)).id

    def cancel(self, made):
        with as_app(self.wallet.database):
            return service.cancel(Caller(self.wallet.tenant, self.id), made).withdrawal

    def look(self, made):
        return service.view(self.wallet.tenant, made, customer=self.id).withdrawal

    def has(self):
        with db.transaction(tenant=self.wallet.tenant) as tx:
            [row] = balances.of_owner(tx, owner=self.id)
        return row.available, row.held


@pytest.fixture
def anna(wallet, monkeypatch):
    monkeypatch.setattr(worth, "price", lambda _asset: D(2000))
    wallet_parts.listen()
    yield Customer(wallet)
    with db.read_only() as tx:
        assert {one.name: tx.scalar(one.sql) for one in INVARIANTS if tx.scalar(one.sql)} == {}


def holds_coins(wallet, address):
    return D(int(wallet.anvil.ask("eth_getBalance", address, "latest"), 16)) / WEI


def test_it_is_paid_on_the_chain_and_booked_once_it_is_final(wallet, anna):
    wallet.fund_hot()
    to = "0x" + secrets.token_hex(20)
    made = anna.withdraw(to)
    assert (anna.look(made).state, anna.has()) == ("reserved", (D("3.998"), D("1.002")))
    wallet.answered()
    assert anna.look(made).state != "reserved"
    wallet.hear_until(lambda: anna.look(made).state == "final", mining=True)
    done = anna.look(made)
    assert wallet.anvil.ask("eth_getTransactionByHash", done.txid)["to"] == to
    assert (holds_coins(wallet, to), anna.has()) == (1, (D("3.998"), 0))
    assert wallet.booked("revenue.withdrawal_fee:ETH") == D("0.002")
    out = wallet.booked(f"wallet.{NETWORK}:") - 1
    assert out > 0, "what the network took left the custodian too"
    assert wallet.booked("expense.network_fees:") == -out
    heard = wallet.hear()
    assert (heard, anna.has()) == (0, (D("3.998"), 0))


def test_an_address_whose_checksum_does_not_fit_is_refused_before_anything_is_signed(wallet, anna):
    wallet.fund_hot()
    made = anna.withdraw("0x52908400098527886E0F7030069857D2E4169Ee7")
    wallet.answered()
    done = anna.look(made)
    assert (done.state, done.reason, done.txid, anna.has()) == ("failed", "address_invalid", None, (5, 0))


def test_what_the_custodian_cannot_pay_yet_is_taken_back_by_it(wallet, anna):
    to = "0x" + secrets.token_hex(20)
    made = anna.withdraw(to)  # the hot wallet is empty
    wallet.answered()
    assert (anna.look(made).state, anna.has()) == ("sent", (D("3.998"), D("1.002")))
    assert anna.cancel(made).cancel_asked_at is not None
    wallet.answered()
    wallet.hear()
    assert (anna.look(made).state, anna.has()) == ("cancelled", (5, 0))
    wallet.fund_hot()
    wallet.mine(6)
    assert (holds_coins(wallet, to), anna.look(made).state) == (0, "cancelled")
