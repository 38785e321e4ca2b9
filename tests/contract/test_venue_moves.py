"""Withdrawals through unmodified ccxt against every dialect: sent once, found again, refused, and credited at the other venue."""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from simulator_server import start_simulator
from venue_desk import TIMEOUT_S, D, order

from kernel.clock import wall
from venues.accounts import simulated_account, simulated_withdraw_account
from venues.ccxt_gateway import CcxtGateway
from venues.ccxt_moves import CcxtMoves
from venues.gateway import Absent, AskFailed, Refused, Unknown
from venues.moves import Withdraw, WithdrawalReport

VENUES = ("binance", "bitfinex", "kraken", "okx")
NOTED = ("binance", "bitfinex", "okx")  # the venues that know a reference of ours
RAILS = [("USDT", "tron", "250"), ("USDT", "ethereum", "300.5"), ("BTC", "bitcoin", "0.5"), ("ETH", "ethereum", "2.25")]


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(tick_s=0) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(simulator):
    simulator.reset()
    simulator.control("POST", "/control/moves", {"delay_ms": 0, "closed": []})


def at(simulator, body, *venues, timeout_s=TIMEOUT_S):
    """Run `await body(*desks)` with the key that may withdraw at each venue."""

    async def run():
        async with AsyncExitStack() as stack:
            desks = []
            for venue in venues:
                gateway = CcxtGateway(simulated_withdraw_account(venue, simulator.url), timeout_s=timeout_s)
                stack.push_async_callback(gateway.close)
                await gateway.load()
                desks.append(CcxtMoves(gateway))
            return await body(*desks)

    return asyncio.run(run())


async def wish(desk, to, *, ref, asset="USDT", network="tron", amount="250", sent_at=None):
    offer = next(o for o in await desk.offers([asset]) if o.network == network)
    address = await to.address(asset, network)
    return Withdraw(
        ref=ref, asset=asset, network=network, amount=D(amount), fee=offer.fee, address=address.address, memo=address.memo,
        key="treasury", sent_at=sent_at or wall(),
    )  # fmt: skip


def left(simulator, venue):
    return simulator.control("GET", f"/control/venues/{venue}/withdrawals")["items"]


def free(simulator, venue, asset):
    rows = simulator.control("GET", f"/control/balances/{venue}")["items"]
    return next(D(row["free"]) for row in rows if row["asset"] == asset)


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize(("asset", "network", "amount"), RAILS)
def test_what_is_withdrawn_arrives_at_the_other_venue_less_nothing_but_the_fee(
    simulator, venue, asset, network, amount
):
    other = "okx" if venue != "okx" else "kraken"
    here, there = free(simulator, venue, asset), free(simulator, other, asset)

    async def body(desk, to):
        since = wall() - timedelta(seconds=2)
        asked = await wish(desk, to, ref=f"t{venue}{asset}{network}", asset=asset, network=network, amount=amount)
        sent = await desk.withdraw(asked)
        later = await desk.find(asked, venue_ref=sent.venue_ref, not_these=())
        return asked, sent, later, await to.deposits(asset, since)

    asked, sent, later, deposits = at(simulator, body, venue, other)
    assert (sent.amount, sent.fee) == (D(amount), asked.fee)
    assert asked.fee > 0
    assert (later.state, later.venue_ref) == ("done", sent.venue_ref)
    assert [(d.amount, d.address) for d in deposits if d.txid == later.txid] == [(D(amount), asked.address)]
    assert free(simulator, venue, asset) == here - D(amount) - asked.fee
    assert free(simulator, other, asset) == there + D(amount)


@pytest.mark.parametrize("venue", VENUES)
def test_a_lost_reply_is_unknown_and_found_in_the_history(simulator, venue):
    other = "okx" if venue != "okx" else "binance"
    ref = f"lost{venue}"
    before = len(left(simulator, venue))

    async def body(desk, to):
        asked = await wish(desk, to, ref=ref, amount="111")
        fault = simulator.fault(venue, "drop_after_accept", operation="withdraw")
        sent = await desk.withdraw(asked)
        assert simulator.hits(fault) == 1
        found = await desk.find(asked, venue_ref=None, not_these=())
        again = await desk.find(asked, venue_ref=None, not_these=(found.venue_ref,))
        return sent, found, again

    sent, found, again = at(simulator, body, venue, other)
    assert isinstance(sent, Unknown)
    assert isinstance(found, WithdrawalReport)
    assert found.amount == D(111)
    assert isinstance(again, WithdrawalReport if venue in NOTED else Absent), (
        "a number that is another transfer's is not ours"
    )
    assert len(left(simulator, venue)) == before + 1


@pytest.mark.parametrize("venue", VENUES)
def test_a_request_that_never_arrived_is_absent_and_nothing_left(simulator, venue):
    other = "okx" if venue != "okx" else "binance"
    before = left(simulator, venue)

    async def body(desk, to):
        asked = await wish(desk, to, ref=f"never{venue}", amount="112")
        simulator.fault(venue, "drop_before_accept", operation="withdraw")
        return await desk.withdraw(asked), await desk.find(asked, venue_ref=None, not_these=())

    sent, found = at(simulator, body, venue, other)
    assert isinstance(sent, Unknown)
    assert found == Absent(True)
    assert left(simulator, venue) == before


@pytest.mark.parametrize("venue", VENUES)
def test_a_history_that_is_late_says_absent_and_then_shows_it(simulator, venue):
    """So absence proves nothing before the guard is over."""
    other = "okx" if venue != "okx" else "binance"

    async def body(desk, to):
        asked = await wish(desk, to, ref=f"late{venue}", amount="113")
        simulator.fault(venue, "late_history", operation="withdraw", delay_ms=1500)
        sent = await desk.withdraw(asked)
        found = Absent(True)
        while isinstance(found, Absent):
            found = await desk.find(asked, venue_ref=getattr(sent, "venue_ref", None), not_these=())
            await asyncio.sleep(0.1)
        return sent, found

    sent, found = at(simulator, body, venue, other)
    assert isinstance(sent, WithdrawalReport)
    assert (sent.amount, sent.txid) == (None, None)
    assert found.amount == D(113)


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("how", ["no money", "below the minimum", "closed"])
def test_a_refusal_proves_that_nothing_left(simulator, venue, how):
    other = "okx" if venue != "okx" else "binance"
    before = left(simulator, venue)

    async def body(desk, to):
        amount = {"no money": "99999999", "below the minimum": "3"}.get(how, "50")
        asked = await wish(desk, to, ref=f"refused{venue}", amount=amount)
        if how == "closed":
            simulator.control("POST", "/control/moves", {"venue": venue, "closed": [["withdraw", "USDT", "tron"]]})
        return await desk.withdraw(asked)

    sent = at(simulator, body, venue, other)
    assert isinstance(sent, Refused), sent
    assert left(simulator, venue) == before


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("kind", ["http_503", "bad_json", "maintenance"])
def test_an_answer_that_proves_nothing_is_unknown(simulator, venue, kind):
    other = "okx" if venue != "okx" else "binance"

    async def body(desk, to):
        asked = await wish(desk, to, ref=f"odd{venue}{kind}", amount="114")
        simulator.fault(venue, kind, operation="withdraw")
        return await desk.withdraw(asked)

    assert isinstance(at(simulator, body, venue, other), Unknown)


@pytest.mark.parametrize("venue", VENUES)
def test_a_history_that_fails_says_nothing(simulator, venue):
    other = "okx" if venue != "okx" else "binance"

    async def body(desk, to):
        asked = await wish(desk, to, ref=f"mute{venue}", amount="115")
        simulator.fault(venue, "http_503", operation="moves", count=3)
        return await desk.find(asked, venue_ref=None, not_these=())

    assert isinstance(at(simulator, body, venue, other), AskFailed)


@pytest.mark.parametrize("venue", VENUES)
def test_networks_come_with_fee_minimum_and_what_is_closed(simulator, venue):
    simulator.control("POST", "/control/moves", {"venue": venue, "closed": [["withdraw", "USDT", "ethereum"]]})

    async def body(desk):
        return await desk.offers(["USDT", "BTC", "DOGE"])

    offers = {(o.asset, o.network): o for o in at(simulator, body, venue)}
    assert set(offers) >= {("USDT", "tron"), ("BTC", "bitcoin")}
    assert offers["USDT", "tron"].withdrawals
    assert offers["USDT", "tron"].deposits
    assert ("USDT", "ethereum") not in offers or not offers["USDT", "ethereum"].withdrawals
    assert offers["BTC", "bitcoin"].fee > 0


@pytest.mark.parametrize("venue", VENUES)
def test_the_key_that_trades_does_not_withdraw_and_the_other_way_round(simulator, venue):
    other = "okx" if venue != "okx" else "binance"
    before = left(simulator, venue)

    async def run():
        trading = CcxtGateway(simulated_account(venue, simulator.url), timeout_s=TIMEOUT_S)
        paying = CcxtGateway(simulated_withdraw_account(venue, simulator.url), timeout_s=TIMEOUT_S)
        asked_of = CcxtGateway(simulated_withdraw_account(other, simulator.url), timeout_s=TIMEOUT_S)
        try:
            for gateway in (trading, paying, asked_of):
                await gateway.load()
            asked = await wish(CcxtMoves(paying), CcxtMoves(asked_of), ref=f"wrong{venue}", amount="116")
            return await CcxtMoves(trading).withdraw(asked), await paying.place(order())
        finally:
            for gateway in (trading, paying, asked_of):
                await gateway.close()

    withdrawn, placed = asyncio.run(run())
    assert isinstance(withdrawn, Refused), withdrawn
    assert not hasattr(placed, "report"), placed
    assert left(simulator, venue) == before
    assert simulator.orders(venue) == []
