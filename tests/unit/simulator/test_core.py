"""The simulated venue keeps exact accounts and matches as a venue does."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venues.simulator.core import BookChanged, OrderChanged, SimReject, StreamsCut, VenueCore
from venues.simulator.faults import Faults
from venues.simulator.listings import START_BALANCES, VENUES
from venues.simulator.storage import Storage

D = Decimal
ACCOUNT = "someone"
BTC = "BTC-USDT"


def core_at(price: str = "60000", venue: str = "binance", **more) -> VenueCore:
    core = VenueCore(venue, Faults(), **more)
    core.set_price(BTC, D(price))
    return core


def ioc(core: VenueCore, *, side="buy", quantity="0.1", price="60500", coid=None):
    return core.place(
        ACCOUNT,
        symbol=BTC,
        side=side,
        type="limit",
        quantity=D(quantity),
        price=D(price),
        time_in_force="ioc",
        client_order_id=coid,
    )


def rest(core: VenueCore, *, side="buy", quantity="0.1", price="59000", coid=None, time_in_force="gtc"):
    return core.place(
        ACCOUNT,
        symbol=BTC,
        side=side,
        type="limit",
        quantity=D(quantity),
        price=D(price),
        time_in_force=time_in_force,
        client_order_id=coid,
    )


def thin(core: VenueCore, quantity: str, levels: int = 2) -> None:
    core.markets[BTC].thin(bids=[D(quantity)] * levels, asks=[D(quantity)] * levels)
    core.publish(BTC)


orders = st.tuples(
    st.sampled_from(["limit", "market", "cost", "cancel", "price"]),
    st.sampled_from(["buy", "sell"]),
    st.sampled_from(["gtc", "ioc", "fok", "post_only"]),
    st.integers(1, 400_000),
    st.integers(-800, 800),
)


@pytest.mark.parametrize("venue", VENUES)
@settings(max_examples=60, deadline=None)
@given(steps=st.lists(orders, min_size=1, max_size=25))
def test_funds_change_by_fills_and_fees_alone(venue, steps):
    core = core_at(venue=venue)
    for action, side, in_force, size, distance in steps:
        quantity = size * D("0.0001")
        try:
            if action == "price":
                core.set_price(BTC, D(60000 + distance))
            elif action == "cancel":
                resting = core.orders(ACCOUNT, open_only=True)
                core.cancel(ACCOUNT, venue_order_id=resting[0].venue_order_id if resting else 1)
            elif action == "cost" and side == "buy":
                core.place(ACCOUNT, symbol=BTC, side=side, type="market", cost=quantity * 1000)
            elif action == "market":
                core.place(ACCOUNT, symbol=BTC, side=side, type="market", quantity=quantity)
            else:
                price = D(60000 + distance)
                core.place(
                    ACCOUNT, symbol=BTC, side=side, type="limit", quantity=quantity, price=price, time_in_force=in_force
                )
        except SimReject:
            pass
        assert_accounts_agree(core)


def assert_accounts_agree(core: VenueCore) -> None:
    """Start funds plus fills minus fees are what is there; locked is what open orders have locked."""
    expected = dict(START_BALANCES)
    for order, fill in core.fills(ACCOUNT):
        sign = 1 if order.side == "buy" else -1
        expected["BTC"] += sign * fill.quantity
        expected["USDT"] -= sign * fill.quantity * fill.price
        expected[fill.fee_asset] -= fill.fee
    locked = dict.fromkeys(expected, D(0))
    for order in core.orders(ACCOUNT, open_only=True):
        locked["USDT" if order.side == "buy" else "BTC"] += order.locked
    found = core.balances(ACCOUNT)
    assert {asset: sum(row) for asset, row in found.items()} == expected
    assert {asset: row[1] for asset, row in found.items()} == locked
    assert all(free >= 0 and held >= 0 for free, held in found.values())
    for order in core.orders(ACCOUNT):
        assert order.filled_quantity == sum((fill.quantity for fill in order.fills), D(0)) <= order.quantity
        assert order.is_open or order.locked == 0


@pytest.mark.parametrize("venue", VENUES)
@given(cents=st.integers(100_000, 20_000_000))
@settings(max_examples=80, deadline=None)
def test_a_pin_is_the_mean_of_bid_and_ask_wherever_the_grid_can_show_it(venue, cents):
    price = D(cents) / 100
    core = VenueCore(venue, Faults())
    core.set_price(BTC, price, exact=True)
    book = core.book(BTC)
    if BTC in core.silent:
        assert (book.bids, book.asks, core.ticker(BTC).bid) == ((), (), 0)
        assert core.specs[BTC].tick is None or price % (core.specs[BTC].tick / 2)
    else:
        assert (book.bids[0][0] + book.asks[0][0]) / 2 == price
        assert book.bids[0][0] <= core.ticker(BTC).last <= book.asks[0][0]
        assert list(book.bids) == sorted(book.bids, reverse=True)
        assert list(book.asks) == sorted(book.asks)


def test_a_venue_that_cannot_show_a_price_exactly_falls_silent_and_comes_back():
    core = core_at(venue="bitfinex")
    seen = []
    core.subscribe(seen.append)
    core.set_price(BTC, D("60000.01"), exact=True)
    assert core.silent == {BTC}
    assert core.book(BTC).bids == ()
    core.refresh(BTC)
    assert len(seen) == 1, "one event empties the book, then nothing"
    core.set_price(BTC, D("60000.01"))
    assert core.silent == set()
    assert (core.book(BTC).bids[0][0], core.book(BTC).asks[0][0]) == (D(59999), D(60001))


def test_an_ioc_takes_levels_in_price_order_and_drops_the_rest():
    core = core_at()
    core.markets[BTC].fix_levels(bids=[], asks=[(D(60010), D("0.2")), (D(60000), D("0.1")), (D(60020), D(5))])
    order = ioc(core, quantity="1", price="60010")
    assert [(fill.price, fill.quantity) for fill in order.fills] == [(D(60000), D("0.1")), (D(60010), D("0.2"))]
    assert (order.status, order.filled_quantity, order.locked) == ("expired", D("0.3"), 0)
    assert core.balances(ACCOUNT)["USDT"] == (START_BALANCES["USDT"] - 18002, 0)
    assert core.balances(ACCOUNT)["BTC"] == (D(200) + D("0.3") - D("0.0003"), 0)


def test_kraken_takes_its_fee_in_quote_on_top():
    core = core_at(venue="kraken")
    core.markets[BTC].fix_levels(bids=[], asks=[(D(60000), D(5))])
    ioc(core, quantity="1", price="60100")
    assert core.balances(ACCOUNT)["BTC"][0] == 201
    assert core.balances(ACCOUNT)["USDT"][0] == START_BALANCES["USDT"] - 60156


def test_a_thin_book_stays_as_eaten_until_the_price_moves():
    core = core_at()
    thin(core, "0.01")
    assert ioc(core, quantity="0.015").filled_quantity == D("0.015")
    core.refresh(BTC)
    assert ioc(core).filled_quantity == D("0.005")
    core.refresh(BTC)
    assert ioc(core).filled_quantity == 0
    core.set_price(BTC, D(60001))
    assert ioc(core).filled_quantity == D("0.02")
    core.markets[BTC].thicken()
    assert ioc(core).filled_quantity == D("0.1")


def test_a_normal_book_refills_while_the_price_stands():
    core = core_at()
    depth = sum(quantity for _, quantity in core.book(BTC).asks)
    assert ioc(core, quantity="100", price="70000").filled_quantity == depth
    assert core.book(BTC).asks == ()
    core.refresh(BTC)
    assert len(core.book(BTC).asks) == 20


def test_a_resting_order_fills_at_its_limit_when_the_price_reaches_it():
    core = core_at()
    order = rest(core, price="59000", coid="a")
    assert core.balances(ACCOUNT)["USDT"][1] == 5900
    core.set_price(BTC, D(59001))
    assert order.status == "open"
    core.set_price(BTC, D(58900))
    assert (order.status, order.average_price, order.fills[0].maker) == ("filled", D(59000), True)
    assert core.balances(ACCOUNT)["USDT"][1] == 0


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"quantity": "400"}, "insufficient_funds"),
        ({"quantity": "0.000001"}, "lot_size"),
        ({"price": "60000.001"}, "price_filter"),
        ({"quantity": "0.00001"}, "min_notional"),
        ({"time_in_force": "post_only", "price": "61000"}, "post_only_would_match"),
    ],
)
def test_refusals_change_nothing(change, kind):
    core = core_at()
    before = core.balances(ACCOUNT)
    with pytest.raises(SimReject) as refused:
        rest(core, **change)
    assert refused.value.kind == kind
    assert core.balances(ACCOUNT) == before
    assert core.every_order() == []


@pytest.mark.parametrize(
    ("venue", "while_open", "afterwards"),
    [("binance", False, True), ("kraken", False, True), ("okx", False, False), ("bitfinex", True, True)],
)
def test_what_a_second_order_with_the_same_id_meets(venue, while_open, afterwards):
    core = core_at(venue=venue)
    rest(core, coid="7")

    def accepted() -> bool:
        try:
            return bool(rest(core, coid="7", price="58000"))
        except SimReject as refused:
            return refused.kind != "duplicate_client_order_id"

    assert accepted() is while_open
    for order in core.orders(ACCOUNT, open_only=True):
        core.cancel(ACCOUNT, venue_order_id=order.venue_order_id)
    assert accepted() is afterwards


def test_fill_or_kill_takes_all_or_nothing():
    core = core_at()
    thin(core, "0.05")
    assert rest(core, price="60500", quantity="0.2", time_in_force="fok").filled_quantity == 0
    assert rest(core, price="60500", quantity="0.1", time_in_force="fok").status == "filled"


def test_another_account_sees_and_cancels_nothing():
    core = core_at()
    order = rest(core, coid="mine")
    assert core.find("other", venue_order_id=order.venue_order_id) is None
    assert core.find("other", client_order_id="mine") is None
    with pytest.raises(SimReject, match="unknown_order"):
        core.cancel("other", venue_order_id=order.venue_order_id)


def test_changes_of_the_book_add_up_to_the_book_and_count_without_gaps():
    core = core_at()
    book = core.book(BTC, 1000)
    sides = {"bids": dict(book.bids), "asks": dict(book.asks)}
    sequence = book.sequence
    seen: list[BookChanged] = []
    core.subscribe(lambda event: seen.append(event) if isinstance(event, BookChanged) else None)
    for number in range(1, 20):
        core.set_price(BTC, D(60000 + number * 7), tight=number % 2 == 0)
        ioc(core, quantity="3", price="70000")
        core.refresh(BTC)
    for event in seen:
        assert event.previous_sequence == sequence
        sequence = event.sequence
        for name, levels in sides.items():
            for price, quantity in getattr(event, name):
                levels[price] = quantity
                if quantity == 0:
                    del levels[price]
    book = core.book(BTC, 1000)
    assert (sides["bids"], sides["asks"], sequence) == (dict(book.bids), dict(book.asks), book.sequence)


def test_faults_of_the_core():
    core = core_at()
    events = []
    core.subscribe(events.append)
    core.faults.add(venue="binance", kind="no_balance", count=1)
    with pytest.raises(SimReject, match="insufficient_funds"):
        ioc(core)
    partial = core.faults.add(venue="binance", kind="partial_fill", count=1)
    assert ioc(core).filled_quantity == D("0.05")
    assert partial.hits == 1
    core.faults.add(venue="all", kind="invisible", delay_ms=60_000, count=1)
    hidden = ioc(core, coid="hidden")
    assert core.find(ACCOUNT, client_order_id="hidden") is None
    assert core.every_order(client_order_id="hidden") == [hidden]
    gap = core.faults.add(venue="binance", kind="sequence_gap", count=1)
    before = core.book(BTC).sequence
    core.set_price(BTC, D(60100))
    core.set_price(BTC, D(60200))
    changes = [event for event in events if isinstance(event, BookChanged)]
    assert (gap.hits, changes[-1].previous_sequence) == (1, before + 1)
    core.faults.add(venue="binance", kind="maintenance", operation="stream")
    core.set_price(BTC, D(60300))
    assert isinstance(events[-1], StreamsCut)


def test_a_fault_strikes_its_own_operation_and_venue_only():
    faults = Faults()
    faults.add(venue="okx", kind="http_503", operation="ask", count=2)
    assert faults.take("okx", "place") is None
    assert faults.take("kraken", "ask") is None
    assert [bool(faults.take("okx", "ask")) for _ in range(3)] == [True, True, False]
    counted = faults.add(venue="okx", kind="http_503", operation="any", count=1)
    assert faults.take("okx", "stream", pushed=True) is None, "what a venue pushes wears out no counted fault"
    assert faults.take("okx", "place") is counted
    anything = faults.add(venue="okx", kind="http_503", operation="any")
    assert faults.take("okx", "stream", pushed=True) is anything
    assert [faults.take("okx", "cancel") for _ in range(5)] == [anything] * 5, "until it is removed"
    faults.remove(anything.id)
    assert faults.take("okx", "cancel") is None


def test_a_venue_remembers_after_a_kill(tmp_path):
    path = tmp_path / "binance.jsonl"
    core = core_at(storage=Storage(path))
    filled = ioc(core, coid="filled")
    resting = rest(core, coid="resting")
    core.cancel(ACCOUNT, venue_order_id=rest(core, coid="gone", price="58000").venue_order_id)
    core.set_free(ACCOUNT, "ETH", D("1.5"))
    with path.open("ab") as file:
        file.write(b'{"order": null, "acc')
    again = core_at(storage=Storage(path))
    assert again.every_order() == core.every_order()
    assert again.balances(ACCOUNT) == core.balances(ACCOUNT)
    assert again.find(ACCOUNT, client_order_id="filled") == filled
    next_one = ioc(again)
    assert next_one.venue_order_id > resting.venue_order_id
    assert next_one.fills[0].trade_id > filled.fills[-1].trade_id
    again.cancel(ACCOUNT, client_order_id="resting")
    third = core_at(storage=Storage(path))
    assert third.find(ACCOUNT, client_order_id="resting").status == "cancelled"
    assert len(third.every_order()) == 4


def test_each_step_of_an_order_is_announced():
    core = core_at()
    thin(core, "0.04", 3)
    steps = []
    core.subscribe(
        lambda e: steps.append((e.execution, e.fill and e.fill.quantity)) if isinstance(e, OrderChanged) else None
    )
    ioc(core, quantity="0.2")
    assert steps == [("new", None), *[("trade", D("0.04"))] * 3, ("expired", None)]


def test_minutes_merge_into_longer_candles():
    core = core_at()
    minutes, hours = core.candles(BTC, 60, 1000), core.candles(BTC, 3600, 1000)
    assert len(minutes) == 241
    assert hours[-1].close == minutes[-1].close
    assert max(c.high for c in hours) == max(c.high for c in minutes)
    assert sum(c.volume for c in hours) == sum(c.volume for c in minutes)
