"""Who waited for a row judges by the price of after the wait: the market fell in between, and the price of before would still be young."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kernel import clock
from kernel.ids import uuid7
from lending import prices
from lending.desk import quoting, service
from lending.desk.errors import ExtensionNotOffered, LiquidationLineReached, LoanQuoteExpired, WithdrawalTooLarge
from lending.desk.service import Caller
from lending.life import selling_out
from lending.life import service as life
from lending.liquidation import staffing
from lending.liquidation.states import LiquidationStatus
from lending.loans import queries as loans
from lending.loans.states import LoanStatus
from markets.composite.states import CompositeState
from tests.integration.lending.test_loan_days import in_the_engine, lend

D = Decimal
YOUNG = prices.WAITED_S * 1.5  # far below every product's `max_age_s`


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(fall)`: the next lock of a loan is waited for, and the market does `fall` before it is given."""
    real, late = clock.monotonic, [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: real() + late[0])

    def during(happens, room=loans, name="lock"):
        locked, waiting = getattr(room, name), [happens]

        def waited(*given, **how):
            if waiting:
                waiting.pop()()
                late[0] += YOUNG
            return locked(*given, **how)

        monkeypatch.setattr(room, name, waited)

    return during


def own(lender, loan_id):
    customer = lender.loan(loan_id).customer_id
    return Caller(lender.tenant, customer, customer)


@pytest.mark.parametrize(
    ("deed", "refusal"),
    [
        (lambda who, loan: service.extend(who, loan, tenor_days=30), ExtensionNotOffered),
        (lambda who, loan: service.take_back(who, loan, asset="BTC", quantity=D("0.1")), WithdrawalTooLarge),
        (lambda who, loan: service.repay_from_collateral(who, loan, amount=None), LiquidationLineReached),
    ],
)
def test_what_the_price_of_before_the_wait_allowed(lender, meanwhile, deed, refusal):
    loan_id = lend(lender, lender.product(), "20000")
    lender.give(lender.loan(loan_id).customer_id, USDT="10000")
    lender.days_pass(30)
    lender.price()
    meanwhile(lambda: lender.price(price="20600"))
    with pytest.raises(refusal):
        deed(own(lender, loan_id), loan_id)
    assert lender.loan(loan_id).collateral == {"BTC": D(1)}


def test_what_the_price_of_before_the_wait_refused(lender, meanwhile):
    loan_id = lend(lender, lender.product(), "20000")
    lender.price(price="20600")
    meanwhile(lender.price)
    service.take_back(own(lender, loan_id), loan_id, asset="BTC", quantity=D("0.1"))
    assert lender.loan(loan_id).collateral == {"BTC": D("0.9")}


def test_a_quote_whose_loan_would_begin_on_a_line_by_now(lender, meanwhile):
    lender.price()
    product, customer = lender.product(), lender.borrower(BTC="1")
    asked = quoting.Asked(
        product_id=product, collateral={"BTC": D(1)}, borrow_asset="USDT", amount=D(20000), tenor_days=30
    )
    quote = quoting.ask(tenant=lender.tenant, customer=customer, asked=asked, key=None).quote
    meanwhile(lambda: lender.price(price="20600"), quoting.opening, "begin")
    with pytest.raises(LoanQuoteExpired):
        quoting.accept(tenant=lender.tenant, customer=customer, quote_id=quote.id, key=None)
    assert lender.has(customer, "BTC") == (1, 0)


def test_an_overdue_loan_is_sold_at_the_price_of_after_the_wait(lender, meanwhile):
    loan_id = lend(lender, lender.product(grace_days=3), "10000", rate="0")
    in_the_engine(lender, life.work_off, days=34)
    lender.price()
    meanwhile(lambda: lender.price(price="28000"))
    in_the_engine(lender, selling_out.sell_out)
    assert lender.loan(loan_id).status is LoanStatus.LIQUIDATING
    (evidence,) = lender.engine.execute(
        "SELECT e.prices FROM lending.liquidations q JOIN lending.price_evidence e ON e.id = q.evidence_id WHERE q.loan_id = %s",
        (loan_id,),
    ).fetchone()
    assert evidence["BTC"]["price"] == "28000"


def test_a_price_that_staff_lets_a_paused_sale_have_is_that_of_after_the_wait(selling, meanwhile):
    liquidation_id = selling.begin(selling.lend())
    selling.books(("24000", "9"))
    selling.step(liquidation_id)
    assert selling.liquidation(liquidation_id).status is LiquidationStatus.PAUSED
    meanwhile(lambda: selling.books(("23000", "9")))
    staffing.price_again(
        tenant=selling.tenant, actor=uuid7(), liquidation_id=liquidation_id, reason="the market stays here", key=None
    )
    assert selling.liquidation(liquidation_id).plan["BTC"].price == D(23000)


def test_who_always_has_to_wait_judges_by_the_age_of_its_price(monkeypatch):
    """It is neither begun again for ever nor let through: the guard of the product says whether such a price may be believed."""
    real, late, read = clock.monotonic, [0.0], []
    monkeypatch.setattr(clock, "monotonic", lambda: real() + late[0])

    def work(reading):
        late[0] += 4
        return reading.now()["BTC"].seen.age

    def fresh():
        read.append(late[0])
        return {"BTC": prices.as_if(D(1), state=CompositeState.NORMAL, venues=(), made="now")}

    assert timedelta(seconds=4) <= prices.by_prices(fresh, work) < timedelta(seconds=5)
    assert read == [0, 4, 8]
