"""The limit book against a plain list that looks at every order: same orders, same sequence, whatever happened before."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from broker.book.compared import Sums
from broker.book.limit_book import LimitBook, Resting
from markets.instruments.states import Trigger
from tests.market_views import NOON, make_instrument, make_quote, make_view

PRICES = st.integers(96, 104).map(Decimal)
VENUES = ("okx", "kraken")
TARGETS = st.sampled_from(["best", *VENUES])
SIDES = st.sampled_from(["buy", "sell"])


@dataclass
class Naive:
    """Every rule written out once more, slowly, over a list."""

    orders: dict[UUID, Resting]
    tried: dict[UUID, Decimal]

    def triggered(self, quotes, mode, now):
        """{(venue, side): ids in order}"""
        found = {}
        for key in {(o.venue, o.side) for o in self.orders.values()}:
            found[key] = self._of(*key, [q for q in quotes if key[0] in {"best", q.venue}], mode, now)
        return found

    def _of(self, venue, side, quotes, mode, now):
        buy = side == "buy"
        prices = [q.last if mode is Trigger.LAST else (q.ask if buy else q.bid) for q in quotes]
        prices = [p for p in prices if p is not None and abs(p - 100) <= 2]
        if not prices:
            return []
        price = min(prices) if buy else max(prices)
        mine = [o for o in self.orders.values() if (o.venue, o.side) == (venue, side)]
        mine.sort(key=lambda o: (-o.limit if buy else o.limit, o.accept_seq))
        taken, found = Decimal(0), []
        for o in mine:
            if mode is Trigger.LAST:
                reached = o.limit > price if buy else o.limit < price
            else:
                reached = o.limit >= price if buy else o.limit <= price
            if not reached:
                continue
            depth = sum(
                sum((s for p, s in (q.asks if buy else q.bids) if (p <= o.limit if buy else p >= o.limit)), Decimal(0))
                for q in quotes
            )
            if taken >= depth:
                break
            if o.rearm_at is not None and now < o.rearm_at:
                continue
            if o.failed_price is not None:
                before = self.tried.get(o.id, o.failed_price)
                better = price < before if buy else price > before
                reached = o.failed_limit
                beyond = reached is not None and (price > reached if buy else price < reached)
                if not (better or beyond):
                    continue
            found.append((o.id, price))
            taken += o.quantity
        return found


class BookAgainstList(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.book = LimitBook(make_instrument())
        self.naive = Naive({}, {})
        self.seq = 0
        self.now = NOON
        self.away: dict[UUID, Resting] = {}

    @rule(limit=PRICES, quantity=st.integers(1, 5), side=SIDES, venue=TARGETS)
    def accept(self, limit, quantity, side, venue):
        self.seq += 1
        order = Resting(
            id=UUID(int=self.seq), venue=venue, side=side, limit=limit, quantity=Decimal(quantity), accept_seq=self.seq
        )
        self._add(order)

    def _add(self, order):
        self.book.add(order)
        self.naive.orders[order.id] = order
        if order.failed_price is None:
            self.naive.tried.pop(order.id, None)

    @rule(data=st.data())
    def cancel(self, data):
        if self.naive.orders:
            chosen = data.draw(st.sampled_from(sorted(self.naive.orders, key=lambda i: i.int)))
            self.book.remove(chosen)
            del self.naive.orders[chosen]

    @rule(data=st.data(), failed=st.booleans(), reached=st.none() | PRICES)
    def come_back(self, data, failed, reached):
        """After an attempt: partly filled, or empty and waiting for a better price."""
        if not self.away:
            return
        order = self.away.pop(data.draw(st.sampled_from(sorted(self.away, key=lambda i: i.int))))
        if failed:
            waits = self.now + timedelta(seconds=1)
            self._add(order._replace(failed_price=Decimal(100), failed_limit=reached, rearm_at=waits))
        else:
            self._add(
                order._replace(
                    quantity=max(order.quantity - 1, Decimal(1)), failed_price=None, failed_limit=None, rearm_at=None
                )
            )

    @rule(last=st.booleans())
    def change_mode(self, last):
        self.book.instrument = make_instrument(trigger=Trigger.LAST if last else Trigger.EXECUTABLE)

    @rule(
        mids=st.tuples(PRICES, PRICES),
        sizes=st.lists(st.integers(1, 6), min_size=3, max_size=3),
        prints=st.tuples(PRICES, PRICES),
        seconds=st.integers(0, 2),
    )
    def look(self, mids, sizes, prints, seconds):
        self.now += timedelta(seconds=seconds)
        quotes = [
            make_quote(
                venue,
                last=prints[i],
                asks=[(mids[i] + n, size) for n, size in enumerate(sizes)],
                bids=[(mids[i] - 1 - n, size) for n, size in enumerate(sizes)],
            )
            for i, venue in enumerate(VENUES)
        ]
        expected = self.naive.triggered(quotes, self.book.instrument.trigger, self.now)
        found = self.book.collect_triggered(make_view(*quotes), self.now)
        grouped = {}
        for order in found:
            assert self.naive.orders[order.id] == order
            grouped.setdefault((order.venue, order.side), []).append(order.id)
        assert grouped == {key: [i for i, _ in ids] for key, ids in expected.items() if ids}
        for ids in expected.values():
            for order_id, price in ids:
                self.naive.tried[order_id] = price
                self.book.remove(order_id)
                self.away[order_id] = self.naive.orders.pop(order_id)

    @invariant()
    def same_orders(self):
        assert set(self.book.ids()) == set(self.naive.orders)
        assert self.book.sums(0) == Sums.of(self.naive.orders.values())


BookAgainstList.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBookAgainstList = BookAgainstList.TestCase
