"""Another term: one extension a term, and a loan with instalments spreads what is left over the days to come, to exactly zero."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.errors import DomainError
from lending.desk import service
from lending.desk.errors import ExtensionNotOffered
from lending.desk.service import Caller
from lending.life import service as life
from lending.loans import steps
from lending.loans.states import LoanStatus
from tests.integration.lending.test_loan_days import broken, in_the_engine, lend, pay

D = Decimal
METHODS = {
    "interest_only": {"method": "interest_only", "every": "1M"},
    "equal_instalments": {"method": "equal_instalments", "every": "1M"},
    "equal_principal": {"method": "equal_principal", "every": "2W", "day_count": "actual/360"},
}


def extend(lender, loan_id, days=30):
    lender.price()
    customer = lender.loan(loan_id).customer_id
    service.extend(Caller(lender.tenant, customer, customer), loan_id, tenor_days=days)
    return lender.loan(loan_id)


def pays_its_plan(lender, loan_id):
    """Every row on its day, and nothing else."""
    while lender.loan(loan_id).status is LoanStatus.ACTIVE:
        following = next(row for row in lender.instalments(loan_id) if row.status in {"due", "pending"}).due_on
        with lender.tx() as tx:
            wait = (following - steps.today(tx)).days
        lender.days_pass(wait)
        with lender.locked(loan_id) as (tx, loan, product, on):
            steps.fall_due(tx, loan, product, on)
        due = [r for r in lender.instalments(loan_id) if r.status == "due"]
        lender.give(loan.customer_id, USDT="100000")
        done = pay(lender, loan_id, sum(r.left for r in due))
        assert done.left == 0
    return lender.loan(loan_id)


def test_the_last_day_extends_once(lender):
    loan_id = lend(lender, lender.product(extension_fee_rate="0.001"))
    lender.give(lender.loan(loan_id).customer_id, USDT="10000")
    lender.days_pass(30)
    first = extend(lender, loan_id)
    assert first.matures_on == first.opened_on + timedelta(days=60)
    with pytest.raises(ExtensionNotOffered) as refused:
        extend(lender, loan_id)
    assert refused.value.extra == {"offered_from": (first.opened_on + timedelta(days=31)).isoformat()}
    lender.days_pass(1)
    second = extend(lender, loan_id)  # that term has begun
    assert second.matures_on == first.opened_on + timedelta(days=90)
    lender.days_pass(1)
    with pytest.raises(ExtensionNotOffered):
        extend(lender, loan_id)  # this one not yet


def test_a_longer_term_is_asked_for_once_as_well(lender):
    loan_id = lend(lender, lender.product())
    lender.days_pass(10)
    lender.give(lender.loan(loan_id).customer_id, USDT="10000")
    extend(lender, loan_id, 90)
    with pytest.raises(ExtensionNotOffered):
        extend(lender, loan_id, 180)


def test_twelve_at_once_on_the_last_day_pay_one_fee(lender):
    loan_id = lend(lender, lender.product(extension_fee_rate="0.001"))
    customer = lender.loan(loan_id).customer_id
    lender.give(customer, USDT="10000")
    lender.days_pass(30)
    lender.price()
    before = lender.has(customer, "USDT")[0]

    def once(n):
        try:
            service.extend(Caller(lender.tenant, customer, customer, f"key-{n}"), loan_id, tenor_days=30)
        except DomainError as refusal:
            return refusal.code
        return "extended"

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(once, range(12)))
    assert answers.count("extended") == 1
    assert before - lender.has(customer, "USDT")[0] == D("236.712329") + 24


@pytest.mark.parametrize("method", METHODS)
def test_what_is_left_is_spread_over_the_days_to_come_and_ends_at_zero(lender, method):
    loan_id = lend(lender, lender.product(**METHODS[method]), "12000", tenor=90)
    customer, planned = lender.loan(loan_id).customer_id, lender.instalments(loan_id)
    lender.days_pass((planned[0].due_on - lender.loan(loan_id).opened_on).days)
    pay(lender, loan_id, planned[0].payment)
    lender.days_pass(2)
    lender.give(customer, USDT="10000")
    before, owes = lender.has(customer, "USDT")[0], lender.loan(loan_id).principal
    extended = extend(lender, loan_id, 90)
    rows = [row for row in lender.instalments(loan_id) if row.status == "pending"]
    assert [row.due_on for row in rows[: len(planned) - 1]] == [row.due_on for row in planned[1:]]
    assert (rows[-1].due_on, extended.principal, extended.interest_owed) == (extended.matures_on, owes, 0)
    assert extended.matures_on > planned[-1].due_on + timedelta(days=80)
    assert sum(row.principal for row in rows) == owes
    assert len({row.n for row in lender.instalments(loan_id)}) == len(rows) + 1
    of_two_days = owes * D("0.12") * 2 / (360 if method == "equal_principal" else 365)
    assert before - lender.has(customer, "USDT")[0] == pytest.approx(of_two_days + owes / 1000, abs=D("0.000002"))
    assert pays_its_plan(lender, loan_id).status is LoanStatus.REPAID
    assert not broken(lender)


@pytest.mark.parametrize("method", METHODS)
def test_an_overdue_loan_gets_a_new_plan_from_today_with_what_it_missed(lender, method):
    loan_id = lend(lender, lender.product(grace_days=9, **METHODS[method]), "12000", tenor=30)
    last = lender.loan(loan_id).matures_on
    in_the_engine(lender, life.work_off, days=(last - lender.loan(loan_id).opened_on).days + 2)
    assert lender.loan(loan_id).status is LoanStatus.MATURED_OVERDUE
    pay(lender, loan_id, "1000")
    lender.give(lender.loan(loan_id).customer_id, USDT="10000")
    owes = lender.loan(loan_id).principal
    extended = extend(lender, loan_id, 90)
    assert extended.status is LoanStatus.ACTIVE
    rows = lender.instalments(loan_id)
    waiting = [row for row in rows if row.status == "pending"]
    assert {row.status for row in rows} == {"paid", "pending"}
    assert all(row.left == 0 for row in rows if row.status == "paid")
    assert sum(row.principal for row in waiting) == owes
    assert min(row.due_on for row in waiting) > last + timedelta(days=2)
    in_the_engine(lender, life.work_off, life.remind, days=1)
    assert lender.loan(loan_id).status is LoanStatus.ACTIVE
    assert pays_its_plan(lender, loan_id).status is LoanStatus.REPAID
    assert not broken(lender)
