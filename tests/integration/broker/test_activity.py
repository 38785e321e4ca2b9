"""What a customer is told about the own orders: every state and every fill, once, in order, with nothing that is ours alone."""

import json
from decimal import Decimal

import pytest

from broker.activity import service as activity
from kernel import feeds, outbox
from kernel.outbox import BatchConsumer, Fact

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
