"""What happens to a loan's money: pledge and payout, interest, payments by their parts, instalments, the end."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kernel.day_count import Period
from kernel.errors import DomainError
from kernel.ids import uuid7
from lending import accounts
from lending.loans import opening, plan, steps
from lending.loans.errors import CollateralNotAccepted, LoanBusy, NothingOwed
from lending.loans.states import LoanStatus
from lending.products import queries as products
from payments.errors import InsufficientFunds

D = Decimal


@pytest.fixture
def lend(lender):
    """Open a loan by its terms, without a desk: (loan id, customer)."""

    def opened(amount="24000", collateral=None, tenor=90, fee="0", customer=None, **terms):
        customer = customer or lender.borrower()
        product_id = lender.product(**terms)
        collateral = {k: D(v) for k, v in (collateral or {"BTC": "1"}).items()}
        with lender.tx() as tx:
            product = products.published(tx, product_id)
            quote_id = uuid7()
            tx.execute(
                """INSERT INTO lending.loan_quotes (tenant_id, id, customer_id, product_id, version, amount, fee, rate, tenor_days,
                       collateral, prices, expires_at, created_at)
                   VALUES (:tenant, :id, :customer, :product, 1, :amount, :fee, :rate, :tenor, '{}', '{}', now(), now())""",
                tenant=tx.tenant_id, id=quote_id, customer=customer, product=product_id, amount=D(amount), fee=D(fee),
                rate=product.terms.rate, tenor=tenor,
            )  # fmt: skip
            wanted = opening.Wanted(
                quote_id=quote_id,
                customer_id=customer,
                amount=D(amount),
                fee=D(fee),
                rate=product.terms.rate,
                tenor_days=tenor,
                collateral=collateral,
            )
            return opening.begin(tx, product, wanted), customer

    return opened


def pay(lender, loan_id, amount, source="customer"):
    with lender.locked(loan_id) as (tx, loan, product, on):
        mine = accounts.available(tx, loan.customer_id, loan.asset)
        return steps.pay(tx, loan, product, D(amount), from_account=mine, source=source, on=on)


def test_one_journal_pledges_and_pays_out(lender, lend):
    loan_id, customer = lend(fee="120", customer=lender.borrower(BTC="1.5"))
    loan = lender.loan(loan_id)
    assert (loan.status, loan.principal, loan.collateral) == (LoanStatus.ACTIVE, D(24_000), {"BTC": D(1)})
    assert lender.has(customer, "BTC") == (D("0.5"), 0)
    assert lender.has(customer, "USDT") == (D(23_880), 0)
    assert lender.on(f"loan:{loan_id}:BTC") == 1
    assert lender.on(f"lending.principal.{loan.product_id}:USDT") == -24_000
    assert lender.on("revenue.loan_fee:USDT") == 120
    assert lender.drawn() == 24_000
    assert lender.events(loan_id) == ["opened"]


def test_a_fee_on_top_is_owed_and_not_drawn(lender, lend):
    loan_id, customer = lend("23000", fee="100", fee_mode="capitalised", customer=lender.borrower(BTC="1"))
    assert lender.loan(loan_id).principal == 23_100
    assert lender.has(customer, "USDT")[0] == 23_000
    assert lender.drawn() == 23_000


def test_without_the_collateral_nothing_happens(lender, lend):
    with pytest.raises(InsufficientFunds):
        lend(customer=lender.borrower(BTC="0.99999999"))
    assert lender.drawn() == 0


def test_interest_is_owed_in_whole_units_and_none_for_the_day_it_was_made(lender, lend):
    loan_id, _ = lend(tenor=90)
    done = pay(lender, loan_id, "6000")
    assert (done.paid.interest, done.paid.principal) == (0, 6_000)
    lender.days_pass(30)
    done = pay(lender, loan_id, "1000")  # 18,000 × 12 % × 30 / 365, up to the next unit
    assert done.paid.interest == D("177.534247")
    assert done.paid.principal == D("822.465753")
    loan = lender.loan(loan_id)
    assert loan.principal == D("17177.534247")
    assert loan.interest_charged == D("177.534247")
    assert lender.on(f"lending.interest.{loan.product_id}:USDT") == D("177.534247")  # until the daily journal earns it
    assert lender.drawn() == loan.principal


def test_a_payment_beyond_the_debt_takes_the_debt_and_gives_the_collateral_back(lender, lend):
    loan_id, customer = lend(customer=lender.borrower(BTC="1", USDT="1000"))
    lender.days_pass(10)
    done = pay(lender, loan_id, "25000")
    assert done.paid.total == D("24078.904110")
    assert done.left == 25_000 - done.paid.total
    loan = lender.loan(loan_id)
    assert (loan.status, loan.collateral) == (LoanStatus.REPAID, {"BTC": 0})
    assert lender.has(customer, "BTC")[0] == 1
    assert lender.has(customer, "USDT")[0] == D(1_000) - D("78.904110")
    assert lender.events(loan_id) == ["opened", "repaid", "collateral_returned"]
    assert lender.drawn() == 0
    with pytest.raises(LoanBusy):
        pay(lender, loan_id, "1")


def test_paying_more_than_one_has_changes_nothing(lender, lend):
    loan_id, customer = lend(customer=lender.borrower(BTC="1"))
    with lender.tx() as tx:
        mine = accounts.available(tx, customer, "USDT")
    lender.pay(mine, lender.customer("USDT"), "20000")
    before = lender.loan(loan_id)
    with pytest.raises(InsufficientFunds):
        pay(lender, loan_id, "4000.000001")
    assert lender.loan(loan_id) == before
    with pytest.raises(NothingOwed):
        pay(lender, loan_id, "0")


def test_collateral_comes_and_goes(lender, lend):
    loan_id, customer = lend(customer=lender.borrower(BTC="2", ETH="5"))
    with lender.locked(loan_id) as (tx, loan, product, on):
        more = steps.top_up(tx, loan, product, "BTC", D("0.5"), source="customer", on=on)
        less = steps.withdraw(tx, more, product, "BTC", D("0.2"), on=on)
        with pytest.raises(CollateralNotAccepted):
            steps.top_up(tx, less, product, "ETH", D(1), source="customer", on=on)
    assert lender.loan(loan_id) == less
    assert less.collateral == {"BTC": D("1.3")}
    assert lender.on(f"loan:{loan_id}:BTC") == D("1.3")
    assert lender.has(customer, "BTC")[0] == D("0.7")


# -------------------------------------------------------------------------------------------------------------------------- instalments

MONTHLY = {"method": "equal_instalments", "every": "1M"}


def test_a_loan_paid_on_its_days_ends_at_zero_as_its_plan_said(lender, lend):
    loan_id, _ = lend("12000", **MONTHLY)
    planned = lender.instalments(loan_id)
    assert len(planned) == 3
    assert lender.loan(loan_id).matures_on == planned[-1].due_on
    opened = lender.loan(loan_id).opened_on
    for row in planned:
        lender.days_pass((row.due_on - opened).days)
        opened = row.due_on
        with lender.locked(loan_id) as (tx, loan, product, on):
            assert on == row.due_on
            steps.fall_due(tx, loan, product, on)
        due = [r for r in lender.instalments(loan_id) if r.status == "due"]
        assert [(r.interest, r.principal) for r in due] == [(row.interest, row.principal)]
        done = pay(lender, loan_id, row.payment)
        assert (done.paid.interest, done.paid.principal, done.left) == (row.interest, row.principal, 0)
    assert lender.loan(loan_id).status is LoanStatus.REPAID
    assert {row.status for row in lender.instalments(loan_id)} == {"paid"}
    assert {row.plan for row in lender.instalments(loan_id)} == {1}


def test_a_late_payer_pays_the_interest_of_the_days_and_the_rest_is_planned_again(lender, lend):
    loan_id, _ = lend("12000", **MONTHLY)
    first, second, third = lender.instalments(loan_id)
    lender.days_pass((first.due_on - lender.loan(loan_id).opened_on).days + 5)
    done = pay(lender, loan_id, first.payment)
    assert (done.paid.interest, done.paid.principal) == (first.interest, first.principal)  # what was due goes first
    loan, rows = lender.loan(loan_id), lender.instalments(loan_id)
    late = loan.interest_owed
    assert late == D("19.726028")  # 12,000 × 12 % × 5 / 365, rounded up
    assert [(row.due_on, row.status) for row in rows] == [
        (first.due_on, "paid"), (second.due_on, "pending"), (third.due_on, "pending"),
    ]  # fmt: skip
    assert rows[1].interest >= late
    assert sum(row.principal for row in rows[1:]) == loan.principal


def test_paying_ahead_lowers_what_is_to_come_over_the_same_days(lender, lend):
    loan_id, _ = lend("12000", **MONTHLY)
    before = lender.instalments(loan_id)
    lender.days_pass(10)
    pay(lender, loan_id, "6000")
    loan, rows = lender.loan(loan_id), lender.instalments(loan_id)
    assert [row.due_on for row in rows] == [row.due_on for row in before]
    assert all(after.payment < row.payment for after, row in zip(rows, before, strict=True))
    assert sum(row.principal for row in rows) == loan.principal
    for row in rows:
        with lender.tx() as tx:
            gap = row.due_on - steps.today(tx)
        lender.days_pass(gap.days)
        done = pay(lender, loan_id, row.payment)
        assert (done.paid.interest, done.paid.principal) == (row.interest, row.principal)
    assert lender.loan(loan_id).status is LoanStatus.REPAID


def test_two_instalments_missed_are_owed_with_the_interest_that_ran_indeed(lender, lend):
    loan_id, _ = lend("12000", **MONTHLY)
    first, second, _third = lender.instalments(loan_id)
    lender.days_pass((second.due_on - lender.loan(loan_id).opened_on).days)
    with lender.locked(loan_id) as (tx, loan, product, on):
        steps.fall_due(tx, loan, product, on)
    rows = [row for row in lender.instalments(loan_id) if row.status == "due"]
    assert (rows[0].interest, rows[0].principal) == (first.interest, first.principal)
    assert rows[1].interest > second.interest  # on the whole principal, for nothing was paid
    assert lender.loan(loan_id).interest_owed == sum(row.interest for row in rows)


def test_ninety_days_by_the_month_are_three_months():
    start = date(2026, 1, 31)
    assert plan.due_dates(start, Period.parse("1M"), 90) == (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))
    assert plan.due_dates(start, Period.parse("1M"), 10) == (date(2026, 2, 28),)
    assert plan.due_dates(start, None, 90) == (start + timedelta(days=90),)


def test_nobody_changes_a_loan_without_its_lock(lender, lend):
    loan_id, _ = lend()
    with lender.locked(loan_id) as (tx, loan, product, on):
        steps.touched(tx, loan, product, on)
        with pytest.raises(DomainError):
            steps.touched(tx, loan, product, on)


# ----------------------------------------------------------------------------------------------------------- money that must be asked for


@pytest.fixture
def asked_outside(monkeypatch):
    """The funding line answers later."""
    monkeypatch.setattr(opening.funding, "draw", lambda *_args, **_kwargs: False)


def test_while_the_money_is_awaited_the_collateral_is_held_and_nothing_is_owed(lender, lend, asked_outside):
    loan_id, customer = lend(customer=lender.borrower(BTC="1"))
    assert lender.loan(loan_id).status is LoanStatus.APPLIED
    assert lender.has(customer, "BTC") == (0, 1)
    assert lender.has(customer, "USDT") == (0, 0)
    with pytest.raises(LoanBusy):
        pay(lender, loan_id, "1")
    lender.days_pass(2)
    for _ in range(2):  # told again, it is begun already
        with lender.tx() as tx:
            opening.funded(tx, loan_id)
    loan = lender.loan(loan_id)
    assert (loan.status, loan.collateral) == (LoanStatus.ACTIVE, {"BTC": 1})
    assert (loan.matures_on - loan.opened_on, loan.interest_from) == (timedelta(days=90), loan.opened_on)
    assert lender.has(customer, "BTC") == (0, 0)
    assert lender.has(customer, "USDT") == (24_000, 0)
    assert lender.events(loan_id) == ["applied", "opened"]


def test_money_that_does_not_come_frees_the_collateral(lender, lend, asked_outside):
    loan_id, customer = lend(customer=lender.borrower(BTC="1"))
    for _ in range(2):
        with lender.tx() as tx:
            opening.refused(tx, loan_id)
    assert (lender.loan(loan_id).status, lender.loan(loan_id).principal) == (LoanStatus.CANCELLED, 0)
    assert lender.has(customer, "BTC") == (1, 0)
    assert lender.events(loan_id) == ["applied", "cancelled"]
