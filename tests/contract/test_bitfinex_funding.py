"""Margin funding at the simulated Bitfinex, through the gateway: taken whole, in part or not at all, found again, and returned."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from simulator_server import start_simulator
from venue_desk import D, with_gateway

from kernel.clock import wall
from venues.bitfinex_funding import BitfinexFunding
from venues.gateway import Absent, Refused, Unknown, VenueUnreachable

RATE = D("0.0001")


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(tick_s=0) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(simulator):
    simulator.reset()


def at_bitfinex(simulator, body):
    async def run(gateway):
        return await body(BitfinexFunding(gateway), gateway)

    return with_gateway(simulator, "bitfinex", run)


def ask(funding, sent_at, amount="1000", rate=RATE, not_these=()):
    return funding.find(asset="USDT", amount=D(amount), rate=rate, sent_at=sent_at, not_these=not_these)


def test_a_bid_is_taken_found_again_and_returned(simulator):
    async def body(funding, gateway):
        before, sent_at = (await gateway.balances())["USDT"].total, wall()
        bid = await funding.bid(asset="USDT", amount=D(1000), rate=RATE)
        with_it = (await gateway.balances())["USDT"].total
        found = await ask(funding, sent_at)
        other = await ask(funding, sent_at, not_these=(bid.id,))
        open_before = await funding.is_back(asset="USDT", ref=bid.refs[0])
        back = await funding.give_back(bid.refs[0])
        again = await funding.give_back(bid.refs[0])
        after = (await gateway.balances())["USDT"].total
        return (
            bid,
            found,
            other,
            with_it - before,
            open_before,
            back,
            again,
            await funding.is_back(asset="USDT", ref=bid.refs[0]),
            after - before,
        )

    bid, found, other, came, open_before, back, again, is_back, left = at_bitfinex(simulator, body)
    assert (bid.status, bid.taken, len(bid.refs)) == ("taken", D(1000), 1)
    assert found == bid
    assert other == Absent(True)
    assert (came, left) == (D(1000), 0)
    assert (open_before, back, is_back) == (False, None, True)
    assert isinstance(again, Refused | Unknown)


def test_a_bid_below_the_lenders_rests_until_it_is_cancelled(simulator):
    async def body(funding, _gateway):
        sent_at, cheap = wall(), D("0.00005")
        bid = await funding.bid(asset="USDT", amount=D(1000), rate=cheap)
        await funding.cancel(bid.id)
        return bid, await ask(funding, sent_at, rate=cheap)

    bid, found = at_bitfinex(simulator, body)
    assert (bid.status, bid.taken) == ("open", 0)
    assert (found.status, found.taken, found.refs) == ("ended", 0, ())


def test_more_than_there_is_comes_in_part(simulator):
    async def body(funding, _gateway):
        return await funding.bid(asset="USDT", amount=D(600_000), rate=RATE)

    bid = at_bitfinex(simulator, body)
    assert (bid.status, bid.taken) == ("open", D(500_000))


@pytest.mark.parametrize(("kind", "exists"), [("drop_after_accept", True), ("drop_before_accept", False)])
def test_a_lost_answer_is_unknown_and_asking_tells(simulator, kind, exists):
    simulator.fault("bitfinex", kind, operation="place")
    amount = "1500" if exists else "1600"  # a bid is known by nothing else

    async def body(funding, _gateway):
        sent_at = wall()
        told = await funding.bid(asset="USDT", amount=D(amount), rate=RATE)
        return told, await ask(funding, sent_at, amount)

    told, found = at_bitfinex(simulator, body)
    assert isinstance(told, Unknown)
    assert (found.taken == D(amount)) if exists else (found == Absent(True))


def test_a_bid_of_before_is_no_answer(simulator):
    async def body(funding, _gateway):
        await funding.bid(asset="USDT", amount=D(1000), rate=RATE)
        return await ask(funding, wall() + timedelta(minutes=1))

    assert at_bitfinex(simulator, body) == Absent(True)


def test_the_venue_lists_what_is_taken_until_it_is_returned(simulator):
    async def body(funding, _gateway):
        before = await funding.taken("USDT")
        bid = await funding.bid(asset="USDT", amount=D(1000), rate=RATE)
        other = await funding.bid(asset="BTC", amount=D(1), rate=RATE)
        here = await funding.taken("USDT")
        await funding.give_back(bid.refs[0])
        return before, bid.refs, other.refs, here, await funding.taken("USDT")

    before, refs, others, here, after = at_bitfinex(simulator, body)
    assert here == before | {refs[0]: D(1000)}, "and nothing of another asset"
    assert after == before
    assert not before.keys() & {*refs, *others}


@pytest.mark.parametrize("answer", [[["not a row"]], [[1, 2, 3, 4, 5, "much"]], {"error": 1}, None])
def test_a_list_that_cannot_be_read_is_no_empty_list(answer):
    class Door:
        async def read(self, _method, _params):
            return answer

    with pytest.raises(VenueUnreachable):
        asyncio.run(BitfinexFunding(Door()).taken("USDT"))
