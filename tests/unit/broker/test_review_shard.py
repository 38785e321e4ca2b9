"""The owner of a market keeps an order in its book until the database has taken it."""

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import pytest

from broker.book.service import Triggered
from rivermouth.engine import shard as shards
from rivermouth.engine.shard import MarketShard


class Book:
    def __init__(self, ids):
        self.ids, self.untried = list(ids), []

    def collect_triggered(self, _view, _now):
        return list(self.ids)

    def remove(self, order_id):
        self.ids.remove(order_id)

    def not_tried(self, order_id):
        self.untried.append(order_id)


def _shard(ids):
    shard = object.__new__(MarketShard)
    shard.book, shard._tenants = Book(ids), dict.fromkeys(ids, uuid4())
    return shard


def test_an_order_that_somebody_else_has_locked_stays(monkeypatch):
    one, locked = uuid4(), uuid4()
    shard = _shard([one, locked])
    trigger = lambda **_: Triggered(taken=frozenset({one}), working=1, resting=0)  # noqa: E731
    monkeypatch.setattr(shards, "book_service", SimpleNamespace(trigger=trigger))
    asyncio.run(shard._trigger(None))
    assert (shard.book.ids, shard.book.untried) == ([locked], [locked])


def test_a_failed_transaction_loses_nothing(monkeypatch):
    orders = [uuid4(), uuid4()]
    shard = _shard(orders)

    def trigger(**_):
        raise ConnectionError

    monkeypatch.setattr(shards, "book_service", SimpleNamespace(trigger=trigger))
    with pytest.raises(ConnectionError):
        asyncio.run(shard._trigger(None))
    assert shard.book.ids == shard.book.untried == orders
