"""Loans of every method at random: drawn, paid early, late, in part and never, while days pass. After each step every invariant holds."""

import random
from decimal import Decimal

import pytest

from lending import accounts
from lending.life import accruing, repricing, service
from lending.loans import extension, steps
from lending.loans.states import RUNNING, LoanStatus
from tests.integration.lending.test_loan_days import broken, in_the_engine, lend, pay, receivable, set_auto_repay

D = Decimal
STEPS = 20


def days_work():
    """The day's work without the sale of who is late: nobody sells here."""
    accruing.book_days()
    repricing.announce()
    repricing.tell()
    service.remind()
    service.work_off()


class Walk:
    def __init__(self, lender, seed):
        self.lender, self.rng, self.loans = lender, random.Random(seed), []
        more = {"grace_days": 3, "penalty_rate": "0.3"}
        self.products = [
            lender.product(name="bullet", **more),
            lender.product(name="interest", method="interest_only", every="1M", **more),
            lender.product(name="equal", method="equal_instalments", every="1M", **more),
            lender.product(name="principal", method="equal_principal", every="2W", day_count="actual/360", **more),
        ]

    def running(self):
        return [one for one in self.loans if self.lender.loan(one).status in RUNNING]

    def step(self):
        does = self.rng.choice([self.borrow, self.day, self.day, self.pay, self.pay, self.top_up, self.extend])
        does()
        return does.__name__

    def borrow(self):
        amount = f"{self.rng.randint(100, 20_000)}.{self.rng.randint(0, 99):02}"
        made = lend(
            self.lender,
            self.rng.choice(self.products),
            amount,
            tenor=self.rng.choice((30, 90)),
            rate=self.rng.choice(("0.12", "0.0731")),
        )
        self.loans.append(made)
        if self.rng.random() < 0.3:
            set_auto_repay(self.lender, made)

    def day(self):
        self.lender.price()
        in_the_engine(self.lender, days_work, days=self.rng.choice((1, 2, 13, 31)))

    def pay(self):
        for one in self.running()[:1]:
            self.lender.give(self.lender.loan(one).customer_id, USDT=str(self.rng.randint(1, 400)))
            amount = self.rng.choice(("0.000001", "57.31", "1000", "50000"))
            spendable = self.lender.has(self.lender.loan(one).customer_id, "USDT")[0]
            pay(self.lender, one, min(D(amount), spendable))

    def top_up(self):
        for one in self.running()[-1:]:
            self.lender.give(self.lender.loan(one).customer_id, BTC="0.1")
            with self.lender.locked(one) as (tx, loan, product, on):
                steps.top_up(tx, loan, product, "BTC", D("0.1"), source="customer", on=on)

    def extend(self):
        for one in self.running()[:1]:
            self.lender.give(self.lender.loan(one).customer_id, USDT="500")
            with self.lender.locked(one) as (tx, loan, product, on):
                if extension.is_offered(loan, 30, on):
                    account = accounts.available(tx, loan.customer_id, loan.asset)
                    extension.extend(tx, loan, product, 30, from_account=account, on=on)


@pytest.mark.parametrize("seed", [7, 77])
def test_whatever_happens_in_whatever_order_the_books_hold(lender, seed):
    walk = Walk(lender, seed)
    walk.borrow()
    for place in range(STEPS):
        did = walk.step()
        assert not broken(lender), f"seed {seed}, step {place}: {did}"
    for one in walk.running():
        lender.give(lender.loan(one).customer_id, USDT="60000")
        pay(lender, one, "60000")
        assert lender.loan(one).status is LoanStatus.REPAID
    in_the_engine(lender, days_work, days=1)
    assert not broken(lender)
    open_interest = sum(lender.loan(one).interest_owed for one in walk.loans)
    assert sum(receivable(lender, product) for product in walk.products) == open_interest
