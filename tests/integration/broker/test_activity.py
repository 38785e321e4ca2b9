"""What a customer is told about the own orders: every state and every fill, once, in order, with nothing that is ours alone."""

import json
from decimal import Decimal

import pytest

from broker.activity import service as activity
from broker.compat import queries as bots
from broker.compat import words
from broker.orders.wishes import Trail
from kernel import feeds, outbox
from kernel.outbox import BatchConsumer, Fact
from rivermouth.stream import binance_reports
from tests.order_wishes import place, trigger, turn

STREAM = BatchConsumer("stream", activity.TOPICS, activity.tell)
SECRETS = {"venue_cost", "venue_fee", "spread", "markup", "protect_price", "journal_id"}


@pytest.fixture
def told(desk):
    """Consume as the engine does, then read a channel of the customer."""

    def read(channel):
        with desk.as_engine():
            while outbox.consume_together(STREAM):
                pass
        with desk.tx() as tx:
            entries = feeds.after(tx, desk.owner, channel, 0)
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            return [json.loads(entry.data) for entry in entries]

    return read


def test_a_market_order_from_acceptance_to_its_end(desk, told):
    order_id = desk.place(quantity="0.5")
    desk.answer(order_id, "filled", desk.fill("0.2"), desk.fill("0.3", "99980"))
    steps = [(e["event"], e["status"], e["filled_quantity"], e["average_price"]) for e in told("orders")]
    assert steps == [
        ("accepted", "accepted", "0", None),
        ("changed", "working", "0", None),
        ("filled", "working", "0.2", "99970"),
        ("filled", "working", "0.5", "99976"),
        ("changed", "filled", "0.5", "99976"),
    ]
    fills = told("fills")
    assert [(f["quantity"], f["price"], f["filled_quantity"], f["filled_cost"]) for f in fills] == [
        ("0.2", "99970", "0.2", "19994"),
        ("0.3", "99980", "0.5", "49988"),
    ]
    assert {f["order_id"] for f in fills} == {str(order_id)}
    assert sum(Decimal(f["fee"]) for f in fills) == desk.order(order_id).fee
    with desk.tx() as tx:
        assert json.loads(activity.snapshot(tx, desk.owner, "orders")) == []
        assert len(json.loads(activity.snapshot(tx, desk.owner, "fills"))) == 2
    for shown in (*fills, *told("orders")):
        assert not SECRETS & shown.keys()


def test_telling_twice_tells_once(desk, told):
    order_id = desk.place(quantity="0.5")
    desk.answer(order_id, "filled", desk.fill("0.5"))
    before = told("fills"), told("orders")
    desk.engine.execute("UPDATE kernel.cursors SET xid = '0' WHERE consumer = 'stream'")
    assert (told("fills"), told("orders")) == before


def test_a_cancelled_limit_order(desk, told):
    order_id = desk.place(limit="99000", quantity="0.1")
    desk.cancel(order_id)
    assert [(e["event"], e["status"]) for e in told("orders")] == [
        ("accepted", "accepted"),
        ("changed", "resting"),
        ("changed", "cancelled"),
    ]
    assert told("orders")[-1]["reason"]


def test_facts_that_are_read_in_another_order_are_told_in_the_true_one(desk):
    """A transaction with a lower number may have waited for the order's lock."""
    order_id = desk.place(limit="99000", quantity="0.1")
    desk.cancel(order_id)
    topics = list(activity.TOPICS)
    rows = desk.engine.execute(
        "SELECT id, topic, payload FROM kernel.outbox WHERE topic = ANY(%s) ORDER BY id DESC", [topics]
    ).fetchall()
    from kernel import events

    facts = [Fact(row[0], row[1], events.decode(row[1], row[2])) for row in rows]
    with desk.as_engine(), desk.tx() as tx:
        activity.tell(tx, facts)
    with desk.tx() as tx:
        told = [json.loads(entry.data)["status"] for entry in feeds.after(tx, desk.owner, "orders", 0)]
    assert told == ["accepted", "resting", "cancelled"]


def test_each_customer_has_a_list_of_the_own(desk, told):
    desk.place(quantity="0.1")
    assert told("orders")
    with desk.tx() as tx:
        from kernel.ids import uuid7

        assert feeds.after(tx, uuid7(), "orders", 0) == []
        assert feeds.heads(tx, [desk.owner])[desk.owner, "orders"] == 2


def _as_a_bot_reads_it(desk, order_id):
    with desk.tx() as tx:
        return words.queried(bots.by_id(tx, owner=desk.owner, order_id=order_id))


def _differ(report, order):
    """Names under which a report and the order as it is read differ."""
    pairs = {
        "o": "type",
        "P": "stopPrice",
        "p": "price",
        "F": "icebergQty",
        "f": "timeInForce",
        "q": "origQty",
        "d": "trailingDelta",
    }
    return {ours for letter, ours in pairs.items() if report.get(letter) != order.get(ours)}


def test_everything_that_an_order_waits_for_is_told(desk, told):
    asked = (
        ({"type": "stop", "stop_price": "99000"}, "STOP_LOSS", "99000.00000000"),
        (
            {"type": "take_profit", "stop_price": "100500", "limit_price": "100400"},
            "TAKE_PROFIT_LIMIT",
            "100500.00000000",
        ),
        ({"type": "trailing_stop", "trail": Trail(fraction=Decimal("0.01"))}, "STOP_LOSS", "98970.30000000"),
        ({"limit_price": "100500", "post_only": True, "display_quantity": "0.1"}, "LIMIT_MAKER", "0.00000000"),
    )
    for fields, kind, stop in asked:
        order_id = place(desk, quantity="0.2", **fields)
        entry = next(entry for entry in told("orders") if entry["id"] == str(order_id))
        report, order = binance_reports.execution("orders", entry), _as_a_bot_reads_it(desk, order_id)
        assert (report["o"], report["P"], report["x"]) == (kind, stop, "NEW")
        assert _differ(report, order) == set()
        waits = fields.get("type", "limit") != "limit"
        assert (report["w"], order["isWorking"], order["workingTime"] == -1) == (not waits, not waits, waits)
    by_type = {entry["type"]: entry for entry in told("orders")}
    assert by_type["stop"]["stop_price"] == "99000"
    assert by_type["trailing_stop"]["trail"] == {
        "amount": None, "fraction": "0.01", "best_price": "99970", "stop_price": "98970.3",
    }  # fmt: skip
    assert (by_type["limit"]["post_only"], by_type["limit"]["display_quantity"]) == (True, "0.1")
    assert {"expires_at", "pair_id", "replaces", "slices_left", "stopped_at"} <= by_type["limit"].keys()


def test_a_stop_that_was_reached_works(desk, told):
    order_id = place(desk, type="stop", stop_price="99000")
    turn(desk, ask="98990", bid="98980")
    order = _as_a_bot_reads_it(desk, order_id)
    assert order["isWorking"]
    assert order["workingTime"] > 0
    desk.answer(order_id, "filled", desk.fill("0.5", "98980", fee_asset="USDT"))
    trade = binance_reports.execution("fills", told("fills")[-1])
    assert (trade["o"], trade["P"], trade["X"], trade["m"]) == ("STOP_LOSS", "99000.00000000", "FILLED", False)


def test_what_fills_after_a_rest_is_told_as_a_makers(desk, told):
    order_id = place(desk, limit_price="99960", quantity="0.5", venue="binance")
    desk.answer(order_id, "expired", desk.fill("0.2", "99960", fee_asset="USDT"))
    assert desk.order(order_id).status == "resting"
    trigger(desk, order_id, quantity="0.3")
    desk.answer(order_id, "filled", desk.fill("0.3", "99960", fee_asset="USDT"))
    assert [(fill["quantity"], fill["maker"]) for fill in told("fills")] == [("0.2", False), ("0.3", True)]
    assert [binance_reports.execution("fills", fill)["m"] for fill in told("fills")] == [False, True]
    with desk.tx() as tx:
        trades = bots.trades_of_orders(tx, owner=desk.owner, order_ids=[order_id])
        latest = json.loads(activity.snapshot(tx, desk.owner, "fills"))
    assert [words.my_trade(trade)["isMaker"] for trade in trades] == [False, True]
    assert [fill["maker"] for fill in latest] == [True, False]
