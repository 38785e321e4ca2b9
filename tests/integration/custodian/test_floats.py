"""The bounds of a hot wallet on a real chain: told once a crossing, and what is too much goes to the cold wallet and nowhere else."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest
from pydantic import ValidationError

from kernel import db
from tests.custodian_desk import NETWORK, TOKEN, opened, with_tokens
from tests.integration.custodian.test_sweeps import kinds, made, settled
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.networks import Network
from wallet_bridge.custodian.states_of_chains import balances
from wallet_bridge.custodian.transfers import service as transfers

UNIT = 10**6
BOUNDS = {"min": "10", "target": "20", "max": "50"}


def served(**changed):
    assets = with_tokens()
    for told in assets.values():
        told["float"] = BOUNDS
    return {"assets": assets, "sweep_fee_cap": "0.01", "cold": to_checksum_address(os.urandom(20))} | changed


@pytest.fixture
def desk(anvil, custody_url, tmp_path):
    found = opened(anvil, tmp_path, custody_url, **served())
    found.contract().hold(found.house.hot(NETWORK), 30 * UNIT)
    return found


def floats(desk):
    return [(event["_type"], event["asset"], event["free"]) for event in desk.told() if "float" in event["_type"]]


def test_within_its_bounds_nothing_is_told(desk):
    desk.fund_hot("10")
    desk.keep()
    desk.fund_hot("50")
    desk.keep()
    assert (floats(desk), made(desk)) == ([], [])


def test_too_little_is_told_once_a_crossing(desk):
    desk.fund_hot("9.5")
    desk.keep()
    desk.keep()
    assert floats(desk) == [("float.low", "ETH", "9.5")]
    desk.fund_hot("10")
    desk.keep()
    desk.fund_hot("1")
    desk.keep()
    assert floats(desk) == [("float.low", "ETH", "9.5"), ("float.low", "ETH", "1")]
    assert {name: desk.told("float.low")[0][name] for name in BOUNDS} == BOUNDS
    assert made(desk) == []


def test_what_waits_to_be_paid_is_not_free(desk):
    desk.fund_hot("30")
    desk.take(desk.wish("25"))
    desk.keep()
    assert floats(desk) == [("float.low", "ETH", "5")]


def test_too_much_goes_to_the_cold_wallet_down_to_the_target(desk):
    hot, cold = desk.fund_hot("60"), desk.house.network(NETWORK).cold
    token = desk.contract()
    token.hold(hot, 51 * UNIT)
    desk.keep()
    desk.keep()
    assert floats(desk) == [("float.high", "ETH", "60"), ("float.high", TOKEN, "51")]
    coins, tokens = settled(desk)
    assert kinds([coins, tokens]) == ["cold", "cold"] and {coins.state.value, tokens.state.value} == {"final"}
    assert (desk.held(cold), token.held(cold), token.held(hot)) == (40, 31 * UNIT, 20 * UNIT)
    assert desk.held(hot) == 20 - coins.fee - tokens.fee
    assert len(floats(desk)) == 2


def test_promised_money_does_not_go_to_the_cold_wallet(desk):
    desk.fund_hot("60")
    desk.take(desk.wish("15"))
    desk.keep()
    assert (floats(desk), made(desk)) == ([], [])


def test_on_its_way_it_stands_in_one_wallet(desk):
    desk.fund_hot("60")
    for _ in range(6):
        for act in (desk.keep, desk.pay, desk.anvil.mine, desk.read):
            act()
            told = [one for one in desk.do(balances) if one.asset == "ETH"]
            total = sum(one.confirmed for one in told)
            assert Decimal("59.99") < total <= 60
            assert all(one.pending_out in {0, *_leaves(desk)} for one in told)


def _leaves(desk):
    return {one.amount + one.attempts[-1].max_fee for one in made(desk) if one.attempts}


def test_without_a_cold_wallet_it_is_told_and_stays(anvil, custody_url, tmp_path):
    desk = opened(anvil, tmp_path, custody_url, **served(cold=None))
    desk.fund_hot("60")
    desk.contract()
    desk.keep()
    desk.keep()
    assert floats(desk) == [("float.high", "ETH", "60"), ("float.low", TOKEN, "0")]
    assert made(desk) == []


def test_after_a_failure_it_rests(desk):
    hot, cold = desk.fund_hot("30"), desk.house.network(NETWORK).cold
    token = desk.contract()
    token.hold(hot, 51 * UNIT)
    token.freeze(cold)
    for _ in range(3):
        desk.keep()
        desk.pay()
    (one,) = made(desk)
    assert (one.state.value, one.attempts) == ("failed", [])
    token.freeze(cold, 0)
    with db.transaction() as tx:
        tx.execute("UPDATE custody.transfers SET updated_at = updated_at - interval '7 hours'")
    assert transfers.view(settled(desk)[-1].id).state.value == "final"


@pytest.mark.parametrize(
    ("asset", "network", "said"),
    [
        ({"float": BOUNDS | {"min": "21"}}, {}, "rise"),
        ({"float": BOUNDS | {"min": "-1"}}, {}, "greater than or equal to 0"),
        ({"float": BOUNDS | {"min": 1}}, {}, "decimal strings"),
        ({"float": BOUNDS | {"min": "0.0000000000000000001"}}, {}, "no more decimals"),
        ({"sweep_from": "0"}, {}, "greater than 0"),
        ({"sweep_from": "1"}, {"sweep_fee_cap": None}, "`sweep_fee_cap` is missing"),
        ({"sweep_from": "1"}, {"sweep_fee_cap": "0.0000000000000000001"}, "more decimals"),
    ],
)
def test_bounds_that_nobody_can_mean_are_refused_at_the_start(asset, network, said):
    wanted = {
        "kind": "evm", "rpc": "http://127.0.0.1:1", "native": "ETH", "chain_id": 1, "confirmations": 1, "sweep_fee_cap": "0.01",
        "assets": {"ETH": {"decimals": 18} | asset},
    }  # fmt: skip
    with pytest.raises(ValidationError, match=said):
        Network.model_validate(wanted | network)
