"""Loans whose prices fall, at random: topped up, paid, sold by the watch or by their owners, in thin books, with answers that do not come.

After each step every invariant holds, and what the reference asks of a sale is counted here once more, from the rows alone.
"""

import random
from decimal import Decimal

import pytest

from kernel.calls.outcomes import Unknown
from kernel.errors import DomainError
from lending.desk import service as customers
from lending.desk.service import Caller
from lending.life import accruing
from lending.life import service as life
from lending.liquidation import service as liquidations
from lending.liquidation.states import Cause
from lending.loans.states import RUNNING, LoanStatus
from lending.products.states import LiquidationMode
from lending.watch import rescue
from lending.watch.service import Watcher

D = Decimal
STEPS = 30
UNIT = D("0.000001")  # of USDT


class Walk:
    """`low` counts the looks in a row at which a loan was on its actual line or below it."""

    def __init__(self, desk, seed, *, insured):
        self.desk, self.rng, self.insured = desk, random.Random(seed), insured
        self.loans, self.low, self.touched, self.ended, self.price = [], {}, set(), set(), D(30_000)
        self.watcher = Watcher(begin=liquidations.begin, rescue=rescue.top_up)
        self.caller = Caller(desk.tenant, desk.owner, desk.owner)
        desk.credit(desk.customer("BTC", owner=desk.owner), D(20), "BTC")
        if insured:
            desk.insure(str(insured))
        self.show()

    # what there is
    def loan(self, loan_id):
        return self.desk.loan(loan_id)

    def rows(self, *, but=()):
        return {one: self.loan(one) for one in self.loans if one not in but}

    def live(self):
        found = self.desk.engine.execute(
            "SELECT id FROM lending.liquidations WHERE status NOT IN ('done', 'shortfall') ORDER BY id"
        ).fetchall()
        return [each for (each,) in found]

    def today(self):
        with self.desk.tx() as tx:
            return tx.now.date()

    def debt(self, loan):
        """Exact: what stands and the days since."""
        days = (self.today() - loan.interest_from).days
        return loan.principal + loan.interest_owed + loan.fee_owed + loan.penalty_owed, loan.principal * D(
            "0.12"
        ) * days

    def is_at(self, loan, fraction):
        """qty · price · pledge ≤ debt · f, with the interest of a year over 365."""
        fixed, yearly = self.debt(loan)
        return loan.collateral["BTC"] * self.price * D("0.8") * 365 <= (fixed * 365 + yearly) * D(fraction)

    def pick(self):
        return self.rng.choice(self.loans)

    # what happens
    def step(self):
        falls = [self.fall] * 4 + [self.gap, self.rise]
        own = [self.top_up, self.pay, self.pay_all, self.take_back, self.sell_own]
        does = self.rng.choice(falls + own + [self.borrow] * 3 + [self.sell] * 5 + [self.day])
        does()
        assert self.desk.broken() == {}
        for liquidation_id in self.desk.engine.execute(
            "SELECT id FROM lending.liquidations WHERE status IN ('done', 'shortfall')"
        ).fetchall():
            if liquidation_id[0] not in self.ended:
                self.ended.add(liquidation_id[0])
                self.settled(self.desk.liquidation(liquidation_id[0]))
        return does.__name__

    def borrow(self, *, whole=False):
        """Now and then one that is sold in parts, or brought back by its owner's coins; `whole` is neither."""
        quantity = D(self.rng.randint(20, 120)) / 100
        most = quantity * self.price * D("0.8")
        partial = not whole and len(self.loans) % 3 == 1
        share = D(self.rng.choice(("0.6", "0.7"))) if partial else D(self.rng.choice(("0.9", "0.97", "1")))
        how = {"liquidation": LiquidationMode.PARTIAL, "target_ltv": D("0.4")} if partial else {}
        self.loans.append(
            self.desk.lend(
                collateral={"BTC": quantity}, principal=(most * share).quantize(D("0.01"), rounding="ROUND_DOWN"),
                slices=self.rng.choice((1, 3)), confirm_n=2, confirm_s=0, max_age_s=3600, **how,
            )
        )  # fmt: skip
        if not whole and self.rng.random() < 0.2:
            customers.set_options(self.caller, self.loans[-1], auto_top_up=True, auto_repay=None)

    def show(self):
        """Books about the price: deep, or with hardly anything within a sale's budget."""
        far = (self.price * D("0.9")).quantize(D("0.01"))
        if self.rng.random() < 0.3:
            self.desk.books((self.price, "0.03"), (far, "9"), price=self.price)
        else:
            self.desk.books((self.price, "9"), price=self.price)

    def look(self):
        """One tick, and who had to be sold by it: nobody above the actual line, everybody at the hard one."""
        self.show()
        before = {one: loan for one, loan in self.rows().items() if loan.status in RUNNING}
        with self.desk.as_engine():
            self.watcher.step()
        for one, loan in before.items():
            after = self.loan(one)
            if after.collateral["BTC"] > loan.collateral["BTC"]:  # brought back by its owner's coins
                assert loan.auto_top_up
                assert after.status is LoanStatus.ACTIVE
                assert not self.is_at(after, "0.82")
                self.low[one] = 0
                continue
            sold, low, hard = after.status is LoanStatus.LIQUIDATING, self.is_at(loan, "0.82"), self.is_at(loan, "0.81")
            waited = self.low.get(one, 0) >= 1
            assert not sold or hard or (low and waited), "a wick sells nobody"
            assert sold or not hard, "at the hard line a loan is sold at once"
            assert sold or not (low and waited) or one in self.touched, "who stayed there is sold"
            self.low[one] = self.low.get(one, 0) + 1 if low else 0
        self.touched.clear()

    def move(self, factors):
        self.price = (self.price * D(self.rng.choice(factors))).quantize(D("0.01"))
        self.look()

    def fall(self):
        self.move(("0.995", "0.98", "0.96", "0.93"))

    def gap(self):
        self.move(("0.88", "0.8"))

    def rise(self):
        self.move(("1.005", "1.03", "1.15"))

    def day(self):
        days = self.rng.choice((1, 2))
        self.desk.engine.execute('UPDATE kernel.clock SET "offset" = "offset" + make_interval(days => %s)', [days])
        with self.desk.as_engine():
            accruing.book_days()
            life.work_off()

    # what customers do
    def attempt(self, one, deed, **how):
        """Whether it was done. What is refused changes nothing, what is done to one loan changes no other, and none is worse for it."""
        before, mine = self.rows(but={one}), self.loan(one)
        refused = None
        try:
            deed(self.caller, one, **how)
        except DomainError as error:
            refused = error.code
        if refused is not None:
            assert self.rows() == before | {one: mine}, refused
            return False
        assert mine.status in RUNNING, "a sale has begun"
        assert self.rows(but={one}) == before
        after = self.loan(one)
        assert after.status not in RUNNING or after.level.rank <= mine.level.rank
        self.touched.add(one)
        return True

    def top_up(self):
        quantity = D(self.rng.choice(("0.00000001", "0.01", "0.1")))
        self.attempt(self.pick(), customers.add_collateral, asset="BTC", quantity=quantity)

    def take_back(self):
        one, quantity = self.pick(), D(self.rng.choice(("0.001", "0.1")))
        if self.attempt(one, customers.take_back, asset="BTC", quantity=quantity):
            assert not self.is_at(self.loan(one), "0.999999"), "what stays carries the debt at the pledge rate"

    def pay(self):
        self.attempt(self.pick(), customers.repay, amount=D(self.rng.choice(("0.000001", "100.5", "2000"))))

    def pay_all(self):
        """Until a sale begins it can always be repaid, and all of the collateral comes back."""
        one = self.pick()
        loan, coins = self.loan(one), self.desk.gained("BTC")
        if loan.status not in RUNNING:
            assert not self.attempt(one, customers.repay, amount=None)
            return
        fixed, yearly = self.debt(loan)
        self.desk.credit(self.desk.customer(owner=self.desk.owner), (fixed + yearly / 365).quantize(D("0.01")) + 1)
        assert self.attempt(one, customers.repay, amount=None)
        assert self.loan(one).status is LoanStatus.REPAID
        assert self.desk.gained("BTC") - coins == loan.collateral["BTC"]

    def sell_own(self):
        self.show()
        amount = self.rng.choice((None, D(500), D(5000)))
        self.attempt(self.pick(), customers.repay_from_collateral, amount=amount)

    # sales
    def sell(self):
        self.show()
        for liquidation_id in self.live():
            self.desk.step(liquidation_id)
            for sale in self.desk.sales(liquidation_id):
                if not sale.ended:
                    self.answer(sale)

    def answer(self, sale):
        """Of each venue order: all of it, better than asked for, a part, nothing, or no answer until the next time."""
        for n, child in enumerate(self.desk.children(sale.order_id)):
            if child.status not in {"intent", "unknown"}:
                continue
            what = self.rng.choice(["all", "all", "better", "part", "none", "silence"])
            if what == "silence" and child.status == "intent":
                self.desk.sent(sale.order_id)
                self.desk.apply(sale.order_id, Unknown("the venue did not answer"), child=n)
                continue
            part = {"part": D("0.37"), "none": D(0)}.get(what, D(1))
            quantity = (child.quantity * part).quantize(D("0.00001"), rounding="ROUND_DOWN")
            price = child.limit_price + (25 if what == "better" else 0)
            fills = [self.desk.fill(quantity, price, fee_asset="USDT")] if quantity else []
            self.desk.answer(sale.order_id, "filled" if quantity == child.quantity else "expired", *fills, child=n)

    def settled(self, done):
        """Every coin and every unit of the debt went somewhere; who bears a loss bears all of it."""
        loan, sales, told = self.loan(done.loan_id), self.desk.sales(done.id), done.settlement
        proceeds, fee, surplus = (D(told[name]) for name in ("proceeds", "fee", "surplus"))
        paid = sum(D(part) for part in told["paid"].values())
        taken = told.get("taken_over", {})
        assert sum(sale.proceeds for sale in sales) + sum(D(each["paid"]) for each in taken.values()) == proceeds
        assert proceeds == paid + fee + surplus
        assert min(paid, fee, surplus) >= 0
        assert all(sale.proceeds >= sale.sold * done.plan["BTC"].floor - UNIT * 10 for sale in sales)
        gone = sum(sale.sold for sale in sales) + sum(D(each["quantity"]) for each in taken.values())
        assert done.plan["BTC"].quantity == gone + D(told["returned"].get("BTC", "0"))
        assert self.desk.own_accounts(done.id) == {}
        assert (done.evidence_id is not None) is (done.cause is Cause.LINE)
        if "left" in told:
            assert paid + D(told["left"]) == done.owed.total
            return
        assert paid + D(told["shortfall"]) == done.owed.total
        assert loan.principal + loan.interest_owed + loan.collateral["BTC"] == 0
        assert D(told["insured"]) + D(told["lost"]) == D(told["shortfall"])
        if D(told["shortfall"]):
            assert (done.status, loan.status, told["returned"], surplus) == ("shortfall", "bad_debt", {}, 0)
        else:
            assert loan.status in {LoanStatus.LIQUIDATED, LoanStatus.REPAID}

    # the end
    def to_the_end(self):
        """One loan falls through everything; then buyers come back as far as one sale after the other needs, and the rest is repaid."""
        self.price = D(30_000)
        self.borrow(whole=True)
        last = self.loans[-1]
        self.price = D("20000.01")
        self.look()
        assert self.loan(last).status is LoanStatus.LIQUIDATING
        for _ in range(200):
            if not (live := self.live()):
                break
            floor = min(
                self.desk.liquidation(each).plan["BTC"].floor for each in live
            )  # nobody sells any better than that
            self.price = floor.quantize(D("0.01"), rounding="ROUND_UP")
            self.sell()
        assert self.live() == []
        for one in self.loans:
            if self.loan(one).status in RUNNING:
                self.desk.credit(self.desk.customer(owner=self.desk.owner), D(60_000))
                assert self.attempt(one, customers.repay, amount=None)


@pytest.mark.parametrize(("seed", "insured"), [(30, 0), (41, 100), (42, 10**6)])
def test_whatever_falls_and_whoever_answers_the_books_hold(selling, seed, insured):
    walk = Walk(selling, seed, insured=insured)
    walk.borrow()
    for place in range(STEPS):
        try:
            walk.step()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, step {place}") from error
    walk.to_the_end()
    walk.day()
    for (done,) in selling.engine.execute("SELECT id FROM lending.liquidations").fetchall():
        if done not in walk.ended:
            walk.settled(selling.liquidation(done))
    paid, lost = selling.engine.execute("SELECT sum(insured), sum(lost) FROM lending.bad_debts").fetchone()
    assert paid + lost > 0
    assert selling.sum_of("insurance.lending:USDT") == insured - paid
    assert -selling.sum_of("expense.bad_debt:USDT") == lost
    assert paid == insured if lost else paid < insured, "the pool bears what it can before the house bears anything"
    assert selling.engine.execute("SELECT sum(drawn) FROM lending.funding_lines").fetchone() == (0,)
