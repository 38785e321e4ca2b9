"""A brokerage desk on a real database: a customer with money, funded venues, a market's copy in Valkey, and venue answers made by hand.

Orders are placed as the app role, answers are applied as the engine role; after every answer all invariants are counted.
"""

import itertools
from contextlib import contextmanager
from decimal import Decimal

import psycopg
import redis

from broker.execution import service as execution
from broker.orders import queries, service
from broker.routing.rules import Leg, Plan
from kernel import cache, clock, db, roles
from kernel.calls.outcomes import Done
from kernel.ids import uuid7
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from rivermouth.checks import check_all
from tests.ledger_books import Books
from tests.market_views import fresh, make_quote, make_view
from venues.gateway import OrderReport, VenueFill
from wallet_bridge.alerts import service as treasury_alerts
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds

D = Decimal
VENUES = ("binance", "bitfinex", "kraken", "okx")
CASH, COINS = D(200_000), D(2)  # the customer's
CAPITAL = {"USDT": D(1_000_000), "BTC": D(20)}  # the house's, at every venue


def planned(*legs):
    return Plan(legs=legs, residual=D(0), evidence={})


def nowhere(_order, _without):
    return planned()


def leg(venue, quantity, limit_price, *, fee="0"):
    price = D(limit_price)
    return Leg(
        venue=venue,
        quantity=D(quantity),
        limit_price=price,
        venue_fee_rate=D(fee),
        effective_price=price,
        seen=price,
    )


class Desk(Books):
    """`app_engine` and `engine_engine` are the two roles' pools; `db` works with whichever acts."""

    def __init__(self, database, valkey_url):
        db.configure(database.engine, pool_size=4)
        self._engine_pool, db._engine = db._engine, None
        db.configure(database.app, pool_size=22)
        self._app_pool = db._engine
        super().__init__(database)
        cache.configure(valkey_url)
        instruments.forget()
        self.valkey = redis.Redis.from_url(valkey_url)
        self.owner = self.known_customer()
        self.trades = itertools.count(1)
        with self.tx() as tx:
            for asset, amount in (("USDT", CASH), ("BTC", COINS)):
                postings.deposit(tx, customer_id=self.owner, asset=asset, amount=amount, key=asset)
            for venue in VENUES:
                funds.store_report(tx, venue, {asset: (amount, amount) for asset, amount in CAPITAL.items()})
                for asset, amount in CAPITAL.items():
                    postings.fund_venue(tx, venue=venue, asset=asset, amount=amount, key=f"{venue}:{asset}")
        self.market()

    def close(self):
        super().close()
        self.valkey.close()
        cache.close()
        instruments.forget()
        db._engine = self._engine_pool
        db.dispose()
        db._engine = self._app_pool

    @contextmanager
    def as_engine(self):
        acting, db._engine = db._engine, self._engine_pool
        try:
            yield
        finally:
            db._engine = acting

    # the market
    def market(self, ask="99970", bid="99960", depth="5", venues=VENUES):
        """Every venue shows one level on each side, at this moment."""
        parts = [make_quote(v, asks=[(ask, depth)], bids=[(bid, depth)], last=ask) for v in venues]
        view = fresh(make_view(*parts, price=ask))
        self.valkey.set(quotes.key("BTC-USDT"), quotes.encode(view))

    def configure_market(self, **columns):
        """Change settings of the market that no API changes, as the owner of the schema."""
        with psycopg.connect(roles.conninfo(self.database.owner), autocommit=True) as owner:
            for column, value in columns.items():
                owner.execute(f"UPDATE markets.instruments SET {column} = %s WHERE symbol = 'BTC-USDT'", [value])
        instruments.forget()

    # orders
    def place(
        self, *, side="buy", quantity="0.5", limit=None, venue="binance", tif=None, tenant=None, owner=None, fresh=True
    ):
        """A market order, or a limit order where `limit` is given; returns its id."""
        if fresh:
            self.market()
        order_id = uuid7()
        wish = service.Wish(
            symbol="BTC-USDT",
            side=side,
            type="limit" if limit else "market",
            quantity=D(quantity),
            quote_quantity=None,
            limit_price=D(limit) if limit else None,
            venue=venue,
            time_in_force=tif or ("gtc" if limit else "ioc"),
            expected_price=None,
            tolerance=service.DEFAULT_TOLERANCE,
            client_order_id=None,
        )
        service.place_order(
            tenant=tenant or self.tenant,
            owner=owner or self.owner,
            wish=wish,
            order_id=order_id,
            key=None,
            fingerprint=b"",
        )
        return order_id

    def cancel(self, order_id):
        return service.cancel_order(tenant=self.tenant, owner=self.owner, order_id=order_id).order

    def order(self, order_id):
        with self.tx() as tx:
            return queries.get(tx, order_id)

    def children(self, order_id):
        with self.tx() as tx:
            return queries.children(tx, [order_id])

    # what venues answer
    def fill(self, quantity, price="99970", *, fee="0", fee_asset="BTC", trade=None):
        return VenueFill(
            trade_id=trade or f"t{next(self.trades)}",
            price=D(price),
            quantity=D(quantity),
            fee=D(fee),
            fee_asset=fee_asset,
            executed_at=clock.wall(),
        )

    def sent(self, order_id):
        """The lanes have claimed the calls of this order's children: they are on the wire and cannot be taken back."""
        self.engine.execute(
            """UPDATE kernel.calls SET state = 'sent', sent_at = now() WHERE state = 'intent' AND ref IN
                 (SELECT v.client_order_id FROM broker.venue_orders v JOIN broker.allocations a ON a.child_id = v.id WHERE a.order_id = %s)""",
            [order_id],
        )

    def apply(self, order_id, outcome, *, child=-1, reroute=nowhere):
        """One answer to one child; afterwards every invariant of the product must hold."""
        child_id = self.children(order_id)[child].id
        with self.as_engine(), self.tx() as tx:
            again = execution.apply(tx, child_id=child_id, outcome=outcome, reroute=reroute)
        assert self.broken() == {}
        return again

    def answer(self, order_id, status, *fills, seen=None, complete=True, **how):
        """A report of the venue: the order's status there and its fills so far."""
        report = OrderReport(
            venue_order_id="v-1",
            client_order_id="whatever",
            status=status,
            filled_quantity=sum((f.quantity for f in fills), D(0)) if seen is None else D(seen),
            average_price=None,
            fills=tuple(fills),
            fills_complete=complete,
        )
        return self.apply(order_id, Done(report), **how)

    # what the books say
    def broken(self):
        """Invariants that do not hold, over all tenants."""
        with self.as_engine():
            return {result.name: result.count for result in check_all() if not result.ok}

    def sum_of(self, path):
        """The exact sum of an account of this tenant; 0 where it was never opened."""
        row = self.engine.execute(
            """SELECT coalesce(sum(e.amount), 0) FROM payments.entries e JOIN payments.accounts a USING (account_id)
                WHERE a.tenant_id = %s AND a.path = %s""",
            [self.tenant, path],
        ).fetchone()
        return row[0]

    def gained(self, asset):
        """What the customer has more of than at the start."""
        return self.sum_of(f"customer:{self.owner}:{asset}") - {"USDT": CASH, "BTC": COINS}[asset]

    def venue_gained(self, venue, asset):
        return -self.sum_of(f"venue.{venue}:{asset}") - CAPITAL[asset]

    def held(self, asset):
        """What the customer's open orders hold, captures not folded yet included."""
        row = self.engine.execute(
            "SELECT account_id FROM payments.accounts WHERE tenant_id = %s AND path = %s",
            [self.tenant, f"customer:{self.owner}:{asset}"],
        ).fetchone()
        return self.exact(row[0])[1]

    def hold_of(self, order_id):
        """(amount, captured, state) of an order's hold."""
        return self.engine.execute(
            "SELECT h.amount, h.captured, h.state FROM payments.holds h WHERE h.order_id = %s", [order_id]
        ).fetchone()

    def reserved(self, venue, asset):
        row = self.engine.execute(
            "SELECT reserved FROM wallet_bridge.funds WHERE tenant_id = %s AND venue = %s AND asset = %s",
            [self.tenant, venue, asset],
        ).fetchone()
        return row[0]

    def journals(self, order_id):
        """The journals of an order in order: {kind: …, lines: sorted (path, amount)}; the customer's paths without the id."""
        rows = self.engine.execute(
            """SELECT j.journal_id, j.kind, replace(a.path, %s, 'customer'), e.amount
                 FROM payments.journals j JOIN payments.entries e USING (journal_id) JOIN payments.accounts a USING (account_id)
                WHERE j.order_id = %s ORDER BY 1, 3, 4""",
            [f"customer:{self.owner}", order_id],
        ).fetchall()
        return [
            (kind, [(path, amount) for *_, path, amount in lines])
            for (_, kind), lines in itertools.groupby(rows, key=lambda row: (row[0], row[1]))
        ]

    def topics(self, order_id):
        """Names of the events about this order, in order."""
        rows = self.engine.execute(
            "SELECT topic FROM kernel.outbox WHERE payload->>'order_id' = %s ORDER BY id", [str(order_id)]
        ).fetchall()
        return [row[0].removeprefix("broker.").removesuffix(".v1") for row in rows]

    def alerts(self, kind="venue_balance_low"):
        return [a for a in treasury_alerts.list_alerts(self.tenant) if a.kind == kind]


@contextmanager
def open_desk(database, valkey_url, kind=Desk):
    desk = kind(database, valkey_url)
    try:
        yield desk
    finally:
        desk.close()
        db.dispose()
