"""The limit book: priority, depth, re-arming, dead entries, audit."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from broker.book import compared, limit_book
from broker.book.compared import Sums
from broker.book.limit_book import LimitBook, Resting
from markets.instruments.states import MarketStatus, Trigger
from tests.market_views import NOON, make_instrument, make_quote, make_view


def order(n, limit="100", quantity="1", *, side="buy", venue="best", seq=None, **changes):
    return Resting(
        id=UUID(int=n),
        venue=venue,
        side=side,
        limit=Decimal(limit),
        quantity=Decimal(quantity),
        accept_seq=n if seq is None else seq,
        **changes,
    )


def asks(*levels, venue="okx", last=None):
    return make_view(make_quote(venue, asks=levels, bids=[(90, 1)], last=last))


def started(book, view, now=NOON):
    return [order.id.int for order in book.collect_triggered(view, now)]


@pytest.fixture
def book():
    return LimitBook(make_instrument())


def test_best_limit_first_then_first_come(book):
    for o in (order(1, "99.5"), order(2, "100"), order(3, "100"), order(4, "99"), order(5, "100.5")):
        book.add(o)
    assert started(book, asks((99.5, 10))) == [5, 2, 3, 1]
    assert len(book) == 5, "collecting takes nothing out"


def test_sells_mirror(book):
    for o in (order(1, "100.5", side="sell"), order(2, "100", side="sell"), order(3, "101", side="sell")):
        book.add(o)
    assert started(book, make_view(make_quote("okx", bids=[(100.5, 9)], asks=[(102, 1)]))) == [2, 1]


def test_no_more_than_the_depth_within_the_limit(book):
    for n in range(1, 6):
        book.add(order(n, "100", "1"))
    assert started(book, asks((99, 1), (100, "1.5"), (101, 50))) == [1, 2, 3], "the third takes a part"
    book.add(order(9, "99", "1"))
    assert started(book, asks((99, 1), (100, 50))) == [1, 2, 3, 4, 5], "what lies deeper finds the depth taken"


def test_depth_is_that_of_all_venues(book):
    for n in range(1, 6):
        book.add(order(n, "100", "1"))
    view = make_view(
        make_quote("okx", asks=[(100, 2)], bids=[(99, 1)]), make_quote("kraken", asks=[(100, 1)], bids=[(99, 1)])
    )
    assert started(book, view) == [1, 2, 3]


def test_the_first_order_starts_whatever_its_size(book):
    book.add(order(1, "100", "500"))
    assert started(book, asks((100, "0.001"))) == [1]


def test_named_venues_and_best_are_apart(book):
    book.add(order(1, venue="okx"))
    book.add(order(2, venue="kraken"))
    book.add(order(3))
    assert sorted(started(book, asks((100, 9), venue="okx"))) == [1, 3]


def test_removed_orders_are_skipped_and_a_returning_one_has_its_place(book):
    for n in range(1, 5):
        book.add(order(n))
    assert book.remove(UUID(int=2))
    assert not book.remove(UUID(int=2))
    assert started(book, asks((100, 9))) == [1, 3, 4]
    book.remove(UUID(int=1))
    book.add(order(2, quantity="0.5"))
    book.add(order(1, quantity="0.5"))
    assert started(book, asks((100, 9))) == [1, 2, 3, 4]


def test_adding_again_replaces(book):
    book.add(order(1, "100"))
    book.add(order(1, "99"))
    assert len(book) == 1
    assert book.best("best", "buy") == Decimal(99)
    assert started(book, asks((100, 9))) == []


def test_dead_entries_do_not_pile_up(book):
    book.add(order(0, "50"))
    for n in range(1, 5000):
        book.add(order(n, "50"))
        book.remove(UUID(int=n))
    level = book._levels["best", "buy"][5000]
    assert (level.live, len(level.queue) < 50) == (1, True)
    book.remove(UUID(int=0))
    assert not book._levels["best", "buy"]
    assert book.best("best", "buy") is None


def test_after_an_empty_attempt_only_a_better_price_and_not_within_a_second(book):
    book.add(order(1, "100"))
    assert started(book, asks((99, 9))) == [1]
    book.remove(UUID(int=1))
    book.add(order(1, "100", failed_price=Decimal("99.5"), rearm_at=NOON + timedelta(seconds=1)))
    later = NOON + timedelta(seconds=1)
    assert started(book, asks((98.5, 9)), NOON) == []
    assert book.rearms_in_s(asks((98.5, 9)), NOON) == 1.0
    assert started(book, asks((99, 9)), later) == [], "99 is what it failed on, whatever the row remembers"
    assert book.rearms_in_s(asks((99, 9)), NOON) is None
    assert started(book, asks((98.99, 9)), later) == [1]


def test_after_a_restart_the_stored_price_stands_in():
    book = LimitBook(make_instrument(markup=Decimal("0.01")))
    book.add(order(1, "102", failed_price=Decimal(100)))
    assert started(book, asks((100, 9))) == []
    assert started(book, asks((99.9, 9))) == [1]


def test_a_partial_fill_or_a_dry_venue_forgets_the_failure(book):
    book.add(order(1))
    assert started(book, asks((99, 9))) == [1]
    book.add(order(1, quantity="0.4"))
    assert started(book, asks((99, 9))) == [1]


def test_an_order_that_waits_does_not_block_those_behind(book):
    book.add(order(1, rearm_at=NOON + timedelta(seconds=5)))
    book.add(order(2))
    assert started(book, asks((99, 1))) == [2]


def test_last_starts_without_depth_only_as_a_probe():
    instrument = make_instrument(trigger=Trigger.LAST)
    plain, probing = LimitBook(instrument), LimitBook(instrument, probes=True)
    wick = asks((101, 9), last="99")
    for book in (plain, probing):
        for n in (1, 2):
            book.add(order(n, "100"))
    assert started(plain, wick) == []
    assert started(probing, wick) == [1], "one order for one look"
    assert started(plain, asks((99.5, 9), last="99")) == [1, 2]


def test_a_paused_market_starts_nothing(book):
    book.add(order(1))
    book.instrument = make_instrument(status=MarketStatus.PAUSED)
    assert started(book, asks((99, 9))) == []


def test_modes_may_change_under_the_book(book):
    book.add(order(1, "100"))
    view = asks((100, 9), last="100")
    assert started(book, view) == [1]
    book.instrument = make_instrument(trigger=Trigger.LAST)
    assert started(book, view) == []


def test_a_limit_off_the_grid_is_found_and_judged_exactly(book):
    book.add(order(1, "100.005"))
    assert started(book, asks(("100.006", 9))) == []
    assert started(book, asks(("100.005", 9))) == [1]


def test_an_attempt_that_did_not_reach_its_limit_may_go_beyond(book):
    """It reached for 99 in vain: nothing between 98.5 and 99 starts it again, what is cheaper or dearer does."""
    book.add(order(1, "100", failed_price=Decimal("98.5"), failed_limit=Decimal(99)))
    for ask, starts in (("98.5", []), ("98.8", []), ("99", []), ("99.5", [1]), ("98.4", [1])):
        book._tried.clear()
        assert started(book, asks((ask, 9))) == starts, ask


def test_an_attempt_at_its_limit_waits_for_a_better_price(book):
    book.add(order(1, "100", failed_price=Decimal(99), failed_limit=Decimal(100)))
    assert started(book, asks((99, 9))) == []
    assert started(book, asks((100, 9))) == []


def test_sums_tell_books_apart(book):
    orders = [order(n, str(90 + n)) for n in range(1, 9)]
    for o in orders:
        book.add(o)
    assert book.sums(0) == Sums.of(reversed(orders))
    assert set(book.ids()) == {o.id for o in orders}
    book.add(order(3, "93", "0.7"))
    assert book.sums(0) != Sums.of(orders)
    assert book.sums(0, without=[UUID(int=3), UUID(int=99)]) == Sums.of(o for o in orders if o.id.int != 3)
    book.replace_stretch(0, orders)
    assert book.sums(0) == Sums.of(orders)
    assert started(book, asks((98, 9))) == [8]


def test_stretches_come_and_go(book):
    wide, far = 1 << compared.STRETCH_BITS, 5 << compared.STRETCH_BITS
    assert book.next_stretch(-1) is None
    book.add(order(1))
    book.add(order(2, seq=far))
    assert book.next_stretch(-1) == (0, wide - 1)
    assert book.next_stretch(wide - 1) == (far, far + wide - 1)
    assert book.next_stretch(far + wide - 1) is None
    book.remove(UUID(int=2))
    assert book.next_stretch(wide - 1) is None
    assert book.sums(far) == Sums.of([])


def test_a_stretch_that_only_the_rows_know_is_looked_at_too(book):
    wide = 1 << compared.STRETCH_BITS
    assert book.next_stretch(-1, row=3 * wide + 7) == (3 * wide, 4 * wide - 1)
    book.add(order(1, seq=5 * wide))
    assert book.next_stretch(-1, row=3 * wide + 7) == (3 * wide, 4 * wide - 1)
    assert book.next_stretch(4 * wide - 1, row=7 * wide) == (5 * wide, 6 * wide - 1)


def test_loading_a_million_is_adding_each():
    """In small: the same book, page by page, whatever is added and removed afterwards."""
    orders = [order(n, str(95 + n % 7), side="sell" if n % 3 == 0 else "buy") for n in range(1, 60)]
    one_by_one, loaded = LimitBook(make_instrument()), LimitBook(make_instrument())
    for o in orders:
        one_by_one.add(o)
    loaded.load(orders[:25])
    loaded.load(orders[25:])
    for book in (one_by_one, loaded):
        book.remove(UUID(int=30))
        book.add(order(4, "101", "0.5"))
    assert loaded.sums(0) == one_by_one.sums(0)
    for ask, bid in ((96, 95), (99, 98), (101, 100)):
        view = make_view(make_quote("okx", asks=[(ask, 99)], bids=[(bid, 99)]))
        assert started(loaded, view) == started(one_by_one, view)


def test_what_was_tried_is_forgotten_oldest_first(book, monkeypatch):
    monkeypatch.setattr(limit_book, "TRIED_REMEMBERED", 1)
    for n in (1, 2):
        book.add(order(n))
    assert started(book, asks((99, 9))) == [1, 2]
    for n in (1, 2):
        book.add(order(n, failed_price=Decimal("99.5")))
    assert started(book, asks((99, 9))) == [1], "only the second still knows that it failed on 99"
