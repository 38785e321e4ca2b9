"""A thousand deposits that are worth less than a fee, around one that is not: none costs the house a sweep, and nobody waits for them."""

from collections import Counter

import pytest

from kernel import db
from tests.custodian_desk import FINAL, opened
from tests.deposit_books import D
from tests.integration.custodian.test_sweeps import COLD, UNIT, assets, kinds, made, source
from tests.integration.custodian.test_tokens import to
from tests.integration.deposits.conftest import deposits
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.deposits import service
from wallet_bridge.deposits.states import DepositStatus

__all__ = ["deposits", "to"]
DUST, POOR = 1_000, 20


@pytest.fixture
def desk(anvil, custody_url, tmp_path):
    return opened(anvil, tmp_path, custody_url, assets=assets(), sweep_fee_cap="0.01", cold=COLD)


def test_22_the_custodian_sweeps_what_is_worth_it_and_pays_meanwhile(desk, to):
    token, rich, hot = desk.contract(), desk.address("rich"), desk.fund_hot()
    poor = [desk.address(f"poor-{number}").address for number in range(POOR)]
    stranger = desk.anvil.ask("eth_accounts")[0]
    token.hold(stranger, 100 * UNIT)
    for number in range(DUST):
        token.pay(stranger, poor[number % POOR], UNIT // 1_000)
        if number % 200 == 199:
            desk.anvil.mine()
    token.pay(stranger, rich.address, 20 * UNIT)
    desk.anvil.mine(FINAL)
    wish = desk.take(desk.wish("1", destination={"type": "address", "address": to}))
    desk.read()
    with db.read_only() as tx:
        assert tx.scalar("SELECT count(*) FROM custody.deposits") == DUST + 1
    for _ in range(3 * FINAL):
        desk.step()
    gas, sweep = made(desk)
    assert kinds([gas, sweep]) == ["gas", "sweep"]
    assert {rich.address} == {gas.address, source(sweep)}
    assert (sweep.state.value, token.held(hot)) == ("final", 20 * UNIT)
    assert (desk.state(wish), desk.held(to)) == ("final", 1)
    spent = 100 - desk.held(hot)
    assert spent == 1 + gas.amount + gas.fee + transfers.view(wish.id).fee, "nothing was spent on dust"


def test_22_the_bridge_credits_the_one_in_the_middle(deposits):
    """What is below the minimum is not credited, however much of it comes."""
    anna, address = deposits.payer()
    feeds = [deposits.feed(anna, address, "1" if number == 75 else "0.001").at().deeper(5) for number in range(150)]
    deposits.hear([feed.told[-1] for feed in feeds])
    found = Counter((one.status, one.amount) for one in service.page(deposits.tenant, customer=anna, limit=200))
    assert found == {(DepositStatus.FINAL, 1): 1, (DepositStatus.BELOW_MINIMUM, D("0.001")): 149}
    assert (deposits.has(anna), deposits.unsettled(anna)) == (1, 0)
