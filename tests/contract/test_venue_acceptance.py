"""One acceptance spec for every venue: the same orders, answers and faults through unmodified ccxt against each dialect."""

import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from simulator_server import start_simulator
from venue_desk import D, gateway_of, loopback_only, next_coid, order, thin_book, with_gateway

from kernel import clock
from kernel.clock import wall
from venues import coids
from venues.accounts import VENUES
from venues.capabilities import of
from venues.gateway import Absent, AskFailed, Found, Placed, Refused, Unknown, VenueUnreachable

FEES = {"binance": D("0.001"), "bitfinex": D("0.002"), "kraken": D("0.0026"), "okx": D("0.001")}
PATIENCE_S = 90
BOUNDED = [venue for venue in VENUES if of(venue).validity_s is not None]


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(tick_s=0) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(simulator):
    """Every test starts at 60,000 with deep books, full accounts and no faults."""
    simulator.reset()
    simulator.pin("BTC-USDT", "60000")
    for venue in VENUES:
        for asset, free in (("USDT", "10000000"), ("BTC", "200"), ("ETH", "3000")):
            simulator.control("POST", "/control/balances", {"venue": venue, "asset": asset, "free": free})


@pytest.fixture(params=VENUES)
def venue(request):
    return request.param


def seen(simulator, venue, placed):
    """What the venue itself has under the order's id."""
    return simulator.orders(venue, coids.for_venue(venue, placed.coid_number))


def ask(gateway, placed):
    return gateway.ask(coid_number=placed.coid_number, symbol=placed.symbol, sent_at=placed.sent_at)


async def asked_until(gateway, placed):
    """The first answer that says something, or the last silence when the patience is over."""
    patience = time.monotonic() + PATIENCE_S
    while True:
        answer = await ask(gateway, placed)
        if not isinstance(answer, AskFailed) or time.monotonic() > patience:
            return answer
        await asyncio.sleep(0.1)


async def place_and_ask(gateway, placed):
    outcome = await gateway.place(placed)
    return outcome, await asked_until(gateway, placed)


# ------------------------------------------------------------------------------------------------------------- placing
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_full_fill_reports_every_fill_with_its_fee(simulator, venue, side):
    thin_book(simulator, venue, asks=(("60010", "0.006"), ("60020", "1")), bids=(("59990", "0.006"), ("59980", "1")))
    bought = order(side, "0.01")
    outcome = with_gateway(simulator, venue, lambda gateway: gateway.place(bought))
    assert isinstance(outcome, Placed), outcome
    report = outcome.report
    assert (report.status, report.filled_quantity, report.fills_complete) == ("filled", D("0.01"), True)
    near, far = (D(60010), D(60020)) if side == "buy" else (D(59990), D(59980))
    assert sorted((f.price, f.quantity) for f in report.fills) == sorted([(near, D("0.006")), (far, D("0.004"))])
    assert report.average_price == (near * 6 + far * 4) / 10
    in_quote = venue == "kraken" or side == "sell"
    for fill in report.fills:
        basis = fill.quantity * fill.price if in_quote else fill.quantity
        assert fill.fee_asset == ("USDT" if in_quote else "BTC")
        assert abs(fill.fee - basis * FEES[venue]) <= D("0.000001")
        assert abs((fill.executed_at - wall()).total_seconds()) < 30
    (theirs,) = seen(simulator, venue, bought)
    assert (theirs["side"], theirs["status"], D(theirs["quantity"])) == (side, "filled", D("0.01"))
    assert report.client_order_id == theirs["client_order_id"]
    assert len({fill.trade_id for fill in report.fills}) == 2


def test_partial_fill_ends_with_the_right_quantity(simulator, venue):
    thin_book(simulator, venue, asks=(("60010", "0.4"), ("61500", "1")))
    outcome = with_gateway(simulator, venue, lambda gateway: gateway.place(order(quantity="1")))
    assert isinstance(outcome, Placed), outcome
    assert outcome.report.status in {"cancelled", "expired"}
    assert (outcome.report.filled_quantity, outcome.report.fills_complete) == (D("0.4"), True)


def test_no_fill_is_a_finished_order(simulator, venue):
    outcome = with_gateway(simulator, venue, lambda gateway: gateway.place(order(limit="50000")))
    assert isinstance(outcome, Placed), outcome
    assert outcome.report.status in {"cancelled", "expired"}
    assert (outcome.report.filled_quantity, outcome.report.fills, outcome.report.fills_complete) == (0, (), True)


def test_protective_limit_is_rounded_by_us(simulator, venue):
    limits = {"binance": "59999.98", "kraken": "59999.9", "okx": "59999.9", "bitfinex": "59999"}
    bought = order(limit="59999.987654321")
    with_gateway(simulator, venue, lambda gateway: gateway.place(bought))
    assert seen(simulator, venue, bought)[0]["limit_price"] == limits[venue]
    sold = order("sell", limit="60100.010001")
    with_gateway(simulator, venue, lambda gateway: gateway.place(sold))
    limits = {"binance": "60100.02", "kraken": "60100.1", "okx": "60100.1", "bitfinex": "60101"}
    assert seen(simulator, venue, sold)[0]["limit_price"] == limits[venue]


def test_too_small_is_never_sent(simulator, venue):
    small = order(quantity="0.000000019")
    outcome = with_gateway(simulator, venue, lambda gateway: gateway.place(small))
    assert isinstance(outcome, Refused)
    assert outcome.never_sent
    assert seen(simulator, venue, small) == []


def test_no_funds(simulator, venue):
    simulator.control("POST", "/control/balances", {"venue": venue, "asset": "USDT", "free": "1"})
    poor = order(quantity="1")
    outcome, asked = with_gateway(simulator, venue, lambda gateway: place_and_ask(gateway, poor))
    assert isinstance(outcome, Refused), outcome
    assert (outcome.reason, outcome.insufficient_funds) == ("rejected", True)
    assert asked == Absent(authoritative=True)
    assert seen(simulator, venue, poor) == []


def test_second_order_with_the_same_id(simulator, venue):
    """Refused while open, refused for ever, or accepted: the matrix says which, and nobody relies on it."""
    first = order(limit="61000")

    async def twice(gateway):
        return await gateway.place(first), await gateway.place(order(coid=first.coid_number))

    one, two = with_gateway(simulator, venue, twice)
    assert isinstance(one, Placed)
    if of(venue).repeated_coid == "refused":
        assert isinstance(two, Unknown)
        assert two.duplicate
        assert len(seen(simulator, venue, first)) == 1
    else:  # the first one is closed
        assert isinstance(two, Placed)
        assert len(seen(simulator, venue, first)) == 2


# -------------------------------------------------------------------------------------------------------------- asking
def test_an_order_whose_answer_was_lost_is_found(simulator, venue):
    fault = simulator.fault(venue, "drop_after_accept")
    lost = order()
    outcome, asked = with_gateway(simulator, venue, lambda gateway: place_and_ask(gateway, lost))
    assert isinstance(outcome, Unknown), outcome
    assert simulator.hits(fault) == 1
    assert isinstance(asked, Found), asked
    assert (asked.report.status, asked.report.filled_quantity, asked.report.fills_complete) == (
        "filled",
        D("0.01"),
        True,
    )
    assert len(seen(simulator, venue, lost)) == 1


def test_an_order_that_never_arrived_is_absent(simulator, venue):
    fault = simulator.fault(venue, "drop_before_accept")
    lost = order()
    outcome, asked = with_gateway(simulator, venue, lambda gateway: place_and_ask(gateway, lost))
    assert isinstance(outcome, Unknown), outcome
    assert simulator.hits(fault) == 1
    assert asked == Absent(authoritative=True)
    assert seen(simulator, venue, lost) == []


def test_found_among_others_with_its_own_fills_only(simulator, venue):
    mine = order(quantity="0.02")

    async def several(gateway):
        for other in (order(), mine, order("sell", "0.03")):
            await gateway.place(other)
        return await ask(gateway, mine)

    found = with_gateway(simulator, venue, several)
    assert isinstance(found, Found), found
    assert sum(fill.quantity for fill in found.report.fills) == D("0.02")
    assert found.report.client_order_id == coids.for_venue(venue, mine.coid_number)


def test_a_namesake_from_before_is_not_ours(simulator, venue):
    old = order()

    async def later(gateway):
        await gateway.place(old)
        return await gateway.ask(coid_number=old.coid_number, symbol=old.symbol, sent_at=wall() + timedelta(hours=1))

    assert not isinstance(with_gateway(simulator, venue, later), Found)


def test_a_failed_question_says_nothing(simulator, venue):
    simulator.fault(venue, "http_503", operation="ask", count=20)
    asked = with_gateway(simulator, venue, lambda gateway: ask(gateway, order()))
    assert isinstance(asked, AskFailed)


# -------------------------------------------------------------------------------------------------------------- faults
@pytest.mark.parametrize("kind", ["http_429", "http_418"])
def test_rate_limit_is_not_accepted_and_waited_for(simulator, venue, kind):
    fault = simulator.fault(venue, kind, retry_after_s=600)
    limited, second = order(), order()

    async def run(gateway):
        first = await gateway.place(limited)
        at_once = await gateway.place(second)
        balances = await _failure(gateway.balances())
        clock.follow(601)
        return first, at_once, balances, await gateway.place(order())

    try:
        outcome, at_once, balances, later = with_gateway(simulator, venue, run)
    finally:
        clock.follow(0)
    assert isinstance(outcome, Refused), outcome
    assert (outcome.reason, outcome.retry_after_s) == ("not_accepted", 600.0)
    assert simulator.hits(fault) == 1
    assert isinstance(at_once, Refused)
    assert at_once.never_sent
    assert isinstance(balances, VenueUnreachable), "every operation waits"
    assert isinstance(later, Placed)
    assert seen(simulator, venue, limited) == seen(simulator, venue, second) == []


@pytest.mark.parametrize("kind", ["http_503", "bad_json"])
def test_answers_that_prove_nothing_are_unknown(simulator, venue, kind):
    fault = simulator.fault(venue, kind)
    doubtful = order()
    outcome, asked = with_gateway(simulator, venue, lambda gateway: place_and_ask(gateway, doubtful))
    assert isinstance(outcome, Unknown), outcome
    assert simulator.hits(fault) == 1
    accepted = seen(simulator, venue, doubtful)
    assert isinstance(asked, Found) is bool(accepted), asked
    assert len(accepted) == (1 if kind == "bad_json" else 0)


def test_an_answer_cut_in_half_is_not_an_absence(simulator, venue):
    """The library reads what is not JSON as an empty list; an order that stands at the venue would be given up."""
    placed = order()

    async def run(gateway):
        await gateway.place(placed)
        fault = simulator.fault(venue, "bad_json", operation="ask", count=6)
        answers = [await ask(gateway, placed) for _ in range(3)]
        hits = simulator.hits(fault)
        simulator.control("DELETE", f"/control/faults/{fault}")
        return hits, answers, await asked_until(gateway, placed)

    hits, answers, later = with_gateway(simulator, venue, run)
    assert hits >= 3
    assert len(seen(simulator, venue, placed)) == 1
    assert not any(isinstance(answer, Absent) for answer in answers), answers
    assert isinstance(later, Found)


def test_maintenance(simulator, venue):
    """Kraken names the mode its market is in, which proves a refusal; the others only stop answering."""
    simulator.fault(venue, "maintenance")
    doubtful = order()
    outcome, asked = with_gateway(simulator, venue, lambda gateway: place_and_ask(gateway, doubtful))
    if venue == "kraken":
        assert isinstance(outcome, Refused), outcome
        assert outcome.reason == "rejected"
    else:
        assert isinstance(outcome, Unknown), outcome
    assert asked == Absent(authoritative=True)
    assert seen(simulator, venue, doubtful) == []


def test_slower_than_the_timeout_is_unknown_and_found_later(simulator, venue):
    fault = simulator.fault(venue, "slow", delay_ms=700)
    slow = order()

    async def run(gateway):
        nonlocal slow
        outcome = await gateway.place(slow)
        while not simulator.hits(fault):  # this machine stood still, and the order never left
            slow = order()
            outcome = await gateway.place(slow)
        async with asyncio.timeout(PATIENCE_S):  # a question in between would have the higher nonce and spoil the order
            while not seen(simulator, venue, slow):
                await asyncio.sleep(0.05)
        return outcome, await asked_until(gateway, slow)

    outcome, asked = with_gateway(simulator, venue, run, timeout_s=0.4)
    assert isinstance(outcome, Unknown), outcome
    assert isinstance(asked, Found), asked


@pytest.mark.parametrize("venue", BOUNDED)
def test_a_late_order_is_refused_by_the_venue(simulator, venue):
    """A process that was stopped between committing and sending: the venue's own clock is the last guard."""
    late = order(sent_at=wall() - timedelta(seconds=30))
    outcome, asked = with_gateway(simulator, venue, lambda gateway: place_and_ask(gateway, late))
    assert not isinstance(outcome, Placed), outcome
    assert isinstance(asked, Absent)
    assert seen(simulator, venue, late) == []


def test_eight_at_once_on_one_key(simulator, venue):
    eight = [order() for _ in range(8)]

    async def run(gateway):
        return await asyncio.gather(*(gateway.place(one) for one in eight), gateway.balances())

    *outcomes, _ = with_gateway(simulator, venue, run, timeout_s=5)
    assert all(isinstance(outcome, Placed) for outcome in outcomes), outcomes
    assert [len(seen(simulator, venue, one)) for one in eight] == [1] * 8


def test_the_breaker_stops_calls_after_five_failures(simulator, venue):
    fault = simulator.fault(venue, "http_503", count=20)

    async def run(gateway):
        return [await gateway.place(order()) for _ in range(6)]

    outcomes = with_gateway(simulator, venue, run)
    assert all(isinstance(outcome, Unknown) for outcome in outcomes[:5])
    assert isinstance(outcomes[5], Refused)
    assert outcomes[5].never_sent
    assert simulator.hits(fault) == 5


# --------------------------------------------------------------------------------------------------------------- lists
def test_balances_move_by_fill_and_fee(simulator, venue):
    thin_book(simulator, venue, asks=(("60000", "1"),), bids=(("59000", "1"),))

    async def run(gateway):
        before = await gateway.balances()
        placed = await gateway.place(order(quantity="0.5"))
        return before, await gateway.balances(), placed.report.fills[0]

    before, after, fill = with_gateway(simulator, venue, run)
    assert before["USDT"].total >= before["USDT"].free > 0
    fees = {fill.fee_asset: fill.fee}
    assert after["BTC"].total - before["BTC"].total == D("0.5") - fees.get("BTC", 0)
    assert after["USDT"].total - before["USDT"].total == -D(30000) - fees.get("USDT", 0)


def test_trades_name_their_order(simulator, venue):
    placed = order(quantity="0.02")

    async def run(gateway):
        since = wall() - timedelta(seconds=5)
        outcome = await gateway.place(placed)
        return outcome.report, await gateway.trades_since("BTC-USDT", since), await gateway.open_orders("BTC-USDT")

    report, trades, still_open = with_gateway(simulator, venue, run)
    mine = [trade for trade in trades if trade.venue_order_id == report.venue_order_id]
    assert {t.trade_id: (t.price, t.quantity, t.fee, t.fee_asset) for t in mine} == {
        f.trade_id: (f.price, f.quantity, f.fee, f.fee_asset) for f in report.fills
    }
    assert all(trade.symbol == "BTC-USDT" and trade.side == "buy" for trade in mine)
    assert still_open == []


def test_an_old_order_tells_its_fills_behind_many_newer_trades(simulator, venue):
    """Lists of trades come in pages; the fills of one order must not depend on what was traded since."""
    first = order(quantity="0.0002")

    async def run(gateway):
        placed = await gateway.place(first)
        for _ in range(60):
            await gateway.place(order(quantity="0.0002"))
        asked = await gateway.ask(coid_number=first.coid_number, symbol=first.symbol, sent_at=first.sent_at)
        return placed.report, asked.report

    placed, asked = with_gateway(simulator, venue, run)
    assert asked.fills_complete
    assert {fill.trade_id for fill in asked.fills} == {fill.trade_id for fill in placed.fills}


def test_cancel_of_a_finished_order_tells_its_state(simulator, venue):
    placed = order()

    async def run(gateway):
        await gateway.place(placed)
        return await gateway.cancel(coid_number=placed.coid_number, symbol=placed.symbol, sent_at=placed.sent_at)

    assert with_gateway(simulator, venue, run).report.status == "filled"


def test_grid_comes_from_the_venue(simulator, venue):
    async def run(gateway):
        return gateway.grid("BTC-USDT"), gateway.grid("ETH-BTC")

    btc, eth = with_gateway(simulator, venue, run)
    spec = simulator.cores[venue].markets["BTC-USDT"].spec
    assert (btc.tick, btc.significant_digits, btc.step, btc.min_quantity) == (
        spec.tick,
        spec.significant_digits,
        spec.step,
        spec.min_quantity,
    )
    assert eth.step == simulator.cores[venue].markets["ETH-BTC"].spec.step


def test_no_socket_leaves_the_machine(simulator, venue, monkeypatch):
    with loopback_only(monkeypatch) as addresses:

        async def run():
            async with gateway_of(simulator, venue) as gateway:
                await place_and_ask(gateway, order())
                await gateway.balances()
                await gateway.load()

        asyncio.run(run())
    assert addresses
    assert {host for host, *_ in addresses} == {"127.0.0.1"}


async def _failure(call):
    try:
        return await call
    except Exception as error:
        return error


def test_ids_in_use_are_fresh():
    assert next_coid() != next_coid()
