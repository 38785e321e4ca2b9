"""What a day must not do: fail for one customer's open order, for a unit that was rounded, or for everybody because of one loan."""

from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from kernel.ids import uuid7
from lending import accounts
from lending.funding import service as funding
from lending.life import selling_out, service
from lending.liquidation import selling, tasks
from lending.liquidation import service as liquidation
from lending.liquidation.states import Cause
from lending.loans import postings, queries
from lending.loans.rules import Owed
from lending.loans.states import LoanStatus
from payments.holds import service as holds
from payments.holds.states import HoldKind
from tests.integration.lending.test_loan_days import broken, in_the_engine, lend, set_auto_repay

D = Decimal


def test_a_cost_kept_a_little_below_a_whole_unit_can_be_paid(lender):
    """10 USDT at 5 % for 73 days are 0.1, kept as 0.0999…973 and read as 0.1: paying it left less than nothing."""
    loan = uuid7()
    with lender.tx() as tx:
        assert funding.draw(tx, line_id=lender.line, loan_id=loan, amount=D(10))
    lender.days_pass(73)
    with lender.tx() as tx:
        funding.repay(tx, line_id=lender.line, loan_id=loan, amount=D(10))
    with lender.tx() as tx:
        line = funding.find(tx, lender.line)
    assert (line.drawn, line.accrued) == (0, 0)
    assert not lender.violations()


def test_money_behind_an_order_does_not_keep_a_loan_from_being_late(lender):
    loan_id = lend(lender, lender.product())
    customer = lender.loan(loan_id).customer_id
    set_auto_repay(lender, loan_id)
    with lender.tx() as tx:
        account = accounts.available(tx, customer, "USDT")
        holds.open_hold(tx, account_id=account, amount=D("23900"), kind=HoldKind.ORDER, reference="an order")
    in_the_engine(lender, service.work_off, days=31)
    loan = lender.loan(loan_id)
    assert loan.status is LoanStatus.MATURED_OVERDUE
    assert lender.has(customer, "USDT") == (0, D("23900"))  # the free 100 were paid


@pytest.mark.parametrize("job", ["work_off", "sell_out"])
def test_one_loan_that_fails_keeps_no_other_waiting(lender, monkeypatch, job):
    product = lender.product()
    first, second = sorted((lend(lender, product), lend(lender, product)))
    room, name = (service, "_work_off_one") if job == "work_off" else (selling_out, "_sell_one")
    real, done = getattr(room, name), []

    def work(tenant, loan_id):
        if loan_id == first:
            raise ZeroDivisionError
        done.append(loan_id)
        return real(tenant, loan_id) if job == "work_off" else True

    monkeypatch.setattr(room, name, work)
    in_the_engine(lender, service.work_off, days=31)
    if job == "sell_out":
        lender.engine.execute("UPDATE lending.loans SET status = 'matured_overdue'")
        in_the_engine(lender, selling_out.sell_out, days=10)
    assert second in done


def test_a_sale_that_the_database_refuses_keeps_no_other_waiting(lender, monkeypatch):
    first, second = uuid7(), uuid7()
    seen = []

    def step(_tenant, liquidation_id):
        seen.append(liquidation_id)
        if liquidation_id == first:
            raise IntegrityError("UPDATE", {}, Exception("a check"))
        return False

    monkeypatch.setattr(tasks.queries, "due", lambda _tx, **_how: [(lender.tenant, first), (lender.tenant, second)])
    monkeypatch.setattr(tasks.selling, "step", step)
    in_the_engine(lender, tasks.step_due)
    assert seen == [first, second]


def test_a_debt_without_any_collateral_comes_to_its_end(lender):
    loan_id = lend(lender, lender.product())
    with lender.locked(loan_id) as (tx, loan, _product, on):
        journal_id = postings.returned(tx, loan, dict(loan.collateral))
        queries.set_collateral(tx, loan_id, "BTC", D(0))
        assert journal_id
    with lender.locked(loan_id) as (tx, loan, product, on):
        sale = liquidation.begin(
            tx,
            loan,
            product,
            cause=Cause.OVERDUE,
            owed=Owed(principal=loan.principal),
            prices={},
            evidence_id=None,
            on=on,
        )

    def to_the_end():
        while selling.step(lender.tenant, sale):
            pass

    in_the_engine(lender, to_the_end)
    assert lender.loan(loan_id).status is LoanStatus.BAD_DEBT
    assert lender.drawn() == 0
    assert not broken(lender)
