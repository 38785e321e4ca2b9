"""A liquidation from its decision to the last unit: slices at the venues, pauses, the settlement, and who bears a loss."""

import pytest

from kernel.calls.outcomes import Unknown
from lending.liquidation.states import Cause, LiquidationStatus
from lending.loans import queries as loans
from lending.loans.states import Level, LoanStatus
from lending.products import queries as products
from lending.products.states import LiquidationMode
from lending.watch import deciding
from tests.broker_desk import D


def test_the_briefs_loan_is_sold_and_the_rest_goes_back(selling):
    """1 BTC at 24,600 against 24,000: the fee of 0.5 % is 120; 24,120 / (24,600 x 0.99) are sold, the other coins stay coins."""
    loan_id = selling.lend()
    before = selling.gained("USDT"), selling.gained("BTC")
    liquidation_id = selling.begin(loan_id)
    selling.books(("24600", "5"))
    assert selling.step(liquidation_id)
    (sale,) = selling.sales(liquidation_id)
    assert sale.quantity == D("0.99040")
    assert sale.floor_price == D("24354.00")
    selling.fill_all(sale.order_id, price="24600")
    done = selling.finish(liquidation_id)
    proceeds = D("0.99040") * D("24600")
    assert done.status is LiquidationStatus.DONE
    assert done.settlement["proceeds"] == str(proceeds.normalize())
    assert selling.gained("USDT") - before[0] == proceeds - 24120
    assert selling.gained("BTC") - before[1] == 1 - D("0.99040")
    assert selling.own_accounts(liquidation_id) == {}
    assert selling.sum_of("revenue.liquidation_fee:USDT") == 120
    assert selling.sum_of(f"lending.principal.{selling.product_id}:USDT") == 0
    assert selling.drawn() == 0
    assert selling.loan(loan_id).status is LoanStatus.LIQUIDATED
    assert selling.told() == ["liquidation_started", "liquidation_settled"]
    assert not [t for t in selling.topics(sale.order_id) if t.startswith("order_")]
    assert "sale_ended" in selling.topics(sale.order_id)


def test_a_gap_through_thin_books_pauses_then_the_pool_and_the_house_bear_the_loss(selling):
    """26,000 → 23,000: what is bid within the budget is sold, then it waits; the rest is sold when buyers are back."""
    selling.insure("500")
    loan_id = selling.lend(interest="10")
    liquidation_id = selling.begin(loan_id, price="23000")
    selling.books(("23000", "0.05"), ("20000", "9"), price="23000")
    assert selling.step(liquidation_id)
    selling.fill_all(selling.sales(liquidation_id)[0].order_id)
    selling.books(("20000", "9"), price="23000")  # those buyers are served, and nobody else stands near
    paused = selling.finish(liquidation_id)
    assert (paused.status, paused.pause_reason) == (LiquidationStatus.PAUSED, "below_floor")
    assert 0 < sum(sale.sold for sale in selling.sales(liquidation_id)) < 1
    assert all(sale.proceeds >= sale.sold * D("22770") for sale in selling.sales(liquidation_id))
    selling.books(("22800", "9"), price="22800")
    done = selling.finish(liquidation_id)
    assert done.status is LiquidationStatus.SHORTFALL
    earned = sum(sale.proceeds for sale in selling.sales(liquidation_id))
    assert sum(sale.sold for sale in selling.sales(liquidation_id)) == 1
    lost = D("24010") - earned - 500
    assert selling.sum_of("insurance.lending:USDT") == 0
    assert -selling.sum_of("expense.bad_debt:USDT") == lost > 0
    row = selling.engine.execute("SELECT insured, lost FROM lending.bad_debts").fetchone()
    assert row == (500, lost)
    assert selling.own_accounts(liquidation_id) == {}
    assert selling.sum_of(f"lending.principal.{selling.product_id}:USDT") == 0
    assert selling.sum_of(f"lending.interest.{selling.product_id}:USDT") == 0
    assert selling.drawn() == 0
    assert selling.loan(loan_id).status is LoanStatus.BAD_DEBT
    assert selling.told()[-2:] == ["liquidation_settled", "bad_debt"]


def test_a_partial_sale_leaves_the_loan_running_with_the_rest(selling):
    loan_id = selling.lend(principal="15000", liquidation=LiquidationMode.PARTIAL, target_ltv=D("0.6"))
    liquidation_id = selling.begin(loan_id, price="20000")
    selling.books(("20000", "5"))
    done = selling.finish(liquidation_id)
    loan = selling.loan(loan_id)
    assert done.status is LiquidationStatus.DONE
    assert loan.status is LoanStatus.ACTIVE
    sold = sum(sale.sold for sale in selling.sales(liquidation_id))
    assert sold == D("0.38953")  # on the market's lot
    assert loan.collateral == {"BTC": 1 - sold}
    paid = D(done.settlement["proceeds"]) - D(done.settlement["fee"])
    assert loan.principal == 15000 - paid
    assert loan.principal / (loan.collateral["BTC"] * 20000) == pytest.approx(D("0.6"), abs=D("0.01"))
    assert selling.own_accounts(liquidation_id) == {}


def test_a_customer_repays_a_part_from_the_collateral(selling):
    loan_id = selling.lend()
    liquidation_id = selling.begin(loan_id, price="30000", cause=Cause.CUSTOMER, wanted=D("6000"))
    selling.books(("30000", "5"))
    selling.finish(liquidation_id)
    loan = selling.loan(loan_id)
    assert (loan.status, loan.principal) == (LoanStatus.ACTIVE, 18000)
    assert selling.sum_of("revenue.liquidation_fee:USDT") == 0
    assert selling.own_accounts(liquidation_id) == {}
    assert selling.sum_of(f"loan:{loan_id}:BTC") == loan.collateral["BTC"] > D("0.79")


def test_a_customer_repays_all_of_it_from_the_collateral(selling):
    loan_id = selling.lend()
    liquidation_id = selling.begin(loan_id, price="30000", cause=Cause.CUSTOMER)
    selling.books(("30000", "5"))
    selling.finish(liquidation_id)
    assert selling.loan(loan_id).status is LoanStatus.REPAID
    assert selling.sum_of(f"loan:{loan_id}:BTC") == 0
    assert selling.own_accounts(liquidation_id) == {}


def test_a_customers_sale_that_the_market_does_not_take_ends_and_the_loan_goes_on(selling):
    loan_id = selling.lend()
    liquidation_id = selling.begin(loan_id, price="30000", cause=Cause.CUSTOMER, wanted=D("6000"))
    selling.books(("25000", "5"))  # far below what the sale may take
    assert selling.finish(liquidation_id).status is LiquidationStatus.DONE
    loan = selling.loan(loan_id)
    assert (loan.status, loan.principal, loan.collateral) == (LoanStatus.ACTIVE, 24000, {"BTC": 1})
    assert selling.own_accounts(liquidation_id) == {}


def test_slices_and_breakers(selling):
    loan_id = selling.lend(slices=4)
    liquidation_id = selling.begin(loan_id)
    selling.books(("24600", "5"))
    selling.breaker(3)
    assert selling.step(liquidation_id)
    assert selling.liquidation(liquidation_id).pause_reason == "breaker"
    assert selling.sales(liquidation_id) == []
    selling.breaker(2)
    done = selling.finish(liquidation_id)
    assert done.status is LiquidationStatus.DONE
    assert [sale.quantity for sale in selling.sales(liquidation_id)][:3] == [D("0.25")] * 3


def test_an_unknown_outcome_is_waited_for(selling):
    loan_id = selling.lend()
    liquidation_id = selling.begin(loan_id)
    selling.books(("24600", "5"))
    selling.step(liquidation_id)
    (sale,) = selling.sales(liquidation_id)
    selling.sent(sale.order_id)
    for n in range(len(selling.children(sale.order_id))):
        selling.apply(sale.order_id, Unknown("the venue did not answer"), child=n)
    assert not selling.step(liquidation_id, times=3)
    assert len(selling.sales(liquidation_id)) == 1
    assert selling.liquidation(liquidation_id).status is LiquidationStatus.SELLING
    for n, child in enumerate(selling.children(sale.order_id)):
        selling.answer(sale.order_id, "filled", selling.fill(child.quantity, "24600", fee_asset="USDT"), child=n)
    assert selling.finish(liquidation_id).status is LiquidationStatus.DONE


def test_dust_at_a_loss_is_bought_by_the_house(selling):
    """0.00000400 BTC is on no market's lot: at a shortfall it counts towards the debt at its price."""
    loan_id = selling.lend(collateral={"BTC": "1.000004"})
    liquidation_id = selling.begin(loan_id, price="23000")
    selling.books(("23000", "9"))
    done = selling.finish(liquidation_id)
    assert done.status is LiquidationStatus.SHORTFALL
    taken = done.settlement["taken_over"]["BTC"]
    assert (taken["quantity"], taken["paid"], taken["trusted"]) == ("0.000004", "0.092", True)
    assert selling.sum_of("house.collateral:BTC") == D("0.000004")
    assert selling.own_accounts(liquidation_id) == {}


@pytest.mark.parametrize("wanted", [None, D("22999")])
@pytest.mark.parametrize("quantity", ["1", "1.000004"])
def test_a_sale_of_ones_own_that_leaves_a_debt_is_no_bad_debt(selling, quantity, wanted):
    """23,000 of value against 24,010: who still owes may have the money, so the loan goes on and nobody else bears anything."""
    selling.insure("500")
    loan_id = selling.lend(collateral={"BTC": quantity}, interest="10")
    liquidation_id = selling.begin(loan_id, price="23000", cause=Cause.CUSTOMER, wanted=wanted)
    selling.books(("23000", "9"))
    done = selling.finish(liquidation_id)
    loan = selling.loan(loan_id)
    assert (done.status, loan.status) == (LiquidationStatus.DONE, LoanStatus.ACTIVE)
    assert loan.principal + loan.interest_owed == D("24010") - (wanted or 23000)
    assert loan.collateral == {"BTC": D(quantity) - 1}
    assert selling.sum_of("insurance.lending:USDT") == 500
    assert selling.sum_of("expense.bad_debt:USDT") == 0
    assert selling.drawn() == loan.principal
    assert selling.own_accounts(liquidation_id) == {}
    assert selling.told() == ["liquidation_started", "liquidation_settled"]


def test_a_debt_that_nothing_secures_is_a_margin_call_and_no_sale(selling):
    loan_id = selling.lend()
    selling.books(("23000", "9"))
    selling.finish(selling.begin(loan_id, price="23000", cause=Cause.CUSTOMER))
    with selling.tx() as tx:
        loan = loans.get(tx, loan_id, customer=None)
        product = products.version(tx, loan.product_id, loan.version)
        verdict = deciding.judge(loan, product, (), {}, at=tx.now)
    assert (verdict.sells, verdict.look.watch.level) == (False, Level.MARGIN_CALL)


def test_dust_that_is_worth_the_rest_ends_a_sale_of_ones_own(selling):
    """0.001 BTC at 24,600 against 24: 20 are earned, and no market takes what is left for the other 4. It is worth 4.182."""
    before = selling.gained("USDT")
    loan_id = selling.lend(principal="24", collateral={"BTC": "0.001"})
    liquidation_id = selling.begin(loan_id, price="24600", cause=Cause.CUSTOMER, wanted=D(20))
    selling.books(("24600", "5"))
    done = selling.finish(liquidation_id)
    assert (done.status, selling.loan(loan_id).status) == (LiquidationStatus.DONE, LoanStatus.REPAID)
    taken = done.settlement["taken_over"]["BTC"]
    assert D(taken["quantity"]) == D("0.001") - sum(sale.sold for sale in selling.sales(liquidation_id))
    assert selling.gained("USDT") - before == 24 + D(
        done.settlement["surplus"]
    )  # the loan, and what is left of its collateral
    assert D(done.settlement["surplus"]) == D(done.settlement["proceeds"]) - 24 > 0
    assert selling.own_accounts(liquidation_id) == {}
