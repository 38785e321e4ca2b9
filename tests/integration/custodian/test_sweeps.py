"""Money from deposit addresses to the hot wallet on a real chain: where it is worth it, once, and told by events; and nothing counted twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel import db
from tests.custodian_desk import FINAL, NETWORK, TOKEN, WEI, opened, with_tokens
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.localnet.token import Token
from wallet_bridge.custodian.states_of_chains import balances
from wallet_bridge.custodian.sweeps import service as sweeps
from wallet_bridge.custodian.transfers import service as transfers

UNIT = 10**6
COLD = "0x52908400098527886E0F7030069857D2E4169EE7"


def assets():
    found = with_tokens()
    found["ETH"]["sweep_from"], found[TOKEN]["sweep_from"] = "0.5", "20"
    return found


@pytest.fixture
def desk(anvil, custody_url, tmp_path):
    return opened(anvil, tmp_path, custody_url, assets=assets(), sweep_fee_cap="0.01", cold=COLD)


def settled(desk, rounds=4 * FINAL):
    """Until nothing moves and another round makes nothing."""
    for _ in range(rounds):
        before = made(desk)
        desk.step()
        found = made(desk)
        if found and found == before and all(one.state.value in {"final", "failed", "cancelled"} for one in found):
            break
    return made(desk)


def made(desk):
    """The custodian's own transfers, by reference, as they stand."""
    with db.read_only() as tx:
        rows = tx.all("SELECT id FROM custody.transfers WHERE starts_with(client_ref, 'house/') ORDER BY id")
    return [transfers.view(row.id) for row in rows]


def deposited(desk, *paid):
    """In a block that is final. `paid` are functions that pay."""
    for pay in paid:
        pay()
    desk.anvil.mine(FINAL)
    desk.read()


def kinds(found):
    return [one.client_ref.split("/")[1] for one in found]


def test_coins_are_swept_and_pay_for_it_themselves(desk):
    own = desk.address()
    deposited(desk, lambda: desk.give(own.address, "2"))
    (one,) = settled(desk)
    assert (one.state.value, one.source.value, kinds([one])) == ("final", "deposits", ["sweep"])
    assert desk.held(desk.house.hot(NETWORK)) == one.amount == 2 - one.fee_cap
    assert desk.held(own.address) == one.fee_cap - one.fee
    told = [event for event in desk.told() if event.get("client_ref") == one.client_ref]
    assert [told[0]["_type"], told[-1]["_type"]] == ["transfer.signed", "transfer.final"]
    assert Decimal(told[-1]["fee"]) == one.fee


def test_a_token_is_swept_after_its_address_got_coins_that_are_no_deposit(desk):
    own, token = desk.address(), desk.contract()
    hot = desk.fund_hot()
    deposited(desk, lambda: desk.give_tokens(token, own.address, 25 * UNIT))
    gas, sweep = settled(desk)
    assert kinds([gas, sweep]) == ["gas", "sweep"]
    assert (gas.state.value, sweep.state.value, sweep.amount) == ("final", "final", 25)
    assert (token.held(hot), token.held(own.address)) == (25 * UNIT, 0)
    assert [event["asset"] for event in desk.told("deposit.seen")] == [TOKEN]
    assert Decimal(100) - desk.held(hot) == gas.amount + gas.fee
    assert desk.held(own.address) == gas.amount - sweep.fee


def test_coins_that_lie_there_already_pay_for_the_next_token(desk):
    own, token = desk.address(), desk.contract()
    desk.fund_hot()
    # Somebody put coins there by a call of a contract: no deposit, and money all the same.
    for expected in (["gas", "sweep"], ["gas", "sweep", "sweep"]):
        desk.anvil.ask("anvil_setBalance", own.address, hex(WEI // 100 if expected[2:] else 0))
        deposited(desk, lambda: desk.give_tokens(token, own.address, 25 * UNIT))
        assert kinds(settled(desk)) == expected


def test_a_flood_of_dust_makes_no_sweep_and_starves_nobody(desk):
    token, rich = desk.contract(), desk.address("rich")
    poor = [desk.address(f"poor-{number}") for number in range(20)]
    desk.fund_hot()
    deposited(
        desk,
        *(lambda to=one.address: desk.give_tokens(token, to, UNIT // 100) for one in poor for _ in range(5)),
        *(lambda to=one.address: desk.give(to, "0.0001") for one in poor),
        lambda: desk.give_tokens(token, rich.address, 20 * UNIT),
    )
    found = settled(desk)
    assert kinds(found) == ["gas", "sweep"] and found[1].state.value == "final"
    assert all(rich.address in (one.address, source(one)) for one in found)


def source(one):
    with db.read_only() as tx:
        return tx.scalar("SELECT payer FROM custody.transfers WHERE id = :id", id=one.id)


def test_dust_that_has_become_a_sum_is_swept_at_once_and_together(desk):
    token, own = desk.contract(), desk.address()
    desk.fund_hot()
    deposited(desk, *(lambda: desk.give_tokens(token, own.address, 5 * UNIT) for _ in range(4)))
    assert [one.amount for one in settled(desk) if kinds([one]) == ["sweep"]] == [20]


def test_what_is_not_final_stays_where_it_is(desk):
    own = desk.address()
    desk.give(own.address, "2")
    for _ in range(FINAL - 1):
        desk.step()
    assert made(desk) == []


@pytest.mark.parametrize(("cap", "coins", "units"), [("0.000000001", "1", 25 * UNIT), ("0.01", "0.0001", UNIT)])
def test_a_sweep_that_would_cost_too_much_is_not_made(anvil, custody_url, tmp_path, cap, coins, units):
    """More than the cap, or, in the network's own coin, more than a tenth of what it brings."""
    wanted = assets()
    wanted["ETH"]["sweep_from"] = coins
    anvil.ask("anvil_setNextBlockBaseFeePerGas", hex(10**9))  # 21,000 gas are 0.000021 and more
    desk = opened(anvil, tmp_path, custody_url, assets=wanted, sweep_fee_cap=cap)
    own, token = desk.address(), desk.contract()
    desk.fund_hot()
    deposited(desk, lambda: desk.give(own.address, coins), lambda: desk.give_tokens(token, own.address, units))
    assert settled(desk, 3) == []


def test_a_contract_that_would_refuse_is_found_out_before_its_address_gets_coins(desk):
    own, token = desk.address(), desk.contract()
    token.freeze(desk.fund_hot())
    deposited(desk, lambda: desk.give_tokens(token, own.address, 25 * UNIT))
    assert settled(desk, 3) == []
    assert desk.held(own.address) == 0


def test_a_broken_token_keeps_nothing_else_from_being_swept(desk):
    own, other, token = desk.address(), desk.address("b"), desk.contract()
    desk.fund_hot()
    deposited(desk, lambda: desk.give_tokens(token, own.address, 25 * UNIT), lambda: desk.give(other.address, "2"))
    token.become(Token.BROKEN)
    assert [(one.asset, one.state.value) for one in settled(desk)] == [("ETH", "final")]


def test_a_sweep_that_failed_gives_its_deposits_back_and_rests_before_the_next(desk):
    own, token = desk.address(), desk.contract()
    hot = desk.fund_hot()
    deposited(desk, lambda: desk.give_tokens(token, own.address, 25 * UNIT))
    while kinds(made(desk)) != ["gas", "sweep"]:
        desk.step()
        desk.keep()
    desk.pay()  # signed and sent, in no block yet
    token.freeze(hot)
    assert [one.state.value for one in settled(desk)] == ["final", "failed"]
    token.freeze(hot, 0)
    assert len(settled(desk, 3)) == 2
    with db.transaction() as tx:
        tx.execute("UPDATE custody.transfers SET updated_at = updated_at - interval '7 hours' WHERE state = 'failed'")
    assert [one.state.value for one in settled(desk)][-1] == "final"
    assert token.held(hot) == 25 * UNIT


def test_one_that_cannot_be_signed_is_cancelled_after_an_hour_and_made_anew(desk):
    own, token = desk.address(), desk.contract()  # the hot wallet has no coins to give
    deposited(desk, lambda: desk.give_tokens(token, own.address, 25 * UNIT))
    desk.step()
    with db.transaction() as tx:
        tx.execute("UPDATE custody.transfers SET created_at = created_at - interval '2 hours'")
    desk.fund_hot()
    desk.keep()
    assert [(kinds([one]), one.state.value) for one in made(desk)] == [(["gas"], "cancelled"), (["gas"], "accepted")]
    assert settled(desk)[-1].state.value == "final" and token.held(desk.house.hot(NETWORK)) == 25 * UNIT


def test_two_keepers_at_once_make_one_sweep(desk):
    own = desk.address()
    deposited(desk, lambda: desk.give(own.address, "2"))
    (pile,) = sweeps.piles(desk.house, NETWORK, "ETH")
    wanted = {"amount": Decimal(1), "fee": Decimal("0.001")}
    assert [sweeps.sweep(desk.house, NETWORK, pile, **wanted) for _ in range(2)] == [True, False]
    assert len(made(desk)) == 1


def test_nobody_else_uses_the_references_of_the_house(desk):
    with pytest.raises(errors.ClientRefConflict):
        desk.take(desk.wish(ref=f"house/sweep/{NETWORK}/1"))


# Balances ------------------------------------------------------------------------------------------------------------------------


def totals(desk):
    """What all wallets hold together, by asset."""
    found: dict[str, Decimal] = {}
    for one in desk.do(balances):
        found[one.asset] = found.get(one.asset, Decimal(0)) + one.confirmed
    return found


def fees(desk):
    """Of everything that is in a block by now, whether anybody has noticed or not."""
    paid = 0
    for one in made(desk):
        for attempt in one.attempts:
            receipt = desk.anvil.ask("eth_getTransactionReceipt", attempt.txid)
            paid += int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16) if receipt else 0
    return Decimal(paid) / WEI


def test_no_wallet_counts_what_another_counts_at_any_moment_of_a_sweep(desk):
    own, other, token = desk.address(), desk.address("b"), desk.contract()
    desk.fund_hot("10")
    deposited(desk, lambda: desk.give_tokens(token, own.address, 25 * UNIT), lambda: desk.give(other.address, "2"))
    moments = 0
    while not (done := made(desk)) or len(done) < 3 or {one.state.value for one in done} != {"final"}:
        for act in (desk.keep, desk.pay, desk.anvil.mine, desk.read, desk.pay):
            act()
            before = totals(desk)
            if act == desk.anvil.mine:  # not read yet: as of the block before, nothing has moved
                continue
            assert before == {"ETH": 12 - fees(desk), TOKEN: 25}, act
            moments += 1
    assert moments > 20
    assert {one.wallet: one.confirmed for one in desk.do(balances) if one.asset == TOKEN} == {
        "hot": 25,
        "cold": 0,
        "deposits": 0,
    }


def test_balances_go_back_with_the_chain(desk):
    own, _token = desk.address(), desk.contract()
    hot = desk.fund_hot("10")
    deposited(desk, lambda: desk.give(own.address, "2"))
    desk.step()  # the sweep is in the newest block, and read
    assert totals(desk) == {"ETH": 12 - fees(desk), TOKEN: 0} and desk.held(hot) > 11
    desk.anvil.reorganise(1)
    desk.read()
    told = {one.wallet: one.confirmed for one in desk.do(balances) if one.asset == "ETH"}
    assert told == {"hot": 10, "cold": 0, "deposits": 2}
    assert settled(desk)[0].state.value == "final"
    assert totals(desk)["ETH"] == 12 - fees(desk)
