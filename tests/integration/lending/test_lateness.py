"""What being late costs: days that nobody booked cost what they would have cost one by one, whatever was paid or fell due among them."""

from decimal import Decimal

import pytest

from lending.desk import service as desk
from lending.desk.service import Caller
from lending.life import service as life
from lending.loans.states import LoanStatus
from tests.integration.lending.test_loan_days import broken, in_the_engine, lend, set_auto_repay

D = Decimal
METHODS = {
    "bullet": {},
    "interest_only": {"method": "interest_only", "every": "1W"},
    "equal_instalments": {"method": "equal_instalments", "every": "1W", "day_count": "30e/360"},
    "equal_principal": {"method": "equal_principal", "every": "1W", "day_count": "actual/360"},
}


def repay(lender, loan_id, amount):
    customer = lender.loan(loan_id).customer_id
    desk.repay(Caller(lender.tenant, customer, customer), loan_id, amount=D(amount))


def owes(lender, loan_id):
    loan = lender.loan(loan_id)
    return loan.status, loan.penalty_owed, loan.interest_owed, loan.principal


@pytest.mark.parametrize("method", METHODS)
def test_five_days_at_once_cost_what_five_days_cost_one_by_one(lender, method):
    """Over the whole life of a loan: instalments late within and beyond the grace, the last day, and payments among the missed days."""
    product = lender.product(grace_days=3, penalty_rate="0.2931", **METHODS[method])
    daily, seldom = (lend(lender, product, "9876.54", rate="0.1213") for _ in range(2))
    seen = set()
    for day in range(1, 56):
        in_the_engine(lender, lambda: life._work_off_one(lender.tenant, daily), days=1)
        if day in {17, 43}:  # neither is a day of the seldom one
            repay(lender, daily, "1234.56")
            repay(lender, seldom, "1234.56")
        if day % 5 == 0:
            in_the_engine(lender, lambda: life._work_off_one(lender.tenant, seldom))
            assert owes(lender, seldom) == owes(lender, daily), f"day {day}"
            seen.add(owes(lender, daily)[:2])
    assert {status for status, _ in seen} == {LoanStatus.ACTIVE, LoanStatus.MATURED_OVERDUE}
    assert len({penalty for _, penalty in seen}) > 4
    assert not broken(lender)


def test_each_missed_day_costs_on_what_was_late_on_it(lender):
    """A hundred a week: in the ten days after the first grace a second instalment is late as well."""
    product = lender.product(method="equal_principal", every="1W", grace_days=2, penalty_rate="0.365")
    loan_id = lend(lender, product, "400", rate="0")
    in_the_engine(lender, life.work_off, days=7 + 10)
    # The first for ten days, the second for three: its grace is over as well.
    assert lender.loan(loan_id).penalty_owed == D("0.1") * 10 + D("0.1") * 3


def test_who_pays_late_pays_the_days_that_nobody_booked(lender):
    product = lender.product(grace_days=3, penalty_rate="0.365")
    loan_id = lend(lender, product, "1000", rate="0")
    lender.give(lender.loan(loan_id).customer_id, USDT="100")
    lender.days_pass(30 + 5)
    customer = lender.loan(loan_id).customer_id
    desk.repay(Caller(lender.tenant, customer, customer), loan_id, amount=None)
    assert lender.loan(loan_id).status is LoanStatus.REPAID
    assert lender.on("revenue.loan_penalty:USDT") == 5


def test_what_pays_itself_late_pays_the_days_it_was_late(lender):
    product = lender.product(grace_days=3, penalty_rate="0.365")
    loan_id = lend(lender, product, "1000", rate="0", customer=lender.borrower(BTC="1", USDT="100"))
    in_the_engine(lender, life.work_off, days=35)
    set_auto_repay(lender, loan_id)
    in_the_engine(lender, life.work_off, days=2)
    assert lender.loan(loan_id).status is LoanStatus.REPAID
    assert lender.on("revenue.loan_penalty:USDT") == 7


def test_interest_is_not_rounded_up_every_day_that_a_loan_is_late(lender):
    loan_id = lend(lender, lender.product(grace_days=0, penalty_rate="0.1"), "333.33")
    for _ in range(50):
        in_the_engine(lender, life.work_off, days=1)
    lender.give(lender.loan(loan_id).customer_id, USDT="100")
    repay(lender, loan_id, "500")
    assert lender.loan(loan_id).interest_charged == D("5.479398")  # 333.33 × 12 % × 50 / 365, up to the unit once
