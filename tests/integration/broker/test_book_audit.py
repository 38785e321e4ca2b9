"""The owner's audit of its book against the order rows: whatever the book was before it, it holds what rests afterwards."""

from decimal import Decimal
from time import monotonic

import pytest

from broker.book import queries
from broker.book.audit import Audit
from broker.book.compared import STRETCH_BITS
from broker.book.limit_book import LimitBook
from kernel import db
from markets.instruments import service as instruments
from rivermouth.engine.shard import MarketShard

PATIENCE_S = 90


@pytest.fixture
def shard(desk):
    """The owner of an empty market; nothing but its book is there."""
    owner = object.__new__(MarketShard)
    owner.symbol = "BTC-USDT"
    owner.book = LimitBook(instruments.get(owner.symbol))
    owner._audits = Audit(owner.symbol, queries.LIMITS)
    with desk.as_engine(), db.transaction() as tx:
        owner._since = queries.horizon(tx)
    return owner


def audited(desk, shard, *orders, times=2):
    """Audits until each stretch was looked at, and the rows of these orders are behind the horizon."""
    deadline = monotonic() + PATIENCE_S
    with desk.as_engine():
        while True:
            for _ in range(times):
                shard._audit()
            if set(shard.book.ids()) == set(orders) or monotonic() > deadline:
                return set(shard.book.ids())


def test_the_first_order_of_an_empty_book_stays_when_the_audit_is_what_brings_it_in(desk, shard):
    """It was thrown out again, and an empty book had nothing to compare: its customer waited for ever."""
    order_id = desk.place(limit="90000")
    assert audited(desk, shard, order_id) == {order_id}


def test_what_an_empty_book_has_lost_comes_back(desk, shard):
    order_id = desk.place(limit="90000")
    audited(desk, shard, order_id)
    assert shard.book.remove(order_id)
    assert audited(desk, shard, order_id) == {order_id}


def test_a_stretch_that_is_missing_as_a_whole_comes_back(desk, shard):
    first, second = desk.place(limit="90000"), desk.place(limit="90000")
    moved = "UPDATE broker.orders SET accept_seq = %s, xid = pg_current_xact_id() WHERE id = %s"
    desk.engine.execute(moved, [5 << STRETCH_BITS, second])
    audited(desk, shard, first, second)
    assert shard.book.remove(second)
    assert audited(desk, shard, first, second, times=3) == {first, second}


def test_what_rests_no_more_leaves_with_the_next_round(desk, shard):
    order_id, stays = desk.place(limit="90000"), desk.place(limit="90000")
    audited(desk, shard, order_id, stays)
    ghost = shard.book._index[order_id]
    desk.cancel(order_id)
    audited(desk, shard, stays)
    shard.book.add(ghost._replace(quantity=Decimal("0.1")))
    assert audited(desk, shard, stays) == {stays}
