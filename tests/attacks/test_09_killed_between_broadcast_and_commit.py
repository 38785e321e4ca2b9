"""Killed after the network has the payment and before anybody has written that down: paid once after the restart."""

from __future__ import annotations

import secrets
import signal

import pytest

from tests import wallet_desk
from tests.integration.wallet.test_withdrawals import D, anna, holds_coins
from tests.wallet_desk import NETWORK

__all__ = ["anna"]


@pytest.fixture
def wallet(anvil, custody_url, database, valkey_url, tmp_path, request):
    failpoint = getattr(request, "param", None)
    with wallet_desk.opened(anvil, custody_url, database, valkey_url, tmp_path, failpoint=failpoint) as desk:
        yield desk


def paid_once(wallet, anna, made, to):
    """On the chain, in the custodian and in the books."""
    wallet.hear_until(lambda: anna.look(made).state == "final", mining=True)
    wallet.mine(6)
    assert (holds_coins(wallet, to), anna.has()) == (1, (D("3.998"), 0))
    sent = int(wallet.anvil.ask("eth_getTransactionCount", wallet.custodian.hot(), "latest"), 16)
    out = 1 + -wallet.booked("expense.network_fees:")
    assert (sent, wallet.booked(f"wallet.{NETWORK}:")) == (1, out)


@pytest.mark.parametrize("wallet", ["custody.send.after", "custody.sent.before_commit"], indirect=True)
def test_09_the_custodian_dies_after_the_node_took_it(wallet, anna):
    wallet.fund_hot()
    to = "0x" + secrets.token_hex(20)
    made = anna.withdraw(to)
    wallet.ask(lambda: wallet.custodian.dead() is not None)
    assert wallet.custodian.dead() == -signal.SIGKILL, wallet.custodian.log.read_text()[-3_000:]
    wallet.anvil.mine()
    assert (holds_coins(wallet, to), anna.has()) == (1, (D("3.998"), D("1.002")))
    wallet.custodian.start()
    wallet.answered()
    paid_once(wallet, anna, made, to)
