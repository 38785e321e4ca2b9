"""A lender on a real database: customers with money and coins, a product as the brief has it, prices made by hand, time that can pass."""

import json
from contextlib import contextmanager
from decimal import Decimal

import redis

from kernel import cache, db
from kernel.ids import uuid7
from lending.invariants import INVARIANTS as LENDING
from lending.loans import queries, steps
from lending.loans import service as loans
from lending.products.rules import Lines, thresholds
from lending.products.states import Basis
from markets.quotes import service as quotes
from payments.invariants import INVARIANTS as LEDGER
from tests.ledger_books import Books
from tests.market_views import fresh, make_quote, make_view

D = Decimal
VENUES = ("binance", "kraken", "okx")
LINES = {"pledge": "0.80", "warning": "0.85", "displayed": "0.83", "actual": "0.82", "hard": "0.81"}
TERMS = {
    "rate_mode": "FIXED", "rate": "0.12", "spread": "0", "day_count": "actual/365", "method": "bullet", "every": None,
    "multiple_of": None, "fee_rate": "0", "fee_flat": "0", "fee_mode": "deducted", "min_amount": "100", "max_amount": "1000000",
    "step": "0.01", "customer_cap": None, "tenors": [30, 90, 180], "quote_ttl_s": 30, "grace_days": 3, "penalty_rate": "0.18",
    "extension_fee_rate": "0.001", "repayment_order": ["penalty", "fee", "interest", "principal"], "liquidation": "FULL",
    "target_ltv": None, "liquidation_fee_rate": "0.005", "liquidation_fee_cap": None, "budget": "0.01", "slices": 4,
    "rebase": "LIVE_DEBT", "expected_cost": "0.01", "confirm_n": 3, "confirm_s": 10, "max_age_s": 5, "min_venues": 2,
    "hysteresis": "0", "freeze_s": 600, "tiers": [], "depth_share": None,
}  # fmt: skip


class Lender(Books):
    """Steps run as the app role."""

    def __init__(self, database, valkey_url, *, tenant=None):
        super().__init__(database)
        self.tenant = tenant or self.tenant
        self.valkey = redis.Redis.from_url(valkey_url)
        for left in self.valkey.scan_iter(quotes.key("*")):  # by whoever used this server before
            self.valkey.delete(left)
        self.line = self.funding_line()

    def close(self):
        super().close()
        self.valkey.close()

    # what there is to begin with
    def funding_line(self, limit="10000000", asset="USDT", adapter="ledger", tenant=None):
        line = uuid7()
        self.engine.execute(
            """INSERT INTO lending.funding_lines (tenant_id, id, name, adapter, source, asset, line_limit, rate, day_count, accrued_through,
                                                  created_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, 0.05, 'actual/365', (kernel.business_now() AT TIME ZONE 'UTC')::date, now())""",
            (
                tenant or self.tenant,
                line,
                f"line {line}",
                adapter,
                "house" if adapter == "ledger" else adapter,
                asset,
                D(limit),
            ),
        )
        return line

    def product(self, *, collaterals=None, asset="USDT", line=None, tenant=None, name="BTC loan", **terms):
        """A published version 1; `collaterals` are lines by asset, with haircut and cap where wanted."""
        tenant, product = tenant or self.tenant, uuid7()
        with db.transaction(tenant=tenant) as tx:
            tx.execute(
                """INSERT INTO lending.loan_products (tenant_id, id, version, status, name, asset, funding_line_id, terms, created_by,
                                                      created_at, published_at)
                   VALUES (:tenant, :id, 1, 'published', :name, :asset, :line, CAST(:terms AS jsonb), :id, now(), now())""",
                tenant=tenant, id=product, name=name, asset=asset, line=line or self.line, terms=json.dumps(TERMS | terms),
            )  # fmt: skip
            for code, given in (collaterals or {"BTC": {}}).items():
                typed = {k: D(v) for k, v in (LINES | {k: v for k, v in given.items() if k in LINES}).items()}
                found = thresholds(Lines(basis=Basis.PRICE_FRACTION, **typed))
                ratios = [found.pledge, found.warning, found.displayed, found.actual, found.hard]
                tx.execute(
                    """INSERT INTO lending.product_collaterals (tenant_id, product_id, version, asset, basis, pledge, warning, displayed,
                           actual, hard, ltv_numerators, ltv_denominators, haircut, asset_cap)
                       VALUES (:tenant, :product, 1, :asset, 'PRICE_FRACTION', :pledge, :warning, :displayed, :actual, :hard, :up, :down,
                               :haircut, :cap)""",
                    tenant=tenant, product=product, asset=code, **typed, up=[D(r.numerator) for r in ratios],
                    down=[D(r.denominator) for r in ratios], haircut=D(given.get("haircut", "0")),
                    cap=None if given.get("cap") is None else D(given["cap"]),
                )  # fmt: skip
        return product

    def next_version(self, product, **terms):
        """Publishes another version of it, with the collaterals of the first; the one before takes no new loans."""
        self.engine.execute(
            "UPDATE lending.loan_products SET status = 'retired', retired_at = now() WHERE id = %s AND status = 'published'",
            (product,),
        )
        number = self.engine.execute(
            """INSERT INTO lending.loan_products (tenant_id, id, version, status, name, asset, funding_line_id, terms, created_by, created_at,
                                                  published_at)
               SELECT tenant_id, id, version + 1, 'published', name, asset, funding_line_id, terms || %s::jsonb, created_by, now(), now()
                 FROM lending.loan_products WHERE id = %s ORDER BY version DESC LIMIT 1 RETURNING version""",
            (json.dumps(terms), product),
        ).fetchone()[0]
        self.engine.execute(
            """INSERT INTO lending.product_collaterals
               SELECT (jsonb_populate_record(c, jsonb_build_object('version', %s::int))).* FROM lending.product_collaterals c
                WHERE c.product_id = %s AND c.version = 1""",
            (number, product),
        )
        return number

    def borrower(self, customer=None, **funds):
        """Somebody who may borrow, with these assets: `BTC="1"`."""
        customer = customer or self.known_customer()
        self.give(customer, **(funds or {"BTC": "10", "USDT": "100000"}))
        return customer

    def give(self, customer, **funds):
        for asset, amount in funds.items():
            if D(amount):
                self.credit(self.customer(asset, owner=customer), amount, asset)

    # prices and time
    def price(self, symbol="BTC-USDT", price="30000", *, venues=VENUES, depth="50", age=None):
        """Every venue shows this price, a tick apart, and the composite is exactly it."""
        middle = D(price)
        parts = [
            make_quote(v, asks=[(middle + D("0.5"), depth)], bids=[(middle - D("0.5"), depth)], last=middle)
            for v in venues
        ]
        view = fresh(make_view(*parts, price=price, symbol=symbol), age)
        self.valkey.set(quotes.key(symbol), quotes.encode(view))

    def no_price(self, symbol="BTC-USDT"):
        self.valkey.delete(quotes.key(symbol))

    def days_pass(self, days):
        self.engine.execute('UPDATE kernel.clock SET "offset" = "offset" + make_interval(days => %s)', (days,))

    # what came of it
    @contextmanager
    def locked(self, loan_id):
        """(tx, loan, product, today) under the loan's lock."""
        with self.tx() as tx:
            loan = queries.lock(tx, loan_id)
            yield tx, loan, loans.product_of(tx, loan), steps.today(tx)

    def loan(self, loan_id):
        with self.tx() as tx:
            return queries.get(tx, loan_id, customer=None)

    def instalments(self, loan_id):
        with self.tx() as tx:
            return queries.instalments(tx, loan_id)

    def events(self, loan_id):
        rows = self.engine.execute(
            "SELECT kind FROM lending.loan_events WHERE loan_id = %s ORDER BY seq", (loan_id,)
        ).fetchall()
        return [kind for (kind,) in rows]

    def has(self, customer, asset):
        """What the customer may spend, and what is held."""
        row = self.engine.execute(
            """SELECT x.posted - x.held, x.held FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
                WHERE a.tenant_id = %s AND a.path = %s""",
            (self.tenant, f"customer:{customer}:{asset}"),
        ).fetchone()
        return row or (D(0), D(0))

    def on(self, path):
        """What stands on an account; nothing for one that was never opened."""
        row = self.engine.execute(
            """SELECT x.posted FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
                WHERE a.tenant_id = %s AND a.path = %s""",
            (self.tenant, path),
        ).fetchone()
        return row[0] if row else D(0)

    def broken(self):
        """Invariants of lending and of the ledger that do not hold, with how often."""
        found = {each.name: self.engine.execute(each.sql).fetchone()[0] for each in (*LENDING, *LEDGER)}
        return {name: count for name, count in found.items() if count}

    def drawn(self, line=None):
        return self.engine.execute(
            "SELECT drawn FROM lending.funding_lines WHERE id = %s", (line or self.line,)
        ).fetchone()[0]


@contextmanager
def open_lender(database, valkey_url):
    db.configure(database.app, pool_size=22)
    cache.configure(valkey_url)
    lender = Lender(database, valkey_url)
    try:
        yield lender
    finally:
        lender.close()
        cache.close()
        db.dispose()
