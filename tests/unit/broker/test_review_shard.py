"""The owner of a market keeps an order in its book until the database has taken it."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest

from broker.book.limit_book import Resting
from broker.book.service import Owner, Triggered
from broker.book.taken import Taken
from rivermouth.engine import shard as shards
from rivermouth.engine.shard import MarketShard
from tests.market_views import make_view


class Book:
    def __init__(self, orders):
        self.orders, self.untried = list(orders), []

    def collect_triggered(self, _view, _now, _stopped):
        return list(self.orders)

    def remove(self, order_id):
        self.orders = [order for order in self.orders if order.id != order_id]

    def not_tried(self, order_id):
        self.untried.append(order_id)


def _orders(count):
    return [
        Resting(id=uuid4(), venue="best", side="buy", limit=Decimal(100), quantity=Decimal(1), accept_seq=n)
        for n in range(count)
    ]


def _shard(orders):
    shard = object.__new__(MarketShard)
    shard.book, shard._gone, shard.lease, shard.leases = Book(orders), Taken(), "market:x", SimpleNamespace(holder="me")
    return shard


def _answering(monkeypatch, trigger):
    service = SimpleNamespace(trigger=trigger, Owner=Owner, MOST_AT_ONCE=2)
    monkeypatch.setattr(shards, "book_service", service)


def test_an_order_that_somebody_else_has_locked_stays(monkeypatch):
    one, locked = _orders(2)
    shard = _shard([one, locked])
    _answering(monkeypatch, lambda **_: Triggered(taken=frozenset({one.id}), working=1, resting=0))
    asyncio.run(shard._trigger(make_view(), 1))
    assert (shard.book.orders, shard.book.untried) == ([locked], [locked.id])


def test_a_failed_transaction_loses_nothing(monkeypatch):
    orders = _orders(2)
    shard = _shard(orders)

    def trigger(**_):
        raise ConnectionError

    _answering(monkeypatch, trigger)
    with pytest.raises(ConnectionError):
        asyncio.run(shard._trigger(make_view(), 1))
    assert shard.book.orders == orders
    assert shard.book.untried == [order.id for order in orders]


def test_many_go_in_few_transactions_and_no_further_than_the_depth(monkeypatch):
    orders = _orders(6)
    shard, asked = _shard(orders), []

    def trigger(order_ids, **_):
        asked.append(list(order_ids))
        return Triggered(1, 0, frozenset(order_ids if len(asked) == 1 else order_ids[:1]))

    _answering(monkeypatch, trigger)
    assert asyncio.run(shard._trigger(make_view(), 1)) == 3
    assert asked == [[o.id for o in orders[:2]], [o.id for o in orders[2:4]]]
    assert shard.book.orders == orders[3:]
    assert set(shard.book.untried) == {o.id for o in orders[3:]}


def test_where_nothing_may_be_bought_buys_wait(monkeypatch):
    orders = _orders(2)
    shard = _shard(orders)
    _answering(monkeypatch, None)
    assert asyncio.run(shard._trigger(make_view(), 1, buys=False)) == 0
    assert (shard.book.orders, shard.book.untried) == (orders, [order.id for order in orders])
