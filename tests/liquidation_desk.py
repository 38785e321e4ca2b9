"""A loan that is ready to be sold, on the brokerage desk: written straight into the tables, so that only the liquidation is tried."""

import dataclasses
import json
from datetime import UTC, timedelta
from decimal import Decimal

from kernel.day_count import DayCount
from kernel.ids import uuid7
from lending import accounts
from lending.funding import service as funding
from lending.liquidation import queries, selling, service
from lending.liquidation.states import Cause
from lending.loans import queries as loans
from lending.loans.rules import Owed
from lending.loans.watching import SeenPrice
from lending.prices import Observed
from lending.products import queries as products
from lending.products.rules import Lines, thresholds
from lending.products.states import Basis, FeeMode, LiquidationMode, RateMode, Rebase
from lending.products.terms import Terms
from lending.schedules.states import Method
from markets.composite.states import CompositeState
from markets.quotes import service as quotes
from payments.chart import JournalIn, move
from payments.journal import service as journal
from tests.broker_desk import VENUES, D, Desk
from tests.market_views import fresh, make_quote, make_view

BRIEF = Lines(
    basis=Basis.PRICE_FRACTION, pledge=D("0.80"), warning=D("0.85"), displayed=D("0.83"), actual=D("0.82"), hard=D("0.81")
)  # fmt: skip


def make_terms(**changes):
    """The brief's product."""
    terms = Terms(
        rate_mode=RateMode.FIXED, rate=D("0.12"), spread=D(0), day_count=DayCount("actual/365"), method=Method.BULLET,
        every=None, multiple_of=None, fee_rate=D(0), fee_flat=D(0), fee_mode=FeeMode.DEDUCTED, min_amount=D(100),
        max_amount=D(1_000_000), step=D("0.01"), customer_cap=None, tenors=(30, 90, 180), quote_ttl_s=60, grace_days=3,
        penalty_rate=D(0), extension_fee_rate=D(0), liquidation=LiquidationMode.FULL, target_ltv=None,
        liquidation_fee_rate=D("0.005"), liquidation_fee_cap=None, budget=D("0.01"), slices=1, rebase=Rebase.LIVE_DEBT,
        expected_cost=D("0.01"), confirm_n=3, confirm_s=10, max_age_s=5, hysteresis=D(0), freeze_s=120,
    )  # fmt: skip
    return dataclasses.replace(terms, **changes)


class LiquidationDesk(Desk):
    """`lend` makes a running loan, `begin` decides its sale; money and collateral lie where a real loan's lie."""

    def lend(self, *, collateral=None, principal="24000", interest="0", lines=BRIEF, **terms):
        collateral = {asset: D(quantity) for asset, quantity in (collateral or {"BTC": "1"}).items()}
        product_id, line_id, loan_id = uuid7(), uuid7(), uuid7()
        with self.tx() as tx:
            self._product(tx, product_id, line_id, collateral, lines, make_terms(**terms))
            self._rows(tx, loan_id, product_id, collateral, D(principal), D(interest))
            lines = []
            for asset, quantity in collateral.items():
                own = accounts.available(tx, self.owner, asset)
                lines += move(own, accounts.pledged(tx, loan_id, self.owner, asset), quantity)
            owed = accounts.principal(tx, product_id, "USDT")
            lines += move(owed, accounts.available(tx, self.owner, "USDT"), D(principal))
            if D(interest):
                revenue = accounts.revenue(tx, "loan_interest", "USDT")
                booked = move(accounts.interest_receivable(tx, product_id, "USDT"), revenue, D(interest))
                entry = JournalIn(key=f"s/lending.accrue:{product_id}", kind="interest", lines=booked)
                self._day(tx, product_id, D(interest), journal.post(tx, [entry])[0])
            assert funding.draw(tx, line_id=line_id, loan_id=loan_id, amount=D(principal))
            journal.post(tx, [JournalIn(key=f"s/loan:{loan_id}:open", kind="loan", lines=lines)])
        self.product_id, self.line_id = product_id, line_id
        return loan_id

    def _day(self, tx, product_id, amount, journal_id):
        self.engine.execute(
            """INSERT INTO lending.accruals (tenant_id, subject_kind, subject_id, day, amount, total, journal_id)
               VALUES (%s, 'product', %s, current_date - 1, %s, %s, %s)""",
            [self.tenant, product_id, amount, amount, journal_id],
        )  # fmt: skip

    def _product(self, tx, product_id, line_id, collateral, lines, terms):
        tx.execute(
            """INSERT INTO lending.funding_lines (tenant_id, id, name, adapter, source, asset, line_limit, rate, day_count, drawn,
                                                  accrued_through, created_at)
               VALUES (:tenant, :id, :name, 'ledger', 'house', 'USDT', 10000000, 0.05, 'actual/365', 0, :on, :now)""",
            tenant=self.tenant, id=line_id, name=str(line_id), on=tx.now.date(), now=tx.now,
        )  # fmt: skip
        tx.execute(
            """INSERT INTO lending.loan_products (tenant_id, id, version, status, name, asset, funding_line_id, terms, created_by, created_at)
               VALUES (:tenant, :id, 1, 'published', 'BTC loan', 'USDT', :line, CAST(:terms AS jsonb), :id, :now)""",
            tenant=self.tenant, id=product_id, line=line_id, terms=json.dumps(terms.document()), now=tx.now,
        )  # fmt: skip
        exact = thresholds(lines)
        ratios = [exact.pledge, exact.warning, exact.displayed, exact.actual, exact.hard]
        for asset in collateral:
            tx.execute(
                """INSERT INTO lending.product_collaterals
                   VALUES (:tenant, :id, 1, :asset, :basis, :pledge, :warning, :displayed, :actual, :hard, :over, :under)""",
                tenant=self.tenant, id=product_id, asset=asset, basis=lines.basis.value, pledge=lines.pledge,
                warning=lines.warning, displayed=lines.displayed, actual=lines.actual, hard=lines.hard,
                over=[r.numerator for r in ratios], under=[r.denominator for r in ratios],
            )  # fmt: skip

    def _rows(self, tx, loan_id, product_id, collateral, principal, interest):
        quote_id, today = uuid7(), tx.now.astimezone(UTC).date()
        tx.execute(
            """INSERT INTO lending.loan_quotes (tenant_id, id, customer_id, product_id, version, amount, fee, rate, tenor_days, collateral,
                                                prices, expires_at, loan_id, created_at)
               VALUES (:tenant, :id, :customer, :product, 1, :amount, 0, 0.12, 30, '{}', '{}', :now, :loan, :now)""",
            tenant=self.tenant, id=quote_id, customer=self.owner, product=product_id, amount=principal, loan=loan_id, now=tx.now,
        )  # fmt: skip
        tx.execute(
            """INSERT INTO lending.loans (tenant_id, id, customer_id, product_id, version, quote_id, asset, status, drawn, principal, rate,
                       interest_from, interest_owed, interest_charged, debt_at_event, origination, opened_on, matures_on, created_at,
                       updated_at)
               VALUES (:tenant, :id, :customer, :product, 1, :quote, 'USDT', 'active', :principal, :principal, 0.12, :today, :interest,
                       :interest, :principal, '{}', :today, :end, :now, :now)""",
            tenant=self.tenant, id=loan_id, customer=self.owner, product=product_id, quote=quote_id, principal=principal,
            interest=interest, today=today, end=today + timedelta(days=30), now=tx.now,
        )  # fmt: skip
        for asset, quantity in collateral.items():
            loans.set_collateral(tx, loan_id, asset, quantity)

    def begin(self, loan_id, *, price="24600", cause=Cause.LINE, **how):
        """As the engine would: under the loan's lock, by these prices."""
        prices = {asset: D(each) for asset, each in (price if isinstance(price, dict) else {"BTC": price}).items()}
        with self.as_engine(), self.tx() as tx:
            loan = loans.lock(tx, loan_id)
            product = products.version(tx, loan.product_id, loan.version)
            evidence = self._evidence(tx, loan) if cause is Cause.LINE else None
            owed = Owed(loan.penalty_owed, loan.fee_owed, loan.interest_owed, loan.principal)
            return service.begin(
                tx, loan, product, cause=cause, owed=owed, evidence_id=evidence, on=loan.interest_from,
                prices={asset: observed(each) for asset, each in prices.items()}, **how,
            )  # fmt: skip

    def _evidence(self, tx, loan):
        evidence_id = uuid7()
        tx.execute(
            """INSERT INTO lending.price_evidence (tenant_id, id, loan_id, from_level, to_level, line, debt, prices, at)
               VALUES (:tenant, :id, :loan, 'MARGIN_CALL', 'LIQUIDATING', 'actual', :debt, '{}', :now)""",
            tenant=self.tenant, id=evidence_id, loan=loan.id, debt=loan.principal, now=tx.now,
        )  # fmt: skip
        return evidence_id

    def step(self, liquidation_id, times=1):
        """One step as the engine; how many of `times` changed something."""
        with self.as_engine():
            return sum(selling.step(self.tenant, liquidation_id) for _ in range(times))

    def finish(self, liquidation_id, most=30):
        """Step until nothing changes; every sale that is out is filled at the best price its limit got, as far as the books reach."""
        for _ in range(most):
            if not self.step(liquidation_id):
                return self.liquidation(liquidation_id)
            for sale in self.sales(liquidation_id):
                if not sale.ended:
                    self.fill_all(sale.order_id)
        raise AssertionError("it does not come to an end")

    def fill_all(self, order_id, price=None):
        """Every venue order of it trades in full at its limit, or at `price`."""
        for n, child in enumerate(self.children(order_id)):
            if child.status == "intent":
                fill = self.fill(child.quantity, price or child.limit_price, fee_asset="USDT")
                self.answer(order_id, "filled", fill, child=n)

    def sales(self, liquidation_id):
        with self.tx() as tx:
            return queries.sales(tx, liquidation_id)

    def insure(self, amount):
        with self.tx() as tx:
            pool = accounts.insurance(tx, "USDT")
        self.credit(pool, amount)

    def breaker(self, level, asset="BTC"):
        with self.tx() as tx:
            queries.set_breaker(tx, asset, level=level, reason="a test", by=uuid7())

    def told(self):
        """Topics of lending's facts, in order."""
        rows = self.engine.execute(
            "SELECT topic FROM kernel.outbox WHERE topic LIKE 'lending.liq%' OR topic LIKE 'lending.bad%' ORDER BY id"
        )
        return [topic.removeprefix("lending.").removesuffix(".v1") for (topic,) in rows]

    def own_accounts(self, liquidation_id):
        """What stands on the liquidation's accounts."""
        rows = self.engine.execute(
            "SELECT a.path, sum(e.amount) FROM payments.accounts a JOIN payments.entries e USING (account_id) WHERE a.path LIKE %s GROUP BY 1",
            [f"liquidation:{liquidation_id}:%"],
        ).fetchall()
        return {path.split(":", 2)[2]: amount for path, amount in rows if amount}

    def drawn(self):
        return self.engine.execute("SELECT drawn FROM lending.funding_lines WHERE id = %s", [self.line_id]).fetchone()[
            0
        ]

    def loan(self, loan_id):
        with self.tx() as tx:
            return loans.get(tx, loan_id, customer=None)

    def liquidation(self, liquidation_id):
        with self.tx() as tx:
            return queries.get(tx, liquidation_id)

    def books(self, *levels, symbol="BTC-USDT", price=None):
        """Every venue shows these bids: (price, size), best first; the composite is `price` or the best bid."""
        ask = (D(levels[0][0]) + 10, D(5))
        parts = [make_quote(v, asks=[ask], bids=levels, last=levels[0][0]) for v in VENUES]
        view = fresh(make_view(*parts, price=price or levels[0][0], symbol=symbol))
        self.valkey.set(quotes.key(symbol), quotes.encode(view))


def observed(price):
    seen = SeenPrice(price=Decimal(price), age=timedelta(0), venues=4, state=CompositeState.NORMAL)
    return Observed(seen, {"price": str(price)})
