"""The jobs of a day run twice and at once, and the machine's clock goes a day back or forth: each period is paid once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from earn.payouts import tasks as payouts
from kernel import db
from lending.life import tasks as life
from lending.loans.states import LoanStatus
from lending.products import queries as products
from tests.crowd import at_once
from tests.earn_books import utc
from tests.integration.earn.conftest import earn
from tests.integration.lending.conftest import lender
from tests.integration.lending.test_loan_days import booked, broken, lend, pay, receivable
from tests.ledger_books import as_engine

__all__ = ["earn", "lender"]
DAY = timedelta(days=1)
SALE, DUE = date(2031, 1, 30), utc(2031, 2, 28)


def jump(books, by):
    """As a machine whose clock was set: the database alone would not let business time go back."""
    with books.superuser() as root:
        root.execute('UPDATE kernel.clock SET "offset" = "offset" + %s', [by])


def now(books):
    with db.read_only(tenant=books.tenant) as tx:
        return tx.now


def rated(lender, mode):
    """A product at 12 % a year."""
    if mode == "FIXED":
        return lender.product()
    product = lender.product(rate_mode="FLOATING", rate="0", spread="0.07")
    with lender.tx() as tx:
        products.begin_index(tx, product, today=tx.now.date(), rate=Decimal("0.12"))
    return product


def run(books, job):
    """By four engines at once, and by one once more."""
    with as_engine(books.database):
        due = now(books)
        at_once([lambda: job(due) for _ in range(4)])
        job(due)


AHEAD = 60 * DAY  # a sandbox's clock: `kernel.clock` itself refuses to stand behind the machine's
JUMPS = {"back": [-1, 1], "forth": [2, -3, 1], "before_it_began": [-40, 35, 5]}


@pytest.fixture(params=JUMPS.values(), ids=JUMPS)
def jumps(request):
    return [DAY * days for days in request.param]


def test_23_the_interest_of_a_day_is_booked_once(lender, jumps):
    jump(lender, AHEAD)
    product = lender.product()
    loan = lend(lender, product, "36500", btc="2")  # 12 a day
    jump(lender, 3 * DAY)
    seen, days = 3, 0
    for by in (timedelta(0), *jumps, DAY):
        jump(lender, by)
        days += by.days
        seen = max(seen, 3 + days)
        run(lender, life.day)
        assert receivable(lender, product) == 12 * seen
    rows = [row[0] for row in booked(lender, product)]
    assert (len(rows), len(set(rows))) == (seen, seen)
    assert lender.loan(loan).interest_owed == 0


def test_23_what_a_late_payer_is_charged_is_charged_once(lender, jumps):
    jump(lender, AHEAD)
    product = lender.product(grace_days=3, penalty_rate="0.365")
    loan = lend(lender, product, "10000", rate="0")
    jump(lender, 34 * DAY)
    late, days = 4, 0
    for by in (timedelta(0), *jumps):
        jump(lender, by)
        days += by.days
        late = max(late, 4 + days)
        run(lender, life.day)
        assert lender.loan(loan).penalty_owed == 10 * late


@pytest.mark.parametrize("mode", ["FIXED", "FLOATING"])
def test_23_what_is_paid_back_while_the_clock_is_back_earned_nothing(lender, mode):
    """Its days were booked, and are taken back once the clock goes on: a product whose days cannot be booked would owe for ever."""
    jump(lender, AHEAD)
    product = rated(lender, mode)
    loan = lend(lender, product, "36500", btc="2")
    jump(lender, 10 * DAY)
    run(lender, life.day)
    assert receivable(lender, product) > 0
    jump(lender, -15 * DAY)
    run(lender, life.day)
    pay(lender, loan, "36500")
    assert lender.loan(loan).status is LoanStatus.REPAID
    jump(lender, 17 * DAY)
    run(lender, life.day)
    assert receivable(lender, product) == 0
    assert not broken(lender)


@pytest.mark.parametrize("mode", ["FIXED", "FLOATING"])
def test_23_a_loan_made_before_its_product_was(lender, mode):
    jump(lender, AHEAD)
    product = rated(lender, mode)
    jump(lender, -5 * DAY)
    loan = lend(lender, product, "36500", btc="2")
    run(lender, life.day)
    jump(lender, 8 * DAY)
    run(lender, life.day)
    earned = 12 * 8 if mode == "FIXED" else 12 * 3  # nobody had announced a rate for the days before
    assert receivable(lender, product) == earned
    lender.give(lender.loan(loan).customer_id, USDT=str(earned))
    pay(lender, loan, str(36500 + earned))
    assert lender.loan(loan).status is LoanStatus.REPAID
    assert not broken(lender)


def test_23_a_payout_is_paid_once(earn, jumps):
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template()
    anna = earn.saver("100000")
    bought = earn.subscribe(anna, earn.day(template, SALE), "1000")
    owed = earn.look(bought).rows[0].interest
    assert (earn.has(anna), owed > 0) == (99_000, True)
    earn.at(DUE - DAY + timedelta(hours=1))
    paid, days = False, -1
    for by in (timedelta(0), *jumps, DAY):
        jump(earn, by)
        days += by.days
        paid = paid or days >= 0
        run(earn, payouts.hour)
        assert earn.has(anna) == 99_000 + (owed if paid else 0)
    assert paid
