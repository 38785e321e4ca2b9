"""The desk under random orders, triggers, answers, cancels and failures in the middle: whatever happens, the books are right.

After each step: journals sum to zero, the house holds no position, every fill is a slice of a trade that the venue really made, the
customer's holds are what open orders need, and nobody was served before somebody who came first.
"""

import itertools
from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from broker.book import service as book
from broker.execution import service as execution
from broker.invariants import INVARIANTS
from broker.orders.states import CHILD, ORDER, ChildStatus
from kernel.calls.outcomes import Done, Expired, NotPlaced, Refused, Unknown
from kernel.errors import DomainError
from tests.broker_desk import leg, nowhere, open_desk, planned
from venues.gateway import OrderReport

D = Decimal
OPEN = [status.value for status in ORDER.live]
LIVE = [status.value for status in CHILD.live]
SIZES = ["0.00333", "0.01", "0.02501", "0.1"]
LIMITS = {"buy": "99900", "sell": "100100"}  # resting; the market stands between them
PRICES = {"buy": ["99899.37", "99850.01", "99900"], "sell": ["100100.03", "100140.77", "100100"]}


class Torn(Exception):
    """The process died before its transaction committed."""


class Venue:
    """What the venues did, by child: the reports they would give."""

    def __init__(self):
        self.trades = defaultdict(list)
        self.reported = {}


class Walk:
    def __init__(self, desk, random):
        self.desk, self.pick, self.venue = desk, random.choice, desk.venue_did

    def rows(self, statement, *values):
        return self.desk.engine.execute(statement, values).fetchall()

    def step(self):
        self.pick([self.place, self.place, self.trigger, self.answer, self.answer, self.answer, self.cancel])()

    def place(self):
        side, kind = (
            self.pick(["buy", "sell"]),
            self.pick(["rest", "rest", "limit", "ioc", "market"]),
        )
        limit = {"rest": LIMITS[side], "market": None}.get(kind, "100000" if side == "buy" else "99000")
        try:
            self.desk.place(
                side=side, quantity=self.pick(SIZES), limit=limit, venue="best", tif="ioc" if kind == "ioc" else None
            )
        except DomainError:
            return  # denied: nothing is left behind, as the invariants will say

    def trigger(self):
        side = self.pick(["buy", "sell"])
        ids = [row[0] for row in self.rows("SELECT id FROM broker.orders WHERE status = 'resting' AND side = %s", side)]
        if not ids:
            return
        share = D(self.pick(["1", "0.7", "0.31"]))
        split = D(self.pick(["0", "0.5", "0.13"]))

        def plan_of(orders, _without):
            whole = (sum(o.remaining for o in orders) * share).quantize(D("0.00001")) or orders[0].remaining
            first = (whole * split).quantize(D("0.00001"))
            limit = orders[0].protect_price
            return planned(*(leg(v, q, limit) for v, q in (("okx", whole - first), ("binance", first)) if q > 0))

        torn = self.pick((True, False)) and self.pick((True, False))
        with self.desk.as_engine():
            if torn:
                with pytest.raises(Torn):
                    book.trigger(tenant=self.desk.tenant, order_ids=ids, plan_of=_torn)
            else:
                book.trigger(tenant=self.desk.tenant, order_ids=ids, plan_of=plan_of)

    def answer(self):
        children = self.rows(
            "SELECT id, side, quantity, filled_quantity, limit_price, status FROM broker.venue_orders WHERE status = ANY(%s)",
            LIVE,
        )
        if not children:
            return
        child_id, side, quantity, filled, limit, status = self.pick(sorted(children, key=lambda c: c[0].int))
        at_venue = status not in {ChildStatus.INTENT, ChildStatus.UNKNOWN}
        kinds = ["fill", "fill", "part", "empty", "twice"] + (
            [] if at_venue else ["unknown", "refused", "expired", "absent"]
        )
        kind = self.pick(kinds)
        outcome = {
            "unknown": Unknown("timeout"), "refused": Refused("rejected", "no"), "expired": Expired("late"), "absent": NotPlaced(3)
        }.get(kind)  # fmt: skip
        if kind == "absent" and status != ChildStatus.UNKNOWN:
            outcome = Unknown("timeout")
        if outcome is None:
            outcome = Done(self._report(child_id, kind, side, quantity - filled, limit))
        self._apply(child_id, outcome)
        if kind == "twice":
            self._apply(child_id, outcome)

    def _report(self, child_id, kind, side, left, limit):
        done = self.venue.trades[child_id]
        price = D(self.pick(PRICES[side]))
        price = min(price, limit) if side == "buy" else max(price, limit)
        traded = {"fill": left, "empty": D(0)}.get(kind, (left * D("0.37")).quantize(D("0.00001")))
        for part in (traded,) if traded < D("0.01") else (D("0.00777"), traded - D("0.00777")):
            if part > 0:
                done.append(self.desk.fill(part, price, fee="0.00000123", trade=f"v{len(done)}-{child_id}"))
        status = {"fill": "filled", "empty": "cancelled"}.get(kind) or self.pick(["cancelled", "partially_filled"])
        filled = sum((f.quantity for f in done), D(0))
        return OrderReport(
            venue_order_id="v", client_order_id="c", status=status, filled_quantity=filled, average_price=None,
            fills=tuple(done), fills_complete=status != "partially_filled",
        )  # fmt: skip

    def _apply(self, child_id, outcome):
        """Perhaps the process dies before the commit; then the resolver brings the same answer again."""
        if self.pick(range(4)) == 0:
            with self.desk.as_engine(), pytest.raises(Torn), self.desk.tx() as tx:
                execution.apply(tx, child_id=child_id, outcome=outcome, reroute=nowhere)
                raise Torn
        with self.desk.as_engine(), self.desk.tx() as tx:
            execution.apply(tx, child_id=child_id, outcome=outcome, reroute=nowhere)

    def cancel(self):
        ids = [row[0] for row in self.rows("SELECT id FROM broker.orders WHERE status = ANY(%s) ORDER BY id", OPEN)]
        if ids:
            self.desk.cancel(self.pick(ids))

    # what must hold
    def check(self):
        for invariant in INVARIANTS:
            assert self.rows(invariant.sql)[0][0] == 0, invariant.name
        assert self.rows(
            "SELECT count(*) FROM (SELECT journal_id, asset_id FROM payments.entries GROUP BY 1, 2 HAVING sum(amount) <> 0) x"
        ) == [(0,)]
        assert (self.desk.sum_of("house.trading:USDT"), self.desk.sum_of("house.trading:BTC")) == (0, 0)
        self._holds()
        self._priority()

    def _holds(self):
        short = self.rows(
            """SELECT o.id FROM broker.orders o JOIN payments.holds h ON h.hold_id = o.hold_id
                WHERE o.status = ANY(%s) AND h.amount - h.captured < CASE o.side WHEN 'sell' THEN o.quantity - o.filled_quantity
                      ELSE (o.quantity - o.filled_quantity) * o.protect_price * (1 + o.fee_rate) END""",
            OPEN,
        )
        assert short == [], "a hold does not cover what its order still needs"
        held = self.rows("SELECT coalesce(sum(h.amount - h.captured), 0) FROM payments.holds h WHERE h.state = 'open'")[
            0
        ][0]
        assert self.desk.held("USDT") + self.desk.held("BTC") == held

    def _priority(self):
        assert (
            self.rows(
                """SELECT a.child_id FROM broker.allocations a JOIN broker.orders o ON o.id = a.order_id
                 JOIN broker.allocations b ON b.child_id = a.child_id AND b.rank > a.rank JOIN broker.orders p ON p.id = b.order_id
                WHERE p.accept_seq < o.accept_seq"""
            )
            == []
        )

    def check_trades(self):
        made = {f.trade_id: f.quantity for fills in self.venue.trades.values() for f in fills}
        booked = dict(self.rows("SELECT trade_id, sum(quantity) FROM broker.fills GROUP BY 1"))
        assert {trade: booked[trade] for trade in made} == made, "every trade of the venue is booked once and in full"


def _torn(_orders, _without):
    raise Torn


@pytest.fixture
def desk(database, valkey_url):
    with open_desk(database, valkey_url) as opened:
        opened.trades, opened.venue_did = itertools.count(1), Venue()
        yield opened


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(random=st.randoms(use_true_random=True))
def test_whatever_happens_the_books_are_right(desk, random):
    """Examples go on in the same books: what one left open the next one meets.

    So what a step may pick from depends on the examples before it: Hypothesis chooses a seed and nothing else, and has nothing to shrink.
    """
    walk = Walk(desk, random)
    for _ in range(25):
        walk.step()
        walk.check()
    walk.check_trades()
