"""Tokens that look paid: what no log of the real contract says is credited to nobody, and of a token that keeps a part, what arrived."""

import os
from decimal import Decimal

import pytest

from kernel import db
from payments.accounts import service as accounts
from tests import wallet_desk
from tests.custodian_desk import NETWORK, with_tokens
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.localnet.token import Manners, placed
from wallet_bridge.custody import listeners
from wallet_bridge.deposit_addresses import service as addresses
from wallet_bridge.deposits import arriving, service
from wallet_bridge.deposits.arriving import Arrivals

UNIT = 10**6


@pytest.fixture
def wallet(anvil, custody_url, database, valkey_url, tmp_path, monkeypatch):
    monkeypatch.setattr(listeners, "_deposits", [Arrivals()])
    monkeypatch.setattr(listeners, "_addresses", [addresses.Made()])
    monkeypatch.setattr(arriving, "price_of", {"USDT": Decimal(1), "USDC": Decimal(1)}.get)
    assets = with_tokens("USDT", "USDC")
    with wallet_desk.opened(anvil, custody_url, database, valkey_url, tmp_path, assets=assets) as desk:
        for asset in ("USDT", "USDC"):
            desk.offer(asset=asset, minimum_deposit=Decimal(1))
        yield desk


def has(wallet, customer, asset):
    with db.transaction(tenant=wallet.tenant) as tx:
        return accounts.get(
            tx, accounts.customer(tx, customer_id=customer, asset=asset), owner=customer, realm="REAL"
        ).posted


def test_20_only_what_arrived_is_credited(wallet):
    served, rich = wallet.custodian.served()["assets"], wallet.stranger()
    plain = placed(wallet.anvil, served["USDT"]["contract"], Manners(polite=True))
    keeping = placed(wallet.anvil, served["USDC"]["contract"], Manners(fee=10))
    fake = placed(wallet.anvil, to_checksum_address(os.urandom(20)))
    for token in (plain, keeping, fake):
        token.hold(rich, 10_000 * UNIT)
    anna = wallet.customer()
    asked = addresses.ask(wallet.tenant, anna, network=NETWORK, asset="USDT")
    wallet.answered()
    mine = addresses.look(wallet.tenant, asked).row.address

    def pay(token, tokens):
        """In a block of its own."""
        txid = token.pay(rich, mine, tokens * UNIT)
        wallet.anvil.mine()
        return int(wallet.anvil.ask("eth_getTransactionReceipt", txid)["status"], 16)

    for token in (plain, keeping):
        token.freeze(mine)
    assert pay(plain, 1_000) == 1, "the transaction succeeds, and only its calldata says that it paid"
    assert pay(keeping, 2_000) == 0, "a failed transfer"
    assert pay(fake, 3_000) == 1, "a contract of somebody else's"
    for token in (plain, keeping):
        token.freeze(mine, 0)
    assert (pay(plain, 25), pay(keeping, 50)) == (1, 1)
    wallet.mine(6)
    found = {(one.asset, one.amount, one.status.value) for one in service.page(wallet.tenant, customer=None, limit=20)}
    assert found == {("USDT", Decimal(25), "final"), ("USDC", Decimal(45), "final")}
    for token, asset in ((plain, "USDT"), (keeping, "USDC")):
        lies = Decimal(token.held(mine)) / UNIT
        assert has(wallet, anna, asset) == -wallet.booked(f"wallet.{NETWORK}", asset) == lies > 0
