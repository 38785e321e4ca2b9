"""What a venue's answers do to an order: fills, journals, holds and reservations, to the last unit of every asset."""

from decimal import Decimal

import pytest

from broker.execution import service as execution
from broker.orders.errors import OrderNotOpen
from kernel import clock
from kernel.calls.outcomes import Expired, NotPlaced, Refused, Unknown
from tests.broker_desk import leg, planned
from wallet_bridge.funds import service as funds

D = Decimal


def _assert_untouched(desk, order_id):
    """Nothing was traded, and nothing is held or reserved any more."""
    assert desk.journals(order_id) == []
    assert (desk.gained("USDT"), desk.gained("BTC"), desk.held("USDT")) == (0, 0, 0)
    assert desk.hold_of(order_id)[1:] == (0, "voided")
    assert desk.reserved("binance", "USDT") == 0


# filled


def test_the_vector_of_a_hedged_buy(desk):
    """Buy 0.5 at most 100,000; markup 0.02 %, customer fee 0.10 %, venue fee 0.05 % in BTC."""
    desk.configure_market(markup="0.0002")
    order_id = desk.place(limit="100000")
    assert desk.hold_of(order_id) == (D("50050"), 0, "open")
    assert desk.held("USDT") == D("50050")
    [child] = desk.children(order_id)
    assert (child.venue, child.quantity, child.limit_price) == ("binance", D("0.5"), D("99980.00"))
    assert desk.reserved("binance", "USDT") == D("49990")

    assert desk.answer(order_id, "filled", desk.fill("0.5", "99970", fee="0.00025")) is None

    order = desk.order(order_id)
    assert (order.status, order.filled_quantity, order.filled_cost) == ("filled", D("0.5"), D("49994.997"))
    assert order.fee == D("49.994997")
    assert desk.journals(order_id) == [
        (
            "trade",
            [
                ("customer:BTC", D("0.5")),
                ("customer:USDT", D("-50044.991997")),
                ("expense.venue_fee:BTC", D("-0.00025")),
                ("revenue.spread:USDT", D("9.997")),
                ("revenue.trade_fee:USDT", D("49.994997")),
                ("venue.binance:BTC", D("-0.5")),
                ("venue.binance:BTC", D("0.00025")),
                ("venue.binance:USDT", D("49985")),
            ],
        )
    ]
    assert (desk.gained("USDT"), desk.gained("BTC")) == (D("-50044.991997"), D("0.5"))
    assert (desk.venue_gained("binance", "USDT"), desk.venue_gained("binance", "BTC")) == (D("-49985"), D("0.49975"))
    assert (desk.sum_of("house.trading:USDT"), desk.sum_of("house.trading:BTC")) == (0, 0)
    amount, captured, state = desk.hold_of(order_id)
    assert (captured, amount - captured, state) == (D("50044.991997"), D("5.008003"), "captured")
    assert (desk.held("USDT"), desk.reserved("binance", "USDT")) == (0, 0)
    topics = ["order_accepted", "order_changed", "order_filled", "order_changed", "order_closed"]
    assert desk.topics(order_id) == topics
    desk.fold()
    with desk.as_engine():
        assert desk.row(order.spend_account) == (D("149955.008003"), 0)


def test_a_sell_mirrors(desk):
    desk.configure_market(markup="0.0002")
    order_id = desk.place(side="sell", limit="99000")
    assert (desk.held("BTC"), desk.reserved("binance", "BTC")) == (D("0.5"), D("0.5"))
    desk.answer(order_id, "filled", desk.fill("0.5", "99960", fee="49.98", fee_asset="USDT"))
    # Q = 49,980; the customer's price is 99,940.008, Q' = 49,970.004, the fee 49.970004
    assert desk.order(order_id).status == "filled"
    assert (desk.gained("BTC"), desk.gained("USDT")) == (D("-0.5"), D("49920.033996"))
    assert (desk.sum_of("revenue.spread:USDT"), desk.sum_of("revenue.trade_fee:USDT")) == (D("9.996"), D("49.970004"))
    assert (desk.venue_gained("binance", "BTC"), desk.venue_gained("binance", "USDT")) == (D("-0.5"), D("49930.02"))
    assert (desk.held("BTC"), desk.reserved("binance", "BTC")) == (0, 0)


def test_a_market_order_cancelled_after_a_part_gives_back_the_rest(desk):
    order_id = desk.place()
    desk.answer(order_id, "cancelled", desk.fill("0.2", "100000"))
    order = desk.order(order_id)
    assert (order.status, order.filled_quantity, order.fee) == ("cancelled", D("0.2"), D(20))
    assert desk.gained("USDT") == D(-20020)
    assert desk.hold_of(order_id)[1:] == (D(20020), "captured")
    assert (desk.held("USDT"), desk.reserved("binance", "USDT")) == (0, 0)
    [child] = desk.children(order_id)
    assert (child.status, child.filled_quantity, child.filled_cost) == ("cancelled", D("0.2"), D(20000))


def test_a_fill_reported_twice_is_booked_once(desk):
    order_id = desk.place()
    first = desk.fill("0.2")
    assert desk.answer(order_id, "partially_filled", first, complete=False) == execution.ASK_AGAIN_S
    once = desk.journals(order_id), desk.order(order_id).filled_quantity, desk.gained("USDT")
    assert desk.answer(order_id, "partially_filled", first, complete=False) == execution.ASK_AGAIN_S
    assert (desk.journals(order_id), desk.order(order_id).filled_quantity, desk.gained("USDT")) == once
    assert desk.answer(order_id, "filled", first, desk.fill("0.3")) is None
    closed = desk.journals(order_id)
    assert len(closed) == 2
    assert desk.answer(order_id, "filled", first) is None, "a report of a finished child changes nothing"
    assert desk.journals(order_id) == closed
    assert (desk.order(order_id).status, desk.gained("BTC")) == ("filled", D("0.5"))


def test_fills_in_two_reports(desk):
    """The venue says *filled* before its trade list is complete: nothing is inferred, and it is asked again."""
    order_id = desk.place()
    first, second = desk.fill("0.2", "99970"), desk.fill("0.3", "99980")
    again = desk.answer(order_id, "filled", first, seen="0.5", complete=False)
    assert again == execution.ASK_AGAIN_S
    assert (desk.order(order_id).status, desk.children(order_id)[0].status) == ("working", "partially_filled")
    assert desk.gained("BTC") == D("0.2")
    assert desk.hold_of(order_id)[2] == "open"
    assert desk.reserved("binance", "USDT") > 0
    assert desk.answer(order_id, "filled", first, second) is None
    order = desk.order(order_id)
    assert (order.status, order.filled_cost) == ("filled", D("19994") + D("29994"))
    assert order.fee == D("49.988")
    assert (desk.gained("BTC"), desk.reserved("binance", "USDT")) == (D("0.5"), 0)


def test_the_fee_of_many_parts_is_the_fee_of_the_whole(desk):
    """Seven fills of 0.00001 at an odd price: rounding up each of them would charge more than the rate."""
    order_id = desk.place(quantity="0.00007")
    desk.answer(order_id, "filled", *(desk.fill("0.00001", "99970.01") for _ in range(7)))
    order = desk.order(order_id)
    assert order.filled_cost == D("6.997900")  # each part is 0.9997001, half-even 0.999700
    assert order.fee == D("0.006998")  # 0.0069979 rounded up once; seven times 0.001000 would be 0.007
    assert desk.sum_of("revenue.trade_fee:USDT") == order.fee


# no answer, refusals


def test_unknown_keeps_everything_and_then_evidence_wins(desk):
    order_id = desk.place()
    before = desk.hold_of(order_id), desk.reserved("binance", "USDT")
    assert before[1] > 0
    assert desk.apply(order_id, Unknown("timeout")) == execution.ASK_AGAIN_S
    assert (desk.order(order_id).status, desk.children(order_id)[0].status) == ("working", "unknown")
    assert (desk.hold_of(order_id), desk.reserved("binance", "USDT")) == before
    assert desk.cancel(order_id).status == "working", "no terminal state while a child is unknown"
    assert (desk.hold_of(order_id), desk.reserved("binance", "USDT")) == before
    desk.answer(order_id, "filled", desk.fill("0.5"))
    assert (desk.order(order_id).status, desk.gained("BTC")) == ("filled", D("0.5"))
    assert (desk.held("USDT"), desk.reserved("binance", "USDT")) == (0, 0)


def test_unknown_and_then_proven_absent_releases_everything(desk):
    order_id = desk.place()
    desk.apply(order_id, Unknown("timeout"))
    assert desk.apply(order_id, NotPlaced(3)) is None
    order = desk.order(order_id)
    assert (order.status, order.reason) == ("rejected", "binance did not answer and never had the order")
    assert desk.children(order_id)[0].status == "not_placed"
    _assert_untouched(desk, order_id)
    assert desk.topics(order_id) == ["order_accepted", "order_changed", "order_changed", "order_closed"]


def test_an_intent_that_expired_unsent_rejects_a_named_venue(desk):
    order_id = desk.place()
    assert desk.apply(order_id, Expired("the deadline passed")) is None
    assert (desk.order(order_id).status, desk.children(order_id)[0].status) == ("rejected", "refused")
    _assert_untouched(desk, order_id)


def test_a_refusal_for_lack_of_funds_goes_to_the_next_venue_and_to_treasury(desk):
    desk.market(venues=("binance", "okx"))
    order_id = desk.place(venue="best", fresh=False)
    [first] = desk.children(order_id)
    excluded = []

    other = {"binance": "okx", "okx": "binance"}[first.venue]

    def reroute(order, without):
        excluded.append((order.remaining, without))
        return planned(leg(other, "0.5", "99980"))

    desk.apply(order_id, Refused("insufficient_funds", "no money"), reroute=reroute)
    assert excluded == [(D("0.5"), frozenset({first.venue}))]
    refused, second = desk.children(order_id)
    assert (refused.status, second.status, second.venue) == ("refused", "intent", other)
    assert second.client_order_id != refused.client_order_id
    assert second.coid_number != refused.coid_number
    assert (desk.reserved(first.venue, "USDT"), desk.reserved(other, "USDT")) == (0, D("49990"))
    assert (desk.order(order_id).status, desk.order(order_id).routed) == ("working", 1)
    [alert] = desk.alerts()
    assert (alert.venue, alert.asset, alert.needed, alert.usable) == (first.venue, "USDT", first.reserved, 0)
    with desk.as_engine():
        assert funds.take_refreshes(desk.tenant) == [first.venue]
    desk.answer(order_id, "filled", desk.fill("0.5"))
    assert desk.order(order_id).status == "filled"


def test_another_refusal_alarms_nobody(desk):
    order_id = desk.place()
    desk.apply(order_id, Refused("rejected", "price filter"))
    assert (desk.order(order_id).status, desk.alerts()) == ("rejected", [])
    _assert_untouched(desk, order_id)


def test_best_is_sent_three_times_at_most(desk):
    order_id, asked = desk.place(venue="best"), []

    def reroute(_order, without):
        asked.append(without)
        return planned(
            leg(next(v for v in ("kraken", "okx", "bitfinex", "binance") if v not in without), "0.5", "99980")
        )

    for _ in range(execution.MAX_ROUTES):
        assert desk.order(order_id).status == "working"
        desk.apply(order_id, Refused("rejected", "no"), reroute=reroute)
    assert desk.order(order_id).status == "rejected"
    venues = [child.venue for child in desk.children(order_id)]
    assert len(venues) == len(set(venues)) == execution.MAX_ROUTES
    assert asked == [frozenset(venues[:1]), frozenset(venues[:2])]
    assert desk.held("USDT") == 0


def test_best_sends_the_remainder_of_a_part_once_more(desk):
    order_id = desk.place(venue="best")
    seen = []

    def reroute(order, without):
        seen.append((order.remaining, without))
        return planned(leg("okx", order.remaining, "99980"))

    desk.answer(order_id, "cancelled", desk.fill("0.2"), reroute=reroute)
    assert seen == [(D("0.3"), frozenset())]
    desk.answer(order_id, "filled", desk.fill("0.3"))
    order = desk.order(order_id)
    assert (order.status, order.filled_quantity) == ("filled", D("0.5"))


# cancels


def test_a_cancel_while_working_lets_fills_win_and_cancels_the_rest(desk):
    order_id = desk.place(limit="100000")
    assert desk.cancel(order_id).cancel_requested_at is not None
    assert desk.order(order_id).status == "working"
    desk.answer(order_id, "cancelled", desk.fill("0.2", "100000"))
    order = desk.order(order_id)
    assert (order.status, order.reason, order.filled_quantity) == ("cancelled", "cancelled by the customer", D("0.2"))
    assert desk.gained("USDT") == D(-20020)
    assert (desk.held("USDT"), desk.reserved("binance", "USDT")) == (0, 0)
    with pytest.raises(OrderNotOpen):
        desk.cancel(order_id)


def test_a_cancel_that_comes_after_the_whole_fill_at_the_venue_loses(desk):
    order_id = desk.place(limit="100000")
    desk.cancel(order_id)
    desk.answer(order_id, "filled", desk.fill("0.5"))
    assert (desk.order(order_id).status, desk.gained("BTC")) == ("filled", D("0.5"))


# what remains of a limit order


def test_the_remainder_of_a_limit_order_rests_with_its_priority(desk):
    order_id = desk.place(limit="100000")
    desk.place(limit="90000")  # a later one
    before = desk.order(order_id)
    desk.answer(order_id, "cancelled", desk.fill("0.2", "100000"))
    order = desk.order(order_id)
    assert (order.status, order.accept_seq, order.remaining) == ("resting", before.accept_seq, D("0.3"))
    assert (order.failed_price, order.rearm_at) == (None, None), "it traded: it may trigger at once"
    amount, captured, state = desk.hold_of(order_id)
    assert (amount, captured, state) == (D(50050), D(20020), "open")
    assert desk.reserved("binance", "USDT") == 0
    assert desk.cancel(order_id).status == "cancelled"
    assert desk.hold_of(order_id)[1:] == (D(20020), "captured")
    assert desk.held("USDT") == D(45045), "only the later order's hold is left"


def test_a_limit_order_that_met_nothing_waits_for_a_better_price(desk):
    order_id = desk.place(limit="100000")
    before, began = desk.order(order_id), clock.wall()
    desk.answer(order_id, "expired")
    order = desk.order(order_id)
    assert (order.status, order.accept_seq, order.failed_price) == ("resting", before.accept_seq, D(99970))
    assert 0.9 < (order.rearm_at - began).total_seconds() < 5
    assert desk.hold_of(order_id) == (D(50050), 0, "open")
    assert desk.reserved("binance", "USDT") == 0


def test_a_refused_limit_order_rests_again_after_a_pause(desk):
    order_id = desk.place(limit="100000")
    desk.apply(order_id, Refused("rejected", "maintenance"))
    order = desk.order(order_id)
    assert (order.status, order.failed_price) == ("resting", None)
    assert order.rearm_at is not None


def test_the_remainder_of_an_ioc_limit_is_cancelled(desk):
    order_id = desk.place(limit="100000", tif="ioc")
    desk.answer(order_id, "cancelled", desk.fill("0.2", "100000"))
    order = desk.order(order_id)
    assert (order.status, order.filled_quantity) == ("cancelled", D("0.2"))
    assert desk.hold_of(order_id)[1:] == (D(20020), "captured")
    assert desk.held("USDT") == 0


# late and surplus fills


def test_a_fill_after_the_end_is_a_position_of_the_house(desk):
    order_id = desk.place()
    desk.answer(order_id, "cancelled")
    assert desk.order(order_id).status == "cancelled"
    desk.answer(order_id, "cancelled", desk.fill("0.1", "100000", fee="0.0001"))
    order = desk.order(order_id)
    assert (order.status, order.filled_quantity) == ("cancelled", 0)
    assert (desk.gained("USDT"), desk.gained("BTC"), desk.held("USDT")) == (0, 0, 0)
    assert (desk.sum_of("house.trading:USDT"), desk.sum_of("house.trading:BTC")) == (D(-10000), D("0.1"))
    assert (desk.venue_gained("binance", "USDT"), desk.venue_gained("binance", "BTC")) == (D(-10000), D("0.0999"))
    assert [kind for kind, _ in desk.journals(order_id)] == ["house_position"]
    assert desk.topics(order_id) == [
        "order_accepted",
        "order_changed",
        "order_changed",
        "order_closed",
        "house_position_opened",
    ]


def test_a_fill_beyond_the_order_is_a_position_of_the_house(desk):
    order_id = desk.place()
    desk.answer(order_id, "filled", desk.fill("0.5"), desk.fill("0.1", "100000"))
    assert (desk.order(order_id).status, desk.gained("BTC")) == ("filled", D("0.5"))
    assert desk.sum_of("house.trading:BTC") == D("0.1")
    assert "house_position_opened" in desk.topics(order_id)


def test_proven_absent_and_yet_filled_goes_to_the_customer_while_the_order_lives(desk):
    """The replacement that was sent meanwhile then belongs to the house; nobody gets more than ordered."""
    order_id = desk.place(venue="best")
    first = desk.children(order_id)[0].venue
    second = next(v for v in ("okx", "binance") if v != first)
    desk.apply(order_id, Unknown("timeout"))
    desk.apply(order_id, NotPlaced(3), reroute=lambda *_: planned(leg(second, "0.5", "99980")))
    desk.answer(order_id, "filled", desk.fill("0.5"), child=0)
    assert desk.order(order_id).filled_quantity == D("0.5")
    desk.answer(order_id, "filled", desk.fill("0.5"), child=1)
    assert (desk.order(order_id).status, desk.gained("BTC")) == ("filled", D("0.5"))
    assert desk.sum_of("house.trading:BTC") == D("0.5")
    assert desk.held("USDT") == 0


def test_a_late_fill_of_a_resting_order_is_the_customers(desk):
    order_id = desk.place(limit="100000")
    desk.answer(order_id, "cancelled", desk.fill("0.2", "100000"))
    desk.answer(order_id, "cancelled", desk.fill("0.1", "100000"))
    order = desk.order(order_id)
    assert (order.status, order.filled_quantity) == ("resting", D("0.3"))
    assert desk.sum_of("house.trading:BTC") == 0


def test_a_late_fill_that_completes_a_resting_order_fills_it(desk):
    order_id = desk.place(limit="100000")
    desk.answer(order_id, "cancelled", desk.fill("0.2", "100000"))
    desk.answer(order_id, "cancelled", desk.fill("0.3", "100000"))
    order = desk.order(order_id)
    assert (order.status, order.remaining) == ("filled", 0)
    assert (desk.hold_of(order_id)[2], desk.held("USDT")) == ("captured", 0)
    assert desk.topics(order_id)[-1] == "order_closed"


# fill modes and venue fees


@pytest.mark.parametrize(
    ("side", "limit", "price", "spread"), [("buy", "100000", "99970", "15"), ("sell", "99000", "99960", "480")]
)
def test_touch_fills_at_the_limit_and_keeps_the_improvement(desk, side, limit, price, spread):
    desk.configure_market(fill="touch")
    order_id = desk.place(side=side, limit=limit)
    desk.answer(order_id, "filled", desk.fill("0.5", price))
    order = desk.order(order_id)
    assert (order.filled_cost, desk.sum_of("revenue.spread:USDT")) == (D(limit) / 2, D(spread))


@pytest.mark.parametrize(
    ("fee", "asset", "booked"),
    [
        ("0.00025", "BTC", "0.00025"),
        ("49.985", "USDT", "49.985"),
        ("0.0002500001", "BTC", "0.00025001"),
        ("12.3456781", "USDT", "12.345679"),
        ("-0.0002500001", "BTC", "-0.00025000"),
    ],
)
def test_the_venues_fee_is_our_expense_in_its_asset(desk, fee, asset, booked):
    order_id = desk.place(venue="kraken" if asset == "USDT" else "binance")
    venue = desk.children(order_id)[0].venue
    desk.answer(order_id, "filled", desk.fill("0.5", "100000", fee=fee, fee_asset=asset))
    assert -desk.sum_of(f"expense.venue_fee:{asset}") == D(booked)
    expected = {"USDT": D(-50000), "BTC": D("0.5")}
    expected[asset] -= D(booked)
    assert {a: desk.venue_gained(venue, a) for a in expected} == expected
    assert (desk.gained("USDT"), desk.gained("BTC")) == (D(-50050), D("0.5")), "the customer pays our fee and no other"


def test_a_venue_that_charges_on_top_is_reserved_with_its_fee(desk):
    order_id = desk.place(venue="kraken", limit="100000")
    [child] = desk.children(order_id)
    assert desk.reserved("kraken", "USDT") == child.quantity * child.limit_price * D("1.0026")
    desk.answer(order_id, "filled", desk.fill("0.5", fee="129.961", fee_asset="USDT"))
    assert desk.reserved("kraken", "USDT") == 0
